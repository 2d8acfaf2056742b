#include "plot/timeaxis.h"

#include <QDateTime>

#include <algorithm>
#include <array>

namespace sg {

namespace {

constexpr std::int64_t Second = 1'000'000;
constexpr std::int64_t Minute = 60 * Second;
constexpr std::int64_t Hour = 60 * Minute;
constexpr std::int64_t Day = 24 * Hour;

// Steps below a day, in microseconds; days, months and years follow the calendar.
constexpr std::array ClockSteps = {1 * Second / 1'000'000,
                                   2 * Second / 1'000'000,
                                   5 * Second / 1'000'000,
                                   10 * Second / 1'000'000,
                                   20 * Second / 1'000'000,
                                   50 * Second / 1'000'000,
                                   100 * Second / 1'000'000,
                                   200 * Second / 1'000'000,
                                   500 * Second / 1'000'000,
                                   Second / 1'000,
                                   2 * Second / 1'000,
                                   5 * Second / 1'000,
                                   Second / 100,
                                   Second / 50,
                                   Second / 20,
                                   Second / 10,
                                   Second / 5,
                                   Second / 2,
                                   Second,
                                   2 * Second,
                                   5 * Second,
                                   10 * Second,
                                   15 * Second,
                                   30 * Second,
                                   Minute,
                                   2 * Minute,
                                   5 * Minute,
                                   10 * Minute,
                                   15 * Minute,
                                   30 * Minute,
                                   Hour,
                                   2 * Hour,
                                   3 * Hour,
                                   6 * Hour,
                                   12 * Hour};
constexpr std::array DaySteps = {1, 2, 7, 14};
constexpr std::array MonthSteps = {1, 2, 3, 6};

// Beyond these years there is no calendar to label.
const Time Oldest{Micros(-62'135'596'800 * Second)}; // 0001-01-01
const Time Newest{Micros(253'402'300'800 * Second)}; // 10000-01-01

std::int64_t floorTo(std::int64_t value, std::int64_t step)
{
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

qint64 millis(std::int64_t micros)
{
    return floorTo(micros, 1'000) / 1'000;
}

std::int64_t offsetAt(std::int64_t micros, const QTimeZone &zone)
{
    return zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(millis(micros), QTimeZone::utc())) * Second;
}

QString digits(std::int64_t number, int width)
{
    return QStringLiteral("%1").arg(number, width, 10, QLatin1Char('0'));
}

// `local` is microseconds of the wall clock.
QString clockLabel(std::int64_t local, std::int64_t step)
{
    const std::int64_t inDay = local - floorTo(local, Day);
    QString label = digits(inDay / Hour, 2) + u':' + digits(inDay / Minute % 60, 2);
    if (step < Minute)
        label += u':' + digits(inDay / Second % 60, 2);
    if (step < Second / 1'000)
        label += u'.' + digits(inDay % Second, 6);
    else if (step < Second)
        label += u'.' + digits(inDay % Second / 1'000, 3);
    return label;
}

QDate localDate(std::int64_t local)
{
    return QDate(1970, 1, 1).addDays(floorTo(local, Day) / Day);
}

// Within a stretch of one offset the wall clock runs evenly, so ticks are computed for each stretch by itself: the hour that a change of
// the clocks leaves out has no tick, the hour that it repeats has two.
std::vector<TimeTick> clockTicks(std::int64_t from, std::int64_t to, std::int64_t step, double leastApart, const QTimeZone &zone)
{
    std::vector<std::int64_t> stretches = {from};
    for (const auto &change : zone.transitions(QDateTime::fromMSecsSinceEpoch(millis(from), QTimeZone::utc()),
                                               QDateTime::fromMSecsSinceEpoch(millis(to), QTimeZone::utc()))) {
        const std::int64_t at = change.atUtc.toMSecsSinceEpoch() * 1'000;
        if (at > from && at < to)
            stretches.push_back(at);
    }
    stretches.push_back(to);

    std::vector<TimeTick> out;
    std::int64_t lastDay = 0;
    for (std::size_t i = 0; i + 1 < stretches.size(); ++i) {
        const std::int64_t offset = offsetAt(stretches[i], zone);
        for (std::int64_t local = floorTo(stretches[i] + offset + step - 1, step); local - offset < stretches[i + 1]; local += step) {
            const std::int64_t t = local - offset;
            // A repeated hour may bring two ticks nearer than their labels have room.
            if (!out.empty() && static_cast<double>(t - out.back().t.time_since_epoch().count()) < leastApart)
                continue;
            const std::int64_t day = floorTo(local, Day);
            TimeTick tick{Time(Micros(t)), clockLabel(local, step), !out.empty() ? day != lastDay : local == day};
            if (out.empty() || day != lastDay)
                tick.label += u'\n' + localDate(local).toString(Qt::ISODate);
            lastDay = day;
            out.push_back(std::move(tick));
        }
    }
    return out;
}

enum class Calendar { Days, Months, Years };

QDate firstDate(QDate date, Calendar unit, int step)
{
    switch (unit) {
    case Calendar::Days:
        // Julian day 0 was a Monday, so weeks begin on Mondays.
        return QDate::fromJulianDay(floorTo(date.toJulianDay(), step));
    case Calendar::Months:
        return QDate(date.year(), (date.month() - 1) / step * step + 1, 1);
    case Calendar::Years:
        return QDate(std::max(1, date.year() / step * step), 1, 1);
    }
    return date;
}

QDate nextDate(QDate date, Calendar unit, int step)
{
    switch (unit) {
    case Calendar::Days:
        return date.addDays(step);
    case Calendar::Months:
        return date.addMonths(step);
    case Calendar::Years:
        return QDate(date.year() == 1 && step > 1 ? step : date.year() + step, 1, 1);
    }
    return date;
}

TimeTick dateTick(Time t, QDate date, QDate previous, Calendar unit)
{
    const bool isFirst = !previous.isValid();
    const QString year = digits(date.year(), 4);
    switch (unit) {
    case Calendar::Days: {
        const bool isNewYear = isFirst || date.year() != previous.year();
        const bool isNewMonth = isFirst ? date.day() == 1 : date.month() != previous.month() || date.year() != previous.year();
        return {t, date.toString(QStringLiteral("MM-dd")) + (isNewYear ? u'\n' + year : QString()), isNewMonth};
    }
    case Calendar::Months: {
        const bool isNewYear = isFirst || date.year() != previous.year();
        return {t, date.toString(QStringLiteral("yyyy-MM")), isFirst ? date.month() == 1 : isNewYear};
    }
    case Calendar::Years:
        break;
    }
    return {t, year, false};
}

std::vector<TimeTick> dateTicks(std::int64_t from, std::int64_t to, Calendar unit, int step, const QTimeZone &zone)
{
    std::vector<TimeTick> out;
    QDate previous;
    for (QDate date = firstDate(localDate(from + offsetAt(from, zone)), unit, step); date.isValid(); date = nextDate(date, unit, step)) {
        // A day may begin later than 0:00 where the clocks change at midnight.
        const std::int64_t t = date.startOfDay(zone).toMSecsSinceEpoch() * 1'000;
        if (t >= to)
            break;
        if (t < from)
            continue;
        out.push_back(dateTick(Time(Micros(t)), date, previous, unit));
        previous = date;
    }
    return out;
}

}

std::vector<TimeTick> timeTicks(Time from, Time to, int pixels, int labelPixels, const QTimeZone &zone)
{
    from = std::clamp(from, Oldest, Newest);
    to = std::clamp(to, Oldest, Newest);
    if (from >= to || pixels < 1 || !zone.isValid())
        return {};
    const std::int64_t begin = from.time_since_epoch().count();
    const std::int64_t end = to.time_since_epoch().count();
    const double least = static_cast<double>(end - begin) * std::max(labelPixels, 1) / pixels;

    for (const std::int64_t step : ClockSteps) {
        if (static_cast<double>(step) >= least)
            return clockTicks(begin, end, step, least, zone);
    }
    // The shortest of its kind decides, so that labels of short months do not touch.
    for (const int days : DaySteps) {
        if (static_cast<double>(days * Day - Hour) >= least)
            return dateTicks(begin, end, Calendar::Days, days, zone);
    }
    for (const int months : MonthSteps) {
        if (static_cast<double>(months * 28 * Day) >= least)
            return dateTicks(begin, end, Calendar::Months, months, zone);
    }
    for (int power = 1; power < 10'000; power *= 10) {
        for (const int nice : {1, 2, 5}) {
            if (static_cast<double>(nice * power * 365 * Day) >= least)
                return dateTicks(begin, end, Calendar::Years, nice * power, zone);
        }
    }
    return {};
}

}
