#pragma once

#include "connectors/postgres/postgresquery.h"

#include <pqxx/pqxx>

namespace sg {

constexpr Millis StatementTimeout{30'000};

// One connection through libpqxx, and the one place that knows how its versions 6 and 7 differ. What libpqxx throws passes through;
// see explain() below. The source's thread, but for interrupt().
class PostgresClient
{
public:
    // Connects and logs in. Throws what libpqxx throws.
    explicit PostgresClient(const PostgresSettings &settings);
    ~PostgresClient();
    PostgresClient(const PostgresClient &) = delete;
    PostgresClient &operator=(const PostgresClient &) = delete;

    // One statement in a read-only transaction of its own, with a time-out and settings that make every value's text the same whatever the
    // role's and the database's are. They last as long as the transaction: behind a pooler the session is another's a moment later.
    // Parameters are texts; nothing of them gets into the statement's text.
    pqxx::result query(const std::string &sql, const std::vector<std::string> &parameters = {});
    void setTimeout(Millis timeout) { m_timeout = timeout; } // of each statement
    [[nodiscard]] std::string quoted(const std::string &name) const; // as an identifier
    void listen(const std::string &channel);
    // Waits until something was notified or the time is over; true for the former. Also how a connection that ended is noticed.
    bool awaitNotification(Millis time);
    // Ends whatever the connection waits for, from any thread, while this lives: the call under way throws broken_connection.
    void interrupt() const;
    // What the server said while nothing was asked of it: why it ended the connection, for one.
    [[nodiscard]] const std::string &lastWords() const { return m_lastWords; }
    [[nodiscard]] std::uint64_t queries() const { return m_queries; } // so far
    struct Peer
    {
        bool isStandby = false;
        bool isPooled = false; // another process than the one that greeted us answers
    };
    [[nodiscard]] Peer peer();

private:
    class Listener;
    class Words;
    std::unique_ptr<pqxx::connection> m_connection;
    std::string m_lastWords;
    std::unique_ptr<Words> m_words; // these two go before the connection
    std::unique_ptr<Listener> m_listener;
    int m_socket = -1;
    int m_backend = 0;
    Millis m_timeout;
    std::uint64_t m_queries = 0;
    bool m_isNotified = false;
};

// Why it failed, in the words of this program. `isRefusal`: another attempt with the same settings will fail again.
struct PostgresFailure
{
    Error error;
    bool isRefusal = false;
};
// Of a connection that stood; what keeps one from coming about, tryConnection() tells.
PostgresFailure explain(const std::exception &failure, const PostgresSettings &settings, std::string_view lastWords = {});

}
