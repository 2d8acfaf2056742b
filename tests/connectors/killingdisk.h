#pragma once

#include "connectors/mqtt/spooldisk.h"

#include <csignal>

namespace sg::test {

// A spool's disk that kills this process while it writes the n-th record: "before" it, "amid" it, or "after" it. The receiving thread
// writes inside paho's callback, so that is where it dies.
class KillingDisk final : public SpoolDisk
{
public:
    KillingDisk(std::unique_ptr<SpoolDisk> disk, int records, std::string where)
        : m_disk(std::move(disk))
        , m_left(records)
        , m_where(std::move(where))
    {
    }
    Result<std::vector<std::string>> names() override { return m_disk->names(); }
    Result<std::shared_ptr<SpoolFile>> create(const std::string &name, std::uint64_t size) override
    {
        auto file = m_disk->create(name, size);
        return file ? Result<std::shared_ptr<SpoolFile>>(std::make_shared<File>(*this, *file)) : file;
    }
    Result<std::shared_ptr<SpoolFile>> open(const std::string &name) override { return m_disk->open(name); }
    void remove(const std::string &name) override { m_disk->remove(name); }
    Result<Done> syncNames() override { return m_disk->syncNames(); }

private:
    class File final : public SpoolFile
    {
    public:
        File(KillingDisk &disk, std::shared_ptr<SpoolFile> file)
            : m_disk(disk)
            , m_file(std::move(file))
        {
        }
        bool write(std::uint64_t at, std::string_view bytes) override
        {
            const bool isLast = at > 0 && --m_disk.m_left == 0; // at 0 is the file's own beginning
            if (isLast && m_disk.m_where == "before")
                ::raise(SIGKILL);
            if (isLast && m_disk.m_where == "amid")
                bytes = bytes.substr(0, bytes.size() / 2);
            const bool isDone = m_file->write(at, bytes);
            if (isLast)
                ::raise(SIGKILL);
            return isDone;
        }
        bool read(std::uint64_t at, std::size_t size, std::string &bytes) override { return m_file->read(at, size, bytes); }
        Result<Done> sync() override { return m_file->sync(); }
        void cut(std::uint64_t size) override { m_file->cut(size); }
        std::uint64_t size() const override { return m_file->size(); }

    private:
        KillingDisk &m_disk;
        std::shared_ptr<SpoolFile> m_file;
    };

    std::unique_ptr<SpoolDisk> m_disk;
    int m_left;
    const std::string m_where;
};

}
