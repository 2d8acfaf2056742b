#pragma once

#include "engine/backtest.h"

#include <set>

namespace sg {

// When which source was heard, out of the journal. Only for engine/backtest.cpp.
struct BacktestStanding
{
    struct Event
    {
        Time t{};
        std::string source; // empty: all
        bool isLost = false;
    };
    std::vector<Event> events; // in time order
    std::vector<NotHeard> notHeard; // clipped to the range
    Micros watched{0}; // of the range: at least one of the sources was heard
    std::map<std::string, Time, std::less<>> lastGap; // by source: when its newest GAP was noted
};
BacktestStanding standingOf(const std::vector<JournalRow> &journal, const std::set<std::string, std::less<>> &sources, Time from, Time to);

}
