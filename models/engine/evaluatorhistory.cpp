#include "engine/evaluator.h"

// What comes back from the state, and what goes into it.
namespace sg {

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
    // Segments hold what arrived, late rows and backfills included, in the order of arrival; the store wants each series in order.
    std::map<SeriesId, std::vector<Row>> bySeries;
    for (const StoredRow &stored : saved.whole.rows)
        if (number(stored.series) < m_series.size())
            bySeries[stored.series].push_back(stored.row);
    for (auto &[series, rows] : bySeries) {
        std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.t < b.t; });
        m_store.append(series, rows);
        m_timing.advance(series, rows.back().t);
        noteChanged(series);
    }
    for (const StoredRow &stored : saved.whole.waiting)
        if (number(stored.series) < m_series.size()) {
            // Its sign of life was seen when it arrived.
            m_reorder.add({stored.series, stored.row.t, stored.row.t, stored.row.value, stored.row.quality, false, -1, 0});
            m_timing.advance(stored.series, stored.row.t);
        }
    for (auto &[source, positions] : saved.whole.positions)
        m_positions[source] = std::move(positions);
    m_alarms.restore(std::move(saved.whole.instances));
    m_damages = std::move(saved.troubles);
    m_shown.notWatchedFrom = saved.lastSeen;
    m_shown.journalSeq = saved.nextSeq - 1;
    m_store.retain(m_limits.storeBytes);
}

void Evaluator::takeHistory(SourceId id, Batch &&batch)
{
    OpenSource &source = m_sources[number(id)];
    if (!source.isOpen)
        return;
    takeNew(source, batch);
    std::map<SeriesId, std::vector<Row>> bySeries;
    for (std::uint32_t i = 0; i < batch.rows(); ++i) {
        const auto local = number(batch.series[i]);
        if (local >= source.local.size() || batch.stamp[i] == NoTime)
            continue;
        const SeriesId series = source.local[local];
        const Row row{batch.stamp[i], ownValue(source, series, batch.value[i]), batch.quality[i]};
        bySeries[series].push_back(row);
        m_next.rows.push_back({series, row});
    }
    for (auto &[series, rows] : bySeries) {
        std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.t < b.t; });
        const auto newest = m_store.newest(series);
        const auto end = newest ? std::lower_bound(rows.begin(), rows.end(), newest->t, [](const Row &row, Time t) { return row.t < t; })
                                : rows.begin();
        m_store.insertLate(series, {rows.begin(), end});
        m_store.append(series, {end, rows.end()});
        noteChanged(series);
    }
}

Commit Evaluator::collect(Mono mono)
{
    AlarmEngine::Changes changes = m_alarms.collect();
    m_next.instances = std::move(changes.instances);
    m_next.journal.insert(m_next.journal.end(), std::make_move_iterator(changes.rows.begin()), std::make_move_iterator(changes.rows.end()));
    m_next.isTransition = changes.isTransition;
    m_next.texts = m_texts.takeNew();
    m_next.reference = m_timing.reference(mono);
    if (!m_reorder.isEmpty() || m_wasWaiting) {
        for (const Sample &sample : m_reorder.waiting())
            m_next.waiting.push_back({sample.series, {sample.t, sample.value, sample.quality}});
        m_wasWaiting = !m_reorder.isEmpty();
    }
    m_store.retain(m_limits.storeBytes);
    return std::exchange(m_next, Commit());
}

}
