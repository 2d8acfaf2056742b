#pragma once

#include "store/seriesstore.h"

#include <bit>
#include <cmath>
#include <random>
#include <string>

// Rows of many kinds for the tests of chunks, the same for the same seed.
namespace sg::signals {

inline const char *const Kinds[] = {"walk", "noise", "steps", "constant", "counter", "singles", "integers", "huge", "gaps", "odd", "bits"};
inline const char *const Paces[] = {"even", "jitter", "milliseconds", "no rhythm", "dense", "holes", "extremes"};

inline double valueOf(const std::string &kind, std::mt19937_64 &random, std::size_t i, double before)
{
    if (kind == "walk")
        return static_cast<double>(std::lround(before * 100) + std::lround(std::normal_distribution<double>(0, 20)(random))) / 100;
    if (kind == "noise")
        return std::normal_distribution<double>(0, 5)(random);
    if (kind == "steps")
        return random() % 500 == 0 ? static_cast<double>(random() % 1'000) / 10 : before;
    if (kind == "constant")
        return 21.5;
    if (kind == "counter")
        return static_cast<double>(i * 3);
    if (kind == "singles")
        return static_cast<double>(static_cast<float>(std::normal_distribution<double>(0, 5)(random)));
    if (kind == "integers")
        return static_cast<double>(static_cast<std::int64_t>(random()) / 3);
    if (kind == "huge")
        return std::ldexp(1 + static_cast<double>(random() % 1'000), static_cast<int>(random() % 1'900) - 950);
    if (kind == "gaps")
        return random() % 8 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(random() % 100) / 4;
    if (kind == "odd") { // decimal but for some that look like it
        constexpr std::uint64_t odd[] = {0x8000000000000000, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000123,
                                         0xFFF800000000ABCD, 0x7FF0000000000001, 0x0000000000000001, 0x3FD3333333333334};
        return random() % 40 == 0 ? std::bit_cast<double>(odd[random() % std::size(odd)]) : static_cast<double>(random() % 100) / 10;
    }
    return std::bit_cast<double>(random());
}

inline std::int64_t timeAfter(const std::string &pace, std::mt19937_64 &random, std::int64_t before)
{
    if (pace == "even")
        return before + 10'000;
    if (pace == "jitter")
        return before + 9'000 + static_cast<std::int64_t>(random() % 2'000);
    if (pace == "milliseconds")
        return before + 1'000 * (1 + static_cast<std::int64_t>(random() % 20));
    if (pace == "dense")
        return before + 1;
    if (pace == "holes")
        return before + (random() % 300 == 0 ? 3'600'000'000 + static_cast<std::int64_t>(random() % 1'000'000'000) : 1'000'000);
    return before + 1 + static_cast<std::int64_t>(std::exponential_distribution<double>(1e-4)(random));
}

inline std::vector<Row> rows(const std::string &kind, const std::string &pace, std::size_t count, std::uint64_t seed = 1)
{
    std::mt19937_64 random(seed);
    std::vector<Row> out;
    std::int64_t at = pace == "extremes" ? std::numeric_limits<std::int64_t>::min() + 1 : 1'780'000'000'123'457;
    double value = 20;
    Quality quality = Quality::Good;
    for (std::size_t i = 0; i < count; ++i) {
        value = valueOf(kind, random, i, value);
        // One quality for long, then each row its own for a while.
        if (i % 2'048 >= 1'024 && random() % (i % 4'096 >= 2'048 ? 2 : 100) == 0)
            quality = static_cast<Quality>(random() % 3);
        // Late are few for long, then half of them, then all.
        const std::size_t phase = i / 700 % 4;
        const bool isLate = phase == 3 || (phase == 2 && random() % 2 == 0) || (phase == 1 && random() % 300 == 0);
        out.push_back({Time(Micros(at)), value, quality, isLate});
        at = pace == "extremes" && i == count / 2 ? std::numeric_limits<std::int64_t>::max() - 100'000'000'000
                                                  : timeAfter(pace, random, at);
    }
    return out;
}

// To the bit.
inline bool isSame(const std::vector<Row> &a, const std::vector<Row> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Row &x, const Row &y) {
        return x.t == y.t && std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value) && x.quality == y.quality
            && x.isLate == y.isLate;
    });
}

}
