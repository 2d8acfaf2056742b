#include "store/columncache.h"

#include "store/chunk.h"
#include "store/head.h"

#include <algorithm>

namespace sg {

std::int64_t CachedColumns::gridOf(const Columns &columns)
{
    const auto count = static_cast<std::int64_t>(columns.columns.size());
    const std::int64_t span = (columns.to - columns.from).count();
    if (count == 0 || span % count != 0 || columns.from.time_since_epoch().count() % (span / count) != 0)
        return 0;
    return span / count;
}

CachedColumns::Piece CachedColumns::headOf(const SeriesView &view)
{
    if (view.headRows == 0)
        return {{}, Time::max(), Time::min()};
    return {view.head, view.head->rows[0].t, headRow(view.head.get(), view.headRows - 1).t};
}

std::shared_ptr<const CachedColumns> CachedColumns::query(const SeriesView &view, Time from, Time to, int width,
                                                          const CachedColumns *earlier, std::stop_token stop)
{
    ColumnParts parts(view, from, to, width, earlier, 1);
    parts.run(0, stop);
    return parts.take();
}

ColumnParts::ColumnParts(const SeriesView &view, Time from, Time to, int width, const CachedColumns *earlier, std::size_t most)
    : m_view(view)
    , m_width(width)
    , m_made(std::make_shared<CachedColumns>())
    , m_queries(1)
{
    Columns &out = m_made->m_columns;
    out.from = from;
    out.to = to;
    m_made->m_isFar = view.far != nullptr;
    if (width < 1 || from >= to || view.far)
        return;
    out.columns.resize(static_cast<std::size_t>(width));
    m_made->m_head = CachedColumns::headOf(view);
    if (view.sealed) {
        const auto endsBefore = [](const auto &chunk, Time at) { return chunk->last() < at; };
        for (auto at = std::lower_bound(view.sealed->begin(), view.sealed->end(), from, endsBefore);
             at != view.sealed->end() && (*at)->first() < to; ++at)
            m_made->m_pieces.push_back({*at, (*at)->first(), (*at)->last()});
    }
    std::vector<char> isKnown(out.columns.size(), 0);
    if (earlier && !earlier->m_isFar)
        m_made->takeOver(*earlier, isKnown);
    for (std::size_t i = 0; i < isKnown.size();) {
        if (isKnown[i]) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < isKnown.size() && !isKnown[i])
            ++i;
        m_unknown.emplace_back(begin, i);
        m_made->m_computed += i - begin;
    }
    constexpr std::size_t LeastPart = 200; // columns
    m_queries.resize(std::clamp<std::size_t>(m_made->m_computed / LeastPart, 1, most));
}

ColumnParts::~ColumnParts() = default;

void ColumnParts::run(std::size_t part, const std::stop_token &stop)
{
    Columns &out = m_made->m_columns;
    if (m_view.far) { // another process's, which keeps nothing for us that could be compared
        out = queryColumns(m_view, out.from, out.to, m_width, stop);
        m_made->m_computed = out.columns.size();
        return;
    }
    if (out.columns.empty())
        return;
    const std::size_t all = m_made->m_computed;
    std::size_t skip = all * part / m_queries.size();
    std::size_t left = all * (part + 1) / m_queries.size() - skip;
    if (part > 0 && left == 0)
        return;
    m_queries[part] = std::make_unique<ColumnQuery>(m_view, out);
    for (auto [begin, end] : m_unknown) {
        const std::size_t before = std::min(skip, end - begin);
        skip -= before;
        begin += before;
        end = std::min(end, begin + left);
        left -= end - begin;
        if (begin < end && !m_queries[part]->fill(begin, end, stop))
            return;
    }
}

std::shared_ptr<const CachedColumns> ColumnParts::take()
{
    if (m_queries.front())
        m_queries.front()->finish();
    return std::move(m_made);
}

// Rows are the same where the same chunks hold them. A head only grows behind its newest row, which may be replaced by one of the same
// time, as long as it is the same head; another head may differ anywhere.
std::vector<CachedColumns::Changed> CachedColumns::changesTo(const CachedColumns &newer) const
{
    std::vector<Changed> out;
    const auto isSame
        = [](const Piece &a, const Piece &b) { return !a.identity.owner_before(b.identity) && !b.identity.owner_before(a.identity); };
    const auto addMissing = [&](const std::vector<Piece> &pieces, const std::vector<Piece> &others) {
        for (const Piece &piece : pieces) {
            const auto found
                = std::lower_bound(others.begin(), others.end(), piece.first, [](const Piece &p, Time at) { return p.first < at; });
            if (found == others.end() || !isSame(*found, piece))
                out.push_back({piece.first, piece.last});
        }
    };
    addMissing(m_pieces, newer.m_pieces);
    addMissing(newer.m_pieces, m_pieces);
    const bool isSameHead = m_head.first <= m_head.last && isSame(m_head, newer.m_head);
    out.push_back({isSameHead ? m_head.last : std::min(m_head.first, newer.m_head.first), Time::max()});
    return out;
}

void CachedColumns::takeOver(const CachedColumns &earlier, std::vector<char> &isKnown)
{
    const std::int64_t grid = gridOf(m_columns);
    if (grid == 0 || grid != gridOf(earlier.m_columns))
        return;
    const auto count = static_cast<std::int64_t>(isKnown.size());
    const auto earlierCount = static_cast<std::int64_t>(earlier.m_columns.columns.size());
    const std::int64_t shift = (m_columns.from - earlier.m_columns.from).count() / grid; // our column i is the earlier one's i + shift
    const std::int64_t begin = std::max<std::int64_t>(0, -shift);
    const std::int64_t end = std::min(count, earlierCount - shift);
    if (begin >= end)
        return;
    std::fill(isKnown.begin() + begin, isKnown.begin() + end, 1);
    for (const Changed &change : earlier.changesTo(*this)) {
        if (change.last < m_columns.from || change.first >= m_columns.to || change.last < change.first)
            continue;
        const std::int64_t first = change.first <= m_columns.from ? 0 : (change.first - m_columns.from).count() / grid;
        const std::int64_t last = change.last >= m_columns.to ? count - 1 : (change.last - m_columns.from).count() / grid;
        std::fill(isKnown.begin() + first, isKnown.begin() + last + 1, 0);
    }
    // A column also knows whether the row before its first one has a value, so it is taken over only behind one that was.
    bool isBeforeKnown = false;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (!isKnown[at]) {
            isBeforeKnown = false;
            continue;
        }
        const Column &column = earlier.m_columns.columns[static_cast<std::size_t>(i + shift)];
        if (column.rows > 0 && !isBeforeKnown) {
            isKnown[at] = 0;
            isBeforeKnown = true;
            continue;
        }
        m_columns.columns[at] = column;
    }
}

std::pair<Time, Time> gridWindow(Time from, Time to, int columns)
{
    const std::int64_t span = (to - from).count();
    if (columns < 1 || span / columns < LeastGrid)
        return {from, to};
    const std::int64_t grid = (span + columns / 2) / columns;
    const std::int64_t end = to.time_since_epoch().count();
    const std::int64_t last = end / grid + (end % grid > 0 ? 1 : 0);
    return {Time(Micros((last - columns) * grid)), Time(Micros(last * grid))};
}

}
