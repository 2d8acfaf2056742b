#pragma once

#include "engine/session.h"

namespace sg {

// Where everything reaches the ingest thread: the lanes of the sources and the commands of people. Thread-safe.
class Inbox
{
public:
    void push(Command command);
    std::deque<Command> takeCommands();
    Doorbell bell;

private:
    std::mutex m_mutex;
    std::deque<Command> m_commands; // guarded by m_mutex
};

}
