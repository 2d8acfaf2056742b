#include "widgets/chart/timewindow.h"

#include <algorithm>
#include <cmath>

namespace sg {

void TimeWindow::setSpan(Micros span)
{
    m_span = m_liveSpan = std::clamp(span, Shortest, Longest);
}

void TimeWindow::follow(Time now, int columns)
{
    if (!m_isFollowing)
        return;
    const auto step = std::max<std::int64_t>(1, m_span.count() / std::max(1, columns));
    const auto aligned = (now.time_since_epoch().count() / step + 1) * step;
    m_to = Time(Micros(aligned));
}

void TimeWindow::goLive(Time now)
{
    m_isFollowing = true;
    m_span = m_liveSpan;
    m_to = now;
}

void TimeWindow::stop()
{
    m_isFollowing = false;
}

void TimeWindow::set(Time from, Time to)
{
    m_isFollowing = false;
    const auto span = std::clamp(to - from, Shortest, Longest);
    const auto middle = from + (to - from) / 2;
    m_to = middle + span / 2;
    m_span = span;
}

void TimeWindow::zoom(double factor, double at)
{
    const auto span = std::clamp(Micros(std::llround(static_cast<double>(m_span.count()) * factor)), Shortest, Longest);
    if (m_isFollowing) {
        m_liveSpan = span;
    } else {
        const auto fixed = from() + Micros(std::llround(static_cast<double>(m_span.count()) * at));
        m_to = fixed + Micros(std::llround(static_cast<double>(span.count()) * (1 - at)));
    }
    m_span = span;
}

void TimeWindow::pan(double share)
{
    m_isFollowing = false;
    m_to += Micros(std::llround(static_cast<double>(m_span.count()) * share));
}

}
