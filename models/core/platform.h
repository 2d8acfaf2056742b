#pragma once

#include "core/result.h"

#include <memory>

// Calls that are neither Qt nor the standard library. Thread-safe.
namespace sg {

std::string hostName();
std::string userName();
std::string environment(const char *name); // "" when unset
std::string stateHome(); // $XDG_STATE_HOME/sightglass or its default
std::string runtimeFolder(); // $XDG_RUNTIME_DIR/sightglass, or a private folder under /tmp; 0700, made when missing
std::string stateFolderFor(const std::string &workspaceFolder); // stateHome()/<hash of the canonical path>
std::string randomName(); // 16 hex digits from the system's source of randomness

Result<std::string> readFile(const std::string &path, std::size_t limit = 16U << 20U); // regular files only
Result<Done> writeFileAtomically(const std::string &path, std::string_view bytes); // temporary, fsync, rename, fsync of the folder
Result<Done> makeFolder(const std::string &path); // with parents, 0700

// An exclusive lock on a file, held as long as this lives and given back by the kernel when the process dies.
class FileLock
{
public:
    static Result<std::unique_ptr<FileLock>> take(const std::string &path); // fails at once when another process holds it
    ~FileLock();
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;

private:
    explicit FileLock(int fd)
        : m_fd(fd)
    {
    }
    int m_fd;
};

}
