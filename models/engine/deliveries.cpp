#include "engine/deliveries.h"

#include "core/text.h"
#include "engine/notifytext.h"

namespace sg {

namespace {

constexpr Mono::duration IngestIsStuck = std::chrono::seconds(20);

bool isSame(const SourceSpec &a, const SourceSpec &b)
{
    return a.id == b.id && a.kind == b.kind && a.settings.saysTheSame(b.settings) && a.folder == b.folder;
}

}

class Deliveries::Worker
{
public:
    Worker(Deliveries &owner, SourceSpec target, Micros every, std::string workspace, std::optional<Error> waits)
        : m_owner(owner)
        , m_target(std::move(target))
        , m_every(every)
        , m_workspace(std::move(workspace))
        , m_waits(std::move(waits))
        , m_thread([this](std::stop_token stop) { isHeartbeat() ? beat(stop) : deliver(stop); })
    {
    }

    [[nodiscard]] bool isFor(const SourceSpec &target, Micros every, const std::optional<Error> &waits) const
    {
        return isSame(m_target, target) && m_every == every && m_waits == waits;
    }
    void requestStop() { m_thread.request_stop(); }
    void push(Notifier::Attempt attempt)
    {
        {
            const std::lock_guard guard(m_mutex);
            m_queue.push_back(std::move(attempt));
        }
        m_wake.notify_one();
    }

private:
    [[nodiscard]] bool isHeartbeat() const { return m_every.count() > 0; }

    Sent send(const Notification &message, const std::stop_token &stop)
    {
        if (m_waits)
            return {Sent::How::Later, *m_waits};
        try {
            if (!m_sender) {
                const auto kind = m_owner.m_senders.find(m_target.kind);
                if (kind == m_owner.m_senders.end())
                    return {Sent::How::Later, {SG_TR("'%1' is not in this version"), {m_target.kind}, {}}};
                m_sender = kind->second.make(m_target);
            }
            Sent sent = m_sender->send(message, stop);
            if (sent.how != Sent::How::Delivered)
                m_sender.reset(); // the next attempt reads its secrets and certificates anew
            return sent;
        } catch (const Refusal &refusal) {
            return {Sent::How::Later, refusal.error}; // a secret that is missing today may be there tomorrow
        } catch (const std::exception &failed) {
            m_sender.reset();
            return {Sent::How::Later, {SG_TR("the connector failed: %1"), {shown(failed.what())}, {}}};
        }
    }

    void deliver(const std::stop_token &stop)
    {
        while (true) {
            Notifier::Attempt attempt;
            {
                std::unique_lock lock(m_mutex);
                m_wake.wait(lock, stop, [this] { return !m_queue.empty(); });
                if (m_queue.empty())
                    return; // stopped
                attempt = std::move(m_queue.front());
                m_queue.pop_front();
            }
            const Sent brokenOff{Sent::How::Later, {}}; // no failure: whoever follows begins anew
            Sent sent = stop.stop_requested() ? brokenOff : send(attempt.message, stop);
            const bool isBrokenOff = sent.how != Sent::How::Delivered && stop.stop_requested();
            m_owner.tell({attempt.id, {}, isBrokenOff ? brokenOff : std::move(sent)});
        }
    }

    void beat(const std::stop_token &stop)
    {
        Mono next = Mono::clock::now();
        std::uint64_t number = 0;
        while (!stop.stop_requested()) {
            const Mono now = Mono::clock::now();
            const Mono lived{Mono::duration(m_owner.m_beat.load())};
            if (now - lived < IngestIsStuck) {
                const Time wall = std::chrono::floor<Micros>(std::chrono::system_clock::now());
                Notification message;
                message.key = m_target.id + "-" + std::to_string(wall.time_since_epoch().count()) + "-" + std::to_string(++number);
                message.about = m_target.id;
                message.made = wall;
                message.body = heartbeatBody(m_target, m_workspace, wall);
                Sent sent = send(message, stop);
                if (!stop.stop_requested())
                    m_owner.tell({0, m_target.id, std::move(sent)});
            }
            next = std::max(next + m_every, Mono::clock::now());
            std::unique_lock lock(m_mutex);
            m_wake.wait_until(lock, stop, next, [] { return false; });
        }
    }

    Deliveries &m_owner;
    const SourceSpec m_target;
    const Micros m_every; // 0: a route
    const std::string m_workspace;
    const std::optional<Error> m_waits; // nobody agreed to what it would reach
    std::unique_ptr<Sender> m_sender; // its thread's own
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Notifier::Attempt> m_queue; // guarded by m_mutex
    std::jthread m_thread; // last: it uses all others
};

Deliveries::Deliveries(const SenderCatalog &senders, Doorbell &bell)
    : m_senders(senders)
    , m_bell(bell)
{
}

Deliveries::~Deliveries()
{
    stop();
}

void Deliveries::requestStop()
{
    for (auto &[name, worker] : m_workers)
        worker->requestStop();
}

void Deliveries::stop()
{
    requestStop(); // all together, then each is waited for
    m_workers.clear();
    m_closing.clear();
}

void Deliveries::apply(const Routes &routes, const std::string &workspace, const std::string &stateName, const Consents &consents)
{
    std::map<std::string, std::pair<SourceSpec, Micros>> wanted;
    for (const RouteSpec &route : routes.routes)
        if (route.isKnown)
            wanted.emplace(route.target.id, std::pair(route.target, Micros(0)));
    for (const HeartbeatSpec &heartbeat : routes.heartbeats)
        wanted.emplace(heartbeat.target.id, std::pair(heartbeat.target, heartbeat.every));
    for (auto &[name, want] : wanted)
        want.first.stateName = stateName;
    for (auto worker = m_workers.begin(); worker != m_workers.end();) {
        const auto want = wanted.find(worker->first);
        if (want != wanted.end()
            && worker->second->isFor(want->second.first, want->second.second, consents.whyItWaits(want->second.first))) {
            wanted.erase(want);
            ++worker;
            continue;
        }
        // What it still has comes back as broken off, and goes to the one that follows.
        worker->second->requestStop();
        m_closing.emplace_back([closed = std::move(worker->second)]() mutable { closed.reset(); });
        worker = m_workers.erase(worker);
    }
    for (auto &[name, want] : wanted)
        m_workers.emplace(name, std::make_unique<Worker>(*this, want.first, want.second, workspace, consents.whyItWaits(want.first)));
}

void Deliveries::push(std::vector<Notifier::Attempt> attempts)
{
    for (Notifier::Attempt &attempt : attempts)
        if (const auto worker = m_workers.find(attempt.route); worker != m_workers.end())
            worker->second->push(std::move(attempt));
        else
            tell({attempt.id, {}, {Sent::How::Later, {SG_TR("nobody delivers for route '%1'"), {attempt.route}, {}}}});
}

void Deliveries::tell(Ended ended)
{
    {
        const std::lock_guard guard(m_mutex);
        m_ended.push_back(std::move(ended));
    }
    m_bell.ring();
}

std::vector<Deliveries::Ended> Deliveries::takeEnded()
{
    const std::lock_guard guard(m_mutex);
    return std::exchange(m_ended, {});
}

}
