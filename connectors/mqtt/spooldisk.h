#pragma once

#include "core/result.h"

#include <memory>
#include <vector>

namespace sg {

// What a spool does to its disk, and no more: a test puts one there that forgets what was not synced. Files are safe to use from
// several threads at once.
class SpoolFile
{
public:
    virtual ~SpoolFile() = default;
    // What a write that failed left behind is not known.
    [[nodiscard]] virtual bool write(std::uint64_t at, std::string_view bytes) = 0;
    [[nodiscard]] virtual bool read(std::uint64_t at, std::size_t size, std::string &bytes) = 0; // all of it, or false
    [[nodiscard]] virtual Result<Done> sync() = 0;
    virtual void cut(std::uint64_t size) = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
};

class SpoolDisk
{
public:
    virtual ~SpoolDisk() = default;
    [[nodiscard]] virtual Result<std::vector<std::string>> names() = 0;
    // A new file of zeros, whose room on the disk is taken: a write into it does not fail for want of room.
    [[nodiscard]] virtual Result<std::shared_ptr<SpoolFile>> create(const std::string &name, std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::shared_ptr<SpoolFile>> open(const std::string &name) = 0;
    virtual void remove(const std::string &name) = 0;
    [[nodiscard]] virtual Result<Done> syncNames() = 0; // files made so far are found after a power cut
};

// A folder, made when it is missing. Held by a lock: fails when another spool has it.
Result<std::unique_ptr<SpoolDisk>> openSpoolFolder(const std::string &path);

}
