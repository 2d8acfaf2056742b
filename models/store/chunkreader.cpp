#include "store/chunkreader.h"

#include "store/chunkdata.h"

#include <cmath>

namespace sg {

namespace {

constexpr std::size_t BlockRows = Chunk::BlockRows;

// The range of some rows of a block. Whole parts first, since their range is known: the rows of the others, which have to be decoded, then
// mostly add nothing.
void addParts(const BlockValues &in, std::size_t low, std::size_t high, Digest &sum)
{
    constexpr std::size_t Rows = BlockParts::Rows;
    const auto add = [&sum](std::pair<double, double> range) {
        sum.min = std::min(sum.min, range.first);
        sum.max = std::max(sum.max, range.second);
    };
    const std::size_t firstWhole = (low + Rows - 1) / Rows, endWhole = high / Rows;
    for (std::size_t part = firstWhole; part < endWhole; ++part)
        add(in.rangeOfPart(part));
    const auto addSome = [&](std::size_t begin, std::size_t end) {
        if (begin >= end)
            return;
        const auto whole = in.rangeOfPart(begin / Rows);
        if (whole.first < sum.min || whole.second > sum.max)
            add(in.range(begin, end));
    };
    addSome(low, std::min(high, firstWhole * Rows));
    if (firstWhole <= endWhole) // else all of them are in one part
        addSome(endWhole * Rows, high);
}

}

void ChunkReader::open(const Chunk &chunk)
{
    m_chunk = &chunk;
    m_data.reset();
    m_values[0].block = m_values[1].block = m_timesBlock = None;
}

const ChunkData &ChunkReader::data() const
{
    if (!m_data) {
        m_data = m_chunk->data();
        m_summary = &m_data->summary();
    }
    return *m_data;
}

const BlockValues &ChunkReader::values(std::size_t block) const
{
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        if (m_values[i].block == block) {
            m_lastUsed = i;
            return m_values[i].values;
        }
    }
    m_lastUsed = 1 - m_lastUsed;
    Values &slot = m_values[m_lastUsed];
    // Blocks were decoded once when they were made or read from disk, so this cannot fail.
    (void)slot.values.decode(data().blockBytes(block), data().blockRows(block), data().blockParts(block));
    slot.block = block;
    return slot.values;
}

std::span<const Time> ChunkReader::times(std::size_t block) const
{
    const auto used = std::span(m_times).first(data().blockRows(block));
    if (m_timesBlock != block) {
        (void)decodeTimes(data().blockBytes(block), data().blockFirst(block), used);
        m_timesBlock = block;
    }
    return used;
}

Time ChunkReader::time(std::size_t i) const
{
    if (i == 0)
        return m_chunk->first();
    if (i + 1 == size())
        return m_chunk->last();
    return times(i / BlockRows)[i % BlockRows];
}

double ChunkReader::value(std::size_t i) const
{
    const ChunkSummary &all = summary();
    if (i == all.firstFinite)
        return all.firstValue;
    if (i == all.lastFinite)
        return all.lastValue;
    return values(i / BlockRows).value(i % BlockRows);
}

bool ChunkReader::hasValue(std::size_t i) const
{
    const ChunkSummary &all = summary();
    if (all.digest.finite == all.rows)
        return true;
    if (i <= all.firstFinite || i >= all.lastFinite)
        return i == all.firstFinite || i == all.lastFinite;
    return std::isfinite(value(i));
}

Row ChunkReader::row(std::size_t i) const
{
    if (i + 1 == size())
        return {time(i), value(i), summary().lastQuality, summary().isLastLate};
    const BlockValues &in = values(i / BlockRows);
    return {time(i), value(i), in.quality(i % BlockRows), in.isLate(i % BlockRows)};
}

std::size_t ChunkReader::firstAtOrAfter(Time t, std::size_t begin) const
{
    if (begin >= size() || m_chunk->last() < t)
        return size();
    if (t <= m_chunk->first())
        return begin;
    // The last block that begins before t, in steps twice as wide each from where `begin` is.
    std::size_t low = begin / BlockRows;
    std::size_t step = 1;
    while (low + step < data().blocks() && data().blockFirst(low + step) < t) {
        low += step;
        step *= 2;
    }
    for (; step > 0; step /= 2) {
        if (low + step < data().blocks() && data().blockFirst(low + step) < t)
            low += step;
    }
    if (m_timesBlock != low) {
        if (const auto found = sg::firstAtOrAfter(data().blockBytes(low), data().blockFirst(low), data().blockRows(low), t))
            return std::max(begin, low * BlockRows + *found);
    }
    const auto in = times(low);
    const auto found = static_cast<std::size_t>(std::lower_bound(in.begin(), in.end(), t) - in.begin());
    return std::max(begin, low * BlockRows + found);
}

std::size_t ChunkReader::firstFinite(std::size_t begin, std::size_t end) const
{
    const ChunkSummary &all = summary();
    if (all.digest.finite == all.rows)
        return begin;
    if (begin <= all.firstFinite)
        return std::min<std::size_t>(all.firstFinite, end);
    const auto &levels = data().levels();
    for (std::size_t i = begin; i < end;) {
        if (i % BlockRows == 0) {
            // Steps over the widest run without any value that starts here.
            std::size_t width = 0;
            std::size_t rows = BlockRows;
            for (std::size_t level = 0; level < levels.size() && i % rows == 0; ++level, rows *= ChunkData::FanOut) {
                if (levels[level][i / rows].finite > 0)
                    break;
                width = rows;
            }
            if (width > 0) {
                i += width;
                continue;
            }
        }
        if (std::isfinite(value(i)))
            return i;
        ++i;
    }
    return end;
}

std::size_t ChunkReader::lastFinite(std::size_t begin, std::size_t end) const
{
    if (begin >= end)
        return end;
    const ChunkSummary &all = summary();
    if (all.digest.finite == all.rows)
        return end - 1;
    if (end > all.lastFinite)
        return all.lastFinite >= begin ? all.lastFinite : end;
    const auto &levels = data().levels();
    for (std::size_t i = end; i > begin;) {
        if (i % BlockRows == 0 || i == size()) {
            const std::size_t block = (i - 1) / BlockRows;
            std::size_t width = 0;
            std::size_t rows = BlockRows;
            // A node ends here when the next row is the first of another node, or there is no next row.
            for (std::size_t level = 0; level < levels.size() && (i % rows == 0 || i == size()); ++level, rows *= ChunkData::FanOut) {
                const std::size_t node = block * BlockRows / rows;
                if (levels[level][node].finite > 0)
                    break;
                width = i - node * rows;
            }
            if (width > 0) {
                i = width < i ? i - width : 0;
                continue;
            }
        }
        if (std::isfinite(value(i - 1)))
            return i - 1;
        --i;
    }
    return end;
}

void ChunkReader::addEdge(std::size_t begin, std::size_t end, Digest &sum) const
{
    if (begin >= end)
        return;
    const std::size_t block = begin / BlockRows;
    const Digest &whole = data().levels().front()[block];
    const bool isFinite = whole.finite == data().blockRows(block);
    // Where the whole block adds nothing but its number of rows, no part of it does: most edges of wide columns are such.
    if (isFinite && sum.min <= whole.min && whole.max <= sum.max && whole.worst <= sum.worst && (sum.hasLate || !whole.hasLate)) {
        sum.finite += static_cast<std::uint32_t>(end - begin);
        return;
    }
    const BlockValues &in = values(block);
    const std::size_t low = begin % BlockRows, high = low + (end - begin);
    if (in.isPlain() && isFinite) {
        if (in.hasParts()) {
            addParts(in, low, high, sum);
        } else {
            const auto [min, max] = in.range(low, high);
            sum.min = std::min(sum.min, min);
            sum.max = std::max(sum.max, max);
        }
        sum.finite += static_cast<std::uint32_t>(end - begin);
        sum.worst = std::max(sum.worst, in.quality(low));
        sum.hasLate = sum.hasLate || in.isLate(low);
        return;
    }
    in.reach(high);
    for (std::size_t i = low; i < high; ++i)
        sum.add(in.value(i), in.quality(i), in.isLate(i));
}

Digest ChunkReader::digest(std::size_t begin, std::size_t end) const
{
    if (begin == 0 && end == size() && end > 0)
        return summary().digest;
    Digest sum;
    if (begin >= end)
        return sum;
    const auto &levels = data().levels();
    // What lies in whole blocks first, then the edges: they rarely add anything to it.
    const std::size_t firstWhole = begin % BlockRows == 0 ? begin : std::min(end, (begin / BlockRows + 1) * BlockRows);
    std::size_t i = firstWhole;
    while (i < end) {
        // The widest node that starts here and ends within; the last node of a level may be short and ends with the chunk.
        std::size_t level = 0;
        std::size_t rows = BlockRows;
        if (std::min(i + rows, size()) > end)
            break;
        while (level + 1 < levels.size() && i % (rows * ChunkData::FanOut) == 0 && std::min(i + rows * ChunkData::FanOut, size()) <= end) {
            ++level;
            rows *= ChunkData::FanOut;
        }
        sum.add(levels[level][i / rows]);
        i += rows;
    }
    addEdge(begin, firstWhole, sum);
    addEdge(i, end, sum);
    return sum;
}

void ChunkReader::expect(std::size_t row) const
{
    const std::size_t block = row / BlockRows;
    if (!m_data || block >= m_data->blocks())
        return;
#ifdef __GNUC__
    constexpr std::size_t Line = 64, Most = 8 * Line; // the rest follows by itself
    const std::string_view bytes = m_data->blockBytes(block);
    for (std::size_t i = 0; i < std::min(bytes.size(), Most); i += Line)
        __builtin_prefetch(bytes.data() + i);
    __builtin_prefetch(&m_data->levels().front()[block]);
#endif
}

void ChunkReader::read(std::size_t begin, std::size_t end, std::vector<Row> &out) const
{
    out.reserve(out.size() + (end - begin));
    while (begin < end) {
        const std::size_t block = begin / BlockRows;
        const auto rowTimes = times(block);
        const BlockValues &in = values(block);
        in.reach(rowTimes.size());
        for (std::size_t i = begin % BlockRows; i < rowTimes.size() && begin < end; ++i, ++begin)
            out.push_back({rowTimes[i], in.value(i), in.quality(i), in.isLate(i)});
    }
}

}
