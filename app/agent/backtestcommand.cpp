#include "agent/commands.h"
#include "agent/consenting.h"
#include "agent/longwork.h"
#include "catalog/catalog.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/backtest.h"
#include "export/occurrenceexport.h"

#include <algorithm>
#include <cstdio>

namespace sg {

namespace {

constexpr std::size_t MostListed = 1000; // occurrences on the screen; the CSV file has all

std::string until(Time t)
{
    return t == NoTime ? "still active" : formatUtc(t);
}

std::string number(std::uint64_t value)
{
    std::string out = std::to_string(value);
    for (std::size_t at = out.size(); at > 3; at -= 3)
        out.insert(at - 3, ",");
    return out;
}

std::string share(Micros part, Micros whole)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f %%",
                  whole.count() > 0 ? 100.0 * static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0.0);
    return text;
}

Result<Workspace> readRules(const std::string &folder)
{
    // Rules as they stand in the files: what ran last is no help to who compares versions.
    auto workspace = readWorkspace(folder, sourceCatalog());
    if (!workspace)
        return workspace;
    for (const Error &error : workspace->errors)
        std::fprintf(stderr, "%s\n", error.plain().c_str());
    return workspace;
}

Micros longestMemory(const Workspace &workspace)
{
    Micros longest{0};
    if (workspace.rules)
        for (const auto &rule : workspace.rules->rules)
            longest = std::max(longest, memoryOf(*workspace.rules, *rule));
    return longest + std::chrono::minutes(1);
}

Result<std::vector<BacktestSource>> serversOf(const std::string &ids, const Workspace &workspace, const Consents &consents, Time from,
                                              Time to)
{
    std::vector<BacktestSource> out;
    for (std::size_t at = 0; at < ids.size();) {
        const std::size_t end = std::min(ids.find(',', at), ids.size());
        const std::string id = ids.substr(at, end - at);
        at = end + 1;
        const auto spec
            = std::find_if(workspace.sources.begin(), workspace.sources.end(), [&](const SourceSpec &one) { return one.id == id; });
        if (spec == workspace.sources.end())
            return Error{SG_TR("--source: the workspace has no source '%1'"), {id}, {}};
        if (const auto waits = consents.whyItWaits(*spec))
            return *waits;
        const auto kind = sourceCatalog().find(spec->kind);
        if (kind == sourceCatalog().end())
            return Error{SG_TR("--source: nothing is known of the kind '%1' of source '%2'"), {spec->kind, id}, {}};
        out.push_back({*spec, kind->second, from, to});
    }
    if (!out.empty() && from == NoTime)
        return Error{SG_TR("--source needs --from: how far back its server is to be read"), {}, {}};
    return out;
}

void print(const BacktestResult &result, const char *what)
{
    std::printf("%s: %s to %s (%s%s), %s samples in %.2f s\n", what, formatUtc(result.from).c_str(), formatUtc(result.to).c_str(),
                formatDuration(result.to - result.from).c_str(),
                result.watched < result.to - result.from ? (", watched " + formatDuration(result.watched)).c_str() : "",
                number(result.samples).c_str(), result.seconds);
    if (result.isStopped)
        std::printf("stopped at %s: what follows is up to there\n", formatUtc(result.reached).c_str());
    for (const NotHeard &one : result.notHeard)
        std::printf("not heard  %-16s  %s to %s (%s)  %s\n", one.source.empty() ? "everything" : shown(one.source).c_str(),
                    formatUtc(one.from).c_str(), formatUtc(one.to).c_str(), formatDuration(one.to - one.from).c_str(), one.why.c_str());
    std::printf("\n%-24s  %11s  %9s  %14s  %9s\n", "rule", "occurrences", "a day", "time active", "of time");
    for (const BacktestRule &rule : result.rules)
        std::printf("%-24s  %11zu  %9.2f  %14s  %9s%s\n", shown(rule.rule).c_str(), rule.occurrences, rule.aDay,
                    formatDuration(rule.active).c_str(), share(rule.active, result.reached - result.from).c_str(),
                    rule.stillActive > 0 ? "  still active" : "");
    if (result.alreadyActive > 0)
        std::printf("%zu were active when the range began and are not counted\n", result.alreadyActive);
}

void list(const BacktestResult &result)
{
    std::printf("\n%-24s  %-24s  %-10s  %-24s  %s\n", "begin", "end", "level", "rule", "alarm");
    for (std::size_t i = 0; i < std::min(result.occurrences.size(), MostListed); ++i) {
        const Occurrence &one = result.occurrences[i];
        std::printf("%-24s  %-24s  %-10s  %-24s  %s\n", formatUtc(one.begin).c_str(), until(one.end).c_str(), nameOf(one.highest),
                    shown(one.rule).c_str(), shown(one.path()).c_str());
    }
    if (result.occurrences.size() > MostListed)
        std::printf("... and %zu more; --csv FILE has all\n", result.occurrences.size() - MostListed);
}

void list(const std::vector<OccurrenceChange> &changes)
{
    std::size_t counts[3] = {};
    for (const OccurrenceChange &change : changes)
        ++counts[static_cast<std::size_t>(change.kind)];
    std::printf("\nthe edited rules add %zu, remove %zu and shift %zu occurrences\n", counts[0], counts[1], counts[2]);
    for (std::size_t i = 0; i < std::min(changes.size(), MostListed); ++i) {
        const OccurrenceChange &change = changes[i];
        const Occurrence &one = change.kind == OccurrenceChange::Kind::Added ? change.after : change.before;
        std::printf("%-8s %s  %s  %s to %s %s", nameOf(change.kind), shown(one.rule).c_str(), shown(one.path()).c_str(),
                    formatUtc(one.begin).c_str(), until(one.end).c_str(), nameOf(one.highest));
        if (change.kind == OccurrenceChange::Kind::Shifted)
            std::printf(" -> %s to %s %s", formatUtc(change.after.begin).c_str(), until(change.after.end).c_str(),
                        nameOf(change.after.highest));
        std::puts("");
    }
    if (changes.size() > MostListed)
        std::printf("... and %zu more; --csv FILE has all\n", changes.size() - MostListed);
}

ExportOptions exportOptions(const Arguments &arguments, const Workspace &workspace, const BacktestResult &result)
{
    ExportOptions options;
    options.path = arguments.value("--csv");
    options.zone = "UTC";
    options.version = SG_VERSION;
    options.workspace = workspace.name;
    options.made = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    options.filter = arguments.has("--rule") ? "rule " + arguments.value("--rule") : "all rules";
    if (result.isStopped)
        options.filter += ", stopped at " + formatUtc(result.reached);
    return options;
}

// One version after the other, each a part of the whole on the progress line.
Result<BacktestResult> runVersion(const Workspace &workspace, const BacktestData &data, BacktestOptions options, ProgressLine &line,
                                  int version, int versions)
{
    options.progress = [&line, version, versions](const BacktestProgress &progress) {
        line.tell((version + progress.share) / versions,
                  formatUtc(progress.at, false) + "  " + number(progress.samples) + " samples, " + std::to_string(progress.occurrences)
                      + " occurrences");
    };
    auto result = runBacktest(workspace, data, options);
    line.end();
    if (result)
        for (const Error &trouble : result->troubles)
            std::fprintf(stderr, "%s\n", trouble.plain().c_str());
    return result;
}

int finish(const Arguments &arguments, const Result<Exported> &exported, bool isStopped)
{
    if (!exported)
        return fail(exported.error());
    if (arguments.has("--csv"))
        std::printf("%llu rows in %s\n", static_cast<unsigned long long>(exported->rows), arguments.value("--csv").c_str());
    return isStopped ? ExitStopped : ExitDone;
}

}

int backtestCommand(const Arguments &arguments)
{
    if (arguments.rest.size() > 1 || (!arguments.rest.empty() && arguments.has("--workspace"))) {
        std::fprintf(stderr, "usage: sightglass-agent backtest [WORKSPACE] [options]\n");
        return ExitUsage;
    }
    Interrupt interrupt;
    Arguments known = arguments;
    if (!arguments.rest.empty())
        known.values["--workspace"] = arguments.rest.front();
    std::string folder = known.value("--workspace");
    if (folder.empty()) {
        const auto demo = demoFolder();
        if (!demo)
            return fail(demo.error());
        folder = *demo;
    }
    const auto stateFolder = stateFolderOf(known);
    const auto workspace = readRules(folder);
    const auto from = timeOption(arguments, "--from", NoTime), to = timeOption(arguments, "--to", Time::max());
    if (!stateFolder)
        return fail(stateFolder.error());
    if (!workspace)
        return fail(workspace.error());
    if (!from || !to)
        return fail(!from ? from.error() : to.error());
    if (*from >= *to)
        return fail({SG_TR("--from lies behind --to: there is nothing between them"), {}, {}});
    std::optional<Workspace> edited;
    if (arguments.has("--with")) {
        auto read = readRules(arguments.value("--with"));
        if (!read)
            return fail(read.error());
        edited = std::move(*read);
    }

    ProgressLine line;
    const Time now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    const Micros memory = std::max(longestMemory(*workspace), edited ? longestMemory(*edited) : Micros(0));
    BacktestDataOptions where;
    where.stateFolder = *stateFolder;
    where.stop = interrupt.token();
    where.say = [&line](const Error &remark) { line.tell(-1, remark.plain()); };
    const auto consents = arguments.has("--source") ? consentsFor(arguments, *workspace) : Consents();
    if (!consents)
        return fail(consents.error());
    auto servers
        = serversOf(arguments.value("--source"), *workspace, *consents, *from == NoTime ? NoTime : *from - memory, std::min(*to, now));
    if (!servers)
        return fail(servers.error());
    where.sources = std::move(*servers);
    const auto data = readBacktestData(*workspace, where);
    line.end();
    if (!data)
        return fail(data.error());
    if (interrupt.came()) { // what came so far would give a result that looks whole
        std::puts("stopped while the readings were read: nothing was run");
        return ExitStopped;
    }

    BacktestOptions options;
    options.from = *from;
    options.to = *to;
    options.rule = arguments.value("--rule");
    options.stop = interrupt.token();
    const auto result = runVersion(*workspace, *data, options, line, 0, edited ? 2 : 1);
    if (!result)
        return fail(result.error());
    print(*result, shown(workspace->name).c_str());
    if (!edited) {
        list(*result);
        const auto exported = arguments.has("--csv")
            ? exportOccurrences(result->occurrences, result->from, result->to, exportOptions(arguments, *workspace, *result))
            : Exported();
        return finish(arguments, exported, result->isStopped);
    }
    if (result->isStopped)
        return ExitStopped;
    // Both run over the same time, whatever else one of them looks at.
    options.from = result->from;
    options.to = result->to;
    const auto other = runVersion(*edited, *data, options, line, 1, 2);
    if (!other)
        return fail(other.error());
    std::puts("");
    print(*other, (shown(edited->name) + ", edited").c_str());
    if (other->isStopped)
        return ExitStopped;
    const auto changes = differences(result->occurrences, other->occurrences);
    list(changes);
    const auto exported = arguments.has("--csv")
        ? exportChanges(changes, other->from, other->to, exportOptions(arguments, *workspace, *other))
        : Exported();
    return finish(arguments, exported, false);
}

}
