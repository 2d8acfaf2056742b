#include "alarms/alarmengineprivate.h"
#include "alarms/tablerow.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>

// Rules 28 to 30: samples from beyond the lateness. What was journaled stays; what would have been is added.
namespace sg {

void AlarmEngine::Private::seeLate(Instance &i, const Sample &sample, const Moment &m)
{
    if (!i.condition || !i.regions.isEnabled || i.isOnArrival || i.condition->judgesBad())
        return;
    if (i.inputs && i.inputs->measure) {
        const auto find = [&](const Inputs::Member &member) { return !member.isAlarm && member.series == sample.series && !member.isGone; };
        const auto member = std::find_if(i.inputs->members.begin(), i.inputs->members.end(), find);
        if (member == i.inputs->members.end() || i.inputs->judgedTo == NoTime)
            return;
        const auto number = static_cast<std::uint32_t>(member - i.inputs->members.begin());
        if (!i.inputs->measure->takeLate({member->set, number, sample}))
            return;
        // The window as it is now is judged anew.
        const Level before = i.progress.found;
        elapseMeasure(i, i.inputs->judgedTo, m);
        if (i.progress.found != before)
            amend(i, sample, i.progress.found, m);
        schedule(i, m, false);
        return;
    }
    if (sample.quality == Quality::Bad || !std::isfinite(sample.value) || (i.inputs && sample.series != i.series))
        return;
    if (!i.inputs
        && (i.hasLast ? sample.t > i.last.t : i.progress.truth == Truth::Unknown)) { // nothing newer was judged: it is what holds now
        see(i, sample, m);
        return;
    }
    const auto &earlier = i.progress.changes;
    const auto then
        = std::find_if(earlier.begin(), earlier.end(), [&](const auto &change) { return change.t != NoTime && change.t <= sample.t; });
    if (then == earlier.end())
        return; // what was decided so long ago is not known any more
    std::array<std::byte, Condition::MaxStateBytes> state{};
    if (then->found != Level::None && then == earlier.begin())
        state = i.state; // a value in the deadband stays as it was
    const Level would = i.condition->see(sample, {state.data(), i.stateBytes}).level;
    if (would == then->found)
        return;
    const auto delayOf = [&](Level level, bool isOn) {
        for (const LevelSettings &settings : i.condition->levels())
            if (settings.level == level)
                return isOn ? settings.onDelay : settings.offDelay;
        return Micros{0};
    };
    if (then->found != Level::None) {
        if (would != Level::None || delayOf(then->found, false) == Micros{0})
            amend(i, sample, would, m);
        return;
    }
    if (delayOf(would, true) > Micros{0})
        return; // one sample among others does not outlast a delay
    const std::uint64_t occurrence = occurrenceOf(i, sample.stamp);
    auto &known = i.progress.lateClosed;
    if (std::find(known.begin(), known.end(), occurrence) != known.end())
        return;
    std::rotate(known.begin(), known.end() - 1, known.end());
    known.front() = occurrence;
    Transition what = transitionOf(i, Transition::Event::LateClosed, sample.t, m);
    what.level = would;
    what.occurrence = occurrence;
    Moment here = m;
    here.notes = sample.notes;
    go(i, what, {sample.t, sample.stamp, sample.value}, here); // 29
}

// The reason names what the sample would have made of the occurrence.
void AlarmEngine::Private::amend(Instance &i, const Sample &sample, Level would, const Moment &m)
{
    if (!isRow(30))
        return;
    JournalRow row = rowOf(i);
    row.event = "AMENDED";
    row.occurrence = i.regions.raised <= sample.t || i.progress.older.front() == 0 ? i.regions.occurrence : i.progress.older.front();
    row.from = row.to = nameOf(project(i.regions));
    row.level = nameOf(would);
    row.reason = would == Level::None ? "not active then" : std::string("active then ") + nameOf(would);
    row.tStamp = sample.stamp;
    row.tEvent = sample.t;
    row.tDetect = m.now;
    row.notes = notesOfOccurrence(i, row.occurrence);
    row.value = i.kind == ValueKind::State ? std::numeric_limits<double>::quiet_NaN() : sample.value;
    if (sample.offset >= 0 && textOf)
        row.origin = textOf(sample.stream) + "@" + std::to_string(sample.offset);
    changes.rows.push_back(std::move(row));
    changes.isTransition = true;
    markUnsaved(i);
}

}
