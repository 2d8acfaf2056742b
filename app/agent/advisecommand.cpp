#include "agent/commands.h"
#include "agent/longwork.h"
#include "catalog/catalog.h"

#include "core/text.h"
#include "core/times.h"
#include "engine/advisor.h"

#include <algorithm>
#include <cstdio>

namespace sg {

namespace {

void print(const Advice &advice, bool isAll)
{
    std::printf("rule %s, %s to %s (%s): %zu raises, %zu of them an operator acted on\n", shown(advice.rule).c_str(),
                formatUtc(advice.from).c_str(), formatUtc(advice.to).c_str(), formatDuration(advice.to - advice.from).c_str(),
                advice.occurrences.size(), advice.acted.size());
    if (advice.hasRespondWithin)
        std::printf("no delay above %s, which is 20 %% of respond_within\n", formatDuration(advice.mostDelay).c_str());
    else
        std::printf("the rule has no respond_within, so no delay above %s is tried\n", formatDuration(advice.mostDelay).c_str());
    if (advice.noise > 0)
        std::printf("noise of the readings: %s (standard deviation from one to the next)\n", formatNumber(advice.noise).c_str());
    std::printf("\n%-10s  %-10s  %8s  %9s  %-22s  %s\n", "on_delay", "deadband", "raises", "removed", "found later (mean, most)",
                "acted on, removed");
    std::size_t hidden = 0;
    for (std::size_t i = 0; i < advice.rows.size(); ++i) {
        const AdviceRow &row = advice.rows[i];
        if (i > 0 && !isAll && !row.isBest) {
            ++hidden;
            continue;
        }
        const std::string later = formatDuration(row.cost) + ", " + formatDuration(row.mostCost);
        std::printf("%-10s  %-10s  %8zu  %7.1f %%  %-24s  %zu%s\n", formatDuration(row.onDelay).c_str(),
                    row.deadband ? formatNumber(*row.deadband).c_str() : "as it is", row.raises, 100 * row.removed, later.c_str(),
                    row.lost.size(), i == 0 ? "  (as it is)" : "");
        for (const ActedOn &one : row.lost)
            std::printf("    would not have been raised: %s  %s  %s by %s%s\n", formatUtc(one.occurrence.begin).c_str(),
                        shown(one.occurrence.path()).c_str(), one.what.c_str(), shown(one.by).c_str(),
                        one.isMerged ? "  (the raise before lasts until then)" : "");
    }
    if (hidden > 0)
        std::printf("%zu rows that remove no more for a longer delay are left out; --all shows them\n", hidden);
}

}

int adviseCommand(const Arguments &arguments)
{
    if (arguments.rest.size() != 1) {
        std::fprintf(stderr, "usage: sightglass-agent advise RULE [options]\n");
        return ExitUsage;
    }
    Interrupt interrupt;
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const auto workspace = openWorkspace(arguments.value("--workspace"), *stateFolder);
    const auto from = timeOption(arguments, "--from", NoTime), to = timeOption(arguments, "--to", Time::max());
    if (!workspace)
        return fail(workspace.error());
    if (!from || !to)
        return fail(!from ? from.error() : to.error());
    BacktestDataOptions where;
    where.stateFolder = *stateFolder;
    const auto data = readBacktestData(**workspace, where);
    if (!data)
        return fail(data.error());
    const auto acts = actsOn(arguments.rest.front(), *stateFolder);
    if (!acts)
        return fail(acts.error());
    ProgressLine line;
    AdviceOptions options;
    options.from = *from;
    options.to = *to;
    options.stop = interrupt.token();
    options.progress = [&line](double share, const std::string &variant) { line.tell(share, variant); };
    const auto advice = advise(**workspace, *data, *acts, arguments.rest.front(), options);
    line.end();
    if (!advice)
        return fail(advice.error());
    for (const Error &trouble : advice->troubles)
        std::fprintf(stderr, "%s\n", trouble.plain().c_str());
    print(*advice, arguments.has("--all"));
    if (advice->isStopped)
        std::puts("stopped: the table is not whole");
    return advice->isStopped ? ExitStopped : ExitDone;
}

}
