#include "engine/historybook.h"

#include "store/chunkbytes.h"

namespace sg {

namespace {

constexpr std::size_t MostMarks = 8; // of a series
// A stamp is believed that far into the future (Timing), so a head's oldest row may be that much newer than its segment.
constexpr Micros FutureStamps = std::chrono::seconds(11);

std::uint64_t lesser(std::uint64_t a, std::uint64_t b) // of two segments, 0: none
{
    return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

}

HistoryBook::Coverage &HistoryBook::at(SeriesId series)
{
    if (number(series) >= m_series.size())
        m_series.resize(number(series) + 1);
    return m_series[number(series)];
}

void HistoryBook::restore(std::uint64_t lastSegment, std::int64_t nextPlace)
{
    m_segment = lastSegment;
    m_nextPlace = nextPlace;
}

void HistoryBook::restoreChunk(const KnownChunk &chunk)
{
    Coverage &c = at(chunk.series);
    c.store(chunk.chunk.summary.last);
    c.newest = std::max(c.newest, c.inChunks);
    c.upTo = std::max(c.upTo, chunk.upTo);
}

void HistoryBook::restoreGone(const GoneRows &gone)
{
    Coverage &c = at(gone.series);
    c.store(gone.last);
    c.newest = std::max(c.newest, c.inChunks);
    c.upTo = std::max(c.upTo, gone.upTo);
}

bool HistoryBook::isCovered(const StoredRow &row, std::uint64_t segment) const
{
    if (number(row.series) >= m_series.size())
        return false;
    const Coverage &c = m_series[number(row.series)];
    return row.row.t <= c.inChunks && segment <= c.upTo;
}

void HistoryBook::restoreRow(const StoredRow &row, std::uint64_t segment)
{
    const std::uint64_t next = std::exchange(m_segment, segment - 1);
    noteRows(row.series, {&row.row, 1});
    m_segment = next;
}

Time HistoryBook::newestInChunks(SeriesId series) const
{
    return number(series) < m_series.size() ? m_series[number(series)].inChunks : NoTime;
}

void HistoryBook::noteRows(SeriesId series, std::span<const Row> rows)
{
    Coverage &c = at(series);
    const std::uint64_t segment = m_segment + 1;
    bool isMarked = false;
    for (const Row &row : rows) {
        if (row.t < c.newest || row.t <= c.inChunks) {
            c.lateFirst = lesser(c.lateFirst, segment);
            c.lateLast = segment;
            continue;
        }
        c.newest = row.t;
        if (!std::exchange(isMarked, true))
            c.mark(segment, row.t);
    }
}

// A few marks are enough: a coarser one only keeps a segment longer than it is needed.
void HistoryBook::Coverage::mark(std::uint64_t segment, Time t)
{
    if (!marks.empty() && marks.back().segment == segment)
        return;
    if (marks.size() >= MostMarks) {
        for (std::size_t i = 1; i < MostMarks / 2; ++i)
            marks[i] = marks[2 * i];
        marks.resize(MostMarks / 2);
    }
    marks.push_back({segment, t});
}

void HistoryBook::Coverage::store(Time last)
{
    inChunks = std::max(inChunks, last);
    std::size_t done = 0;
    while (done + 1 < marks.size() && marks[done + 1].t <= inChunks)
        ++done;
    marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(done));
    if (newest <= inChunks)
        marks.clear();
}

void HistoryBook::addTo(Commit &commit, SeriesStore &store, Mono mono)
{
    m_changes.clear();
    m_storing.clear();
    m_settled.clear();
    m_isAll = false;
    if (!commit.rows.empty()) {
        m_backlog.push_back({m_segment + 1, commit.rows.size(), commit.reference});
        m_segment += segmentsFor(commit.rows.size());
        commit.segment = m_segment;
    }
    commit.coveredBelow = m_coveredBelow;
    commit.freed = m_freed;
    if (mono < m_nextLook)
        return;
    m_nextLook = mono + m_limits.every;
    commit.isUpkeep = true;
    if (m_sealNext)
        sealPart(store);
    else
        sealBacklog(store);
    this->store(commit, store);
    hold(commit, store);
    findSettled(store);
}

// Idle and slow series must not keep old segments for ever.
void HistoryBook::sealBacklog(SeriesStore &store)
{
    std::size_t rows = 0, series = 0;
    for (const Backlog &backlog : m_backlog)
        rows += backlog.rows;
    for (const Coverage &c : m_series)
        series += c.marks.empty() ? 0 : 1;
    if (m_backlog.size() < 2
        || (rows <= std::max(m_limits.backlogRows, m_limits.backlogRowsASeries * series) && m_backlog.size() <= m_limits.backlogSegments))
        return;
    if (m_takenUpTo < m_sealedAt)
        return; // what was sealed the last time is not stored yet
    const Backlog &half = m_backlog[m_backlog.size() / 2];
    m_holdUpTo = half.segment;
    m_sealBefore = half.when + FutureStamps;
    m_sealNext = SeriesId{0};
    sealPart(store);
}

void HistoryBook::sealPart(SeriesStore &store)
{
    m_sealNext = store.sealOlder(m_sealBefore, *m_sealNext, m_limits.sealRowsACommit);
    m_sealedAt = m_segment;
}

void HistoryBook::store(Commit &commit, SeriesStore &store)
{
    const std::vector<SealedChunk> sealed = store.takeSealed();
    std::size_t bytes = 0, rows = 0, begin = 0;
    while (begin < sealed.size() && bytes <= m_limits.chunkBytesACommit && rows <= m_limits.chunkRowsACommit) {
        std::size_t end = begin;
        while (end < sealed.size() && sealed[end].series == sealed[begin].series)
            ++end;
        // All of a series or none of it: what a start may skip of its segments hangs on that.
        const std::size_t first = commit.chunks.size();
        addChunks(commit, std::span(sealed).subspan(begin, end - begin));
        for (std::size_t i = first; i < commit.chunks.size(); ++i) {
            bytes += commit.chunks[i].bytes.size();
            rows += commit.chunks[i].summary.rows;
        }
        begin = end;
    }
    m_isAll = begin == sealed.size();
    if (!m_isAll || m_sealNext)
        m_nextLook = Mono::min(); // go on with the next commit
}

void HistoryBook::addChunks(Commit &commit, std::span<const SealedChunk> ofOneSeries)
{
    const SeriesId series = ofOneSeries.front().series;
    Coverage c = at(series);
    // Something of this series was sealed since everything sealed was stored. Before it was, its late rows were merged, so only those
    // that came since then may be in no chunk.
    const bool isLateLeft = c.lateLast > m_takenUpTo;
    const std::uint64_t upTo = isLateLeft ? std::max(c.lateFirst, m_takenUpTo + 1) - 1 : m_segment;
    c.lateFirst = isLateLeft ? upTo + 1 : 0;
    c.lateLast = isLateLeft ? c.lateLast : 0;
    c.upTo = std::max(c.upTo, upTo);
    Time last = NoTime;
    for (const SealedChunk &sealed : ofOneSeries) {
        StoredChunk &out = commit.chunks.emplace_back();
        out.series = series;
        out.place = m_nextPlace++;
        out.summary = sealed.chunk->summary();
        out.upTo = c.upTo;
        out.bytes = encodeChunk(*sealed.chunk);
        out.replaces = sealed.replaces;
        last = std::max(last, sealed.chunk->last());
        m_storing.push_back({sealed, out.place});
    }
    c.store(last);
    m_changes.push_back({series, c});
}

// What is left of an idle series is its newest row, which stays in the head for good: it needs no segment when it is kept by itself.
void HistoryBook::hold(Commit &commit, const SeriesStore &store)
{
    if (!m_isAll || m_holdUpTo == 0)
        return;
    std::unordered_map<std::uint32_t, std::size_t> changed;
    for (std::size_t i = 0; i < m_changes.size(); ++i)
        changed.emplace(number(m_changes[i].series), i);
    for (std::uint32_t n = 0; n < m_series.size(); ++n) {
        const auto change = changed.find(n);
        const Coverage &c = change == changed.end() ? m_series[n] : m_changes[change->second].coverage;
        const auto series = static_cast<SeriesId>(n);
        if (c.marks.empty() || c.first() > m_holdUpTo || c.lateFirst != 0 || store.view(series).headRows != 1)
            continue;
        commit.held.push_back({series, *store.newest(series)});
        if (change == changed.end())
            m_changes.push_back({series, c});
        m_changes[change == changed.end() ? m_changes.size() - 1 : change->second].coverage.marks.clear();
    }
}

void HistoryBook::confirm(SeriesStore &store)
{
    m_freed.clear();
    for (const Stored &stored : m_storing)
        if (!store.noteStored(stored.sealed.series, stored.sealed.chunk, stored.place))
            m_freed.push_back(stored.place);
    for (const Change &change : m_changes)
        at(change.series) = change.coverage;
    if (m_isAll) {
        m_takenUpTo = m_segment;
        settleLate();
    }
    if (m_isAll || !m_changes.empty())
        drop();
    m_storing.clear();
    m_changes.clear();
    m_settled.clear();
    m_isAll = false;
}

// Late rows of a silent series that were there already, or had no chunk to go to, bring no new one: they need no segment of their own. What
// is found here is in chunks of this commit or before, or in the head; memory pressure may move it before the commit is durable.
void HistoryBook::findSettled(const SeriesStore &store)
{
    for (std::uint32_t n = 0; m_isAll && n < m_series.size(); ++n) {
        const auto series = static_cast<SeriesId>(n);
        if (m_series[n].lateLast == 0 || !store.isSealed(series, m_series[n].inChunks))
            continue;
        const SeriesView view = store.view(series);
        m_settled.push_back({series, view.headRows > 1 ? view.head->rows[0].t : NoTime});
    }
}

// Those that are in the head came in no segment that its marks know of when they are empty or younger.
void HistoryBook::settleLate()
{
    for (const Settled &settled : m_settled) {
        Coverage &c = at(settled.series);
        if (c.lateFirst == 0)
            continue;
        if (settled.head != NoTime && (c.marks.empty() || (c.first() > c.lateFirst && settled.head < c.marks.front().t)))
            c.marks.insert(c.marks.begin(), {c.lateFirst, settled.head});
        c.lateFirst = c.lateLast = 0;
    }
}

void HistoryBook::drop()
{
    std::uint64_t needed = 0;
    for (const Coverage &c : m_series)
        needed = lesser(needed, lesser(c.first(), c.lateFirst));
    m_coveredBelow = needed == 0 ? m_segment + 1 : needed;
    while (!m_backlog.empty() && m_backlog.front().segment < m_coveredBelow)
        m_backlog.pop_front();
}

}
