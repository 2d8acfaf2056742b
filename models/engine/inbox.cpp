#include "engine/inbox.h"

namespace sg {

void Inbox::push(Command command)
{
    {
        const std::lock_guard guard(m_mutex);
        m_commands.push_back(std::move(command));
    }
    bell.ring();
}

std::deque<Command> Inbox::takeCommands()
{
    const std::lock_guard guard(m_mutex);
    return std::exchange(m_commands, {});
}

}
