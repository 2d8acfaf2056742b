#pragma once

#include "core/node.h"
#include "core/types.h"

#include <optional>

namespace sg {

// What a source may take: `max_rate: 5000/s` (messages) or `max_rate: 2MB/s`, and `max_backlog: 2GB`, how much may be read at a first
// start of what was written before it. (max_series is the Intake's.)
struct SourceGuards
{
    static constexpr std::int64_t UsualBacklog = std::int64_t(2) << 30U;

    double messagesPerSecond = 0; // 0: as many as come
    double bytesPerSecond = 0;
    std::string rate; // as written: "5000/s"; empty: none
    std::int64_t mostBacklog = UsualBacklog; // bytes

    [[nodiscard]] bool hasRate() const { return !rate.empty(); }
    // Of a source's item; each fault at its place.
    static SourceGuards read(const Node &declaration, std::vector<Error> &faults);
};

// "400 bytes", "41 GB": how a size is told.
std::string formatSize(double bytes);

// Keeps to a source's max_rate: what was read is spent, and reading goes on when the gate opens. One thread.
class RateGate
{
public:
    explicit RateGate(const SourceGuards &guards)
        : m_guards(guards)
    {
    }

    void spend(std::uint64_t messages, std::uint64_t bytes, Mono now);
    [[nodiscard]] Mono opens() const { return m_opens; } // a time that is over: it is open
    [[nodiscard]] std::size_t atOnce(std::size_t most) const; // messages to take in one go, so that no long rest follows
    [[nodiscard]] bool isLimiting(Mono now) const; // it held back in the last seconds

private:
    const SourceGuards m_guards;
    Mono m_opens{};
    Mono m_limited{}; // when it last held back
};

}
