#include "state/commit.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace sg {

namespace {

template <class T> void append(std::vector<T> &to, std::vector<T> &&from)
{
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// The newer state of an instance replaces the older one in its place.
void replaceInstances(std::vector<InstanceState> &to, std::vector<InstanceState> &&from)
{
    const auto nameOfInstance = [](const InstanceState &state) { return state.rule + '\0' + state.key + '\0' + state.field; };
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < to.size(); ++i)
        places[nameOfInstance(to[i])] = i;
    for (InstanceState &state : from) {
        const auto [place, isNew] = places.try_emplace(nameOfInstance(state), to.size());
        if (isNew)
            to.push_back(std::move(state));
        else
            to[place->second] = std::move(state);
    }
}

void replaceRows(std::vector<OutboxRow> &to, std::vector<OutboxRow> &&from)
{
    std::unordered_map<std::uint64_t, std::size_t> places;
    for (std::size_t i = 0; i < to.size(); ++i)
        places[to[i].id] = i;
    for (OutboxRow &row : from) {
        const auto [place, isNew] = places.try_emplace(row.id, to.size());
        if (isNew)
            to.push_back(std::move(row));
        else
            to[place->second] = std::move(row);
    }
}

}

bool Commit::isEmpty() const
{
    return positions.empty() && instances.empty() && journal.empty() && timing.empty() && outbox.empty() && series.empty() && texts.empty()
        && rows.empty() && waiting.empty() && !rules && chunks.empty() && held.empty() && freed.empty() && !isUpkeep;
}

std::size_t Commit::merge(Commit &&later, std::size_t maxRows)
{
    for (auto &[source, streams] : later.positions)
        for (auto &[stream, bytes] : streams)
            positions[source][stream] = std::move(bytes);
    replaceInstances(instances, std::move(later.instances));
    append(journal, std::move(later.journal));
    replaceRows(outbox, std::move(later.outbox));
    for (TimingState &state : later.timing) {
        const auto same = std::find_if(timing.begin(), timing.end(), [&](const TimingState &old) { return old.source == state.source; });
        if (same == timing.end())
            timing.push_back(std::move(state));
        else
            *same = std::move(state);
    }
    append(series, std::move(later.series));
    append(texts, std::move(later.texts));
    append(rows, std::move(later.rows));
    segment = std::max(segment, later.segment);
    chunks = std::move(later.chunks);
    freed = std::move(later.freed);
    held = std::move(later.held);
    coveredBelow = std::max(coveredBelow, later.coveredBelow);
    retention = later.retention;
    isUpkeep = isUpkeep || later.isUpkeep;
    waiting = std::move(later.waiting);
    if (later.rules) {
        rules = std::move(later.rules);
        pathLabels = std::move(later.pathLabels);
    }
    if (later.reference != NoTime)
        reference = later.reference;
    isUrgent = isUrgent || later.isUrgent;
    isTransition = isTransition || later.isTransition;

    const std::size_t dropped = rows.size() > maxRows ? rows.size() - maxRows : 0;
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(dropped));
    return dropped;
}

}
