#pragma once

#include "alarms/alarmengine.h"
#include "store/seriesstore.h"

namespace sg {

struct KnownSeries
{
    SeriesId id{};
    std::string path;
    ValueKind kind = ValueKind::Number;
};
struct StoredRow
{
    SeriesId series{};
    Row row;
};
struct KnownText
{
    std::uint32_t code = 0;
    std::string text;
};
struct TimingState // Timing's own bytes of one source: newest stamps, usual delays
{
    std::string source;
    std::string bytes;
};

// Everything that changed since the last one, as a value: SQLite writes it today, something else may write the same tomorrow.
// A journal row is never in another commit than the positions and instances it belongs to.
struct Commit
{
    std::map<std::string, Positions> positions; // by source id; only the streams that moved
    std::vector<InstanceState> instances;
    std::vector<JournalRow> journal;
    std::vector<TimingState> timing;
    std::vector<KnownSeries> series; // new ones
    std::vector<KnownText> texts; // new ones
    std::vector<StoredRow> rows; // readings since the last commit, those still waiting in the reorder buffer included
    std::vector<StoredRow> waiting; // the whole reorder buffer: replaces the one before
    std::shared_ptr<const RuleSet> rules; // set when another version took effect: its texts, so that a restart has them
    Time reference = NoTime; // when, on the reference clock
    bool isWatching = true; // false: an action on the state alone, by a process that watches nothing
    bool isUrgent = false; // an operator waits for it
    bool isTransition = false; // commit within 20 ms

    [[nodiscard]] bool isEmpty() const;
    // Takes what came later into this one, which could not be written. Readings beyond `maxRows` are dropped oldest first and
    // counted; journal rows never.
    std::size_t merge(Commit &&later, std::size_t maxRows);
};

}
