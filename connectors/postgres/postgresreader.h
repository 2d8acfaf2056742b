#pragma once

#include "connectors/postgres/postgresclient.h"
#include "connectors/postgres/postgresposition.h"
#include "connectors/postgres/postgressnapshot.h"

#include "decode/intake.h"

namespace sg {

// What the view is, asked when connecting: its columns and the query made of them. Throws Refusal when there is no such view.
PostgresQuery describeView(PostgresClient &client, const PostgresSettings &settings);

Refusal tooManyRows(const PostgresSettings &settings); // of a snapshot

// One connection's reading: pages of rows behind the cursor or looks at all rows, clock probes, notifications. The source's thread.
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
    void askBeforeMuch(); // throws the question as a Refusal
    bool restForRate(std::uint64_t rows, std::uint64_t bytes, const std::stop_token &stop); // false when stopped
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
        std::uint64_t bytes = 0;
        std::int64_t newest = 0;
    };
    std::optional<Page> readPage(const std::optional<Page> &after, bool isPriming, bool marksBehind);
    [[nodiscard]] std::uint64_t hashOf(const pqxx::row &row); // of its key, whose text is left in m_key
    void addRow(const pqxx::row &row, std::int64_t cursor, Mono arrival);
    // The texts of the query's cells into m_cells; and those with the key's text as a message.
    void readCells(std::span<const std::optional<std::string_view>> texts);
    [[nodiscard]] Message messageOf(std::int64_t offset, Mono arrival) const;
    // mode: snapshot (postgreslook.cpp). False when stopped.
    bool look(bool isFirst, const std::stop_token &stop);
    std::vector<std::string> checkedKeys(const pqxx::result &rows);
    [[nodiscard]] std::string snapshotKey(const pqxx::row &row) const;
    [[nodiscard]] std::string keyText(const pqxx::row &row) const;
    [[nodiscard]] std::optional<Time> stampIn(const SnapshotBook::Cells &cells) const;
    [[nodiscard]] bool isOfBefore(const SnapshotBook::Row &known, const SnapshotBook::Cells &cells) const;
    [[nodiscard]] std::optional<Time> nowOf(const SnapshotBook::Row &row) const;
    bool tell(const SnapshotBook::Cells &cells, Message::Told told, std::optional<Time> at);
    bool tellGone(SnapshotBook::Row &row); // false: forget it
    void tellChanged(SnapshotBook::Row &known, SnapshotBook::Cells cells, bool isSeenAtOnce);
    [[nodiscard]] Time serverTime();
    void listen(); // or a note that says why not
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
    std::uint64_t m_rateMessages = 0, m_rateBytes = 0, m_rateQueries = 0;
    SourceStatus m_status;
    RateGate m_gate;
    std::optional<SnapshotBook> m_book; // of mode: snapshot
    std::uint64_t m_looks = 0;
    std::optional<Error> m_notListening; // why changes are not notified
    std::map<std::string, std::string> m_rounded; // columns with numbers that a double cannot hold, and one of them
    std::vector<Cell> m_cells; // kept between rows, like the buffers
    std::vector<std::optional<std::string_view>> m_texts;
    std::vector<std::string> m_buffers;
    std::string m_key;
};

}
