#include "alarms/alarmengineprivate.h"

#include "core/text.h"
#include "core/times.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

const char *nameOf(Verb verb)
{
    switch (verb) {
    case Verb::Acknowledge:
        return "acknowledge";
    case Verb::Unacknowledge:
        return "unacknowledge";
    case Verb::Shelve:
        return "shelve";
    case Verb::Unshelve:
        return "unshelve";
    case Verb::OutOfService:
        return "out of service";
    case Verb::InService:
        return "in service";
    case Verb::Reset:
        return "reset";
    case Verb::Retire:
        return "retire";
    case Verb::Note:
        return "note";
    }
    return "";
}

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
        if (target.shown.seq <= i.progress.ackedSeq)
            continue;
        Transition what;
        what.event = Transition::Event::Acknowledge;
        what.shown = target.shown;
        what.tEvent = what.now = now;
        Moment m;
        m.now = now;
        i.progress.ackedSeq = target.shown.seq;
        go(i, what, {}, m, action.actor, action.reason);
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

Outcome AlarmEngine::Private::retireShown(const OperatorAction &action)
{
    if (action.reason.empty())
        return {false, {SG_TR("retiring a key needs a reason"), {}, {}}};
    std::set<std::string> keys;
    for (const ShownOccurrence &shown : action.shown)
        if (const auto found = byOccurrence.find(shown.occurrence); found != byOccurrence.end())
            keys.insert(instances[found->second].key);
    for (const std::string &key : keys)
        retire(key, action.actor, action.reason);
    if (keys.empty())
        return {false, {SG_TR("none of the %1 alarms is known any more"), {std::to_string(action.shown.size())}, {}}};
    return {true, {}};
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
        outcome = d->retireShown(action);
        break;
    case Verb::Unacknowledge:
    case Verb::Shelve:
    case Verb::Unshelve:
    case Verb::OutOfService:
    case Verb::InService:
    case Verb::Reset:
    case Verb::Note:
        outcome = {false, {SG_TR("%1 is not in this version"), {nameOf(action.verb)}, {}}};
        break;
    }
    d->tidyTimers();
    return outcome;
}

}
