#pragma once

#include "engine/localsocket.h"
#include "engine/session.h"
#include "engine/snapshotwire.h"
#include "engine/wireframes.h"

#include <thread>

namespace sg {

// Who answers at a state folder's socket.
struct EvaluatorThere
{
    std::uint64_t process = 0;
    std::string host;
    std::string folder; // of its workspace
};

// The connection of an attached window to its evaluator: asks for snapshots (one at a time, at most one a frame), carries requests and
// their answers, and comes back by itself after a loss. Everything happens on its own thread; ask() is thread-safe and never waits.
class AgentLink : public std::enable_shared_from_this<AgentLink>
{
public:
    struct Events // on the link's thread
    {
        std::function<void(const EvaluatorThere &there)> onWelcome; // before its first snapshot
        SnapshotReader::RuleFinder findRule;
        std::function<void(std::shared_ptr<Snapshot> snapshot, std::uint64_t workspaceNumber)> onSnapshot;
        std::function<void(const SessionLink &link, const EvaluatorThere &there)> onState; // also at every failed attempt
    };
    AgentLink(std::string stateFolder, Events events);
    void start();
    void stop(); // joins; whatever was asked is answered by an Error before. Not on the link's thread.

    // Once, on the link's thread, or at once on the caller's when the evaluator cannot be asked. Never after stop().
    using Reply = std::function<void(const Result<std::string> &answer)>;
    void ask(FrameKind kind, std::string body, Reply reply);
    // The same for threads that may wait: until the answer, `limit` or stop. Not on the link's thread.
    Result<std::string> askAndWait(FrameKind kind, std::string body, Millis limit, const std::stop_token &stop = {});
    [[nodiscard]] bool isUp() const;
    // False when it is not within `limit`, or stopped before.
    [[nodiscard]] bool waitUntilUp(Millis limit, const std::stop_token &stop) const;
    // Somebody waited in vain: those who can do without an answer do not wait for a while.
    void noteSlow() { m_slowUntil = (Mono::clock::now() + std::chrono::seconds(2)).time_since_epoch().count(); }
    [[nodiscard]] bool isSlow() const { return Mono::clock::now().time_since_epoch().count() < m_slowUntil; }
    [[nodiscard]] std::uint64_t connection() const { return m_connection; } // moves with every new one: numbers of rows hold for one only
    [[nodiscard]] std::uint64_t received() const { return m_received; } // bytes, for tests and the developer

private:
    void run(const std::stop_token &stop);
    Error converse(int fd, const std::stop_token &stop); // until it ends; why
    std::optional<Error> take(const WireFrame &frame); // an Error ends the connection
    void lose(const Error &why, Mono nextTry);
    void failAll(const Error &why);
    void pauseUntil(Mono until, const std::stop_token &stop) const;

    const std::string m_stateFolder;
    const Events m_events;
    const Wakeup m_wake;
    std::atomic<std::uint64_t> m_connection{0}, m_received{0};
    std::atomic<Mono::rep> m_slowUntil{0};

    mutable std::mutex m_mutex;
    mutable std::condition_variable_any m_upOrEnded;
    bool m_isUp = false, m_isEnded = false; // guarded by m_mutex, like the next three
    std::string m_out;
    std::uint32_t m_lastRequest = 1;
    std::unordered_map<std::uint32_t, Reply> m_asked;

    // The link's thread only.
    std::unique_ptr<SnapshotReader> m_reader;
    EvaluatorThere m_there;
    bool m_isWelcome = false, m_isWanting = false;
    std::uint64_t m_has = 0;
    Mono m_nextWant{};

    std::jthread m_thread; // last: gone before the rest
};

std::string helloBody();
std::optional<EvaluatorThere> welcomed(std::string_view body); // by an evaluator of this version

}
