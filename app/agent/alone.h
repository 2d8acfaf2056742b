#pragma once

#include "agent/arguments.h"

#include "engine/evaluator.h"

namespace sg {

// This process as the evaluator for a moment, where none runs: the state as it was left, with the rules of the workspace in force. It
// holds the state folder's lock, reads no source, and keeps nothing unless write() is called.
class Alone
{
public:
    static Result<std::unique_ptr<Alone>> open(const Arguments &arguments, const std::string &stateFolder, const std::string &actor,
                                               const std::string &reason);

    [[nodiscard]] Evaluator &evaluator() { return m_evaluator; }
    [[nodiscard]] const std::shared_ptr<const Workspace> &workspace() const { return m_workspace; }
    [[nodiscard]] Mono now() const { return m_now; }
    Result<Done> write(); // durable when it returns

private:
    Alone(std::unique_ptr<StateFile> file, std::shared_ptr<const Workspace> workspace);

    const std::unique_ptr<StateFile> m_file;
    const std::shared_ptr<const Workspace> m_workspace;
    const Mono m_now = Mono::clock::now();
    Evaluator m_evaluator;
};

}
