#pragma once

#include "core/types.h"

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace sg {

// Ctrl-C (SIGINT, SIGTERM, SIGHUP) as a stop request for work that takes long; the second one ends the program at once. Made before
// any other thread, which inherit that these signals are blocked.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt();
    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }
    [[nodiscard]] bool came() const { return m_stop.stop_requested(); }

private:
    std::stop_source m_stop;
    std::jthread m_thread;
};

// How far something is, on stderr: in a terminal one line that is written anew, else a line every 10 %.
class ProgressLine
{
public:
    ProgressLine();
    ~ProgressLine() { end(); }
    void tell(double share, const std::string &text); // share: 0 to 1; below 0: not known
    void end(); // the line of a terminal goes away

private:
    const bool m_isTerminal;
    bool m_isShown = false;
    int m_tenths = 0; // told last
    std::string m_text; // told last, of what has no share
};

}
