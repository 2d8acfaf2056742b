#include "store/chunkdata.h"

#include <cmath>

namespace sg {

namespace {

constexpr std::size_t BlockRows = Chunk::BlockRows;
static_assert(BlockRows == MaxInts);

}

void Digest::add(double value, Quality quality, bool isLate)
{
    worst = std::max(worst, quality);
    hasLate = hasLate || isLate;
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
    hasLate = hasLate || other.hasLate;
}

bool ChunkSummary::isSane() const
{
    const bool hasRows
        = rows >= 1 && rows <= Chunk::MaxRows && digest.finite <= rows && digest.worst <= Quality::Bad && lastQuality <= Quality::Bad;
    if (!hasRows || first > last)
        return false;
    // Rows lie at least a microsecond apart; the difference is of unsigned numbers, because it may be longer than Micros hold.
    const auto span
        = static_cast<std::uint64_t>(last.time_since_epoch().count()) - static_cast<std::uint64_t>(first.time_since_epoch().count());
    if (span < rows - 1 || (rows == 1 && span != 0))
        return false;
    if (digest.finite == 0)
        return firstFinite == rows && lastFinite == rows;
    return firstFinite <= lastFinite && lastFinite < rows && lastFinite - firstFinite + 1 >= digest.finite && digest.min <= firstValue
        && firstValue <= digest.max && digest.min <= lastValue && lastValue <= digest.max && std::isfinite(digest.min)
        && std::isfinite(digest.max);
}

ChunkData::Builder::Builder()
    : m_data(std::make_shared<ChunkData>())
{
    m_data->m_levels.emplace_back();
}

void ChunkData::Builder::add(std::span<const Row> rows)
{
    m_data->note(rows);
    encodeBlock(rows, m_data->m_bytes);
    addParts();
}

void ChunkData::Builder::add(std::span<const Row> rows, std::string_view encoded)
{
    m_data->note(rows);
    m_data->m_bytes.append(encoded);
    addParts();
}

// Of the block that was added last.
void ChunkData::Builder::addParts()
{
    ChunkData &data = *m_data;
    Block &block = data.m_blocks.back();
    const std::size_t size = data.m_bytes.size(), rows = data.blockRows(data.m_blocks.size() - 1);
    if (data.m_levels.front().back().finite < rows)
        return;
    data.m_bytes.append(IntPadding, '\0');
    BlockValues values;
    if (values.decode(std::string_view(data.m_bytes).substr(block.begin, size - block.begin), rows)) {
        if (const auto parts = values.parts()) {
            block.parts = static_cast<std::uint32_t>(data.m_parts.size());
            data.m_parts.push_back(*parts);
        }
    }
    data.m_bytes.resize(size);
}

void ChunkData::note(std::span<const Row> rows)
{
    Digest digest;
    std::uint32_t firstFinite = 0, lastFinite = 0;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        digest.add(rows[i].value, rows[i].quality, rows[i].isLate);
        if (std::isfinite(rows[i].value)) {
            if (digest.finite == 1)
                firstFinite = i;
            lastFinite = i;
        }
    }
    if (m_summary.rows == 0)
        m_summary.first = rows.front().t;
    if (digest.finite > 0) {
        if (m_summary.digest.finite == 0) {
            m_summary.firstFinite = m_summary.rows + firstFinite;
            m_summary.firstValue = rows[firstFinite].value;
        }
        m_summary.lastFinite = m_summary.rows + lastFinite;
        m_summary.lastValue = rows[lastFinite].value;
    }
    m_blocks.push_back({rows.front().t, static_cast<std::uint32_t>(m_bytes.size()), NoParts});
    m_levels.front().push_back(digest);
    m_summary.digest.add(digest);
    m_summary.last = rows.back().t;
    m_summary.lastQuality = rows.back().quality;
    m_summary.isLastLate = rows.back().isLate;
    m_summary.rows += static_cast<std::uint32_t>(rows.size());
}

void ChunkData::Builder::add(const ChunkData &other)
{
    ChunkData &data = *m_data;
    const ChunkSummary &more = other.m_summary;
    ChunkSummary &summary = data.m_summary;
    for (const Block &block : other.m_blocks) {
        const auto parts = static_cast<std::uint32_t>(data.m_parts.size());
        data.m_blocks.push_back({block.first, static_cast<std::uint32_t>(data.m_bytes.size()) + block.begin,
                                 block.parts == NoParts ? NoParts : parts + block.parts});
    }
    data.m_parts.insert(data.m_parts.end(), other.m_parts.begin(), other.m_parts.end());
    data.m_bytes.append(other.m_bytes, 0, other.m_bytes.size() - IntPadding);
    data.m_levels.front().insert(data.m_levels.front().end(), other.m_levels.front().begin(), other.m_levels.front().end());
    if (summary.rows == 0)
        summary.first = more.first;
    if (more.digest.finite > 0) {
        if (summary.digest.finite == 0) {
            summary.firstFinite = summary.rows + more.firstFinite;
            summary.firstValue = more.firstValue;
        }
        summary.lastFinite = summary.rows + more.lastFinite;
        summary.lastValue = more.lastValue;
    }
    summary.digest.add(more.digest);
    summary.last = more.last;
    summary.lastQuality = more.lastQuality;
    summary.isLastLate = more.isLastLate;
    summary.rows += more.rows;
}

std::shared_ptr<const ChunkData> ChunkData::Builder::take()
{
    ChunkData &data = *m_data;
    if (data.m_summary.digest.finite == 0)
        data.m_summary.firstFinite = data.m_summary.lastFinite = data.m_summary.rows;
    data.m_bytes.append(IntPadding, '\0');
    data.m_bytes.shrink_to_fit();
    data.m_blocks.shrink_to_fit();
    data.m_parts.shrink_to_fit();
    data.m_levels.front().shrink_to_fit();
    while (data.m_levels.back().size() > 1) {
        const auto &below = data.m_levels.back();
        std::vector<Digest> above((below.size() + FanOut - 1) / FanOut);
        for (std::size_t i = 0; i < below.size(); ++i)
            above[i / FanOut].add(below[i]);
        data.m_levels.push_back(std::move(above));
    }
    return std::move(m_data);
}

std::shared_ptr<const ChunkData> ChunkData::of(std::span<const Row> rows)
{
    Builder builder;
    for (std::size_t i = 0; i < rows.size(); i += BlockRows)
        builder.add(rows.subspan(i, std::min(BlockRows, rows.size() - i)));
    return builder.take();
}

std::shared_ptr<const ChunkData> ChunkData::joined(const ChunkData &left, const ChunkData &right)
{
    if (left.m_summary.rows % BlockRows == 0) {
        Builder builder;
        builder.add(left);
        builder.add(right);
        return builder.take();
    }
    std::vector<Row> rows;
    rows.reserve(left.m_summary.rows + right.m_summary.rows);
    for (const ChunkData *data : {&left, &right}) {
        for (std::size_t i = 0; i < data->blocks(); ++i)
            (void)decodeRows(data->blockBytes(i), data->blockFirst(i), data->m_summary.last, data->blockRows(i), rows);
    }
    return of(rows);
}

std::shared_ptr<const ChunkData> ChunkData::missing(const ChunkSummary &summary)
{
    return of(missingRows(summary.first, summary.last, summary.rows));
}

std::size_t ChunkData::bytes() const
{
    std::size_t sum
        = sizeof(ChunkData) + m_blocks.capacity() * sizeof(Block) + m_parts.capacity() * sizeof(BlockParts) + m_bytes.capacity();
    for (const auto &level : m_levels)
        sum += sizeof(level) + level.capacity() * sizeof(Digest);
    return sum;
}

std::vector<Row> missingRows(Time from, Time to, std::size_t count)
{
    std::vector<Row> rows;
    rows.reserve(count);
    const auto begin = static_cast<std::uint64_t>(from.time_since_epoch().count());
    const std::uint64_t span = static_cast<std::uint64_t>(to.time_since_epoch().count()) - begin;
    const std::uint64_t steps = count > 1 ? count - 1 : 1;
    for (std::uint64_t i = 0; i < count; ++i) {
        // The whole part and the rest apart, so that it cannot overflow; the last one is `to`.
        const std::uint64_t offset = span / steps * i + span % steps * i / steps;
        rows.push_back({Time(Micros(static_cast<std::int64_t>(begin + offset))), std::numeric_limits<double>::quiet_NaN(), Quality::Bad});
    }
    return rows;
}

bool decodeRows(std::string_view block, Time first, Time last, std::size_t count, std::vector<Row> &out)
{
    std::array<Time, MaxInts> times;
    BlockValues values;
    if (!values.decode(block, count) || !decodeTimes(block, first, std::span(times).first(count)))
        return false;
    if (times[0] != first || times[count - 1] > last)
        return false;
    for (std::size_t i = 1; i < count; ++i) {
        if (times[i] <= times[i - 1])
            return false;
    }
    values.reach(count);
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({times[i], values.value(i), values.quality(i), values.isLate(i)});
    return true;
}

}
