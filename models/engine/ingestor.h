#pragma once

#include "engine/deliveries.h"
#include "engine/evaluator.h"
#include "engine/historyload.h"
#include "engine/inbox.h"
#include "engine/sourcerunner.h"
#include "workspace/consent.h"

namespace sg {

// The loop and nothing else: take, step, write, reply, publish. Owns the sources' lanes and runners. One thread: run().
class Ingestor
{
public:
    struct Parts
    {
        Inbox &inbox;
        Evaluator &evaluator;
        StateFile &file;
        SnapshotSlot &slot;
        const SourceCatalog &catalog;
        std::function<void(const JournalRow &)> onRecord; // may be empty
        std::function<void(std::shared_ptr<const Workspace>)> onApplied;
        const SenderCatalog *senders = nullptr; // null: nobody is told beyond the desk
        std::function<Consents(const Workspace &)> consents; // empty: to all
    };
    explicit Ingestor(Parts parts);
    ~Ingestor();
    // First applies `workspace` and starts its sources; returns when stopped, after a last commit.
    void run(std::shared_ptr<const Workspace> workspace, std::string stateName, std::stop_token stop);

private:
    struct Line // one opened source
    {
        SourceId id{};
        SourceSpec spec;
        std::shared_ptr<Lane> lane;
        std::unique_ptr<SourceRunner> runner; // null while it waits
        std::optional<Error> waits; // stopped, or nobody agreed to what it would reach
        bool isClosed = false;
        std::uint64_t statusVersion = 0;
        std::unique_ptr<HistoryLoad> load; // the newest demand for older data; stays when it is over, for its remark
    };
    struct Waiting // a command whose answer waits for the commit
    {
        Command command;
        Outcome outcome;
    };

    void setSources(const Workspace &workspace);
    void applyRoutes(const Workspace &workspace);
    [[nodiscard]] Consents consentsFor(const Workspace &workspace) const;
    void closeLine(Line &line);
    void takeLanes(Mono now);
    void takeEnded(Mono now); // attempts to tell somebody
    Outcome loadOlder(const LoadOlder &demand);
    void obey(Command command, Mono now);
    void write(Mono now);
    void answer(bool isWritten, const Error &why);

    Parts m_parts;
    std::string m_stateName;
    std::vector<Line> m_lines;
    std::unique_ptr<Deliveries> m_deliveries; // null without senders
    std::vector<std::jthread> m_closing; // runners of closed sources, joined apart so that ingest never waits for a server
    std::vector<Waiting> m_waiting;
    Commit m_unwritten; // could not be written yet
    std::size_t m_droppedRows = 0;
    bool m_sawNews = false; // since the last snapshot something came that readers see
    bool m_isAwaited = false; // a position came without rows: its source waits until it is durable
    Mono m_retryAt{}; // no write before, after a failure
};

}
