#include "alarms/alarmengineprivate.h"
#include "alarms/tablerow.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sg {

namespace {

// These name no sample: they say who, when and why.
bool isByOperator(Transition::Event event)
{
    switch (event) {
    case Transition::Event::Acknowledge:
    case Transition::Event::Unacknowledge:
    case Transition::Event::Reset:
    case Transition::Event::Shelve:
    case Transition::Event::Unshelve:
    case Transition::Event::OutOfService:
    case Transition::Event::InService:
        return true;
    case Transition::Event::True:
    case Transition::Event::False:
    case Transition::Event::OnDelayOver:
    case Transition::Event::OffDelayOver:
    case Transition::Event::Retire:
    case Transition::Event::Redefine:
    case Transition::Event::Delete:
    case Transition::Event::Disable:
    case Transition::Event::Enable:
    case Transition::Event::ShelfOver:
    case Transition::Event::Suppress:
    case Transition::Event::Release:
    case Transition::Event::Realarm:
    case Transition::Event::LateClosed:
    case Transition::Event::ClearLatch:
        return false;
    }
    return false;
}

}

void AlarmEngine::Private::markChanged(Instance &i)
{
    i.calm = {};
    if (!std::exchange(i.isUncounted, true))
        uncounted.push_back(numberOf(i));
    if (isChattering(i)) // also one that did before a restart
        chatterers.insert(numberOf(i));
    if (i.isChanged)
        return;
    i.isChanged = true;
    changed.push_back(numberOf(i));
}

void AlarmEngine::Private::markUnsaved(Instance &i)
{
    markChanged(i);
    if (i.isUnsaved)
        return;
    i.isUnsaved = true;
    unsaved.push_back(numberOf(i));
}

Priority AlarmEngine::Private::priorityOf(const Instance &i) const
{
    const Level level = i.regions.level != Level::None ? i.regions.level : i.regions.worst;
    if (i.condition)
        for (const LevelSettings &settings : i.condition->levels())
            if (settings.level == level)
                return settings.priority;
    return i.rule ? i.rule->priority : Priority::Medium;
}

// What every record of an instance has in common.
JournalRow AlarmEngine::Private::rowOf(const Instance &i) const
{
    JournalRow row;
    row.rule = i.ruleId;
    row.key = i.key;
    row.field = i.field;
    row.area = i.area;
    row.priority = nameOf(priorityOf(i));
    row.ruleHash = i.rule ? i.rule->hash : 0;
    return row;
}

// Runs the table for one instance and writes down what came of it. `begin`: the sample that the records name.
bool AlarmEngine::Private::go(Instance &i, const Transition &what, const Begin &begin, const Moment &m, const std::string &actor,
                              const std::string &reason)
{
    const Level levelBefore = i.regions.level;
    const std::uint64_t occurrenceBefore = i.regions.occurrence;
    const double limitBefore = i.limit;
    records.clear();
    if (!transition(what, i.regions, records))
        return false;
    markUnsaved(i);
    if (i.regions.occurrence != occurrenceBefore || what.event == Transition::Event::ShelfOver) {
        i.standing.alarmedAt = m.now;
        i.standing.realarms = 0;
    }
    if (!(i.regions.suppression & Shelved)) {
        i.standing.shelvedUntil = NoTime;
        i.standing.isOneShot = false;
    }
    const AlarmState state = project(i.regions);
    i.isShown = state != AlarmState::Normal && state != AlarmState::Disabled;
    if (i.condition)
        for (const LevelSettings &settings : i.condition->levels())
            if (settings.level == i.regions.level)
                i.limit = settings.limit;
    const bool isLateClosed = what.event == Transition::Event::LateClosed;
    std::string notesBefore; // of the occurrence that this one supersedes
    if (i.regions.occurrence != occurrenceBefore) {
        noteOccurrence(i, occurrenceBefore);
        notesBefore = std::exchange(i.standing.notes, isLateClosed ? notesAt(m) : i.standing.beganWith);
    }
    const bool isActive = i.condition && i.regions.condition == ConditionRegion::Active;
    if (i.regions.occurrence != occurrenceBefore || (isActive && i.regions.level != levelBefore))
        i.standing.cause = isActive ? causeOf(i) : Cause();
    countOpen(i);
    const bool isOperators = isByOperator(what.event);
    for (const Record &record : records) {
        JournalRow row = rowOf(i);
        row.event = record.event;
        row.occurrence = record.occurrence;
        if (isLateClosed)
            row.notes = notesAt(m);
        else
            row.notes = record.occurrence == occurrenceBefore && record.occurrence != i.regions.occurrence
                ? notesBefore
                : notesOfOccurrence(i, record.occurrence);
        row.from = nameOf(record.from);
        row.to = nameOf(record.to);
        const Level levelThen = isOperators ? i.regions.worst : levelBefore;
        row.level = nameOf(i.regions.level != Level::None ? i.regions.level : levelThen);
        if (isLateClosed)
            row.level = nameOf(what.level);
        row.tDetect = m.now;
        row.tEvent = isOperators ? m.now : begin.t;
        row.actor = actor;
        row.reason = reason;
        if (!isOperators) {
            row.tStamp = begin.stamp;
            row.limit = i.regions.level != Level::None ? i.limit : limitBefore;
            const double value = isOfState(i) ? stateOf(i, begin.value) : begin.value;
            if (i.kind != ValueKind::State || !isOfState(i))
                row.value = value;
            else if (std::isfinite(value) && textOf)
                row.valueText = textOf(value);
            // The position belongs to the sample that is named; after a delay it is not at hand any more.
            if (i.hasLast && i.last.offset >= 0 && i.last.stamp == begin.stamp && textOf)
                row.origin = textOf(i.last.stream) + "@" + std::to_string(i.last.offset);
            row.quality = i.isHeld ? Quality::Bad : i.regions.quality == QualityRegion::Uncertain ? Quality::Uncertain : Quality::Good;
        }
        row.isAnnunciated = record.isAnnunciated && soundsNow(i, what, m);
        if (isCatchingUp(i)) {
            sources[i.source].raised += row.event == "RAISED" ? 1 : 0;
            sources[i.source].cleared += row.event == "CLEARED" ? 1 : 0;
        }
        changes.rows.push_back(std::move(row));
        changes.isTransition = true;
    }
    return true;
}

// 23. The states stay as they are; only the badge changes.
void AlarmEngine::Private::noteQuality(Instance &i, const Sample &sample, Quality quality, const Moment &m)
{
    markUnsaved(i);
    JournalRow row = rowOf(i);
    row.event = "QUALITY";
    row.occurrence = i.isShown ? i.regions.occurrence : 0;
    row.notes = notesOfOccurrence(i, row.occurrence);
    row.from = row.to = nameOf(project(i.regions));
    row.level = nameOf(i.regions.level);
    row.tStamp = sample.stamp;
    row.tEvent = sample.t;
    row.tDetect = m.now;
    row.quality = quality;
    row.reason = i.why.plain();
    if (sample.offset >= 0 && textOf)
        row.origin = textOf(sample.stream) + "@" + std::to_string(sample.offset);
    changes.rows.push_back(std::move(row));
    changes.isTransition = true;
}

std::string AlarmEngine::Private::notesOfOccurrence(const Instance &i, std::uint64_t occurrence)
{
    return occurrence != 0 && occurrence == i.regions.occurrence ? i.standing.notes : std::string();
}

void AlarmEngine::Private::noteOccurrence(Instance &i, std::uint64_t before)
{
    auto &older = i.progress.older;
    if (before != 0) {
        if (older.back() != 0)
            byOccurrence.erase(older.back());
        std::rotate(older.begin(), older.end() - 1, older.end());
        older.front() = before;
    }
    byOccurrence[i.regions.occurrence] = numberOf(i);
}

}
