#pragma once

#include <cstdint>

namespace sg::bench {

// What every side of the chart bench shows: ten series of walks at two decimals, noise, steps and spikes, a sample each 100 us.
constexpr int ChartSeriesCount = 10;
constexpr std::int64_t SampleMicros = 100;
constexpr std::int64_t FirstMicros = 1'700'000'000'000'000;

class ChartSignal
{
public:
    explicit ChartSignal(int series)
        : m_series(series)
        , m_state(0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(series + 1))
    {
    }

    double next()
    {
        const auto noise = static_cast<double>(random() >> 11U) * 0x1p-53 - 0.5;
        switch (m_series % 5) {
        case 0:
        case 1: // a random walk that stays within its band, at two decimals
            m_level += noise * 0.2 - m_level * 1e-6;
            return static_cast<double>(m_series) * 10 + static_cast<double>(static_cast<std::int64_t>(m_level * 100)) / 100;
        case 2:
            return static_cast<double>(m_series) * 10 + noise * 6;
        case 3:
            if (random() % 50'000 == 0)
                m_level = static_cast<double>(random() % 8);
            return static_cast<double>(m_series) * 10 + m_level;
        default:
            return static_cast<double>(m_series) * 10 + (random() % 200'000 == 0 ? noise * 60 : 0.25);
        }
    }

private:
    std::uint64_t random() // xorshift64*
    {
        m_state ^= m_state >> 12U;
        m_state ^= m_state << 25U;
        m_state ^= m_state >> 27U;
        return m_state * 0x2545f4914f6cdd1dULL;
    }

    const int m_series;
    std::uint64_t m_state;
    double m_level = 0;
};

}
