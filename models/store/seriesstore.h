#pragma once

#include "core/types.h"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sg {

// One stored value. A row with NaN breaks the line of a chart; with Quality::Bad it is a bad value or a gap.
struct Row
{
    Time t{};
    double value = 0;
    Quality quality = Quality::Good;
};

struct Chunk; // sealed, immutable, with its min/max pyramid: see chunk.h
struct HeadBlock // append-only; rows below the length in a SeriesView never change
{
    static constexpr std::size_t Rows = 256;
    std::array<Row, Rows> rows;
    std::shared_ptr<HeadBlock> next;
};

// What a reader sees of one series. A value: copy it to any thread. Readers never look past headRows, so appending needs neither
// lock nor atomic. Rows are in time order within the sealed chunks and within the head.
struct SeriesView
{
    std::shared_ptr<const std::vector<std::shared_ptr<const Chunk>>> sealed;
    std::shared_ptr<const HeadBlock> head;
    std::uint32_t headRows = 0;
};

// All samples of all series in memory. Ingest thread only; readers get SeriesViews.
class SeriesStore
{
public:
    SeriesStore();
    ~SeriesStore();

    // Rows in time order, none older than the newest of this series (the reorder buffer sees to it). The same time again: the last
    // arrival wins and is counted.
    void append(SeriesId series, std::span<const Row> inOrder);
    // Rows older than the newest: kept apart and merged when the head is sealed; at once when the head is small.
    void insertLate(SeriesId series, std::span<const Row> late);
    [[nodiscard]] SeriesView view(SeriesId series) const;
    [[nodiscard]] std::optional<Row> newest(SeriesId series) const;
    // Drops whole oldest chunks until about `bytes` remain.
    void retain(std::size_t bytes);
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::uint64_t rows() const;
    [[nodiscard]] std::uint64_t conflicts() const; // same time, other value

private:
    struct Series;
    std::vector<std::unique_ptr<Series>> m_series; // by number(SeriesId)
    std::size_t m_bytes = 0;
    std::uint64_t m_rows = 0;
    std::uint64_t m_conflicts = 0;
};

}
