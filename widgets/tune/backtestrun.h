#pragma once

#include "engine/backtest.h"
#include "widgets/tune/longwork.h"

namespace sg {

struct BacktestJob
{
    std::shared_ptr<const Workspace> workspace;
    std::shared_ptr<const Rule> draft;
    std::shared_ptr<const Rule> saved; // null: the rule is new
    std::string stateFolder;
    Time from = NoTime;
    Time to = Time::max();
    std::size_t mostOccurrences = 200'000; // of a version; the comparison ends for both where one of them has more
};

struct BacktestVersion // one rule over the range
{
    BacktestRule sums;
    std::vector<Occurrence> occurrences; // by begin
    std::size_t alreadyActive = 0; // when the range began, with the rules it looks at
};

struct BacktestAnswer
{
    Time from{}, to{};
    Micros watched{0};
    std::uint64_t samples = 0;
    std::optional<BacktestVersion> saved;
    BacktestVersion draft;
    std::vector<OccurrenceChange> changes; // from saved to draft; empty without saved
    std::vector<NotHeard> notHeard;
    std::vector<Error> troubles;
};

// The saved version of a rule and its draft over the same stored readings, by the engine that judges live. The history is read as of one
// instant beside the evaluator, be it in this process or another. A worker's thread; stopped, there is no answer.
Result<std::optional<BacktestAnswer>> runVersions(const BacktestJob &job, std::stop_token stop, const LongWork::Tell &tell);

// The workspace with this rule in place of the one of its id, or beside the others.
Workspace withRule(const Workspace &workspace, std::shared_ptr<const Rule> rule);

}
