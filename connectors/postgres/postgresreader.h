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
    // Pushes the rows of [from, to) as history, at most half of the time reading. Throws as run() does.
    Result<Done> readBack(Time from, Time to, const std::stop_token &stop);

private:
    void restore(const Positions &from);
    void begin(const std::stop_token &stop); // where nothing is stored
    // Whether the view still holds what was read of it, and what to do when it does not (postgresshrunk.cpp).
    void compareWithStored();
    void noteEnd(std::optional<std::int64_t> last); // the greatest cursor that a drain met
    void goBack(std::optional<std::int64_t> newest, std::int64_t last);
    [[nodiscard]] bool isMadeAnew();
    [[nodiscard]] std::string cursorText(std::int64_t cursor) const;
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
    [[nodiscard]] std::uint64_t hashOf(const pqxx::row &row); // of its key, whose text is left in m_key
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
    bool m_hasGoneBack = false; // the position went back and was not pushed yet
    std::optional<Error> m_shrunk; // rows that were read are gone, but nothing can be missed by it
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
