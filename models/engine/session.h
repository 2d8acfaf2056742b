#pragma once

#include "core/sender.h"
#include "engine/snapshot.h"
#include "state/statefile.h"
#include "workspace/consent.h"

namespace sg {

// Rules, tags and sources of a workspace that was read again. Applied at once; what would close a live alarm is staged instead.
struct ApplyWorkspace
{
    std::shared_ptr<const Workspace> workspace;
    std::string actor, reason;
    bool closesAlarms = false; // Apply was pressed: staged changes too
};

// What the source's server still holds of [from, to) comes into the history, beside the live reading and without alarms. Answered when it
// has begun; how far it is stands among the remarks of the source's status.
struct LoadOlder
{
    std::string source;
    Time from{}, to{};
};

// A test message to a receiver beyond the desk; whether it arrived stands in the outbox.
struct TestRoute
{
    std::string route;
};

struct Command
{
    std::variant<OperatorAction, ApplyWorkspace, LoadOlder, TestRoute> what;
    std::function<void(Outcome)> reply; // on the ingest thread, after the commit is durable; may be empty
};

// Where the evaluator of a session runs, and whether it answers.
struct SessionLink
{
    enum class State : std::uint8_t { Own, Attached, Lost };
    State state = State::Own;
    std::uint64_t process = 0; // of the evaluator, unless Own; it said so last
    std::string host;
    std::optional<Error> why; // of Lost
    std::optional<Mono> nextTry; // of Lost
};

// What a window, or a command line, has of one evaluator. Own: everything in this process. Attached: another process's, see
// attachedsession.h. Thread-safe. Nothing here waits for ingest.
class Session
{
public:
    virtual ~Session() = default;
    [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0; // never null
    virtual void submit(Command command) = 0;
    // On the query pool; `reply` comes on a pool thread, and not at all once stopped.
    virtual void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) = 0;
    // The raw rows at an instant (newest at or before it), one for each view: for a cursor. As query().
    virtual void rowsAt(std::vector<SeriesView> views, Time t, std::stop_token stop,
                        std::function<void(std::vector<std::optional<Row>>)> reply)
    {
        run([views = std::move(views), t, stop, reply = std::move(reply)] {
            std::vector<std::optional<Row>> rows;
            for (const SeriesView &view : views)
                rows.push_back(rowAt(view, t));
            if (!stop.stop_requested())
                reply(std::move(rows));
        });
    }
    // Any work that reads immutable values (raster, export, text edit), on the query pool.
    virtual void run(std::function<void()> work) = 0;
    virtual void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) = 0; // on the pool
    [[nodiscard]] virtual Time referenceNow() const = 0; // this instant on the reference clock
    [[nodiscard]] virtual std::shared_ptr<const Workspace> workspace() const = 0; // as applied last
    [[nodiscard]] virtual const std::string &stateFolder() const = 0;
    [[nodiscard]] virtual SessionLink link() const { return {}; }
};

struct SessionOptions
{
    std::string stateFolder; // "": stateFolderFor(workspace.folder)
    bool listens = true; // the local socket: attached windows, the agent's ack
    // Reads the workspace's folder again, as the program reads it: what an attached window's edits need. Pool thread. Empty: refused.
    std::function<Result<std::shared_ptr<const Workspace>>()> read;
    std::function<void(const JournalRow &)> onRecord; // ingest thread, after the commit: the agent prints transitions
    const SenderCatalog *senders = nullptr; // who is told beyond the desk; null: nobody
    // What was agreed to for a workspace; asked whenever one takes effect, on the ingest thread. Empty: everything, as for a test.
    std::function<Consents(const Workspace &)> consents;
};
// Opens the state, restores, starts sources and the ingest thread. Fails when another evaluator holds the state folder; the error then
// offers to attach to it.
Result<std::unique_ptr<Session>> startSession(std::shared_ptr<const Workspace> workspace, const SourceCatalog &catalog,
                                              SessionOptions options);

}
