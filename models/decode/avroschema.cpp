#include "decode/avroschema.h"

#include "core/text.h"
#include "decode/jsonparser.h"

namespace sg {

namespace {

using simdjson::dom::element;

constexpr std::size_t LargestSchema = 1U << 20U;
constexpr std::size_t MostTypes = 10'000;
constexpr std::size_t DeepestSchema = 64;

constexpr std::pair<std::string_view, AvroType::Kind> Primitives[]
    = {{"null", AvroType::Kind::Null},   {"boolean", AvroType::Kind::Boolean}, {"int", AvroType::Kind::Int},
       {"long", AvroType::Kind::Long},   {"float", AvroType::Kind::Float},     {"double", AvroType::Kind::Double},
       {"bytes", AvroType::Kind::Bytes}, {"string", AvroType::Kind::String}};

struct Known
{
    std::string_view name;
    AvroType::Kind of;
    AvroType::Meaning meaning;
};
constexpr Known Logical[] = {
    {"date", AvroType::Kind::Int, AvroType::Meaning::Date},
    {"time-millis", AvroType::Kind::Int, AvroType::Meaning::TimeMillis},
    {"time-micros", AvroType::Kind::Long, AvroType::Meaning::TimeMicros},
    {"timestamp-millis", AvroType::Kind::Long, AvroType::Meaning::InstantMillis},
    {"timestamp-micros", AvroType::Kind::Long, AvroType::Meaning::InstantMicros},
    {"timestamp-nanos", AvroType::Kind::Long, AvroType::Meaning::InstantNanos},
    {"local-timestamp-millis", AvroType::Kind::Long, AvroType::Meaning::LocalMillis},
    {"local-timestamp-micros", AvroType::Kind::Long, AvroType::Meaning::LocalMicros},
    {"local-timestamp-nanos", AvroType::Kind::Long, AvroType::Meaning::LocalNanos},
};

std::string_view textIn(const element &at, const char *key)
{
    std::string_view text;
    return at[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}

class AvroSchemaReader
{
public:
    explicit AvroSchemaReader(AvroSchema &schema)
        : m_schema(schema)
    {
    }

    Result<const AvroType *> read(std::string_view text)
    {
        if (text.size() > LargestSchema)
            return Error{
                SG_TR("a schema of %1 bytes; at most %2 are read"), {std::to_string(text.size()), std::to_string(LargestSchema)}, {}};
        simdjson::dom::parser parser(LargestSchema + 1);
        element root;
        if (const auto error = parser.parse(text.data(), text.size()).get(root); error != simdjson::SUCCESS)
            return Error{SG_TR("the Avro schema is no JSON: %1"), {simdjson::error_message(error)}, {}};
        return type(root, {}, 0);
    }

private:
    AvroType *add(AvroType::Kind kind)
    {
        m_schema.m_types.emplace_back();
        m_schema.m_types.back().kind = kind;
        return &m_schema.m_types.back();
    }

    static std::string fullName(std::string_view name, std::string_view space)
    {
        return name.find('.') != std::string_view::npos || space.empty() ? std::string(name) : std::string(space) + "." + std::string(name);
    }

    Result<const AvroType *> type(const element &at, const std::string &space, std::size_t depth)
    {
        if (depth > DeepestSchema || m_schema.m_types.size() >= MostTypes)
            return Error{SG_TR("the Avro schema is too deep or has too many types"), {}, {}};
        if (at.is_string())
            return named(at.get_string().value_unsafe(), space);
        if (at.is_array())
            return unionOf(at, space, depth);
        if (!at.is_object())
            return Error{SG_TR("the Avro schema holds a type that is no text, list or object"), {}, {}};
        element inner;
        if (at["type"].get(inner) != simdjson::SUCCESS)
            return Error{SG_TR("the Avro schema holds an object without 'type'"), {}, {}};
        if (!inner.is_string())
            return type(inner, space, depth + 1); // {"type": {...}}
        const std::string_view name = inner.get_string().value_unsafe();
        if (name == "record" || name == "error")
            return record(at, space, depth);
        if (name == "enum" || name == "fixed")
            return enumOrFixed(at, name == "enum", space);
        if (name == "array" || name == "map")
            return listOf(at, name == "array", space, depth);
        auto plain = named(name, space);
        return plain ? withMeaning(at, *plain) : plain;
    }

    Result<const AvroType *> named(std::string_view name, const std::string &space)
    {
        for (const auto &[primitive, kind] : Primitives)
            if (name == primitive)
                return add(kind);
        auto found = m_schema.m_named.find(fullName(name, space));
        if (found == m_schema.m_named.end())
            found = m_schema.m_named.find(name);
        if (found == m_schema.m_named.end())
            return Error{SG_TR("the Avro schema names the type '%1', which is not defined"), {shown(name, 80)}, {}};
        return found->second;
    }

    // {"type": "long", "logicalType": "timestamp-millis"}; a logical type that is unknown or does not fit means nothing, as the format has
    // it.
    Result<const AvroType *> withMeaning(const element &at, const AvroType *plain)
    {
        const std::string_view logical = textIn(at, "logicalType");
        const bool canMean = plain->kind == AvroType::Kind::Int || plain->kind == AvroType::Kind::Long
            || plain->kind == AvroType::Kind::Bytes || plain->kind == AvroType::Kind::Fixed;
        if (logical.empty() || !canMean)
            return plain;
        AvroType *meant = add(plain->kind);
        *meant = *plain;
        if (logical == "decimal" && (plain->kind == AvroType::Kind::Bytes || plain->kind == AvroType::Kind::Fixed))
            setDecimal(at, *meant);
        for (const Known &known : Logical)
            if (logical == known.name && plain->kind == known.of)
                meant->meaning = known.meaning;
        return meant;
    }

    static void setDecimal(const element &at, AvroType &type)
    {
        std::int64_t scale = 0;
        if (at["scale"].get(scale) != simdjson::SUCCESS)
            scale = 0;
        if (scale < 0 || scale > 300)
            return;
        type.meaning = AvroType::Meaning::Decimal;
        type.scale = static_cast<unsigned>(scale);
    }

    Result<const AvroType *> unionOf(const element &at, const std::string &space, std::size_t depth)
    {
        AvroType *made = add(AvroType::Kind::Union);
        for (const element branch : simdjson::dom::array(at)) {
            auto read = type(branch, space, depth + 1);
            if (!read)
                return read;
            made->types.push_back(*read);
        }
        return made;
    }

    Result<const AvroType *> listOf(const element &at, bool isArray, const std::string &space, std::size_t depth)
    {
        element inner;
        if (at[isArray ? "items" : "values"].get(inner) != simdjson::SUCCESS)
            return Error{SG_TR("the Avro schema holds an array or a map without the type of its items"), {}, {}};
        AvroType *made = add(isArray ? AvroType::Kind::Array : AvroType::Kind::Map);
        auto item = type(inner, space, depth + 1);
        if (!item)
            return item;
        made->types.push_back(*item);
        return made;
    }

    // The space that names inside it are in.
    Result<AvroType *> define(const element &at, AvroType::Kind kind, const std::string &space, std::string &inside)
    {
        const std::string_view name = textIn(at, "name");
        if (name.empty())
            return Error{SG_TR("the Avro schema holds a record, an enum or a fixed without a name"), {}, {}};
        element given;
        const bool hasSpace = at["namespace"].get(given) == simdjson::SUCCESS;
        const std::string full = fullName(name, hasSpace ? textIn(at, "namespace") : std::string_view(space));
        const std::size_t dot = full.rfind('.');
        inside = dot == std::string::npos ? std::string() : full.substr(0, dot);
        AvroType *made = add(kind);
        if (!m_schema.m_named.emplace(full, made).second)
            return Error{SG_TR("the Avro schema defines '%1' twice"), {shown(full, 80)}, {}};
        return made;
    }

    Result<const AvroType *> record(const element &at, const std::string &space, std::size_t depth)
    {
        std::string inside;
        auto made = define(at, AvroType::Kind::Record, space, inside);
        if (!made)
            return made.error();
        simdjson::dom::array fields;
        if (at["fields"].get(fields) != simdjson::SUCCESS)
            return Error{SG_TR("the Avro schema holds a record without fields"), {}, {}};
        for (const element field : fields) {
            element inner;
            const std::string_view name = textIn(field, "name");
            if (name.empty() || field["type"].get(inner) != simdjson::SUCCESS)
                return Error{SG_TR("the Avro schema holds a field without name or type"), {}, {}};
            auto read = type(inner, inside, depth + 1);
            if (!read)
                return read;
            // Some writers put the logical type beside the type, at the field.
            auto meant = inner.is_string() ? withMeaning(field, *read) : read;
            (*made)->names.emplace_back(name);
            (*made)->types.push_back(*meant);
        }
        return *made;
    }

    Result<const AvroType *> enumOrFixed(const element &at, bool isEnum, const std::string &space)
    {
        std::string inside;
        auto made = define(at, isEnum ? AvroType::Kind::Enum : AvroType::Kind::Fixed, space, inside);
        if (!made)
            return made.error();
        if (!isEnum) {
            std::int64_t size = 0;
            if (at["size"].get(size) != simdjson::SUCCESS || size < 0)
                return Error{SG_TR("the Avro schema holds a fixed without size"), {}, {}};
            (*made)->size = static_cast<std::size_t>(size);
            if (textIn(at, "logicalType") == "decimal")
                setDecimal(at, **made);
            return *made;
        }
        simdjson::dom::array symbols;
        if (at["symbols"].get(symbols) != simdjson::SUCCESS)
            return Error{SG_TR("the Avro schema holds an enum without symbols"), {}, {}};
        for (const element symbol : symbols) {
            std::string_view text;
            if (symbol.get(text) != simdjson::SUCCESS)
                return Error{SG_TR("the Avro schema holds a symbol that is no text"), {}, {}};
            (*made)->names.emplace_back(text);
        }
        return *made;
    }

    AvroSchema &m_schema;
};

Result<std::unique_ptr<AvroSchema>> AvroSchema::parse(const SchemaText &schema)
{
    auto made = std::make_unique<AvroSchema>();
    AvroSchemaReader reader(*made);
    for (const auto &reference : schema.references)
        if (auto read = reader.read(reference.text); !read)
            return read.error();
    auto root = reader.read(schema.text);
    if (!root)
        return root.error();
    made->m_root = *root;
    return made;
}

}
