#pragma once

#include "store/columns.h"

namespace sg {

// The rows of one series that another process keeps: what a SeriesView of an attached window stands for. The functions of columns.h
// come here by themselves. Any thread; columns() and read() wait for that process (columns() says isUnknown when its answer never comes)
// and are for pool threads, at() waits for a blink at most (use Session::rowsAt in a window), extent() for nothing.
class FarRows
{
public:
    virtual ~FarRows() = default;
    virtual Columns columns(Time from, Time to, int width, std::stop_token stop) const = 0;
    virtual void read(Time from, Time to, const std::function<bool(const Row &)> &each) const = 0;
    virtual std::optional<Row> at(Time t) const = 0;
    virtual std::optional<std::pair<Time, Time>> extent() const = 0;
};

}
