#include "items/texts.h"

#include "core/selector.h"
#include "core/times.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::Words)
};

// An instant is shown like all others, in the zone in which people read times.
QString argumentText(const std::string &argument)
{
    const auto isStamp
        = argument.size() >= 20 && argument.size() <= 27 && argument[4] == '-' && argument[10] == 'T' && argument.back() == 'Z';
    const auto t = isStamp ? parseIso(argument) : Result<Time>(Error());
    return t ? clockText(*t) : textOf(argument);
}

}

QString textOf(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

std::string utf8Of(const QString &text)
{
    return text.toUtf8().toStdString();
}

QString translated(const char *text)
{
    return QCoreApplication::translate("error", text);
}

QString withLocalTimes(const QString &text)
{
    constexpr qsizetype Least = 20, Most = 27; // "2026-10-12T08:00:00Z", with up to six decimals
    QString out;
    for (qsizetype at = 0; at < text.size();) {
        const auto isBegin = at + Least <= text.size() && text[at].isDigit() && text[at + 4] == u'-' && text[at + 10] == u'T';
        const auto end = isBegin ? text.indexOf(u'Z', at) + 1 : 0;
        const auto length = end - at >= Least && end - at <= Most ? end - at : 1;
        const auto part = text.mid(at, length);
        out += length > 1 ? argumentText(utf8Of(part)) : part;
        at += length;
    }
    return out;
}

QString errorText(const Error &error)
{
    // Arguments are filled in one pass: an argument that holds "%1" itself stays as it is.
    const auto pattern = translated(error.text);
    QString out = error.place.empty() ? QString() : textOf(error.place) + QStringLiteral(": ");
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const auto digit = i + 1 < pattern.size() ? pattern[i + 1].digitValue() : -1;
        if (pattern[i] == u'%' && digit >= 1 && static_cast<std::size_t>(digit) <= error.args.size()) {
            out += argumentText(error.args[static_cast<std::size_t>(digit) - 1]);
            ++i;
        } else {
            out += pattern[i];
        }
    }
    return out;
}

QString ageText(Micros age)
{
    const auto seconds = age.count() / 1'000'000;
    if (seconds < 60)
        return Words::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return Words::tr("%1 min").arg(seconds / 60);
    if (seconds < 86400)
        return Words::tr("%1 h %2 min").arg(seconds / 3600).arg(seconds / 60 % 60);
    return Words::tr("%1 d %2 h").arg(seconds / 86400).arg(seconds / 3600 % 24);
}

namespace {

QTimeZone &chosenZone()
{
    static QTimeZone zone = QTimeZone::systemTimeZone();
    return zone;
}

}

const QTimeZone &displayZone()
{
    return chosenZone();
}

void setDisplayZone(const QTimeZone &zone)
{
    chosenZone() = zone.isValid() ? zone : QTimeZone::systemTimeZone();
}

QString zoneText()
{
    const auto now = QDateTime::currentDateTimeUtc();
    const auto offset = displayZone().displayName(now, QTimeZone::OffsetName);
    const auto id = QString::fromLatin1(displayZone().id());
    return id == offset || id.startsWith(QStringLiteral("UTC")) ? offset : Words::tr("%1, %2").arg(id, offset);
}

QString clockText(Time t)
{
    return clockText(t, std::chrono::seconds(1));
}

QString clockText(Time t, Micros resolution)
{
    if (t == NoTime)
        return QStringLiteral("—");
    const auto second = std::chrono::floor<std::chrono::seconds>(t);
    const auto at = QDateTime::fromMSecsSinceEpoch(Millis(second.time_since_epoch()).count(), displayZone());
    const auto today = QDateTime::currentDateTimeUtc().toTimeZone(displayZone()).date();
    auto text = at.toString(at.date() == today ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    const auto micros = (t - second).count();
    if (resolution < Millis(1))
        text += QStringLiteral(".%1").arg(micros, 6, 10, QLatin1Char('0'));
    else if (resolution < std::chrono::seconds(1))
        text += QStringLiteral(".%1").arg(micros / 1000, 3, 10, QLatin1Char('0'));
    return text;
}

QString spanText(Micros span)
{
    const QLocale locale;
    const auto sign = span.count() < 0 ? QStringLiteral("−") : QString();
    const auto micros = std::abs(span.count());
    const auto seconds = static_cast<double>(micros) / 1e6;
    const auto whole = micros / 1'000'000;
    const auto minutes = whole / 60, hours = minutes / 60, days = hours / 24;
    if (micros < 1'000)
        return sign + Words::tr("%1 µs").arg(micros);
    if (micros < 1'000'000)
        return sign + Words::tr("%1 ms").arg(locale.toString(seconds * 1e3, 'f', 3));
    if (whole < 60)
        return sign + Words::tr("%1 s").arg(locale.toString(seconds, 'f', 3));
    if (minutes < 60)
        return sign + Words::tr("%1 min %2 s").arg(minutes).arg(locale.toString(seconds - static_cast<double>(minutes) * 60, 'f', 1));
    if (hours < 24)
        return sign + Words::tr("%1 h %2 min %3 s").arg(hours).arg(minutes % 60).arg(whole % 60);
    return sign + Words::tr("%1 d %2 h %3 min").arg(days).arg(hours % 24).arg(minutes % 60);
}

QString valueText(double value, const Tag *tag)
{
    if (!std::isfinite(value))
        return QStringLiteral("—");
    const QLocale locale;
    if (tag != nullptr && tag->decimals)
        return locale.toString(value, 'f', std::clamp(*tag->decimals, 0, 12));
    const auto size = std::abs(value);
    if (size >= 1e5 && size < 1e12)
        return locale.toString(value, 'f', 0);
    return locale.toString(value, 'g', 5); // about what a person reads; without trailing zeros
}

QString valueText(const SeriesRow &row)
{
    if (row.quality == Quality::Bad)
        return Words::tr("bad");
    switch (row.kind) {
    case ValueKind::Number:
        return valueText(row.value, row.tag.get());
    case ValueKind::State:
        return row.text ? textOf(*row.text) : QStringLiteral("—");
    case ValueKind::Document:
        return row.text ? textOf(*row.text).left(200) : Words::tr("document");
    }
    return {};
}

QString rateText(double perSecond)
{
    const QLocale locale;
    return Words::tr("%1 msg/s").arg(locale.toString(perSecond, 'f', perSecond < 10 ? 1 : 0));
}

QString byteRateText(double perSecond)
{
    const QLocale locale;
    const auto number = [&](double value) { return locale.toString(value, 'f', value < 10 ? 1 : 0); };
    if (perSecond < 1e3)
        return Words::tr("%1 B/s").arg(locale.toString(perSecond, 'f', 0));
    if (perSecond < 1e6)
        return Words::tr("%1 kB/s").arg(number(perSecond / 1e3));
    return Words::tr("%1 MB/s").arg(number(perSecond / 1e6));
}

QString keyText(std::string_view path)
{
    const auto segments = segmentsOf(path);
    QStringList out;
    for (std::size_t i = 1; i < segments.size(); ++i)
        out << textOf(decodeSegment(segments[i]));
    return out.join(QStringLiteral(" / "));
}

QString fieldText(std::string_view path)
{
    return textOf(decodeSegment(fieldOf(path)));
}

QString stateText(AlarmState state)
{
    return translated(nameOf(state));
}

QString shortStateText(AlarmState state)
{
    switch (state) {
    case AlarmState::Unacknowledged:
        return Words::tr("Unack.");
    case AlarmState::Acknowledged:
        return Words::tr("Ack.");
    case AlarmState::ReturnedUnacknowledged:
        return Words::tr("Returned, unack.");
    case AlarmState::LatchedUnacknowledged:
        return Words::tr("Latched, unack.");
    case AlarmState::LatchedAcknowledged:
        return Words::tr("Latched, ack.");
    case AlarmState::Normal:
    case AlarmState::Shelved:
    case AlarmState::Suppressed:
    case AlarmState::OutOfService:
    case AlarmState::Disabled:
        break;
    }
    return stateText(state);
}

QString priorityText(Priority priority)
{
    switch (priority) {
    case Priority::Low:
        return Words::tr("Low");
    case Priority::Medium:
        return Words::tr("Medium");
    case Priority::High:
        return Words::tr("High");
    case Priority::Urgent:
        return Words::tr("Urgent");
    }
    return {};
}

QString statusText(SourceStatus::State state)
{
    switch (state) {
    case SourceStatus::State::Connecting:
        return Words::tr("connecting");
    case SourceStatus::State::Live:
        return Words::tr("live");
    case SourceStatus::State::CatchingUp:
        return Words::tr("catching up");
    case SourceStatus::State::Lost:
        return Words::tr("lost");
    case SourceStatus::State::Refused:
        return Words::tr("refused");
    case SourceStatus::State::Stopped:
        return Words::tr("stopped");
    }
    return {};
}

bool isStale(const SeriesRow &row, Time now)
{
    constexpr Micros UsualLimit = std::chrono::minutes(1);
    const auto limit = row.tag && row.tag->staleAfter ? *row.tag->staleAfter : UsualLimit;
    return row.arrived == NoTime || now - row.arrived > limit;
}

}
