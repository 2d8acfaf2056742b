#include "engine/localsocket.h"

#include "core/platform.h"
#include "core/selector.h"
#include "core/text.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sg {

namespace {

sockaddr_un addressOf(const std::string &path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

bool isTooLong(const std::string &path)
{
    return path.size() >= sizeof(sockaddr_un::sun_path);
}

}

Descriptor::~Descriptor()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Wakeup::Wakeup()
    : m_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

void Wakeup::ring() const
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(m_fd.get(), &one, sizeof one);
}

void Wakeup::drain() const
{
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t n = ::read(m_fd.get(), &count, sizeof count);
}

std::string socketPath(const std::string &stateFolder)
{
    std::error_code error;
    const auto canonical = std::filesystem::weakly_canonical(stateFolder, error);
    return runtimeFolder() + "/" + hex(StableHash().add(error ? stateFolder : canonical.string()).value()) + ".sock";
}

Result<Descriptor> listenFor(const std::string &stateFolder)
{
    const std::string path = socketPath(stateFolder);
    const auto failed = [&](const std::string &why) {
        return Error{
            SG_TR("no window can attach and no other program can acknowledge: there is no local socket at %1 (%2); watching goes on"),
            {path, why},
            {}};
    };
    if (isTooLong(path))
        return failed("the path is longer than the " + std::to_string(sizeof(sockaddr_un::sun_path) - 1)
                      + " bytes of a socket's; a shorter XDG_RUNTIME_DIR helps");
    struct stat folder = {};
    if (::stat(runtimeFolder().c_str(), &folder) != 0)
        return failed(runtimeFolder() + ": " + std::strerror(errno));
    if (folder.st_uid != ::geteuid() || (folder.st_mode & 077U) != 0)
        return failed(runtimeFolder() + " is not a private folder of this user");
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.isOpen())
        return failed(std::strerror(errno));
    ::unlink(path.c_str());
    const sockaddr_un address = addressOf(path);
    const mode_t before = ::umask(0177);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address);
    ::umask(before);
    if (bound != 0 || ::listen(fd.get(), 8) != 0)
        return failed(std::strerror(errno));
    return fd;
}

Descriptor acceptFrom(int listening)
{
    Descriptor fd(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    ucred peer = {};
    socklen_t size = sizeof peer;
    if (fd.isOpen() && (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::geteuid()))
        return {};
    return fd;
}

Result<Descriptor> connectTo(const std::string &stateFolder)
{
    const std::string path = socketPath(stateFolder);
    const auto failed = [&](const std::string &why) {
        return Error{SG_TR("no evaluator answers for the state folder %1 (%2)"), {stateFolder, why}, {}};
    };
    if (isTooLong(path))
        return failed("the path " + path + " is too long for a socket");
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = addressOf(path);
    if (!fd.isOpen() || ::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return failed(std::strerror(errno));
    return fd;
}

SocketEnd sendSome(int fd, std::string &bytes)
{
    std::size_t done = 0;
    SocketEnd end = SocketEnd::Open;
    while (done < bytes.size()) {
        const ssize_t n = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n > 0) {
            done += static_cast<std::size_t>(n);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            end = SocketEnd::Closed;
        break;
    }
    bytes.erase(0, done);
    return end;
}

SocketEnd receiveSome(int fd, std::string &bytes)
{
    char buffer[65536];
    for (int i = 0; i < 4; ++i) {
        const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
        if (n > 0) {
            bytes.append(buffer, static_cast<std::size_t>(n));
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? SocketEnd::Open : SocketEnd::Closed;
    }
    return SocketEnd::Open;
}

}
