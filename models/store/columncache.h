#pragma once

#include "store/columns.h"

namespace sg {

// Columns together with what they were read from, so that the next query of this series takes over what cannot have changed: a window
// that moved by whole columns, or a live one, costs its new columns only. Immutable; any thread. Holds no rows: it remembers chunks and
// the head by identity, so that retention is not held up.
class CachedColumns
{
public:
    // Always equal to queryColumns(view, from, to, width). `earlier` may be anything: null, of another window or of another series. Returns
    // early when stopped; the result is then good for nothing, not as an `earlier` either.
    static std::shared_ptr<const CachedColumns> query(const SeriesView &view, Time from, Time to, int width, const CachedColumns *earlier,
                                                      std::stop_token stop = {});

    [[nodiscard]] const Columns &columns() const { return m_columns; }
    [[nodiscard]] std::size_t computed() const { return m_computed; } // columns that were not taken over
    // How many microseconds each column is long when all are of one length and begin at its multiples, so that others of that length may
    // be taken over; else 0.
    [[nodiscard]] static std::int64_t gridOf(const Columns &columns);
    [[nodiscard]] bool isFar() const { return m_isFar; } // of another process's rows: nothing of it is ever taken over

private:
    struct Piece // a chunk that reaches into the window, or the head
    {
        std::weak_ptr<const void> identity; // weak, so that no other gets its address; never locked
        Time first{}, last{};
    };
    struct Changed // times between which rows may differ, both included
    {
        Time first{}, last{};
    };

    [[nodiscard]] static Piece headOf(const SeriesView &view);
    [[nodiscard]] std::vector<Changed> changesTo(const CachedColumns &newer) const;
    void takeOver(const CachedColumns &earlier, std::vector<char> &isKnown);
    friend class ColumnParts;

    Columns m_columns;
    std::vector<Piece> m_pieces; // in time order
    Piece m_head; // first > last: there is none
    std::size_t m_computed = 0;
    bool m_isFar = false;
};

// CachedColumns::query() in parts of one size, which may run beside one another: with few series more than one thread has work, and with
// many none is left alone with the last.
class ColumnParts
{
public:
    ColumnParts(const SeriesView &view, Time from, Time to, int width, const CachedColumns *earlier, std::size_t most = 2);
    ~ColumnParts();

    [[nodiscard]] std::size_t parts() const { return m_queries.size(); } // 1 to `most`: little to compute is not divided
    void run(std::size_t part, const std::stop_token &stop); // any thread; each part once
    std::shared_ptr<const CachedColumns> take(); // when all have run

private:
    const SeriesView m_view;
    const int m_width;
    std::shared_ptr<CachedColumns> m_made;
    std::vector<std::pair<std::size_t, std::size_t>> m_unknown; // columns to compute, half open
    std::vector<std::unique_ptr<ColumnQuery>> m_queries; // by part
};

// About from..to in whole columns: every column is as many whole microseconds long, and begins at a multiple of that since the epoch, so
// that windows of one span share their columns. `to` lies in the last one. Unchanged when a column would be shorter than `LeastGrid`
// microseconds: there rounding would show, and few rows are to be read anyway.
constexpr std::int64_t LeastGrid = 64;
std::pair<Time, Time> gridWindow(Time from, Time to, int columns);

}
