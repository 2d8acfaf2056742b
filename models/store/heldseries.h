#pragma once

#include "store/chunk.h"
#include "store/seriesstore.h"

namespace sg {

using Chunks = std::vector<std::shared_ptr<const Chunk>>;

// What the store keeps of one series; its own business.
struct SeriesStore::Series
{
    struct Stored
    {
        std::int64_t place = NoPlace; // of this chunk on disk
        std::vector<std::int64_t> replaces; // of stored ones whose rows are in this one, which is not stored
    };
    // Few series ever have any.
    struct Late
    {
        std::vector<Row> rows; // in order of arrival
        std::size_t cost = 0; // rows that merging would copy
        std::size_t paid = 0; // rows that arrivals since the last merge have paid for
        const Chunk *chunk = nullptr; // that the last late row falls into; compared, never read
    };

    std::shared_ptr<const Chunks> sealed; // replaced as a whole, because views share it; null when empty
    std::vector<Stored> stored; // of each of them
    std::shared_ptr<HeadBlock> head;
    HeadBlock *tail = nullptr; // last block of the head
    std::unique_ptr<Late> late;
    std::uint32_t headRows = 0;
    std::uint32_t tailRows = 0; // of them in the tail
    std::uint32_t replaced = 0; // head rows that a later one of the same time replaced
    std::uint32_t headBytes = 0;
    SeriesId id{};
    bool isListed = false; // among those with chunks that are not stored
    bool isRevised = false; // another value of the same time is meant to replace the one before

    [[nodiscard]] const Row &newest() const { return tail->rows[tailRows - 1]; } // of the head
    [[nodiscard]] std::size_t chunks() const { return sealed ? sealed->size() : 0; }
    // The chunk that takes a late row: the first that does not end before it; none: it belongs into the head.
    [[nodiscard]] std::size_t chunkFor(Time t) const
    {
        if (!sealed)
            return 0;
        const auto found
            = std::lower_bound(sealed->begin(), sealed->end(), t, [](const auto &chunk, Time at) { return chunk->last() < at; });
        return static_cast<std::size_t>(found - sealed->begin());
    }
    // Rows before this are late, rows of this time replace one.
    [[nodiscard]] bool isLate(Time t) const { return headRows > 0 ? t < newest().t : chunks() > 0 && t <= sealed->back()->last(); }
};

// Chunks of a series that are being changed, with what belongs to each.
struct SeriesStore::Change
{
    explicit Change(const Series &s)
        : stored(s.stored)
    {
        if (s.sealed) {
            chunks.reserve(s.sealed->size() + 1);
            chunks = *s.sealed;
        }
    }
    Change() = default;

    void add(std::shared_ptr<const Chunk> chunk, Series::Stored place)
    {
        chunks.push_back(std::move(chunk));
        stored.push_back(std::move(place));
    }

    Chunks chunks;
    std::vector<Series::Stored> stored;
};

}
