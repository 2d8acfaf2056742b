#pragma once

#include "store/seriesstore.h"

#include <vector>

namespace sg {

// Samples as rows, those of one series one after the other: what is kept of a series is then visited once a step and not once a sample. One
// thread; a member of its owner, so that its memory is used again.
class RowsBySeries
{
public:
    // Calls use(SeriesId, std::span<const Row>) for each series among the samples, its rows in their order.
    template <class Use> void forEach(std::span<const Sample> samples, Use use)
    {
        for (const Sample &sample : samples) {
            const std::uint32_t n = number(sample.series);
            if (n >= m_ends.size())
                m_ends.resize(n + 1);
            if (m_ends[n]++ == 0)
                m_met.push_back(n);
        }
        std::uint32_t begin = 0;
        for (const std::uint32_t n : m_met)
            begin += std::exchange(m_ends[n], begin);
        if (m_rows.size() < samples.size())
            m_rows.resize(samples.size());
        for (const Sample &sample : samples)
            m_rows[m_ends[number(sample.series)]++] = {sample.t, sample.value, sample.quality};
        begin = 0;
        for (const std::uint32_t n : m_met) {
            const std::uint32_t end = std::exchange(m_ends[n], 0);
            use(SeriesId(n), std::span<const Row>(m_rows).subspan(begin, end - begin));
            begin = end;
        }
        m_met.clear();
    }

private:
    std::vector<std::uint32_t> m_ends; // by number(SeriesId); all 0 between two calls
    std::vector<std::uint32_t> m_met; // in order of their first samples
    std::vector<Row> m_rows;
};

}
