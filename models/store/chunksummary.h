#pragma once

#include "core/types.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sg {

// What a run of rows holds together: the node of the pyramid.
struct Digest
{
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
    std::uint32_t finite = 0; // min and max mean something only when there are any
    Quality worst = Quality::Good;
    bool hasLate = false; // any row that arrived late

    void add(double value, Quality quality, bool isLate = false);
    void add(const Digest &other);
};

// What an index of chunks on disk keeps of each: enough to answer a query that covers the whole chunk without its rows. The rows
// 0 to rows-1 lie strictly rising between `first` and `last`.
struct ChunkSummary
{
    Time first{}, last{};
    std::uint32_t rows = 0; // 1 to Chunk::MaxRows
    Digest digest; // of all rows
    std::uint32_t firstFinite = 0, lastFinite = 0; // the first and last row with a finite value; both `rows` when there is none
    double firstValue = 0, lastValue = 0; // their values
    Quality lastQuality = Quality::Good; // of the very last row
    bool isLastLate = false; // the very last row arrived late

    // False for what no chunk can have, e.g. because the bytes that it was read from are damaged.
    [[nodiscard]] bool isSane() const;
};

}
