#pragma once

#include "engine/session.h"

namespace sg {

struct AttachOptions
{
    // Reads the workspace that the evaluator watches, on this machine. Any worker thread.
    std::function<Result<std::shared_ptr<const Workspace>>(const std::string &folder)> read;
    Millis patience{10'000}; // for the first snapshot
};

// A session whose evaluator runs in another process of this user on this machine: snapshots, samples and an operator's actions go
// through its local socket, the journal is read from its state folder. It keeps no samples of its own and decides nothing, so both sides
// show the same. When the evaluator ends, the newest snapshot stays, marked as lost (Snapshot::isLost, all sources lost, a standing
// trouble), and the session goes on by itself when an evaluator is back. Blocks until the first snapshot is here; fails when nobody
// listens, with another version, or in time.
Result<std::unique_ptr<Session>> attachSession(const std::string &stateFolder, AttachOptions options);

// The state folder that a person means: one itself, or the workspace whose state it is.
Result<std::string> stateFolderNamed(const std::string &folder);

}
