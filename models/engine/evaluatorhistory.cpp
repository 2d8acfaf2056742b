#include "engine/evaluator.h"

#include "core/times.h"
#include "store/chunk.h"

// What comes back from the state, and what goes into it.
namespace sg {

namespace {

constexpr std::size_t MaxDamages = 20; // shown; the journal has all
constexpr char FactPrefix = '*', ContractPrefix = '+'; // no source id begins so

}

void Evaluator::restore(Saved saved)
{
    m_texts.restore(saved.whole.texts);
    for (const KnownSeries &known : saved.whole.series) {
        if (number(known.id) >= m_series.size())
            m_series.resize(number(known.id) + 1);
        m_series[number(known.id)].path = known.path;
        m_series[number(known.id)].kind = known.kind;
        m_byPath.emplace(known.path, known.id);
    }
    if (!m_series.empty())
        m_timing.reserve(SeriesId(m_series.size() - 1));
    restoreHistory(saved);
    for (const StoredRow &stored : saved.whole.waiting)
        if (number(stored.series) < m_series.size()) {
            // Its sign of life was seen when it arrived.
            m_reorder.add({stored.series, stored.row.t, stored.row.t, stored.row.value, stored.row.quality, false, -1, 0});
            m_timing.advance(stored.series, stored.row.t);
        }
    for (auto &[source, positions] : saved.whole.positions)
        m_positions[source] = std::move(positions);
    AlarmEngine::Facts facts;
    for (TimingState &state : saved.whole.timing)
        if (state.source.starts_with(FactPrefix))
            facts[state.source.substr(1)] = std::move(state.bytes);
        else if (state.source.starts_with(ContractPrefix))
            m_savedContracts[state.source.substr(1)] = std::move(state.bytes);
        else
            m_savedClocks[state.source] = std::move(state.bytes);
    m_alarms.restore(std::move(saved.whole.instances), facts);
    m_notifier.restore(std::move(saved.whole.outbox));
    m_labelsBefore = std::move(saved.whole.pathLabels);
    m_damages = std::move(saved.troubles);
    m_shown.notWatchedFrom = saved.lastSeen;
    m_shown.journalSeq = saved.nextSeq - 1;
    m_store.retain(m_limits.storeBytes);
}

// Chunks come back as an index, what is in segments only row by row.
void Evaluator::restoreHistory(const Saved &saved)
{
    m_book.restore(saved.lastSegment, saved.nextPlace);
    if (saved.loader)
        m_store.setHistory(saved.loader, m_limits.cacheBytes);
    const auto isKnown = [this](SeriesId series) { return number(series) < m_series.size(); };
    for (const GoneRows &gone : saved.gone)
        if (isKnown(gone.series))
            m_book.restoreGone(gone);
    std::vector<ColdChunk> cold;
    for (std::size_t i = 0; i < saved.chunks.size(); ++i) {
        const SeriesId series = saved.chunks[i].series;
        if (!isKnown(series))
            continue;
        m_book.restoreChunk(saved.chunks[i]);
        cold.push_back(saved.chunks[i].chunk);
        if (i + 1 < saved.chunks.size() && saved.chunks[i + 1].series == series)
            continue;
        m_store.restoreCold(series, cold);
        m_timing.advance(series, cold.back().summary.last);
        noteChanged(series);
        cold.clear();
    }
    const auto put = [this](const StoredRow &stored) {
        // In the order of arrival, as it came: the store sorts late rows in, and the last one of a time counts.
        if (const auto newest = m_store.newest(stored.series); newest && stored.row.t < newest->t)
            m_store.insertLate(stored.series, {&stored.row, 1});
        else
            m_store.append(stored.series, {&stored.row, 1});
        m_timing.advance(stored.series, stored.row.t);
        noteChanged(stored.series);
    };
    for (const StoredRow &stored : saved.whole.held)
        if (isKnown(stored.series) && stored.row.t > m_book.newestInChunks(stored.series)) {
            put(stored);
            m_book.restoreHeld(stored);
        }
    auto row = saved.whole.rows.begin();
    for (const KnownSegment &segment : saved.segments) {
        m_book.restoreSegment(segment.number, segment.rows, saved.lastSeen);
        for (const auto end = row + static_cast<std::ptrdiff_t>(segment.rows); row != end; ++row)
            if (isKnown(row->series) && !m_book.isCovered(*row, segment.number)) {
                put(*row);
                m_book.restoreRow(*row, segment.number);
            }
    }
}

void Evaluator::keep(SeriesId series, std::span<const Row> rows)
{
    for (const Row &row : rows)
        m_next.rows.push_back({series, row});
    noteKept(series, rows);
}

void Evaluator::noteKept(SeriesId series, std::span<const Row> rows)
{
    m_book.noteRows(series, rows);
    noteChanged(series);
}

Time Evaluator::oldest(SeriesId series) const
{
    const SeriesView view = m_store.view(series);
    if (view.sealed && !view.sealed->empty())
        return view.sealed->front()->first();
    return view.headRows > 0 ? view.head->rows[0].t : NoTime;
}

// With clocks that are corrected, what the present correction says of older stamps is about right, but not to the microsecond what it was
// when a row came live: the same reading would stand there twice. So only what is older than all that was stored is taken.
void Evaluator::takeHistory(SourceId id, Batch &&batch)
{
    OpenSource &source = m_sources[number(id)];
    if (!source.isOpen)
        return;
    const std::size_t counted = source.row.series;
    source.local.swap(source.historyLocal);
    source.texts.swap(source.historyTexts);
    takeNew(source, batch);
    source.row.series = counted; // by live reading
    const bool isCorrected = source.clock && source.clock->corrects;
    std::map<SeriesId, std::vector<Row>> bySeries;
    std::map<SeriesId, Micros> corrections;
    for (std::uint32_t i = 0; i < batch.rows(); ++i) {
        const auto local = number(batch.series[i]);
        if (local >= source.local.size() || batch.stamp[i] == NoTime)
            continue;
        const SeriesId series = source.local[local];
        Time t = batch.stamp[i];
        if (isCorrected) {
            const auto [correction, isNew] = corrections.try_emplace(series);
            if (isNew) {
                const std::string &path = m_series[number(series)].path;
                correction->second = m_clocks.correctionOf(number(id), path, source.clockNotes.of(keyOf(path)), *source.clock);
                source.heldBefore.try_emplace(series, oldest(series));
            }
            t += correction->second;
            // The oldest may have been placed as its stamp is.
            const Time held = source.heldBefore.at(series);
            if (held != NoTime && t >= held + std::min(Micros{0}, correction->second))
                continue;
        }
        // Beyond what is known live, live reading brings it, with its alarms.
        if (const Time newest = m_timing.newest(series); newest != NoTime && t > newest)
            continue;
        const Row row{t, ownValue(source, series, batch.value[i]), batch.quality[i]};
        bySeries[series].push_back(row);
    }
    source.local.swap(source.historyLocal);
    source.texts.swap(source.historyTexts);
    for (auto &[series, rows] : bySeries) {
        std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.t < b.t; });
        const auto newest = m_store.newest(series);
        const auto end = newest ? std::lower_bound(rows.begin(), rows.end(), newest->t, [](const Row &row, Time t) { return row.t < t; })
                                : rows.begin();
        m_store.insertLate(series, {rows.begin(), end});
        m_store.append(series, {end, rows.end()});
        keep(series, rows);
    }
}

void Evaluator::endHistory(SourceId id)
{
    OpenSource &source = m_sources[number(id)];
    for (const SeriesId series : source.historyLocal)
        m_store.showLate(series);
    source.heldBefore.clear();
}

Commit Evaluator::collect(Mono mono)
{
    AlarmEngine::Changes changes = m_alarms.collect();
    m_next.instances = std::move(changes.instances);
    m_next.journal.insert(m_next.journal.end(), std::make_move_iterator(changes.rows.begin()), std::make_move_iterator(changes.rows.end()));
    for (auto &[name, bytes] : changes.facts)
        m_next.timing.push_back({FactPrefix + name, std::move(bytes)});
    for (OpenSource &source : m_sources)
        saveClocks(source);
    m_next.isTransition = changes.isTransition;
    m_next.texts = m_texts.takeNew();
    m_next.reference = m_timing.reference(mono);
    m_notifier.take(m_next.journal, m_next.reference);
    m_notifier.collect(m_next.outbox, m_next.journal, m_next.reference);
    if (!m_reorder.isEmpty() || m_wasWaiting) {
        for (const Sample &sample : m_reorder.waiting())
            m_next.waiting.push_back({sample.series, {sample.t, sample.value, sample.quality}});
        m_wasWaiting = !m_reorder.isEmpty();
    }
    if (m_workspace)
        m_next.retention
            = {m_workspace->history.age.count() > 0 ? m_next.reference - m_workspace->history.age : NoTime, m_workspace->history.bytes};
    m_book.addTo(m_next, m_store, mono);
    m_store.retain(m_limits.storeBytes);
    noteDamagedChunks();
    return std::exchange(m_next, {});
}

// Under load a commit has millions of them: fresh memory each time would cost as much as storing them.
void Evaluator::reuse(std::vector<StoredRow> &&rows)
{
    constexpr std::size_t Spare = 8; // times what was needed
    if (!m_next.rows.empty() || rows.capacity() > rows.size() * Spare)
        return;
    m_next.rows = std::move(rows);
    m_next.rows.clear();
}

void Evaluator::noteCommitted(std::uint64_t journalRows, const HistoryTotals &history)
{
    m_shown.journalSeq += journalRows;
    ++m_shown.commits;
    m_book.confirm(m_store);
    // What retention freed on disk is forgotten here too.
    if (history.goneUpTo > m_goneUpTo) {
        m_goneUpTo = history.goneUpTo;
        m_store.retainSince(m_goneUpTo + Micros(1));
    }
}

void Evaluator::noteDamagedChunks()
{
    for (const ChunkFault &fault : m_store.takeFaults()) {
        if (fault.to <= m_goneUpTo)
            continue; // it was freed while somebody was on the way to it
        const Error damage{SG_TR("stored readings from %1 to %2 cannot be read and show as a gap: %3"),
                           {formatUtc(fault.from), formatUtc(fault.to), fault.error.plain()},
                           {}};
        if (m_damages.size() < MaxDamages)
            m_damages.push_back(damage);
        journal({.event = "HISTORY_DAMAGED",
                 .tStamp = fault.from,
                 .tEvent = m_next.reference,
                 .tDetect = m_next.reference,
                 .reason = damage.plain()});
    }
}

}
