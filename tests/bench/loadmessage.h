#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string_view>

namespace sg::bench {

// The load's messages one after the other, the same for every broker: so many presses in turn, about 150 bytes of JSON.
class LoadMessage
{
public:
    static constexpr int Presses = 500;

    LoadMessage() { std::fill(std::begin(m_temps), std::end(m_temps), 7000); }

    // Message number `i`, counted from 0 without holes. Valid until the next call.
    std::string_view next(std::uint64_t i)
    {
        m_random = m_random * 1664525U + 1013904223U;
        device = static_cast<int>(i % Presses);
        m_temps[device] = std::clamp(m_temps[device] + static_cast<int>(m_random >> 24U) - 127, 2000, 9500);
        const int temp = m_temps[device];
        const int pressure = 100 + static_cast<int>((m_random >> 8U) % 400);
        worth = temp + pressure;
        const int length = std::snprintf(
            m_text, sizeof m_text,
            R"({"device":"P-%03d","ts":%llu,"temp":%d.%02d,"pressure":%d.%02d,"unit":"press shop","firmware":"4.2.1","shift":"early","note":"ok-%08x"})",
            device, 1'790'000'000'000ULL + i, temp / 100, temp % 100, pressure / 100, pressure % 100, m_random);
        return {m_text, static_cast<std::size_t>(length)};
    }

    int device = 0; // of the message given last
    int worth = 0; // what it adds to the checksum: hundredths of both values

private:
    std::uint32_t m_random = 12345;
    int m_temps[Presses];
    char m_text[256];
};

}
