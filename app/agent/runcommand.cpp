#include "agent/commands.h"
#include "agent/consenting.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "core/awake.h"
#include "core/times.h"
#include "engine/commandsocket.h"
#include "engine/session.h"

#include <algorithm>
#include <cstdio>

#include <csignal>

namespace sg {

int runCommand(const Arguments &arguments)
{
    std::optional<Mono> until;
    if (arguments.has("--for")) {
        const auto duration = parseDuration(arguments.value("--for"));
        if (!duration || duration->count() <= 0) {
            std::fprintf(stderr, "--for: '%s' is not a duration such as 90s or 8h\n", arguments.value("--for").c_str());
            return ExitUsage;
        }
        until = Mono::clock::now() + *duration;
    }
    // Blocked before any thread starts, so that all inherit it and the signal is ours to wait for.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const auto workspace = openWorkspace(arguments.value("--workspace"), *stateFolder);
    if (!workspace)
        return fail(workspace.error());
    for (const Error &error : (*workspace)->errors)
        std::fprintf(stderr, "%s\n", error.plain().c_str());
    const auto consents = consentsFor(arguments, **workspace);
    if (!consents)
        return fail(consents.error());
    const auto &sources = (*workspace)->sources;
    if (!sources.empty() && std::none_of(sources.begin(), sources.end(), [&](const SourceSpec &one) { return !consents->whyItWaits(one); }))
        return fail({SG_TR("nothing of it may be watched before that"), {}, {}});

    SessionOptions options;
    options.consents = Consents::keptFor;
    options.stateFolder = *stateFolder;
    options.senders = &senderCatalog();
    options.read = [folder = arguments.value("--workspace"), state = *stateFolder] { return openWorkspace(folder, state); };
    const bool isJson = arguments.has("--json");
    options.onRecord = [isJson](const JournalRow &row) {
        std::printf("%s\n", (isJson ? jsonOf(row) : lineOf(row)).c_str());
        std::fflush(stdout);
    };
    const auto session = startSession(*workspace, sourceCatalog(), options);
    if (!session) {
        fail(session.error());
        return evaluatorAt(*stateFolder) ? ExitHeld : ExitFailed;
    }
    const Awake awake([](const Error &why) { fail(why); });
    for (const Error &trouble : (*session)->snapshot()->troubles)
        fail(trouble);
    if (!isJson) {
        const auto snapshot = (*session)->snapshot();
        const std::size_t rules = (*workspace)->rules ? (*workspace)->rules->rules.size() : 0;
        std::printf("watching %zu sources with %zu rules; state in %s\n", (*workspace)->sources.size(), rules, stateFolder->c_str());
        if (snapshot->notWatchedFrom != NoTime)
            std::printf("nobody watched since %s\n", formatUtc(snapshot->notWatchedFrom).c_str());
        std::fflush(stdout);
    }
    while (!until || Mono::clock::now() < *until) {
        const auto left = until ? std::min<Micros>(std::chrono::ceil<Micros>(*until - Mono::clock::now()), std::chrono::seconds(3600))
                                : std::chrono::seconds(3600);
        timespec wait = {};
        wait.tv_sec = std::max<std::int64_t>(0, left.count()) / 1'000'000;
        wait.tv_nsec = std::max<std::int64_t>(0, left.count()) % 1'000'000 * 1000;
        if (sigtimedwait(&signals, nullptr, &wait) > 0)
            break;
    }
    return ExitDone;
}

}
