#pragma once

#include "connectors/mqtt/spooldisk.h"

#include <map>
#include <random>

namespace sg::test {

// A spool's disk in memory whose power fails at a chosen sync: what was not synced is then gone, or there by luck, each write for
// itself; so are names. The twin of tests/state/crashvfs.h. One thread at a time.
class ForgetfulPlatter
{
public:
    struct Content
    {
        std::string seen, platter;
        std::vector<std::pair<std::uint64_t, std::string>> unsynced; // a write at a place
    };

    std::unique_ptr<SpoolDisk> disk() { return std::make_unique<Disk>(*this); }
    void failBeforeSync(int sync) { m_syncsLeft = sync; } // 0: never
    void fillUp(bool isFull) { m_isFull = isFull; }
    [[nodiscard]] bool isOff() const { return m_isOff; }
    [[nodiscard]] int syncs() const { return m_syncs; }

    // The power comes back. `luck`: share of what was not synced that is there all the same.
    void crash(double luck, unsigned seed)
    {
        std::minstd_rand random(seed + 1);
        const auto survives = [&] { return luck > 0 && std::uniform_real_distribution<double>(0, 1)(random) < luck; };
        for (auto &[name, content] : m_names) { // names that were made and not synced
            if (!m_synced.contains(name) && survives())
                m_synced.emplace(name, content);
        }
        m_names = m_synced;
        for (auto &[name, content] : m_names) {
            content->platter.resize(content->seen.size()); // room that was taken reads as zeros
            for (auto &[at, bytes] : content->unsynced) {
                if (survives())
                    content->platter.replace(at, bytes.size(), bytes);
            }
            content->unsynced.clear();
            content->seen = content->platter;
        }
        m_isOff = false;
        m_syncsLeft = 0;
    }

private:
    bool countSync()
    {
        if (m_isOff || (m_syncsLeft > 0 && --m_syncsLeft == 0)) {
            m_isOff = true;
            return false;
        }
        ++m_syncs;
        return true;
    }
    static Error off() { return {SG_TR("the power is off"), {}, {}}; }

    class File final : public SpoolFile
    {
    public:
        File(ForgetfulPlatter &platter, std::shared_ptr<Content> content)
            : m_platter(platter)
            , m_content(std::move(content))
        {
        }
        bool write(std::uint64_t at, std::string_view bytes) override
        {
            if (m_platter.m_isOff || at + bytes.size() > m_content->seen.size())
                return false;
            m_content->seen.replace(at, bytes.size(), bytes);
            m_content->unsynced.emplace_back(at, bytes);
            return true;
        }
        bool read(std::uint64_t at, std::size_t size, std::string &bytes) override
        {
            if (m_platter.m_isOff || at + size > m_content->seen.size())
                return false;
            bytes = m_content->seen.substr(at, size);
            return true;
        }
        Result<Done> sync() override
        {
            if (!m_platter.countSync())
                return off();
            m_content->platter = m_content->seen;
            m_content->unsynced.clear();
            return Done();
        }
        void cut(std::uint64_t size) override
        {
            if (!m_platter.m_isOff)
                m_content->seen.resize(size);
        }
        std::uint64_t size() const override { return m_content->seen.size(); }

    private:
        ForgetfulPlatter &m_platter;
        std::shared_ptr<Content> m_content;
    };

    class Disk final : public SpoolDisk
    {
    public:
        explicit Disk(ForgetfulPlatter &platter)
            : m_platter(platter)
        {
        }
        Result<std::vector<std::string>> names() override
        {
            std::vector<std::string> names;
            for (const auto &[name, content] : m_platter.m_names)
                names.push_back(name);
            return names;
        }
        Result<std::shared_ptr<SpoolFile>> create(const std::string &name, std::uint64_t size) override
        {
            if (m_platter.m_isOff || m_platter.m_isFull)
                return off();
            auto content = std::make_shared<Content>();
            content->seen.resize(size);
            m_platter.m_names[name] = content;
            return std::shared_ptr<SpoolFile>(std::make_shared<File>(m_platter, content));
        }
        Result<std::shared_ptr<SpoolFile>> open(const std::string &name) override
        {
            const auto at = m_platter.m_names.find(name);
            if (m_platter.m_isOff || at == m_platter.m_names.end())
                return off();
            return std::shared_ptr<SpoolFile>(std::make_shared<File>(m_platter, at->second));
        }
        void remove(const std::string &name) override // may come back with the power
        {
            if (!m_platter.m_isOff)
                m_platter.m_names.erase(name);
        }
        Result<Done> syncNames() override
        {
            if (!m_platter.countSync())
                return off();
            m_platter.m_synced = m_platter.m_names;
            return Done();
        }

    private:
        ForgetfulPlatter &m_platter;
    };

    std::map<std::string, std::shared_ptr<Content>> m_names; // as the program sees the folder
    std::map<std::string, std::shared_ptr<Content>> m_synced; // as the platter holds it
    int m_syncsLeft = 0, m_syncs = 0;
    bool m_isOff = false, m_isFull = false;
};

}
