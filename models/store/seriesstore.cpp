#include "store/seriesstore.h"

#include "store/chunk.h"
#include "store/head.h"

#include <algorithm>
#include <bit>
#include <queue>

namespace sg {

namespace {

using Chunks = std::vector<std::shared_ptr<const Chunk>>;

constexpr std::uint32_t SealRows = 4'096; // a head has no pyramid, so this bounds what a query scans row by row
constexpr std::uint32_t LeastBlock = 4;
constexpr std::uint32_t MostBlock = 256;
constexpr std::size_t MoveAtOnce = 1'024; // rows that a late row may make us copy without waiting
constexpr std::size_t MovesPerRow = 64; // rows that each arriving row pays for otherwise

std::size_t bytesOf(const HeadBlock &block)
{
    return sizeof(HeadBlock) + 2 * sizeof(void *) + block.capacity * sizeof(Row); // with the counters of its shared_ptr
}

bool isSame(const Row &a, const Row &b)
{
    return std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) && a.quality == b.quality;
}

// Both in time order; `late` may hold one time several times, in order of arrival: each replaces the one before it. Adds to
// `conflicts` where they differ.
std::vector<Row> merged(std::span<const Row> rows, std::span<const Row> late, std::uint64_t &conflicts)
{
    std::vector<Row> out;
    out.reserve(rows.size() + late.size());
    std::size_t i = 0;
    for (const Row &row : late) {
        for (; i < rows.size() && rows[i].t <= row.t; ++i)
            out.push_back(rows[i]);
        if (!out.empty() && out.back().t == row.t) {
            conflicts += isSame(out.back(), row) ? 0 : 1;
            out.back() = row;
        } else {
            out.push_back(row);
        }
    }
    out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(i), rows.end());
    return out;
}

// Equal parts, none above Chunk::MaxRows.
void addChunks(Chunks &chunks, std::span<const Row> rows)
{
    const std::size_t parts = (rows.size() + Chunk::MaxRows - 1) / Chunk::MaxRows;
    for (std::size_t i = 0; i < parts; ++i) {
        const std::size_t begin = rows.size() * i / parts;
        const std::size_t end = rows.size() * (i + 1) / parts;
        chunks.push_back(std::make_shared<const Chunk>(rows.subspan(begin, end - begin)));
    }
}

std::size_t bytesOf(const Chunks *chunks)
{
    std::size_t sum = 0;
    if (chunks) {
        for (const auto &chunk : *chunks)
            sum += chunk->bytes() + sizeof(chunk);
    }
    return sum;
}

}

struct SeriesStore::Series
{
    std::shared_ptr<const Chunks> sealed; // replaced as a whole, because views share it
    std::shared_ptr<HeadBlock> head;
    HeadBlock *tail = nullptr; // last block of the head
    std::uint32_t headRows = 0;
    std::uint32_t tailRows = 0; // of them in the tail
    std::uint32_t replaced = 0; // head rows that a later one of the same time replaced
    std::vector<Row> late; // in order of arrival
    std::size_t lateCost = 0; // rows that merging would copy
    const Chunk *lateChunk = nullptr; // that the last late row falls into; compared, never read
    std::size_t paid = 0; // rows that arrivals since the last merge have paid for
    std::size_t headBytes = 0;

    [[nodiscard]] const Row &newest() const { return tail->rows[tailRows - 1]; }
    // The chunk that takes a late row: the first that does not end before it; none: it belongs into the head.
    [[nodiscard]] std::size_t chunkFor(Time t) const
    {
        if (!sealed)
            return 0;
        const auto found
            = std::lower_bound(sealed->begin(), sealed->end(), t, [](const auto &chunk, Time at) { return chunk->last() < at; });
        return static_cast<std::size_t>(found - sealed->begin());
    }
    [[nodiscard]] std::size_t chunks() const { return sealed ? sealed->size() : 0; }
};

SeriesStore::SeriesStore() = default;
SeriesStore::~SeriesStore() = default;

SeriesStore::Series &SeriesStore::at(SeriesId series)
{
    if (number(series) >= m_series.size())
        m_series.resize(number(series) + 1);
    auto &held = m_series[number(series)];
    if (!held) {
        held = std::make_unique<Series>();
        m_bytes += sizeof(Series);
    }
    return *held;
}

void SeriesStore::append(SeriesId series, std::span<const Row> inOrder)
{
    Series &s = at(series);
    for (std::size_t i = 0; i < inOrder.size(); ++i) {
        const Row &row = inOrder[i];
        if (s.headRows > 0) {
            if (row.t < s.newest().t) {
                insertLate(series, inOrder.subspan(i, 1));
                continue;
            }
            if (row.t == s.newest().t) {
                if (isSame(row, s.newest()))
                    continue;
                // The visible row may be read right now, so it stays as it is; readers take the last of equal times.
                ++m_conflicts;
                ++s.replaced;
                --m_rows;
            }
        }
        push(s, row);
        ++m_rows;
        if (s.headRows >= SealRows)
            seal(s);
    }
    if (!s.late.empty()) {
        s.paid += inOrder.size() * MovesPerRow;
        if (s.paid >= s.lateCost)
            mergeLate(s);
    }
}

void SeriesStore::insertLate(SeriesId series, std::span<const Row> late)
{
    Series &s = at(series);
    std::vector<Row> sorted(late.begin(), late.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const Row &a, const Row &b) { return a.t < b.t; });
    const auto isNew = [&](const Row &row) { return s.headRows == 0 || row.t >= s.newest().t; };
    const auto split = std::find_if(sorted.begin(), sorted.end(), isNew);
    if (s.late.empty()) {
        s.lateCost = s.headRows;
        s.lateChunk = nullptr;
    }
    for (auto row = sorted.begin(); row != split; ++row) {
        // What merging would copy: the head, and every chunk that a row falls into; a chunk met again after another counts again.
        const std::size_t i = s.chunkFor(row->t);
        const Chunk *chunk = i < s.chunks() ? (*s.sealed)[i].get() : nullptr;
        if (chunk && chunk != s.lateChunk)
            s.lateCost += chunk->size();
        s.lateChunk = chunk;
        s.late.push_back(*row);
        m_bytes += sizeof(Row);
        s.paid += MovesPerRow;
    }
    if (s.late.size() >= SealRows)
        s.paid = s.lateCost; // the side run itself is not to grow without bound
    if (!s.late.empty() && (s.lateCost <= MoveAtOnce || s.paid >= s.lateCost))
        mergeLate(s);
    append(series, {split, sorted.end()});
}

SeriesView SeriesStore::view(SeriesId series) const
{
    if (number(series) >= m_series.size() || !m_series[number(series)])
        return {};
    const Series &s = *m_series[number(series)];
    return {s.sealed, s.head, s.headRows};
}

std::optional<Row> SeriesStore::newest(SeriesId series) const
{
    if (number(series) >= m_series.size() || !m_series[number(series)] || m_series[number(series)]->headRows == 0)
        return {};
    return m_series[number(series)]->newest();
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

// The newest row stays in the head: a row of the same time may still come, and a chunk never changes.
void SeriesStore::seal(Series &s)
{
    if (!s.late.empty())
        mergeLate(s);
    std::vector<Row> rows = headRows(s.head.get(), s.headRows);
    const Row newest = rows.back();
    rows.pop_back();
    startHead(s, {&newest, 1});
    if (rows.empty())
        return;

    m_bytes -= bytesOf(s.sealed.get());
    Chunks chunks = s.sealed ? *s.sealed : Chunks();
    addChunks(chunks, rows);
    // Neighbours of about one size are joined, as a binary counter carries: each row is copied a few times, and a long history
    // consists of few chunks.
    while (chunks.size() > 1) {
        const Chunk &left = *chunks[chunks.size() - 2];
        const Chunk &right = *chunks.back();
        if (left.size() >= right.size() * 3 / 2 || left.size() + right.size() > Chunk::MaxRows)
            break;
        rows.clear();
        left.read(0, left.size(), rows);
        right.read(0, right.size(), rows);
        chunks.pop_back();
        chunks.back() = std::make_shared<const Chunk>(rows);
    }
    s.sealed = std::make_shared<const Chunks>(std::move(chunks));
    m_bytes += bytesOf(s.sealed.get());
}

void SeriesStore::mergeLate(Series &s)
{
    m_bytes -= s.late.size() * sizeof(Row);
    std::vector<Row> late = std::move(s.late);
    s.late = {};
    s.paid = s.lateCost = 0;
    // Stable, so that rows of one time stay in order of arrival.
    std::stable_sort(late.begin(), late.end(), [](const Row &a, const Row &b) { return a.t < b.t; });

    std::span<const Row> rest = late;
    if (s.chunkFor(rest.front().t) < s.chunks()) {
        m_bytes -= bytesOf(s.sealed.get());
        Chunks chunks;
        std::vector<Row> rows;
        for (const auto &chunk : *s.sealed) {
            std::size_t here = 0;
            while (here < rest.size() && rest[here].t <= chunk->last())
                ++here;
            if (here == 0) {
                chunks.push_back(chunk);
                continue;
            }
            rows.clear();
            chunk->read(0, chunk->size(), rows);
            const std::vector<Row> joined = merged(rows, rest.first(here), m_conflicts);
            m_rows += joined.size() - rows.size();
            addChunks(chunks, joined);
            rest = rest.subspan(here);
        }
        s.sealed = std::make_shared<const Chunks>(std::move(chunks));
        m_bytes += bytesOf(s.sealed.get());
    }
    if (rest.empty())
        return;
    const std::vector<Row> rows = headRows(s.head.get(), s.headRows);
    const std::vector<Row> joined = merged(rows, rest, m_conflicts);
    m_rows += joined.size() - rows.size();
    startHead(s, joined);
    if (s.headRows >= SealRows)
        seal(s);
}

void SeriesStore::dropOldest(Series &s)
{
    if (s.chunks() == 0) {
        const Row newest = s.newest();
        m_rows -= s.headRows - s.replaced - 1;
        startHead(s, {&newest, 1});
        return;
    }
    m_bytes -= bytesOf(s.sealed.get());
    m_rows -= s.sealed->front()->size();
    s.sealed = s.sealed->size() == 1 ? nullptr : std::make_shared<const Chunks>(s.sealed->begin() + 1, s.sealed->end());
    m_bytes += bytesOf(s.sealed.get());
}

void SeriesStore::retain(std::size_t bytes)
{
    if (m_bytes <= bytes)
        return;
    // A little below, so that the next rows do not make us search again at once.
    const std::size_t goal = bytes - bytes / 64;
    struct Oldest
    {
        Time end;
        Series *series;
        bool operator<(const Oldest &other) const { return end > other.end; } // the queue gives the greatest first
    };
    std::priority_queue<Oldest> queue;
    const auto enter = [&queue](Series &s) {
        if (s.chunks() > 0)
            queue.push({s.sealed->front()->last(), &s});
        else if (s.headRows > LeastBlock)
            queue.push({s.newest().t, &s});
    };
    for (const auto &series : m_series) {
        if (series)
            enter(*series);
    }
    while (m_bytes > goal && !queue.empty()) {
        Series &s = *queue.top().series;
        queue.pop();
        dropOldest(s);
        enter(s);
    }
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
