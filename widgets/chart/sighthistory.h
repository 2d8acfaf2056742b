#pragma once

#include "widgets/chart/timewindow.h"

#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace sg {

// What a chart shows: its window of time and, where a person chose them, the ranges of its value axes (left, right).
struct Sight
{
    TimeWindow window;
    std::array<std::optional<std::pair<double, double>>, 2> values;

    bool operator==(const Sight &) const = default;
};

// The way back through the sights of one chart, and forth again. A turn of the wheel is one step, not one a notch. A value.
class SightHistory
{
public:
    enum class Step : std::uint8_t { Zoom, Pan, Values, Jump }; // steps of one kind in quick succession are one; a Jump stands alone
    static constexpr std::size_t Most = 100;
    static constexpr auto Together = std::chrono::milliseconds(700);

    void leave(const Sight &from, Step step, Mono now); // before a change
    std::optional<Sight> back(const Sight &current);
    std::optional<Sight> forward(const Sight &current);
    [[nodiscard]] bool canGoBack() const { return !m_back.empty(); }
    [[nodiscard]] bool canGoForward() const { return !m_forward.empty(); }

private:
    std::deque<Sight> m_back, m_forward;
    Step m_last = Step::Jump;
    Mono m_lastAt{};
};

}
