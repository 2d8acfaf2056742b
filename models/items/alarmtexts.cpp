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

struct Badge
{
    QString text, word;
};

std::vector<Badge> allBadgesOf(const AlarmView &alarm, Time now)
{
    std::vector<Badge> out;
    const auto add = [&out](const QString &text, const QString &word) { out.push_back({text, word}); };
    const auto &r = alarm.regions;
    if (r.suppression & Shelved) {
        const auto left = ageText(std::max(alarm.shelvedUntil - now, Micros{0}));
        if (alarm.shelvedUntil == NoTime)
            add(joined(Words::tr("shelved"), byWhom(alarm)), Words::tr("shelved"));
        else
            add(joined(Words::tr("%1 left, until %2").arg(left, shortClock(alarm.shelvedUntil)), byWhom(alarm)),
                Words::tr("%1 left").arg(left));
    }
    if (r.suppression & OutOfServiceFlag) {
        const auto word = alarm.permit.empty() ? Words::tr("out of service") : Words::tr("permit %1").arg(textOf(alarm.permit));
        add(joined(word, byWhom(alarm)), word);
    }
    if (!r.isEnabled)
        add(joined(Words::tr("disabled"), byWhom(alarm)), Words::tr("disabled"));
    if (r.suppression & SuppressedByDesign)
        add(alarm.suppressedCause.empty() ? Words::tr("suppressed by design")
                                          : Words::tr("suppressed by %1").arg(textOf(alarm.suppressedCause)),
            Words::tr("suppressed"));
    if (alarm.lateBy > Micros{0}) {
        const auto seconds = alarm.lateBy.count() / 1'000'000;
        add(Words::tr("LATE +%1:%2").arg(seconds / 60, 2, 10, QLatin1Char('0')).arg(seconds % 60, 2, 10, QLatin1Char('0')),
            Words::tr("LATE"));
    }
    if (alarm.rule && alarm.rule->audience == Audience::Event)
        add(Words::tr("event, sounds nowhere"), Words::tr("event"));
    if (alarm.isFirstOut)
        add(Words::tr("first out"), Words::tr("1st"));
    if (alarm.isChattering)
        add(Words::tr("chattering, %1 in 60 s").arg(alarm.raisesInMinute), Words::tr("chatter ×%1").arg(alarm.raisesInMinute));
    else if (r.reoccurrences > 0)
        add(Words::tr("raised again ×%1").arg(r.reoccurrences), Words::tr("again ×%1").arg(r.reoccurrences));
    if (alarm.soundsFrom > now && project(r) == AlarmState::Unacknowledged)
        add(alarm.soundsFrom == Time::max() ? Words::tr("sound waits: its source catches up")
                                            : Words::tr("sounds in %1").arg(ageText(alarm.soundsFrom - now + Millis(999))),
            Words::tr("silent"));
    if (alarm.isStale)
        add(Words::tr("last value %1, %2")
                .arg(clockText(alarm.lastSample), alarm.why.text[0] != '\0' ? errorText(alarm.why) : Words::tr("source lost")),
            alarm.why.text[0] != '\0' ? Words::tr("stale") : Words::tr("lost"));
    else if (alarm.why.text[0] != '\0')
        add(errorText(alarm.why), Words::tr("quality"));
    else if (r.quality == QualityRegion::NoData)
        add(Words::tr("no data"), Words::tr("no data"));
    else if (r.quality == QualityRegion::Error)
        add(Words::tr("bad value"), Words::tr("bad"));
    if (!alarm.note.empty())
        add(Words::tr("note: %1").arg(textOf(alarm.note)), Words::tr("note"));
    if (!alarm.notes.empty())
        add(textOf(notesText(alarm.notes)), Words::tr("info"));
    return out;
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
    for (const auto &badge : allBadgesOf(alarm, now))
        out << badge.text;
    return out;
}

QStringList shortBadgesOf(const AlarmView &alarm, Time now)
{
    QStringList out;
    for (const auto &badge : allBadgesOf(alarm, now))
        out << badge.word;
    return out;
}

QString tipText(QString text)
{
    return text.replace(u'<', QStringLiteral("<\u200b"));
}

QString stagedText(const std::string &staged, const Snapshot &snapshot, const Workspace &workspace)
{
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        if (const auto &alarm = snapshot.alarms.at(i).alarm; alarm.rule && staged == alarm.rule->name + ": " + alarm.path)
            return filledIn(alarm.rule->name, alarm, workspace) + QStringLiteral(" (") + textOf(alarm.path) + u')';
    return textOf(staged);
}

}
