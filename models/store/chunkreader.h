#pragma once

#include "store/blockcoder.h"
#include "store/chunk.h"

namespace sg {

// The rows of one chunk, for one thread; about 10 KB, so keep one and move on with it. What the summary can answer pages nothing in.
// The last blocks that were decoded are kept, so that neighbouring questions are cheap. Row ranges are half open.
class ChunkReader
{
public:
    ChunkReader() { } // of nothing: size() 0
    explicit ChunkReader(const Chunk &chunk) { open(chunk); } // the chunk outlives the reader
    void open(const Chunk &chunk);

    [[nodiscard]] std::size_t size() const { return m_chunk ? m_chunk->size() : 0; }
    [[nodiscard]] Row row(std::size_t i) const;
    [[nodiscard]] Time time(std::size_t i) const;
    [[nodiscard]] double value(std::size_t i) const;
    [[nodiscard]] bool hasValue(std::size_t i) const; // a finite one
    // Galloping from `begin`: cheap when the answer is near.
    [[nodiscard]] std::size_t firstAtOrAfter(Time t, std::size_t begin = 0) const;
    [[nodiscard]] std::size_t firstFinite(std::size_t begin, std::size_t end) const; // `end` when there is none
    [[nodiscard]] std::size_t lastFinite(std::size_t begin, std::size_t end) const; // `end` when there is none
    [[nodiscard]] Digest digest(std::size_t begin, std::size_t end) const; // out of at most two blocks and 14 nodes of each level
    // A question about rows around this one comes soon: its bytes may travel from memory meanwhile.
    void expect(std::size_t row) const;
    void read(std::size_t begin, std::size_t end, std::vector<Row> &out) const; // appends

private:
    static constexpr std::size_t None = std::size_t(-1);
    struct Values
    {
        std::size_t block = None;
        BlockValues values;
    };

    [[nodiscard]] const ChunkData &data() const;
    // Once its rows are here, they say what the chunk holds: they may turn out not to be readable.
    [[nodiscard]] const ChunkSummary &summary() const { return m_data ? *m_summary : m_chunk->summary(); }
    [[nodiscard]] const BlockValues &values(std::size_t block) const;
    [[nodiscard]] std::span<const Time> times(std::size_t block) const;
    void addEdge(std::size_t begin, std::size_t end, Digest &sum) const; // rows of one block

    const Chunk *m_chunk = nullptr;
    mutable std::shared_ptr<const ChunkData> m_data; // null until it is needed
    mutable const ChunkSummary *m_summary = nullptr; // of m_data
    // Two, for the ends of a column: the right one is the left one of the next column.
    mutable std::array<Values, 2> m_values;
    mutable std::size_t m_lastUsed = 0; // of m_values
    mutable std::size_t m_timesBlock = None;
    mutable std::array<Time, Chunk::BlockRows> m_times;
};

}
