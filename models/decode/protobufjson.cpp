#include "core/text.h"
#include "decode/decoder.h"
#include "decode/jsonwriter.h"
#include "decode/protobufschema.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace sg {

namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using WireFormat = pb::internal::WireFormatLite;

constexpr int DeepestValue = 64;
constexpr std::size_t MostMessages = 20'000; // inside one payload: an empty one has two bytes, and becomes an object of hundreds
constexpr std::int64_t MostSeconds = 253'402'300'799; // of the year 9999

// Counts the messages inside a payload before any is made. False: too many, or no Protobuf.
class MessageCount
{
public:
    bool isBounded(const pb::Descriptor &type, std::string_view bytes, int depth = 0)
    {
        pb::io::CodedInputStream in(reinterpret_cast<const pb::uint8 *>(bytes.data()), static_cast<int>(bytes.size()));
        std::size_t at = 0;
        while (const pb::uint32 tag = in.ReadTag()) {
            const int number = static_cast<int>(tag >> 3U);
            if ((tag & 7U) == WireFormat::WIRETYPE_START_GROUP)
                ++m_count;
            if ((tag & 7U) != WireFormat::WIRETYPE_LENGTH_DELIMITED) {
                pb::uint64 ignored = 0;
                pb::uint32 ignored32 = 0;
                const auto wire = tag & 7U;
                const bool isRead = wire == WireFormat::WIRETYPE_VARINT ? in.ReadVarint64(&ignored)
                    : wire == WireFormat::WIRETYPE_FIXED64              ? in.ReadLittleEndian64(&ignored)
                    : wire == WireFormat::WIRETYPE_FIXED32              ? in.ReadLittleEndian32(&ignored32)
                                                                        : true;
                if (!isRead || m_count > MostMessages)
                    return false;
                continue;
            }
            pb::uint32 size = 0;
            if (!in.ReadVarint32(&size))
                return false;
            at = static_cast<std::size_t>(in.CurrentPosition());
            if (size > bytes.size() - at)
                return false;
            const FieldDescriptor *field = type.FindFieldByNumber(number);
            if (field && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
                if (++m_count > MostMessages || depth >= DeepestValue
                    || !isBounded(*field->message_type(), bytes.substr(at, size), depth + 1))
                    return false;
            }
            if (!in.Skip(static_cast<int>(size)))
                return false;
        }
        return static_cast<std::size_t>(in.CurrentPosition()) == bytes.size() || in.ConsumedEntireMessage();
    }

private:
    std::size_t m_count = 0;
};

// A message as JSON with the names of its .proto. What is not set is left out, but where the format cannot tell it from its default.
class MessageWriter
{
public:
    explicit MessageWriter(JsonWriter &out)
        : m_out(out)
    {
    }

    Result<Done> write(const pb::Message &message, int depth)
    {
        if (depth > DeepestValue)
            return Error{SG_TR("Protobuf: deeper than %1 levels"), {std::to_string(DeepestValue)}, {}};
        if (m_out.isFull())
            return Error{SG_TR("Protobuf: the message becomes longer than %1 bytes"), {std::to_string(LargestPayload)}, {}};
        const std::string &name = message.GetDescriptor()->full_name();
        if (name.starts_with("google.protobuf.") || name == "confluent.type.Decimal")
            if (auto known = writeKnown(message, name, depth))
                return *known;
        m_out.open('{');
        const pb::Reflection &reflection = *message.GetReflection();
        const pb::Descriptor &type = *message.GetDescriptor();
        for (int i = 0; i < type.field_count(); ++i) {
            const FieldDescriptor &field = *type.field(i);
            if (field.has_presence() && !reflection.HasField(message, &field))
                continue;
            m_out.name(field.name());
            if (auto done = writeField(message, field, depth); !done)
                return done;
        }
        m_out.close('}');
        return Done();
    }

private:
    // Types that stand for a single value; nothing: one like any other.
    std::optional<Result<Done>> writeKnown(const pb::Message &message, const std::string &name, int depth)
    {
        const pb::Reflection &reflection = *message.GetReflection();
        const pb::Descriptor &type = *message.GetDescriptor();
        const auto field = [&](const char *its, FieldDescriptor::CppType of) {
            const FieldDescriptor *found = type.FindFieldByName(its);
            return found && found->cpp_type() == of && !found->is_repeated() ? found : nullptr;
        };
        if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration") {
            const FieldDescriptor *seconds = field("seconds", FieldDescriptor::CPPTYPE_INT64);
            const FieldDescriptor *nanos = field("nanos", FieldDescriptor::CPPTYPE_INT32);
            if (!seconds || !nanos)
                return std::nullopt;
            const std::int64_t whole = reflection.GetInt64(message, seconds);
            const std::int64_t rest = reflection.GetInt32(message, nanos);
            if (name == "google.protobuf.Duration" || whole > MostSeconds || whole < -MostSeconds)
                m_out.real(static_cast<double>(whole) + static_cast<double>(rest) / 1e9);
            else
                m_out.instant(whole * 1'000'000 + rest / 1'000, 1'000'000, false);
            return Done();
        }
        if (name == "confluent.type.Decimal") {
            const FieldDescriptor *value = field("value", FieldDescriptor::CPPTYPE_STRING);
            const FieldDescriptor *scale = field("scale", FieldDescriptor::CPPTYPE_INT32);
            if (!value || !scale)
                return std::nullopt;
            const std::int32_t places = reflection.GetInt32(message, scale);
            if (places < 0 || !m_out.decimal(reflection.GetString(message, value), static_cast<unsigned>(places)))
                return Error{SG_TR("Protobuf: a decimal with %1 places"), {std::to_string(places)}, {}};
            return Done();
        }
        if (name.ends_with("Value") && type.field_count() == 1 && !type.field(0)->is_repeated() && type.field(0)->name() == "value")
            return writeOne(message, *type.field(0), -1, depth); // DoubleValue, StringValue and so on
        const char *inner = name == "google.protobuf.Struct" ? "fields" : name == "google.protobuf.ListValue" ? "values" : nullptr;
        if (const FieldDescriptor *found = inner ? type.FindFieldByName(inner) : nullptr; found && found->is_repeated())
            return writeField(message, *found, depth);
        if (name == "google.protobuf.Value" && type.oneof_decl_count() == 1) {
            const FieldDescriptor *set = reflection.GetOneofFieldDescriptor(message, type.oneof_decl(0));
            if (set && set->cpp_type() != FieldDescriptor::CPPTYPE_ENUM)
                return writeOne(message, *set, -1, depth);
            m_out.null();
            return Done();
        }
        return std::nullopt;
    }

    Result<Done> writeField(const pb::Message &message, const FieldDescriptor &field, int depth)
    {
        if (!field.is_repeated())
            return writeOne(message, field, -1, depth);
        const int count = message.GetReflection()->FieldSize(message, &field);
        m_out.open(field.is_map() ? '{' : '[');
        for (int i = 0; i < count; ++i) {
            auto done = field.is_map() ? writeEntry(message.GetReflection()->GetRepeatedMessage(message, &field, i), depth)
                                       : writeOne(message, field, i, depth);
            if (!done)
                return done;
            if (m_out.isFull())
                return Error{SG_TR("Protobuf: the message becomes longer than %1 bytes"), {std::to_string(LargestPayload)}, {}};
        }
        m_out.close(field.is_map() ? '}' : ']');
        return Done();
    }

    Result<Done> writeEntry(const pb::Message &entry, int depth)
    {
        const pb::Descriptor &type = *entry.GetDescriptor();
        const FieldDescriptor &key = *type.map_key();
        const pb::Reflection &reflection = *entry.GetReflection();
        switch (key.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
            if (!isUtf8(reflection.GetString(entry, &key)))
                return Error{SG_TR("Protobuf: a text is not UTF-8"), {}, {}};
            m_out.name(reflection.GetString(entry, &key));
            break;
        case FieldDescriptor::CPPTYPE_INT32:
            m_out.name(std::to_string(reflection.GetInt32(entry, &key)));
            break;
        case FieldDescriptor::CPPTYPE_INT64:
            m_out.name(std::to_string(reflection.GetInt64(entry, &key)));
            break;
        case FieldDescriptor::CPPTYPE_UINT32:
            m_out.name(std::to_string(reflection.GetUInt32(entry, &key)));
            break;
        case FieldDescriptor::CPPTYPE_UINT64:
            m_out.name(std::to_string(reflection.GetUInt64(entry, &key)));
            break;
        case FieldDescriptor::CPPTYPE_BOOL:
            m_out.name(reflection.GetBool(entry, &key) ? "true" : "false");
            break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
        case FieldDescriptor::CPPTYPE_FLOAT:
        case FieldDescriptor::CPPTYPE_ENUM:
        case FieldDescriptor::CPPTYPE_MESSAGE: // none is a key of a map
            m_out.name("");
            break;
        }
        return writeOne(entry, *type.map_value(), -1, depth);
    }

    // `index` -1: not repeated.
    Result<Done> writeOne(const pb::Message &message, const FieldDescriptor &field, int index, int depth)
    {
        const pb::Reflection &r = *message.GetReflection();
        const bool isItem = index >= 0;
        switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32:
            m_out.whole(std::int64_t{isItem ? r.GetRepeatedInt32(message, &field, index) : r.GetInt32(message, &field)});
            break;
        case FieldDescriptor::CPPTYPE_INT64:
            m_out.whole(std::int64_t{isItem ? r.GetRepeatedInt64(message, &field, index) : r.GetInt64(message, &field)});
            break;
        case FieldDescriptor::CPPTYPE_UINT32:
            m_out.whole(std::uint64_t{isItem ? r.GetRepeatedUInt32(message, &field, index) : r.GetUInt32(message, &field)});
            break;
        case FieldDescriptor::CPPTYPE_UINT64:
            m_out.whole(std::uint64_t{isItem ? r.GetRepeatedUInt64(message, &field, index) : r.GetUInt64(message, &field)});
            break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
            m_out.real(isItem ? r.GetRepeatedDouble(message, &field, index) : r.GetDouble(message, &field));
            break;
        case FieldDescriptor::CPPTYPE_FLOAT:
            m_out.real(isItem ? r.GetRepeatedFloat(message, &field, index) : r.GetFloat(message, &field));
            break;
        case FieldDescriptor::CPPTYPE_BOOL:
            m_out.truth(isItem ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field));
            break;
        case FieldDescriptor::CPPTYPE_ENUM: {
            const int number = isItem ? r.GetRepeatedEnumValue(message, &field, index) : r.GetEnumValue(message, &field);
            if (const pb::EnumValueDescriptor *known = field.enum_type()->FindValueByNumber(number))
                m_out.text(known->name());
            else
                m_out.whole(std::int64_t{number});
            break;
        }
        case FieldDescriptor::CPPTYPE_STRING: {
            std::string made;
            const std::string &text
                = isItem ? r.GetRepeatedStringReference(message, &field, index, &made) : r.GetStringReference(message, &field, &made);
            if (field.type() == FieldDescriptor::TYPE_BYTES)
                m_out.base64(text);
            else if (isUtf8(text))
                m_out.text(text);
            else
                return Error{SG_TR("Protobuf: a text is not UTF-8"), {}, {}};
            break;
        }
        case FieldDescriptor::CPPTYPE_MESSAGE:
            return write(isItem ? r.GetRepeatedMessage(message, &field, index) : r.GetMessage(message, &field), depth + 1);
        }
        return Done();
    }

    JsonWriter &m_out;
};

class ProtobufTranscoder final : public Transcoder
{
public:
    ProtobufTranscoder(std::unique_ptr<ProtobufSchema> schema, std::string message)
        : m_schema(std::move(schema))
        , m_message(std::move(message))
    {
    }

    Result<Done> toJson(std::string_view bytes, bool, std::string &out) override
    {
        if (bytes.size() > LargestPayload)
            return Error{
                SG_TR("a payload of %1 bytes; at most %2 are read"), {std::to_string(bytes.size()), std::to_string(LargestPayload)}, {}};
        const auto type = m_schema->typeOf(bytes);
        if (!type)
            return type.error();
        if (!m_message.empty() && (*type)->full_name() != m_message)
            return Error{
                SG_TR("Protobuf: a message '%1', and this source reads '%2'"), {shown((*type)->full_name(), 80), shown(m_message, 80)}, {}};
        if (!MessageCount().isBounded(**type, bytes))
            return Error{SG_TR("Protobuf: the bytes are no message, or hold more than %1"), {std::to_string(MostMessages)}, {}};
        pb::Arena arena;
        pb::Message *message = m_factory.GetPrototype(*type)->New(&arena);
        if (!message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return Error{SG_TR("Protobuf: the bytes are no message '%1'"), {shown((*type)->full_name(), 80)}, {}};
        JsonWriter writer(out, LargestPayload);
        return MessageWriter(writer).write(*message, 0);
    }

private:
    const std::unique_ptr<ProtobufSchema> m_schema;
    const std::string m_message;
    pb::DynamicMessageFactory m_factory; // points at the schema's types, so it goes first
};

}

Result<std::unique_ptr<Transcoder>> makeProtobuf(const SchemaText &schema, const std::string &message)
{
    auto parsed = ProtobufSchema::parse(schema);
    if (!parsed)
        return parsed.error();
    return std::unique_ptr<Transcoder>(std::make_unique<ProtobufTranscoder>(*std::move(parsed), message));
}

}
