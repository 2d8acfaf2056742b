#include "items/texts.h"

#include "core/selector.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::Words)
};

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

QString errorText(const Error &error)
{
    // Arguments are filled in one pass: an argument that holds "%1" itself stays as it is.
    const auto pattern = translated(error.text);
    QString out = error.place.empty() ? QString() : textOf(error.place) + QStringLiteral(": ");
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const auto digit = i + 1 < pattern.size() ? pattern[i + 1].digitValue() : -1;
        if (pattern[i] == u'%' && digit >= 1 && static_cast<std::size_t>(digit) <= error.args.size()) {
            out += textOf(error.args[static_cast<std::size_t>(digit) - 1]);
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

QString clockText(Time t)
{
    if (t == NoTime)
        return QStringLiteral("—");
    const auto at = QDateTime::fromMSecsSinceEpoch(std::chrono::floor<Millis>(t).time_since_epoch().count());
    if (at.date() == QDate::currentDate())
        return at.toString(QStringLiteral("HH:mm:ss"));
    return at.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
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
