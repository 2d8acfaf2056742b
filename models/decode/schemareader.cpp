#include "decode/schemareader.h"

#include "core/text.h"
#include "decode/framing.h"

namespace sg {

namespace {

constexpr std::size_t MostEntries = 10'000; // a topic with more schemas is hostile: all are made anew

// The format that the declaration's `decode` names.
std::string typeOf(const Node &declaration)
{
    return declaration["decode"].has("protobuf") ? "PROTOBUF" : "AVRO";
}

}

SchemaReader::SchemaReader(const SourceSpec &spec, std::string type, std::string message)
    : m_type(std::move(type))
    , m_message(std::move(message))
    , m_schemas(makeSchemas(spec))
{
}

SchemaReader::Entry SchemaReader::made(const SchemaText &schema) const
{
    Entry entry;
    if (schema.type == "JSON") {
        entry.isJson = true;
        return entry;
    }
    if (schema.type != m_type) {
        entry.why = Error{SG_TR("the schema is of type %1, and this source decodes %2"), {shown(schema.type, 40), m_type}, {}};
        return entry;
    }
    auto transcoder = m_type == "AVRO" ? makeAvro(schema) : makeProtobuf(schema, m_message);
    if (transcoder)
        entry.transcoder = *std::move(transcoder);
    else
        entry.why = transcoder.error();
    return entry;
}

Result<std::string_view> SchemaReader::toJson(std::uint32_t schema, std::string_view bytes, bool isKey, const std::stop_token &stop)
{
    m_isWaiting = false;
    auto found = m_entries.find(schema);
    if (found == m_entries.end()) {
        const auto fetched = m_schemas->fetch(schema, stop);
        if (fetched.how != Schemas::Fetched::How::Known) {
            m_isWaiting = fetched.how == Schemas::Fetched::How::Later;
            return fetched.why;
        }
        if (m_entries.size() >= MostEntries)
            m_entries.clear();
        found = m_entries.emplace(schema, made(fetched.schema)).first;
    }
    const Entry &entry = found->second;
    if (entry.isJson)
        return bytes;
    if (!entry.transcoder)
        return Error{SG_TR("schema id %1: %2"), {std::to_string(schema), entry.why.plain()}, {}};
    std::string &out = isKey ? m_key : m_payload;
    if (auto done = entry.transcoder->toJson(bytes, isKey, out); !done)
        return Error{SG_TR("schema id %1: %2"), {std::to_string(schema), done.error().plain()}, {}};
    return std::string_view(out);
}

Unframing::Unframing(const SourceSpec &spec)
    : m_reader(spec, typeOf(spec.declaration), spec.declaration["decode"]["protobuf"].text("message"))
{
}

Result<std::unique_ptr<Unframing>> Unframing::make(const SourceSpec &spec)
{
    try {
        return std::unique_ptr<Unframing>(new Unframing(spec));
    } catch (const Refusal &refusal) {
        return refusal.error;
    }
}

Result<Done> Unframing::apply(BrowsedMessage &message, const std::stop_token &stop)
{
    std::optional<std::string> payload, key;
    if (const auto framing = Framing::in(message.payload); framing && !message.isCut()) {
        const auto json = m_reader.toJson(framing->schema, framing->rest, false, stop);
        if (!json)
            return json.error();
        payload = *json;
    }
    if (const auto framing = Framing::in(message.key)) {
        const auto json = m_reader.toJson(framing->schema, framing->rest, true, stop);
        if (!json)
            return json.error();
        key = *json;
    }
    if (payload) {
        message.payload = *std::move(payload);
        message.size = message.payload.size();
    }
    if (key)
        message.key = *std::move(key);
    return Done();
}

}
