#include "store/coldchunks.h"

#include "store/chunkbytes.h"
#include "store/chunkdata.h"

#include <list>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace sg {

struct ChunkCache::Private
{
    struct Held
    {
        std::int64_t place;
        std::shared_ptr<const ChunkData> data;
    };

    std::shared_ptr<ChunkLoader> loader;
    std::size_t maxBytes;

    mutable std::mutex mutex; // of all below; never held while a chunk is loaded
    std::list<Held> held; // the most recently used first
    std::unordered_map<std::int64_t, std::list<Held>::iterator> places;
    std::size_t bytes = 0;
    std::uint64_t loads = 0;
    std::vector<ChunkFault> faults;
    std::unordered_set<std::int64_t> told; // places with a fault

    void drop(std::list<Held>::iterator item)
    {
        bytes -= item->data->bytes();
        places.erase(item->place);
        held.erase(item);
    }
    void note(ChunkFault fault)
    {
        const std::lock_guard lock(mutex);
        if (told.size() < 100'000 && told.insert(fault.place).second && faults.size() < MaxFaults)
            faults.push_back(std::move(fault));
    }
};

ChunkCache::ChunkCache(std::shared_ptr<ChunkLoader> loader, std::size_t maxBytes)
    : d(std::make_unique<Private>())
{
    d->loader = std::move(loader);
    d->maxBytes = maxBytes;
}

ChunkCache::~ChunkCache() = default;

std::shared_ptr<const ChunkData> ChunkCache::get(std::int64_t place, const ChunkSummary &summary)
{
    {
        const std::lock_guard lock(d->mutex);
        if (const auto found = d->places.find(place); found != d->places.end()) {
            d->held.splice(d->held.begin(), d->held, found->second);
            return found->second->data;
        }
        ++d->loads;
    }
    const auto fail = [&](Error error) {
        d->note({place, summary.first, summary.last, std::move(error)});
        return ChunkData::missing(summary);
    };
    const auto bytes = d->loader->load(place);
    if (!bytes)
        return fail(bytes.error());
    const auto decoded = decodeChunk(*bytes);
    if (!decoded)
        return fail(decoded.error());
    const Chunk &chunk = *decoded->chunk;
    if (chunk.first() != summary.first || chunk.last() != summary.last || chunk.size() != summary.rows) {
        return fail(
            {SG_TR("Stored readings are not those that the index of the history names: they are shown as a gap. Other history is not "
                   "affected; a backup of the state folder has them."),
             {},
             {}});
    }
    if (!decoded->damaged.empty()) {
        d->note({place,
                 decoded->damaged.front().from,
                 decoded->damaged.back().to,
                 {SG_TR("%1 blocks of stored readings are damaged: they are shown as a gap. Other history is not affected; a backup of the "
                        "state folder has them. Check the disk."),
                  {std::to_string(decoded->damaged.size())},
                  {}}});
    }
    auto data = chunk.data();
    const std::lock_guard lock(d->mutex);
    if (!d->places.contains(place)) {
        d->held.push_front({place, data});
        d->places.emplace(place, d->held.begin());
        d->bytes += data->bytes();
        while (d->bytes > d->maxBytes)
            d->drop(std::prev(d->held.end()));
    }
    return data;
}

std::vector<ChunkFault> ChunkCache::takeFaults()
{
    const std::lock_guard lock(d->mutex);
    return std::exchange(d->faults, {});
}

void ChunkCache::forget(std::int64_t place)
{
    const std::lock_guard lock(d->mutex);
    d->told.erase(place);
    if (const auto found = d->places.find(place); found != d->places.end())
        d->drop(found->second);
}

std::size_t ChunkCache::bytes() const
{
    const std::lock_guard lock(d->mutex);
    return d->bytes;
}

std::uint64_t ChunkCache::loads() const
{
    const std::lock_guard lock(d->mutex);
    return d->loads;
}

}
