#include "state/tables.h"

namespace sg {

Time timeOf(const Statement &statement, int column)
{
    return statement.isNull(column) ? NoTime : Time(Micros(statement.integer(column)));
}

void bindTime(Statement &statement, Time t)
{
    if (t == NoTime)
        statement.bindNull();
    else
        statement.bind(static_cast<std::int64_t>(t.time_since_epoch().count()));
}

InstanceWriter::InstanceWriter(Database &database)
    : m_replace(
        database,
        "INSERT OR REPLACE INTO instance (rule, key, field, condition_hash, enabled, condition, ack, latch, suppression, quality, level, "
        "worst, seq, occurrence, t0, raised, detected, reoccurrences, value, \"limit\", state) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    , m_remove(database, "DELETE FROM instance WHERE rule = ? AND key = ? AND field = ?")
{
}

void InstanceWriter::write(const InstanceState &state)
{
    if (state.isGone) {
        m_remove.bind(state.rule).bind(state.key).bind(state.field).run();
        return;
    }
    const Regions &r = state.regions;
    m_replace.bind(state.rule).bind(state.key).bind(state.field).bind(state.conditionHash);
    m_replace.bind(r.isEnabled ? 1 : 0).bind(static_cast<int>(r.condition)).bind(static_cast<int>(r.ack)).bind(static_cast<int>(r.latch));
    m_replace.bind(static_cast<int>(r.suppression)).bind(static_cast<int>(r.quality)).bind(static_cast<int>(r.level));
    m_replace.bind(static_cast<int>(r.worst)).bind(r.seq).bind(r.occurrence);
    for (const Time t : {r.t0, r.raised, r.detected})
        bindTime(m_replace, t);
    m_replace.bind(r.reoccurrences).bind(state.value).bind(state.limit);
    m_replace.bindBlob({reinterpret_cast<const char *>(state.condition.data()), state.condition.size()});
    m_replace.run();
}

std::vector<InstanceState> readInstances(Database &database)
{
    Statement s(
        database,
        "SELECT rule, key, field, condition_hash, enabled, condition, ack, latch, suppression, quality, level, worst, seq, occurrence, "
        "t0, raised, detected, reoccurrences, value, \"limit\", state FROM instance");
    std::vector<InstanceState> out;
    while (s.next()) {
        InstanceState &state = out.emplace_back();
        state.rule = s.text(0);
        state.key = s.text(1);
        state.field = s.text(2);
        state.conditionHash = s.word(3);
        Regions &r = state.regions;
        r.isEnabled = s.integer(4) != 0;
        // What cannot be read is shown rather than hidden: unacknowledged, not suppressed.
        r.condition = enumOf(s, 5, ConditionRegion::PendingOff, ConditionRegion::Normal);
        r.ack = enumOf(s, 6, AckRegion::Unacked, AckRegion::Unacked);
        r.latch = enumOf(s, 7, LatchRegion::Latched, LatchRegion::Clear);
        const std::int64_t suppression = s.integer(8);
        r.suppression = suppression >= 0 && suppression <= 7 ? static_cast<std::uint8_t>(suppression) : 0;
        r.quality = enumOf(s, 9, QualityRegion::Unknown, QualityRegion::Unknown);
        r.level = enumOf(s, 10, Level::HighHigh, Level::None);
        r.worst = enumOf(s, 11, Level::HighHigh, Level::None);
        r.seq = static_cast<std::uint32_t>(s.integer(12));
        r.occurrence = s.word(13);
        r.t0 = timeOf(s, 14);
        r.raised = timeOf(s, 15);
        r.detected = timeOf(s, 16);
        r.reoccurrences = static_cast<std::uint32_t>(s.integer(17));
        state.value = s.real(18);
        state.limit = s.real(19);
        const std::string_view bytes = s.blob(20);
        const auto *first = reinterpret_cast<const std::byte *>(bytes.data());
        state.condition.assign(first, first + bytes.size());
    }
    return out;
}

std::map<std::string, std::string> readRuleTexts(Database &database)
{
    Statement statement(database, "SELECT id, text FROM rule");
    std::map<std::string, std::string> out;
    while (statement.next())
        out.emplace(statement.text(0), statement.text(1));
    return out;
}

std::vector<KnownSeries> readSeries(Database &database)
{
    Statement statement(database, "SELECT id, path, kind FROM series ORDER BY id");
    std::vector<KnownSeries> out;
    while (statement.next())
        out.push_back(
            {static_cast<SeriesId>(statement.integer(0)), statement.text(1), enumOf(statement, 2, ValueKind::Document, ValueKind::Number)});
    return out;
}

std::vector<KnownText> readTexts(Database &database)
{
    Statement statement(database, "SELECT code, text FROM text ORDER BY code");
    std::vector<KnownText> out;
    while (statement.next())
        out.push_back({static_cast<std::uint32_t>(statement.integer(0)), statement.text(1)});
    return out;
}

}
