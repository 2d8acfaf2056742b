#pragma once

#include "engine/agentlink.h"

#include <thread>

namespace sg {

// The local socket of a running evaluator (0600, of this user): attached windows and `sightglass-agent ack` speak to it in the frames
// of wireframes.h. One thread serves all of them and waits for none: what a slow reader does not take waits in its own bounded queue,
// and nothing more is computed for it; the ingest thread never waits at all.
class CommandSocket
{
public:
    struct Served
    {
        Session &session; // outlives this
        // Reads the workspace's folder again for an Apply, on the session's pool; empty: refused.
        std::function<Result<std::shared_ptr<const Workspace>>()> read;
    };
    // From here on programs can connect; they are answered once serve() was called.
    static Result<std::unique_ptr<CommandSocket>> listen(const std::string &stateFolder);
    ~CommandSocket();
    void serve(Served served);
    void stop(); // joins, and nobody finds it any more: before the state folder's lock is given back
    void notePublished() const { m_bell->ring(); } // a newer snapshot is there; any thread, returns at once

    static constexpr std::size_t MostPrograms = 16;

private:
    CommandSocket(Descriptor listening, std::string path);

    const Descriptor m_listening;
    const std::string m_path;
    const std::shared_ptr<Wakeup> m_bell = std::make_shared<Wakeup>();
    bool m_isStopped = false;
    std::jthread m_thread;
};

// Who evaluates this state folder, if somebody does and answers within two seconds.
std::optional<EvaluatorThere> evaluatorAt(const std::string &stateFolder);
// One action from a program without a window. Nothing when no evaluator listens there; else what it answered (after its commit).
std::optional<Outcome> actThroughSocket(const std::string &stateFolder, const OperatorAction &action);

}
