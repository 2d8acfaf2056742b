#include "alarms/measures/points.h"

#include <algorithm>
#include <cmath>

namespace sg {

Micros Points::longest() const
{
    return m_usual > 0 ? Micros(static_cast<std::int64_t>(std::min(4 * m_usual, 9e17))) : m_length;
}

void Points::place(Point &point, const Point *before) const
{
    point.before = before ? before->value : point.value;
    const Micros distance = before ? point.t - before->t : Micros{0};
    point.covers = distance <= longest() ? distance : Micros{0};
}

void Points::count(const Point &point, double sign)
{
    const double v = sign * point.value, total = m_sums.sum + v;
    m_sums.lost += std::abs(m_sums.sum) >= std::abs(v) ? (m_sums.sum - total) + v : (v - total) + m_sums.sum;
    m_sums.sum = total;
    const double off = point.value - m_sums.shift;
    m_sums.shifted += sign * off;
    m_sums.squares += sign * off * off;
    m_sums.area += sign * point.before * static_cast<double>(point.covers.count());
    const double grown = point.value - point.before;
    m_sums.growth += point.covers > Micros{0} ? sign * (grown >= 0 ? grown : point.value) : 0;
    m_sums.covered += (sign > 0 ? 1 : -1) * point.covers.count();
}

void Points::recount()
{
    m_sums = {};
    m_gone = 0;
    if (!m_points.empty())
        m_sums.shift = m_points.front().value;
    for (const Point &point : m_points)
        count(point, 1);
}

void Points::add(Time t, double value)
{
    if (!m_points.empty() && m_points.back().t == t) { // the last arrival wins
        count(m_points.back(), -1);
        m_points.back().value = m_newestValue = value;
        count(m_points.back(), 1);
        return;
    }
    Point point{t, value, value, Micros{0}};
    if (m_newest != NoTime && t > m_newest) {
        const Point before{m_newest, m_newestValue, 0, Micros{0}};
        if (!m_isBroken)
            place(point, &before);
        const auto distance = static_cast<double>((t - m_newest).count());
        m_usual = m_usual == 0 ? distance : m_usual + (std::min(distance, 4 * m_usual) - m_usual) / 8;
    }
    m_isBroken = false;
    m_newest = t;
    m_newestValue = value;
    if (m_points.empty()) {
        m_sums = {};
        m_sums.shift = value;
        m_isCut = false;
    }
    m_points.push_back(point);
    count(point, 1);
    if (m_points.size() > MaxPoints) {
        count(m_points.front(), -1);
        m_points.pop_front();
        m_isCut = true;
    }
}

bool Points::addLate(Time t, double value)
{
    const auto next = std::lower_bound(m_points.begin(), m_points.end(), t, [](const Point &p, Time at) { return p.t < at; });
    if (t <= m_now - m_length || next == m_points.end() || next->t == t || m_points.size() >= MaxPoints)
        return false;
    Point point{t, value, value, Micros{0}};
    const bool wasCovered = next->covers > Micros{0};
    if (next != m_points.begin())
        place(point, &*std::prev(next));
    place(*next, &point);
    if (!wasCovered && next == m_points.begin())
        point.covers = Micros{0};
    m_points.insert(next, point);
    recount();
    return true;
}

void Points::moveTo(Time t)
{
    m_now = t;
    while (!m_points.empty() && m_points.front().t <= t - m_length) {
        count(m_points.front(), -1);
        m_points.pop_front();
        ++m_gone;
    }
    if (m_gone > m_points.size() || !std::isfinite(m_sums.squares) || !std::isfinite(m_sums.sum))
        recount();
}

namespace {

// Of the time that the first point stands for, the part that lies before the window.
Micros outside(const Points::Point &first, Time begin)
{
    return std::max(Micros{0}, first.covers - std::max(Micros{0}, first.t - begin));
}

}

Micros Points::covered() const
{
    if (m_points.empty())
        return Micros{0};
    const Micros trailing = m_isBroken ? Micros{0} : std::min(m_now - m_points.back().t, longest());
    return std::min(m_length, Micros(m_sums.covered) - outside(m_points.front(), m_now - m_length) + trailing);
}

double Points::deviation() const
{
    const auto n = static_cast<double>(m_points.size());
    if (n < 2)
        return 0;
    return std::sqrt(std::max(0.0, (m_sums.squares - m_sums.shifted * m_sums.shifted / n) / (n - 1)));
}

double Points::timeWeightedMean() const
{
    const Micros all = covered();
    if (m_points.empty() || all <= Micros{0})
        return m_points.empty() ? std::nan("") : m_points.back().value;
    const Point &first = m_points.front();
    const Micros trailing = m_isBroken ? Micros{0} : std::min(m_now - m_points.back().t, longest());
    const double area = m_sums.area - first.before * static_cast<double>(outside(first, m_now - m_length).count())
        + m_points.back().value * static_cast<double>(trailing.count());
    return area / static_cast<double>(all.count());
}

void Points::save(SavedWriter &write) const
{
    write(static_cast<std::uint32_t>(m_points.size()));
    for (const Point &point : m_points) {
        write(point.t);
        write(point.value);
        write(point.before);
        write(point.covers);
    }
    write(m_sums);
    write(m_now);
    write(m_usual);
    write(m_newest);
    write(m_newestValue);
    write(m_isBroken);
    write(m_isCut);
    write(m_gone);
}

void Points::load(SavedReader &read)
{
    m_points.clear();
    for (std::size_t n = read.count(32); n-- > 0 && read.isWell();) {
        Point point;
        read(point.t);
        read(point.value);
        read(point.before);
        read(point.covers);
        m_points.push_back(point);
    }
    read(m_sums);
    read(m_now);
    read(m_usual);
    read(m_newest);
    read(m_newestValue);
    read(m_isBroken);
    read(m_isCut);
    read(m_gone);
    if (!read.isWell())
        m_points.clear();
}

}
