#include "core/reach.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis Glance = 50ms; // how long a stop waits
constexpr std::size_t MostPlaces = 4;

// An address that the system knows for a name.
struct Place
{
    int family = 0;
    sockaddr_storage address{};
    socklen_t size = 0;
};

struct Names
{
    std::mutex mutex;
    std::condition_variable isDone;
    std::optional<int> error; // of getaddrinfo(); guarded by mutex, like the next
    std::vector<Place> places;
};

void resolve(const ServerAddress &address, Names &names)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
    const std::lock_guard guard(names.mutex);
    for (const addrinfo *one = found; one != nullptr && names.places.size() < MostPlaces; one = one->ai_next) {
        Place &place = names.places.emplace_back();
        place.family = one->ai_family;
        place.size = one->ai_addrlen;
        std::memcpy(&place.address, one->ai_addr, one->ai_addrlen);
    }
    if (found != nullptr)
        ::freeaddrinfo(found);
    names.error = error;
    names.isDone.notify_all();
}

std::string textOf(const Place &place)
{
    char text[NI_MAXHOST];
    const auto *address = reinterpret_cast<const sockaddr *>(&place.address);
    return ::getnameinfo(address, place.size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0 ? text : std::string();
}

Reach connectTo(const Place &place, Mono until, const std::stop_token &stop)
{
    using How = Reach::How;
    TcpConnection connection(::socket(place.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (connection.fd() < 0)
        return {How::NoRoute, std::strerror(errno), {}, {}};
    int error = ::connect(connection.fd(), reinterpret_cast<const sockaddr *>(&place.address), place.size) == 0 ? 0 : errno;
    if (error == EINPROGRESS && waitForSocket(connection.fd(), true, until, stop)) {
        socklen_t size = sizeof error;
        if (::getsockopt(connection.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    if (error == 0)
        return {How::Answers, {}, {}, std::move(connection)};
    if (error == EINPROGRESS)
        return {stop.stop_requested() ? How::Stopped : How::Silent, {}, {}, {}};
    return {error == ECONNREFUSED ? How::Refused : error == ETIMEDOUT ? How::Silent : How::NoRoute, std::strerror(error), {}, {}};
}

}

TcpConnection::TcpConnection(TcpConnection &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
{
}

TcpConnection &TcpConnection::operator=(TcpConnection &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

TcpConnection::~TcpConnection()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

std::string ServerAddress::text() const
{
    return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + port;
}

ServerAddress ServerAddress::of(std::string_view text, std::string_view usualPort)
{
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find('/'));
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool hasPort = colon != std::string_view::npos && (bracket == std::string_view::npos ? text.find(':') == colon : colon > bracket);
    ServerAddress address{std::string(text.substr(0, hasPort ? colon : text.size())),
                          std::string(hasPort ? text.substr(colon + 1) : usualPort)};
    if (address.host.size() > 1 && address.host.front() == '[' && address.host.back() == ']')
        address.host = address.host.substr(1, address.host.size() - 2);
    return address;
}

bool waitForSocket(int fd, bool toWrite, Mono until, const std::stop_token &stop)
{
    while (!stop.stop_requested() && Mono::clock::now() < until) {
        pollfd wait{fd, static_cast<short>(toWrite ? POLLOUT : POLLIN), 0};
        if (::poll(&wait, 1, static_cast<int>(Glance.count())) > 0)
            return true;
    }
    return false;
}

Reach reachServer(const ServerAddress &address, Millis limit, const std::stop_token &stop)
{
    using How = Reach::How;
    const Mono until = Mono::clock::now() + limit;
    // getaddrinfo() cannot be told when to give up, so its thread is left to itself when it takes longer.
    const auto names = std::make_shared<Names>();
    std::thread([address, names] { resolve(address, *names); }).detach();
    std::vector<Place> places;
    {
        std::unique_lock lock(names->mutex);
        while (!names->error && !stop.stop_requested() && Mono::clock::now() < until)
            names->isDone.wait_for(lock, Glance);
        if (!names->error)
            return {stop.stop_requested() ? How::Stopped : How::NotKnown, "the name server does not answer", {}, {}};
        if (*names->error != 0)
            return {How::NotKnown, ::gai_strerror(*names->error), {}, {}};
        places = names->places;
    }
    Reach reach{How::NotKnown, {}, {}, {}};
    for (const Place &place : places) {
        reach = connectTo(place, until, stop);
        reach.address = textOf(place);
        if (reach.how == How::Answers || reach.how == How::Stopped)
            break;
    }
    return reach;
}

}
