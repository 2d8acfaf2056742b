#pragma once

#include "state/statefile.h"

#include <deque>

namespace sg {

// Which readings are on disk in segments only, which in chunks, and so which segments are needed no more. A segment holds what all
// series got in one commit, a chunk what one series got in a long time; both together hold every reading at any instant. Ingest thread
// only; no I/O.
class HistoryBook
{
public:
    struct Limits
    {
        Micros every = std::chrono::seconds(10); // between two looks at what was sealed
        // About; the rest waits for the next commit. A thousand series of one rate are sealed in the same second.
        std::size_t chunkBytesACommit = std::size_t(4) << 20U, chunkRowsACommit = 300'000;
        // So many readings in segments, which a start reads back row by row, make us seal heads before they are full. The second for
        // each series that has any, because many small chunks cost more than they save.
        std::size_t backlogRows = 1'000'000, backlogRowsASeries = 64;
        std::size_t backlogSegments = 20'000;
        // Coded for that in one commit, about, because everything else waits meanwhile: 150'000 take 30 ms.
        std::size_t sealRowsACommit = 150'000;
    };
    explicit HistoryBook(Limits limits)
        : m_limits(limits)
    {
    }
    HistoryBook()
        : HistoryBook(Limits())
    {
    }

    void restore(std::uint64_t lastSegment, std::int64_t nextPlace);
    // A chunk, a held row or a row of a segment that the last run left; chunks first, in time order.
    void restoreChunk(const KnownChunk &chunk);
    void restoreGone(const GoneRows &gone);
    [[nodiscard]] bool isCovered(const StoredRow &row, std::uint64_t segment) const; // it is in a chunk
    void restoreRow(const StoredRow &row, std::uint64_t segment);
    void restoreHeld(const StoredRow &row) { at(row.series).newest = row.row.t; }
    void restoreSegment(std::uint64_t segment, std::size_t rows, Time when) { m_backlog.push_back({segment, rows, when}); }
    [[nodiscard]] Time newestInChunks(SeriesId series) const;

    void noteRows(SeriesId series, std::span<const Row> rows); // they went to the store and are in the commit under way
    // Numbers the commit's segments and adds what became durable knowledge: chunks, held rows, segments needed no more.
    void addTo(Commit &commit, SeriesStore &store, Mono mono);
    // The commit that the last addTo() filled is durable.
    void confirm(SeriesStore &store);

private:
    struct Mark // in-order rows from `t` on, up to the next mark, came in segments from this one on
    {
        std::uint64_t segment = 0;
        Time t{};
    };
    struct Coverage // of one series
    {
        Time newest = NoTime; // of all its rows
        Time inChunks = NoTime; // newest row in a stored chunk
        std::uint64_t upTo = 0; // see StoredChunk
        std::vector<Mark> marks; // oldest first: where the rows of its head came from; empty: no segment is needed for them
        std::uint64_t lateFirst = 0, lateLast = 0; // segments of rows older than its newest that may be in no chunk yet; 0: none

        [[nodiscard]] std::uint64_t first() const { return marks.empty() ? 0 : marks.front().segment; }
        void mark(std::uint64_t segment, Time t);
        void store(Time last); // its rows up to `last` are in chunks
    };
    struct Backlog
    {
        std::uint64_t segment = 0;
        std::size_t rows = 0;
        Time when = NoTime;
    };
    struct Change // of a series, once the commit is durable
    {
        SeriesId series{};
        Coverage coverage;
    };
    struct Settled // its late rows are all in chunks of the commit under way or before, or in the head
    {
        SeriesId series{};
        Time head = NoTime; // its oldest row, when there are more than the newest
    };
    struct Stored
    {
        SealedChunk sealed;
        std::int64_t place = NoPlace;
    };

    Coverage &at(SeriesId series);
    void sealBacklog(SeriesStore &store);
    void sealPart(SeriesStore &store);
    void store(Commit &commit, SeriesStore &store);
    void addChunks(Commit &commit, std::span<const SealedChunk> ofOneSeries);
    void hold(Commit &commit, const SeriesStore &store);
    void findSettled(const SeriesStore &store);
    void settleLate();
    void drop();

    Limits m_limits;
    std::vector<Coverage> m_series; // by number(SeriesId)
    std::deque<Backlog> m_backlog; // segments in the file, oldest first
    std::uint64_t m_segment = 0; // newest number that was given
    std::uint64_t m_coveredBelow = 0;
    std::uint64_t m_holdUpTo = 0; // heads of one row are held when their row came in a segment up to this one
    std::uint64_t m_sealedAt = 0; // newest segment when heads were sealed early
    Time m_sealBefore = NoTime; // heads are being sealed early, a part with each commit,
    std::optional<SeriesId> m_sealNext; // from this series on
    std::uint64_t m_takenUpTo = 0; // all that was sealed by the end of this segment is stored
    std::int64_t m_nextPlace = 0;
    Mono m_nextLook{};
    std::vector<Change> m_changes; // of the commit under way
    std::vector<Settled> m_settled; // once it is durable
    std::vector<Stored> m_storing; // in the commit under way
    std::vector<std::int64_t> m_freed; // stored, but dropped by the store meanwhile; told with each commit until one is durable
    bool m_isAll = false; // the commit under way holds all that was sealed
};

}
