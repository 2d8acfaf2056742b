#include "state/journaltable.h"

#include "state/schema.h"
#include "state/tables.h"

#include <QCryptographicHash>

#include <array>
#include <bit>
#include <cmath>

namespace sg {

namespace {

constexpr std::size_t HashBytes = 32;

// The bytes that the chain hashes: every column in table order, numbers little-endian, texts with their length in front.
class Canonical
{
public:
    Canonical() { m_bytes.reserve(512); }
    void add(std::uint64_t number)
    {
        std::array<char, 8> bytes;
        for (unsigned i = 0; i < 8; ++i)
            bytes[i] = static_cast<char>((number >> (8 * i)) & 0xFFU);
        m_bytes.append(bytes.data(), bytes.size());
    }
    void add(Time t) { add(static_cast<std::uint64_t>(t.time_since_epoch().count())); }
    void add(double value)
    {
        // One NaN and one zero, because the table tells neither kind apart.
        if (std::isnan(value))
            add(std::uint64_t{0x7FF8000000000000});
        else
            add(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));
    }
    void add(const std::string &text)
    {
        add(static_cast<std::uint64_t>(text.size()));
        m_bytes += text;
    }
    [[nodiscard]] const std::string &bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

std::string hashOf(const std::string &previous, const JournalRow &row, Time recorded)
{
    Canonical canonical;
    canonical.add(row.seq);
    for (const std::string *text : {&row.event, &row.rule, &row.key, &row.field, &row.source})
        canonical.add(*text);
    canonical.add(row.occurrence);
    for (const std::string *text : {&row.from, &row.to, &row.level, &row.priority, &row.area})
        canonical.add(*text);
    for (const Time t : {row.tStamp, row.tEvent, row.tDetect, recorded})
        canonical.add(t);
    canonical.add(row.value);
    canonical.add(row.valueText);
    canonical.add(row.limit);
    canonical.add(static_cast<std::uint64_t>(row.quality));
    canonical.add(row.actor);
    canonical.add(row.reason);
    canonical.add(row.ruleHash);
    canonical.add(row.origin);
    if (!row.notes.empty()) // a record without them has the hash that it had before there were any
        canonical.add(row.notes);

    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(QByteArray::fromRawData(previous.data(), static_cast<qsizetype>(previous.size())));
    hash.addData(QByteArray::fromRawData(canonical.bytes().data(), static_cast<qsizetype>(canonical.bytes().size())));
    return hash.result().toStdString();
}

constexpr const char *Columns
    = "seq, event, rule, key, field, source, occurrence, from_state, to_state, level, priority, area, t_stamp, t_event, "
      "t_detect, value, value_text, \"limit\", quality, actor, reason, rule_hash, origin, t_record, prev_hash, hash, ";

// A reader finds older formats as they are.
std::string columnsOf(Database &database)
{
    return std::string(Columns) + (database.integer("PRAGMA user_version") >= FirstFormatWithNotes ? "notes" : "'' AS notes");
}

JournalRow rowOf(const Statement &s)
{
    JournalRow row;
    row.seq = s.word(0);
    row.event = s.text(1);
    row.rule = s.text(2);
    row.key = s.text(3);
    row.field = s.text(4);
    row.source = s.text(5);
    row.occurrence = s.word(6);
    row.from = s.text(7);
    row.to = s.text(8);
    row.level = s.text(9);
    row.priority = s.text(10);
    row.area = s.text(11);
    row.tStamp = timeOf(s, 12);
    row.tEvent = timeOf(s, 13);
    row.tDetect = timeOf(s, 14);
    row.value = s.real(15);
    row.valueText = s.text(16);
    row.limit = s.real(17);
    row.quality = enumOf(s, 18, Quality::Bad, Quality::Bad);
    row.actor = s.text(19);
    row.reason = s.text(20);
    row.ruleHash = s.word(21);
    row.origin = s.text(22);
    row.notes = s.text(26);
    return row;
}

}

JournalWriter::JournalWriter(Database &database)
    : m_insert(
        database,
        "INSERT INTO journal (seq, prev_hash, hash, event, rule, key, field, source, occurrence, from_state, to_state, level, priority, "
        "area, t_stamp, t_event, t_detect, t_record, value, value_text, \"limit\", quality, actor, reason, rule_hash, origin, notes) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
{
    m_newest.hash.assign(HashBytes, '\0');
    Statement newest(database, "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1");
    if (newest.next()) {
        m_newest.seq = newest.word(0);
        m_newest.hash = newest.blob(1);
    }
}

void JournalWriter::append(const JournalRow &row, Time recorded)
{
    JournalRow numbered = row;
    numbered.seq = m_newest.seq + 1;
    std::string hash = hashOf(m_newest.hash, numbered, recorded);
    m_insert.bind(numbered.seq).bindBlob(m_newest.hash).bindBlob(hash);
    m_insert.bind(row.event).bind(row.rule).bind(row.key).bind(row.field).bind(row.source).bind(row.occurrence);
    m_insert.bind(row.from).bind(row.to).bind(row.level).bind(row.priority).bind(row.area);
    for (const Time t : {row.tStamp, row.tEvent, row.tDetect, recorded})
        bindTime(m_insert, t);
    m_insert.bind(row.value).bind(row.valueText).bind(row.limit).bind(static_cast<int>(row.quality));
    m_insert.bind(row.actor).bind(row.reason).bind(row.ruleHash).bind(row.origin).bind(row.notes);
    m_insert.run();
    m_newest = {numbered.seq, std::move(hash)};
}

std::vector<JournalRow> readJournal(Database &database, const JournalQuery &query)
{
    // Only these fixed pieces make up the text; every value is bound.
    std::string sql = "SELECT " + columnsOf(database) + " FROM journal WHERE seq > ?";
    constexpr const char *time = " AND coalesce(t_event, t_detect, t_record, 0)";
    if (query.beforeSeq != 0)
        sql += " AND seq < ?";
    if (query.from != NoTime)
        sql += std::string(time) + " >= ?";
    if (query.to != Time::max())
        sql += std::string(time) + " < ?";
    if (query.occurrence != 0)
        sql += " AND occurrence = ?";
    sql += query.isNewestFirst ? " ORDER BY seq DESC LIMIT ?" : " ORDER BY seq LIMIT ?";

    Statement statement(database, sql.c_str());
    statement.bind(query.afterSeq);
    if (query.beforeSeq != 0)
        statement.bind(query.beforeSeq);
    if (query.from != NoTime)
        bindTime(statement, query.from);
    if (query.to != Time::max())
        bindTime(statement, query.to);
    if (query.occurrence != 0)
        statement.bind(query.occurrence);
    statement.bind(static_cast<std::int64_t>(std::min<std::size_t>(query.limit, std::numeric_limits<std::int64_t>::max())));
    std::vector<JournalRow> rows;
    while (statement.next())
        rows.push_back(rowOf(statement));
    return rows;
}

Result<Done> verifyJournal(Database &database)
{
    Statement statement(database, ("SELECT " + columnsOf(database) + " FROM journal ORDER BY seq").c_str());
    std::string previous(HashBytes, '\0');
    std::uint64_t seq = 0;
    while (statement.next()) {
        const JournalRow row = rowOf(statement);
        const std::string hash = hashOf(previous, row, timeOf(statement, 23));
        if (row.seq != seq + 1)
            return Error{SG_TR("journal record %1 is missing: record %2 follows record %3"),
                         {std::to_string(seq + 1), std::to_string(row.seq), std::to_string(seq)},
                         {}};
        if (statement.blob(24) != previous || statement.blob(25) != hash)
            return Error{SG_TR("journal record %1 is not as it was written: its hash does not match"), {std::to_string(row.seq)}, {}};
        previous = hash;
        seq = row.seq;
    }
    return Done();
}

}
