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

    Columns m_columns;
    std::vector<Piece> m_pieces; // in time order
    Piece m_head; // first > last: there is none
    std::size_t m_computed = 0;
    bool m_isFar = false;
};

// About from..to in whole columns: every column is as many whole microseconds long, and begins at a multiple of that since the epoch, so
// that windows of one span share their columns. `to` lies in the last one. Unchanged when a column would be shorter than `LeastGrid`
// microseconds: there rounding would show, and few rows are to be read anyway.
constexpr std::int64_t LeastGrid = 64;
std::pair<Time, Time> gridWindow(Time from, Time to, int columns);

}
