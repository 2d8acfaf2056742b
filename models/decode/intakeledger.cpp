#include "decode/intakeledger.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::size_t ShownPayload = 500; // bytes
constexpr std::size_t MostRemarks = 50;
constexpr std::size_t MostSchemas = 5;
constexpr std::size_t MostKinds = 100;
constexpr std::size_t ShownKinds = 10;
constexpr std::size_t LongestKind = 128; // bytes

std::string payloadOf(const Message &message)
{
    if (message.cells.empty())
        return shown(message.payload, ShownPayload);
    std::string row;
    for (const Cell &cell : message.cells) {
        if (row.size() >= ShownPayload)
            break;
        row += (row.empty() ? "" : ", ") + shown(cell.column, 60) + "=" + (cell.text ? shown(*cell.text, 60) : std::string("NULL"));
    }
    return row;
}

}

Error IntakeLedger::bad(const Message &message, Error error)
{
    ++m_errors;
    m_lastPayload = payloadOf(message);
    m_last = error;
    return error;
}

Error IntakeLedger::missingLabel(const Message &message, const std::string &label)
{
    ++m_missing[label];
    return bad(message, Error{SG_TR("label %1 missing"), {label}, {}});
}

Error IntakeLedger::framed(const Framing &framing)
{
    ++m_framed;
    const char *format = framing.looksLikeProtobuf() ? "Protobuf" : "Avro";
    if (m_schemas.size() < MostSchemas)
        m_schemas.emplace(framing.schema, format);
    return Error{SG_TR("%1, schema id %2: a registry is needed to read it"), {format, std::to_string(framing.schema)}, {}};
}

void IntakeLedger::remark(Error note)
{
    if (m_remarks.size() < MostRemarks && std::find(m_remarks.begin(), m_remarks.end(), note) == m_remarks.end())
        m_remarks.push_back(std::move(note));
}

void IntakeLedger::countKind(std::optional<std::string_view> kind)
{
    if (!kind) {
        ++m_ofNoKind;
        return;
    }
    const std::string_view text = kind->substr(0, LongestKind);
    if (const auto found = m_kinds.find(text); found != m_kinds.end())
        ++found->second;
    else if (m_kinds.size() < MostKinds)
        m_kinds.emplace(std::string(text), 1);
    else
        ++m_ofOtherKinds;
}

// "3 kinds of messages by /type: telemetry 1200, alarm 14, event 3".
void IntakeLedger::describeKinds(SourceStatus &status, const std::string &countedBy) const
{
    if (m_kinds.empty() && m_ofNoKind == 0)
        return;
    std::vector<std::pair<std::uint64_t, std::string_view>> kinds;
    for (const auto &[kind, count] : m_kinds)
        kinds.emplace_back(count, kind);
    std::sort(kinds.begin(), kinds.end(),
              [](const auto &a, const auto &b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    std::string list;
    for (std::size_t i = 0; i < std::min(kinds.size(), ShownKinds); ++i)
        list += (list.empty() ? "" : ", ") + shown(kinds[i].second, 60) + " " + std::to_string(kinds[i].first);
    if (kinds.size() > ShownKinds)
        list += ", ...";
    const std::string many = std::to_string(m_kinds.size());
    if (m_ofOtherKinds > 0)
        status.notes.push_back({SG_TR("more than %1 kinds of messages by %2: %3"), {many, countedBy, list}, {}});
    else if (!m_kinds.empty())
        status.notes.push_back({SG_TR("%1 kinds of messages by %2: %3"), {many, countedBy, list}, {}});
    if (m_ofNoKind > 0)
        status.notes.push_back({SG_TR("%1 messages without %2"), {std::to_string(m_ofNoKind), countedBy}, {}});
}

void IntakeLedger::describe(SourceStatus &status, const std::string &countedBy) const
{
    status.decodeErrors = m_errors;
    status.lastDecodeError = m_last;
    status.lastBadPayload = m_lastPayload;
    describeKinds(status, countedBy);
    for (const auto &[label, count] : m_missing)
        status.notes.push_back({SG_TR("label %1 missing: %2 messages"), {label, std::to_string(count)}, {}});
    if (m_framed > 0) {
        std::string ids;
        for (const auto &[schema, format] : m_schemas)
            ids += (ids.empty() ? "" : ", ") + std::string(format) + ", schema id " + std::to_string(schema);
        status.notes.push_back({SG_TR("%1: %2 messages passed over; decode: avro or protobuf with a registry reads them"),
                                {ids, std::to_string(m_framed)},
                                {}});
    }
    if (m_tombstones > 0)
        status.notes.push_back(
            {SG_TR("%1 tombstones ignored: a label of the path stands in the value"), {std::to_string(m_tombstones)}, {}});
    status.notes.insert(status.notes.end(), m_remarks.begin(), m_remarks.end());
}

}
