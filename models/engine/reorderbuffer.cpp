#include "engine/reorderbuffer.h"

namespace sg {

void ReorderBuffer::add(const Sample &sample)
{
    std::vector<Sample> &rows = m_waiting[sample.series];
    rows.insert(std::upper_bound(rows.begin(), rows.end(), sample.t, [](Time t, const Sample &s) { return t < s.t; }), sample);
}

void ReorderBuffer::release(Timing &timing, Time now, std::vector<Sample> &inOrder)
{
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        std::vector<Sample> &rows = it->second;
        const Time passed = std::max(timing.watermark(it->first), timing.at(it->first, now));
        const auto end = std::upper_bound(rows.begin(), rows.end(), passed, [](Time t, const Sample &s) { return t < s.t; });
        if (end != rows.begin())
            timing.noteLetThrough(it->first, passed);
        inOrder.insert(inOrder.end(), rows.begin(), end);
        rows.erase(rows.begin(), end);
        it = rows.empty() ? m_waiting.erase(it) : std::next(it);
    }
}

std::vector<Sample> ReorderBuffer::waiting() const
{
    std::vector<Sample> out;
    for (const auto &[series, rows] : m_waiting)
        out.insert(out.end(), rows.begin(), rows.end());
    return out;
}

}
