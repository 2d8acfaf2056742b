#pragma once

#include "connectors/postgres/postgresclient.h"
#include "connectors/postgres/postgresposition.h"

#include "decode/intake.h"

namespace sg {

// What the view is, asked when connecting: its columns and the query made of them. Throws Refusal when there is no such view.
PostgresQuery describeView(PostgresClient &client, const PostgresSettings &settings);

// One connection's reading: pages of rows behind the cursor, clock probes, notifications. The source's thread.
class PostgresReader
{
public:
    PostgresReader(const PostgresSettings &settings, PostgresClient &client, Intake &intake, Lane &lane);
    // Until stopped; libpqxx's exceptions and Refusals pass through.
    void run(const Positions &from, const std::stop_token &stop);

private:
    void restore(const Positions &from);
    void begin(const std::stop_token &stop); // where nothing is stored
    // All rows behind the position, in pages. False when stopped.
    bool drain(bool isFirst, const std::stop_token &stop);
    struct Page // of one drain
    {
        std::int64_t cursor = 0; // of the last row
        std::vector<std::string> keys;
        std::size_t rows = 0, fresh = 0;
        std::int64_t newest = 0;
    };
    std::optional<Page> readPage(const std::optional<Page> &after, bool isPriming, bool marksBehind);
    void addRow(const pqxx::row &row, std::int64_t cursor, Mono arrival);
    const char *cellText(const pqxx::field &field, PostgresColumn::Kind kind, std::string &buffer) const;
    void probeClock();
    bool push(bool hasMoved, const std::stop_token &stop); // what is in the intake; false when stopped
    void report(SourceStatus::State state);
    bool isIdle(Mono until, const std::stop_token &stop); // waits; false when stopped

    const PostgresSettings &m_settings;
    PostgresClient &m_client;
    Intake &m_intake;
    Lane &m_lane;
    const PostgresQuery m_query;
    CursorWindow m_window;
    bool m_isStored = false; // a position was restored or made
    Time m_serverNow = NoTime; // the server's clock at this poll
    Mono m_arrival{};
    Mono m_nextProbe{};
    Mono m_rateSince{};
    std::uint64_t m_rateMessages = 0, m_rateBytes = 0;
    SourceStatus m_status;
    std::vector<Cell> m_cells; // kept between rows, like the buffers
    std::vector<std::string> m_buffers;
    std::string m_key;
};

}
