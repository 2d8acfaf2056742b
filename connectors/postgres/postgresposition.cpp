#include "connectors/postgres/postgresposition.h"

#include "connectors/postgres/postgresbytes.h"

#include <limits>

namespace sg {

namespace {

constexpr char Version = 1;
constexpr std::int64_t None = std::numeric_limits<std::int64_t>::min();

// No cursor of a real table comes near the ends, but the server is not asked to promise that.
std::int64_t minus(std::int64_t a, std::int64_t b)
{
    return a < std::numeric_limits<std::int64_t>::min() + b ? std::numeric_limits<std::int64_t>::min() + 1 : a - b;
}

}

bool CursorWindow::see(std::int64_t cursor, std::uint64_t rowHash)
{
    if (m_floor && cursor <= *m_floor)
        return false;
    if (!m_seen.emplace(cursor, rowHash).second)
        return false;
    // Rows are read in cursor order, so the oldest go; but never those of the row's own cursor value, of which more may follow.
    while (m_seen.size() > MostRows && m_seen.begin()->first < cursor) {
        m_floor = m_seen.begin()->first;
        m_isCut = true;
        while (m_seen.begin()->first <= *m_floor)
            m_seen.erase(m_seen.begin());
    }
    return true;
}

void CursorWindow::advance(std::int64_t to)
{
    if (m_newest && to <= *m_newest)
        return;
    m_newest = to;
    const std::int64_t first = minus(to, m_overlap);
    while (!m_seen.empty() && m_seen.begin()->first < first)
        m_seen.erase(m_seen.begin());
}

void CursorWindow::goBack(std::optional<std::int64_t> to)
{
    // Older than the window counts as read already, or rows that fell out of it would come a second time.
    const auto first = lower();
    m_floor = to && first ? std::optional(std::min(*to, minus(*first, 1))) : std::nullopt;
    m_isCut = false;
    m_newest = to;
    if (to)
        m_seen.erase(m_seen.upper_bound({*to, std::numeric_limits<std::uint64_t>::max()}), m_seen.end());
    else
        m_seen.clear();
}

std::optional<std::int64_t> CursorWindow::newestRow() const
{
    if (!m_newest)
        return std::nullopt;
    const auto behind = m_seen.upper_bound({*m_newest, std::numeric_limits<std::uint64_t>::max()});
    return behind == m_seen.begin() ? std::nullopt : std::optional(std::prev(behind)->first);
}

std::optional<std::int64_t> CursorWindow::lower() const
{
    if (!m_newest)
        return std::nullopt;
    const std::int64_t first = minus(*m_newest, m_overlap);
    return m_floor ? std::max(first, *m_floor) : first;
}

std::string CursorWindow::bytes() const
{
    std::string out(1, Version);
    putWord(out, m_cursor.size());
    out += m_cursor;
    putWord(out, static_cast<std::uint64_t>(m_newest.value_or(None)));
    putWord(out, static_cast<std::uint64_t>(m_floor.value_or(None)));
    for (const auto &[cursor, hash] : m_seen) {
        putWord(out, static_cast<std::uint64_t>(cursor));
        putWord(out, hash);
    }
    return out;
}

Result<Done> CursorWindow::restore(std::string_view bytes)
{
    const Error unreadable{SG_TR("the stored position of the view cannot be read; reading begins as `start` says"), {}, {}};
    std::uint64_t length = 0, newest = 0, floor = 0;
    if (bytes.empty() || bytes.front() != Version)
        return unreadable;
    bytes.remove_prefix(1);
    if (!takeWord(bytes, length) || length > bytes.size())
        return unreadable;
    const std::string_view cursor = bytes.substr(0, length);
    if (cursor != m_cursor)
        return Error{SG_TR("the stored position is of cursor '%1', now it is '%2'; reading begins as `start` says"),
                     {std::string(cursor), m_cursor},
                     {}};
    bytes.remove_prefix(length);
    if (!takeWord(bytes, newest) || !takeWord(bytes, floor) || bytes.size() % 16 != 0)
        return unreadable;
    m_seen.clear();
    for (std::uint64_t at = 0, hash = 0; takeWord(bytes, at) && takeWord(bytes, hash);)
        m_seen.emplace_hint(m_seen.end(), static_cast<std::int64_t>(at), hash);
    const auto known = [](std::uint64_t word) {
        const auto number = static_cast<std::int64_t>(word);
        return number == None ? std::nullopt : std::optional(number);
    };
    m_newest = known(newest);
    m_floor = known(floor);
    return Done();
}

}
