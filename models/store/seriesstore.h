#pragma once

#include "core/types.h"
#include "store/chunksummary.h"
#include "store/coldchunks.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sg {

// One stored value. A row with NaN breaks the line of a chart; with Quality::Bad it is a bad value or a gap.
struct Row
{
    Time t{};
    double value = 0;
    Quality quality = Quality::Good;
    bool isLate = false; // it arrived later than the lateness of its source allows; says nothing of the value
};

class FarRows;
struct Chunk; // sealed, immutable, with its min/max pyramid: see chunk.h
// Append-only; rows below the length in a SeriesView never change. Blocks grow with their head, so that a series of one row stays
// small and a busy one needs few blocks. Read it through columns.h: a row that is followed by one of the same time was replaced.
struct HeadBlock
{
    explicit HeadBlock(std::uint32_t room)
        : capacity(room)
        , rows(std::make_unique<Row[]>(room))
    {
    }

    const std::uint32_t capacity;
    const std::unique_ptr<Row[]> rows;
    std::shared_ptr<HeadBlock> next; // readers follow it only when headRows reaches beyond this block
};

// What a reader sees of one series. A value: copy it to any thread. Readers never look past headRows, so appending needs neither
// lock nor atomic. Rows are in time order within the sealed chunks and within the head.
struct SeriesView
{
    std::shared_ptr<const std::vector<std::shared_ptr<const Chunk>>> sealed;
    std::shared_ptr<const HeadBlock> head;
    std::uint32_t headRows = 0;
    std::shared_ptr<const FarRows> far; // set: another process keeps the rows, see farrows.h, and the rest is empty
};

// A chunk that is on disk only.
struct ColdChunk
{
    ChunkSummary summary;
    std::int64_t place = NoPlace;
};

// A chunk that is not on disk as yet.
struct SealedChunk
{
    SeriesId series{};
    std::shared_ptr<const Chunk> chunk;
    std::vector<std::int64_t> replaces; // places of stored chunks whose rows it holds as well: free them in the transaction that stores it
};

// All samples of all series in memory. Ingest thread only; readers get SeriesViews.
class SeriesStore
{
public:
    SeriesStore();
    ~SeriesStore();

    // Of a series whose source tells its results again (revisions: replace): the last arrival wins and is no conflict.
    void setRevised(SeriesId series, bool isRevised);
    // Rows in time order, none older than the newest of this series (the reorder buffer sees to it). The same time again: the last
    // arrival wins and is counted.
    void append(SeriesId series, std::span<const Row> inOrder);
    // Rows older than the newest, in any order: merged into new blocks at once when few rows have to move, else kept apart until enough
    // rows have arrived to pay for it, at the latest when the head is sealed. Rows kept apart are not seen by views.
    void insertLate(SeriesId series, std::span<const Row> late);
    void showLate(SeriesId series); // merges the rows kept apart now, whatever it costs
    [[nodiscard]] SeriesView view(SeriesId series) const;
    [[nodiscard]] std::optional<Row> newest(SeriesId series) const;
    // Oldest first, until about `bytes` remain: chunks on disk turn cold, others are dropped; then heads; then cold chunks are forgotten.
    // The newest row of a series always stays.
    void retain(std::size_t bytes);
    // Drops the chunks, cold ones too, that ended before `oldest`. Places on disk are their owner's to free.
    void retainSince(Time oldest);

    // History on disk. Nothing of this is needed without it.
    // Cold chunks are read through `loader`, and their rows kept in a cache of `cacheBytes` beside bytes(). Once, before the others.
    void setHistory(std::shared_ptr<ChunkLoader> loader, std::size_t cacheBytes);
    // What an earlier run stored: time order, older than anything the series has. Takes no rows into memory.
    void restoreCold(SeriesId series, std::span<const ColdChunk> oldestFirst);
    // All chunks that are not stored as yet, in time order for each series; those of a failed write come again. Note what was written
    // before taking again. Call it seldom, e.g. once in some seconds: a chunk that was joined with its neighbour between two calls is
    // never written.
    [[nodiscard]] std::vector<SealedChunk> takeSealed();
    // It is durable: under memory pressure it turns cold instead of being dropped. False: the store has dropped it, free the place.
    bool noteStored(SeriesId series, const std::shared_ptr<const Chunk> &chunk, std::int64_t place);
    // Seals heads whose oldest row is older than `t`, all but the newest row: what is then not in a chunk is younger, but for a newest row.
    // Late rows that were kept apart are merged whatever their time is.
    void sealOlder(Time t);
    // A part of that: begins with the series `from` and stops when about `rows` rows were coded. Where to go on; nothing: it is through.
    std::optional<SeriesId> sealOlder(Time t, SeriesId from, std::size_t rows);
    // Every row it has up to `t` is in a chunk, stored or to be: none waits beside them, none is in the head.
    [[nodiscard]] bool isSealed(SeriesId series, Time t) const;
    [[nodiscard]] std::vector<ChunkFault> takeFaults(); // of cold chunks that were read, see ChunkCache
    [[nodiscard]] const std::shared_ptr<ChunkCache> &cache() const { return m_cache; }

    [[nodiscard]] std::size_t bytes() const; // heads, chunks in memory, summaries of cold ones
    [[nodiscard]] std::uint64_t rows() const; // that views see, replaced ones not counted
    [[nodiscard]] std::uint64_t conflicts() const; // same time, other value, where nobody said that it replaces the first

    [[nodiscard]] std::uint64_t lateLost() const { return m_lateLost; } // rows for a chunk that could not be read back to take them

private:
    struct Series;
    struct Change;
    Series &at(SeriesId series);
    void push(Series &s, const Row &row);
    void startHead(Series &s, std::span<const Row> rows);
    void seal(Series &s, bool isWhole);
    void mergeLate(Series &s);
    void addLate(Series &s, const Row &row);
    void put(Series &s, Change change); // the chunks as they are now; the bytes of chunks are counted by who changes them
    void dropHead(Series &s);
    [[nodiscard]] bool isHeld(const Series &s, std::size_t chunk) const;
    void dropRows(std::size_t goal);
    void dropCold(std::size_t goal);
    void turn(Series &s, std::size_t end);
    void dropFront(Series &s, std::size_t count);

    std::vector<std::unique_ptr<Series>> m_series; // by number(SeriesId)
    std::vector<SeriesId> m_unstored; // series with chunks that are not stored
    std::size_t m_bytes = 0;
    std::uint64_t m_rows = 0;
    std::uint64_t m_conflicts = 0;
    std::uint64_t m_lateLost = 0;
    std::shared_ptr<ChunkCache> m_cache;
};

}
