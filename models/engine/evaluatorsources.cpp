#include "engine/evaluator.h"

#include "core/times.h"

#include <cmath>

// What sources say of themselves: marks between their rows, and how they fare.
namespace sg {

void Evaluator::note(SourceId id, const Mark &mark, Mono arrival, Time now)
{
    OpenSource &source = m_sources[number(id)];
    if (const auto *gap = std::get_if<Gap>(&mark)) {
        noteGap(source, *gap, now);
    } else if (std::holds_alternative<Behind>(mark)) {
        m_timing.setCatchingUp(number(id), true);
        source.behindSince = now;
    } else if (std::holds_alternative<CaughtUp>(mark)) {
        if (m_timing.isSourceCatchingUp(number(id)))
            journal({.event = "CATCHUP",
                     .source = source.spec.id,
                     .tEvent = source.behindSince,
                     .tDetect = now,
                     .reason = "caught up in " + formatDuration(now - source.behindSince)});
        m_timing.setCatchingUp(number(id), false);
        // The clock moves on to now: what waits for order up to there comes before the timers.
        m_reorder.release(m_timing, now, m_inOrder);
        land(now);
        m_alarms.elapse(m_timing, now); // timers that only the event clock of live data may complete
    } else if (const auto *retired = std::get_if<Retired>(&mark)) {
        m_alarms.retire(retired->key, source.spec.id, "the source deleted it", now);
        m_contracts.retire(number(id), retired->key);
    } else if (const auto *probe = std::get_if<ClockProbe>(&mark)) {
        m_timing.noteProbe(number(id), *probe);
        if (m_timing.hasStepped())
            m_clocks.unlearn();
        source.row.clockOffset = m_timing.offsetOf(number(id));
    } else if (const auto *action = std::get_if<OperatorAction>(&mark)) {
        act(*action, arrival);
    }
}

void Evaluator::noteCatchUp(Unwatched &unwatched, const OpenSource &source, const std::vector<CatchUp> &catchUps) const
{
    unwatched.isCatchingUp = m_timing.isSourceCatchingUp(static_cast<std::uint32_t>(&source - m_sources.data()));
    for (const CatchUp &one : catchUps)
        if (one.source == source.spec.id && (unwatched.from == NoTime || one.since >= unwatched.from)) {
            unwatched.isCatchingUp |= !one.isOver;
            unwatched.raised = one.raised;
            unwatched.cleared = one.cleared;
            unwatched.active = one.active;
        }
}

void Evaluator::noteGap(OpenSource &source, const Gap &gap, Time now)
{
    const Time to = gap.to == NoTime ? now : gap.to;
    journal({.event = "GAP", .source = source.spec.id, .tStamp = gap.from, .tEvent = to, .tDetect = now, .reason = gap.why.plain()});
    // What is lost now says nothing of a night long ago that was read after all.
    auto &unwatched = source.row.unwatched;
    const Time from = gap.from == NoTime ? std::min(to, now) : gap.from;
    if (!unwatched || (unwatched->to != NoTime && !unwatched->isCatchingUp && from > unwatched->to))
        unwatched = Unwatched{.from = from, .to = to};
    unwatched->isLost = true;
    // A row without a value ends the line on every chart; the next value begins a new one.
    for (std::size_t i = 0; i < m_series.size(); ++i) { // those of earlier runs too: gaps are rare
        const auto series = SeriesId(i);
        if (sourceOf(m_series[i].path) != source.spec.id)
            continue;
        const auto newest = m_store.newest(series);
        if (!newest || !std::isfinite(newest->value))
            continue;
        const Row row{newest->t + Micros(1), std::numeric_limits<double>::quiet_NaN(), Quality::Bad};
        m_store.append(series, {&row, 1});
        keep(series, {&row, 1});
    }
}

void Evaluator::noteNotRead(SourceId id, Error why, Mono mono)
{
    OpenSource &source = m_sources[number(id)];
    const Time now = m_timing.reference(mono);
    // It is not heard, and whoever reads the journal learns that as of a server that failed.
    journal({.event = "SOURCE_LOST", .source = source.spec.id, .tEvent = now, .tDetect = now, .reason = why.plain()});
    source.isHeard = true;
    source.row.status.state = SourceStatus::State::Stopped;
    source.row.status.why = std::move(why);
}

void Evaluator::noteStatus(SourceId id, SourceStatus status, Mono mono)
{
    OpenSource &source = m_sources[number(id)];
    if (!source.isOpen)
        return;
    const Time now = m_timing.reference(mono);
    const bool lives = status.state == SourceStatus::State::Live || status.state == SourceStatus::State::CatchingUp;
    const bool isDown = status.state == SourceStatus::State::Lost || status.state == SourceStatus::State::Refused;
    // Its word may overtake the mark on the lane.
    if (status.state == SourceStatus::State::CatchingUp)
        m_timing.setCatchingUp(number(id), true);
    m_timing.setLost(source.spec.id, number(id), !lives);
    // A source that never came up is told once as well, or a wrong password would stand nowhere the next morning.
    if (isDown && (source.wasLive || !source.isHeard)) {
        journal({.event = "SOURCE_LOST",
                 .source = source.spec.id,
                 .tEvent = now,
                 .tDetect = now,
                 .reason = status.why ? status.why->plain() : ""});
        if (source.wasLive)
            source.row.unwatched = Unwatched{.from = now};
        source.wasLive = false;
        source.isHeard = true;
    } else if (lives && !source.wasLive) {
        journal({.event = "SOURCE_LIVE", .source = source.spec.id, .tEvent = now, .tDetect = now});
        source.wasLive = source.isHeard = true;
        if (source.row.unwatched)
            source.row.unwatched->to = now;
    }
    const auto since = [](std::uint64_t count, std::uint64_t before) { return count >= before ? count - before : count; }; // or begun anew
    const std::uint64_t unreadable = since(status.decodeErrors, source.row.status.decodeErrors);
    const std::uint64_t messages = since(status.messages, source.row.status.messages);
    m_alarms.takeMessages(source.spec.id, unreadable, messages, m_timing, now);
    m_contracts.noteStatus(number(id), status.state == SourceStatus::State::Live && !m_timing.isSourceCatchingUp(number(id)), unreadable,
                           messages, now);
    noteContracts(now);
    if (m_timing.isSourceCatchingUp(number(id)) && status.state == SourceStatus::State::Live)
        status.state = SourceStatus::State::CatchingUp;
    source.row.status = std::move(status);
}

}
