#pragma once

#include "store/seriesstore.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace sg {

// What one pixel column shows of one series: M4, of the finite values in it, in time order.
struct Column
{
    double first = 0, last = 0, min = 0, max = 0;
    std::uint32_t samples = 0; // finite values; 0: nothing to draw
    std::uint32_t rows = 0; // those without a value too
    Quality worst = Quality::Good; // of all rows in it, those without a value too: a gap narrower than a pixel leaves its mark
    bool breaksBefore = false; // a gap lies between the previous drawn value and `first`: no line to it
    bool hasLate = false; // any of its rows, also without a value, arrived late
    bool endsInGap = false; // the newest row in it has no value: no line and no step leaves it
};

struct Columns
{
    Time from{}, to{};
    std::vector<Column>
        columns; // columns[i] covers [from + i*(to-from)/n, from + (i+1)*(to-from)/n), a row at t is in floor((t-from)*n/(to-from))
    std::optional<Row> before, after; // finite neighbours outside, when no gap lies between them and the window's edge
    std::optional<Time> gapAfter; // of the first row behind the window when it has no value: a step lasts until there
    std::uint64_t samples = 0; // rows visible
    // When few rows are visible (samples <= columns / 2) the rows themselves too, for points and antialiasing.
    std::vector<Row> rows;
    // Whoever keeps the rows did not answer: empty columns then do not say that there are none. Never so of rows of this process.
    bool isUnknown = false;
};

// Any thread, pure. Returns early (with what it has) when stopped. width >= 1, from < to. Costs O(width * log), however many rows are
// visible.
Columns queryColumns(const SeriesView &view, Time from, Time to, int width, std::stop_token stop = {});
// The part that columncache.h is made of: fills columns first..last - 1 of `out`, which has from, to and all its columns, and afterwards
// the neighbours, the count, and the rows when they are few.
class ColumnQuery
{
public:
    ColumnQuery(const SeriesView &view, Columns &out);
    ~ColumnQuery();
    [[nodiscard]] bool fill(std::size_t first, std::size_t last, const std::stop_token &stop); // false: stopped
    void finish();

private:
    struct Work;
    std::unique_ptr<Work> m_work;
};

// Raw access, any thread. readRows calls `each` in time order for [from, to); it stops when `each` returns false.
void readRows(const SeriesView &view, Time from, Time to, const std::function<bool(const Row &)> &each);
std::optional<Row> rowAt(const SeriesView &view, Time t); // newest row at or before t
std::optional<std::pair<Time, Time>> extentOf(const SeriesView &view); // oldest and newest row

}
