#include "agent/longwork.h"

#include <algorithm>
#include <cstdio>

#include <csignal>
#include <unistd.h>

namespace sg {

namespace {

sigset_t interrupts()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    return signals;
}

}

Interrupt::Interrupt()
{
    const sigset_t signals = interrupts();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    m_thread = std::jthread([this, signals](const std::stop_token &done) {
        while (!done.stop_requested()) {
            timespec wait = {};
            wait.tv_nsec = 50'000'000;
            if (sigtimedwait(&signals, nullptr, &wait) <= 0)
                continue;
            if (m_stop.stop_requested())
                ::_exit(130);
            m_stop.request_stop();
        }
    });
}

Interrupt::~Interrupt()
{
    m_thread.request_stop();
    m_thread.join();
    const sigset_t signals = interrupts();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

ProgressLine::ProgressLine()
    : m_isTerminal(::isatty(STDERR_FILENO) == 1)
{
}

void ProgressLine::tell(double share, const std::string &text)
{
    const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
    const std::string head = share < 0 ? std::string() : std::to_string(percent) + " %  ";
    if (m_isTerminal) {
        std::fprintf(stderr, "\r%s%.120s\x1B[K", head.c_str(), text.c_str());
        std::fflush(stderr);
        m_isShown = true;
        return;
    }
    if (share < 0 ? text == m_text : percent / 10 <= m_tenths)
        return;
    m_text = text;
    m_tenths = percent / 10;
    std::fprintf(stderr, "%s%s\n", head.c_str(), text.c_str());
}

void ProgressLine::end()
{
    if (m_isShown)
        std::fprintf(stderr, "\r\x1B[K");
    m_isShown = false;
    m_tenths = 0;
}

}
