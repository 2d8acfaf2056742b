#pragma once

#include "engine/backtest.h"

namespace sg {

struct AdviceOptions
{
    Time from = NoTime;
    Time to = Time::max();
    // From the running thread: 0 to 1 of all runs, and which one ("on_delay 5 s, deadband 2").
    std::function<void(double share, const std::string &variant)> progress;
    std::stop_token stop;
};

// What an operator did within an occurrence: he acted on it, so taking it away takes something from him.
struct ActedOn
{
    Occurrence occurrence;
    std::string what, by; // "ACKNOWLEDGED", "ann@desk-3"
    Time when = NoTime;
    bool isMerged = false; // in the row it is asked for: it is not gone, the raise before it lasts until then
};

// One row of the table: the rule with this delay and this deadband, over the same readings.
struct AdviceRow
{
    Micros onDelay{0};
    std::optional<double> deadband; // none: as the rule has it
    std::size_t raises = 0; // that are left
    double removed = 0; // share of the raises that go, 0 to 1
    Micros cost{0}, mostCost{0}; // of detection, mean and most, of the raises that stay
    std::vector<ActedOn> lost; // raises that an operator acted on and that go
    bool isBest = false; // no other row removes as much for less delay and fewer acted on
};

struct Advice
{
    std::string rule;
    Time from{}, to{};
    std::uint64_t samples = 0;
    std::vector<Occurrence> occurrences; // of the rule as it is
    std::vector<ActedOn> acted;
    Micros onDelay{0}; // of the rule as it is, the least of its levels
    Micros mostDelay{0}; // no row has more: 20 % of respond_within, or the cap where the rule has none
    bool hasRespondWithin = false;
    double noise = 0; // standard deviation of the readings from one to the next; 0: not known, no deadband is tried
    std::vector<AdviceRow> rows; // by delay, then deadband; the first is the rule as it is
    bool isStopped = false;
    std::vector<Error> troubles;
};

// What operators did with the alarms of one rule, out of a state folder's journal; also while an evaluator writes there.
Result<std::vector<JournalRow>> actsOn(const std::string &rule, const std::string &stateFolder, std::stop_token stop = {});

// The deadband and on-delay that would have removed x % of the raises of a rule at the cost of y s of detection, by running the rule
// with each of them over stored readings. `journal` holds what operators did; only records of this rule count. A deadband that a
// limit table has for a key stays as it is in every row: it would stay, too, if the row's values were written into the rule.
Result<Advice> advise(const Workspace &workspace, const BacktestData &data, std::span<const JournalRow> journal, const std::string &rule,
                      const AdviceOptions &options);

}
