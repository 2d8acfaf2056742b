#include "connectors/postgres/postgresclient.h"

#include "core/text.h"
#include "core/times.h"

#include <cstring>
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

// An error that comes while nothing is asked is a notice to libpq, and libpqxx prints it.
class PostgresClient::Words : public pqxx::errorhandler
{
public:
    Words(pqxx::connection &connection, std::string &words)
        : pqxx::errorhandler(connection)
        , m_words(words)
    {
    }
    bool operator()(const char *text) noexcept override
    {
        m_words.assign(text, strnlen(text, 400));
        return false; // no other handler prints it
    }

private:
    std::string &m_words;
};

PostgresClient::PostgresClient(const PostgresSettings &settings)
    : m_connection(std::make_unique<pqxx::connection>(settings.connectionText()))
    , m_timeout(StatementTimeout)
{
#if PQXX_VERSION_MAJOR < 7
    // Version 6 opens a broken connection again by itself, without its settings and without the notifications that came meanwhile.
    m_connection->inhibit_reactivation(true);
#endif
    m_words = std::make_unique<Words>(*m_connection, m_lastWords);
    m_socket = m_connection->sock();
    m_backend = m_connection->backendpid();
}

PostgresClient::~PostgresClient() = default;

pqxx::result PostgresClient::query(const std::string &sql, const std::vector<std::string> &parameters)
{
    if (m_connection->backendpid() != m_backend)
        throw pqxx::broken_connection("the connection was replaced");
    const std::string settings = "SET LOCAL statement_timeout = " + std::to_string(m_timeout.count())
        + "; SET LOCAL extra_float_digits = 3"
          // For types that are read as the server writes them, such as ranges of times.
          "; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'";
    ++m_queries;
    pqxx::read_transaction transaction(*m_connection);
    transaction.exec(settings);
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

PostgresClient::Peer PostgresClient::peer()
{
    const auto rows = query("SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid()");
    return {std::string_view(rows[0][0].c_str()) == "t", std::to_string(m_backend) != rows[0][1].c_str()};
}

namespace {

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
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

// It is there and said goodbye: a restart, an administrator, another process of it that crashed (57P01, 57P02). That is not "unreachable".
PostgresFailure endedByServer(const PostgresSettings &settings, std::string_view what)
{
    if (has(what, "administrator"))
        return {{SG_TR("postgres: server %1 ended the connection by an administrator's command (57P01): it restarts, or somebody ended our "
                       "session"),
                 {settings.server()},
                 {}},
                false};
    return {{SG_TR("postgres: server %1 ended the connection: %2"), {settings.server(), settings.safe(what)}, {}}, false};
}

PostgresFailure explainStatement(const pqxx::sql_error &failure, const PostgresSettings &settings)
{
    const std::string state = stateOf(failure);
    const std::string says = settings.safe(failure.what());
    const std::string server = settings.server(), relation = settings.relation();
    if (state == "42P01" || state == "3F000")
        return {{SG_TR("server %1 has no view or table %2, or this user does not see it"), {server, relation}, {}}, true};
    if (state == "42501")
        return {{SG_TR("postgres: authorisation: user '%1' may not read %2 on server %3; its owner has to GRANT SELECT (and USAGE on the "
                       "schema)"),
                 {shown(settings.user), relation, server},
                 {}},
                true};
    if (state.starts_with("42"))
        return {{SG_TR("%1 on %2 cannot be queried: %3"), {relation, server, says}, {}}, true};
    if (state == "57014")
        return {{SG_TR("%1 on %2 did not answer within %3; an index on '%4' may be missing"),
                 {relation, server, formatDuration(StatementTimeout), shown(settings.cursor)},
                 {}},
                false};
    if (state.starts_with("57P"))
        return endedByServer(settings, failure.what());
    return {{SG_TR("server %1: %2 (SQLSTATE %3)"), {server, says, state}, {}}, false};
}

}

PostgresFailure explain(const std::exception &failure, const PostgresSettings &settings, std::string_view lastWords)
{
    if (const auto *statement = dynamic_cast<const pqxx::sql_error *>(&failure))
        return explainStatement(*statement, settings);
    // A connection that ends while nothing is asked has no SQLSTATE, only the server's last words.
    const std::string said = std::string(lastWords) + failure.what();
    if (!lastWords.empty() || has(said, "terminating connection"))
        return endedByServer(settings, said);
    return {
        {SG_TR("postgres: the connection to server %1 broke off: %2; it was not the server that said so: it fell over, or the network did"),
         {settings.server(), settings.safe(failure.what())},
         {}},
        false};
}

}

#pragma GCC diagnostic pop
