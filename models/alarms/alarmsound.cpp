#include "alarms/alarmengineprivate.h"
#include "alarms/catchuphold.h"

#include <algorithm>

// When an alarm that is to sound does: at once, unless its source catches up, it chatters, or many shelves end together. Everything
// else about it (its state, the journal) waits for nothing.
namespace sg {

namespace {

constexpr Micros ChatterPause = std::chrono::seconds(60);
constexpr Micros StaggerPause = std::chrono::seconds(2); // 17: between two of one area

bool isActive(const Instance &i)
{
    return i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff;
}

}

// Whether its sound is held because what it saw is the past.
bool AlarmEngine::Private::mayCatchUpBeSilent(const Instance &i, const Moment &m) const
{
    if (!m.clock || !(i.hasSeries ? m.clock->isCatchingUp(i.series) : isCatchingUp(i)))
        return false;
    const SourceState &source = sources[i.source];
    return !source.isBehind || m.now < source.behindSince + (priorityOf(i) == Priority::Urgent ? HeldUrgent : HeldOthers);
}

bool AlarmEngine::Private::soundsNow(Instance &i, const Transition &what, const Moment &m)
{
    i.soundsFrom = NoTime;
    if (mayCatchUpBeSilent(i, m)) {
        i.soundsFrom = Time::max(); // until the summary
        return false;
    }
    countAnnunciated(i);
    if (what.event == Transition::Event::ShelfOver || what.isOpened) {
        i.soundsFrom = Time::max(); // until stagger(), in this step
        released.push_back(numberOf(i));
        return true;
    }
    if (isChattering(i) && i.soundedAt != NoTime && m.now - i.soundedAt < ChatterPause) {
        i.soundsFrom = i.soundedAt + ChatterPause;
        return false;
    }
    i.soundedAt = m.now;
    return true;
}

// 17, 18, 20: the flags are gone at once, the sounds come one after the other, highest priority first.
void AlarmEngine::Private::stagger()
{
    if (released.empty())
        return;
    std::set<std::string> touchedAreas;
    for (const std::uint32_t n : std::exchange(released, {})) {
        if (instances[n].isGone)
            continue;
        areas[instances[n].area].waiting.push_back(n);
        touchedAreas.insert(instances[n].area);
    }
    for (const std::string &name : touchedAreas) {
        AreaState &area = areas[name];
        std::erase_if(area.waiting, [&](std::uint32_t n) {
            const Instance &i = instances[n];
            const bool isOver = i.isGone || i.soundsFrom == NoTime || i.soundsFrom <= now;
            if (isOver && !i.isGone && i.soundsFrom != NoTime)
                area.soundedAt = std::max(area.soundedAt, i.soundsFrom);
            return isOver || i.regions.ack == AckRegion::Acked;
        });
        std::stable_sort(area.waiting.begin(), area.waiting.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return priorityOf(instances[a]) > priorityOf(instances[b]); });
        Time slot = area.soundedAt == NoTime ? now : std::max(now, area.soundedAt + StaggerPause);
        for (const std::uint32_t n : area.waiting) {
            instances[n].soundsFrom = instances[n].soundedAt = slot;
            slot += StaggerPause;
            markChanged(instances[n]);
        }
    }
}

// Nothing sounds while the source catches up; then one record says what happened, and sounds for what is still active. A long one is
// not silent for ever: the highest priority waits 10 s at most, the others 120 s.
void AlarmEngine::Private::noticeCatchUp(SourceState &source, bool isBehind, Time at)
{
    if (isBehind && source.isBehind) {
        if (source.told < 1 && at >= source.behindSince + HeldUrgent) {
            source.told = 1;
            summarize(source, at, Priority::Urgent, false);
        }
        if (source.told < 2 && at >= source.behindSince + HeldOthers) {
            source.told = 2;
            summarize(source, at, Priority::Low, false);
        }
        return;
    }
    if (isBehind == source.isBehind)
        return;
    source.isBehind = isBehind;
    if (!isBehind) {
        source.steadySince = at;
        summarize(source, at, Priority::Low, true);
        return;
    }
    source.behindSince = at;
    source.raised = source.cleared = source.active = 0;
    source.told = 0;
}

// `least`: those of a lower priority stay silent for now.
void AlarmEngine::Private::summarize(SourceState &source, Time at, Priority least, bool isEnd)
{
    std::size_t active = 0;
    Priority highest = Priority::Low;
    bool sounds = false, wasHeld = false;
    for (Instance &i : instances) {
        if (i.isGone || !i.condition || sources[i.source].name != source.name)
            continue;
        const bool isHeld = i.soundsFrom == Time::max() && priorityOf(i) >= least;
        wasHeld |= isHeld;
        if (isHeld) {
            i.soundsFrom = NoTime;
            i.soundedAt = at;
            markChanged(i);
        }
        if (!isActive(i))
            continue;
        ++active;
        if (i.regions.ack == AckRegion::Acked || i.regions.suppression != 0 || priorityOf(i) < least || (!isEnd && !isHeld))
            continue;
        sounds = true;
        highest = std::max(highest, priorityOf(i));
    }
    source.active = active;
    // What was held may be an escalation, a re-alarm or an end of a shelf: nothing was raised for it.
    if ((!isEnd && !sounds) || (!wasHeld && source.raised + source.cleared == 0))
        return;
    JournalRow row;
    row.event = "CATCHUP_SUMMARY";
    row.source = source.name;
    row.tStamp = source.behindSince;
    row.tEvent = row.tDetect = at;
    row.priority = sounds ? nameOf(highest) : "";
    row.reason = std::to_string(source.raised) + " raised, " + std::to_string(active) + " still active, " + std::to_string(source.cleared)
        + (isEnd ? " cleared" : " cleared so far; it still catches up");
    row.isAnnunciated = sounds;
    changes.rows.push_back(std::move(row));
    changes.isTransition = true;
}

std::vector<CatchUp> AlarmEngine::catchUps() const
{
    std::vector<CatchUp> out;
    for (const SourceState &source : d->sources)
        if (source.behindSince != NoTime)
            out.push_back({source.name, source.behindSince, !source.isBehind, source.raised, source.cleared, source.active});
    return out;
}

}
