#pragma once

#include "core/types.h"

namespace sg {

// Which stretch of time a chart shows. Following: its right edge is now. A value; all changes clamp to a sensible span.
class TimeWindow
{
public:
    static constexpr Micros Shortest{20}; // microseconds can be told apart
    static constexpr Micros Longest = std::chrono::hours(24 * 366 * 30);

    [[nodiscard]] Time from() const { return m_to - m_span; }
    [[nodiscard]] Time to() const { return m_to; }
    [[nodiscard]] Micros span() const { return m_span; }
    [[nodiscard]] bool isFollowing() const { return m_isFollowing; }

    void setSpan(Micros span); // the live span: what goLive() comes back to
    // Moves the right edge to now when following, in whole columns, so that columns keep their content from frame to frame.
    void follow(Time now, int columns);
    void goLive(Time now);
    void stop(); // stays where it is
    void set(Time from, Time to); // absolute, stops following
    // factor < 1 zooms in; `at` 0 to 1 stays where it is. Following windows keep their right edge and have a new live span.
    void zoom(double factor, double at);
    void pan(double share); // of the span, to the right; stops following

    bool operator==(const TimeWindow &) const = default;

private:
    Time m_to{};
    Micros m_span = std::chrono::minutes(30);
    Micros m_liveSpan = m_span;
    bool m_isFollowing = true;
};

}
