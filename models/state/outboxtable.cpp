#include "state/outboxtable.h"

#include "core/text.h"
#include "state/tables.h"

namespace sg {

namespace {

// Facts as bytes: for each the length (4 bytes, little-endian) and the bytes of its name, then of its text.
void put(std::string &out, const std::string &text)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        out += static_cast<char>(text.size() >> shift & 0xFFU);
    out += text;
}

bool take(std::string_view &bytes, std::string &text)
{
    if (bytes.size() < 4)
        return false;
    std::size_t size = 0;
    for (unsigned n = 0; n < 4; ++n)
        size |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[n])) << (8 * n);
    if (size > bytes.size() - 4)
        return false;
    text = bytes.substr(4, size);
    bytes.remove_prefix(4 + size);
    return true;
}

}

std::string OutboxRow::key() const
{
    if (occurrence == 0)
        return route + "-test-" + std::to_string(id);
    return hex(occurrence) + "-" + route + "-" + std::to_string(number);
}

OutboxWriter::OutboxWriter(Database &database)
    : m_replace(database,
                "INSERT OR REPLACE INTO outbox (id, route, occurrence, number, state, due, made, ended, attempts, why, facts) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    , m_remove(database, "DELETE FROM outbox WHERE id = ?")
{
}

void OutboxWriter::write(const OutboxRow &row)
{
    if (row.isGone) {
        m_remove.bind(row.id).run();
        return;
    }
    std::string facts;
    for (const auto &[name, text] : row.facts) {
        put(facts, name);
        put(facts, text);
    }
    m_replace.bind(row.id).bind(row.route).bind(row.occurrence).bind(row.number).bind(static_cast<int>(row.state));
    bindTime(m_replace, row.due);
    bindTime(m_replace, row.made);
    bindTime(m_replace, row.ended);
    m_replace.bind(row.attempts).bind(row.why).bindBlob(facts).run();
}

std::vector<OutboxRow> readOutbox(Database &database)
{
    std::vector<OutboxRow> out;
    for (Statement s(database,
                     "SELECT id, route, occurrence, number, state, due, made, ended, attempts, why, facts FROM outbox ORDER BY id");
         s.next();) {
        OutboxRow &row = out.emplace_back();
        row.id = s.word(0);
        row.route = s.text(1);
        row.occurrence = s.word(2);
        row.number = static_cast<std::uint32_t>(s.integer(3));
        row.state = enumOf(s, 4, OutboxRow::State::Dropped, OutboxRow::State::Waiting);
        row.due = timeOf(s, 5);
        row.made = timeOf(s, 6);
        row.ended = timeOf(s, 7);
        row.attempts = static_cast<std::uint32_t>(s.integer(8));
        row.why = s.text(9);
        std::string_view facts = s.blob(10);
        for (std::string name, text; take(facts, name) && take(facts, text);)
            row.facts[name] = text;
    }
    return out;
}

}
