#pragma once

#include "state/statefile.h"
#include "store/chunkbytes.h"

#include <cstring>

// Commits and comparable pictures of a state, for the tests of this folder.
namespace sg::test {

inline Time at(std::int64_t microseconds)
{
    return Time(Micros(1'795'000'000'000'000 + microseconds));
}

inline InstanceState instanceOf(int n, std::uint32_t seq, AckRegion ack)
{
    InstanceState state;
    state.rule = "press-hot";
    state.key = "press/L1/P-" + std::to_string(n);
    state.field = "temp";
    state.conditionHash = 0xF000'0000'0000'0001ULL; // does not fit a signed number
    state.regions.condition = ConditionRegion::Active;
    state.regions.ack = ack;
    state.regions.quality = QualityRegion::Good;
    state.regions.level = Level::High;
    state.regions.worst = Level::HighHigh;
    state.regions.seq = seq;
    state.regions.occurrence = 0x8000'0000'0000'0000ULL + seq;
    state.regions.raised = at(seq);
    state.condition = {std::byte{1}, std::byte{0}, std::byte{255}};
    state.value = 81.5;
    state.limit = 80;
    return state;
}

inline JournalRow recordOf(const char *event, std::uint64_t occurrence, Time t)
{
    JournalRow row;
    row.event = event;
    row.rule = "press-hot";
    row.key = "press/L1/P-07";
    row.field = "temp";
    row.occurrence = occurrence;
    row.from = "Normal";
    row.to = "Unacknowledged";
    row.level = "high";
    row.priority = "urgent";
    row.area = "Presses";
    row.tStamp = t;
    row.tEvent = t;
    row.tDetect = t + Millis(3);
    row.value = 81.25;
    row.limit = 80;
    row.ruleHash = 0xFEDC'BA98'7654'3210ULL;
    row.origin = "orders/3@1718";
    return row;
}

inline StoredChunk chunkOf(std::uint32_t series, std::int64_t place, std::int64_t from, int rows)
{
    std::vector<Row> all;
    for (int i = 0; i < rows; ++i)
        all.push_back({at(from + i * 1000), 20 + (i * 7 % 100) / 100.0, i % 50 == 7 ? Quality::Uncertain : Quality::Good});
    const Chunk chunk(all);
    StoredChunk out;
    out.series = static_cast<SeriesId>(series);
    out.place = place;
    out.summary = chunk.summary();
    out.upTo = static_cast<std::uint64_t>(place);
    out.bytes = encodeChunk(chunk);
    return out;
}

// One thing the program does: a batch with readings, or an operator's acknowledgement.
inline Commit stepOf(int n)
{
    Commit commit;
    commit.reference = at(1'000'000LL * n);
    commit.positions["press"]["orders/" + std::to_string(n % 3)] = std::to_string(n);
    const auto raised = static_cast<std::uint32_t>(n - n % 3);
    if (n % 3 == 2) {
        commit.isUrgent = true;
        commit.instances.push_back(instanceOf(n % 5, raised, AckRegion::Acked));
        commit.journal.push_back(recordOf("ACKNOWLEDGED", raised, commit.reference));
        commit.journal.back().actor = "ann@desk-3";
        return commit;
    }
    commit.instances.push_back(instanceOf(n % 5, raised, AckRegion::Unacked));
    commit.journal.push_back(recordOf("RAISED", raised, commit.reference));
    commit.timing.push_back({"press", "t" + std::to_string(n)});
    commit.series.push_back({static_cast<SeriesId>(n), "press/L1/P-" + std::to_string(n) + "/temp", ValueKind::Number});
    commit.texts.push_back({static_cast<std::uint32_t>(n), "state " + std::to_string(n)});
    for (int i = 0; i < 400; ++i)
        commit.rows.push_back({static_cast<SeriesId>(i % 7), {at(n * 1000 + i), n + i / 8.0, i % 9 == 0 ? Quality::Bad : Quality::Good}});
    if (n % 4 == 1) { // a chunk; every other one takes the place of the one before, as the store joins neighbours
        commit.isUpkeep = true;
        commit.chunks.push_back(chunkOf(static_cast<std::uint32_t>(n % 7), n, n * 1000, 700));
        commit.held.push_back({static_cast<SeriesId>(n % 7), {at(n * 1'000'000LL), n / 3.0, Quality::Good}});
        if (n % 8 == 5)
            commit.chunks.back().replaces = {n - 4};
    }
    commit.waiting.assign(commit.rows.end() - (n % 4), commit.rows.end());
    return commit;
}

inline void print(std::string &out, const std::vector<StoredRow> &rows)
{
    for (const StoredRow &row : rows) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &row.row.value, sizeof bits);
        out += std::to_string(number(row.series)) + ' ' + std::to_string(row.row.t.time_since_epoch().count()) + ' ' + std::to_string(bits)
            + ' ' + std::to_string(static_cast<int>(row.row.quality)) + '\n';
    }
}

// Everything that a restart would bring back, as text: two states are equal when this is.
inline std::string picture(const Saved &saved)
{
    std::string out = "seq " + std::to_string(saved.nextSeq) + " seen " + std::to_string(saved.lastSeen.time_since_epoch().count())
        + (saved.wasClean ? " clean\n" : " unclean\n");
    for (const auto &[source, streams] : saved.whole.positions)
        for (const auto &[stream, bytes] : streams)
            out.append(source).append(" ").append(stream).append(" ").append(bytes).append("\n");
    for (const InstanceState &i : saved.whole.instances) {
        out.append(i.rule).append(" ").append(i.key).append(" ").append(i.field).append(" ");
        for (const std::uint64_t number :
             {i.conditionHash, i.regions.occurrence, std::uint64_t{i.regions.seq}, std::uint64_t{i.regions.suppression},
              static_cast<std::uint64_t>(i.regions.condition), static_cast<std::uint64_t>(i.regions.ack),
              static_cast<std::uint64_t>(i.regions.latch), static_cast<std::uint64_t>(i.regions.quality),
              static_cast<std::uint64_t>(i.regions.level), static_cast<std::uint64_t>(i.regions.worst),
              std::uint64_t{i.regions.reoccurrences}, std::uint64_t{i.regions.isEnabled}})
            out += std::to_string(number) + ' ';
        for (const Time t : {i.regions.t0, i.regions.raised, i.regions.detected})
            out += std::to_string(t.time_since_epoch().count()) + ' ';
        out += std::to_string(i.value) + ' ' + std::to_string(i.limit) + ' ';
        for (const std::byte b : i.condition)
            out += std::to_string(static_cast<int>(b)) + ',';
        out += '\n';
    }
    for (const TimingState &t : saved.whole.timing)
        out.append(t.source).append(" ").append(t.bytes).append("\n");
    for (const KnownSeries &s : saved.whole.series)
        out.append(std::to_string(number(s.id)))
            .append(" ")
            .append(s.path)
            .append(" ")
            .append(std::to_string(static_cast<int>(s.kind)))
            .append("\n");
    for (const KnownText &t : saved.whole.texts)
        out.append(std::to_string(t.code)).append(" ").append(t.text).append("\n");
    for (const auto &[id, text] : saved.ruleTexts)
        out.append(id).append(" = ").append(text).append("\n");
    for (const KnownChunk &known : saved.chunks) {
        const auto bytes = saved.loader->load(known.chunk.place);
        out += "chunk " + std::to_string(known.chunk.place) + " of " + std::to_string(number(known.series)) + ' '
            + std::to_string(known.chunk.summary.rows) + ' ' + std::to_string(known.upTo) + ' '
            + (bytes ? std::to_string(std::hash<std::string>()(*bytes)) : bytes.error().plain()) + '\n';
    }
    out += "held\n";
    print(out, saved.whole.held);
    out += "rows\n";
    print(out, saved.whole.rows);
    out += "waiting\n";
    print(out, saved.whole.waiting);
    return out;
}

}
