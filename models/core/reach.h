#pragma once

#include "core/types.h"

#include <stop_token>
#include <string>
#include <string_view>

namespace sg {

// A TCP connection, closed at the end. Move-only. (A connection of the workspace is another thing.)
class TcpConnection
{
public:
    TcpConnection() = default;
    explicit TcpConnection(int fd)
        : m_fd(fd)
    {
    }
    TcpConnection(TcpConnection &&other) noexcept;
    TcpConnection &operator=(TcpConnection &&other) noexcept;
    ~TcpConnection();

    [[nodiscard]] int fd() const { return m_fd; } // -1: none; never waits (O_NONBLOCK)

private:
    int m_fd = -1;
};

// Where a server is said to be.
struct ServerAddress
{
    std::string host, port;
    [[nodiscard]] std::string text() const; // "kafka-2:9092", "[::1]:9092"
    // "kafka-2:9092", "[::1]:9092", "ssl://broker"; without a port it is `usualPort`.
    static ServerAddress of(std::string_view text, std::string_view usualPort);
};

// Whether a name is known here and its port takes connections: the first two steps on the way to any server, each with its own end.
// Nothing is sent. Blocks for at most `limit`, and returns soon after `stop`.
struct Reach
{
    enum class How : std::uint8_t { Answers, NotKnown, Refused, Silent, NoRoute, Stopped };
    How how = How::Answers;
    std::string why; // the system's words
    std::string address; // "127.0.0.1", "::1": what the name stands for
    TcpConnection connection; // of Answers
};
Reach reachServer(const ServerAddress &address, Millis limit, const std::stop_token &stop);

// Until a socket can be read (or written), `until` or `stop`. False: it cannot.
bool waitForSocket(int fd, bool toWrite, Mono until, const std::stop_token &stop);

}
