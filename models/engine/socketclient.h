#pragma once

#include "engine/commandsocket.h"
#include "engine/snapshotwire.h"
#include "engine/wireframes.h"

// Only for commandsocket.cpp.
namespace sg {

// One program that is attached. The socket thread's alone, but for its mailbox.
class SocketClient
{
public:
    // Answers that are made on other threads.
    struct Mailbox
    {
        std::mutex mutex;
        std::string frames; // guarded by mutex
        std::atomic<int> underWay{0};
    };
    SocketClient(Descriptor fd, const CommandSocket::Served &served, std::shared_ptr<const Wakeup> bell);

    // What to poll for; 0 events: only its end.
    [[nodiscard]] int fd() const { return m_fd.get(); }
    [[nodiscard]] short events() const;
    // When it must be looked at although nothing happens.
    [[nodiscard]] Mono due() const { return m_due; }
    // Reads, answers, writes; false: it is done with, close it.
    [[nodiscard]] bool step(bool isReadable, Mono now);
    void noteWorkspace(std::uint64_t number) { m_workspaceNumber = number; }

private:
    [[nodiscard]] bool isTakingRequests() const;
    bool take(const WireFrame &frame);
    bool greet(const WireFrame &frame);
    void compute(const WireFrame &frame);
    bool act(const WireFrame &frame);
    bool apply(const WireFrame &frame);
    bool load(const WireFrame &frame);
    bool testRoute(const WireFrame &frame);
    void transfer(Mono now);
    [[nodiscard]] std::function<void(FrameKind, std::string)> answerTo(std::uint32_t request); // for other threads, once
    void refuse(std::uint32_t request, const Error &why);

    const Descriptor m_fd;
    const CommandSocket::Served &m_served;
    const std::shared_ptr<const Wakeup> m_bell;
    const std::shared_ptr<Mailbox> m_mailbox = std::make_shared<Mailbox>();
    FrameInbox m_inbox{FrameInbox::LongestRequest};
    std::string m_out;
    SnapshotWriter m_writer;
    bool m_isGreeted = false, m_isEnding = false;
    std::optional<std::uint32_t> m_wants; // the request that waits for a snapshot newer than m_has
    std::uint64_t m_has = 0;
    std::uint64_t m_workspaceNumber = 0;
    Mono m_nextTransfer{};
    Mono m_moved = Mono::clock::now(); // it took something, or has nothing to take
    Mono m_due = Mono::max();
};

}
