#include "engine/timing.h"

namespace sg {

namespace {
constexpr Micros MaxSkew = std::chrono::seconds(10);
constexpr Micros LearningPeriod = std::chrono::seconds(150);
constexpr Micros StepBound = std::chrono::milliseconds(500);
}

bool Timing::noteWall(Mono mono, Time wall)
{
    if (m_referenceSource)
        return false;
    const Micros step = wall - reference(mono);
    m_anchorMono = mono;
    // Slewing is followed at once; only a step is news.
    m_anchorTime = wall;
    return step > StepBound || step < -StepBound;
}

void Timing::noteProbe(std::uint32_t source, const ClockProbe &probe)
{
    const Mono middle = probe.sent + (probe.received - probe.sent) / 2;
    m_offsets[source] = probe.remote - reference(middle);
    if (m_referenceSource && *m_referenceSource != source)
        return;
    m_referenceSource = source;
    m_anchorMono = middle;
    m_anchorTime = probe.remote;
}

Micros Timing::offsetOf(std::uint32_t source) const
{
    const auto found = m_offsets.find(source);
    return found == m_offsets.end() ? Micros(0) : found->second;
}

void Timing::addSeries(SeriesId series, std::uint32_t source, Micros lateness)
{
    if (number(series) >= m_series.size())
        m_series.resize(number(series) + 1);
    m_series[number(series)].source = source;
    m_series[number(series)].lateness = lateness;
}

Timing::Placed Timing::place(SeriesId id, Time stamp, Time arrival)
{
    Series &series = m_series[number(id)];
    if (stamp == NoTime) {
        // Several samples of one batch share an arrival; each is a sample of its own.
        const Time t = series.newest != NoTime && arrival <= series.newest ? series.newest + Micros(1) : arrival;
        return {t, false};
    }
    if (stamp - arrival > MaxSkew)
        return {arrival, true};
    if (!m_catchingUp.contains(series.source)) {
        if (series.periodBegan == NoTime || arrival - series.periodBegan > LearningPeriod) {
            series.leastBefore = series.least;
            series.least = Micros::max();
            series.periodBegan = arrival;
        }
        series.least = std::min(series.least, arrival - stamp);
    }
    return {stamp, false};
}

bool Timing::advance(SeriesId id, Time t)
{
    Series &series = m_series[number(id)];
    if (series.newest != NoTime && t < series.newest - series.lateness)
        return false;
    series.newest = std::max(series.newest, t);
    return true;
}

Time Timing::watermark(SeriesId id) const
{
    const Series &series = m_series[number(id)];
    return series.newest == NoTime ? NoTime : series.newest - series.lateness;
}

void Timing::setCatchingUp(std::uint32_t source, bool is)
{
    if (is)
        m_catchingUp.insert(source);
    else
        m_catchingUp.erase(source);
}

void Timing::setLost(const std::string &source, bool is)
{
    if (is)
        m_lost.insert(source);
    else
        m_lost.erase(source);
}

Micros Timing::holdBack(const Series &series)
{
    const Micros usual = std::min(series.least, series.leastBefore);
    return usual == Micros::max() ? series.lateness : usual + series.lateness;
}

Time Timing::at(SeriesId id, Time now) const
{
    const Series &series = m_series[number(id)];
    if (m_catchingUp.contains(series.source))
        return series.newest;
    return std::max(watermark(id), now - holdBack(series));
}

Time Timing::reaches(SeriesId id, Time deadline, Time now) const
{
    // While a source catches up only its samples move its clock; the end of catching up asks all timers again.
    if (isCatchingUp(id))
        return now + std::chrono::seconds(1);
    return std::max(now, deadline + holdBack(m_series[number(id)]));
}

bool Timing::isCatchingUp(SeriesId series) const { return m_catchingUp.contains(m_series[number(series)].source); }

}
