#include "core/times.h"

#include "core/text.h"

#include <QByteArray>
#include <QDateTime>
#include <QTimeZone>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace sg {

namespace {

constexpr std::int64_t MicrosPerDay = 86'400'000'000;
constexpr std::int64_t EarliestMicros = -2'208'988'800'000'000; // 1900
constexpr std::int64_t LatestMicros = 7'258'118'400'000'000; // 2200

struct Civil
{
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t micros = 0;
};

std::string formatCivil(Time t, std::int64_t offsetSeconds, bool withMillis)
{
    const auto local = t + std::chrono::seconds(offsetSeconds);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::int64_t inDay = (local - day).count();
    const std::int64_t micros = inDay % 1'000'000;
    const std::int64_t seconds = inDay / 1'000'000;
    char buffer[64];
    int n = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(seconds / 3600),
                          static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
    if (micros % 1000 != 0)
        n += std::snprintf(buffer + n, sizeof buffer - static_cast<std::size_t>(n), ".%06d", static_cast<int>(micros));
    else if (withMillis || micros != 0)
        n += std::snprintf(buffer + n, sizeof buffer - static_cast<std::size_t>(n), ".%03d", static_cast<int>(micros / 1000));
    return {buffer, static_cast<std::size_t>(n)};
}

QTimeZone zoneNamed(const std::string &name)
{
    return name.empty() ? QTimeZone::systemTimeZone() : QTimeZone(QByteArray::fromStdString(name));
}

QDateTime toQt(Time t)
{
    return QDateTime::fromMSecsSinceEpoch(std::chrono::floor<Millis>(t).time_since_epoch().count(), QTimeZone::utc());
}

bool takeDigits(std::string_view &text, int count, int &out)
{
    if (text.size() < static_cast<std::size_t>(count))
        return false;
    out = 0;
    for (int i = 0; i < count; ++i) {
        if (text[static_cast<std::size_t>(i)] < '0' || text[static_cast<std::size_t>(i)] > '9')
            return false;
        out = out * 10 + (text[static_cast<std::size_t>(i)] - '0');
    }
    text.remove_prefix(static_cast<std::size_t>(count));
    return true;
}

bool take(std::string_view &text, std::string_view anyOf)
{
    if (text.empty() || anyOf.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

bool takeFraction(std::string_view &text, std::int64_t &micros)
{
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        micros += unit * (text[digits] - '0');
        unit /= 10; // digits beyond a microsecond are cut
        ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0;
}

bool takeCivil(std::string_view &text, Civil &c)
{
    if (!takeDigits(text, 4, c.year) || !take(text, "-") || !takeDigits(text, 2, c.month) || !take(text, "-")
        || !takeDigits(text, 2, c.day))
        return false;
    if (!take(text, "Tt "))
        return false;
    if (!takeDigits(text, 2, c.hour) || !take(text, ":") || !takeDigits(text, 2, c.minute))
        return false;
    if (take(text, ":")) {
        if (!takeDigits(text, 2, c.second))
            return false;
        if (take(text, ".,") && !takeFraction(text, c.micros))
            return false;
    }
    return std::chrono::year_month_day(std::chrono::year(c.year), std::chrono::month(static_cast<unsigned>(c.month)),
                                       std::chrono::day(static_cast<unsigned>(c.day)))
               .ok()
        && c.hour < 24 && c.minute < 60 && c.second < 61;
}

// "Z", "+09:00", "+0900", "+09" -> seconds east; nothing when the text is no zone.
std::optional<int> offsetOf(std::string_view text)
{
    if (text == "Z" || text == "z")
        return 0;
    if (text.empty() || (text.front() != '+' && text.front() != '-'))
        return std::nullopt;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!takeDigits(text, 2, hours))
        return std::nullopt;
    if (!text.empty()) {
        take(text, ":");
        if (!takeDigits(text, 2, minutes) || !text.empty())
            return std::nullopt;
    }
    if (hours > 18 || minutes > 59)
        return std::nullopt;
    return sign * (hours * 3600 + minutes * 60);
}

}

std::string formatUtc(Time t, bool withMillis)
{
    return t == NoTime ? std::string() : formatCivil(t, 0, withMillis) + "Z";
}

std::string formatLocal(Time t, const std::string &zone, bool withMillis)
{
    if (t == NoTime)
        return {};
    const int offset = zoneNamed(zone).offsetFromUtc(toQt(t));
    char buffer[16];
    const int minutes = std::abs(offset) / 60;
    std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
    return formatCivil(t, offset, withMillis) + buffer;
}

std::string formatDuration(Micros d)
{
    const std::int64_t us = std::abs(d.count());
    const std::string sign = d.count() < 0 ? "-" : "";
    const std::int64_t s = us / 1'000'000;
    char buffer[48];
    if (us < 1'000)
        std::snprintf(buffer, sizeof buffer, "%d µs", static_cast<int>(us));
    else if (s < 1)
        std::snprintf(buffer, sizeof buffer, "%d ms", static_cast<int>(us / 1000));
    else if (s < 10 && us % 1'000'000 >= 100'000)
        std::snprintf(buffer, sizeof buffer, "%d.%d s", static_cast<int>(s), static_cast<int>(us / 100'000 % 10));
    else if (s < 60)
        std::snprintf(buffer, sizeof buffer, "%d s", static_cast<int>(s));
    else if (s < 3600)
        std::snprintf(buffer, sizeof buffer, "%d min %02d s", static_cast<int>(s / 60), static_cast<int>(s % 60));
    else if (s < 86400)
        std::snprintf(buffer, sizeof buffer, "%d h %02d min", static_cast<int>(s / 3600), static_cast<int>(s / 60 % 60));
    else
        std::snprintf(buffer, sizeof buffer, "%d d %d h", static_cast<int>(s / 86400), static_cast<int>(s / 3600 % 24));
    return sign + buffer;
}

Result<Time> parseIso(std::string_view text, const std::string &zone)
{
    std::string_view rest = text;
    Civil c;
    if (!takeCivil(rest, c))
        return Error{SG_TR("'%1' is not a time such as 2026-10-12T08:00:00Z"), {shown(text, 60)}, {}};
    const auto day = std::chrono::sys_days(std::chrono::year(c.year) / static_cast<int>(c.month) / static_cast<int>(c.day));
    const Time civil
        = Time(day) + std::chrono::hours(c.hour) + std::chrono::minutes(c.minute) + std::chrono::seconds(c.second) + Micros(c.micros);
    if (const auto offset = offsetOf(rest))
        return civil - std::chrono::seconds(*offset);
    if (!rest.empty())
        return Error{SG_TR("'%1' is not a time: '%2' is no zone such as Z or +09:00"), {shown(text, 60), shown(rest, 20)}, {}};
    if (zone.empty())
        return Error{SG_TR("'%1' has no zone; say which one it is meant in (time: { zone: Asia/Seoul })"), {shown(text, 60)}, {}};
    // QTimeZone is slow; nearly all stamps of a source share one hour, whose offset is kept.
    struct Cached
    {
        std::string zone;
        std::int64_t hour = std::numeric_limits<std::int64_t>::min();
        std::int64_t offset = 0;
    };
    static thread_local Cached cached;
    const std::int64_t quarter = std::chrono::floor<std::chrono::minutes>(civil).time_since_epoch().count() / 15;
    if (cached.zone != zone || cached.hour != quarter) {
        const QTimeZone tz = zoneNamed(zone);
        if (!tz.isValid())
            return Error{SG_TR("'%1' is not a known time zone"), {shown(zone, 60)}, {}};
        const QDateTime local(QDate(c.year, c.month, c.day), QTime(c.hour, c.minute, std::min(c.second, 59)), tz);
        cached = {zone, quarter, local.offsetFromUtc()};
    }
    return civil - std::chrono::seconds(cached.offset);
}

Result<Micros> parseDuration(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
        {{"ms", 1'000}, {"s", 1'000'000}, {"min", 60'000'000}, {"h", 3'600'000'000}, {"d", MicrosPerDay}}};
    const std::size_t unitAt = text.find_first_not_of("+-0123456789.");
    const std::string_view digits = text.substr(0, unitAt);
    std::string_view unit = unitAt == std::string_view::npos ? std::string_view() : text.substr(unitAt);
    while (unit.starts_with(' '))
        unit.remove_prefix(1);
    const auto number = parseNumber(digits);
    if (number && unit == "m")
        return Error{SG_TR("'%1' is not a duration: %2min?"), {shown(text, 40), std::string(digits)}, {}};
    for (const auto &[name, micros] : units) {
        if (!number || unit != name)
            continue;
        const double value = *number * static_cast<double>(micros);
        if (std::abs(value) > 1e17)
            return Error{SG_TR("'%1' is too long a duration"), {shown(text, 40)}, {}};
        return Micros(std::llround(value));
    }
    return Error{SG_TR("'%1' is not a duration such as 250ms, 5s, 10min, 8h or 1d"), {shown(text, 40)}, {}};
}

std::optional<Time> fromEpoch(double value, std::string_view unit)
{
    const double micros = unit == "s" ? value * 1e6 : unit == "ms" ? value * 1e3 : unit == "us" ? value : unit == "ns" ? value / 1e3 : NAN;
    if (!(micros >= static_cast<double>(EarliestMicros) && micros <= static_cast<double>(LatestMicros)))
        return std::nullopt;
    return Time(Micros(std::llround(micros)));
}

std::optional<Time> fromEpoch(std::int64_t value, std::string_view unit)
{
    std::int64_t micros = value;
    // By their letters: this is done for every message.
    const char part = unit.size() == 2 && unit[1] == 's' ? unit[0] : '?';
    if (part == 'n') {
        micros = value / 1000;
    } else if (part != 'u') {
        const std::int64_t factor = part == 'm' ? 1'000 : unit == "s" ? 1'000'000 : 0;
        if (factor == 0 || value > LatestMicros / factor || value < -LatestMicros / factor)
            return std::nullopt;
        micros = value * factor;
    }
    if (micros < EarliestMicros || micros > LatestMicros)
        return std::nullopt;
    return Time(Micros(micros));
}

}
