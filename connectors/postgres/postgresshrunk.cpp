#include "connectors/postgres/postgresreader.h"

#include "core/times.h"

// A view that holds less than was read of it: cut short, restored from a backup, emptied, made anew. Rows of the overlap window are
// remembered, so the newest of them is the proof. Views that show only the newest row of each thing lose older ones all the time; so a row
// that is gone means nothing as long as the greatest cursor does not go back.
namespace sg {

void PostgresReader::compareWithStored()
{
    const auto last = m_window.newestRow();
    if (!last)
        return;
    const auto found = m_client.query(m_query.newest());
    const auto newest = found.empty() ? std::nullopt : std::optional<std::int64_t>(std::strtoll(found[0][0].c_str(), nullptr, 10));
    if (!newest || *newest < *last) {
        goBack(newest, *last);
    } else if (!m_query.isTime && isMadeAnew()) {
        // A number that goes on rising past ours is another row's by now; times are the same in every table.
        m_intake.add(
            Mark(Gap{NoTime,
                     NoTime,
                     {SG_TR("%1: none of the %2 rows that were read last is there any more, so it was made anew; rows between may be "
                            "missing; it is read again from its first row on"),
                      {m_settings.relation(), std::to_string(m_window.remembered())},
                      {}}}));
        m_window.goBack(std::nullopt);
        m_hasGoneBack = true;
    }
}

bool PostgresReader::isMadeAnew()
{
    // Those of one page will do: it begins with the oldest that is remembered.
    constexpr std::size_t Enough = 10'000;
    const auto rows = m_client.query(m_query.page(PostgresQuery::Begin::Lower, Enough), {std::to_string(m_window.lower().value_or(0))});
    for (const auto &row : rows) {
        const auto cursor = row[static_cast<pqxx::row::size_type>(m_query.cells.size())];
        if (m_window.remembers(std::strtoll(cursor.c_str(), nullptr, 10), hashOf(row)))
            return false;
    }
    return true;
}

void PostgresReader::goBack(std::optional<std::int64_t> newest, std::int64_t last)
{
    const Time from = m_query.isTime ? Time(Micros(last)) : NoTime;
    // Numbers that begin again are other rows'. Times that end earlier are the same rows', of which some are gone.
    const bool fromFirst = !newest || (!m_query.isTime && *newest < m_window.lower().value_or(last));
    Error why;
    if (!newest)
        why = {
            SG_TR("%1 is empty, although it was read up to '%2'; it was emptied or made anew, and rows may be missing; whatever comes is "
                  "read as new"),
            {m_settings.relation(), cursorText(last)},
            {}};
    else if (fromFirst)
        why = {
            SG_TR("%1 ends at '%3', although it was read up to '%2'; it was made anew, and rows may be missing; it is read again from its "
                  "first row on"),
            {m_settings.relation(), cursorText(last), cursorText(*newest)},
            {}};
    else
        why = {
            SG_TR("%1 ends at '%3', although it was read up to '%2'; it was cut short or restored, and rows may be missing; reading goes "
                  "on there"),
            {m_settings.relation(), cursorText(last), cursorText(*newest)},
            {}};
    m_intake.add(Mark(Gap{from, NoTime, std::move(why)}));
    m_window.goBack(fromFirst ? std::nullopt : newest);
    m_hasGoneBack = true;
}

void PostgresReader::noteEnd(std::optional<std::int64_t> last)
{
    const auto read = m_window.newestRow();
    if (!read || (last && *last >= *read)) {
        m_shrunk.reset();
        return;
    }
    if (!last) {
        // Nothing at or behind the window's begin; a view that is only empty for now, as a queue may be, misses nothing.
        const auto found = m_client.query(m_query.newest());
        if (!found.empty()) {
            goBack(std::strtoll(found[0][0].c_str(), nullptr, 10), *read);
            return;
        }
    }
    m_shrunk = last
        ? Error{SG_TR("%1 ends at '%3' now, although it was read up to '%2': rows that were read are gone; new ones are read as "
                      "they come"),
                {m_settings.relation(), cursorText(*read), cursorText(*last)},
                {}}
        : Error{SG_TR("%1 is empty now, although it was read up to '%2'; new rows are read as they come"),
                {m_settings.relation(), cursorText(*read)},
                {}};
}

std::string PostgresReader::cursorText(std::int64_t cursor) const
{
    return m_query.isTime ? formatUtc(Time(Micros(cursor))) : std::to_string(cursor);
}

}
