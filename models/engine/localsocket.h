#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>

// Unix sockets of one user: what commandsocket and agentlink need of them. Nothing here blocks.
namespace sg {

class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int fd)
        : m_fd(fd)
    {
    }
    Descriptor(Descriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~Descriptor();
    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] bool isOpen() const { return m_fd >= 0; }

private:
    int m_fd = -1;
};

// Wakes a thread that polls. Thread-safe.
class Wakeup
{
public:
    Wakeup();
    void ring() const;
    void drain() const; // the polling thread's
    [[nodiscard]] int fd() const { return m_fd.get(); }

private:
    Descriptor m_fd;
};

std::string socketPath(const std::string &stateFolder); // $XDG_RUNTIME_DIR/sightglass/<hash of the state folder>.sock

// Listens at socketPath(stateFolder), 0600, in a folder of this user alone. Whatever lay there is of a run that was killed: the state
// folder's lock, which the caller holds, says that nobody else serves it.
Result<Descriptor> listenFor(const std::string &stateFolder);
Descriptor acceptFrom(int listening); // closed when nobody waits, or somebody of another user
Result<Descriptor> connectTo(const std::string &stateFolder);

enum class SocketEnd : std::uint8_t { Open, Closed };
// Sends what the socket takes now and removes it from the front of `bytes`.
SocketEnd sendSome(int fd, std::string &bytes);
// Appends what is there, at most 256 kB.
SocketEnd receiveSome(int fd, std::string &bytes);

}
