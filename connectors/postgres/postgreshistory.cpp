#include "connectors/postgres/postgresreader.h"

#include <limits>

// Older rows on demand, by their time.
namespace sg {
namespace {
constexpr std::size_t PageRows = 5'000;
constexpr std::uint64_t MostRows = 20'000'000; // of one demand; what the history keeps of all series together is about that much
}

Result<Done> PostgresReader::readBack(Time from, Time to, const std::stop_token &stop)
{
    if (!m_query.knowsTime())
        return Error{
            SG_TR("the cursor '%1' of %2 is a number, and no column of a timestamp type is declared as the time, so nobody can say "
                  "which rows are of which time; older rows cannot be loaded"),
            {m_settings.cursor, m_settings.relation()},
            {}};
    const Micros margin = m_query.historyMargin();
    const auto micros = [](Time t) { return std::to_string(t.time_since_epoch().count()); };
    // A row is loaded at its own time or later; so the cursor's index leads to the first one.
    const std::string lower
        = m_query.isTime ? micros(from - margin - Micros(m_query.overlap)) : std::to_string(std::numeric_limits<std::int64_t>::min());
    std::vector<std::string> parameters{lower, micros(from - margin), micros(to + margin)};
    m_serverNow = to;
    for (bool isAfter = false; !stop.stop_requested(); isAfter = true) {
        const Mono began = Mono::clock::now();
        const pqxx::result rows = m_client.query(m_query.history(isAfter, PageRows), parameters);
        const Mono arrival = Mono::clock::now();
        const auto cursorColumn = static_cast<pqxx::row::size_type>(m_query.cells.size());
        for (const auto &row : rows) {
            static_cast<void>(hashOf(row)); // leaves the key's text
            addRow(row, std::strtoll(row[cursorColumn].c_str(), nullptr, 10), arrival);
        }
        Batch batch = m_intake.seal({}, arrival);
        while (!batch.isEmpty() && !m_lane.pushHistory(batch)) {
            if (stop.stop_requested())
                return Error{SG_TR("stopped"), {}, {}};
            m_lane.waitForRoom(stop);
        }
        report(SourceStatus::State::CatchingUp);
        if (static_cast<std::size_t>(rows.size()) < PageRows)
            return Done();
        if (m_status.messages >= MostRows)
            return Error{SG_TR("stopped after %1 rows; load again for what is left"), {std::to_string(m_status.messages)}, {}};
        const auto last = rows[rows.size() - 1];
        parameters.resize(3);
        for (std::size_t i = 0; i <= m_query.keys; ++i)
            parameters.emplace_back(last[cursorColumn + static_cast<pqxx::row::size_type>(i)].c_str());
        const Mono ended = Mono::clock::now();
        if (!isIdle(ended + (ended - began), stop))
            break;
    }
    return Error{SG_TR("stopped"), {}, {}};
}

}
