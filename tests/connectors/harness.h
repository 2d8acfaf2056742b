#pragma once

#include "core/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <thread>

// A source on a thread of its own with a lane that the test drains, as the engine would.
namespace sg::test {

inline Node scalar(std::string text)
{
    return Node::ofScalar(std::move(text));
}
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
        node.list.push_back(scalar(text));
    return node;
}

struct Row
{
    std::string series;
    double value = 0;
    std::string stream;
    std::int64_t offset = -1;
    Time stamp{};
    bool isLive = true;
};

// Its rows with their names; `series` keeps those by local id from batch to batch.
inline void appendRows(const Batch &batch, std::vector<std::string> &series, std::vector<Row> &rows)
{
    for (const NewSeries &fresh : batch.newSeries) {
        const std::size_t index = number(fresh.id);
        if (series.size() <= index)
            series.resize(index + 1);
        series[index] = fresh.path;
    }
    std::size_t run = 0;
    for (std::size_t i = 0; i < batch.rows(); ++i) {
        while (run < batch.runs.size() && batch.runs[run].first <= i)
            ++run;
        Row row;
        row.series = series.at(number(batch.series[i]));
        row.value = batch.value[i];
        row.stream = run == 0 ? std::string() : batch.runs[run - 1].second;
        row.offset = batch.offset[i];
        row.stamp = batch.stamp[i];
        row.isLive = batch.isLive[i] != 0;
        rows.push_back(std::move(row));
    }
}

// What a source reads back of a time, beside live reading that is at `live`.
struct Older
{
    Older(const SourceKind &kind, const SourceSpec &spec, Time from, Time to, Positions live = {}, std::stop_token stop = {})
    {
        Doorbell bell;
        Lane lane(bell, std::size_t(1) << 30U, std::move(live));
        result = kind.make(spec)->readBack(lane, from, to, stop);
        Lane::Taken taken = lane.take();
        isOnlyHistory = taken.live.empty();
        std::vector<std::string> series;
        for (const Batch &batch : taken.history)
            appendRows(batch, series, rows);
    }

    Result<Done> result = Done();
    std::vector<Row> rows;
    bool isOnlyHistory = false;
};

class Reading
{
public:
    Reading(const SourceKind &kind, SourceSpec spec, Positions from = {}, std::size_t laneBytes = 64U << 20U)
        : m_lane(m_bell, laneBytes, std::move(from))
        , m_thread([this, make = kind.make, spec = std::move(spec)](const std::stop_token &stop) { loop(make, spec, stop); })
    {
    }

    // Drains until `isDone`, or gives up. False: the time is over.
    template <class Predicate> bool until(Predicate isDone, std::chrono::milliseconds limit = std::chrono::seconds(60))
    {
        const Mono end = std::chrono::steady_clock::now() + limit;
        while (true) {
            drain();
            if (isDone())
                return true;
            if (std::chrono::steady_clock::now() > end)
                return false;
            m_bell.waitUntil(std::min<Mono>(end, std::chrono::steady_clock::now() + std::chrono::milliseconds(100)));
        }
    }
    bool untilRows(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(60))
    {
        return until([&] { return rows.size() >= count; }, limit);
    }
    // Nothing may come any more; so this one does wait.
    void settle(std::chrono::milliseconds time)
    {
        until([] { return false; }, time);
    }
    std::chrono::milliseconds stop()
    {
        const Mono began = std::chrono::steady_clock::now();
        m_thread.request_stop();
        if (m_thread.joinable())
            m_thread.join();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
        drain();
        return took;
    }

    [[nodiscard]] std::size_t gaps() const
    {
        return static_cast<std::size_t>(
            std::count_if(marks.begin(), marks.end(), [](const Mark &one) { return std::holds_alternative<Gap>(one); }));
    }
    [[nodiscard]] std::string why() const { return status.why ? status.why->plain() : std::string(); }
    [[nodiscard]] std::string explain() const
    {
        return std::to_string(rows.size()) + " rows, " + std::to_string(marks.size()) + " marks, state "
            + std::to_string(static_cast<int>(status.state)) + ", lag " + std::to_string(status.lag) + ", " + why() + ", last error "
            + (status.lastDecodeError ? status.lastDecodeError->plain() : std::string("none"));
    }

    // What the source says now, whether or not anybody drains its lane.
    [[nodiscard]] SourceStatus reported() const { return m_lane.status(); }

    std::vector<Row> rows;
    std::vector<Mark> marks;
    std::vector<std::size_t> markRows; // rows before each mark
    SourceStatus status;
    Positions positions;
    std::vector<std::string> ends; // why each run() ended
    bool isDraining = true;
    std::function<void(const Batch &)> onBatch; // sees each batch as it is taken

private:
    void loop(std::unique_ptr<Source> (*make)(const SourceSpec &), const SourceSpec &spec, const std::stop_token &stop)
    {
        std::unique_ptr<Source> source;
        while (!stop.stop_requested()) {
            SourceStatus lost;
            lost.state = SourceStatus::State::Lost;
            try {
                if (!source)
                    source = make(spec);
                lost.why = source->run(m_lane, m_lane.pushed(), stop);
            } catch (const Refusal &refusal) {
                lost.state = SourceStatus::State::Refused;
                lost.why = refusal.error;
            }
            if (stop.stop_requested())
                return;
            {
                const std::lock_guard guard(m_mutex);
                m_ends.push_back(lost.why->plain());
            }
            m_lane.report(lost);
            std::this_thread::sleep_for(std::chrono::milliseconds(200)); // the runner's back-off
        }
    }

    void drain()
    {
        {
            const std::lock_guard guard(m_mutex);
            ends = m_ends;
        }
        if (!isDraining)
            return;
        auto taken = m_lane.take();
        status = std::move(taken.status);
        for (Batch &batch : taken.live) {
            if (onBatch)
                onBatch(batch);
            const std::size_t before = rows.size();
            appendRows(batch, m_series, rows);
            for (auto &[row, mark] : batch.marks) {
                marks.push_back(std::move(mark));
                markRows.push_back(before + row);
            }
            for (const auto &[stream, position] : batch.after)
                positions.insert_or_assign(stream, position);
            static_cast<void>(m_lane.syncSource());
            m_lane.noteCommitted(batch.after);
        }
    }

    Doorbell m_bell;
    Lane m_lane;
    std::vector<std::string> m_series;
    std::mutex m_mutex;
    std::vector<std::string> m_ends; // guarded by m_mutex
    std::jthread m_thread;
};

// A server that takes connections and never says a word.
class SilentServer
{
public:
    SilentServer()
        : m_socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(m_socket, reinterpret_cast<sockaddr *>(&address), size) == 0 && listen(m_socket, 16) == 0
            && getsockname(m_socket, reinterpret_cast<sockaddr *>(&address), &size) == 0)
            m_address = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    ~SilentServer() { close(m_socket); }
    SilentServer(const SilentServer &) = delete;
    SilentServer &operator=(const SilentServer &) = delete;
    [[nodiscard]] const std::string &address() const { return m_address; }
    [[nodiscard]] bool isCalled(std::chrono::milliseconds limit) const // somebody has connected
    {
        pollfd wait{m_socket, POLLIN, 0};
        return poll(&wait, 1, static_cast<int>(limit.count())) == 1;
    }

private:
    int m_socket;
    std::string m_address;
};

}
