#include "engine/commandsocket.h"

#include "core/platform.h"
#include "core/text.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <future>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sg {

namespace {

constexpr std::size_t LongestLine = 1U << 20U;
constexpr int AnswerMillis = 30'000;

constexpr std::array<std::pair<Verb, const char *>, 9> Verbs{{{Verb::Acknowledge, "ack"},
                                                              {Verb::Unacknowledge, "unack"},
                                                              {Verb::Shelve, "shelve"},
                                                              {Verb::Unshelve, "unshelve"},
                                                              {Verb::OutOfService, "out-of-service"},
                                                              {Verb::InService, "in-service"},
                                                              {Verb::Reset, "reset"},
                                                              {Verb::Retire, "retire"},
                                                              {Verb::Note, "note"}}};

sockaddr_un addressOf(const std::string &path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

bool sendAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

// One line without its end; nothing at the end of the stream, after `millis` in all or when it grows too long.
std::optional<std::string> receiveLine(int fd, int stopFd, int millis)
{
    std::string line;
    const Mono until = Mono::clock::now() + Millis(millis);
    while (line.size() < LongestLine) {
        const auto left = std::chrono::duration_cast<Millis>(until - Mono::clock::now()).count();
        if (left <= 0)
            return std::nullopt;
        pollfd waits[2] = {{fd, POLLIN, 0}, {stopFd, POLLIN, 0}};
        if (::poll(waits, stopFd < 0 ? 1 : 2, static_cast<int>(left)) <= 0 || (stopFd >= 0 && waits[1].revents != 0))
            return std::nullopt;
        char c = 0;
        if (::recv(fd, &c, 1, 0) != 1)
            return std::nullopt;
        if (c == '\n')
            return line;
        line += c;
    }
    return std::nullopt;
}

std::vector<std::string> fieldsOf(std::string_view line)
{
    std::vector<std::string> out;
    for (std::size_t begin = 0;;) {
        const std::size_t end = line.find('\t', begin);
        out.push_back(decodeSegment(line.substr(begin, end == std::string_view::npos ? end : end - begin)));
        if (end == std::string_view::npos)
            return out;
        begin = end + 1;
    }
}

std::optional<OperatorAction> actionOf(const std::vector<std::string> &fields)
{
    if (fields.size() < 5 || fields[0] != "act")
        return std::nullopt;
    const auto verb = verbNamed(fields[1]);
    if (!verb)
        return std::nullopt;
    OperatorAction action;
    action.verb = *verb;
    action.actor = fields[2];
    action.reason = fields[3];
    if (!fields[4].empty()) {
        std::int64_t micros = 0;
        std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), micros);
        action.until = Time(Micros(micros));
    }
    for (std::size_t i = 5; i < fields.size(); ++i) {
        ShownOccurrence shown;
        const char *end = fields[i].data() + fields[i].size();
        const auto first = std::from_chars(fields[i].data(), end, shown.occurrence, 16);
        if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':'
            || std::from_chars(first.ptr + 1, end, shown.seq).ec != std::errc())
            return std::nullopt;
        action.shown.push_back(shown);
    }
    return action;
}

}

const char *nameOf(Verb verb)
{
    for (const auto &[known, name] : Verbs)
        if (known == verb)
            return name;
    return "";
}

std::optional<Verb> verbNamed(std::string_view name)
{
    for (const auto &[verb, known] : Verbs)
        if (name == known)
            return verb;
    return std::nullopt;
}

std::string socketPath(const std::string &stateFolder)
{
    std::error_code error;
    const auto canonical = std::filesystem::weakly_canonical(stateFolder, error);
    return runtimeFolder() + "/" + hex(StableHash().add(error ? stateFolder : canonical.string()).value()) + ".sock";
}

Result<std::unique_ptr<CommandSocket>> CommandSocket::listen(const std::string &stateFolder, std::function<void(Command)> submit)
{
    const std::string path = socketPath(stateFolder);
    const auto failed = [&](int fd) {
        const Error error{SG_TR("no command socket at %1: %2"), {path, std::strerror(errno)}, {}};
        if (fd >= 0)
            ::close(fd);
        return error;
    };
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return Error{SG_TR("no command socket: the path %1 is too long"), {path}, {}};
    struct stat folder = {};
    if (::stat(runtimeFolder().c_str(), &folder) != 0 || folder.st_uid != ::geteuid() || (folder.st_mode & 077U) != 0)
        return Error{SG_TR("no command socket: %1 is not a private folder of this user"), {runtimeFolder()}, {}};
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(fd);
    ::unlink(path.c_str()); // of a run that was killed: the state folder's lock says that nobody else serves it
    const sockaddr_un address = addressOf(path);
    const mode_t before = ::umask(0177);
    const int bound = ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address);
    ::umask(before);
    if (bound != 0 || ::listen(fd, 8) != 0)
        return failed(fd);
    const int stopFd = ::eventfd(0, EFD_CLOEXEC);
    return std::unique_ptr<CommandSocket>(new CommandSocket(fd, stopFd, path, std::move(submit)));
}

CommandSocket::CommandSocket(int fd, int stopFd, std::string path, std::function<void(Command)> submit)
    : m_fd(fd)
    , m_stopFd(stopFd)
    , m_path(std::move(path))
    , m_submit(std::move(submit))
    , m_thread([this](std::stop_token stop) { serve(stop); })
{
}

CommandSocket::~CommandSocket()
{
    m_thread.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(m_stopFd, &one, sizeof one);
    m_thread.join();
    ::close(m_fd);
    ::close(m_stopFd);
    ::unlink(m_path.c_str());
}

void CommandSocket::serve(std::stop_token stop)
{
    while (!stop.stop_requested()) {
        pollfd waits[2] = {{m_fd, POLLIN, 0}, {m_stopFd, POLLIN, 0}};
        if (::poll(waits, 2, -1) < 0 && errno != EINTR)
            return;
        if (waits[1].revents != 0)
            return;
        const int fd = ::accept4(m_fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) { // out of descriptors, perhaps: not at full speed
            std::this_thread::sleep_for(Millis(100));
            continue;
        }
        serveOne(fd, stop);
        ::close(fd);
    }
}

void CommandSocket::serveOne(int fd, std::stop_token stop)
{
    const auto line = receiveLine(fd, m_stopFd, 2000);
    if (!line)
        return;
    const auto action = actionOf(fieldsOf(*line));
    if (!action) {
        sendAll(fd, "refused\tnot a command of this version\n");
        return;
    }
    // Shared: the answer may come after we stopped waiting for it.
    const auto answered = std::make_shared<std::promise<Outcome>>();
    auto answer = answered->get_future();
    m_submit({*action, [answered](Outcome outcome) { answered->set_value(std::move(outcome)); }});
    while (answer.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
        if (stop.stop_requested())
            return;
    const Outcome outcome = answer.get();
    sendAll(fd, std::string(outcome.isDone ? "done\t" : "refused\t") + encodeSegment(outcome.says.plain()) + "\n");
}

std::optional<Outcome> actThroughSocket(const std::string &stateFolder, const OperatorAction &action)
{
    const std::string path = socketPath(stateFolder);
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return std::nullopt;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return std::nullopt;
    const sockaddr_un address = addressOf(path);
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        ::close(fd);
        return std::nullopt;
    }
    std::string line = std::string("act\t") + nameOf(action.verb) + "\t" + encodeSegment(action.actor) + "\t" + encodeSegment(action.reason)
        + "\t" + (action.until ? std::to_string(action.until->time_since_epoch().count()) : std::string());
    for (const ShownOccurrence &shown : action.shown)
        line += "\t" + hex(shown.occurrence) + ":" + std::to_string(shown.seq);
    Outcome outcome{false, {SG_TR("the running evaluator gave no answer; look at the alarm's state"), {}, {}}};
    if (sendAll(fd, line + "\n")) {
        if (const auto answer = receiveLine(fd, -1, AnswerMillis)) {
            const auto fields = fieldsOf(*answer);
            outcome.isDone = fields[0] == "done";
            outcome.says = fields.size() > 1 && !fields[1].empty() ? Error{"%1", {fields[1]}, {}} : Error{};
        }
    }
    ::close(fd);
    return outcome;
}

}
