#pragma once

#include "alarms/occurrences.h"
#include "engine/backtestdata.h"
#include "engine/rulechoice.h"

namespace sg {

struct BacktestProgress
{
    double share = 0; // 0 to 1
    Time at = NoTime; // how far
    std::uint64_t samples = 0;
    std::size_t occurrences = 0;
};

struct BacktestOptions
{
    Time from = NoTime; // NoTime: with the first reading
    Time to = Time::max(); // Time::max(): BacktestData::end, else with the newest reading
    std::string rule; // only this one (and what it looks at); empty: all
    std::function<void(const BacktestProgress &)> progress; // from the running thread, about ten times a second, and at the end
    std::stop_token stop;
    std::size_t mostOccurrences = 2'000'000; // ends there, like stopped
};

// When a source was not heard, so nothing was concluded from its silence; that time is not counted as watched.
struct NotHeard
{
    std::string source; // empty: nobody watched at all
    Time from{}, to{};
    std::string why; // the record that says so: GAP, SOURCE_LOST, STOPPED
};

struct BacktestRule // one row of the table
{
    std::string rule, name;
    std::size_t occurrences = 0, stillActive = 0; // that began in the range; of these, that have no end in it
    Micros active{0}; // of all its alarms, within the range
    double aDay = 0; // occurrences in a day that was watched
};

struct BacktestResult
{
    Time from{}, to{}; // what was asked for, with ends
    Time reached{}; // == to, unless stopped
    bool isStopped = false; // by its stop_token, or at mostOccurrences
    std::uint64_t samples = 0; // that were judged
    double seconds = 0; // it took
    std::vector<Occurrence> occurrences; // that began in the range, in this order
    std::size_t alreadyActive = 0; // when the range began: not among them
    std::vector<BacktestRule> rules; // all that ran, in the order of the workspace
    std::vector<NotHeard> notHeard;
    Micros watched{0}; // of the range, without the times at which nobody watched or every source was away
    std::vector<Error> troubles;
};

// The rules of a workspace over readings of the past, by the engine that judges live: the same occurrences (rule, key, begin, end,
// highest level) as were journaled then, as far as readings tell. What they do not tell: signs of life without a value, retained
// messages, what operators did (a state_change that clears by an acknowledgement never clears), and of late readings when they came (they
// count right behind the next one in order; what is read from a server again has no late ones). Rules by arrival take a reading's time
// for its arrival. Before `from` the rules' longest memory is run through, so that windows are full when it begins.
//
// Pure but for the chunks it reads; any thread but the UI's. Nothing is written anywhere.
Result<BacktestResult> runBacktest(const Workspace &workspace, const BacktestData &data, const BacktestOptions &options);

// How far back of an instant a rule looks: its windows, timeouts and delays, and those of the rules it looks at.
Micros memoryOf(const RuleSet &rules, const Rule &rule);

}
