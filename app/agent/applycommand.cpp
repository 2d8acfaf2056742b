#include "agent/alone.h"
#include "agent/commands.h"

#include "engine/commandsocket.h"

#include <cstdio>

namespace sg {

int applyCommand(const Arguments &arguments)
{
    if (!arguments.rest.empty()) {
        std::fprintf(stderr, "usage: sightglass-agent apply\n");
        return ExitUsage;
    }
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const std::string actor = actorOf(arguments), reason = arguments.value("--reason");
    if (const auto outcome = applyThroughSocket(*stateFolder, actor, reason)) {
        const std::string says = outcome->says.plain();
        std::printf("%s%s%s\n", outcome->isDone ? "applied" : "refused", says.empty() ? "" : ": ", says.c_str());
        return outcome->isDone ? ExitDone : ExitFailed;
    }
    // The edits are staged first, as the next start would do it: only so is it known what they close.
    const auto alone = Alone::open(arguments, *stateFolder, actor, reason);
    if (!alone)
        return fail(alone.error());
    for (const Error &error : (*alone)->workspace()->errors)
        fail(error);
    (*alone)->evaluator().apply((*alone)->workspace(), true, actor, reason, (*alone)->now());
    const auto written = (*alone)->write();
    if (!written)
        return fail(written.error());
    std::puts("applied");
    return ExitDone;
}

}
