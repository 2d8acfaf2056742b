#include "engine/evaluator.h"

#include "core/signoflife.h"
#include "core/times.h"

#include <cmath>

namespace sg {

namespace {

constexpr std::size_t MostClocksShown = 1000, MostClocksTold = 5; // as rows; as sentences of the source

}

Evaluator::Evaluator(Mono mono, Time wall, Limits limits)
    : m_limits(limits)
    , m_timing(mono, wall)
    , m_clocks(limits.clocks)
    , m_contracts(limits.fields)
    , m_alarms(
          [this](double code) {
              const auto text = m_texts.text(code);
              return text ? *text : std::string();
          },
          [this](std::string_view text) { return std::optional(m_texts.code(text)); },
          [this](std::uint32_t set) {
              const std::string *notes = m_noteSets.find(set);
              return notes ? *notes : std::string();
          })
    , m_notifier([this](std::uint64_t occurrence) { return m_alarms.viewOfOccurrence(occurrence); })
    , m_book(limits.history)
{
    m_shown.watchedSince = wall;
}

SourceId Evaluator::open(const SourceSpec &spec, bool isReplayable)
{
    const auto id = SourceId(m_sources.size());
    OpenSource source;
    source.spec = spec;
    source.row.id = spec.id;
    source.row.kind = spec.kind;
    source.row.isReplayable = isReplayable;
    source.clock = ClockWatch::settingsOf(spec.declaration);
    if (source.clock)
        source.clockNotes.setNames(source.clock->notes);
    if (spec.declaration.has("notes"))
        source.notes.use();
    if (const auto saved = m_savedClocks.find(spec.id); saved != m_savedClocks.end() && source.clock) {
        m_clocks.restore(number(id), saved->second);
        source.row.clocks = m_clocks.notRight(number(id), MostClocksShown);
    }
    const bool isFirst = std::ranges::none_of(m_sources, [&](const OpenSource &other) { return other.spec.id == spec.id; });
    m_sources.push_back(std::move(source));
    m_timing.setLost(spec.id, number(id), true); // until it says that it lives
    m_contracts.open(number(id), spec.id, m_savedContracts[spec.id]);
    m_sources.back().areContractsToShow = true;
    bool wasWatched = false;
    for (std::size_t i = 0; i < m_series.size(); ++i)
        if (sourceOf(m_series[i].path) == spec.id) {
            m_timing.addSeries(SeriesId(i), number(id), spec.lateness);
            m_contracts.numberOf(number(id), m_series[i].path, true);
            wasWatched = true;
        }
    if (isFirst && wasWatched && m_shown.notWatchedFrom != NoTime)
        m_sources.back().row.unwatched = Unwatched{.from = m_shown.notWatchedFrom};
    return id;
}

void Evaluator::close(SourceId id)
{
    OpenSource &source = m_sources[number(id)];
    source.isOpen = false;
    source.local.clear();
    source.texts.clear();
    m_timing.forget(number(id));
    m_savedClocks[source.spec.id] = m_clocks.save(number(id));
    saveClocks(source);
    m_clocks.forget(number(id));
    saveContracts(source);
    m_contracts.close(number(id));
    source.fields.clear();
    for (const std::uint32_t clock : source.clocks)
        m_seriesOfClock.erase(clock);
    source.clocks.clear();
    source.clockNotes = {};
    source.notes = {};
    m_timing.setLost(source.spec.id, number(id), true); // nothing is concluded from the silence of a source that is not read
}

Positions Evaluator::positionsOf(std::string_view source) const
{
    const auto found = m_positions.find(source);
    return found == m_positions.end() ? Positions() : found->second;
}

SeriesId Evaluator::seriesOf(const std::string &path, ValueKind kind)
{
    const auto found = m_byPath.find(path);
    if (found != m_byPath.end()) {
        if (m_series[number(found->second)].kind != kind) {
            m_series[number(found->second)].kind = kind;
            m_next.series.push_back({found->second, path, kind});
        }
        return found->second;
    }
    const auto id = SeriesId(m_series.size());
    m_series.push_back({path, kind});
    m_byPath.emplace(path, id);
    m_next.series.push_back({id, path, kind});
    return id;
}

void Evaluator::takeNew(OpenSource &source, const Batch &batch)
{
    for (const NewText &text : batch.newTexts) {
        if (text.code >= source.texts.size())
            source.texts.resize(text.code + 1, 0);
        source.texts[text.code] = m_texts.code(text.text);
    }
    for (const NewSeries &fresh : batch.newSeries) {
        const auto known = m_byPath.find(fresh.path);
        const bool isAsBefore = known != m_byPath.end() && m_series[number(known->second)].kind == fresh.kind;
        const SeriesId id = seriesOf(fresh.path, fresh.kind);
        if (number(fresh.id) >= source.local.size())
            source.local.resize(number(fresh.id) + 1);
        source.local[number(fresh.id)] = id;
        source.fields.resize(source.local.size(), DataContracts::NotWatched);
        source.fields[number(fresh.id)] = m_contracts.numberOf(static_cast<std::uint32_t>(&source - m_sources.data()), fresh.path, false);
        source.notes.add(fresh.id, keyOf(fresh.path));
        m_timing.addSeries(id, static_cast<std::uint32_t>(&source - m_sources.data()), source.spec.lateness);
        m_store.setRevised(id, source.spec.declaration["time"].text("revisions") == "replace");
        ++source.row.series;
        if (!isAsBefore && m_workspace)
            describe(id);
    }
}

void Evaluator::take(SourceId id, Batch &&batch)
{
    OpenSource &source = m_sources[number(id)];
    if (!source.isOpen)
        return;
    takeNew(source, batch);
    source.row.messagesTaken += batch.messages;
    if (source.clock)
        takeClocks(id, batch);
    const Time now = m_timing.reference(batch.arrival);
    std::size_t run = 0, mark = 0, noted = 0;
    std::uint32_t stream = 0;
    bool hasLive = false; // else it is no sign of life
    m_inOrder.reserve(batch.rows());
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
        if (run < batch.runs.size() && batch.runs[run].first == row)
            stream = m_texts.code(batch.runs[run++].second);
        for (; mark < batch.marks.size() && batch.marks[mark].first == row; ++mark) {
            land(now);
            note(id, batch.marks[mark].second, batch.arrival, now);
        }
        const auto local = number(batch.series[row]);
        if (local >= source.local.size())
            continue;
        const SeriesId series = source.local[local];
        if (batch.isLive[row] == LifeOnly) {
            // Not placed: an old value that still holds would teach how late its source usually is.
            Sample sample;
            sample.series = series;
            sample.t = sample.stamp = batch.stamp[row] == NoTime ? now : std::min(batch.stamp[row], now);
            m_arrived.push_back(sample);
            m_series[number(sample.series)].arrived = now;
            noteChanged(sample.series);
            continue;
        }
        const Time stamp = source.clock && batch.stamp[row] != NoTime
            ? m_clocks.see(source.clocks[local], batch.stamp[row], now, batch.isLive[row] != 0 && !m_timing.isSourceCatchingUp(number(id)))
            : batch.stamp[row];
        const Timing::Placed placed = m_timing.place(series, stamp, now);
        const bool isLate = !m_timing.advance(series, placed.t), isWaiting = !isLate && source.spec.lateness.count() > 0;
        Sample &sample = (isLate ? m_late : isWaiting ? m_arrived : m_inOrder).emplace_back(); // filled in place
        sample.series = series;
        sample.t = placed.t;
        sample.value = ownValue(source, series, batch.value[row]);
        sample.stamp = batch.stamp[row] == NoTime ? placed.t : batch.stamp[row];
        sample.quality = placed.isUncertain ? std::max(batch.quality[row], Quality::Uncertain) : batch.quality[row];
        sample.isLive = batch.isLive[row] != 0;
        sample.offset = batch.offset[row];
        sample.stream = stream;
        if (source.notes.areUsed()) {
            for (; noted < batch.notes.size() && batch.notes[noted].row <= row; ++noted)
                source.notes.take(batch.notes[noted]);
            sample.notes = source.notes.of(batch.series[row], m_noteSets);
        }
        if (isWaiting) {
            Sample held = sample;
            held.isLive = false; // m_arrived is the sign of life; what waits must not be a second one
            m_reorder.add(held);
        }
        m_series[number(series)].arrived = now;
        if (batch.isLive[row] != 0) {
            m_contracts.see(source.fields[local], stream, sample.offset, now);
            hasLive = true;
        }
        source.row.newest = std::max(source.row.newest, sample.t);
    }
    for (; noted < batch.notes.size(); ++noted)
        source.notes.take(batch.notes[noted]);
    if (source.spec.lateness.count() > 0)
        m_reorder.release(m_timing, now, m_inOrder);
    land(now);
    noteClocks(now);
    for (; mark < batch.marks.size(); ++mark)
        note(id, batch.marks[mark].second, batch.arrival, now);
    if (batch.rows() > 0)
        source.row.lastArrival = now;
    if (hasLive)
        m_contracts.noteArrival(number(id), now);
    noteContracts(now);
    Positions &reached = m_positions[source.spec.id];
    Positions &moved = m_next.positions[source.spec.id];
    for (auto &[name, position] : batch.after) {
        moved.insert_or_assign(name, position);
        reached.insert_or_assign(name, std::move(position));
    }
}

void Evaluator::takeClocks(SourceId id, const Batch &batch)
{
    OpenSource &source = m_sources[number(id)];
    source.clocks.resize(source.local.size(), ClockWatch::NotWatched);
    for (const NewSeries &fresh : batch.newSeries)
        source.clockNotes.add(fresh.id, keyOf(fresh.path));
    for (const Note &note : batch.notes)
        if (const auto *moved = source.clockNotes.take(note))
            for (const LocalId series : *moved)
                setClock(id, series);
    for (const NewSeries &fresh : batch.newSeries)
        setClock(id, fresh.id);
}

void Evaluator::setClock(SourceId id, LocalId series)
{
    OpenSource &source = m_sources[number(id)];
    const SeriesId known = source.local[number(series)];
    const std::string &path = m_series[number(known)].path;
    std::uint32_t &clock = source.clocks[number(series)];
    const std::uint32_t was = std::exchange(clock, m_clocks.clockOf(number(id), path, source.clockNotes.of(keyOf(path)), *source.clock));
    source.hasUnwatchedClocks = source.hasUnwatchedClocks || clock == ClockWatch::NotWatched;
    if (clock == was)
        return;
    if (const auto others = m_seriesOfClock.find(was); others != m_seriesOfClock.end())
        std::erase(others->second, known);
    if (clock != ClockWatch::NotWatched)
        m_seriesOfClock[clock].push_back(known);
}

// A clock that is off, or right again: journaled, saved, and shown with its source. Thousands may be at once, e.g. of a wrong time zone, so
// what costs with the number of clocks is done once for a commit and a snapshot.
void Evaluator::noteClocks(Time now)
{
    for (const std::uint32_t moved : m_clocks.takeMoved())
        if (const auto found = m_seriesOfClock.find(moved); found != m_seriesOfClock.end())
            for (const SeriesId series : found->second)
                m_timing.unlearnDelay(series);
    for (const auto &[n, clock] : m_clocks.takeChanged()) {
        OpenSource &source = m_sources[n];
        const bool isRight = clock.state == ClockRow::State::Right;
        journal({.event = isRight ? "CLOCK_OK" : "CLOCK_OFF",
                 .source = source.spec.id,
                 .tEvent = now,
                 .tDetect = now,
                 .value = std::chrono::duration<double>(clock.offset).count(),
                 .reason = isRight ? "the clock of " + clock.key + " is right" : sentenceOf(clock).plain()});
        source.areClocksToShow = source.areClocksToSave = true;
    }
}

// Into the commit under way, once for each name of a source: it may have been opened anew since the last.
void Evaluator::saveClocks(OpenSource &source)
{
    if (!std::exchange(source.areClocksToSave, false))
        return;
    std::erase_if(m_next.timing, [&](const TimingState &state) { return state.source == source.spec.id; });
    m_next.timing.push_back({source.spec.id, m_clocks.save(static_cast<std::uint32_t>(&source - m_sources.data()))});
}

double Evaluator::ownValue(const OpenSource &source, SeriesId series, double value) const
{
    if (m_series[number(series)].kind != ValueKind::State || !(value >= 0))
        return value;
    const auto code = static_cast<std::size_t>(value);
    return code < source.texts.size() ? source.texts[code] : std::numeric_limits<double>::quiet_NaN();
}

void Evaluator::noteChanged(SeriesId id)
{
    KnownSeriesState &series = m_series[number(id)];
    if (series.isChanged)
        return;
    series.isChanged = true;
    m_changed.push_back(id);
}

void Evaluator::land(Time now)
{
    if (m_inOrder.empty() && m_late.empty() && m_arrived.empty())
        return;
    m_bySeries.forEach(m_inOrder, [this](SeriesId series, std::span<const Row> rows) {
        m_store.append(series, rows);
        noteKept(series, rows);
    });
    // In the order of arrival, in which a segment takes least.
    for (const Sample &sample : m_inOrder)
        m_next.rows.push_back({sample.series, {sample.t, sample.value, sample.quality}});
    for (const Sample &sample : m_late) {
        const Row row{sample.t, sample.value, sample.quality, true};
        m_store.insertLate(sample.series, {&row, 1});
        keep(sample.series, {&row, 1});
    }
    m_alarms.advance({m_inOrder, m_late, m_timing, now, m_arrived});
    m_arrived.clear();
    m_inOrder.clear();
    m_late.clear();
}

Outcome Evaluator::act(const OperatorAction &action, Mono now)
{
    if (m_workspace)
        if (auto refused = m_workspace->roles.refuses(action.verb, action.actor))
            return {false, std::move(*refused)};
    Outcome outcome = m_alarms.act(action, m_timing.reference(now));
    m_next.isUrgent = true;
    return outcome;
}

void Evaluator::elapse(Mono mono, Time wall)
{
    const Time before = m_timing.reference(mono);
    if (m_timing.noteWall(mono, wall)) {
        m_clocks.unlearn();
        journal({.event = "CLOCK_STEPPED",
                 .tStamp = before,
                 .tEvent = wall,
                 .tDetect = wall,
                 .reason = "this machine's clock stepped by " + formatDuration(m_timing.reference(mono) - before)});
        // Nothing could arrive during the step, so silence counts anew for every source.
        for (std::size_t i = 0; i < m_sources.size(); ++i)
            if (m_sources[i].isOpen && m_sources[i].wasLive)
                m_timing.setLost(m_sources[i].spec.id, static_cast<std::uint32_t>(i), true);
        m_alarms.elapse(m_timing, m_timing.reference(mono));
        for (std::size_t i = 0; i < m_sources.size(); ++i)
            if (m_sources[i].isOpen && m_sources[i].wasLive)
                m_timing.setLost(m_sources[i].spec.id, static_cast<std::uint32_t>(i), false);
    }
    const Time now = m_timing.reference(mono);
    if (!m_reorder.isEmpty()) {
        m_reorder.release(m_timing, now, m_inOrder);
        land(now);
    }
    m_alarms.elapse(m_timing, now);
    m_notifier.elapse(now);
    noteContracts(now);
    if (m_idleRulesAt != NoTime && now >= m_idleRulesAt)
        noteIdleRules(now);
}

Outcome Evaluator::testRoute(const std::string &route, Mono now)
{
    m_next.isUrgent = true;
    return m_notifier.test(route, m_timing.reference(now));
}

std::optional<Mono> Evaluator::due() const
{
    std::optional<Time> due = m_alarms.due();
    if (const auto told = m_notifier.due(); told && (!due || *told < *due))
        due = told;
    if (m_idleRulesAt != NoTime && (!due || m_idleRulesAt < *due))
        due = m_idleRulesAt;
    if (const auto silent = m_contracts.due(); silent && (!due || *silent < *due))
        due = silent;
    if (!due)
        return std::nullopt;
    return m_timing.monoAt(*due);
}

void Evaluator::noteStarted(Mono mono, const std::string &actor)
{
    const Time now = m_timing.reference(mono);
    m_shown.watchedSince = now;
    journal({.event = "STARTED",
             .tStamp = m_shown.notWatchedFrom,
             .tEvent = now,
             .tDetect = now,
             .actor = actor,
             .reason = m_shown.notWatchedFrom == NoTime ? "first start" : "not watched since " + formatUtc(m_shown.notWatchedFrom)});
}

void Evaluator::noteStopped(Mono mono, const std::string &actor)
{
    const Time now = m_timing.reference(mono);
    for (const OpenSource &source : m_sources)
        if (source.isOpen)
            saveContracts(source);
    journal({.event = "STOPPED", .tEvent = now, .tDetect = now, .actor = actor});
}

void Evaluator::journal(JournalRow row)
{
    m_next.journal.push_back(std::move(row));
}

std::shared_ptr<const Snapshot> Evaluator::snapshot(Mono mono)
{
    ++m_shown.version;
    m_shown.made = mono;
    m_shown.reference = m_timing.reference(mono);
    for (const SeriesId id : m_changed) {
        KnownSeriesState &series = m_series[number(id)];
        series.isChanged = false;
        SeriesRow row;
        row.path = series.sharedPath;
        row.tag = series.tag;
        row.kind = series.kind;
        row.arrived = series.arrived;
        row.view = m_store.view(id);
        if (const auto newest = m_store.newest(id)) {
            row.t = newest->t;
            row.value = newest->value;
            row.quality = newest->quality;
            if (series.kind == ValueKind::State)
                row.text = m_texts.text(newest->value);
        }
        m_shown.series.set(number(id), std::move(row), m_shown.version);
    }
    m_changed.clear();
    for (std::size_t code = m_shown.texts.size(); code < m_texts.size(); ++code)
        m_shown.texts.set(code, m_texts.text(static_cast<double>(code)), m_shown.version);
    if (const auto before = std::exchange(m_watchesVersion, m_alarms.watchesVersion()); before != m_watchesVersion || !m_shown.watches)
        m_shown.watches = std::make_shared<const std::vector<RuleWatch>>(m_alarms.watches());
    m_shown.sources.clear();
    const auto catchUps = m_alarms.catchUps();
    for (OpenSource &source : m_sources)
        if (source.isOpen) {
            if (source.row.unwatched)
                noteCatchUp(*source.row.unwatched, source, catchUps);
            if (std::exchange(source.areClocksToShow, false))
                source.row.clocks = m_clocks.notRight(static_cast<std::uint32_t>(&source - m_sources.data()), MostClocksShown);
            if (std::exchange(source.areContractsToShow, false))
                showContracts(source);
            SourceRow &row = m_shown.sources.emplace_back(source.row);
            row.status.notes.insert(row.status.notes.end(), source.broken.begin(), source.broken.end());
            for (std::size_t n = 0; n < std::min(row.clocks.size(), MostClocksTold); ++n)
                row.status.notes.push_back(sentenceOf(row.clocks[n]));
            if (row.clocks.size() > MostClocksTold)
                row.status.notes.push_back(
                    {SG_TR("%1 more clocks are not right"), {std::to_string(row.clocks.size() - MostClocksTold)}, {}});
            if (source.hasUnwatchedClocks)
                row.status.notes.push_back(
                    {SG_TR("source '%1' has more clocks of devices than Sightglass watches (%2 of all sources); some "
                           "are neither checked nor corrected: name fewer labels in time: clock"),
                     {source.spec.id, std::to_string(m_limits.clocks)},
                     {}});
        }
    for (const std::uint32_t instance : m_alarms.takeChanged()) {
        auto view = m_alarms.view(instance);
        if (view && view->isStale)
            if (auto why = whyNotRead(m_shown, view->path))
                view->why = std::move(*why);
        m_shown.alarms.set(instance, view ? AlarmRow{std::move(*view)} : AlarmRow{}, m_shown.version);
    }
    m_shown.floods = m_alarms.floods();
    m_shown.troubles = m_damages;
    if (m_trouble)
        m_shown.troubles.push_back(*m_trouble);
    std::ranges::move(m_notifier.troubles(), std::back_inserter(m_shown.troubles));
    return std::make_shared<const Snapshot>(m_shown);
}

}
