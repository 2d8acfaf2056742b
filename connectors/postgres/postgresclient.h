#pragma once

#include "connectors/postgres/postgresquery.h"

#include <pqxx/pqxx>

namespace sg {

// One connection through libpqxx, and the one place that knows how its versions 6 and 7 differ. What libpqxx throws passes through;
// see explain() below. The source's thread, but for interrupt().
class PostgresClient
{
public:
    // Connects, logs in and makes the session read-only with a time-out. Throws what libpqxx throws.
    explicit PostgresClient(const PostgresSettings &settings);
    ~PostgresClient();
    PostgresClient(const PostgresClient &) = delete;
    PostgresClient &operator=(const PostgresClient &) = delete;

    // One statement in a read-only transaction of its own. Parameters are texts; nothing of them gets into the statement's text.
    pqxx::result query(const std::string &sql, const std::vector<std::string> &parameters = {});
    [[nodiscard]] std::string quoted(const std::string &name) const; // as an identifier
    void listen(const std::string &channel);
    // Waits until something was notified or the time is over; true for the former. Also how a connection that ended is noticed.
    bool awaitNotification(Millis time);
    // Ends whatever the connection waits for, from any thread, while this lives: the call under way throws broken_connection.
    void interrupt() const;
    [[nodiscard]] bool isEncrypted();

private:
    class Listener;
    std::unique_ptr<pqxx::connection> m_connection;
    std::unique_ptr<Listener> m_listener; // before the connection goes
    int m_socket = -1;
    int m_backend = 0;
    bool m_isNotified = false;
};

// Why it failed, in the words of this program. `isRefusal`: another attempt with the same settings will fail again.
struct PostgresFailure
{
    Error error;
    bool isRefusal = false;
};
PostgresFailure explain(const std::exception &failure, const PostgresSettings &settings, bool isConnected);

constexpr Millis StatementTimeout{30'000};

}
