#pragma once

#include "bench/pixeloracle.h"
#include "store/seriesstore.h"

#include <random>
#include <string>

namespace sg::bench {

// A signal as the generator made it, and the same one as the product stores it.
struct StoredSignal
{
    std::string kind;
    bool isPositive = false; // good for a log axis
    oracle::Signal signal;
    SeriesView view;

    // Of the values between two times; of all when there are none.
    [[nodiscard]] std::pair<double, double> rangeWithin(std::int64_t from, std::int64_t to) const;
};

// One of each kind: random walk, noise, rarely changing steps, spikes, bursts and decades; with gaps, infinities and doubtful values. They
// are appended in portions, some rows late and some twice, as sources deliver them.
std::vector<StoredSignal> storedSignals(SeriesStore &store, std::mt19937_64 &random);

}
