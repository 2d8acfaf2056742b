#pragma once

#include "engine/snapshot.h"
#include "state/statefile.h"

namespace sg {

// Why an alarm is as it is, as the agent and the window say it: facts, samples and the chain of transitions. How a time and a sentence
// become text is the caller's. Pure but for explainedSamples(), which may read the disk: not on a UI thread.
struct ExplainWords
{
    std::function<std::string(Time)> clock;
    std::function<std::string(const Error &)> say;
    std::string unit{}; // of the series that it watches
};
struct ExplainedFact
{
    const char *what = ""; // SG_TR, one word
    std::string text; // may hold text from outside
};
// What is empty is left out. `now` is the reference time of the snapshot.
std::vector<ExplainedFact> explainAlarm(const AlarmView &alarm, Time now, const ExplainWords &words);

// What a record of its journal means, where its name alone does not say it: SG_TR, "" for one that needs no words.
const char *meaningOf(std::string_view event);

// The series that it watches; null: a whole key, or several.
const SeriesRow *explainedSeries(const Snapshot &snapshot, const AlarmView &alarm);
std::string explainedUnit(const SeriesRow *series);
struct ExplainedSample
{
    Time t{};
    std::string text; // "" for no value
    Quality quality = Quality::Good;
    bool isRaise = false; // this one raised it
};
// The last ones before the raise (else before now) and the first ones after it.
std::vector<ExplainedSample> explainedSamples(const Snapshot &snapshot, const SeriesRow &series, const AlarmView &alarm);

// Its transitions: what to ask the journal for, and what of the answer is about this alarm, oldest first.
JournalQuery explainedChain(const AlarmView &alarm);
void keepExplainedChain(std::vector<JournalRow> &rows, const AlarmView &alarm);

}
