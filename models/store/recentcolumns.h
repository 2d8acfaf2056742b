#pragma once

#include "store/columncache.h"

#include <deque>

namespace sg {

// The columns of the windows that a chart showed lately, so that going back to one of them, by zooming out again or through the zoom
// history, costs what changed since. One thread; what it gives may go to any.
class RecentColumns
{
public:
    using Picture = std::vector<std::shared_ptr<const CachedColumns>>; // by series; all of one window

    void add(Picture picture); // shown now; takes the place of the one with columns of the same length
    // The one that has most in common with this window, as `earlier` of its queries; empty: none has anything.
    [[nodiscard]] Picture forWindow(Time from, Time to, int width) const;
    [[nodiscard]] std::size_t columns() const; // that are kept, of all series together

    static constexpr std::size_t MostColumns = 400'000; // about 20 MB: a chart of ten series as wide as a screen goes back 20 windows

private:
    std::deque<Picture> m_pictures; // newest first; none is empty, no two with columns of one length
};

}
