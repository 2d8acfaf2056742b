#include "core/awake.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stop_token>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace sg {

namespace {

constexpr int Patience = 10'000; // ms, until logind has given the lock

struct Pipe
{
    int from = -1, to = -1;
    Pipe()
    {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) == 0) {
            from = ends[0];
            to = ends[1];
        }
    }
    ~Pipe()
    {
        closeFrom();
        closeTo();
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    void closeFrom() { close(from); }
    void closeTo() { close(to); }

private:
    static void close(int &end)
    {
        if (end >= 0)
            ::close(end);
        end = -1;
    }
};

// Starts `systemd-inhibit ... cat` between the pipes; 0, or errno.
int spawn(Pipe &in, Pipe &out, pid_t &child)
{
    const char *const words[]
        = {"systemd-inhibit", "--what=sleep", "--who=Sightglass", "--why=alarms are evaluated", "--mode=block", "cat", nullptr};
    char *arguments[std::size(words)] = {};
    for (std::size_t n = 0; n + 1 < std::size(words); ++n)
        arguments[n] = const_cast<char *>(words[n]); // posix_spawn changes none of them
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, in.from, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out.to, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    // A group of its own, so that Ctrl-C reaches us alone; and no signal blocked that we block.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int failed = ::posix_spawnp(&child, words[0], &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

}

struct Awake::Private
{
    explicit Private(std::function<void(const Error &)> tell)
        : say(std::move(tell))
    {
        // cat gives the byte back once it runs, and it runs once the lock is held.
        const int failed = in.to < 0 || out.to < 0 ? errno : spawn(in, out, child);
        in.closeFrom();
        out.closeTo();
        if (failed != 0) {
            child = -1;
            told(std::strerror(failed));
            return;
        }
        // A child that ended at once must not end us.
        std::signal(SIGPIPE, SIG_IGN);
        if (::write(in.to, "x", 1) != 1) {
            told("systemd-inhibit ended");
            return;
        }
        waiting = std::jthread([this](const std::stop_token &stop) {
            for (int waited = 0; waited < Patience && !stop.stop_requested(); waited += 100) {
                pollfd ready{out.from, POLLIN, 0};
                if (::poll(&ready, 1, 100) <= 0)
                    continue;
                char byte = 0;
                if (::read(out.from, &byte, 1) != 1)
                    told("systemd-logind did not give the lock");
                return;
            }
            if (!stop.stop_requested())
                told("systemd-logind did not answer");
        });
    }
    ~Private()
    {
        in.closeTo(); // cat ends, and with it the lock
        if (waiting.joinable()) {
            waiting.request_stop();
            waiting.join();
        }
        if (child > 0) {
            ::kill(child, SIGTERM); // it may still wait for logind
            ::waitpid(child, nullptr, 0);
        }
    }
    void told(const char *why) const
    {
        say({SG_TR("this machine may fall asleep while Sightglass watches, because that could not be inhibited (%1); watching goes on"),
             {why},
             {}});
    }

    const std::function<void(const Error &)> say;
    Pipe in, out;
    pid_t child = -1;
    std::jthread waiting;
};

Awake::Awake(std::function<void(const Error &)> say)
    : d(std::make_unique<Private>(std::move(say)))
{
}
Awake::~Awake() = default;

}
