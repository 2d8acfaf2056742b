#include "engine/backtestdata.h"

#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/evaluator.h"
#include "engine/historyload.h"
#include "state/historyreader.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace sg {

namespace {

const SeriesId Nobody{std::numeric_limits<std::uint32_t>::max()};

// The evaluator only keeps and sorts readings here: it has no rules, and nothing of it is ever written.
Evaluator::Limits limitsOf(std::size_t storeBytes)
{
    Evaluator::Limits limits;
    limits.storeBytes = storeBytes;
    limits.history.every = std::chrono::hours(24 * 365);
    limits.history.backlogRows = limits.history.backlogRowsASeries = std::size_t(1) << 40U;
    limits.history.backlogSegments = std::size_t(1) << 40U;
    return limits;
}

// What is to come from servers is left out of the stored history.
void drop(Saved &saved, const std::set<std::string, std::less<>> &sources)
{
    if (sources.empty())
        return;
    std::set<SeriesId> gone;
    for (const KnownSeries &known : saved.whole.series)
        if (sources.contains(sourceOf(known.path)))
            gone.insert(known.id);
    for (std::vector<StoredRow> *rows : {&saved.whole.rows, &saved.whole.held})
        for (StoredRow &row : *rows)
            if (gone.contains(row.series))
                row.series = Nobody;
    std::erase_if(saved.chunks, [&](const KnownChunk &chunk) { return gone.contains(chunk.series); });
}

Result<std::vector<JournalRow>> standingOf(const std::string &folder)
{
    const auto reader = StateReader::open(folder);
    if (!reader)
        return reader.error();
    std::vector<JournalRow> out;
    const auto read = forEachRecord(**reader, {}, [&out](JournalRow &&row) {
        for (const char *event : {"SOURCE_LIVE", "SOURCE_LOST", "GAP", "STARTED", "STOPPED"})
            if (row.event == event) {
                out.push_back(std::move(row));
                return;
            }
    });
    return read ? Result<std::vector<JournalRow>>(std::move(out)) : read.error();
}

Result<Done> readServer(Evaluator &evaluator, const BacktestSource &source, const BacktestDataOptions &options, BacktestData &data)
{
    const SourceId id = evaluator.open(source.spec, true);
    Doorbell bell;
    HistoryLoad load(source.spec, source.kind, bell, {}, source.from, source.to);
    while (!load.isOver()) {
        bell.waitUntil(Mono::clock::now() + Millis(200));
        for (Batch &batch : load.take()) {
            evaluator.takeHistory(id, std::move(batch));
            static_cast<void>(evaluator.collect(Mono::clock::now()));
        }
        if (evaluator.store().bytes() > options.memoryBytes / 10 * 9)
            return Error{SG_TR("source '%1': what its server holds of this range is more than fits into %2 MB; ask for a shorter one"),
                         {source.spec.id, std::to_string(options.memoryBytes >> 20U)},
                         {}};
        if (options.stop.stop_requested())
            load.requestStop();
        if (options.say && load.hasNews())
            options.say(load.remark());
    }
    evaluator.endHistory(id);
    if (const auto failed = load.failure(); failed && !options.stop.stop_requested())
        data.troubles.push_back({SG_TR("source '%1' did not give all of the range: %2"), {source.spec.id, failed->plain()}, {}});
    return Done();
}

}

Result<BacktestData> readBacktestData(const Workspace &workspace, const BacktestDataOptions &options)
{
    BacktestData data;
    Saved saved;
    std::error_code ignored;
    const bool hasState = !options.stateFolder.empty() && std::filesystem::exists(options.stateFolder + "/state.db", ignored);
    if (hasState || options.sources.empty()) {
        auto read = readHistory(options.stateFolder);
        if (!read)
            return read.error();
        saved = std::move(*read);
        auto standing = standingOf(options.stateFolder);
        if (!standing)
            return standing.error();
        data.standing = std::move(*standing);
    }
    data.end = saved.lastSeen;
    data.troubles = saved.troubles;
    std::set<std::string, std::less<>> fromServers;
    for (const BacktestSource &source : options.sources)
        fromServers.insert(source.spec.id);
    drop(saved, fromServers);

    const Mono now = Mono::clock::now();
    auto evaluator
        = std::make_shared<Evaluator>(now, std::chrono::floor<Micros>(std::chrono::system_clock::now()), limitsOf(options.memoryBytes));
    evaluator->restore(std::move(saved));
    auto names = std::make_shared<Workspace>();
    names->pathLabels = workspace.pathLabels;
    evaluator->apply(names, true, {}, {}, now);
    for (const BacktestSource &source : options.sources)
        if (const auto read = readServer(*evaluator, source, options, data); !read)
            return read.error();

    const auto snapshot = evaluator->snapshot(now);
    for (std::size_t n = 0; n < snapshot->series.size(); ++n)
        if (const SeriesRow &row = snapshot->series.at(n); row.path && row.kind != ValueKind::Document)
            data.series.push_back({*row.path, row.kind, row.view});
    for (std::size_t code = 0; code < snapshot->texts.size(); ++code)
        data.texts.push_back({static_cast<std::uint32_t>(code), *snapshot->texts.at(code)});
    data.keeper = evaluator;
    return data;
}

}
