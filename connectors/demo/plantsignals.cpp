#include "connectors/demo/plantsignals.h"

#include <cmath>
#include <numbers>

namespace sg::plant {

namespace {

constexpr double ProductSeconds = 480;

std::uint64_t mix(std::uint64_t x) // splitmix64
{
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

}

double chance(std::uint64_t seed, std::uint64_t channel, std::int64_t n)
{
    return static_cast<double>(mix(mix(mix(seed) ^ channel) ^ static_cast<std::uint64_t>(n)) >> 11U) * 0x1.0p-53;
}

double noise(std::uint64_t seed, std::uint64_t channel, std::int64_t n)
{
    return (chance(seed, channel, 3 * n) + chance(seed, channel, 3 * n + 1) + chance(seed, channel, 3 * n + 2)) / 1.5 - 1;
}

double smoothStep(double x)
{
    if (x <= 0)
        return 0;
    return x >= 1 ? 1 : x * x * (3 - 2 * x);
}

double drift(std::uint64_t seed, std::uint64_t channel, double t, double period)
{
    const double at = std::floor(t / period);
    const auto n = static_cast<std::int64_t>(at);
    const double from = chance(seed, channel, n) * 2 - 1;
    const double to = chance(seed, channel, n + 1) * 2 - 1;
    return from + (to - from) * smoothStep(t / period - at);
}

double day(double t, double phase)
{
    return std::sin(2 * std::numbers::pi * (t / 1200 + phase));
}

double rounded(double value, double decimals)
{
    const double factor = std::pow(10, decimals);
    return std::round(value * factor) / factor;
}

Product productOf(int line, double t)
{
    const double shifted = t + ProductSeconds - 100 - 160 * line; // the lines change over one after the other
    const double number = std::floor(shifted / ProductSeconds);
    return {static_cast<std::int64_t>(number), shifted - number * ProductSeconds};
}

std::optional<double> inFault(const Schedule &schedule, std::uint64_t seed, int thing, double t)
{
    if (t < schedule.first)
        return std::nullopt;
    const double round = std::floor((t - schedule.first) / schedule.period);
    const auto n = static_cast<std::int64_t>(round);
    const auto channel = static_cast<std::uint64_t>(schedule.period); // each schedule has its own
    const int struck = n == 0 ? schedule.firstThing : static_cast<int>(chance(seed, channel, n) * schedule.things);
    const double delay = n == 0 ? 0 : chance(seed, channel + 1, n) * (schedule.period - schedule.duration) / 2;
    const double since = t - schedule.first - round * schedule.period - delay;
    if (struck != thing || since < 0 || since >= schedule.duration)
        return std::nullopt;
    return since;
}

}
