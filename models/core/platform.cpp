#include "core/platform.h"

#include "core/text.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sg {

namespace {

Error systemError(const char *text, const std::string &path)
{
    return {text, {path, std::strerror(errno)}, {}};
}

class Descriptor
{
public:
    explicit Descriptor(int fd)
        : m_fd(fd)
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return m_fd; }

private:
    int m_fd;
};

std::string homeFolder()
{
    const std::string home = environment("HOME");
    if (!home.empty())
        return home;
    const passwd *entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_dir : "/tmp";
}

}

std::string environment(const char *name)
{
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string hostName()
{
    char buffer[256] = {};
    return ::gethostname(buffer, sizeof buffer - 1) == 0 ? buffer : "localhost";
}

std::string userName()
{
    const passwd *entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

std::string stateHome()
{
    const std::string given = environment("XDG_STATE_HOME");
    return (given.empty() ? homeFolder() + "/.local/state" : given) + "/sightglass";
}

std::string runtimeFolder()
{
    const std::string given = environment("XDG_RUNTIME_DIR");
    const std::string folder = given.empty() ? "/tmp/sightglass-" + std::to_string(::geteuid()) : given + "/sightglass";
    ::mkdir(folder.c_str(), 0700);
    return folder;
}

std::string stateFolderFor(const std::string &workspaceFolder)
{
    std::error_code error;
    const auto canonical = std::filesystem::weakly_canonical(workspaceFolder, error);
    return stateHome() + "/" + hex(StableHash().add(error ? workspaceFolder : canonical.string()).value());
}

std::string randomName()
{
    std::random_device device;
    return hex((static_cast<std::uint64_t>(device()) << 32U) | device());
}

Result<std::string> readFile(const std::string &path, std::size_t limit)
{
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        return systemError(SG_TR("cannot read %1: %2"), path);
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0)
        return systemError(SG_TR("cannot read %1: %2"), path);
    if (!S_ISREG(info.st_mode))
        return Error{SG_TR("%1 is not a regular file"), {path}, {}};
    if (static_cast<std::size_t>(info.st_size) > limit)
        return Error{SG_TR("%1 has %2 bytes; at most %3 are read"), {path, std::to_string(info.st_size), std::to_string(limit)}, {}};
    std::string out;
    char buffer[65536];
    while (true) {
        const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0)
            return systemError(SG_TR("cannot read %1: %2"), path);
        if (n == 0)
            return out;
        out.append(buffer, static_cast<std::size_t>(n));
        if (out.size() > limit)
            return Error{SG_TR("%1 has %2 bytes; at most %3 are read"), {path, std::to_string(out.size()), std::to_string(limit)}, {}};
    }
}

Result<Done> writeFileAtomically(const std::string &path, std::string_view bytes)
{
    const std::filesystem::path target(path);
    const std::string temporary = path + "." + randomName() + ".tmp";
    {
        struct stat info = {};
        const mode_t mode = ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0644;
        const Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (fd.get() < 0)
            return systemError(SG_TR("cannot write %1: %2"), path);
        for (std::size_t done = 0; done < bytes.size();) {
            const ssize_t n = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0) {
                const Error error = systemError(SG_TR("cannot write %1: %2"), path);
                ::unlink(temporary.c_str());
                return error;
            }
            done += static_cast<std::size_t>(n);
        }
        if (::fsync(fd.get()) != 0) {
            const Error error = systemError(SG_TR("cannot write %1: %2"), path);
            ::unlink(temporary.c_str());
            return error;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = systemError(SG_TR("cannot write %1: %2"), path);
        ::unlink(temporary.c_str());
        return error;
    }
    const std::string folder = target.has_parent_path() ? target.parent_path().string() : ".";
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0)
        ::fsync(fd.get());
    return Done();
}

Result<Done> makeFolder(const std::string &path)
{
    std::error_code error;
    const bool wasThere = std::filesystem::is_directory(path, error);
    std::filesystem::create_directories(path, error);
    if (error)
        return Error{SG_TR("cannot make the folder %1: %2"), {path, error.message()}, {}};
    if (!wasThere)
        ::chmod(path.c_str(), 0700);
    return Done();
}

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string &path)
{
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return systemError(SG_TR("cannot open the lock %1: %2"), path);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const Error error = systemError(SG_TR("%1 is held by another process: %2"), path);
        ::close(fd);
        return error;
    }
    return std::unique_ptr<FileLock>(new FileLock(fd));
}

FileLock::~FileLock()
{
    ::close(m_fd);
}

}
