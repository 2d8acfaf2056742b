#include "engine/timing.h"

namespace sg {

namespace {
constexpr Micros MaxSkew = std::chrono::seconds(10);
constexpr Micros LearningPeriod = std::chrono::seconds(150);
constexpr Micros StepBound = std::chrono::milliseconds(500);
}

bool Timing::noteWall(Mono mono, Time wall)
{
    const Micros ahead = wall.time_since_epoch() - std::chrono::duration_cast<Micros>(mono.time_since_epoch());
    const Micros step = m_wallAhead ? ahead - *m_wallAhead : Micros(0);
    m_wallAhead = ahead;
    const bool isStep = step > StepBound || step < -StepBound;
    if (!m_referenceSource) {
        // Slewing is followed at once; only a step is news.
        m_anchorMono = mono;
        m_anchorTime = wall;
    } else if (isStep) {
        // A machine that slept: its monotonic clock stood still, so the database's time moved on by as much. The next probe tells exactly.
        m_anchorTime += step;
    }
    if (isStep)
        unlearnDelays();
    return isStep;
}

void Timing::noteProbe(std::uint32_t source, const ClockProbe &probe)
{
    const Mono middle = probe.sent + (probe.received - probe.sent) / 2;
    m_offsets[source] = probe.remote - reference(middle);
    m_hasStepped = false;
    if (m_referenceSource && *m_referenceSource != source)
        return;
    m_referenceSource = source;
    if (const Micros step = m_offsets[source]; step > StepBound || step < -StepBound) {
        m_hasStepped = true;
        unlearnDelays();
    }
    m_anchorMono = middle;
    m_anchorTime = probe.remote;
}

Micros Timing::offsetOf(std::uint32_t source) const
{
    const auto found = m_offsets.find(source);
    return found == m_offsets.end() ? Micros(0) : found->second;
}

void Timing::unlearnDelays()
{
    for (std::size_t n = 0; n < m_series.size(); ++n)
        unlearnDelay(SeriesId(n));
}

void Timing::unlearnDelay(SeriesId id)
{
    Series &series = m_series[number(id)];
    series.least = series.leastBefore = Micros::max();
    series.periodBegan = NoTime;
}

void Timing::forget(std::uint32_t source)
{
    m_offsets.erase(source);
    set(m_catchingUp, source, false);
    set(m_lostIds, source, false);
    if (m_referenceSource == source)
        m_referenceSource.reset();
}

void Timing::addSeries(SeriesId series, std::uint32_t source, Micros lateness)
{
    if (number(series) >= m_series.size())
        m_series.resize(number(series) + 1);
    m_series[number(series)].source = source;
    m_series[number(series)].lateness = lateness;
}

void Timing::reserve(SeriesId last)
{
    if (number(last) >= m_series.size())
        m_series.resize(number(last) + 1);
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
    if (!has(m_catchingUp, series.source)) {
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
    if (series.newest != NoTime && t < std::max(series.newest - series.lateness, series.letThrough))
        return false;
    series.newest = std::max(series.newest, t);
    return true;
}

Time Timing::watermark(SeriesId id) const
{
    const Series &series = m_series[number(id)];
    return series.newest == NoTime ? NoTime : series.newest - series.lateness;
}

void Timing::set(Flags &flags, std::uint32_t source, bool is)
{
    if (is && source >= flags.size())
        flags.resize(source + 1);
    if (source < flags.size())
        flags[source] = is ? 1 : 0;
}

void Timing::setCatchingUp(std::uint32_t source, bool is)
{
    set(m_catchingUp, source, is);
}

void Timing::setLost(const std::string &name, std::uint32_t source, bool is)
{
    set(m_lostIds, source, is);
    if (is)
        m_lost.insert(name);
    else
        m_lost.erase(name);
}

void Timing::noteLetThrough(SeriesId id, Time t)
{
    Series &series = m_series[number(id)];
    series.letThrough = std::max(series.letThrough, t);
}

bool Timing::isHeld(const Series &series) const
{
    return series.source == NoSource || has(m_catchingUp, series.source) || has(m_lostIds, series.source);
}

Micros Timing::holdBack(const Series &series)
{
    const Micros usual = std::min(series.least, series.leastBefore);
    return usual == Micros::max() ? series.lateness : usual + series.lateness;
}

Time Timing::at(SeriesId id, Time now) const
{
    const Series &series = m_series[number(id)];
    if (isHeld(series))
        return watermark(id);
    return std::max(watermark(id), now - holdBack(series));
}

Time Timing::reaches(SeriesId id, Time deadline, Time now) const
{
    // While a source is lost or catches up only its samples move its clock.
    if (isHeld(m_series[number(id)]))
        return now + std::chrono::seconds(1);
    return std::max(now, deadline + holdBack(m_series[number(id)]));
}

bool Timing::isCatchingUp(SeriesId series) const
{
    return has(m_catchingUp, m_series[number(series)].source);
}

}
