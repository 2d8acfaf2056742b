#include "connectors/mqtt/spooldisk.h"

#include "core/platform.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sg {
namespace {

Error spoolError(const std::string &path, int code)
{
    return {SG_TR("the spool %1: %2"), {path, std::strerror(code)}, {}};
}

class File final : public SpoolFile
{
public:
    File(int fd, std::string path)
        : m_fd(fd)
        , m_path(std::move(path))
    {
    }
    ~File() override { ::close(m_fd); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    bool write(std::uint64_t at, std::string_view bytes) override
    {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(m_fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
            at += static_cast<std::uint64_t>(n);
        }
        return true;
    }
    bool read(std::uint64_t at, std::size_t size, std::string &bytes) override
    {
        bytes.resize(size);
        for (std::size_t done = 0; done < size;) {
            const ssize_t n = ::pread(m_fd, bytes.data() + done, size - done, static_cast<off_t>(at + done));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return false;
            done += static_cast<std::size_t>(n);
        }
        return true;
    }
    Result<Done> sync() override { return ::fdatasync(m_fd) == 0 ? Result<Done>(Done()) : spoolError(m_path, errno); }
    void cut(std::uint64_t size) override
    {
        // What is cut off is unused room; a file that keeps it is as good.
        if (::ftruncate(m_fd, static_cast<off_t>(size)) != 0)
            return;
    }
    std::uint64_t size() const override
    {
        struct stat info = {};
        return ::fstat(m_fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
    }

private:
    const int m_fd;
    const std::string m_path;
};

class Folder final : public SpoolDisk
{
public:
    Folder(std::string path, std::unique_ptr<FileLock> lock)
        : m_path(std::move(path))
        , m_lock(std::move(lock))
    {
    }
    Result<std::vector<std::string>> names() override
    {
        std::vector<std::string> names;
        std::error_code error;
        for (std::filesystem::directory_iterator at(m_path, error), end; !error && at != end; at.increment(error))
            names.push_back(at->path().filename().string());
        if (error)
            return Error{SG_TR("the spool %1: %2"), {m_path, error.message()}, {}};
        return names;
    }
    Result<std::shared_ptr<SpoolFile>> create(const std::string &name, std::uint64_t size) override
    {
        const std::string path = m_path + "/" + name;
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
            return spoolError(path, errno);
        auto file = std::make_shared<File>(fd, path);
        if (const int failed = ::posix_fallocate(fd, 0, static_cast<off_t>(size)); failed != 0) {
            ::unlink(path.c_str());
            return spoolError(path, failed);
        }
        return std::shared_ptr<SpoolFile>(std::move(file));
    }
    Result<std::shared_ptr<SpoolFile>> open(const std::string &name) override
    {
        const std::string path = m_path + "/" + name;
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            return spoolError(path, errno);
        return std::shared_ptr<SpoolFile>(std::make_shared<File>(fd, path));
    }
    void remove(const std::string &name) override { ::unlink((m_path + "/" + name).c_str()); }
    Result<Done> syncNames() override
    {
        const int fd = ::open(m_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return spoolError(m_path, errno);
        const int failed = ::fsync(fd) == 0 ? 0 : errno;
        ::close(fd);
        return failed == 0 ? Result<Done>(Done()) : spoolError(m_path, failed);
    }

private:
    const std::string m_path;
    const std::unique_ptr<FileLock> m_lock;
};

}

Result<std::unique_ptr<SpoolDisk>> openSpoolFolder(const std::string &path)
{
    if (auto made = makeFolder(path); !made)
        return made.error();
    auto lock = FileLock::take(path + "/lock");
    if (!lock)
        return lock.error();
    return std::unique_ptr<SpoolDisk>(std::make_unique<Folder>(path, *std::move(lock)));
}

}
