#pragma once

#include "core/result.h"
#include "store/chunksummary.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sg {

class ChunkData;

constexpr std::int64_t NoPlace = -1;

// Where cold chunks are read from. Any thread, several at once; may do I/O.
class ChunkLoader
{
public:
    virtual ~ChunkLoader() = default;
    // The bytes that encodeChunk() gave for the chunk at `place` (>= 0, its meaning is the loader's own).
    virtual Result<std::string> load(std::int64_t place) = 0;
};

// What the window and the log say of rows that were stored and cannot be shown. The rows between `from` and `to` (both included)
// read as a gap.
struct ChunkFault
{
    std::int64_t place = NoPlace;
    Time from{}, to{};
    Error error;
};

// Rows of cold chunks that were asked for lately, bounded in bytes, the least recently used dropped first. Any thread. While one
// thread loads, others go on; two that want the same chunk at once may both load it.
class ChunkCache
{
public:
    ChunkCache(std::shared_ptr<ChunkLoader> loader, std::size_t maxBytes);
    ~ChunkCache();

    // Never null: what cannot be read comes as rows without a value of Quality::Bad, as many as the summary says, and is a fault.
    // A chunk that could not be loaded is tried again when it is next asked for.
    [[nodiscard]] std::shared_ptr<const ChunkData> get(std::int64_t place, const ChunkSummary &summary);
    // Those since the last call, each place once in the life of the cache, at most MaxFaults kept.
    [[nodiscard]] std::vector<ChunkFault> takeFaults();
    void forget(std::int64_t place); // it was freed on disk and may come again with other rows

    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::uint64_t loads() const;

    static constexpr std::size_t MaxFaults = 256;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
