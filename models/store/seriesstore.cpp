#include "store/seriesstore.h"

#include "store/chunkdata.h"
#include "store/chunkreader.h"
#include "store/head.h"
#include "store/heldseries.h"

#include <algorithm>
#include <bit>

namespace sg {

namespace {

constexpr std::uint32_t SealRows = 4'096; // a head has no pyramid, so this bounds what a query scans row by row
constexpr std::uint32_t LeastBlock = 2;
constexpr std::uint32_t MostBlock = 256;
constexpr std::size_t MoveAtOnce = 1'024; // rows that a late row may make us copy without waiting
constexpr std::size_t MovesPerRow = 64; // rows that each arriving row pays for otherwise
constexpr std::size_t Allocation = 16; // what the heap itself takes for each piece, about

std::uint32_t bytesOf(const HeadBlock &block)
{
    // With the counters of its shared_ptr.
    return static_cast<std::uint32_t>(sizeof(HeadBlock) + 2 * sizeof(void *) + 2 * Allocation + block.capacity * sizeof(Row));
}

bool isSame(const Row &a, const Row &b)
{
    return std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) && a.quality == b.quality;
}

// Both in time order; `late` may hold one time several times, in order of arrival: each replaces the one before it. Adds to
// `replaced` where they differ.
std::vector<Row> merged(std::span<const Row> rows, std::span<const Row> late, std::uint64_t &replaced)
{
    std::vector<Row> out;
    out.reserve(rows.size() + late.size());
    std::size_t i = 0;
    for (const Row &row : late) {
        for (; i < rows.size() && rows[i].t <= row.t; ++i)
            out.push_back(rows[i]);
        if (!out.empty() && out.back().t == row.t) {
            if (isSame(out.back(), row))
                continue; // told again: what is there was not late because of that
            ++replaced;
            out.back() = row;
        } else {
            out.push_back(row);
        }
    }
    out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(i), rows.end());
    return out;
}

// What was read back of a cold chunk may be a gap. Then it takes no rows: it would be stored again without those that a later try reads.
bool isWhole(const Chunk &chunk, std::span<const Row> rows)
{
    if (!chunk.isCold())
        return true;
    Digest is;
    for (const Row &row : rows)
        is.add(row.value, row.quality, row.isLate);
    const ChunkSummary &was = chunk.summary();
    return rows.size() == was.rows && is.finite == was.digest.finite && is.worst == was.digest.worst
        && rows.back().quality == was.lastQuality;
}

}

SeriesStore::SeriesStore() = default;
SeriesStore::~SeriesStore() = default;

SeriesStore::Series &SeriesStore::at(SeriesId series)
{
    if (number(series) >= m_series.size()) {
        m_bytes -= m_series.capacity() * sizeof(m_series.front());
        m_series.resize(number(series) + 1);
        m_bytes += m_series.capacity() * sizeof(m_series.front());
    }
    auto &held = m_series[number(series)];
    if (!held) {
        held = std::make_unique<Series>();
        held->id = series;
        m_bytes += sizeof(Series) + Allocation;
    }
    return *held;
}

void SeriesStore::setRevised(SeriesId series, bool isRevised)
{
    at(series).isRevised = isRevised;
}

void SeriesStore::append(SeriesId series, std::span<const Row> inOrder)
{
    Series &s = at(series);
    for (const Row &row : inOrder) {
        if (s.isLate(row.t)) {
            addLate(s, row);
            continue;
        }
        if (s.headRows > 0 && row.t == s.newest().t) {
            if (isSame(row, s.newest()))
                continue;
            // The visible row may be read right now, so it stays as it is; readers take the last of equal times.
            m_conflicts += s.isRevised ? 0 : 1;
            ++s.replaced;
            --m_rows;
        }
        push(s, row);
        ++m_rows;
        // Whole blocks, and the newest row is to stay. Rows that were replaced again and again are to go at some time, too.
        if (s.headRows - s.replaced > SealRows || s.headRows > 2 * SealRows)
            seal(s, false);
    }
    if (s.late) {
        s.late->paid += inOrder.size() * MovesPerRow;
        if (s.late->paid >= s.late->cost)
            mergeLate(s);
    }
}

void SeriesStore::addLate(Series &s, const Row &row)
{
    if (!s.late) {
        s.late = std::make_unique<Series::Late>();
        s.late->cost = s.headRows;
    }
    // What merging would copy: the head, and every chunk that a row falls into; a chunk met again after another counts again.
    const std::size_t i = s.chunkFor(row.t);
    const Chunk *chunk = i < s.chunks() ? (*s.sealed)[i].get() : nullptr;
    if (chunk && chunk != s.late->chunk)
        s.late->cost += chunk->size();
    s.late->chunk = chunk;
    s.late->rows.push_back(row);
    m_bytes += sizeof(Row);
    s.late->paid += MovesPerRow;
    // The side run itself is not to grow without bound.
    if (s.late->rows.size() >= SealRows)
        mergeLate(s);
}

void SeriesStore::insertLate(SeriesId series, std::span<const Row> late)
{
    Series &s = at(series);
    std::vector<Row> sorted(late.begin(), late.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const Row &a, const Row &b) { return a.t < b.t; });
    const auto split = std::find_if(sorted.begin(), sorted.end(), [&s](const Row &row) { return !s.isLate(row.t); });
    for (auto row = sorted.begin(); row != split; ++row)
        addLate(s, *row);
    if (s.late && (s.late->cost <= MoveAtOnce || s.late->paid >= s.late->cost))
        mergeLate(s);
    append(series, {split, sorted.end()});
}

void SeriesStore::showLate(SeriesId series)
{
    if (Series &s = at(series); s.late)
        mergeLate(s);
}

SeriesView SeriesStore::view(SeriesId series) const
{
    if (number(series) >= m_series.size() || !m_series[number(series)])
        return {};
    const Series &s = *m_series[number(series)];
    return {s.sealed, s.head, s.headRows, {}};
}

std::optional<Row> SeriesStore::newest(SeriesId series) const
{
    if (number(series) >= m_series.size() || !m_series[number(series)])
        return {};
    const Series &s = *m_series[number(series)];
    if (s.headRows > 0)
        return s.newest();
    if (s.chunks() == 0)
        return {};
    const ChunkSummary &last = s.sealed->back()->summary();
    const bool hasValue = last.digest.finite > 0 && last.lastFinite + 1 == last.rows;
    return Row{last.last, hasValue ? last.lastValue : std::numeric_limits<double>::quiet_NaN(), last.lastQuality, last.isLastLate};
}

void SeriesStore::push(Series &s, const Row &row)
{
    if (!s.tail || s.tailRows == s.tail->capacity) {
        // As large as all before it together, so that at most half of a head is unused.
        auto block = std::make_shared<HeadBlock>(std::clamp(s.headRows, LeastBlock, MostBlock));
        HeadBlock *added = block.get();
        s.headBytes += bytesOf(*added);
        m_bytes += bytesOf(*added);
        (s.tail ? s.tail->next : s.head) = std::move(block);
        s.tail = added;
        s.tailRows = 0;
    }
    s.tail->rows[s.tailRows++] = row;
    ++s.headRows;
}

// New blocks, because views may still read the old ones.
void SeriesStore::startHead(Series &s, std::span<const Row> rows)
{
    m_bytes -= s.headBytes;
    s.headBytes = 0;
    s.head.reset();
    s.tail = nullptr;
    s.headRows = s.tailRows = s.replaced = 0;
    for (const Row &row : rows)
        push(s, row);
}

void SeriesStore::put(Series &s, Change change)
{
    const std::size_t each = sizeof(change.chunks.front()) + sizeof(Series::Stored) + Allocation;
    m_bytes -= s.chunks() * each;
    m_bytes += change.chunks.size() * each;
    s.sealed = change.chunks.empty() ? nullptr : std::make_shared<const Chunks>(std::move(change.chunks));
    s.stored = std::move(change.stored);
    if (!s.isListed && m_cache) {
        s.isListed = true;
        m_unstored.push_back(s.id);
    }
}

// The newest row stays in the head: a row of the same time may still come, and a chunk never changes. What does not fill a block stays
// too, unless the head is sealed as a whole: chunks of full blocks are joined without coding them again.
void SeriesStore::seal(Series &s, bool isWhole)
{
    if (s.late)
        mergeLate(s);
    const std::vector<Row> rows = headRows(s.head.get(), s.headRows);
    if (rows.empty())
        return;
    const std::size_t count = isWhole ? rows.size() - 1 : (rows.size() - 1) / Chunk::BlockRows * Chunk::BlockRows;
    startHead(s, std::span(rows).subspan(count));
    if (count == 0)
        return;

    Change change(s);
    for (std::size_t i = 0; i < count; i += Chunk::MaxRows) {
        const std::size_t here = std::min(Chunk::MaxRows, count - i);
        change.add(std::make_shared<const Chunk>(std::span(rows).subspan(i, here)), {});
        m_bytes += change.chunks.back()->bytes();
    }
    // Neighbours of about one size are joined, as a binary counter carries: a long history consists of few chunks.
    while (change.chunks.size() > 1) {
        const auto left = change.chunks[change.chunks.size() - 2];
        const auto right = change.chunks.back();
        if (left->isCold() || right->isCold() || left->size() >= right->size() * 3 / 2 || left->size() + right->size() > Chunk::MaxRows)
            break;
        Series::Stored before = std::move(change.stored[change.stored.size() - 2]);
        Series::Stored place = std::move(change.stored.back());
        for (Series::Stored *old : {&before, &place}) {
            if (old->place != NoPlace)
                old->replaces.push_back(old->place);
        }
        before.place = NoPlace;
        before.replaces.insert(before.replaces.end(), place.replaces.begin(), place.replaces.end());
        change.chunks.pop_back();
        change.stored.pop_back();
        change.chunks.back() = std::make_shared<const Chunk>(ChunkData::joined(*left->data(), *right->data()));
        change.stored.back() = std::move(before);
        m_bytes += change.chunks.back()->bytes();
        m_bytes -= left->bytes() + right->bytes();
    }
    put(s, std::move(change));
}

void SeriesStore::mergeLate(Series &s)
{
    std::vector<Row> late = std::move(s.late->rows);
    s.late.reset();
    m_bytes -= late.size() * sizeof(Row);
    // Stable, so that rows of one time stay in order of arrival.
    std::stable_sort(late.begin(), late.end(), [](const Row &a, const Row &b) { return a.t < b.t; });

    std::span<const Row> rest = late;
    if (s.chunkFor(rest.front().t) < s.chunks()) {
        Change change;
        std::vector<Row> rows;
        for (std::size_t i = 0; i < s.chunks(); ++i) {
            const auto &chunk = (*s.sealed)[i];
            std::size_t here = 0;
            while (here < rest.size() && rest[here].t <= chunk->last())
                ++here;
            const auto into = rest.first(here);
            rest = rest.subspan(here);
            rows.clear();
            if (here > 0)
                chunk->open().read(0, chunk->size(), rows);
            if (here == 0 || !isWhole(*chunk, rows)) {
                m_lateLost += here;
                change.add(chunk, s.stored[i]);
                continue;
            }
            std::uint64_t replaced = 0;
            const std::vector<Row> joined = merged(rows, into, replaced);
            m_conflicts += s.isRevised ? 0 : replaced;
            if (joined.size() == rows.size() && replaced == 0) { // they were here already
                change.add(chunk, s.stored[i]);
                continue;
            }
            m_rows += joined.size() - rows.size();
            m_bytes -= chunk->bytes();
            Series::Stored old = s.stored[i];
            if (old.place != NoPlace)
                old.replaces.push_back(std::exchange(old.place, NoPlace));
            // Equal parts, none above Chunk::MaxRows.
            const std::size_t parts = (joined.size() + Chunk::MaxRows - 1) / Chunk::MaxRows;
            for (std::size_t part = 0; part < parts; ++part) {
                const std::size_t begin = joined.size() * part / parts;
                const std::size_t end = joined.size() * (part + 1) / parts;
                change.add(std::make_shared<const Chunk>(std::span(joined).subspan(begin, end - begin)), std::exchange(old, {}));
                m_bytes += change.chunks.back()->bytes();
            }
        }
        put(s, std::move(change));
    }
    if (rest.empty())
        return;
    const std::vector<Row> rows = headRows(s.head.get(), s.headRows);
    std::uint64_t replaced = 0;
    const std::vector<Row> joined = merged(rows, rest, replaced);
    m_conflicts += s.isRevised ? 0 : replaced;
    m_rows += joined.size() - rows.size();
    startHead(s, joined);
    if (s.headRows > SealRows)
        seal(s, false);
}

std::size_t SeriesStore::bytes() const
{
    return m_bytes;
}

std::uint64_t SeriesStore::rows() const
{
    return m_rows;
}

std::uint64_t SeriesStore::conflicts() const
{
    return m_conflicts;
}

}
