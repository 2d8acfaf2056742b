#include "store/chunk.h"

#include "store/chunkdata.h"
#include "store/chunkreader.h"

namespace sg {

Chunk::Chunk(std::span<const Row> rows)
    : Chunk(ChunkData::of(rows))
{
}

Chunk::Chunk(std::shared_ptr<const ChunkData> data)
    : m_summary(data->summary())
    , m_data(std::move(data))
{
}

Chunk::Chunk(const ChunkSummary &summary, std::int64_t place, std::shared_ptr<ChunkCache> cache)
    : m_summary(summary)
    , m_place(place)
    , m_cache(std::move(cache))
{
}

Chunk::~Chunk() = default;

std::size_t Chunk::bytes() const
{
    return sizeof(Chunk) + (m_data ? m_data->bytes() : 0);
}

std::shared_ptr<const ChunkData> Chunk::data() const
{
    if (m_data)
        return m_data;
    return m_cache && m_place != NoPlace ? m_cache->get(m_place, m_summary) : ChunkData::missing(m_summary);
}

ChunkReader Chunk::open() const
{
    return ChunkReader(*this);
}

}
