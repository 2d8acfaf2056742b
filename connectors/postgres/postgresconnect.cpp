#include "connectors/postgres/postgresconnect.h"

#include "core/text.h"

#include <libpq-fe.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

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

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

struct Socket
{
    int fd = -1;
    Socket() = default;
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    ~Socket() { reset(); }
    void reset(int next = -1)
    {
        if (fd >= 0)
            ::close(fd);
        fd = next;
    }
};

// 0, or the errno of the attempt.
int connectTo(const addrinfo &address, Socket &socket, const std::stop_token &stop)
{
    socket.reset(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
    if (socket.fd < 0)
        return errno;
    if (::connect(socket.fd, address.ai_addr, address.ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (!awaitSocket(socket.fd, true, Mono::clock::now() + StepPatience, stop))
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::string textOf(const addrinfo &address)
{
    char host[NI_MAXHOST] = "";
    ::getnameinfo(address.ai_addr, address.ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    return host;
}

std::optional<PostgresFailure> tryTcp(const PostgresSettings &settings, Socket &socket, const SayStep &say, const std::stop_token &stop)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int code = ::getaddrinfo(settings.host.c_str(), settings.port.c_str(), &hints, &found);
    if (code != 0)
        return passing(SG_TR("postgres: name: '%1' is not known on this machine (%2); check how it is spelled, and this machine's DNS"),
                       {shown(settings.host, 100), ::gai_strerror(code)});
    const Addresses addresses(found, freeaddrinfo);
    say({SG_TR("'%1' is %2"), {shown(settings.host, 100), textOf(*addresses)}, {}});
    int error = 0;
    for (const addrinfo *address = found; address; address = address->ai_next) {
        error = connectTo(*address, socket, stop);
        if (stop.stop_requested())
            return stopped();
        if (error == 0)
            break;
    }
    if (error == ECONNREFUSED)
        return passing(SG_TR("postgres: TCP: nothing listens at %1 port %2; check the port, and that the server runs and listens there "
                             "(listen_addresses)"),
                       {shown(settings.host, 100), settings.port});
    if (error == ETIMEDOUT)
        return passing(SG_TR("postgres: TCP: no answer from %1 port %2 within 5 s; a firewall is in the way, or the address is another's"),
                       {shown(settings.host, 100), settings.port});
    if (error != 0)
        return passing(SG_TR("postgres: TCP: %1 port %2 cannot be reached: %3"),
                       {shown(settings.host, 100), settings.port, std::strerror(error)});
    say({SG_TR("port %1 answers"), {settings.port}, {}});
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
        if (!awaitSocket(PQsocket(connection.get()), status == PGRES_POLLING_WRITING, deadline, stop))
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

bool awaitSocket(int socket, bool forWriting, Mono until, const std::stop_token &stop)
{
    constexpr int SliceMs = 100; // how long a wait goes on before it asks whether it should stop
    while (!stop.stop_requested() && Mono::clock::now() < until) {
        pollfd waiting{socket, static_cast<short>(forWriting ? POLLOUT : POLLIN), 0};
        if (::poll(&waiting, 1, SliceMs) != 0)
            return true; // an error shows itself at the next call
    }
    return false;
}

std::optional<PostgresFailure> tryConnection(const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop)
{
    if (!settings.host.starts_with('/')) { // else a local socket
        Socket socket;
        if (auto failed = tryTcp(settings, socket, say, stop))
            return failed;
        if (settings.sslmode != "disable")
            if (auto failed = tryTls(socket.fd, settings, say, stop))
                return failed;
    }
    return tryLogin(settings, say, stop);
}

}
