#include "agent/commands.h"
#include "catalog/catalog.h"

#include "core/platform.h"
#include "core/text.h"
#include "engine/commandsocket.h"
#include "engine/evaluator.h"

#include <cstdio>

namespace sg {

namespace {

// The occurrences that the arguments name and that wait for an acknowledgement, as they are now.
Result<std::vector<ShownOccurrence>> shownOf(const Arguments &arguments, const std::string &stateFolder)
{
    const auto reader = StateReader::open(stateFolder);
    if (!reader)
        return reader.error();
    const auto instances = (*reader)->instances();
    if (!instances)
        return instances.error();
    std::vector<ShownOccurrence> out;
    bool isKnown = false;
    for (const InstanceState &i : *instances) {
        const std::string path = i.field.empty() ? i.key : i.key + "/" + i.field;
        const bool isRule
            = i.rule == arguments.rest[0] && (arguments.rest.size() < 2 || i.key == arguments.rest[1] || path == arguments.rest[1]);
        if (!isRule && hex(i.regions.occurrence) != arguments.rest[0])
            continue;
        isKnown = true;
        if (i.regions.ack == AckRegion::Unacked)
            out.push_back({i.regions.occurrence, i.regions.seq});
    }
    if (!isKnown)
        return Error{SG_TR("no alarm of '%1'; sightglass-agent alarms lists them"), {shown(arguments.rest[0])}, {}};
    return out;
}

// Without a running evaluator this process is the evaluator for a moment.
Result<Outcome> actAlone(const Arguments &arguments, const std::string &stateFolder, const OperatorAction &action)
{
    const auto workspace = openWorkspace(arguments.value("--workspace"), stateFolder);
    if (!workspace)
        return workspace.error();
    const auto file = StateFile::open(stateFolder);
    if (!file)
        return file.error();
    auto saved = (*file)->load();
    if (!saved)
        return saved.error();
    const Mono now = Mono::clock::now();
    Evaluator evaluator(now, std::chrono::floor<Micros>(std::chrono::system_clock::now()));
    evaluator.restore(std::move(*saved));
    evaluator.apply(*workspace, false, action.actor, "acknowledge", now);
    Outcome outcome = evaluator.act(action, now);
    Commit commit = evaluator.collect(now);
    commit.isWatching = false; // nobody watched: the next start must still say since when
    const auto written = (*file)->write(commit);
    if (!written)
        return written.error();
    return outcome;
}

}

int ackCommand(const Arguments &arguments)
{
    if (arguments.rest.empty() || arguments.rest.size() > 2) {
        std::fprintf(stderr, "usage: sightglass-agent ack RULE [KEY] | OCCURRENCE\n");
        return ExitUsage;
    }
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const auto shown = shownOf(arguments, *stateFolder);
    if (!shown)
        return fail(shown.error());
    if (shown->empty()) {
        std::puts("nothing to acknowledge: it is acknowledged already");
        return ExitDone;
    }
    OperatorAction action;
    action.verb = Verb::Acknowledge;
    action.shown = *shown;
    action.actor = (arguments.has("--as") ? arguments.value("--as") : userName()) + "@" + hostName();
    action.reason = arguments.value("--note");
    auto outcome = actThroughSocket(*stateFolder, action);
    if (!outcome) {
        auto alone = actAlone(arguments, *stateFolder, action);
        if (!alone)
            return fail(alone.error());
        outcome = std::move(*alone);
    }
    const std::string says = outcome->says.plain();
    std::printf("%s%s%s\n", outcome->isDone ? "acknowledged" : "refused", says.empty() ? "" : ": ", says.c_str());
    return outcome->isDone ? ExitDone : ExitFailed;
}

}
