#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace sg {

// Whole numbers as bytes, least significant first, on any machine.
template <class Number> void putLittle(std::string &out, Number number)
{
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xFFU));
}

template <class Number> Number getLittle(const char *at)
{
    if constexpr (std::endian::native == std::endian::little) {
        Number number;
        std::memcpy(&number, at, sizeof(Number));
        return number;
    }
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
    return static_cast<Number>(number);
}

}
