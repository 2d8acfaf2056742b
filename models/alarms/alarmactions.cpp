#include "alarms/alarmengineprivate.h"
#include "alarms/tablerow.h"

#include "core/cuttext.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

constexpr std::size_t MostActor = 200, MostReason = 500; // bytes that are kept with an alarm; the journal has all

}

// Idempotent by (occurrence, seq): whatever is told twice is done once.
Outcome AlarmEngine::Private::acknowledge(const OperatorAction &action)
{
    struct Target
    {
        ShownOccurrence shown;
        std::uint32_t instance = 0;
        Priority priority = Priority::Low;
    };
    std::vector<Target> targets;
    Outcome outcome;
    std::size_t unknown = 0;
    for (const ShownOccurrence &shown : action.shown) {
        const auto found = byOccurrence.find(shown.occurrence);
        if (found == byOccurrence.end() || shown.seq > instances[found->second].regions.seq) {
            ++unknown;
            continue;
        }
        targets.push_back({shown, found->second, priorityOf(instances[found->second])});
    }
    std::stable_sort(targets.begin(), targets.end(), [](const Target &a, const Target &b) { return a.priority > b.priority; });
    for (const Target &target : targets) {
        Instance &i = instances[target.instance];
        outcome.isDone = true;
        const bool isOlder = target.shown.occurrence != i.regions.occurrence || target.shown.seq < i.regions.seq;
        if (isOlder && i.regions.ack == AckRegion::Unacked && outcome.says.plain().empty())
            outcome.says = {target.shown.occurrence != i.regions.occurrence
                                ? SG_TR("%1 was raised again %2 ago; the newer alarm stays unacknowledged")
                                : SG_TR("%1 became more severe %2 ago or earlier; the alarm stays unacknowledged"),
                            {i.path, formatDuration(std::max(now - i.regions.detected, Micros{0}))},
                            {}};
        // What was acknowledged and needs it again (13, 17, 19, 27) has the same seq.
        if (target.shown.seq <= i.progress.ackedSeq && (isOlder || i.regions.ack == AckRegion::Acked))
            continue;
        Moment m;
        m.now = now;
        Transition what = transitionOf(i, Transition::Event::Acknowledge, now, m);
        what.shown = target.shown;
        i.progress.ackedSeq = std::max(i.progress.ackedSeq, target.shown.seq);
        go(i, what, {}, m, action.actor, action.reason);
        if (!isOlder && i.inputs && i.inputs->measure) { // state_change may clear by it
            i.inputs->measure->acknowledge();
            elapseMeasure(i, std::max(i.inputs->judgedTo, i.last.t), m);
        }
    }
    if (targets.empty())
        outcome.says = action.shown.empty()
            ? Error{SG_TR("no alarm was chosen"), {}, {}}
            : Error{SG_TR("none of the %1 alarms is known any more"), {std::to_string(action.shown.size())}, {}};
    else if (unknown > 0 && outcome.says.plain().empty())
        outcome.says
            = {SG_TR("%1 of the %2 alarms are not known any more"), {std::to_string(unknown), std::to_string(action.shown.size())}, {}};
    return outcome;
}

std::set<std::uint32_t> AlarmEngine::Private::chosen(const OperatorAction &action) const
{
    std::set<std::uint32_t> out;
    for (const ShownOccurrence &shown : action.shown)
        if (const auto found = byOccurrence.find(shown.occurrence); found != byOccurrence.end())
            out.insert(found->second);
    for (const AlarmName &name : action.named)
        if (const auto found = byName.find(instanceName(name.rule, name.key, name.field)); found != byName.end())
            out.insert(found->second);
    return out;
}

namespace {

Error noneKnown(const OperatorAction &action)
{
    return {SG_TR("none of the %1 alarms is known any more"), {std::to_string(action.shown.size() + action.named.size())}, {}};
}

}

Outcome AlarmEngine::Private::retireChosen(const OperatorAction &action)
{
    if (action.reason.empty())
        return {false, {SG_TR("retiring a key needs a reason"), {}, {}}};
    std::set<std::string> keys;
    for (const std::uint32_t n : chosen(action))
        keys.insert(instances[n].key);
    for (const std::string &key : keys) {
        const std::size_t before = changes.rows.size();
        retire(key, action.actor, action.reason);
        if (changes.rows.size() != before)
            continue;
        // No alarm of it was open: that the key was retired stands in the journal all the same.
        JournalRow row;
        row.event = "RETIRED";
        row.key = key;
        row.tEvent = row.tDetect = now;
        row.actor = action.actor;
        row.reason = action.reason;
        changes.rows.push_back(std::move(row));
        changes.isTransition = true;
    }
    if (keys.empty())
        return {false, noneKnown(action)};
    return {true, {}};
}

namespace {

struct Wording
{
    const char *needsReason; // null: none is needed
    const char *nothing; // when the table has no row for what is shown
};

Wording wordingOf(Transition::Event event)
{
    switch (event) {
    case Transition::Event::Unacknowledge:
        return {SG_TR("taking back an acknowledgement needs a reason"), SG_TR("%1 is not acknowledged, or normal")};
    case Transition::Event::Reset:
        return {SG_TR("resetting needs a reason"), SG_TR("%1 is not latched, still active, or not acknowledged yet")};
    case Transition::Event::Shelve:
        return {SG_TR("shelving needs a reason"), SG_TR("%1 is disabled or out of service")};
    case Transition::Event::Unshelve:
        return {nullptr, SG_TR("%1 is not shelved")};
    case Transition::Event::OutOfService:
        return {SG_TR("taking out of service needs a reason"), SG_TR("%1 is out of service already")};
    case Transition::Event::InService:
        return {SG_TR("putting back into service needs a reason"), SG_TR("%1 is not out of service")};
    case Transition::Event::Disable:
        return {SG_TR("disabling needs a reason"), SG_TR("%1 is disabled already")};
    case Transition::Event::Enable:
        return {SG_TR("enabling needs a reason"), SG_TR("%1 is not disabled, or its rule says enabled: false")};
    case Transition::Event::True:
    case Transition::Event::False:
    case Transition::Event::OnDelayOver:
    case Transition::Event::OffDelayOver:
    case Transition::Event::Acknowledge:
    case Transition::Event::Retire:
    case Transition::Event::Redefine:
    case Transition::Event::Delete:
    case Transition::Event::ShelfOver:
    case Transition::Event::Suppress:
    case Transition::Event::Release:
    case Transition::Event::Realarm:
    case Transition::Event::LateClosed:
    case Transition::Event::ClearLatch:
        break;
    }
    return {nullptr, SG_TR("%1: nothing to do")};
}

constexpr Micros LongestShelf = std::chrono::hours(24); // longer is out of service, with a permit

// What the journal says of why: of out of service the permit as well.
std::string reasonOf(const OperatorAction &action)
{
    return action.verb == Verb::OutOfService ? "permit " + std::string(cutText(action.permit, MostReason)) + ": " + action.reason
                                             : action.reason;
}

}

bool AlarmEngine::Private::changeOne(Instance &i, const OperatorAction &action, Transition::Event event)
{
    Moment m;
    m.now = now;
    const bool isSwitch = event == Transition::Event::Disable || event == Transition::Event::Enable;
    if (isSwitch && (i.standing.isDisabled == (event == Transition::Event::Disable) || !i.rule || !i.rule->isEnabled))
        return false;
    const AlarmState from = project(i.regions);
    const std::size_t before = changes.rows.size();
    if (!go(i, transitionOf(i, event, now, m), {}, m, action.actor, reasonOf(action)))
        return false;
    if (!isSwitch)
        return true;
    // 22. The switch is journaled also where nothing was open.
    i.standing.isDisabled = event == Transition::Event::Disable;
    i.progress.truth = Truth::Unknown; // nothing is known of it until its next sample
    i.progress.found = Level::None;
    i.progress.since.fill({});
    i.hasLast = i.hasLast && i.isOnArrival;
    i.hasDeadline = false;
    i.forgetFrom = now; // what it was not listening to is no silence of its key
    if (changes.rows.size() == before) {
        JournalRow row = rowOf(i);
        row.event = i.standing.isDisabled ? "DISABLED" : "ENABLED";
        row.from = nameOf(from);
        row.to = nameOf(project(i.regions));
        row.tEvent = row.tDetect = now;
        row.actor = action.actor;
        row.reason = action.reason;
        changes.rows.push_back(std::move(row));
        changes.isTransition = true;
    }
    tell(i, now);
    return true;
}

// One row of the table for each alarm that was chosen.
Outcome AlarmEngine::Private::change(const OperatorAction &action, Transition::Event event)
{
    const Wording wording = wordingOf(event);
    if (wording.needsReason && action.reason.empty())
        return {false, {wording.needsReason, {}, {}}};
    if (event == Transition::Event::OutOfService && action.permit.empty())
        return {false, {SG_TR("taking out of service needs a permit: the number of the work permit, or who allowed it"), {}, {}}};
    const bool isShelf = event == Transition::Event::Shelve;
    if (isShelf && action.until && *action.until <= now)
        return {false, {SG_TR("the time until which to shelve has passed"), {}, {}}};
    if (isShelf && action.until && *action.until > now + LongestShelf)
        return {false,
                {SG_TR("an alarm is shelved for %1 at most; what must be silent longer is taken out of service"),
                 {formatDuration(LongestShelf)},
                 {}}};
    const std::set<std::uint32_t> targets = chosen(action);
    if (targets.empty())
        return {false, noneKnown(action)};
    Outcome outcome;
    for (const std::uint32_t n : targets) {
        Instance &i = instances[n];
        if (!changeOne(i, action, event)) {
            if (outcome.says.plain().empty())
                outcome.says = {wording.nothing, {i.path}, {}};
            continue;
        }
        Moment m;
        m.now = now;
        outcome.isDone = true;
        if (isShelf) { // without a time it ends with the alarm, at the latest after the longest time
            i.standing.shelvedUntil = action.until.value_or(now + LongestShelf);
            i.standing.isOneShot = !action.until;
        }
        if (isShelf || event == Transition::Event::OutOfService || event == Transition::Event::Disable) {
            i.standing.by = cutText(action.actor, MostActor);
            i.standing.reason = cutText(action.reason, MostReason);
        }
        if (event == Transition::Event::OutOfService)
            i.standing.permit = cutText(action.permit, MostReason);
        schedule(i, m, false);
    }
    return outcome;
}

Outcome AlarmEngine::Private::note(const OperatorAction &action)
{
    if (action.reason.empty())
        return {false, {SG_TR("a note needs a text"), {}, {}}};
    Outcome outcome;
    if (action.shown.empty() && action.named.empty()) { // to the journal itself: "sound muted for 5 min"
        JournalRow row;
        row.event = "NOTE";
        row.tEvent = row.tDetect = now;
        row.actor = action.actor;
        row.reason = action.reason;
        changes.rows.push_back(std::move(row));
        changes.isTransition = outcome.isDone = true;
        return outcome;
    }
    const auto write = [&](Instance &i, std::uint64_t occurrence) {
        i.standing.note = cutText(action.reason, MostReason);
        i.standing.notedBy = cutText(action.actor, MostActor);
        i.standing.notedAt = now;
        markUnsaved(i);
        JournalRow row = rowOf(i);
        row.event = "NOTE";
        row.occurrence = occurrence;
        row.notes = notesOfOccurrence(i, occurrence);
        row.from = row.to = nameOf(project(i.regions));
        row.level = nameOf(i.regions.level);
        row.tEvent = row.tDetect = now;
        row.actor = action.actor;
        row.reason = action.reason;
        changes.rows.push_back(std::move(row));
        changes.isTransition = outcome.isDone = true;
    };
    for (const ShownOccurrence &shown : action.shown) // may be an older one of its alarm
        if (const auto found = byOccurrence.find(shown.occurrence); found != byOccurrence.end())
            write(instances[found->second], shown.occurrence);
    for (const AlarmName &name : action.named)
        if (const auto found = byName.find(instanceName(name.rule, name.key, name.field)); found != byName.end())
            write(instances[found->second], instances[found->second].regions.occurrence);
    if (!outcome.isDone)
        outcome.says = noneKnown(action);
    return outcome;
}

std::optional<Time> AlarmEngine::Private::standingDeadline(const Instance &i) const
{
    std::optional<Time> next;
    const auto consider = [&](Time t) {
        if (t != NoTime && (!next || t < *next))
            next = t;
    };
    if (i.regions.suppression & Shelved)
        consider(i.standing.shelvedUntil);
    if (i.regions.suppression & SuppressedByDesign)
        consider(i.standing.failsOpenAt);
    if (!i.rule)
        return next;
    if (i.rule->hours || i.standing.isOffHours)
        consider(std::max(i.hoursAt, Time{})); // never looked at: now
    if (i.rule->realarm > Micros{0} && i.regions.condition == ConditionRegion::Active && i.standing.alarmedAt != NoTime
        && i.standing.realarms < i.rule->realarmTimes)
        consider(i.standing.alarmedAt + i.rule->realarm);
    const bool isForgettable = i.regions.condition == ConditionRegion::Normal && i.regions.ack == AckRegion::Acked
        && i.regions.latch == LatchRegion::Clear && i.regions.suppression == 0 && i.regions.isEnabled && !i.standing.isDisabled;
    if (i.rule->forgetAfter > Micros{0} && isForgettable && i.hasSeries)
        if (const Time heard = heardOf(i); heard != NoTime)
            consider(heard + i.rule->forgetAfter);
    return next;
}

// When its key was heard of last.
Time AlarmEngine::Private::heardOf(const Instance &i) const
{
    const Time heard = std::max(i.hasLast ? i.last.t : series[number(i.series)].heard, i.forgetFrom);
    return i.condition ? std::max(heard, sources[i.source].steadySince) : heard;
}

// The rule's hours: suppressed by design outside of them, together with what suppress_when says.
void AlarmEngine::Private::keepHours(Instance &i, const Moment &m)
{
    if (!i.rule || (!i.rule->hours && !i.standing.isOffHours) || i.hoursAt > m.now)
        return;
    const auto &hours = i.rule->hours;
    const bool isOff = hours && !hours->holds(m.now);
    i.hoursAt = hours ? hours->askAgain(m.now) : Time::max();
    if (isOff == i.standing.isOffHours)
        return;
    i.standing.isOffHours = isOff;
    markUnsaved(i);
    if (i.standing.isCaused)
        return; // suppressed before, or still
    const auto event = isOff ? Transition::Event::Suppress : Transition::Event::Release;
    go(i, transitionOf(i, event, m.now, m), {m.now, NoTime, i.last.value}, m, {}, isOff ? "outside its hours" : "its hours begin");
}

// What is due on the reference clock: 17, 18, 20, 26 and 27.
bool AlarmEngine::Private::runStanding(Instance &i, const Moment &m)
{
    const Begin begin{m.now, NoTime, i.last.value};
    if ((i.regions.suppression & Shelved) && i.standing.shelvedUntil <= m.now)
        go(i, transitionOf(i, Transition::Event::ShelfOver, m.now, m), begin, m);
    if ((i.regions.suppression & SuppressedByDesign) && i.standing.failsOpenAt != NoTime && i.standing.failsOpenAt <= m.now) {
        i.standing.failsOpenAt = i.standing.releaseAt = NoTime;
        i.standing.isCaused = false;
        markUnsaved(i);
        Transition what = transitionOf(i, Transition::Event::Release, m.now, m);
        what.isOpened = true;
        if (!i.standing.isOffHours)
            go(i, what, begin, m, {}, "its cause is not known");
    }
    keepHours(i, m);
    const auto deadline = standingDeadline(i);
    if (!i.rule || !deadline || *deadline > m.now)
        return true;
    if (i.regions.condition == ConditionRegion::Active) {
        ++i.standing.realarms;
        i.standing.alarmedAt = m.now;
        go(i, transitionOf(i, Transition::Event::Realarm, m.now, m), begin, m);
        return true;
    }
    if (m.clock && (m.clock->isSourceLost(sourceOf(i.key)) || m.clock->isCatchingUp(i.series))) {
        // Such a source says nothing about its keys: asked again every second, and then counted from its end.
        i.forgetFrom = m.now - i.rule->forgetAfter + std::chrono::seconds(1);
        return true;
    }
    if (!isRow(26))
        return true;
    forget(i); // the next sample begins anew
    evict(i);
    return false;
}

Outcome AlarmEngine::act(const OperatorAction &action, Time now)
{
    d->now = now;
    Outcome outcome;
    switch (action.verb) {
    case Verb::Acknowledge:
        outcome = d->acknowledge(action);
        break;
    case Verb::Retire:
        outcome = d->retireChosen(action);
        break;
    case Verb::Unacknowledge:
        outcome = d->change(action, Transition::Event::Unacknowledge);
        break;
    case Verb::Shelve:
        outcome = d->change(action, Transition::Event::Shelve);
        break;
    case Verb::Unshelve:
        outcome = d->change(action, Transition::Event::Unshelve);
        break;
    case Verb::OutOfService:
        outcome = d->change(action, Transition::Event::OutOfService);
        break;
    case Verb::InService:
        outcome = d->change(action, Transition::Event::InService);
        break;
    case Verb::Reset:
        outcome = d->change(action, Transition::Event::Reset);
        break;
    case Verb::Note:
        outcome = d->note(action);
        break;
    case Verb::Disable:
        outcome = d->change(action, Transition::Event::Disable);
        break;
    case Verb::Enable:
        outcome = d->change(action, Transition::Event::Enable);
        break;
    }
    d->tidyTimers();
    return outcome;
}

}
