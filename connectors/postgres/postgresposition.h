#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>
#include <set>

namespace sg {

// How far a view has been read, and which rows of the overlap window were seen: rows may commit out of cursor order, so those that
// appear in the window later are new, and the others are not. Times are microseconds since 1970, other cursors their own number.
// One thread.
class CursorWindow
{
public:
    // Remembered; a fuller window gets shorter. Only rows that share one cursor value may be more.
    static constexpr std::size_t MostRows = 50'000;
    // `cursor` names column and kind, so that a stored position of another column is told from ours.
    CursorWindow(std::string cursor, std::int64_t overlap)
        : m_cursor(std::move(cursor))
        , m_overlap(overlap)
    {
    }

    // True when the row was not seen before; from then on it was.
    bool see(std::int64_t cursor, std::uint64_t rowHash);
    void advance(std::int64_t to); // everything up to here was looked at; forgets what fell out of the window
    // The view holds nothing behind `to` any more, or nothing at all: what lay there is forgotten, and what comes there is new.
    void goBack(std::optional<std::int64_t> to);
    [[nodiscard]] bool remembers(std::int64_t cursor, std::uint64_t rowHash) const { return m_seen.contains({cursor, rowHash}); }
    [[nodiscard]] std::size_t remembered() const { return m_seen.size(); }
    // Cursor of the newest row that was read and lay not in the future; nothing when none is remembered.
    [[nodiscard]] std::optional<std::int64_t> newestRow() const;
    // First cursor value to look at again; nothing while nothing is known, which means: from the first row on.
    [[nodiscard]] std::optional<std::int64_t> lower() const;
    // The window is shorter than the overlap asked for, because more rows lie in it than are remembered.
    [[nodiscard]] bool isCut() const { return m_isCut && m_floor && m_newest && *m_floor > *m_newest - m_overlap; }

    [[nodiscard]] std::string bytes() const;
    // An Error when the bytes are of another cursor or version, or damaged.
    Result<Done> restore(std::string_view bytes);

private:
    const std::string m_cursor;
    const std::int64_t m_overlap;
    std::optional<std::int64_t> m_newest;
    std::optional<std::int64_t> m_floor; // rows up to here count as seen although they are no longer remembered
    bool m_isCut = false; // the floor is one of rows that were too many
    std::set<std::pair<std::int64_t, std::uint64_t>> m_seen;
};

}
