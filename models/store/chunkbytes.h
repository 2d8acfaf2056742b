#pragma once

#include "core/result.h"
#include "store/chunk.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sg {

// A chunk as bytes, for a disk: FORMAT.md beside this file. Any thread. A cold chunk is loaded for it.
std::string encodeChunk(const Chunk &chunk);

struct TimeRange
{
    Time from{}, to{}; // both included
};

struct DecodedChunk
{
    std::shared_ptr<const Chunk> chunk; // in memory
    // Where blocks were damaged. The chunk has as many rows there as were stored, spread over the range, none with a value and all of
    // Quality::Bad: they draw as a gap and never as data.
    std::vector<TimeRange> damaged;
};

// Of bytes that a disk gave back: an Error when the head is not what encodeChunk() writes, nothing of it can be believed then. Memory is
// bounded by Chunk::MaxRows whatever the bytes are.
Result<DecodedChunk> decodeChunk(std::string_view bytes);

// What an index of chunks keeps, in SummaryBytes bytes, with a check sum of its own.
constexpr std::size_t SummaryBytes = 72;
std::string encodeSummary(const ChunkSummary &summary);
Result<ChunkSummary> decodeSummary(std::string_view bytes);

}
