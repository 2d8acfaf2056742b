#pragma once

#include "core/lane.h"
#include "core/sender.h"
#include "engine/notifier.h"
#include "workspace/consent.h"

#include <atomic>

namespace sg {

// Takes messages to their receivers: one thread a route and a heartbeat, so that a receiver that hangs holds up neither the ingest nor
// another route. What it is given is bounded by the Notifier. All but the threads' own work is the ingest thread's.
class Deliveries
{
public:
    Deliveries(const SenderCatalog &senders, Doorbell &bell);
    ~Deliveries();
    void requestStop(); // of all threads; returns at once
    void stop(); // ends all threads; what was not answered by then comes back as broken off, for the next run

    // Starts and ends threads. `stateName`, as sources have it, names clients.
    // What nobody agreed to connects nowhere: its messages wait, and say why.
    void apply(const Routes &routes, const std::string &workspace, const std::string &stateName, const Consents &consents);
    void push(std::vector<Notifier::Attempt> attempts);
    void beat(Mono now) { m_beat = now.time_since_epoch().count(); } // ingest lives: without it no heartbeat is sent

    struct Ended
    {
        std::uint64_t id = 0; // of the attempt's row; 0: a heartbeat
        std::string heartbeat;
        Sent sent;
    };
    std::vector<Ended> takeEnded();

private:
    class Worker;
    void tell(Ended ended);

    const SenderCatalog &m_senders;
    Doorbell &m_bell;
    std::atomic<Mono::rep> m_beat{0};
    std::mutex m_mutex;
    std::vector<Ended> m_ended; // guarded by m_mutex
    std::map<std::string, std::unique_ptr<Worker>> m_workers;
    std::vector<std::jthread> m_closing; // those of routes that are gone, joined apart
};

}
