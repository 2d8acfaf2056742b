#pragma once

#include "core/batch.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>

namespace sg {

// How a source is doing, as it says itself. Newest wins.
struct SourceStatus
{
    enum class State : std::uint8_t { Connecting, Live, CatchingUp, Lost, Refused, Stopped };
    State state = State::Connecting;
    std::optional<Error> why; // of Lost and Refused; a hint in other states
    std::optional<Mono> nextTry; // of Lost
    double messagesPerSecond = 0;
    double bytesPerSecond = 0;
    double queriesPerSecond = 0; // asked of a database
    std::int64_t lag = -1; // messages behind the end; -1 unknown
    std::uint64_t messages = 0;
    std::uint64_t decodeErrors = 0;
    std::optional<Error> lastDecodeError;
    std::string lastBadPayload; // bounded, escaped: safe to show as plain text
    std::vector<Error> notes; // standing remarks ("learned 50 of 63 fields")
};

// Wakes the one ingest thread, whatever came.
class Doorbell
{
public:
    void ring();
    // True when it rang before the time was over. Ingest thread only.
    bool waitUntil(Mono until);
    [[nodiscard]] bool isRung() const; // something came since the last wait

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_rung;
    bool m_isRung = false; // guarded by m_mutex
};

// A bounded lane between one source thread and the ingest thread, and all that a source sees of the evaluator.
// Thread-safe. Source side: push, pushHistory, waitForRoom, report, committed, pushed, beforeCommit. Ingest side: take, syncSource,
// noteCommitted.
class Lane
{
public:
    Lane(Doorbell &bell, std::size_t capacityBytes, Positions start = {});

    // False when the lane is full: the batch is untouched and stays the caller's, who stops reading and calls waitForRoom().
    [[nodiscard]] bool push(Batch &batch);
    // Store only (a backfill). A queue of its own, never ahead of live rows.
    [[nodiscard]] bool pushHistory(Batch &batch);
    void waitForRoom(std::stop_token stop, Mono until = Mono::max());
    void report(SourceStatus status);

    // What a source keeps itself must be durable before a commit holds positions that count on it: `sync` is called on the ingest
    // thread before each such commit, and may outlive the source.
    void beforeCommit(std::function<Result<Done>()> sync);

    Positions committed() const; // newest durable positions
    bool hasCommitted() const; // a commit was written since the beginning: what it began with is durable as well
    Positions pushed() const; // newest accepted positions: where a reconnect in this process goes on
    SourceStatus status() const; // as reported last

    struct Taken
    {
        std::deque<Batch> live;
        std::deque<Batch> history;
        SourceStatus status;
        std::uint64_t statusVersion = 0; // moves with every report()
    };
    Taken take();
    Result<Done> syncSource() const; // before a commit with positions of this source
    void noteCommitted(const Positions &positions);

private:
    [[nodiscard]] bool pushTo(std::deque<Batch> Taken::*queue, Batch &batch);

    Doorbell &m_bell;
    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_room;
    std::size_t m_bytes = 0; // guarded by m_mutex, like all below
    Taken m_waiting;
    Positions m_committed;
    bool m_hasCommitted = false;
    Positions m_pushed;
    std::function<Result<Done>()> m_sync;
};

}
