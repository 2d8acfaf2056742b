// What the store gives away, and what it has of the disk.
#include "store/chunkdata.h"
#include "store/heldseries.h"

#include <queue>

namespace sg {

namespace {

// A queue of these gives the one that ended first.
template <class Held> struct Oldest
{
    Time end;
    Held *series;
    std::size_t chunk; // HeadItself: its head

    bool operator<(const Oldest &other) const { return end > other.end; }
};

constexpr std::size_t HeadItself = std::size_t(-1);
constexpr std::uint32_t SmallHead = 4; // rows, not worth the trouble

}

// A chunk that takes the place of stored ones, and is not stored itself yet. It is stored with one of the next commits; given away before,
// the rows of both would be lost.
bool SeriesStore::isHeld(const Series &s, std::size_t chunk) const
{
    return m_cache && s.stored[chunk].place == NoPlace && !s.stored[chunk].replaces.empty();
}

// Hot chunks before `end` turn cold when they are stored. Others are dropped when none is before them; else a gap takes their place, so
// that no line is drawn over what is missing.
void SeriesStore::turn(Series &s, std::size_t end)
{
    Change change;
    for (std::size_t i = 0; i < s.chunks(); ++i) {
        const auto &chunk = (*s.sealed)[i];
        if (i >= end || chunk->isCold() || isHeld(s, i)) {
            change.add(chunk, std::move(s.stored[i]));
            continue;
        }
        m_bytes -= chunk->bytes();
        if (s.stored[i].place == NoPlace && change.chunks.empty()) {
            m_rows -= chunk->size();
            continue;
        }
        const std::int64_t place = s.stored[i].place;
        change.add(std::make_shared<const Chunk>(chunk->summary(), place, m_cache), {place, {}});
        m_bytes += change.chunks.back()->bytes();
    }
    put(s, std::move(change));
}

void SeriesStore::dropFront(Series &s, std::size_t count)
{
    Change change;
    for (std::size_t i = 0; i < s.chunks(); ++i) {
        const auto &chunk = (*s.sealed)[i];
        if (i >= count) {
            change.add(chunk, std::move(s.stored[i]));
            continue;
        }
        m_rows -= chunk->size();
        m_bytes -= chunk->bytes();
    }
    put(s, std::move(change));
}

void SeriesStore::dropHead(Series &s)
{
    if (s.chunks() > 0) {
        seal(s, true); // a hole would be left between the chunks and the newest row
        return;
    }
    const Row newest = s.newest();
    m_rows -= s.headRows - s.replaced - 1;
    startHead(s, {&newest, 1});
}

void SeriesStore::dropRows(std::size_t goal)
{
    std::priority_queue<Oldest<Series>> queue;
    const auto enter = [this, &queue](Series &s, std::size_t from) {
        while (from < s.chunks() && ((*s.sealed)[from]->isCold() || isHeld(s, from)))
            ++from;
        if (from < s.chunks())
            queue.push({(*s.sealed)[from]->last(), &s, from});
        else if (s.headRows > SmallHead)
            queue.push({s.newest().t, &s, HeadItself});
    };
    for (const auto &series : m_series) {
        if (series)
            enter(*series, 0);
    }
    // All chunks of a series at once, because each change copies the list of them.
    std::vector<std::pair<Series *, std::size_t>> turned;
    std::size_t freed = 0;
    std::vector<Series *> heads;
    while (m_bytes > goal + freed && !queue.empty()) {
        const Oldest<Series> oldest = queue.top();
        queue.pop();
        Series &s = *oldest.series;
        if (oldest.chunk == HeadItself) {
            freed += s.headBytes;
            heads.push_back(&s);
            continue;
        }
        freed += (*s.sealed)[oldest.chunk]->bytes() - (s.stored[oldest.chunk].place != NoPlace ? sizeof(Chunk) : 0);
        turned.emplace_back(&s, oldest.chunk + 1);
        enter(s, oldest.chunk + 1);
    }
    // The last of a series says how far; sorting puts it behind the others.
    std::sort(turned.begin(), turned.end());
    for (std::size_t i = 0; i < turned.size(); ++i) {
        if (i + 1 == turned.size() || turned[i + 1].first != turned[i].first)
            turn(*turned[i].first, turned[i].second);
    }
    for (Series *s : heads)
        dropHead(*s);
}

void SeriesStore::dropCold(std::size_t goal)
{
    std::priority_queue<Oldest<Series>> queue;
    const auto enter = [&queue](Series &s, std::size_t from) {
        if (from < s.chunks() && (*s.sealed)[from]->isCold())
            queue.push({(*s.sealed)[from]->last(), &s, from});
    };
    for (const auto &series : m_series) {
        if (series)
            enter(*series, 0);
    }
    std::vector<std::pair<Series *, std::size_t>> dropped;
    std::size_t freed = 0;
    while (m_bytes > goal + freed && !queue.empty()) {
        const Oldest<Series> oldest = queue.top();
        queue.pop();
        freed += (*oldest.series->sealed)[oldest.chunk]->bytes();
        dropped.emplace_back(oldest.series, oldest.chunk + 1);
        enter(*oldest.series, oldest.chunk + 1);
    }
    std::sort(dropped.begin(), dropped.end());
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        if (i + 1 == dropped.size() || dropped[i + 1].first != dropped[i].first)
            dropFront(*dropped[i].first, dropped[i].second);
    }
}

void SeriesStore::retain(std::size_t bytes)
{
    if (m_bytes <= bytes)
        return;
    // A little below, so that the next rows do not make us search again at once.
    const std::size_t goal = bytes - bytes / 64;
    dropRows(goal);
    if (m_bytes > bytes)
        dropCold(goal);
}

void SeriesStore::retainSince(Time oldest)
{
    for (const auto &series : m_series) {
        if (!series)
            continue;
        const std::size_t count = series->chunkFor(oldest);
        if (count > 0)
            dropFront(*series, count);
    }
}

void SeriesStore::setHistory(std::shared_ptr<ChunkLoader> loader, std::size_t cacheBytes)
{
    m_cache = std::make_shared<ChunkCache>(std::move(loader), cacheBytes);
}

void SeriesStore::restoreCold(SeriesId series, std::span<const ColdChunk> oldestFirst)
{
    Series &s = at(series);
    std::optional<Time> before; // the oldest row that is here
    if (s.chunks() > 0)
        before = s.sealed->front()->first();
    else if (s.headRows > 0)
        before = s.head->rows[0].t;
    Change change;
    for (const ColdChunk &cold : oldestFirst) {
        // An index from a disk may be wrong; what does not fit into the order is left out rather than believed.
        if (!cold.summary.isSane() || (before && cold.summary.last >= *before)
            || (!change.chunks.empty() && cold.summary.first <= change.chunks.back()->last()))
            continue;
        change.add(std::make_shared<const Chunk>(cold.summary, cold.place, m_cache), {cold.place, {}});
        m_bytes += change.chunks.back()->bytes();
        m_rows += cold.summary.rows;
    }
    for (std::size_t i = 0; i < s.chunks(); ++i)
        change.add((*s.sealed)[i], std::move(s.stored[i]));
    put(s, std::move(change));
}

std::vector<SealedChunk> SeriesStore::takeSealed()
{
    std::vector<SealedChunk> out;
    std::vector<SeriesId> still;
    for (const SeriesId id : m_unstored) {
        Series &s = *m_series[number(id)];
        const std::size_t before = out.size();
        for (std::size_t i = 0; i < s.chunks(); ++i) {
            if (s.stored[i].place == NoPlace && !(*s.sealed)[i]->isCold())
                out.push_back({id, (*s.sealed)[i], s.stored[i].replaces});
        }
        s.isListed = out.size() > before;
        if (s.isListed)
            still.push_back(id);
    }
    m_unstored = std::move(still);
    return out;
}

bool SeriesStore::noteStored(SeriesId series, const std::shared_ptr<const Chunk> &chunk, std::int64_t place)
{
    if (number(series) >= m_series.size() || !m_series[number(series)])
        return false;
    Series &s = *m_series[number(series)];
    const std::size_t i = s.chunkFor(chunk->first());
    if (i == s.chunks())
        return false;
    if ((*s.sealed)[i] == chunk) {
        s.stored[i] = {place, {}};
        return true;
    }
    // Joined or rewritten in the meantime: the one that holds its rows now replaces it, once that is stored.
    if (s.stored[i].place != NoPlace || (*s.sealed)[i]->isCold() || (*s.sealed)[i]->first() > chunk->last())
        return false;
    s.stored[i].replaces.push_back(place);
    return true;
}

void SeriesStore::sealOlder(Time t)
{
    sealOlder(t, SeriesId{0}, std::numeric_limits<std::size_t>::max());
}

std::optional<SeriesId> SeriesStore::sealOlder(Time t, SeriesId from, std::size_t rows)
{
    std::size_t coded = 0;
    for (std::uint32_t n = number(from); n < m_series.size(); ++n) {
        if (!m_series[n])
            continue;
        Series &s = *m_series[n];
        if (coded >= rows)
            return static_cast<SeriesId>(n);
        if (s.late) {
            coded += s.late->cost;
            mergeLate(s); // of an idle series they would wait for ever
        }
        if (s.headRows > 1 && s.head->rows[0].t < t && s.newest().t > s.head->rows[0].t) {
            coded += s.headRows;
            seal(s, true);
        }
    }
    return std::nullopt;
}

bool SeriesStore::isSealed(SeriesId series, Time t) const
{
    if (number(series) >= m_series.size() || !m_series[number(series)])
        return true;
    const Series &s = *m_series[number(series)];
    return !s.late && (s.headRows == 0 || s.head->rows[0].t > t);
}

std::vector<ChunkFault> SeriesStore::takeFaults()
{
    return m_cache ? m_cache->takeFaults() : std::vector<ChunkFault>();
}

}
