#pragma once

#include "alarms/alarmengine.h"
#include "core/sender.h"
#include "state/outbox.h"
#include "workspace/workspace.h"

#include <set>

namespace sg {

// Decides who is told beyond the desk, and keeps the outbox: what is scheduled, what waits, what became of it. No thread, no clock, no I/O;
// the ingest thread's. What it decides goes into the commit of the journal rows it decided on; an attempt is counted in a commit before it
// begins, so that after a kill a repetition is known as one.
class Notifier
{
public:
    struct Limits
    {
        std::size_t live = 1000; // messages of one route that are not delivered yet; past it the oldest are dropped, which is journaled
        std::size_t over = 1000; // of one route that are kept to be looked at
        std::size_t inFlight = 16; // of one route, handed to its sender at once
        Micros patience = std::chrono::hours(72); // how long one is tried
    };
    using ViewOf = std::function<std::optional<AlarmView>(std::uint64_t occurrence)>;
    Notifier(ViewOf viewOf, Limits limits);
    explicit Notifier(ViewOf viewOf)
        : Notifier(std::move(viewOf), Limits())
    {
    }

    void restore(std::vector<OutboxRow> rows);
    // Without it nothing new is scheduled and no attempt begins: rule tests, backtests, an `ack` while nobody watches.
    void setSending(bool is) { m_isSending = is; }
    // Without it no attempt begins; what is scheduled waits in the outbox: for the end of a run, whose last commit may raise an alarm.
    void setBeginning(bool is) { m_isBeginning = is; }
    // Other routes. What is refused goes on in the version before; what waits for a route that is gone fails.
    void apply(std::shared_ptr<const Workspace> workspace, Time now);
    void take(std::span<const JournalRow> rows, Time now); // of the commit under way, once each
    void elapse(Time now);
    [[nodiscard]] std::optional<Time> due() const;
    Outcome test(const std::string &route, Time now);
    void note(std::uint64_t id, const Sent &sent, Time now); // how an attempt ended
    void noteHeartbeat(const std::string &id, const Sent &sent, Time now);

    // Rows that changed and journal rows about messages that are lost, for the commit under way.
    void collect(std::vector<OutboxRow> &rows, std::vector<JournalRow> &journal, Time now);
    [[nodiscard]] bool isCommitWanted() const { return !m_ready.empty(); } // an attempt waits to be counted
    struct Attempt
    {
        std::uint64_t id = 0;
        std::string route;
        Notification message;
    };
    // Attempts that the last collect() counted; they may begin when its commit is written.
    std::vector<Attempt> takeAttempts();
    [[nodiscard]] std::vector<Error> troubles() const; // standing ones: a route that cannot deliver

    [[nodiscard]] const Routes &routes() const { return m_routes; } // as they run

private:
    struct Route
    {
        std::set<std::uint64_t> live, over, ready; // ready: due, and not with the sender
        std::size_t inFlight = 0;
        std::size_t dropped = 0; // since the last commit
        std::uint32_t failedInRow = 0; // attempts, since one arrived
        std::string why;
        Time failsSince = NoTime;
        std::string notReached; // of several receivers, by the newest message that arrived
        Time notReachedSince = NoTime;
    };
    struct ByDue
    {
        Time due;
        std::uint64_t id;
        auto operator<=>(const ByDue &) const = default;
    };

    static constexpr Micros FirstRetry = std::chrono::seconds(1), LongestRetry = std::chrono::minutes(5);

    [[nodiscard]] const RouteSpec *routeOf(const std::string &id) const;
    [[nodiscard]] bool isFor(const RouteSpec &route, const JournalRow &row, const Rule *rule) const;
    OutboxRow &add(OutboxRow row);
    void change(OutboxRow &row, OutboxRow::State state, Time due);
    void finish(OutboxRow &row, OutboxRow::State state, std::string why, Time now);
    void forget(std::uint64_t id);
    std::optional<Time> cancel(std::uint64_t occurrence, const std::string &route = {});
    [[nodiscard]] bool isRepetition(const OutboxRow &row) const;
    [[nodiscard]] std::map<std::string, Time> scheduled(std::uint64_t occurrence) const;
    void keepBound(Route &route, Time now);
    void come(OutboxRow &row, Time now); // its time has come
    void lookAtHeld(OutboxRow &row, Time now);
    void begin(Time now);
    void journal(const OutboxRow &row, const char *event, std::string reason, Time now);
    [[nodiscard]] std::uint32_t nextNumber(const std::string &route, const JournalRow &row) const;
    void markDirty(const OutboxRow &row) { m_dirty.insert(row.id); }

    const ViewOf m_viewOf;
    const Limits m_limits;
    bool m_isSending = false, m_isBeginning = true;
    bool m_isRestored = false; // rows of the run before wait for the first routes
    std::shared_ptr<const Workspace> m_workspace;
    Routes m_routes;
    std::uint64_t m_nextId = 1;
    std::map<std::uint64_t, OutboxRow> m_rows;
    std::map<std::string, Route> m_byRoute;
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> m_byOccurrence; // ids, oldest first
    std::map<std::string, std::uint64_t> m_heartbeats; // id of its row
    std::set<ByDue> m_due;
    std::set<std::uint64_t> m_held;
    std::set<std::uint64_t> m_behind; // due, and behind one of the same alarm that has not arrived
    std::set<std::uint64_t> m_inFlight;
    std::set<std::uint64_t> m_dirty;
    std::vector<std::uint64_t> m_ready; // attempts to be counted by the next collect()
    std::vector<Attempt> m_counted;
    std::vector<JournalRow> m_journal;
};

}
