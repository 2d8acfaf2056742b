#include "store/columns.h"

#include "store/chunkreader.h"
#include "store/farrows.h"
#include "store/head.h"

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

bool hasValue(const Row &row)
{
    return std::isfinite(row.value);
}

// The head with the reading functions of a Chunk. It is short (see SealRows), so it needs no pyramid.
class HeadCopy
{
public:
    HeadCopy() = default;
    explicit HeadCopy(const SeriesView &view)
        : m_rows(headRows(view.head.get(), view.headRows))
    {
    }

    [[nodiscard]] std::size_t size() const { return m_rows.size(); }
    [[nodiscard]] Row row(std::size_t i) const { return m_rows[i]; }
    [[nodiscard]] double value(std::size_t i) const { return m_rows[i].value; }
    [[nodiscard]] bool hasValue(std::size_t i) const { return sg::hasValue(m_rows[i]); }
    void expect(std::size_t) const { }
    [[nodiscard]] std::size_t firstAtOrAfter(Time t, std::size_t begin = 0) const
    {
        const auto found = std::partition_point(m_rows.begin() + static_cast<std::ptrdiff_t>(begin), m_rows.end(),
                                                [t](const Row &row) { return row.t < t; });
        return static_cast<std::size_t>(found - m_rows.begin());
    }
    [[nodiscard]] std::size_t firstFinite(std::size_t begin, std::size_t end) const
    {
        while (begin < end && !hasValue(begin))
            ++begin;
        return begin;
    }
    [[nodiscard]] std::size_t lastFinite(std::size_t begin, std::size_t end) const
    {
        for (std::size_t i = end; i > begin; --i) {
            if (hasValue(i - 1))
                return i - 1;
        }
        return end;
    }
    [[nodiscard]] Digest digest(std::size_t begin, std::size_t end) const
    {
        Digest sum;
        for (std::size_t i = begin; i < end; ++i)
            sum.add(m_rows[i].value, m_rows[i].quality, m_rows[i].isLate);
        return sum;
    }

private:
    std::vector<Row> m_rows;
};

// Where a reader stands: row `index` of piece `piece`. index may be the piece's size only in the last piece.
struct Place
{
    std::size_t piece = 0;
    std::size_t index = 0;
};

// A view as one run of rows: its chunks and, last, its head.
class Pieces
{
public:
    // Rows at or behind `last` are looked at no further than the first one; the head is left out when it begins later still.
    Pieces(const SeriesView &view, Time last)
        : m_chunks(view.sealed.get())
    {
        if (view.headRows > 0 && (chunks() == 0 || m_chunks->back()->last() < last))
            m_head = HeadCopy(view);
    }

    [[nodiscard]] std::size_t size() const { return chunks() + 1; }
    template <class Use> decltype(auto) with(std::size_t piece, Use use) const
    {
        if (piece >= chunks())
            return use(m_head);
        if (m_open != piece) {
            m_reader.open(*(*m_chunks)[piece]);
            m_open = piece;
        }
        return use(m_reader);
    }
    [[nodiscard]] std::size_t rows(std::size_t piece) const { return piece < chunks() ? (*m_chunks)[piece]->size() : m_head.size(); }
    [[nodiscard]] Row row(Place at) const
    {
        return with(at.piece, [&](const auto &p) { return p.row(at.index); });
    }
    [[nodiscard]] Place firstAtOrAfter(Time t) const
    {
        std::size_t piece = 0;
        if (m_chunks) {
            const auto ends = [](const auto &chunk, Time at) { return chunk->last() < at; };
            piece = static_cast<std::size_t>(std::lower_bound(m_chunks->begin(), m_chunks->end(), t, ends) - m_chunks->begin());
        }
        return {piece, with(piece, [t](const auto &p) { return p.firstAtOrAfter(t); })};
    }
    [[nodiscard]] std::optional<Row> rowFrom(Place at) const
    {
        for (; at.piece < size(); at = {at.piece + 1, 0}) {
            if (at.index < rows(at.piece))
                return row(at);
        }
        return {};
    }
    [[nodiscard]] std::optional<Row> rowBefore(Place at) const
    {
        if (at.index > 0)
            return row({at.piece, at.index - 1});
        if (at.piece > 0)
            return row({at.piece - 1, rows(at.piece - 1) - 1}); // a chunk is never empty
        return {};
    }

private:
    [[nodiscard]] std::size_t chunks() const { return m_chunks ? m_chunks->size() : 0; }

    const std::vector<std::shared_ptr<const Chunk>> *m_chunks;
    HeadCopy m_head;
    mutable ChunkReader m_reader; // of the chunk looked at last
    mutable std::size_t m_open = std::size_t(-1);
};

// Adds rows begin..end of one piece to a column. `isGap`: the row before them has no value; afterwards: the last of them.
template <class Piece> void addRows(const Piece &piece, std::size_t begin, std::size_t end, Column &column, bool &isGap)
{
    const Digest sum = piece.digest(begin, end);
    column.rows += static_cast<std::uint32_t>(end - begin);
    column.worst = std::max(column.worst, sum.worst);
    column.hasLate = column.hasLate || sum.hasLate;
    if (sum.finite > 0) {
        if (column.samples == 0) {
            const std::size_t first = piece.firstFinite(begin, end);
            column.first = piece.value(first);
            column.min = sum.min;
            column.max = sum.max;
            column.breaksBefore = first > begin || isGap;
        }
        column.last = piece.value(piece.lastFinite(begin, end));
        column.min = std::min(column.min, sum.min);
        column.max = std::max(column.max, sum.max);
        column.samples += sum.finite;
    }
    isGap = !piece.hasValue(end - 1);
    column.endsInGap = isGap;
}

void forEachRow(const Pieces &pieces, Time from, Time to, const std::function<bool(const Row &)> &each)
{
    for (Place at = pieces.firstAtOrAfter(from); at.piece < pieces.size(); at = {at.piece + 1, 0}) {
        const std::size_t rows = pieces.rows(at.piece);
        for (; at.index < rows; ++at.index) {
            const Row row = pieces.row(at);
            if (row.t >= to || !each(row))
                return;
        }
    }
}

}

struct ColumnQuery::Work
{
    Columns &out;
    Pieces pieces;

    // The first whole microsecond of column i is ceil(i * span / n), written so that it cannot overflow.
    [[nodiscard]] Time startOf(std::size_t i) const
    {
        const auto n = static_cast<std::int64_t>(out.columns.size());
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t span = (out.to - out.from).count();
        return out.from + Micros(at * (span / n) + (at * (span % n) + n - 1) / n);
    }
};

ColumnQuery::ColumnQuery(const SeriesView &view, Columns &out)
    : m_work(new Work{out, Pieces(view, out.to)})
{
}

ColumnQuery::~ColumnQuery() = default;

bool ColumnQuery::fill(std::size_t first, std::size_t last, const std::stop_token &stop)
{
    const Pieces &pieces = m_work->pieces;
    Place at = pieces.firstAtOrAfter(m_work->startOf(first));
    const auto before = pieces.rowBefore(at);
    bool isGap = before && !hasValue(*before);
    for (std::size_t i = first; i < last; ++i) {
        if (i % 64 == 0 && stop.stop_requested())
            return false;
        Column &column = m_work->out.columns[i];
        column = Column();
        const Time end = m_work->startOf(i + 1);
        while (at.piece < pieces.size()) {
            const bool isDone = pieces.with(at.piece, [&](const auto &piece) {
                const std::size_t stopAt = piece.firstAtOrAfter(end, at.index);
                piece.expect(stopAt + (stopAt - at.index)); // where the next column ends, mostly
                if (stopAt > at.index)
                    addRows(piece, at.index, stopAt, column, isGap);
                at.index = stopAt;
                return stopAt < piece.size();
            });
            if (isDone)
                break;
            // The end of the last piece is a place too: rowFrom finds nothing there.
            at = {at.piece + 1, 0};
        }
    }
    return true;
}

void ColumnQuery::finish()
{
    Columns &out = m_work->out;
    const Pieces &pieces = m_work->pieces;
    const auto finite = [](std::optional<Row> row) { return row && hasValue(*row) ? row : std::nullopt; };
    out.before = finite(pieces.rowBefore(pieces.firstAtOrAfter(out.from)));
    const auto after = pieces.rowFrom(pieces.firstAtOrAfter(out.to));
    out.after = finite(after);
    out.gapAfter = after && !out.after ? std::optional(after->t) : std::nullopt;
    out.samples = 0;
    for (const Column &column : out.columns)
        out.samples += column.rows;
    out.rows.clear();
    if (out.samples > 0 && out.samples <= out.columns.size() / 2) {
        forEachRow(pieces, out.from, out.to, [&out](const Row &row) {
            out.rows.push_back(row);
            return true;
        });
    }
}

Columns queryColumns(const SeriesView &view, Time from, Time to, int width, std::stop_token stop)
{
    if (view.far)
        return view.far->columns(from, to, width, stop);
    Columns out;
    out.from = from;
    out.to = to;
    if (width < 1 || from >= to)
        return out;
    out.columns.resize(static_cast<std::size_t>(width));
    ColumnQuery query(view, out);
    if (query.fill(0, out.columns.size(), stop))
        query.finish();
    return out;
}

void readRows(const SeriesView &view, Time from, Time to, const std::function<bool(const Row &)> &each)
{
    if (view.far)
        view.far->read(from, to, each);
    else if (from < to)
        forEachRow(Pieces(view, to), from, to, each);
}

std::optional<Row> rowAt(const SeriesView &view, Time t)
{
    if (view.far)
        return view.far->at(t);
    // The newest row at or before t is the one before the first behind t.
    const Time behind = t < Time::max() ? t + Micros(1) : t;
    const Pieces pieces(view, behind);
    return pieces.rowBefore(pieces.firstAtOrAfter(behind));
}

std::optional<std::pair<Time, Time>> extentOf(const SeriesView &view)
{
    if (view.far)
        return view.far->extent();
    const bool hasChunks = view.sealed && !view.sealed->empty();
    if (!hasChunks && view.headRows == 0)
        return {};
    const Time first = hasChunks ? view.sealed->front()->first() : view.head->rows[0].t;
    const Time last = view.headRows > 0 ? headRow(view.head.get(), view.headRows - 1).t : view.sealed->back()->last();
    return std::pair(first, last);
}

}
