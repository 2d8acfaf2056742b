#include "store/chunk.h"

#include <algorithm>
#include <cmath>

namespace sg {

void Digest::add(double value, Quality quality)
{
    worst = std::max(worst, quality);
    if (!std::isfinite(value))
        return;
    min = std::min(min, value);
    max = std::max(max, value);
    ++finite;
}

void Digest::add(const Digest &other)
{
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    finite += other.finite;
    worst = std::max(worst, other.worst);
}

Chunk::Chunk(std::span<const Row> rows)
{
    m_times.reserve(rows.size());
    m_values.reserve(rows.size());
    m_qualities.reserve(rows.size());
    std::vector<Digest> level((rows.size() + Leaf - 1) / Leaf);
    for (const Row &row : rows) {
        level[m_times.size() / Leaf].add(row.value, row.quality);
        m_times.push_back(row.t);
        m_values.push_back(row.value);
        m_qualities.push_back(row.quality);
    }
    m_levels.push_back(std::move(level));
    while (m_levels.back().size() > 1) {
        const auto &below = m_levels.back();
        std::vector<Digest> above((below.size() + FanOut - 1) / FanOut);
        for (std::size_t i = 0; i < below.size(); ++i)
            above[i / FanOut].add(below[i]);
        m_levels.push_back(std::move(above));
    }
}

std::size_t Chunk::bytes() const
{
    std::size_t sum = sizeof(Chunk) + m_times.size() * (sizeof(Time) + sizeof(double) + sizeof(Quality));
    for (const auto &level : m_levels)
        sum += sizeof(level) + level.size() * sizeof(Digest);
    return sum;
}

std::size_t Chunk::firstAtOrAfter(Time t, std::size_t begin) const
{
    std::size_t step = 1;
    std::size_t low = begin;
    while (low + step < size() && m_times[low + step] < t) {
        low += step;
        step *= 2;
    }
    const auto end = m_times.begin() + static_cast<std::ptrdiff_t>(std::min(size(), low + step + 1));
    return static_cast<std::size_t>(std::lower_bound(m_times.begin() + static_cast<std::ptrdiff_t>(low), end, t) - m_times.begin());
}

std::size_t Chunk::firstFinite(std::size_t begin, std::size_t end) const
{
    for (std::size_t i = begin; i < end;) {
        if (i % Leaf == 0) {
            // Steps over the widest run without any value that starts here.
            std::size_t width = 0;
            std::size_t rows = Leaf;
            for (std::size_t level = 0; level < m_levels.size() && i % rows == 0; ++level, rows *= FanOut) {
                if (m_levels[level][i / rows].finite > 0)
                    break;
                width = rows;
            }
            if (width > 0) {
                i += width;
                continue;
            }
        }
        if (std::isfinite(m_values[i]))
            return i;
        ++i;
    }
    return end;
}

std::size_t Chunk::lastFinite(std::size_t begin, std::size_t end) const
{
    for (std::size_t i = end; i > begin;) {
        if (i % Leaf == 0 || i == size()) {
            const std::size_t leaf = (i - 1) / Leaf;
            std::size_t width = 0;
            std::size_t rows = Leaf;
            // A node ends here when the next row is the first of another node, or there is no next row.
            for (std::size_t level = 0; level < m_levels.size() && (i % rows == 0 || i == size()); ++level, rows *= FanOut) {
                const std::size_t node = leaf * Leaf / rows;
                if (m_levels[level][node].finite > 0)
                    break;
                width = i - node * rows;
            }
            if (width > 0) {
                i = width < i ? i - width : 0;
                continue;
            }
        }
        if (std::isfinite(m_values[i - 1]))
            return i - 1;
        --i;
    }
    return end;
}

Digest Chunk::digest(std::size_t begin, std::size_t end) const
{
    Digest sum;
    std::size_t i = begin;
    const auto addRows = [&](std::size_t until) {
        for (; i < until; ++i)
            sum.add(m_values[i], m_qualities[i]);
    };
    addRows(std::min(end, (begin + Leaf - 1) / Leaf * Leaf));
    while (i < end) {
        // The widest node that starts here and ends within; the last node of a level may be short and ends with the chunk.
        std::size_t level = 0;
        std::size_t rows = Leaf;
        if (std::min(i + rows, size()) > end)
            break;
        while (level + 1 < m_levels.size() && i % (rows * FanOut) == 0 && std::min(i + rows * FanOut, size()) <= end) {
            ++level;
            rows *= FanOut;
        }
        sum.add(m_levels[level][i / rows]);
        i += rows;
    }
    addRows(end);
    return sum;
}

void Chunk::read(std::size_t begin, std::size_t end, std::vector<Row> &out) const
{
    out.reserve(out.size() + (end - begin));
    for (std::size_t i = begin; i < end; ++i)
        out.push_back(row(i));
}

}
