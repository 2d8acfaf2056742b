#include "plot/valueaxis.h"

#include <algorithm>
#include <cmath>

namespace sg {

ValueTicks valueTicks(double min, double max, int pixels, int labelPixels)
{
    ValueTicks out;
    if (!std::isfinite(min) || !std::isfinite(max) || !(min < max) || !std::isfinite(max - min) || pixels < 1)
        return out;
    const double greatest = std::max(std::abs(min), std::abs(max));
    // No finer than numbers of this size can tell apart, and with room for each label.
    const double least = std::max((max - min) * std::max(labelPixels, 1) / pixels, greatest * 1e-14);
    int exponent = static_cast<int>(std::floor(std::log10(least)));
    int factor = 10;
    for (const int nice : {1, 2, 5}) {
        if (nice * std::pow(10.0, exponent) >= least * (1 - 1e-9)) {
            factor = nice;
            break;
        }
    }
    if (factor == 10) {
        factor = 1;
        ++exponent;
    }
    out.step = factor * std::pow(10.0, exponent);
    out.decimals = std::max(0, -exponent);
    if (!(out.step > 0) || !std::isfinite(out.step))
        return {};
    const bool isScientific = greatest >= 1e7 || out.decimals > 9;
    // Multiples, not sums: errors do not add up.
    const double first = std::ceil(min / out.step - 1e-9);
    const double last = std::floor(max / out.step + 1e-9);
    for (double i = first; i <= last && out.ticks.size() < 1'000; ++i) {
        const double value = i == 0 ? 0.0 : i * out.step; // without the minus of -0
        const int digits = std::max(0, static_cast<int>(std::floor(std::log10(greatest))) - exponent);
        out.ticks.push_back(
            {value, isScientific ? QString::number(value, 'e', std::min(digits, 16)) : QString::number(value, 'f', out.decimals)});
    }
    return out;
}

ValueTicks logTicks(double minLog, double maxLog, int pixels, int labelPixels)
{
    ValueTicks out;
    if (!std::isfinite(minLog) || !std::isfinite(maxLog) || !(minLog < maxLog) || pixels < 1)
        return out;
    const double span = maxLog - minLog;
    if (span < 1) {
        // Even steps come nearest to each other at the top, so the top decides how far apart they must be.
        const double low = std::pow(10, minLog), high = std::pow(10, maxLog);
        const double room = std::max(labelPixels, 1) * span * std::log(10) * high / (high - low);
        for (auto &tick : valueTicks(low, high, pixels, static_cast<int>(std::ceil(std::min(room, 1e6)))).ticks)
            if (tick.value > 0)
                out.ticks.push_back({std::log10(tick.value), std::move(tick.label)});
        return out;
    }
    const double least = span * std::max(labelPixels, 1) / pixels; // decades between two labels
    const auto stride = std::max(1, static_cast<int>(std::ceil(least)));
    const bool hasRoom = std::log10(2) >= least;
    const auto first = static_cast<int>(std::floor(minLog)), last = static_cast<int>(std::floor(maxLog));
    for (int decade = first; decade <= last && out.ticks.size() < 1'000; ++decade) {
        for (const int nice : {1, 2, 5}) {
            const double value = decade + std::log10(nice);
            const bool isWanted = nice == 1 ? decade % stride == 0 : hasRoom;
            if (isWanted && value >= minLog - 1e-9 && value <= maxLog + 1e-9)
                out.ticks.push_back({value, QString::number(nice * std::pow(10.0, decade), 'g', 6)});
        }
    }
    return out;
}

std::pair<double, double> paddedRange(double min, double max)
{
    if (!std::isfinite(min) || !std::isfinite(max) || min > max)
        return {0, 1};
    if (min == max) {
        const double air = min == 0 ? 1 : std::abs(min) * 0.1;
        return {min - air, max + air};
    }
    const double air = (max / 2 - min / 2) * 0.1;
    const double low = min - air;
    const double high = max + air;
    return {std::isfinite(low) ? low : min, std::isfinite(high) ? high : max};
}

}
