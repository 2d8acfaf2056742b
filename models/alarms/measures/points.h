#pragma once

#include "alarms/bytes.h"
#include "core/types.h"

#include <deque>
#include <optional>

namespace sg {

// The samples of a window (t - length, t], oldest first, and how much of it they cover. A sample stands for the time since the one
// before it, unless that is much longer than usual (four times the usual distance) or a bad sample lies between: such a stretch was
// not watched. Sums are kept along and recomputed before rounding can gather, so that a step costs the same whatever the length.
class Points
{
public:
    struct Point
    {
        Time t = NoTime;
        double value = 0;
        double before = 0; // value of the sample before: it held until this one
        Micros covers{0}; // of the time before it
    };

    explicit Points(Micros length)
        : m_length(length)
    {
    }

    void add(Time t, double value); // not older than the newest; the same time: replaces it
    bool addLate(Time t, double value); // false: too old, or there is one
    void breakOff() { m_isBroken = true; } // what follows does not follow on from the newest
    void moveTo(Time t); // forgets what has left the window
    // When the oldest leaves; nothing when it is empty.
    [[nodiscard]] std::optional<Time> due() const { return m_points.empty() ? std::nullopt : std::optional(m_points.front().t + m_length); }

    [[nodiscard]] const std::deque<Point> &all() const { return m_points; }
    [[nodiscard]] Micros length() const { return m_length; }
    [[nodiscard]] bool isCut() const { return m_isCut; } // more samples than are kept
    [[nodiscard]] Micros covered() const; // at the time of moveTo()
    [[nodiscard]] double coverage() const { return static_cast<double>(covered().count()) / static_cast<double>(m_length.count()); }
    [[nodiscard]] double sum() const { return m_sums.sum + m_sums.lost; }
    [[nodiscard]] double mean() const { return m_sums.shift + m_sums.shifted / static_cast<double>(m_points.size()); }
    [[nodiscard]] double deviation() const; // standard deviation of the sample
    [[nodiscard]] double timeWeightedMean() const;
    [[nodiscard]] double growth() const { return m_sums.growth; } // of a counter that may begin anew from 0

    void save(SavedWriter &write) const;
    void load(SavedReader &read);

    static constexpr std::size_t MaxPoints = 100'000;

private:
    struct Sums
    {
        double sum = 0, lost = 0; // Neumaier's compensated sum
        double shift = 0, shifted = 0, squares = 0; // around a value of the window, against cancellation
        double area = 0, growth = 0;
        std::int64_t covered = 0; // of all but the part of the first that lies before the window
    };
    void count(const Point &point, double sign);
    void recount();
    void place(Point &point, const Point *before) const;
    [[nodiscard]] Micros longest() const; // distance that still counts as watched

    Micros m_length;
    std::deque<Point> m_points;
    Sums m_sums;
    Time m_now = NoTime;
    double m_usual = 0; // usual distance of samples, in microseconds; 0: not known yet
    Time m_newest = NoTime; // also of what has left
    double m_newestValue = 0;
    bool m_isBroken = false, m_isCut = false;
    std::uint64_t m_gone = 0; // since the last recount
};

}
