#include "connectors/postgres/postgresconnect.h"

#include "core/reach.h"
#include "core/text.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace sg {

namespace {

PostgresFailure stopped()
{
    return {{SG_TR("stopped"), {}, {}}, false};
}

PostgresFailure refusal(const char *text, std::vector<std::string> args)
{
    return {{text, std::move(args), {}}, true};
}
PostgresFailure passing(const char *text, std::vector<std::string> args)
{
    return {{text, std::move(args), {}}, false};
}

std::optional<PostgresFailure> tryTcp(const PostgresSettings &settings, TcpConnection &connection, const SayStep &say,
                                      const std::stop_token &stop)
{
    using How = Reach::How;
    Reach reach = reachServer({settings.host, settings.port}, StepPatience, stop);
    const std::string host = shown(settings.host, 100);
    if (reach.how == How::Stopped)
        return stopped();
    if (reach.how == How::NotKnown)
        return passing(SG_TR("postgres: name: '%1' is not known on this machine (%2); check how it is spelled, and this machine's DNS"),
                       {host, reach.why});
    say({SG_TR("'%1' is %2"), {host, reach.address}, {}});
    if (reach.how == How::Refused)
        return passing(SG_TR("postgres: TCP: nothing listens at %1 port %2; check the port, and that the server runs and listens there "
                             "(listen_addresses)"),
                       {host, settings.port});
    if (reach.how == How::Silent)
        return passing(SG_TR("postgres: TCP: no answer from %1 port %2 within 5 s; a firewall is in the way, or the address is another's"),
                       {host, settings.port});
    if (reach.how == How::NoRoute)
        return passing(SG_TR("postgres: TCP: %1 port %2 cannot be reached: %3"), {host, settings.port, reach.why});
    say({SG_TR("port %1 answers"), {settings.port}, {}});
    connection = std::move(reach.connection);
    return std::nullopt;
}

// libpq's verbose texts hold the server's SQLSTATE: "FATAL:  28P01: password authentication failed", in whatever language.
std::string stateIn(std::string_view text)
{
    std::string found;
    for (std::size_t at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
        const std::string_view state = text.substr(at + 3, 5);
        if (state.size() == 5 && text.substr(at + 8, 2) == ": "
            && std::all_of(state.begin(), state.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }))
            found = state;
    }
    return found;
}

PostgresFailure explainLogin(PGconn *connection, const PostgresSettings &settings)
{
    const std::string_view text = PQerrorMessage(connection);
    const std::string state = stateIn(text);
    const std::string user = shown(settings.user, 60), database = shown(settings.dbname, 60), server = settings.server();
    if (PQconnectionNeedsPassword(connection) != 0)
        return refusal(
            SG_TR("postgres: login: server %1 wants a password for user '%2' and none is given; say password: { env: SG_NAME } or "
                  "{ file: PATH }"),
            {server, user});
    if (state == "28P01")
        return refusal(
            SG_TR("postgres: login: server %1 refuses this password of user '%2'; check the secret that `password` names, and the "
                  "user's name"),
            {server, user});
    if (state == "28000" && text.find("pg_hba.conf") != std::string_view::npos)
        return refusal(
            SG_TR("postgres: authorisation: no line of pg_hba.conf on server %1 lets user '%2' into database '%3' from this machine "
                  "%4; its administrator has to add one, or TLS has to be as it asks"),
            {server, user, database, settings.sslmode == "disable" ? "without TLS" : "in this way"});
    if (state == "28000")
        return refusal(SG_TR("postgres: login: server %1 has no user '%2' that may log in; check the name"), {server, user});
    if (state == "3D000")
        return refusal(SG_TR("postgres: database: server %1 has no database '%2'; check dbname"), {server, database});
    if (state == "42501")
        return refusal(
            SG_TR("postgres: authorisation: user '%1' may not connect to database '%2' of server %3; its owner has to GRANT CONNECT"),
            {user, database, server});
    if (state == "53300")
        return passing(SG_TR("postgres: server %1 has no connection left for us (max_connections, or the role's limit)"), {server});
    if (state == "57P03")
        return passing(SG_TR("postgres: server %1 starts or ends just now, and takes no connection"), {server});
    // Without the line that says where in the server's source it was written.
    const std::string says = settings.safe(text.substr(0, text.find("\nLOCATION")));
    if (state.empty())
        return passing(SG_TR("postgres: login: server %1: %2"), {server, says});
    return refusal(SG_TR("postgres: login: server %1: %2"), {server, says});
}

std::optional<PostgresFailure> tryLogin(const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectStart(settings.connectionText().c_str()), PQfinish);
    if (!connection)
        return passing(SG_TR("postgres: out of memory"), {});
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    const Mono deadline = Mono::clock::now() + 2 * StepPatience;
    auto status = PGRES_POLLING_WRITING;
    while (PQstatus(connection.get()) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        if (!waitForSocket(PQsocket(connection.get()), status == PGRES_POLLING_WRITING, deadline, stop))
            return stop.stop_requested()
                ? stopped()
                : passing(SG_TR("postgres: login: server %1 took the connection and then said nothing for 10 s"), {settings.server()});
        status = PQconnectPoll(connection.get());
    }
    if (PQstatus(connection.get()) != CONNECTION_OK)
        return explainLogin(connection.get(), settings);
    say(PQsslInUse(connection.get()) != 0 ? Error{SG_TR("logged in, connection encrypted"), {}, {}}
                                          : Error{SG_TR("logged in, connection not encrypted"), {}, {}});
    return std::nullopt;
}

}

std::optional<PostgresFailure> tryConnection(const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop)
{
    if (!settings.host.starts_with('/')) { // else a local socket
        TcpConnection connection;
        if (auto failed = tryTcp(settings, connection, say, stop))
            return failed;
        if (settings.sslmode != "disable")
            if (auto failed = tryTls(connection.fd(), settings, say, stop))
                return failed;
    }
    return tryLogin(settings, say, stop);
}

}
