#pragma once

#include "alarms/alarmengine.h"
#include "state/outbox.h"
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
// Rows of one series that are kept for good: compressed, see store/chunkbytes.h.
struct StoredChunk
{
    SeriesId series{};
    std::int64_t place = 0; // its name for ever, >= 0
    ChunkSummary summary;
    // Rows of this series up to summary.last are all in chunks when they came in segments up to this one; what came in later ones is late.
    std::uint64_t upTo = 0;
    std::string bytes;
    std::vector<std::int64_t> replaces; // chunks whose rows are in this one
};
struct Retention // of the history on disk, by whole chunks; the journal is not touched by it
{
    Time from = NoTime; // chunks that ended before go; NoTime: no bound
    std::uint64_t bytes = 0; // of all chunks, the oldest go; 0: no bound
};
struct TimingState // one blob by name: a source's clocks (clockwatch.h), with `+` in front its promises (contracts.h), or with `*`
                   // AlarmEngine::Facts
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
    std::vector<OutboxRow> outbox; // new or changed, each id once
    std::vector<KnownSeries> series; // new ones
    std::vector<KnownText> texts; // new ones
    std::vector<StoredRow> rows; // readings since the last commit, those still waiting in the reorder buffer included
    std::vector<StoredRow> waiting; // the whole reorder buffer: replaces the one before
    std::uint64_t segment = 0; // number of the last segment that `rows` become, see segmentsFor(); 0: the next free one
    std::vector<StoredChunk> chunks;
    std::vector<std::int64_t> freed; // chunks that are needed no more
    std::vector<StoredRow> held; // the newest row of series whose other rows are all in chunks
    std::uint64_t coveredBelow = 0; // segments below this number are needed no more: their rows are in chunks or held
    Retention retention;
    bool isUpkeep = false; // time to tidy the file, also when nothing else happened
    std::shared_ptr<const RuleSet> rules; // set when another version took effect: its texts, so that a restart has them
    std::map<std::string, std::vector<std::string>> pathLabels; // of the workspace that runs; written with `rules`
    Time reference = NoTime; // when, on the reference clock
    bool isWatching = true; // false: an action on the state alone, by a process that watches nothing
    bool isUrgent = false; // an operator waits for it
    bool isTransition = false; // commit within 20 ms

    [[nodiscard]] bool isEmpty() const;
    // Takes what came later into this one, which could not be written. Readings beyond `maxRows` are dropped oldest first and
    // counted; journal rows never. The store offers chunks that were not written again, so only those of `later` stay.
    std::size_t merge(Commit &&later, std::size_t maxRows);
};

// How many segments a commit of so many readings makes: a blob of more would only make one damaged page cost more of them.
constexpr std::size_t SegmentRows = 1'000'000;
constexpr std::uint64_t segmentsFor(std::size_t rows)
{
    return (rows + SegmentRows - 1) / SegmentRows;
}

}
