#pragma once

#include "engine/session.h"

#include <thread>

namespace sg {

// The local socket of a running evaluator: $XDG_RUNTIME_DIR/sightglass/<hash of the state folder>.sock, 0600. One line a request, one line
// an answer; fields are separated by tabs and percent-encoded (a label value may hold anything):
//   act VERB ACTOR REASON UNTIL OCCURRENCE:SEQ ...   ->   done TEXT | refused TEXT
class CommandSocket
{
public:
    // Serves until it is destroyed. Fails when the socket cannot be made; watching goes on without it.
    static Result<std::unique_ptr<CommandSocket>> listen(const std::string &stateFolder, std::function<void(Command)> submit);
    ~CommandSocket();

private:
    CommandSocket(int fd, int stopFd, std::string path, std::function<void(Command)> submit);
    void serve(std::stop_token stop);
    void serveOne(int fd, std::stop_token stop);

    int m_fd, m_stopFd;
    std::string m_path;
    std::function<void(Command)> m_submit;
    std::jthread m_thread;
};

std::string socketPath(const std::string &stateFolder);

// The other side. Nothing when no evaluator listens there; else what it answered (after its commit).
std::optional<Outcome> actThroughSocket(const std::string &stateFolder, const OperatorAction &action);

const char *nameOf(Verb verb); // "ack", "unack", "shelve" ... as the agent's subcommands
std::optional<Verb> verbNamed(std::string_view name);

}
