#include "engine/commandsocket.h"

#include "engine/socketclient.h"
#include "engine/wirevalues.h"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace sg {

namespace {

constexpr auto GreetingTime = std::chrono::seconds(2), AnswerTime = std::chrono::seconds(30);

void serveAll(int listening, const CommandSocket::Served &served, const std::shared_ptr<Wakeup> &bell, const std::stop_token &stop)
{
    std::vector<std::unique_ptr<SocketClient>> clients;
    std::shared_ptr<const Workspace> workspace;
    std::uint64_t workspaceNumber = 0;
    std::vector<pollfd> waits;
    while (!stop.stop_requested()) {
        waits = {{bell->fd(), POLLIN, 0}, {listening, static_cast<short>(clients.size() < CommandSocket::MostPrograms ? POLLIN : 0), 0}};
        Mono due = Mono::max();
        for (const auto &client : clients) {
            waits.push_back({client->fd(), client->events(), 0});
            due = std::min(due, client->due());
        }
        const auto now = Mono::clock::now();
        const auto left = due == Mono::max() ? -1 : std::clamp<std::int64_t>(std::chrono::ceil<Millis>(due - now).count(), 0, 60'000);
        if (::poll(waits.data(), waits.size(), static_cast<int>(left)) < 0 && errno != EINTR)
            return;
        bell->drain();
        if (auto applied = served.session.workspace(); applied != workspace) {
            workspace = std::move(applied);
            ++workspaceNumber;
        }
        std::size_t i = 2;
        std::erase_if(clients, [&](const auto &client) {
            const short events = waits[i++].revents;
            client->noteWorkspace(workspaceNumber);
            // An end while nothing is read of it would be reported for ever.
            const bool isEnd = (events & (POLLHUP | POLLERR | POLLNVAL)) != 0 && (events & POLLIN) == 0;
            return isEnd || !client->step((events & POLLIN) != 0, Mono::clock::now());
        });
        if ((waits[1].revents & POLLIN) == 0)
            continue;
        if (Descriptor fd = acceptFrom(listening); fd.isOpen()) {
            clients.push_back(std::make_unique<SocketClient>(std::move(fd), served, bell));
            clients.back()->noteWorkspace(workspaceNumber);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) { // not at full speed
            std::this_thread::sleep_for(Millis(100));
        }
    }
}

}

Result<std::unique_ptr<CommandSocket>> CommandSocket::listen(const std::string &stateFolder)
{
    auto fd = listenFor(stateFolder);
    if (!fd)
        return fd.error();
    return std::unique_ptr<CommandSocket>(new CommandSocket(std::move(*fd), socketPath(stateFolder)));
}

CommandSocket::CommandSocket(Descriptor listening, std::string path)
    : m_listening(std::move(listening))
    , m_path(std::move(path))
{
}

CommandSocket::~CommandSocket()
{
    stop();
}

void CommandSocket::stop()
{
    if (std::exchange(m_isStopped, true))
        return; // the path may be another evaluator's by now
    if (m_thread.joinable()) {
        m_thread.request_stop();
        m_bell->ring();
        m_thread.join();
    }
    ::unlink(m_path.c_str());
}

void CommandSocket::serve(Served served)
{
    m_thread = std::jthread([fd = m_listening.get(), served = std::move(served), bell = m_bell](const std::stop_token &stop) {
        serveAll(fd, served, bell, stop);
    });
}

namespace {

// Blocks until a frame has come that answers `request`.
std::optional<WireFrame> awaitAnswer(int fd, std::string out, std::uint32_t request, FrameInbox &inbox, Mono until)
{
    while (Mono::clock::now() < until) {
        while (auto frame = inbox.next())
            if (frame->request == request)
                return frame;
        std::string in;
        const SocketEnd sent = sendSome(fd, out), received = receiveSome(fd, in);
        inbox.feed(in);
        if (!in.empty())
            continue;
        if (inbox.isBroken() || sent == SocketEnd::Closed || received == SocketEnd::Closed)
            return std::nullopt;
        pollfd wait = {fd, static_cast<short>(POLLIN | (out.empty() ? 0 : POLLOUT)), 0};
        ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<Millis>(until - Mono::clock::now()).count())));
    }
    return std::nullopt;
}

}

std::optional<EvaluatorThere> evaluatorAt(const std::string &stateFolder)
{
    const auto fd = connectTo(stateFolder);
    if (!fd)
        return std::nullopt;
    FrameInbox inbox(FrameInbox::LongestAnswer);
    const auto answer = awaitAnswer(fd->get(), frameOf(FrameKind::Hello, 1, helloBody()), 1, inbox, Mono::clock::now() + GreetingTime);
    return answer && answer->kind == FrameKind::Welcome ? welcomed(answer->body) : std::nullopt;
}

namespace {

// One request from a program without a window.
std::optional<Outcome> askOnce(const std::string &stateFolder, FrameKind kind, const std::string &body)
{
    const auto fd = connectTo(stateFolder);
    if (!fd)
        return std::nullopt;
    FrameInbox inbox(FrameInbox::LongestAnswer);
    const Mono until = Mono::clock::now() + AnswerTime;
    const auto ended = [](const WireFrame &frame) {
        ByteReader in(frame.body);
        return Outcome{false, in.error()};
    };
    const Outcome silent{false, {SG_TR("the running evaluator gave no answer; look at the alarm's state"), {}, {}}};
    const auto greeted = awaitAnswer(fd->get(), frameOf(FrameKind::Hello, 1, helloBody()), 1, inbox, until);
    if (!greeted || greeted->kind != FrameKind::Welcome)
        return greeted ? ended(*greeted) : silent;
    const auto answer = awaitAnswer(fd->get(), frameOf(kind, 2, body), 2, inbox, until);
    if (!answer || answer->kind != FrameKind::Answer)
        return answer ? ended(*answer) : silent;
    return valueOf<Outcome>(answer->body).value_or(silent);
}

}

std::optional<Outcome> actThroughSocket(const std::string &stateFolder, const OperatorAction &action)
{
    return askOnce(stateFolder, FrameKind::Act, bytesOf(action));
}

}
