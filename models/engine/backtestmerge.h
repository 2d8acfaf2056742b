#pragma once

#include "engine/backtestdata.h"

namespace sg {

// The rows of many series as one stream in the order of their times, by a heap; of one time in the order of the series. Rows are read a
// buffer at a time, so memory is bounded however long the range is. Only for engine/backtest.cpp.
class BacktestMerge
{
public:
    struct Input
    {
        SeriesId series{};
        const SeriesView *view = nullptr;
    };
    BacktestMerge(std::vector<Input> inputs, Time from, Time to);

    [[nodiscard]] bool isEmpty() const { return m_heap.empty(); }
    [[nodiscard]] Time next() const { return m_heap.front().t; } // REQUIRES: !isEmpty()
    struct Item
    {
        SeriesId series{};
        Row row;
        Time before = NoTime; // of the row before it in its series, within the range
        bool wasFinite = false; // that one's value
    };
    Item take();

private:
    struct Cursor
    {
        Input input;
        std::vector<Row> rows;
        std::size_t at = 0;
        Time from{}; // of the next buffer
        Time before = NoTime;
        bool wasFinite = false;
    };
    struct Head
    {
        Time t{};
        std::uint32_t cursor = 0;
    };
    static bool isEarlier(const Head &a, const Head &b) { return a.t != b.t ? a.t < b.t : a.cursor < b.cursor; }
    bool fill(Cursor &cursor) const; // false: it is at its end
    void sink(std::size_t place);

    std::vector<Cursor> m_cursors;
    std::vector<Head> m_heap; // the earliest first
    Time m_to{};
    std::size_t m_bufferRows = 0;
};

}
