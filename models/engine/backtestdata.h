#pragma once

#include "alarms/journal.h"
#include "core/source.h"
#include "state/commit.h"
#include "workspace/workspace.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace sg {

struct BacktestSeries
{
    std::string path;
    ValueKind kind = ValueKind::Number;
    SeriesView view;
};

// What a backtest runs over. Immutable while one runs; several may share it. A window makes it of its snapshot.
struct BacktestData
{
    std::vector<BacktestSeries> series;
    std::vector<KnownText> texts; // what the values of State series mean
    // SOURCE_LIVE, SOURCE_LOST, GAP, STARTED and STOPPED, oldest first: while a source was not heard, nothing is concluded from its
    // silence. Empty: every source is taken to have lived all the time.
    std::vector<JournalRow> standing;
    Time end = NoTime; // when the evaluator was last seen to run; NoTime: with the newest reading
    std::vector<Error> troubles; // damaged segments and the like; what is missing is missing in the result
    std::shared_ptr<const void> keeper; // of what the views stand on
};

// One source of which the range is read from its server, not out of the history.
struct BacktestSource
{
    SourceSpec spec;
    SourceKind kind;
    Time from{}, to{};
};

struct BacktestDataOptions
{
    std::string stateFolder; // read only, also while an evaluator runs on it; no state there: nothing of it, as long as there is a source
    std::vector<BacktestSource> sources;
    std::function<void(const Error &remark)> say; // how far a source's server is, some times a second
    std::stop_token stop;
    std::size_t memoryBytes = std::size_t(1) << 30U; // of what is read from servers; more than this is an error
};

// Any thread; takes as long as the servers do.
Result<BacktestData> readBacktestData(const Workspace &workspace, const BacktestDataOptions &options);

}
