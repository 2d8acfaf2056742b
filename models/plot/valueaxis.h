#pragma once

#include <QString>

#include <utility>
#include <vector>

namespace sg {

struct ValueTick
{
    double value = 0;
    QString label; // all of one axis with the same decimals
};

struct ValueTicks
{
    std::vector<ValueTick> ticks; // rising, within the range
    double step = 0;
    int decimals = 0; // that tell neighbouring ticks apart; also right for a cursor's value with one more
};

// Ticks at 1, 2 or 5 times a power of ten, at least `labelPixels` (the height of a label with some air) apart. Empty when the range is not
// finite or not min < max. Any thread, pure.
ValueTicks valueTicks(double min, double max, int pixels, int labelPixels);

// The same for a log scale of base ten: the range and ValueTick::value are log10 of the values that the labels name. Decades, with 2 and 5
// between them when there is room, or round values when less than a decade is shown. `step` and `decimals` stay 0. Any thread, pure.
ValueTicks logTicks(double minLog, double maxLog, int pixels, int labelPixels);

// A range for an axis that shows min to max with a little air, never empty. Any thread, pure.
std::pair<double, double> paddedRange(double min, double max);

}
