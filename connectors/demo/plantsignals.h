#pragma once

#include <cstdint>
#include <optional>

// What the plant's signals are made of: noise, drifts, product changes and faults as functions of time alone.
// Times are seconds since the plant was opened; `channel` tells signals apart.
namespace sg::plant {

double chance(std::uint64_t seed, std::uint64_t channel, std::int64_t n); // 0..1
double noise(std::uint64_t seed, std::uint64_t channel, std::int64_t n); // about -1..1, mostly small
double drift(std::uint64_t seed, std::uint64_t channel, double t, double period); // -1..1, smooth
double day(double t, double phase); // -1..1: a day of twenty minutes
double rounded(double value, double decimals);
double smoothStep(double x); // 0..1

// Product changes of a line: the first 25 s of a product are set-up.
struct Product
{
    std::int64_t number = 0;
    double since = 0; // s
    [[nodiscard]] bool isSetup() const { return since < 25; }
};
Product productOf(int line, double t);

// A kind of fault that comes again and again to one of `things`; the first time it is known where and when.
struct Schedule
{
    double first = 0; // s
    double duration = 0;
    double period = 0; // between two of them
    int firstThing = 0;
    int things = 1;
};
// Seconds since the fault of this thing began; nothing when it has none.
std::optional<double> inFault(const Schedule &schedule, std::uint64_t seed, int thing, double t);

}
