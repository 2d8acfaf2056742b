#pragma once

#include "core/types.h"

#include <cstdint>

namespace sg {

// Quality and lateness of a row in the one number that formats keep of both: the lower two bits are the quality.
constexpr std::uint8_t LateBit = 4;
constexpr std::uint8_t qualityBits(Quality quality, bool isLate)
{
    return static_cast<std::uint8_t>(static_cast<unsigned>(quality) | (isLate ? LateBit : 0U));
}
// False for numbers that say nothing; the other two are for such that do.
constexpr bool areQualityBits(std::uint64_t bits)
{
    return bits < 2U * LateBit && (bits & 3U) <= static_cast<unsigned>(Quality::Bad);
}
constexpr Quality qualityOf(std::uint64_t bits)
{
    return static_cast<Quality>(bits & 3U);
}
constexpr bool isLateOf(std::uint64_t bits)
{
    return (bits & LateBit) != 0;
}

}
