#pragma once

#include "connectors/postgres/postgressource.h"

#include "core/signoflife.h"

#include <atomic>
#include <set>
#include <thread>

// libpqxx 6.4 forgets the server's last answer, 2 KB, whenever a connection ends while it waits for one. Read by the leak checker only.
extern "C" const char *__lsan_default_suppressions();
extern "C" const char *__lsan_default_suppressions()
{
    return "leak:libpqxx-6.4.so\n";
}

namespace sg::test {

using namespace std::chrono_literals;

inline Node map(std::vector<std::pair<std::string, Node>> entries)
{
    Node node;
    node.kind = Node::Kind::Map;
    node.map = std::move(entries);
    return node;
}
inline Node list(const std::vector<std::string> &texts)
{
    Node node;
    node.kind = Node::Kind::List;
    for (const std::string &text : texts)
        node.list.push_back(Node::ofScalar(text));
    return node;
}
inline Node text(const std::string &scalar)
{
    return Node::ofScalar(scalar);
}

using SettingRows = std::vector<std::pair<std::string, std::string>>;

// What came out of a source, row by row, as an evaluator would take it.
struct Received
{
    std::map<std::string, std::vector<std::pair<Time, double>>> rows; // by series path
    std::vector<std::string> texts; // by code
    std::vector<Positions> after; // of each batch that moved
    std::string gapText; // of the last one
    std::size_t messages = 0, gaps = 0, probes = 0, behind = 0, caughtUp = 0;
    std::map<std::uint32_t, std::string> paths;
    struct Row
    {
        Time stamp;
        double value;
        Quality quality;
        bool isLive;
    };
    std::map<std::string, std::vector<Row>> all; // with what rows has not
    std::map<std::string, std::size_t> alive; // signs of life without a sample
    std::set<std::string> retired; // keys

    void add(const Batch &batch)
    {
        messages += batch.messages;
        for (const NewSeries &series : batch.newSeries)
            paths[number(series.id)] = series.path;
        for (const NewText &known : batch.newTexts) {
            texts.resize(std::max<std::size_t>(texts.size(), known.code + 1));
            texts[known.code] = known.text;
        }
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const std::string &path = paths[number(batch.series[i])];
            if (batch.isLive[i] == LifeOnly) {
                ++alive[path];
                continue;
            }
            rows[path].emplace_back(batch.stamp[i], batch.value[i]);
            all[path].push_back({batch.stamp[i], batch.value[i], batch.quality[i], batch.isLive[i] != 0});
        }
        for (const auto &[place, mark] : batch.marks) {
            if (const auto *gap = std::get_if<Gap>(&mark)) {
                ++gaps;
                gapText = gap->why.plain();
            }
            if (const auto *gone = std::get_if<Retired>(&mark))
                retired.insert(gone->key);
            probes += std::holds_alternative<ClockProbe>(mark) ? 1 : 0;
            behind += std::holds_alternative<Behind>(mark) ? 1 : 0;
            caughtUp += std::holds_alternative<CaughtUp>(mark) ? 1 : 0;
        }
        if (!batch.after.empty())
            after.push_back(batch.after);
    }
    std::size_t count(const std::string &path) const
    {
        const auto found = rows.find(path);
        return found == rows.end() ? 0 : found->second.size();
    }
};

// A source on its thread, connecting again at once whenever it is lost, as the runner does with more patience.
class Reading
{
public:
    explicit Reading(const SourceSpec &spec, const Positions &from = {})
        : m_lane(m_bell, 64U << 20U, from)
        , m_thread([this, spec](const std::stop_token &stop) { run(spec, stop); })
    {
    }

    // Takes what comes until it is enough; false after 20 s.
    template <class F> bool until(F isEnough)
    {
        const Mono deadline = Mono::clock::now() + 20s;
        while (!isEnough()) {
            if (Mono::clock::now() > deadline)
                return false;
            m_bell.waitUntil(std::min(deadline, Mono::clock::now() + 100ms));
            take();
        }
        return true;
    }
    void take()
    {
        Lane::Taken taken = m_lane.take();
        for (const Batch &batch : taken.live)
            got.add(batch);
        status = taken.status;
    }
    void stop()
    {
        m_thread.request_stop();
        m_thread.join();
        take();
    }

    Received got;
    SourceStatus status;
    std::atomic<int> connections{0};
    std::string lastError; // read after stop()
    std::string newestError() // at any time
    {
        const std::lock_guard lock(m_mutex);
        return m_error;
    }

private:
    void run(const SourceSpec &spec, const std::stop_token &stop)
    {
        std::unique_ptr<Source> source;
        while (!stop.stop_requested()) {
            ++connections;
            try {
                if (!source)
                    source = postgresKind().make(spec);
                lastError = source->run(m_lane, m_lane.pushed(), stop).plain();
            } catch (const Refusal &refusal) {
                lastError = refusal.error.plain();
            }
            {
                const std::lock_guard lock(m_mutex);
                m_error = lastError;
            }
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock(mutex);
            never.wait_for(lock, stop, 50ms, [] { return false; });
        }
    }

    std::mutex m_mutex;
    std::string m_error; // guarded by m_mutex
    Doorbell m_bell;
    Lane m_lane;
    std::jthread m_thread; // last
};

}
