#include "engine/backtestmerge.h"

#include "store/columns.h"

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

constexpr std::size_t BufferedRows = 8'000'000; // of all series together, about 200 MB
constexpr std::size_t MostRows = 65'536, LeastRows = 256; // of one

}

BacktestMerge::BacktestMerge(std::vector<Input> inputs, Time from, Time to)
    : m_to(to)
    , m_bufferRows(std::clamp(BufferedRows / std::max<std::size_t>(1, inputs.size()), LeastRows, MostRows))
{
    m_cursors.reserve(inputs.size());
    for (const Input &input : inputs) {
        Cursor cursor;
        cursor.input = input;
        cursor.from = from;
        if (!fill(cursor))
            continue;
        m_heap.push_back({cursor.rows.front().t, static_cast<std::uint32_t>(m_cursors.size())});
        m_cursors.push_back(std::move(cursor));
    }
    for (std::size_t place = m_heap.size() / 2; place-- > 0;)
        sink(place);
}

bool BacktestMerge::fill(Cursor &cursor) const
{
    cursor.rows.clear();
    cursor.at = 0;
    if (cursor.from >= m_to)
        return false;
    readRows(*cursor.input.view, cursor.from, m_to, [&](const Row &row) {
        cursor.rows.push_back(row);
        return cursor.rows.size() < m_bufferRows;
    });
    if (cursor.rows.empty())
        return false;
    cursor.from = cursor.rows.back().t + Micros(1);
    return true;
}

BacktestMerge::Item BacktestMerge::take()
{
    Cursor &cursor = m_cursors[m_heap.front().cursor];
    const Item item{cursor.input.series, cursor.rows[cursor.at], cursor.before, cursor.wasFinite};
    cursor.before = item.row.t;
    cursor.wasFinite = std::isfinite(item.row.value);
    if (++cursor.at < cursor.rows.size() || fill(cursor)) {
        m_heap.front().t = cursor.rows[cursor.at].t;
    } else {
        cursor.rows = {};
        m_heap.front() = m_heap.back();
        m_heap.pop_back();
    }
    if (!m_heap.empty())
        sink(0);
    return item;
}

void BacktestMerge::sink(std::size_t place)
{
    const Head head = m_heap[place];
    while (true) {
        std::size_t child = 2 * place + 1;
        if (child >= m_heap.size())
            break;
        if (child + 1 < m_heap.size() && isEarlier(m_heap[child + 1], m_heap[child]))
            ++child;
        if (!isEarlier(m_heap[child], head))
            break;
        m_heap[place] = m_heap[child];
        place = child;
    }
    m_heap[place] = head;
}

}
