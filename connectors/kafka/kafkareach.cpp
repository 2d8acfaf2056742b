#include "connectors/kafka/kafkareach.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <condition_variable>
#include <optional>
#include <thread>
#include <vector>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis Glance = 50ms; // how long a stop waits

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

void resolve(const KafkaAddress &address, Names &names)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo *found = nullptr;
    const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
    const std::lock_guard guard(names.mutex);
    for (const addrinfo *one = found; one != nullptr && names.places.size() < 4; one = one->ai_next) {
        Place &place = names.places.emplace_back();
        place.family = one->ai_family;
        place.size = one->ai_addrlen;
        std::memcpy(&place.address, one->ai_addr, one->ai_addrlen);
    }
    if (found != nullptr)
        freeaddrinfo(found);
    names.error = error;
    names.isDone.notify_all();
}

KafkaReach connectTo(const Place &place, Mono until, const std::stop_token &stop)
{
    using How = KafkaReach::How;
    const int fd = socket(place.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return {How::NoRoute, std::strerror(errno)};
    int error = connect(fd, reinterpret_cast<const sockaddr *>(&place.address), place.size) == 0 ? 0 : errno;
    while (error == EINPROGRESS) {
        if (stop.stop_requested() || Mono::clock::now() > until)
            break;
        pollfd wait{fd, POLLOUT, 0};
        if (poll(&wait, 1, static_cast<int>(Glance.count())) <= 0)
            continue;
        socklen_t size = sizeof error;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    close(fd);
    if (error == 0)
        return {};
    if (error == EINPROGRESS)
        return {stop.stop_requested() ? How::Stopped : How::Silent, {}};
    return {error == ECONNREFUSED ? How::Refused : error == ETIMEDOUT ? How::Silent : How::NoRoute, std::strerror(error)};
}

}

std::string KafkaAddress::text() const
{
    return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + port;
}

KafkaAddress KafkaAddress::of(std::string_view broker)
{
    if (const auto scheme = broker.find("://"); scheme != std::string_view::npos)
        broker.remove_prefix(scheme + 3);
    const auto colon = broker.rfind(':');
    const auto bracket = broker.rfind(']');
    const bool hasPort
        = colon != std::string_view::npos && (bracket == std::string_view::npos ? broker.find(':') == colon : colon > bracket);
    KafkaAddress address{std::string(broker.substr(0, hasPort ? colon : broker.size())),
                         hasPort ? std::string(broker.substr(colon + 1)) : "9092"};
    if (address.host.size() > 1 && address.host.front() == '[' && address.host.back() == ']')
        address.host = address.host.substr(1, address.host.size() - 2);
    return address;
}

KafkaReach reachKafka(const KafkaAddress &address, Millis limit, const std::stop_token &stop)
{
    using How = KafkaReach::How;
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
            return {stop.stop_requested() ? How::Stopped : How::NotKnown, "the name server does not answer"};
        if (*names->error != 0)
            return {How::NotKnown, gai_strerror(*names->error)};
        places = names->places;
    }
    KafkaReach reach{How::NotKnown, {}};
    for (const Place &place : places) {
        reach = connectTo(place, until, stop);
        if (reach.how == How::Answers || reach.how == How::Stopped)
            break;
    }
    return reach;
}

}
