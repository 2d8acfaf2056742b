#pragma once

#include "store/chunksummary.h"
#include "store/coldchunks.h"
#include "store/seriesstore.h"

#include <array>

namespace sg {

class ChunkData;
class ChunkReader;

// Sealed rows of one series, times strictly rising, never changed again; any thread. Row numbers are 0 to size(). The rows are
// compressed and either in memory or cold: on disk, read back by whoever opens the chunk. What is asked of the chunk itself is
// answered from its summary and touches no disk; for everything else open() it once per use and ask the reader.
struct Chunk
{
public:
    static constexpr std::size_t MaxRows = 65'536;
    static constexpr std::size_t BlockRows = 256; // compressed together, and under one node of the lowest level of the pyramid

    explicit Chunk(std::span<const Row> rows); // 1 to MaxRows of them
    explicit Chunk(std::shared_ptr<const ChunkData> data);
    // A cold one. Without a cache, or with NoPlace, its rows are lost: it reads as a gap.
    Chunk(const ChunkSummary &summary, std::int64_t place, std::shared_ptr<ChunkCache> cache);
    ~Chunk();

    [[nodiscard]] std::size_t size() const { return m_summary.rows; }
    [[nodiscard]] Time first() const { return m_summary.first; }
    [[nodiscard]] Time last() const { return m_summary.last; }
    [[nodiscard]] const ChunkSummary &summary() const { return m_summary; }
    [[nodiscard]] bool isCold() const { return !m_data; }
    [[nodiscard]] std::size_t bytes() const; // in memory now; a cold chunk's rows are its cache's
    // The rows. A cold chunk is read from disk here, or comes out of the cache; never null: what cannot be read is a gap. Query pool
    // and ingest thread only.
    [[nodiscard]] std::shared_ptr<const ChunkData> data() const;
    [[nodiscard]] ChunkReader open() const; // the chunk outlives the reader

private:
    ChunkSummary m_summary;
    std::shared_ptr<const ChunkData> m_data; // null: cold
    std::int64_t m_place = NoPlace;
    std::shared_ptr<ChunkCache> m_cache;
};

}
