#pragma once

#include "store/chunksummary.h"
#include "store/seriesstore.h"

namespace sg {

// Sealed rows of one series, times strictly rising, never changed again; any thread. How the rows are kept is nobody else's
// business: whoever reads goes through these functions. Row numbers are 0 to size(), ranges half open.
struct Chunk
{
public:
    static constexpr std::size_t MaxRows = 65'536;

    explicit Chunk(std::span<const Row> rows); // 1 to MaxRows of them

    [[nodiscard]] std::size_t size() const { return m_times.size(); }
    [[nodiscard]] Time first() const { return m_times.front(); }
    [[nodiscard]] Time last() const { return m_times.back(); }
    [[nodiscard]] Row row(std::size_t i) const { return {m_times[i], m_values[i], m_qualities[i]}; }
    [[nodiscard]] std::size_t bytes() const;

    // Galloping from `begin`: cheap when the answer is near.
    [[nodiscard]] std::size_t firstAtOrAfter(Time t, std::size_t begin = 0) const;
    [[nodiscard]] std::size_t firstFinite(std::size_t begin, std::size_t end) const; // `end` when there is none
    [[nodiscard]] std::size_t lastFinite(std::size_t begin, std::size_t end) const; // `end` when there is none
    [[nodiscard]] Digest digest(std::size_t begin, std::size_t end) const; // at most 126 rows and 14 nodes of each level
    void read(std::size_t begin, std::size_t end, std::vector<Row> &out) const; // appends

private:
    static constexpr std::size_t Leaf = 64; // rows under one node of the lowest level
    static constexpr std::size_t FanOut = 8;

    std::vector<Time> m_times;
    std::vector<double> m_values;
    std::vector<Quality> m_qualities;
    std::vector<std::vector<Digest>> m_levels; // m_levels[0] over Leaf rows each, the others over FanOut nodes of the one below
};

}
