#include "connectors/postgres/postgressnapshot.h"

#include "connectors/postgres/postgresbytes.h"

#include <algorithm>

namespace sg {

namespace {

constexpr char Version = 2; // 1 is the position of a cursor
constexpr std::uint64_t IsRead = 1, IsGone = 2;

}

void SnapshotBook::forgetOldest()
{
    std::vector<std::pair<Time, std::string>> gone;
    for (const auto &[key, row] : rows)
        if (row.gone != NoTime)
            gone.emplace_back(row.gone, key);
    if (gone.size() <= MostRows)
        return;
    std::sort(gone.begin(), gone.end());
    for (std::size_t i = 0; i < gone.size() - MostRows; ++i)
        rows.erase(gone[i].second);
}

std::string SnapshotBook::bytes() const
{
    std::string out(1, Version);
    putText(out, m_columns);
    for (const auto &[key, row] : rows) {
        putText(out, key);
        putWord(out, (row.isRead ? IsRead : 0) | (row.gone != NoTime ? IsGone : 0));
        putWord(out, static_cast<std::uint64_t>(row.gone.time_since_epoch().count()));
        putWord(out, static_cast<std::uint64_t>(row.lag.count()));
        putWord(out, row.cells.size());
        for (const auto &cell : row.cells) {
            putWord(out, cell ? 1 : 0);
            if (cell)
                putText(out, *cell);
        }
    }
    return out;
}

Result<Done> SnapshotBook::restore(std::string_view bytes)
{
    const Error unreadable{SG_TR("what was stored of the view cannot be read; its rows are taken as new"), {}, {}};
    std::string_view columns;
    if (bytes.empty() || bytes.front() != Version)
        return unreadable;
    bytes.remove_prefix(1);
    if (!takeText(bytes, columns))
        return unreadable;
    if (columns != m_columns)
        return Error{SG_TR("the view, or what is read of it, has other columns than before; its rows are taken as new"), {}, {}};
    std::map<std::string, Row, std::less<>> found;
    while (!bytes.empty()) {
        std::string_view key;
        std::uint64_t flags = 0, gone = 0, lag = 0, count = 0;
        if (!takeText(bytes, key) || !takeWord(bytes, flags) || !takeWord(bytes, gone) || !takeWord(bytes, lag) || !takeWord(bytes, count)
            || count > bytes.size())
            return unreadable;
        Row row;
        row.lag = Micros(static_cast<std::int64_t>(lag));
        row.isRead = (flags & IsRead) != 0;
        if ((flags & IsGone) != 0)
            row.gone = Time(Micros(static_cast<std::int64_t>(gone)));
        for (std::uint64_t isValue = 0; count > 0; --count) {
            std::string_view text;
            if (!takeWord(bytes, isValue) || (isValue != 0 && !takeText(bytes, text)))
                return unreadable;
            row.cells.push_back(isValue != 0 ? std::optional<std::string>(text) : std::nullopt);
        }
        found.insert_or_assign(std::string(key), std::move(row));
    }
    rows = std::move(found);
    return Done();
}

}
