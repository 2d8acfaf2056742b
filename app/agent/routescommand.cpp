#include "agent/commands.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "core/text.h"
#include "core/times.h"
#include "engine/attachedsession.h"
#include "engine/commandsocket.h"
#include "engine/routestates.h"
#include "state/statefile.h"

#include <cstdio>
#include <future>

namespace sg {

namespace {

constexpr auto AnswerPatience = std::chrono::seconds(30);
constexpr std::size_t MostMessages = 20;

int testRoute(const std::string &stateFolder, const std::string &route)
{
    if (!evaluatorAt(stateFolder))
        return fail({SG_TR("nobody evaluates %1 now; start sightglass-agent run or the window, which then sends the test"),
                     {shown(stateFolder)},
                     {}});
    const auto attached = attachSession(stateFolder, {[](const std::string &folder) { return openWorkspace(folder); }});
    if (!attached)
        return fail(attached.error());
    auto answer = std::make_shared<std::promise<Outcome>>(); // may be answered after we gave up
    auto outcome = answer->get_future();
    (*attached)->submit({TestRoute{route}, [answer](const Outcome &said) { answer->set_value(said); }});
    if (outcome.wait_for(AnswerPatience) != std::future_status::ready)
        return fail({SG_TR("the evaluator did not answer within %1"), {formatDuration(AnswerPatience)}, {}});
    const Outcome said = outcome.get();
    if (!said.isDone)
        return fail(said.says);
    std::printf("%s\n", said.says.plain().c_str());
    return ExitDone;
}

void print(const RouteState &state)
{
    std::printf("%-20s %-6s %s%s\n", shown(state.id).c_str(), state.isHeartbeat ? "beat" : state.kind.c_str(),
                shown(state.receiver).c_str(), state.isInFile ? "" : "(no longer in routes.yaml)");
    const std::string last = state.lastDelivered == NoTime ? "never" : formatUtc(state.lastDelivered);
    if (state.isHeartbeat) {
        if (state.waiting == 0)
            std::printf("    %s\n", state.delivered == 0 ? "not sent yet" : ("arrives since " + last).c_str());
    } else {
        std::printf("    delivered %zu, last %s; waiting %zu, scheduled %zu, failed %zu, dropped %zu\n", state.delivered, last.c_str(),
                    state.waiting, state.scheduled, state.failed, state.dropped);
    }
    if (!state.why.empty())
        std::printf("    %s since %s%s: %s\n", state.waiting > 0 ? "does not arrive" : "the newest failed", formatUtc(state.since).c_str(),
                    state.attempts > 1 ? (", attempt " + std::to_string(state.attempts)).c_str() : "", shown(state.why, 600).c_str());
}

void print(const OutboxRow &row)
{
    const auto fact = [&](const char *name) {
        const auto found = row.facts.find(name);
        return found == row.facts.end() ? std::string() : found->second;
    };
    std::printf("    %s  %-9s  %s  %s  %s%s%s\n", formatUtc(row.made).c_str(), nameOf(row.state), shown(row.key()).c_str(),
                shown(fact("event")).c_str(), shown(fact("path")).c_str(),
                row.attempts > 1 ? ("  (retry, attempt " + std::to_string(row.attempts) + ")").c_str() : "",
                row.why.empty() ? "" : ("  " + shown(row.why, 600)).c_str());
}

void printJson(const OutboxRow &row)
{
    std::string facts;
    for (const auto &[name, text] : row.facts)
        facts += (facts.empty() ? "" : ",") + jsonText(name) + ":" + jsonText(text);
    std::printf("{\"route\":%s,\"key\":%s,\"state\":%s,\"attempts\":%u,\"made\":%s,\"ended\":%s,\"why\":%s,\"facts\":{%s}}\n",
                jsonText(row.route).c_str(), jsonText(row.key()).c_str(), jsonText(nameOf(row.state)).c_str(), row.attempts,
                jsonText(row.made == NoTime ? "" : formatUtc(row.made)).c_str(),
                jsonText(row.ended == NoTime ? "" : formatUtc(row.ended)).c_str(), jsonText(row.why).c_str(), facts.c_str());
}

}

int routesCommand(const Arguments &arguments)
{
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    if (arguments.has("--test"))
        return testRoute(*stateFolder, arguments.value("--test"));
    const auto workspace = openWorkspace(arguments.value("--workspace"), *stateFolder);
    if (!workspace)
        return fail(workspace.error());
    std::vector<OutboxRow> rows;
    if (const auto reader = StateReader::open(*stateFolder)) { // without a state nothing was told yet
        auto outbox = (*reader)->outbox();
        if (!outbox)
            return fail(outbox.error());
        rows = *std::move(outbox);
    }
    if (arguments.has("--json")) {
        for (const OutboxRow &row : rows)
            printJson(row);
        return ExitDone;
    }
    const auto states = routeStates((*workspace)->routes, rows);
    if (states.empty())
        std::puts("nobody is told beyond the desk: there is no route in routes.yaml");
    for (const RouteState &state : states) {
        print(state);
        if (!arguments.has("--messages") || state.isHeartbeat)
            continue;
        std::vector<const OutboxRow *> newest;
        for (auto row = rows.rbegin(); row != rows.rend() && newest.size() < MostMessages; ++row)
            if (row->route == state.id)
                newest.push_back(&*row);
        for (const OutboxRow *row : newest)
            print(*row);
    }
    return ExitDone;
}

}
