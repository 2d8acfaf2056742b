#include "core/text.h"
#include "decode/avroschema.h"
#include "decode/decoder.h"
#include "decode/jsonwriter.h"
#include "decode/varint.h"

#include <bit>
#include <cstring>

namespace sg {

namespace {

constexpr std::size_t DeepestValue = 64;

// Avro's binary form, walked along the writer's schema. Nothing is made before its bytes are there, and every step writes at least one
// byte, so the writer's bound is the bound of all.
class AvroReader
{
public:
    AvroReader(std::string_view bytes, JsonWriter &out)
        : m_bytes(bytes)
        , m_out(out)
    {
    }

    Result<Done> read(const AvroType &type)
    {
        if (auto done = value(type, 0); !done)
            return done;
        if (!m_bytes.empty())
            return Error{SG_TR("Avro: %1 bytes are left behind the record"), {std::to_string(m_bytes.size())}, {}};
        return Done();
    }

private:
    static Error cut() { return Error{SG_TR("Avro: the record is cut short"), {}, {}}; }

    std::optional<std::int64_t> number() { return takeZigzag(m_bytes); }

    std::optional<std::string_view> take(std::uint64_t size)
    {
        if (size > m_bytes.size())
            return std::nullopt;
        const std::string_view taken = m_bytes.substr(0, static_cast<std::size_t>(size));
        m_bytes.remove_prefix(taken.size());
        return taken;
    }

    std::optional<std::string_view> sized()
    {
        const auto size = number();
        return size && *size >= 0 ? take(static_cast<std::uint64_t>(*size)) : std::nullopt;
    }

    // Little-endian, as the format has it.
    template <class T> std::optional<T> fixedNumber()
    {
        const auto bytes = take(sizeof(T));
        if (!bytes)
            return std::nullopt;
        std::uint64_t bits = 0;
        for (std::size_t i = sizeof(T); i-- > 0;)
            bits = bits << 8U | static_cast<unsigned char>((*bytes)[i]);
        if constexpr (sizeof(T) == 4)
            return std::bit_cast<T>(static_cast<std::uint32_t>(bits));
        else
            return std::bit_cast<T>(bits);
    }

    Result<Done> value(const AvroType &type, std::size_t depth)
    {
        if (depth > DeepestValue)
            return Error{SG_TR("Avro: deeper than %1 levels"), {std::to_string(DeepestValue)}, {}};
        if (m_out.isFull())
            return Error{SG_TR("Avro: the record becomes longer than %1 bytes"), {std::to_string(LargestPayload)}, {}};
        switch (type.kind) {
        case AvroType::Kind::Null:
            m_out.null();
            return Done();
        case AvroType::Kind::Boolean: {
            const auto byte = take(1);
            if (!byte)
                return cut();
            if (byte->front() != 0 && byte->front() != 1)
                return Error{SG_TR("Avro: a truth value is neither 0 nor 1"), {}, {}};
            m_out.truth(byte->front() != 0);
            return Done();
        }
        case AvroType::Kind::Int:
        case AvroType::Kind::Long:
            return whole(type);
        case AvroType::Kind::Float: {
            const auto read = fixedNumber<float>();
            if (!read)
                return cut();
            m_out.real(*read);
            return Done();
        }
        case AvroType::Kind::Double: {
            const auto read = fixedNumber<double>();
            if (!read)
                return cut();
            m_out.real(*read);
            return Done();
        }
        case AvroType::Kind::Bytes:
        case AvroType::Kind::Fixed:
            return bytes(type);
        case AvroType::Kind::String: {
            const auto text = sized();
            if (!text)
                return cut();
            if (!isUtf8(*text))
                return Error{SG_TR("Avro: a text is not UTF-8"), {}, {}};
            m_out.text(*text);
            return Done();
        }
        case AvroType::Kind::Record:
            m_out.open('{');
            for (std::size_t i = 0; i < type.types.size(); ++i) {
                m_out.name(type.names[i]);
                if (auto done = value(*type.types[i], depth + 1); !done)
                    return done;
            }
            m_out.close('}');
            return Done();
        case AvroType::Kind::Enum: {
            const auto index = number();
            if (!index)
                return cut();
            if (*index < 0 || static_cast<std::uint64_t>(*index) >= type.names.size())
                return Error{
                    SG_TR("Avro: symbol %1 of an enum that has %2"), {std::to_string(*index), std::to_string(type.names.size())}, {}};
            m_out.text(type.names[static_cast<std::size_t>(*index)]);
            return Done();
        }
        case AvroType::Kind::Array:
        case AvroType::Kind::Map:
            return items(type, depth);
        case AvroType::Kind::Union: {
            const auto index = number();
            if (!index)
                return cut();
            if (*index < 0 || static_cast<std::uint64_t>(*index) >= type.types.size())
                return Error{
                    SG_TR("Avro: branch %1 of a union that has %2"), {std::to_string(*index), std::to_string(type.types.size())}, {}};
            return value(*type.types[static_cast<std::size_t>(*index)], depth + 1);
        }
        }
        return cut();
    }

    Result<Done> whole(const AvroType &type)
    {
        using Meaning = AvroType::Meaning;
        const auto read = number();
        if (!read)
            return cut();
        if (type.kind == AvroType::Kind::Int && (*read < INT32_MIN || *read > INT32_MAX))
            return Error{SG_TR("Avro: %1 is no int"), {std::to_string(*read)}, {}};
        switch (type.meaning) {
        case Meaning::Plain:
        case Meaning::Decimal:
            m_out.whole(*read);
            break;
        case Meaning::Date:
            m_out.date(*read);
            break;
        case Meaning::TimeMillis:
            m_out.timeOfDay(*read, 1'000);
            break;
        case Meaning::TimeMicros:
            m_out.timeOfDay(*read, 1'000'000);
            break;
        case Meaning::InstantMillis:
        case Meaning::LocalMillis:
            m_out.instant(*read, 1'000, type.meaning == Meaning::LocalMillis);
            break;
        case Meaning::InstantMicros:
        case Meaning::LocalMicros:
            m_out.instant(*read, 1'000'000, type.meaning == Meaning::LocalMicros);
            break;
        case Meaning::InstantNanos:
        case Meaning::LocalNanos:
            m_out.instant(*read, 1'000'000'000, type.meaning == Meaning::LocalNanos);
            break;
        }
        return Done();
    }

    Result<Done> bytes(const AvroType &type)
    {
        const auto read = type.kind == AvroType::Kind::Fixed ? take(type.size) : sized();
        if (!read)
            return cut();
        if (type.meaning != AvroType::Meaning::Decimal)
            m_out.base64(*read);
        else if (!m_out.decimal(*read, type.scale))
            return Error{SG_TR("Avro: a decimal of %1 bytes"), {std::to_string(read->size())}, {}};
        return Done();
    }

    // Blocks of items; a count below 0 is followed by the block's size.
    Result<Done> items(const AvroType &type, std::size_t depth)
    {
        const bool isMap = type.kind == AvroType::Kind::Map;
        m_out.open(isMap ? '{' : '[');
        for (;;) {
            const auto count = number();
            if (!count)
                return cut();
            if (*count == 0)
                break;
            if (*count < 0 && !number())
                return cut();
            const std::uint64_t items
                = *count < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(*count) : static_cast<std::uint64_t>(*count);
            for (std::uint64_t i = 0; i < items; ++i) {
                if (isMap) {
                    const auto name = sized();
                    if (!name)
                        return cut();
                    if (!isUtf8(*name))
                        return Error{SG_TR("Avro: a text is not UTF-8"), {}, {}};
                    m_out.name(*name);
                }
                if (auto done = value(*type.types.front(), depth + 1); !done)
                    return done;
            }
        }
        m_out.close(isMap ? '}' : ']');
        return Done();
    }

    std::string_view m_bytes;
    JsonWriter &m_out;
};

class AvroTranscoder final : public Transcoder
{
public:
    explicit AvroTranscoder(std::unique_ptr<AvroSchema> schema)
        : m_schema(std::move(schema))
    {
        const AvroType::Kind kind = m_schema->root().kind;
        m_isDocument = kind == AvroType::Kind::Record || kind == AvroType::Kind::Map;
    }

    Result<Done> toJson(std::string_view bytes, bool isKey, std::string &out) override
    {
        JsonWriter writer(out, LargestPayload);
        const AvroType &root = m_schema->root();
        if (isKey && root.kind == AvroType::Kind::String)
            return plainText(bytes, out);
        const bool isWrapped = !m_isDocument && !isKey && root.kind != AvroType::Kind::Union;
        if (isWrapped) {
            writer.open('{');
            writer.name("value");
        }
        auto done = AvroReader(bytes, writer).read(root);
        if (isWrapped)
            writer.close('}');
        return done;
    }

private:
    static Result<Done> plainText(std::string_view bytes, std::string &out)
    {
        std::string json;
        JsonWriter writer(json, LargestPayload);
        AvroType text;
        text.kind = AvroType::Kind::String;
        if (auto done = AvroReader(bytes, writer).read(text); !done)
            return done;
        std::size_t size = 1; // of the length in front, which is right: it was read
        while ((static_cast<unsigned char>(bytes[size - 1]) & 0x80U) != 0)
            ++size;
        out = bytes.substr(size);
        return Done();
    }

    const std::unique_ptr<AvroSchema> m_schema;
    bool m_isDocument = true;
};

}

Result<std::unique_ptr<Transcoder>> makeAvro(const SchemaText &schema)
{
    auto parsed = AvroSchema::parse(schema);
    if (!parsed)
        return parsed.error();
    return std::unique_ptr<Transcoder>(std::make_unique<AvroTranscoder>(*std::move(parsed)));
}

}
