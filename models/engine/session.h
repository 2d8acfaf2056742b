#pragma once

#include "engine/snapshot.h"
#include "state/statefile.h"
#include "workspace/workspace.h"

namespace sg {

// Rules, tags and sources of a workspace that was read again. Applied at once; what would close a live alarm is staged instead.
struct ApplyWorkspace
{
    std::shared_ptr<const Workspace> workspace;
    std::string actor, reason;
    bool closesAlarms = false; // Apply was pressed: staged changes too
};

struct Command
{
    std::variant<OperatorAction, ApplyWorkspace> what;
    std::function<void(Outcome)> reply; // on the ingest thread, after the commit is durable; may be empty
};

// What a window, or a command line, has of one evaluator. Own: everything in this process. (Attached: another process's.)
// Thread-safe. Nothing here waits for ingest.
class Session
{
public:
    virtual ~Session() = default;
    [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0; // never null
    virtual void submit(Command command) = 0;
    // On the query pool; `reply` comes on a pool thread, and not at all once stopped.
    virtual void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) = 0;
    // Any work that reads immutable values (raster, export, text edit), on the query pool.
    virtual void run(std::function<void()> work) = 0;
    virtual void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) = 0; // on the pool
    [[nodiscard]] virtual Time referenceNow() const = 0; // this instant on the reference clock
    [[nodiscard]] virtual std::shared_ptr<const Workspace> workspace() const = 0; // as applied last
    [[nodiscard]] virtual const std::string &stateFolder() const = 0;
};

struct SessionOptions
{
    std::string stateFolder; // "": stateFolderFor(workspace.folder)
    bool listens = true; // command socket for the agent's ack, alarms, ...
    std::function<void(const JournalRow &)> onRecord; // ingest thread, after the commit: the agent prints transitions
};
// Opens the state, restores, starts sources and the ingest thread. Fails when another evaluator holds the state folder.
Result<std::unique_ptr<Session>> startSession(std::shared_ptr<const Workspace> workspace, const SourceCatalog &catalog,
                                              SessionOptions options);

}
