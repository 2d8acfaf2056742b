#include "decode/connectjson.h"

#include <algorithm>

namespace sg {

using simdjson::dom::element;

namespace {

constexpr std::size_t MostPrefixes = 8; // kinds of messages in one topic
constexpr std::size_t LongestPrefix = 64U << 10U;
constexpr std::size_t DeepestSchema = 16;
constexpr std::size_t MostSchemaFields = 5000;

ConnectType typeOf(const element &schema, std::size_t depth, std::size_t &fields)
{
    std::string_view name;
    if (schema["name"].get(name) != simdjson::SUCCESS)
        name = {};
    ConnectType type = ConnectType::named(name);
    if (type.meaning == ConnectType::Meaning::Decimal) {
        std::string_view scale;
        const auto number = schema["parameters"]["scale"].get(scale) == simdjson::SUCCESS ? numberIn(scale) : std::nullopt;
        type.scale = number && number->kind == Value::Kind::Integer && number->integer >= -1000 && number->integer <= 1000
            ? static_cast<int>(number->integer)
            : -1; // then it stays a text
    }
    simdjson::dom::array members;
    if (depth >= DeepestSchema || schema["fields"].get(members) != simdjson::SUCCESS)
        return type;
    for (const element member : members) {
        std::string_view field;
        if (member["field"].get(field) == simdjson::SUCCESS && ++fields <= MostSchemaFields)
            type.fields.insert_or_assign(std::string(field), typeOf(member, depth + 1, fields));
    }
    return type;
}

std::size_t afterSpace(std::string_view json, std::size_t at)
{
    return std::min(json.find_first_not_of(" \t\r\n", at), json.size());
}

// Behind the value that begins at `at`, in a text that is known to be JSON.
std::size_t afterValue(std::string_view json, std::size_t at)
{
    std::size_t depth = 0;
    for (bool isInText = false; at < json.size(); ++at) {
        const char c = json[at];
        if (isInText) {
            if (c == '\\')
                ++at;
            else if (c == '"')
                isInText = false;
        } else if (c == '"') {
            isInText = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            --depth;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return json.size();
}

// Where the payload begins in {"schema": ..., "payload": ...}; npos when the text is written in another way.
std::size_t payloadIn(std::string_view json)
{
    std::size_t at = afterSpace(json, 0);
    const auto takes = [&](std::string_view text) {
        if (json.substr(std::min(at, json.size()), text.size()) != text)
            return false;
        at = afterSpace(json, at + text.size());
        return true;
    };
    if (!takes("{") || !takes("\"schema\"") || !takes(":"))
        return std::string_view::npos;
    at = afterValue(json, at);
    return takes(",") && takes("\"payload\"") && takes(":") ? at : std::string_view::npos;
}

}

ConnectJson::ConnectJson(bool isUnwrapping, bool needsWhole)
    : m_isUnwrapping(isUnwrapping)
    , m_needsWhole(needsWhole)
    , m_parser(LargestPayload)
{
}

Result<Done> ConnectJson::parse(std::string_view bytes)
{
    if (m_type)
        m_type.reset();
    if (m_isUnwrapping && parseBehindKnown(bytes))
        return Done();
    auto parsed = parseJson(m_parser, bytes);
    if (!parsed)
        return parsed.error();
    m_whole = m_root = *parsed;
    simdjson::dom::object object;
    if (!m_isUnwrapping || m_root.get(object) != simdjson::SUCCESS || object.size() != 2)
        return Done();
    element schema, payload;
    if (object["schema"].get(schema) != simdjson::SUCCESS || object["payload"].get(payload) != simdjson::SUCCESS)
        return Done();
    m_root = payload;
    if (schema.is_object()) {
        std::size_t fields = 0;
        m_type = std::make_shared<const ConnectType>(typeOf(schema, 0, fields));
    }
    remember(bytes);
    return Done();
}

// The bytes in front of the payload are the ones of a message that was parsed whole. So this one is a document of exactly these two
// members when its payload and a closing brace follow, and nothing else does: a payload is one value to the parser.
bool ConnectJson::parseBehindKnown(std::string_view bytes)
{
    if (m_needsWhole || bytes.size() > LargestPayload)
        return false;
    const auto known = std::find_if(m_prefixes.begin(), m_prefixes.end(), [&](const Prefix &one) { return bytes.starts_with(one.text); });
    if (known == m_prefixes.end())
        return false;
    std::string_view payload = bytes.substr(known->text.size());
    payload = payload.substr(0, payload.find_last_not_of(" \t\r\n") + 1);
    if (!payload.ends_with('}'))
        return false;
    payload.remove_suffix(1);
    const auto parsed = parseJson(m_parser, payload);
    if (!parsed)
        return false;
    m_root = m_whole = *parsed;
    m_type = known->type;
    return true;
}

void ConnectJson::remember(std::string_view bytes)
{
    const std::size_t begin = m_needsWhole ? std::string_view::npos : payloadIn(bytes);
    if (begin == std::string_view::npos || begin > LongestPrefix)
        return;
    Prefix prefix{std::string(bytes.substr(0, begin)), m_type};
    if (m_prefixes.size() < MostPrefixes) {
        m_prefixes.push_back(std::move(prefix));
        return;
    }
    m_prefixes[m_oldest] = std::move(prefix);
    m_oldest = (m_oldest + 1) % MostPrefixes;
}

}
