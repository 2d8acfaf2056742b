#include "agent/commands.h"

#include "catalog/catalog.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/attachedsession.h"
#include "engine/commandsocket.h"

#include <cstdio>
#include <future>

namespace sg {

namespace {

constexpr auto AnswerPatience = std::chrono::seconds(30);

}

// Only an evaluator that runs can: it has the connections, and it alone writes the history.
int loadOlderCommand(const Arguments &arguments)
{
    if (arguments.rest.size() != 1 || !arguments.has("--from")) {
        std::fprintf(stderr, "usage: sightglass-agent load-older SOURCE --from TIME\n");
        return ExitUsage;
    }
    const Time now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    const auto from = timeOption(arguments, "--from", NoTime), to = timeOption(arguments, "--to", now);
    for (const auto &time : {from, to})
        if (!time) {
            std::fprintf(stderr, "%s\n", time.error().plain().c_str());
            return ExitUsage;
        }
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    if (!evaluatorAt(*stateFolder))
        return fail({SG_TR("nobody evaluates %1 now; start sightglass-agent run or the window, which then loads the older data"),
                     {shown(*stateFolder)},
                     {}});
    const auto attached = attachSession(*stateFolder, {[](const std::string &folder) { return openWorkspace(folder); }});
    if (!attached)
        return fail(attached.error());
    auto answer = std::make_shared<std::promise<Outcome>>(); // may be answered after we gave up
    auto outcome = answer->get_future();
    Command command;
    command.what = LoadOlder{arguments.rest[0], *from, *to};
    command.reply = [answer](const Outcome &said) { answer->set_value(said); };
    (*attached)->submit(std::move(command));
    if (outcome.wait_for(AnswerPatience) != std::future_status::ready)
        return fail({SG_TR("the evaluator did not answer within %1"), {formatDuration(AnswerPatience)}, {}});
    const Outcome said = outcome.get();
    const std::string says = said.says.plain();
    if (!said.isDone)
        return fail(said.says);
    std::printf("loading %s from %s to %s%s%s; how far it is stands with the source\n", shown(arguments.rest[0]).c_str(),
                formatUtc(*from).c_str(), formatUtc(*to).c_str(), says.empty() ? "" : ": ", says.c_str());
    return ExitDone;
}

}
