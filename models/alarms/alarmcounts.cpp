#include "alarms/alarmengineprivate.h"

#include <algorithm>

// What concerns many alarms at once: floods, chatter, first-out, and the summary of a catch-up. Thresholds as in ISA-18.2's
// key figures, quoted in the design note "alarms".
namespace sg {

namespace {

constexpr Micros FloodWindow = std::chrono::minutes(10);
constexpr std::size_t FloodBegins = 10, FloodEnds = 5; // more than the first; fewer than the second
constexpr std::size_t MostRemembered = 100'000;
constexpr Micros ChatterWindow = std::chrono::seconds(60);

}

void AlarmEngine::Private::countAnnunciated(Instance &i)
{
    std::rotate(i.annunciated.begin(), i.annunciated.end() - 1, i.annunciated.end());
    i.annunciated.front() = now;
    AreaState &area = areas[i.area];
    area.annunciated.emplace_back(now, numberOf(i));
    if (area.annunciated.size() > MostRemembered)
        area.annunciated.pop_front();
}

void AlarmEngine::Private::noticeFloods()
{
    for (auto &[name, area] : areas) {
        while (!area.annunciated.empty() && area.annunciated.front().first <= now - FloodWindow)
            area.annunciated.pop_front();
        const std::size_t count = area.annunciated.size();
        if (!area.isFlood && count > FloodBegins) {
            area.isFlood = true;
            const Instance &first = instances[area.annunciated.front().second];
            area.flood = {name, area.annunciated.front().first, count, count, first.path};
        }
        area.flood.count = count;
        area.flood.peak = std::max(area.flood.peak, count);
        if (count < FloodEnds)
            area.isFlood = false;
    }
}

void AlarmEngine::Private::countOpen(Instance &i)
{
    const bool isOpen = i.isShown && i.regions.isEnabled && i.regions.suppression == 0;
    if (isOpen == !i.countedIn.empty())
        return;
    AreaState &area = areas[isOpen ? (i.area.empty() ? "-" : i.area) : i.countedIn];
    if (isOpen) {
        if (area.open++ == 0)
            area.firstOut = numberOf(i);
        i.countedIn = i.area.empty() ? "-" : i.area;
    } else {
        --area.open;
        i.countedIn.clear();
    }
}

// Nothing sounded while the source caught up; then one record says what happened, and sounds for what is still active.
void AlarmEngine::Private::noticeCatchUp(SourceState &source, bool isBehind, Time at)
{
    if (isBehind == source.isBehind)
        return;
    source.isBehind = isBehind;
    if (isBehind) {
        source.behindSince = at;
        source.raised = source.cleared = 0;
        return;
    }
    if (source.raised + source.cleared == 0)
        return;
    std::size_t active = 0;
    Priority highest = Priority::Low;
    bool sounds = false;
    for (const Instance &i : instances) {
        const bool isActive = i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff;
        if (i.isGone || !i.condition || !isActive || sources[i.source].name != source.name)
            continue;
        ++active;
        if (i.regions.ack == AckRegion::Acked || i.regions.suppression != 0)
            continue;
        sounds = true;
        highest = std::max(highest, priorityOf(i));
    }
    JournalRow row;
    row.event = "CATCHUP_SUMMARY";
    row.source = source.name;
    row.tStamp = source.behindSince;
    row.tEvent = row.tDetect = at;
    row.priority = sounds ? nameOf(highest) : "";
    row.reason = std::to_string(source.raised) + " raised, " + std::to_string(active) + " still active, " + std::to_string(source.cleared)
        + " cleared";
    row.isAnnunciated = sounds;
    changes.rows.push_back(std::move(row));
    changes.isTransition = true;
}

std::vector<Flood> AlarmEngine::floods() const
{
    std::vector<Flood> out;
    for (const auto &[name, area] : d->areas)
        if (area.isFlood)
            out.push_back(area.flood);
    return out;
}

std::vector<Chatter> AlarmEngine::chattering() const
{
    std::vector<Chatter> out;
    for (const Instance &i : d->instances)
        if (!i.isGone && i.annunciated.back() != NoTime && i.annunciated.front() - i.annunciated.back() <= ChatterWindow
            && d->now - i.annunciated.front() <= ChatterWindow)
            out.push_back({i.rule, i.path, i.annunciated.front()});
    return out;
}

}
