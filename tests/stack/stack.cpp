#include "stack.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char **environ;

namespace sg::test {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Long, because on a fresh machine the first stack downloads Kafka; the supervisor has its own, shorter limits and reasons.
constexpr auto patienceForTheFirstAnswer = 15min;
constexpr auto patience = 150s;
constexpr auto patienceForTheEnd = 20s;

// Reads one string of our supervisor's JSON, from behind its opening quote to behind its closing one.
std::string readString(const std::string &json, size_t &at)
{
    std::string text;
    while (at < json.size() && json[at] != '"') {
        if (json[at] != '\\' || at + 1 >= json.size()) {
            text += json[at++];
            continue;
        }
        const char escaped = json[at + 1];
        at += 2;
        switch (escaped) {
        case 'n':
            text += '\n';
            break;
        case 't':
            text += '\t';
            break;
        case 'r':
            text += '\r';
            break;
        case 'b':
            text += '\b';
            break;
        case 'f':
            text += '\f';
            break;
        case 'u': // only control characters come like this
            text += '?';
            at += 4;
            break;
        default:
            text += escaped;
        }
    }
    ++at;
    return text;
}

// Every "name": "text" of one answer, however deep, and "name": true as "true". The supervisor's names differ at all depths.
std::map<std::string, std::string, std::less<>> readPairs(const std::string &json)
{
    std::map<std::string, std::string, std::less<>> pairs;
    std::string name;
    for (size_t at = 0; at < json.size();) {
        if (json[at] == '"') {
            std::string text = readString(json, ++at);
            if (name.empty()) {
                name = std::move(text);
            } else {
                pairs[name] = std::move(text);
                name.clear();
            }
        } else if (json[at] == '{') {
            name.clear();
            ++at;
        } else if (json.compare(at, 4, "true") == 0 || json.compare(at, 5, "false") == 0) {
            pairs[name] = json[at] == 't' ? "true" : "false";
            name.clear();
            at += 4;
        } else {
            ++at;
        }
    }
    return pairs;
}

std::string nameOf(End how)
{
    return how == End::Term ? "term" : "kill";
}

}

Stack::Stack(const std::vector<std::string> &with)
{
    // One socket instead of two pipes: writing to a dead supervisor must be an error here and not a SIGPIPE. It is closed on
    // exec, or another child of this test would keep the servers alive.
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail(std::string("socketpair: ") + strerror(errno));
        return;
    }
    std::string names;
    for (const std::string &name : with)
        names += (names.empty() ? "" : ",") + name;
    const std::string program = SG_STACK_DIR "/stack.py";
    std::vector<std::string> words{"python3", program, "serve", "--with", names};
    std::vector<char *> argv;
    argv.reserve(words.size() + 1);
    for (std::string &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error = posix_spawnp(&m_supervisor, "python3", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    m_socket = ends[0];
    if (error != 0) {
        m_supervisor = -1;
        fail(std::string("cannot run python3 (./dev setup test installs it): ") + strerror(error));
        return;
    }
    (void)readAnswer(patienceForTheFirstAnswer);
}

Stack::~Stack()
{
    if (m_socket >= 0)
        close(m_socket); // the sign for the supervisor to tear everything down
    if (m_supervisor <= 0)
        return;
    const auto deadline = Clock::now() + patienceForTheEnd;
    while (waitpid(m_supervisor, nullptr, WNOHANG) == 0) {
        if (Clock::now() > deadline) {
            // Its watchdog cleans up after it.
            ::kill(m_supervisor, SIGKILL);
            waitpid(m_supervisor, nullptr, 0);
            return;
        }
        std::this_thread::sleep_for(10ms);
    }
}

const std::string &Stack::operator[](std::string_view name) const
{
    static const std::string none;
    const auto found = m_values.find(name);
    return found == m_values.end() ? none : found->second;
}

bool Stack::stop(const std::string &server, End how)
{
    return ask("stop " + server + " " + nameOf(how));
}

bool Stack::start(const std::string &server)
{
    return ask("start " + server);
}

bool Stack::restart(const std::string &server, End how)
{
    return ask("restart " + server + " " + nameOf(how));
}

bool Stack::fail(std::string text)
{
    m_error = std::move(text);
    return false;
}

bool Stack::ask(const std::string &command)
{
    if (m_values.empty())
        return fail(m_error.empty() ? "the stack never started" : m_error);
    const std::string line = command + "\n";
    if (send(m_socket, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return fail("'" + command + "': the stack's supervisor is gone: " + strerror(errno));
    return readAnswer(patience);
}

bool Stack::readAnswer(std::chrono::seconds limit)
{
    const auto deadline = Clock::now() + limit;
    size_t end = 0;
    while ((end = m_received.find('\n')) == std::string::npos) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left <= 0ms)
            return fail("the stack's supervisor gave no answer within " + std::to_string(limit.count()) + " s");
        pollfd waiting{m_socket, POLLIN, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR)
            return fail(std::string("poll: ") + strerror(errno));
        if (ready <= 0)
            continue;
        char buffer[4096];
        const ssize_t count = recv(m_socket, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail("the stack's supervisor ended without an answer; its own words stand in this test's error output");
        m_received.append(buffer, static_cast<size_t>(count));
    }
    const auto answer = readPairs(m_received.substr(0, end));
    m_received.erase(0, end + 1);
    const auto ok = answer.find("ok");
    if (ok == answer.end() || ok->second != "true") {
        const auto error = answer.find("error");
        return fail(error == answer.end() ? "the stack's supervisor answered in a way this fixture does not know" : error->second);
    }
    m_error.clear();
    if (m_values.empty())
        m_values = answer;
    return true;
}

}
