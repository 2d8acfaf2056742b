#include "items/alarmtexts.h"

#include "alarms/judgedunit.h"
#include "core/notes.h"
#include "core/selector.h"
#include "core/text.h"
#include "items/alarmlists.h"
#include "items/texts.h"

#include <QCoreApplication>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::AlarmWords)
};

QString unitOf(const AlarmView &alarm, const Workspace &workspace)
{
    return workspace.tags ? textOf(workspace.tags->of(alarm.path).unit) : QString();
}

// Value and limit are what the rule's measure makes of the series.
QString withJudgedUnit(const QString &text, const AlarmView &alarm, const Workspace &workspace)
{
    const auto unit = textOf(judgedUnit(*alarm.rule, utf8Of(unitOf(alarm, workspace))));
    return unit.isEmpty() ? text : text + u' ' + unit;
}

// As narrow as a column: of another day its date and minute, without the year.
QString shortClock(Time t)
{
    const auto text = clockText(t);
    return text.size() <= 8 ? text : text.mid(5, 11);
}

// By whom and why it is hidden.
QString byWhom(const AlarmView &alarm)
{
    auto text = alarm.suppressedBy.empty() ? QString() : Words::tr("by %1").arg(textOf(alarm.suppressedBy));
    if (!alarm.suppressedWhy.empty())
        text += (text.isEmpty() ? QString() : QStringLiteral(": ")) + textOf(alarm.suppressedWhy);
    return text;
}

QString joined(const QString &what, const QString &who)
{
    return who.isEmpty() ? what : what + QStringLiteral(", ") + who;
}

std::optional<QString> valueOf(const std::string &name, const AlarmView &alarm, const Workspace &workspace)
{
    if (name == "source")
        return textOf(decodeSegment(sourceOf(alarm.key)));
    if (name == "field")
        return textOf(decodeSegment(alarm.field));
    if (name == "value")
        return alarm.valueText.empty() ? valueText(alarm.value, nullptr) : textOf(alarm.valueText);
    if (name == "limit")
        return valueText(alarm.limit, nullptr);
    if (name == "unit")
        return unitOf(alarm, workspace);
    const auto labels = workspace.pathLabels.find(std::string(sourceOf(alarm.key)));
    if (labels == workspace.pathLabels.end())
        return std::nullopt;
    const auto segments = segmentsOf(alarm.key);
    for (std::size_t i = 0; i < labels->second.size() && i + 1 < segments.size(); ++i)
        if (labels->second[i] == name)
            return textOf(decodeSegment(segments[i + 1]));
    return std::nullopt;
}

}

QString filledIn(const std::string &text, const AlarmView &alarm, const Workspace &workspace)
{
    QString out;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find('{', at);
        const auto close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos)
            break;
        const auto value = valueOf(text.substr(open + 1, close - open - 1), alarm, workspace);
        out += textOf(std::string_view(text).substr(at, open - at));
        out += value ? *value : textOf(std::string_view(text).substr(open, close - open + 1));
        at = close + 1;
    }
    return out + textOf(std::string_view(text).substr(std::min(at, text.size())));
}

QString stateOf(const AlarmView &alarm)
{
    const auto state = project(alarm.regions);
    switch (state) {
    case AlarmState::Shelved:
    case AlarmState::Suppressed:
    case AlarmState::OutOfService:
        return isActive(alarm.regions) ? Words::tr("%1, active").arg(stateText(state)) : Words::tr("%1, normal").arg(stateText(state));
    case AlarmState::Normal:
    case AlarmState::Unacknowledged:
    case AlarmState::Acknowledged:
    case AlarmState::ReturnedUnacknowledged:
    case AlarmState::LatchedUnacknowledged:
    case AlarmState::LatchedAcknowledged:
    case AlarmState::Disabled:
        break;
    }
    return stateText(state);
}

QString valueOf(const AlarmView &alarm, const Workspace &workspace)
{
    if (!alarm.valueText.empty())
        return textOf(alarm.valueText);
    const auto text = valueText(alarm.value, nullptr);
    return std::isfinite(alarm.value) ? withJudgedUnit(text, alarm, workspace) : text;
}

QString whyOf(const AlarmView &alarm, const Workspace &workspace)
{
    if (alarm.because.text[0] != '\0') {
        const auto text = errorText(alarm.because);
        // The sentence of a level ends with its limit.
        const auto isLevel = std::isfinite(alarm.limit) && !alarm.because.args.empty()
            && alarm.because.args.back() == formatNumber(alarm.limit) && alarm.because.args.size() > 1;
        return isLevel ? withJudgedUnit(text, alarm, workspace) : text;
    }
    return std::isfinite(alarm.limit) ? withJudgedUnit(Words::tr("limit %1").arg(valueText(alarm.limit, nullptr)), alarm, workspace)
                                      : QString();
}

QString raisedOf(const AlarmView &alarm)
{
    return alarm.regions.raised == NoTime ? QString() : shortClock(alarm.regions.raised);
}

QStringList badgesOf(const AlarmView &alarm, Time now)
{
    QStringList out;
    const auto &r = alarm.regions;
    if (r.suppression & Shelved)
        out << joined(alarm.shelvedUntil == NoTime
                          ? Words::tr("shelved")
                          : Words::tr("%1 left, until %2")
                                .arg(ageText(std::max(alarm.shelvedUntil - now, Micros{0})), shortClock(alarm.shelvedUntil)),
                      byWhom(alarm));
    if (r.suppression & OutOfServiceFlag)
        out << joined(alarm.permit.empty() ? Words::tr("out of service") : Words::tr("permit %1").arg(textOf(alarm.permit)), byWhom(alarm));
    if (!r.isEnabled)
        out << joined(Words::tr("disabled"), byWhom(alarm));
    if (r.suppression & SuppressedByDesign)
        out << (alarm.suppressedCause.empty() ? Words::tr("suppressed by design")
                                              : Words::tr("suppressed by %1").arg(textOf(alarm.suppressedCause)));
    if (alarm.lateBy > Micros{0}) {
        const auto seconds = alarm.lateBy.count() / 1'000'000;
        out << Words::tr("LATE +%1:%2").arg(seconds / 60, 2, 10, QLatin1Char('0')).arg(seconds % 60, 2, 10, QLatin1Char('0'));
    }
    if (alarm.rule && alarm.rule->audience == Audience::Event)
        out << Words::tr("event, sounds nowhere");
    if (alarm.isFirstOut)
        out << Words::tr("first out");
    if (alarm.isChattering)
        out << Words::tr("chattering, %1 in 60 s").arg(alarm.raisesInMinute);
    else if (r.reoccurrences > 0)
        out << Words::tr("raised again ×%1").arg(r.reoccurrences);
    if (alarm.soundsFrom > now && project(r) == AlarmState::Unacknowledged)
        out << (alarm.soundsFrom == Time::max() ? Words::tr("sound waits: its source catches up")
                                                : Words::tr("sounds in %1").arg(ageText(alarm.soundsFrom - now + Millis(999))));
    if (alarm.isStale && alarm.why.text[0] != '\0')
        out << Words::tr("last value %1, %2").arg(clockText(alarm.lastSample), errorText(alarm.why));
    else if (alarm.isStale)
        out << Words::tr("last value %1, source lost").arg(clockText(alarm.lastSample));
    else if (alarm.why.text[0] != '\0')
        out << errorText(alarm.why);
    else if (r.quality == QualityRegion::NoData)
        out << Words::tr("no data");
    else if (r.quality == QualityRegion::Error)
        out << Words::tr("bad value");
    if (!alarm.note.empty())
        out << Words::tr("note: %1").arg(textOf(alarm.note));
    if (!alarm.notes.empty())
        out << textOf(notesText(alarm.notes));
    return out;
}

QString stagedText(const std::string &staged, const Snapshot &snapshot, const Workspace &workspace)
{
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        if (const auto &alarm = snapshot.alarms.at(i).alarm; alarm.rule && staged == alarm.rule->name + ": " + alarm.path)
            return filledIn(alarm.rule->name, alarm, workspace) + QStringLiteral(" (") + textOf(alarm.path) + u')';
    return textOf(staged);
}

}
