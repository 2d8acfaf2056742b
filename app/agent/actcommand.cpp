#include "agent/alarmchoice.h"
#include "agent/alone.h"
#include "agent/commands.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/commandsocket.h"

#include <algorithm>
#include <cstdio>

namespace sg {

namespace {

// What of several alarms a command is meant for; a single one is left to the engine, which says what is in its way.
bool isMeantFor(Verb verb, const Regions &regions)
{
    switch (verb) {
    case Verb::Acknowledge:
        return regions.ack == AckRegion::Unacked;
    case Verb::Unacknowledge:
        return regions.ack == AckRegion::Acked && project(regions) != AlarmState::Normal;
    case Verb::Unshelve:
        return (regions.suppression & Shelved) != 0;
    case Verb::InService:
        return (regions.suppression & OutOfServiceFlag) != 0;
    case Verb::OutOfService:
        return (regions.suppression & OutOfServiceFlag) == 0;
    case Verb::Reset:
        return regions.latch == LatchRegion::Latched;
    case Verb::Disable:
        return regions.isEnabled;
    case Verb::Enable:
        return !regions.isEnabled;
    case Verb::Shelve:
    case Verb::Retire:
    case Verb::Note:
        return true;
    }
    return true;
}

int usage(const VerbCommand &command, const char *also = "")
{
    std::fprintf(stderr, "usage: sightglass-agent %s %s%s\n", command.name, AlarmArguments, also);
    return ExitUsage;
}

// Through the evaluator that runs, else as the evaluator for a moment.
Result<Outcome> actSomewhere(const Arguments &arguments, const std::string &stateFolder, const OperatorAction &action, const char *name)
{
    if (auto outcome = actThroughSocket(stateFolder, action))
        return std::move(*outcome);
    const auto alone = Alone::open(arguments, stateFolder, action.actor, name);
    if (!alone)
        return alone.error();
    Outcome outcome = (*alone)->evaluator().act(action, (*alone)->now());
    const auto written = (*alone)->write();
    if (!written)
        return written.error();
    return outcome;
}

}

std::span<const VerbCommand> verbCommands()
{
    static constexpr std::array all{
        VerbCommand{"ack", Verb::Acknowledge, "acknowledged", "acknowledge; the answer comes after it is durable"},
        VerbCommand{"unack", Verb::Unacknowledge, "acknowledgement taken back", "take an acknowledgement back; needs a reason"},
        VerbCommand{"shelve", Verb::Shelve, "shelved", "keep silent for a while; needs a reason"},
        VerbCommand{"unshelve", Verb::Unshelve, "no longer shelved", "end a shelf before its time"},
        VerbCommand{"out-of-service", Verb::OutOfService, "out of service",
                    "take out of service until in-service; needs a permit and a reason"},
        VerbCommand{"in-service", Verb::InService, "in service again", "put back into service; needs a reason"},
        VerbCommand{"reset", Verb::Reset, "reset", "let go of a latched alarm whose condition is over; needs a reason"},
        VerbCommand{"retire", Verb::Retire, "retired", "forget a key that is gone, with all its alarms; needs a reason"},
        VerbCommand{"disable", Verb::Disable, "disabled", "stop evaluating an alarm until enable; needs a reason"},
        VerbCommand{"enable", Verb::Enable, "enabled", "evaluate it again; needs a reason"},
        VerbCommand{"note", Verb::Note, "noted", "write a note into the journal; needs its text"},
    };
    return all;
}

std::string actorOf(const Arguments &arguments)
{
    return (arguments.has("--as") ? arguments.value("--as") : userName()) + "@" + hostName();
}

int actCommand(const VerbCommand &command, const Arguments &arguments)
{
    if (arguments.rest.empty() || arguments.rest.size() > 2)
        return usage(command, command.verb == Verb::Shelve ? " --for DURATION | --once" : "");
    OperatorAction action;
    action.verb = command.verb;
    action.actor = actorOf(arguments);
    action.reason = arguments.has("--reason") ? arguments.value("--reason") : arguments.value("--note");
    action.permit = arguments.value("--permit");
    if (command.verb == Verb::Shelve) {
        if (arguments.has("--for") == arguments.has("--once"))
            return usage(command, " --for DURATION | --once");
        if (arguments.has("--for")) {
            const auto duration = parseDuration(arguments.value("--for"));
            if (!duration || duration->count() <= 0) {
                std::fprintf(stderr, "--for: %s\n", duration ? "how long must be more than nothing" : duration.error().plain().c_str());
                return ExitUsage;
            }
            action.until = std::chrono::floor<Micros>(std::chrono::system_clock::now()) + *duration;
        }
    }
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    auto chosen = chosenAlarms(arguments, *stateFolder);
    if (!chosen)
        return fail(chosen.error());
    const bool isOneKey = std::all_of(chosen->begin(), chosen->end(), [&](const InstanceState &i) { return i.key == chosen->front().key; });
    if (command.verb == Verb::Retire && !isOneKey)
        return fail({SG_TR("'%1' watches %2 alarms of several keys; name the key that is to be retired"),
                     {shown(arguments.rest[0]), std::to_string(chosen->size())},
                     {}});
    const auto meant = [&](const InstanceState &i) { return isMeantFor(command.verb, i.regions); };
    if (command.verb == Verb::Acknowledge && std::none_of(chosen->begin(), chosen->end(), meant)) {
        std::puts("nothing to acknowledge: it is acknowledged already");
        return ExitDone;
    }
    if (std::any_of(chosen->begin(), chosen->end(), meant))
        std::erase_if(*chosen, [&](const InstanceState &i) { return !meant(i); });
    for (const InstanceState &i : *chosen) {
        if (command.verb == Verb::Acknowledge)
            action.shown.push_back({i.regions.occurrence, i.regions.seq});
        else
            action.named.push_back({i.rule, i.key, i.field});
    }
    const auto outcome = actSomewhere(arguments, *stateFolder, action, command.name);
    if (!outcome)
        return fail(outcome.error());
    const std::string says = outcome->says.plain();
    std::printf("%s%s%s\n", outcome->isDone ? command.done : "refused", says.empty() ? "" : ": ", says.c_str());
    return outcome->isDone ? ExitDone : ExitFailed;
}

}
