#include "connectors/postgres/postgresreader.h"

#include "core/text.h"
#include "core/times.h"

// mode: snapshot. All rows of a small view are looked at each time and compared with those of the look before.
namespace sg {

namespace {

SnapshotBook::Cells cellsOf(const pqxx::row &row, std::size_t count)
{
    SnapshotBook::Cells out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto field = row[static_cast<pqxx::row::size_type>(i)];
        out.push_back(field.is_null() ? std::nullopt : std::optional<std::string>(std::in_place, field.c_str(), field.size()));
    }
    return out;
}

}

Refusal tooManyRows(const PostgresSettings &settings)
{
    return {
        {SG_TR("%1 has more than %2 rows, and mode: snapshot looks at all of them each time; read it with mode: cursor, or make a view of "
               "the newest row of each thing"),
         {settings.relation(), std::to_string(SnapshotBook::MostRows)},
         {}}};
}

// Apart for NULL and the empty text, and whatever signs a text holds.
std::string PostgresReader::snapshotKey(const pqxx::row &row) const
{
    std::string out;
    for (std::size_t i = 0; i < m_query.keys; ++i) {
        const auto field = row[static_cast<pqxx::row::size_type>(m_query.cells.size() + i)];
        out += field.is_null() ? std::string("-") : std::to_string(field.size()) + ':' + std::string(field.c_str(), field.size());
    }
    return out;
}

// "line = L1, device = P-07", for people.
std::string PostgresReader::keyText(const pqxx::row &row) const
{
    std::string out;
    for (std::size_t i = 0; i < m_query.keys; ++i) {
        const auto field = row[static_cast<pqxx::row::size_type>(m_query.cells.size() + i)];
        out += (i == 0 ? "" : ", ") + shown(m_settings.rowKey[i], 60) + " = "
            + (field.is_null() ? std::string("NULL") : shown(std::string_view(field.c_str(), field.size()), 60));
    }
    return out;
}

// Nothing of a look counts when a key comes twice or the view is too large: half of a state is no state.
std::vector<std::string> PostgresReader::checkedKeys(const pqxx::result &rows)
{
    if (static_cast<std::size_t>(rows.size()) > SnapshotBook::MostRows)
        throw tooManyRows(m_settings);
    std::vector<std::string> keys;
    std::set<std::string_view> seen;
    std::size_t bytes = 0;
    keys.reserve(static_cast<std::size_t>(rows.size())); // texts must not move
    for (const auto &row : rows) {
        for (std::size_t i = 0; i < m_query.cells.size(); ++i)
            bytes += row[static_cast<pqxx::row::size_type>(i)].size();
        if (!seen.insert(keys.emplace_back(snapshotKey(row))).second)
            throw Refusal{{SG_TR("%1 has two rows with the key %2; which of them holds, nobody can say: name the columns that tell rows "
                                 "apart in path, or group the view by them"),
                           {m_settings.relation(), keyText(row)},
                           {}}};
    }
    m_rateBytes += bytes;
    if (bytes > SnapshotBook::MostBytes)
        throw Refusal{{SG_TR("the rows of %1 are %2 MB in all, and mode: snapshot reads at most %3 MB each time; select fewer columns"),
                       {m_settings.relation(), std::to_string(bytes >> 20U), std::to_string(SnapshotBook::MostBytes >> 20U)},
                       {}}};
    return keys;
}

// The row's own stamp, where a column of a timestamp type is it.
std::optional<Time> PostgresReader::stampIn(const SnapshotBook::Cells &cells) const
{
    for (std::size_t i = 0; i < m_query.cells.size(); ++i) {
        const PostgresColumn &column = m_query.cells[i];
        const bool isPlain = column.kind == PostgresColumn::Kind::PlainTime;
        if (column.name != m_settings.timeColumn || !cells[i] || (!isPlain && column.kind != PostgresColumn::Kind::ZonedTime))
            continue;
        const Time written(Micros(std::strtoll(cells[i]->c_str(), nullptr, 10)));
        if (!isPlain)
            return written;
        std::string text = formatUtc(written);
        text.pop_back(); // its Z: the column has no zone
        const auto stamp = parseIso(text, m_settings.zone);
        return stamp ? std::optional(*stamp) : std::nullopt;
    }
    return std::nullopt;
}

// A row is back, and its stamp is not newer than what was told last of it: as a sample of that time it would be late.
bool PostgresReader::isOfBefore(const SnapshotBook::Row &known, const SnapshotBook::Cells &cells) const
{
    if (m_settings.timeColumn.empty())
        return false; // its time is that of the look
    const auto stamp = stampIn(cells);
    return stamp ? *stamp <= known.gone : cells == known.cells;
}

// Now, in the time of the row's stamps: they reach us as late as they do, and what is told of it must not lie ahead of the next one.
// Nothing where that is not known.
std::optional<Time> PostgresReader::nowOf(const SnapshotBook::Row &row) const
{
    if (m_settings.isByArrival)
        return std::nullopt;
    if (m_settings.timeColumn.empty())
        return m_serverNow;
    if (row.lag == SnapshotBook::UnknownLag)
        return std::nullopt;
    const auto newest = stampIn(row.cells);
    return std::max({m_serverNow - row.lag, newest ? *newest + Micros(1) : NoTime, row.gone == NoTime ? NoTime : row.gone + Micros(1)});
}

bool PostgresReader::tell(const SnapshotBook::Cells &cells, Message::Told told, std::optional<Time> at)
{
    m_texts.assign(cells.begin(), cells.end());
    readCells(m_texts);
    Message message = messageOf(static_cast<std::int64_t>(m_looks), m_arrival);
    message.told = told;
    message.databaseTime = at;
    if (told == Message::Told::Value || told == Message::Told::Returned)
        ++m_rateMessages;
    return static_cast<bool>(m_intake.add(message)); // a row that cannot be read is counted and shown by the intake
}

bool PostgresReader::tellGone(SnapshotBook::Row &row)
{
    if (!row.isRead)
        return false;
    if (!m_settings.retiresGone) {
        const auto at = nowOf(row);
        tell(row.cells, Message::Told::Gone, at);
        row.gone = at.value_or(m_serverNow);
        return true;
    }
    m_texts.assign(row.cells.begin(), row.cells.end());
    readCells(m_texts);
    Message message = messageOf(static_cast<std::int64_t>(m_looks), m_arrival);
    message.isTombstone = true;
    static_cast<void>(m_intake.add(message));
    return false;
}

// A row that is not as it was. `isSeenAtOnce`: the look before did not show it, so its stamp tells how late stamps reach us.
void PostgresReader::tellChanged(SnapshotBook::Row &known, SnapshotBook::Cells cells, bool isSeenAtOnce)
{
    if (known.gone != NoTime && isOfBefore(known, cells)) {
        known.isRead = tell(cells, Message::Told::Unchanged, m_serverNow); // its stamp is as old as it says
        tell(cells, Message::Told::Returned, nowOf(known));
    } else {
        known.isRead = tell(cells, Message::Told::Value, m_serverNow);
        if (const auto stamp = stampIn(cells); stamp && isSeenAtOnce)
            known.lag = std::min(known.lag, m_serverNow - *stamp);
    }
    known.cells = std::move(cells);
    known.gone = NoTime;
}

bool PostgresReader::look(bool isFirst, const std::stop_token &stop)
{
    const std::uint64_t bytesBefore = m_rateBytes;
    const Mono asked = Mono::clock::now();
    const Time began = serverTime();
    const pqxx::result rows = m_client.query(m_query.snapshot(SnapshotBook::MostRows + 1));
    m_arrival = Mono::clock::now();
    m_serverNow = began + std::chrono::duration_cast<Micros>(m_arrival - asked); // no stamp that this look shows is newer
    const std::vector<std::string> keys = checkedKeys(rows);
    ++m_looks;
    bool hasMoved = false;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const pqxx::row found = rows[static_cast<pqxx::result::size_type>(i)];
        SnapshotBook::Cells cells = cellsOf(found, m_query.cells.size());
        m_key = keyText(found);
        const auto [entry, isNew] = m_book->rows.try_emplace(keys[i]);
        SnapshotBook::Row &known = entry->second;
        known.look = m_looks;
        if (!isNew && known.gone == NoTime && known.cells == cells) {
            if (known.isRead)
                tell(cells, Message::Told::Unchanged, m_serverNow);
            continue;
        }
        if (!hasMoved && isFirst) { // also what changed while nobody looked
            m_intake.add(Mark(Behind{}));
            report(SourceStatus::State::CatchingUp);
        }
        hasMoved = true;
        tellChanged(known, std::move(cells), !isFirst);
    }
    for (auto entry = m_book->rows.begin(); entry != m_book->rows.end();) {
        if (entry->second.look == m_looks || entry->second.gone != NoTime) {
            ++entry;
            continue;
        }
        hasMoved = true;
        m_key.clear();
        entry = tellGone(entry->second) ? std::next(entry) : m_book->rows.erase(entry);
    }
    m_book->forgetOldest();
    if (isFirst)
        m_intake.add(Mark(CaughtUp{}));
    const std::uint64_t bytes = m_rateBytes - bytesBefore;
    return push(hasMoved, stop) && restForRate(keys.size(), bytes, stop);
}

}
