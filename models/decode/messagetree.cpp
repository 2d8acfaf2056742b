#include "decode/messagetree.h"

#include "core/text.h"
#include "decode/compressed.h"
#include "decode/decoder.h"
#include "decode/framing.h"

namespace sg {

namespace {

constexpr std::size_t LongestShown = 200; // bytes of a value
constexpr std::size_t LongestShownName = 80;
constexpr std::size_t MostHeaders = 100;
constexpr std::size_t MostColumns = 500;
constexpr std::size_t DeepestPointer = 32; // Where takes no deeper one

TreeNode::Kind kindOf(JsonNode::Kind kind)
{
    switch (kind) {
    case JsonNode::Kind::Null:
        return TreeNode::Kind::Null;
    case JsonNode::Kind::Bool:
        return TreeNode::Kind::Bool;
    case JsonNode::Kind::Number:
        return TreeNode::Kind::Number;
    case JsonNode::Kind::Text:
        return TreeNode::Kind::Text;
    case JsonNode::Kind::Object:
        return TreeNode::Kind::Object;
    case JsonNode::Kind::Array:
        return TreeNode::Kind::Array;
    }
    return TreeNode::Kind::Null;
}

TreeNode leaf(std::string name, std::string where, std::string_view value, TreeNode::Kind kind = TreeNode::Kind::Text)
{
    TreeNode node;
    node.kind = kind;
    node.name = std::move(name);
    node.where = std::move(where);
    node.value = shown(value, LongestShown);
    return node;
}

// `root` stands before the pointer: "", "envelope:", "key:", "column:n".
TreeNode ofJson(const JsonNode &json, const std::string &name, const std::string &root, const std::string &pointer, std::size_t depth)
{
    TreeNode node;
    node.kind = kindOf(json.kind);
    node.name = shown(name, LongestShownName);
    if (!pointer.empty() && depth <= DeepestPointer)
        node.where = root + pointer;
    node.hidden = json.hidden;
    switch (json.kind) {
    case JsonNode::Kind::Null:
        node.value = "null";
        break;
    case JsonNode::Kind::Bool:
    case JsonNode::Kind::Number:
    case JsonNode::Kind::Text:
        node.value = shown(json.text, LongestShown);
        break;
    case JsonNode::Kind::Object:
        node.value = "{" + std::to_string(json.children.size() + json.hidden) + "}";
        break;
    case JsonNode::Kind::Array:
        node.value = "[" + std::to_string(json.children.size() + json.hidden) + "]";
        break;
    }
    for (const JsonNode &child : json.children)
        node.children.push_back(ofJson(child, child.name, root, pointer + "/" + pointerToken(child.name), depth + 1));
    return node;
}

TreeNode ofCell(const BrowsedMessage::Cell &cell)
{
    const std::string where = "column:" + cell.column;
    const std::string name = shown(cell.column, LongestShownName);
    if (!cell.text)
        return leaf(name, where, "NULL", TreeNode::Kind::Null);
    if (!cell.isNumber && !cell.isBool && (cell.text->starts_with('{') || cell.text->starts_with('[')))
        if (const auto json = parseJsonTree(*cell.text)) {
            TreeNode node = ofJson(*json, cell.column, where, {}, 0);
            node.where = where;
            return node;
        }
    return leaf(name, where, *cell.text,
                cell.isNumber     ? TreeNode::Kind::Number
                    : cell.isBool ? TreeNode::Kind::Bool
                                  : TreeNode::Kind::Text);
}

TreeNode group(const char *name)
{
    TreeNode node;
    node.name = name;
    return node;
}

void addValue(const BrowsedMessage &message, Unwrap unwrap, std::vector<TreeNode> &out)
{
    Inflater inflater(LargestPayload);
    std::string_view payload = message.payload;
    if (Inflater::isCompressed(payload))
        if (const auto unpacked = inflater.unpack(payload))
            payload = *unpacked;
    if (const auto framing = Framing::in(payload); framing && framing->mayBeJson())
        payload = framing->rest;
    const auto document = parseJsonTree(payload);
    if (!document) {
        out.push_back(leaf("value", {}, payload));
        return;
    }
    const JsonNode *value = unwrapped(*document, unwrap);
    if (value)
        out.push_back(ofJson(*value, "value", {}, {}, 0));
    if (value != &*document)
        out.push_back(ofJson(envelopeOf(*document, unwrap), "envelope", "envelope:", {}, 0));
}

TreeNode ofKey(const BrowsedMessage &message, Unwrap unwrap)
{
    if (message.key.starts_with('{'))
        if (const auto document = parseJsonTree(message.key)) {
            const JsonNode *key = unwrapped(*document, unwrap == Unwrap::None ? Unwrap::None : Unwrap::Auto);
            TreeNode node = ofJson(*key, "key", "key:", {}, 0);
            node.where = "key:";
            return node;
        }
    return leaf("key", "key:", message.key);
}

}

std::vector<TreeNode> tree(const BrowsedMessage &message, Unwrap unwrap, const TopicChoice *topics)
{
    std::vector<TreeNode> out;
    if (!message.cells.empty()) {
        TreeNode columns = group("columns");
        for (const auto &cell : message.cells)
            if (columns.children.size() < MostColumns)
                columns.children.push_back(ofCell(cell));
            else
                ++columns.hidden;
        out.push_back(std::move(columns));
    } else if (message.isTombstone) {
        out.push_back(leaf("value", {}, "null", TreeNode::Kind::Null));
    } else {
        addValue(message, unwrap, out);
    }
    if (message.hasKey)
        out.push_back(ofKey(message, unwrap));
    if (!message.headers.empty()) {
        TreeNode headers = group("headers");
        for (const auto &[name, value] : message.headers)
            if (headers.children.size() < MostHeaders)
                headers.children.push_back(leaf(shown(name, LongestShownName), "header:" + name, value));
            else
                ++headers.hidden;
        out.push_back(std::move(headers));
    }
    if (!message.topic.empty() && message.cells.empty()) {
        TreeNode topic = leaf("topic", {}, message.topic);
        if (const auto captures = topics ? topics->match(message.topic) : std::nullopt)
            for (const auto &[name, value] : *captures)
                topic.children.push_back(leaf(name, "topic:" + name, value));
        out.push_back(std::move(topic));
    }
    return out;
}

}
