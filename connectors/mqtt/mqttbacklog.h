#pragma once

#include "core/types.h"

namespace sg {

// MQTT has no word for "that was all the broker had kept", so this judges by the rate: a backlog comes as fast as the connection
// carries it, at least a few messages a round trip. What comes slower, or at less than half of the best rate seen, is live. A live
// stream as fast as that is taken for a backlog, but for no longer than LongestDoubt.
class MqttBacklog
{
public:
    static constexpr Millis LongestDoubt{60'000};

    void begin(Mono at, std::uint64_t received, Micros roundTrip);
    [[nodiscard]] bool isOver(Mono at, std::uint64_t received);

private:
    Mono m_began{};
    Mono m_windowBegan{};
    std::uint64_t m_receivedThen = 0;
    Micros m_window{0};
    double m_slow = 0; // messages a second
    double m_best = 0;
};

}
