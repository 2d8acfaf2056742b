#include "connectors/postgres/postgresclient.h"

#include "core/text.h"
#include "core/times.h"

#include <sys/socket.h>

// libpqxx 7.10 marks as deprecated what it and 6.4 have in common: exec_params and notification_receiver. The calls are made in this
// file alone, and here the warning is known.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace sg {

class PostgresClient::Listener : public pqxx::notification_receiver
{
public:
    Listener(pqxx::connection &connection, const std::string &channel, bool &isNotified)
        : pqxx::notification_receiver(connection, channel)
        , m_isNotified(isNotified)
    {
    }
    void operator()(const std::string &, int) override { m_isNotified = true; }

private:
    bool &m_isNotified;
};

PostgresClient::PostgresClient(const PostgresSettings &settings)
    : m_connection(std::make_unique<pqxx::connection>(settings.connectionText()))
{
#if PQXX_VERSION_MAJOR < 7
    // Version 6 opens a broken connection again by itself, without its settings and without the notifications that came meanwhile.
    m_connection->inhibit_reactivation(true);
#endif
    m_socket = m_connection->sock();
    m_backend = m_connection->backendpid();
    pqxx::nontransaction session(*m_connection);
    session.exec("SET default_transaction_read_only = on");
    session.exec("SET statement_timeout = " + std::to_string(StatementTimeout.count()));
    session.exec("SET TimeZone = 'UTC'"); // for types that are read as the server writes them, such as ranges of times
}

PostgresClient::~PostgresClient() = default;

pqxx::result PostgresClient::query(const std::string &sql, const std::vector<std::string> &parameters)
{
    if (m_connection->backendpid() != m_backend)
        throw pqxx::broken_connection("the connection was replaced");
    pqxx::read_transaction transaction(*m_connection);
#if PQXX_VERSION_MAJOR < 7
    pqxx::result result = transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
#else
    pqxx::params values;
    for (const std::string &parameter : parameters)
        values.append(parameter);
    pqxx::result result = transaction.exec_params(sql, values);
#endif
    transaction.commit();
    return result;
}

std::string PostgresClient::quoted(const std::string &name) const
{
    return m_connection->quote_name(name);
}

void PostgresClient::listen(const std::string &channel)
{
    m_listener = std::make_unique<Listener>(*m_connection, channel, m_isNotified);
}

bool PostgresClient::awaitNotification(Millis time)
{
    if (!m_isNotified && time > Millis(0))
        m_connection->await_notification(static_cast<long>(time.count() / 1000), static_cast<long>(time.count() % 1000 * 1000));
    return std::exchange(m_isNotified, false);
}

void PostgresClient::interrupt() const
{
    // A cancel request would need a connection of its own, which may hang as well; a shut socket wakes every read at once.
    ::shutdown(m_socket, SHUT_RDWR);
}

bool PostgresClient::isEncrypted()
{
    const auto rows = query("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()");
    return !rows.empty() && std::string_view(rows[0][0].c_str()) == "t";
}

namespace {

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// A connection that failed has no SQLSTATE, only libpq's sentences and the server's FATAL ones.
PostgresFailure explainConnect(std::string_view what, const PostgresSettings &settings)
{
    const std::string server = settings.server();
    const std::string says = settings.safe(what);
    if (has(what, "certificate verify failed") || has(what, "server certificate for") || has(what, "root certificate")
        || has(what, "sslrootcert"))
        return {{SG_TR("server %1: its certificate was not accepted (sslmode %2): %3"), {server, settings.sslmode, says}, {}}, true};
    if (has(what, "does not support SSL"))
        return {{SG_TR("server %1 has no TLS, which sslmode %2 demands"), {server, settings.sslmode}, {}}, true};
    if (has(what, "starting up") || has(what, "shutting down") || has(what, "in recovery mode") || has(what, "too many clients")
        || has(what, "remaining connection slots"))
        return {{SG_TR("server %1 takes no connection now: %2"), {server, says}, {}}, false};
    if (has(what, "authentication failed") || has(what, "no password supplied") || has(what, "pg_hba.conf") || has(what, "role \""))
        return {{SG_TR("server %1 refused the login of '%2': %3"), {server, shown(settings.user), says}, {}}, true};
    if (has(what, "database \""))
        return {{SG_TR("server %1: the database cannot be opened: %2"), {server, says}, {}}, true};
    if (has(what, "invalid sslmode") || has(what, "invalid connection option") || has(what, "invalid port"))
        return {{SG_TR("server %1: a setting is wrong: %2"), {server, says}, {}}, true};
    return {{SG_TR("server %1 cannot be reached: %2"), {server, says}, {}}, false};
}

// Version 6 gives some failures a type and then forgets their SQLSTATE.
std::string stateOf(const pqxx::sql_error &failure)
{
    if (!failure.sqlstate().empty())
        return failure.sqlstate();
    if (dynamic_cast<const pqxx::insufficient_privilege *>(&failure) != nullptr)
        return "42501";
    if (dynamic_cast<const pqxx::undefined_table *>(&failure) != nullptr)
        return "42P01";
    if (dynamic_cast<const pqxx::undefined_column *>(&failure) != nullptr)
        return "42703";
    if (dynamic_cast<const pqxx::syntax_error *>(&failure) != nullptr)
        return "42601";
    return {};
}

PostgresFailure explainStatement(const pqxx::sql_error &failure, const PostgresSettings &settings)
{
    const std::string state = stateOf(failure);
    const std::string says = settings.safe(failure.what());
    const std::string server = settings.server(), relation = settings.relation();
    if (state == "42P01" || state == "3F000")
        return {{SG_TR("server %1 has no view or table %2, or this user does not see it"), {server, relation}, {}}, true};
    if (state == "42501")
        return {{SG_TR("user '%1' may not read %2 on %3: %4"), {shown(settings.user), relation, server, says}, {}}, true};
    if (state.starts_with("42"))
        return {{SG_TR("%1 on %2 cannot be queried: %3"), {relation, server, says}, {}}, true};
    if (state == "57014")
        return {{SG_TR("%1 on %2 did not answer within %3; an index on '%4' may be missing"),
                 {relation, server, formatDuration(StatementTimeout), shown(settings.cursor)},
                 {}},
                false};
    if (state.starts_with("57P"))
        return {{SG_TR("server %1 ended the connection: %2"), {server, says}, {}}, false};
    return {{SG_TR("server %1: %2 (SQLSTATE %3)"), {server, says, state}, {}}, false};
}

}

PostgresFailure explain(const std::exception &failure, const PostgresSettings &settings, bool isConnected)
{
    if (const auto *statement = dynamic_cast<const pqxx::sql_error *>(&failure))
        return explainStatement(*statement, settings);
    if (!isConnected)
        return explainConnect(failure.what(), settings);
    if (has(failure.what(), "terminating connection"))
        return {{SG_TR("server %1 ended the connection: %2"), {settings.server(), settings.safe(failure.what())}, {}}, false};
    return {{SG_TR("connection to server %1 was lost: %2"), {settings.server(), settings.safe(failure.what())}, {}}, false};
}

}

#pragma GCC diagnostic pop
