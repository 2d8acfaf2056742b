#include "agent/alone.h"
#include "agent/commands.h"

#include "catalog/catalog.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/attachedsession.h"
#include "engine/commandsocket.h"

#include <cstdio>
#include <future>
#include <thread>

namespace sg {

namespace {

constexpr auto AnswerPatience = std::chrono::seconds(30);

// Before it is done, so that the log of who ran it says what it was.
void sayWhatCloses(const std::vector<std::string> &staged)
{
    for (const std::string &alarm : staged)
        std::printf("closes %s\n", shown(alarm).c_str());
    if (staged.empty())
        std::puts("closes nothing");
    std::fflush(stdout);
}

Outcome applyThrough(Session &session, bool closesAlarms, const std::string &actor, const std::string &reason)
{
    auto answer = std::make_shared<std::promise<Outcome>>(); // may be answered after we gave up
    auto outcome = answer->get_future();
    Command command;
    command.what = ApplyWorkspace{nullptr, actor, reason, closesAlarms}; // the evaluator reads the files itself
    command.reply = [answer](const Outcome &said) { answer->set_value(said); };
    session.submit(std::move(command));
    if (outcome.wait_for(AnswerPatience) != std::future_status::ready)
        return {false, {SG_TR("the evaluator did not answer within %1"), {formatDuration(AnswerPatience)}, {}}};
    return outcome.get();
}

// First the files are read again, which closes nothing; what waits then is named and put in force.
int applyAttached(const std::string &stateFolder, const std::string &actor, const std::string &reason)
{
    const auto attached = attachSession(stateFolder, {[](const std::string &folder) { return openWorkspace(folder); }});
    if (!attached)
        return fail(attached.error());
    Session &session = **attached;
    Outcome outcome = applyThrough(session, false, actor, reason);
    std::vector<std::string> staged;
    if (const bool waits = outcome.isDone && !outcome.says.plain().empty(); waits) {
        const Mono giveUp = Mono::clock::now() + AnswerPatience; // its next snapshot names them
        while ((staged = session.snapshot()->staged).empty() && Mono::clock::now() < giveUp)
            std::this_thread::sleep_for(Millis(10));
    }
    if (outcome.isDone)
        sayWhatCloses(staged);
    if (!staged.empty())
        outcome = applyThrough(session, true, actor, reason);
    const std::string says = outcome.says.plain();
    std::printf("%s%s%s\n", outcome.isDone ? "applied" : "refused", says.empty() ? "" : ": ", says.c_str());
    return outcome.isDone ? ExitDone : ExitFailed;
}

}

int applyCommand(const Arguments &arguments)
{
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const std::string actor = actorOf(arguments), reason = arguments.value("--reason");
    if (evaluatorAt(*stateFolder))
        return applyAttached(*stateFolder, actor, reason);
    // The edits are staged first, as the next start would do it: only so is it known what they close.
    const auto alone = Alone::open(arguments, *stateFolder, actor, reason);
    if (!alone)
        return fail(alone.error());
    for (const Error &error : (*alone)->workspace()->errors)
        fail(error);
    sayWhatCloses((*alone)->evaluator().snapshot((*alone)->now())->staged);
    (*alone)->evaluator().apply((*alone)->workspace(), true, actor, reason, (*alone)->now());
    const auto written = (*alone)->write();
    if (!written)
        return fail(written.error());
    std::puts("applied");
    return ExitDone;
}

}
