#include "decode/jsonnode.h"

#include "core/json.h"
#include "core/text.h"
#include "decode/decoder.h"
#include "decode/jsonparser.h"

namespace sg {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

class TreeBuilder
{
public:
    JsonNode build(const element &at, std::size_t depth)
    {
        ++m_nodes;
        JsonNode node;
        switch (at.type()) {
        case element_type::OBJECT:
            node.kind = JsonNode::Kind::Object;
            for (const auto member : simdjson::dom::object(at))
                add(node, std::string(member.key), member.value, depth);
            break;
        case element_type::ARRAY: {
            node.kind = JsonNode::Kind::Array;
            std::size_t index = 0;
            for (const element item : simdjson::dom::array(at))
                add(node, std::to_string(index++), item, depth);
            break;
        }
        case element_type::STRING:
            node.kind = JsonNode::Kind::Text;
            node.text = std::string(at.get_string().value_unsafe());
            break;
        case element_type::BOOL:
            node.kind = JsonNode::Kind::Bool;
            node.text = at.get_bool().value_unsafe() ? "true" : "false";
            break;
        case element_type::INT64:
            node.kind = JsonNode::Kind::Number;
            node.text = std::to_string(at.get_int64().value_unsafe());
            break;
        case element_type::UINT64:
            node.kind = JsonNode::Kind::Number;
            node.text = std::to_string(at.get_uint64().value_unsafe());
            break;
        case element_type::DOUBLE:
            node.kind = JsonNode::Kind::Number;
            node.text = formatNumber(at.get_double().value_unsafe());
            break;
        case element_type::NULL_VALUE:
            break;
#if SIMDJSON_VERSION_MAJOR > 3 || (SIMDJSON_VERSION_MAJOR == 3 && SIMDJSON_VERSION_MINOR > 13)
        default: // kinds of number that later versions add
            break;
#endif
        }
        return node;
    }

private:
    void add(JsonNode &parent, std::string name, const element &at, std::size_t depth)
    {
        if (m_nodes >= MostTreeNodes || depth >= DeepestTree) {
            ++parent.hidden;
            return;
        }
        JsonNode child = build(at, depth + 1);
        child.name = std::move(name);
        parent.children.push_back(std::move(child));
    }

    std::size_t m_nodes = 0;
};

// Of a Debezium document in either form: with its schema around it or without.
const JsonNode &changeOf(const JsonNode &document)
{
    return isConnectJson(document) ? *document.find("payload") : document;
}

void addDecimals(const JsonNode &schema, const std::string &pointer, std::set<std::string> &out)
{
    if (const JsonNode *name = schema.find("name"); name && name->text == "org.apache.kafka.connect.data.Decimal")
        out.insert(pointer);
    if (const JsonNode *fields = schema.find("fields"))
        for (const JsonNode &field : fields->children)
            if (const JsonNode *name = field.find("field"))
                addDecimals(field, pointer + "/" + pointerToken(name->text), out);
}

bool isWord(std::string_view text)
{
    static constexpr std::string_view words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    std::string lower;
    for (const char c : text)
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return std::find(std::begin(words), std::end(words), lower) != std::end(words);
}

}

const JsonNode *JsonNode::find(std::string_view child) const
{
    if (!isContainer())
        return nullptr;
    const auto found = std::find_if(children.begin(), children.end(), [&](const JsonNode &node) { return node.name == child; });
    return found == children.end() ? nullptr : &*found;
}

Result<JsonNode> parseJsonTree(std::string_view bytes)
{
    if (bytes.empty())
        return Error{SG_TR("an empty payload; expected a JSON object"), {}, {}};
    simdjson::dom::parser parser(LargestPayload);
    element root;
    const auto error = parser.parse(bytes.data(), bytes.size()).get(root);
    if (error != simdjson::SUCCESS)
        return Error{SG_TR("no JSON: %1"), {simdjson::error_message(error)}, {}};
    return TreeBuilder().build(root, 0);
}

bool isConnectJson(const JsonNode &document)
{
    return document.kind == JsonNode::Kind::Object && document.children.size() == 2 && document.find("schema") && document.find("payload");
}

bool isDebezium(const JsonNode &document)
{
    const JsonNode &change = changeOf(document);
    const JsonNode *op = change.find("op");
    return op && op->kind == JsonNode::Kind::Text && op->text.size() == 1 && (change.find("after") || change.find("before"))
        && change.find("source");
}

const JsonNode *unwrapped(const JsonNode &document, Unwrap unwrap)
{
    switch (unwrap) {
    case Unwrap::None:
        return &document;
    case Unwrap::Auto:
        return &changeOf(document);
    case Unwrap::Debezium: {
        if (!isDebezium(document))
            return &changeOf(document);
        const JsonNode &change = changeOf(document);
        const JsonNode *row = change.find(change.find("op")->text == "d" ? "before" : "after");
        return row && row->kind == JsonNode::Kind::Object ? row : nullptr;
    }
    }
    return &document;
}

std::set<std::string> decimalPlaces(const JsonNode &document, Unwrap unwrap)
{
    std::set<std::string> out;
    if (!isConnectJson(document) || unwrap == Unwrap::None)
        return out;
    const JsonNode *schema = document.find("schema");
    if (unwrap == Unwrap::Debezium && isDebezium(document)) {
        const JsonNode *fields = schema->find("fields");
        schema = nullptr;
        for (std::size_t i = 0; fields && i < fields->children.size(); ++i)
            if (const JsonNode *name = fields->children[i].find("field"); name && name->text == "after")
                schema = &fields->children[i];
    }
    if (schema)
        addDecimals(*schema, {}, out);
    return out;
}

const JsonNode &envelopeOf(const JsonNode &document, Unwrap unwrap)
{
    return unwrap == Unwrap::Debezium ? changeOf(document) : document;
}

std::string pointerToken(std::string_view name)
{
    std::string out;
    for (const char c : name)
        if (c == '~' || c == '/')
            out += c == '~' ? "~0" : "~1";
        else
            out += c;
    return out;
}

std::string flowText(std::string_view text)
{
    const auto isSafe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '.' || c == '-';
    };
    const bool begins = !text.empty()
        && ((text.front() >= 'a' && text.front() <= 'z') || (text.front() >= 'A' && text.front() <= 'Z')
            || (text.front() == '/' && text.size() > 1));
    if (begins && std::all_of(text.begin(), text.end(), isSafe) && !isWord(text) && text.back() != '-')
        return std::string(text);
    return jsonText(text);
}

}
