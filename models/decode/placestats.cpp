#include "decode/placestats.h"

#include "core/text.h"
#include "core/times.h"
#include "decode/payloadlook.h"
#include "decode/value.h"

namespace sg {

namespace {

constexpr std::size_t MostStamps = 200;
constexpr std::size_t MostItems = 8; // of a list of single values
constexpr std::size_t LongestKindText = 64; // a text that tells kinds of messages apart
constexpr std::size_t DeepestPlace = 16;
constexpr std::size_t MostShapes = 2000;
constexpr std::size_t LongestValue = 120; // bytes kept of one

}

void PlaceStats::begin(const BrowsedMessage &message)
{
    ++messages;
    m_reference = message.brokerTime.value_or(message.arrival);
    if (shapes.size() < MostShapes)
        shapes.emplace_back();
}

PlaceSeen *PlaceStats::place(const std::string &where, const std::vector<std::string> &tokens)
{
    const auto found = m_byWhere.find(where);
    if (found != m_byWhere.end())
        return &places[found->second];
    if (places.size() >= Recognition::MostPlaces) {
        ++hidden;
        return nullptr;
    }
    m_byWhere.emplace(where, places.size());
    places.emplace_back();
    places.back().where = where;
    places.back().tokens = tokens;
    return &places.back();
}

void PlaceStats::note(PlaceSeen &seen, JsonNode::Kind kind, std::string_view text)
{
    if (seen.seen != messages) {
        seen.seen = messages;
        ++seen.messages;
        if (shapes.size() == messages)
            shapes.back().places.insert(static_cast<std::size_t>(&seen - places.data()));
    }
    switch (kind) {
    case JsonNode::Kind::Null:
        ++seen.nulls;
        return;
    case JsonNode::Kind::Bool:
        ++seen.bools;
        break;
    case JsonNode::Kind::Number: {
        ++seen.numbers;
        const auto number = numberIn(text);
        seen.wholes += number && number->kind == Value::Kind::Integer ? 1 : 0;
        break;
    }
    case JsonNode::Kind::Text:
        ++seen.texts;
        seen.longest = std::max(seen.longest, text.size());
        if (parseNumber(text))
            ++seen.numericTexts;
        else if (isDecimalComma(text))
            ++seen.commaTexts;
        else if (text.size() >= 10 && text.size() <= 40 && parseIso(text))
            ++seen.isoZoned;
        else if (text.size() >= 10 && text.size() <= 40 && parseIso(text, "UTC"))
            ++seen.isoBare;
        break;
    case JsonNode::Kind::Object:
    case JsonNode::Kind::Array:
        return;
    }
    seen.sample = text.substr(0, LongestValue);
    if (seen.values.size() < Recognition::MostDistinct)
        seen.values.emplace(text.substr(0, LongestValue));
    else
        seen.isMore = seen.isMore || !seen.values.contains(text);
    if (seen.stamps.size() < MostStamps)
        seen.stamps.push_back({std::string(text.substr(0, LongestKindText)), m_reference});
    if (kind == JsonNode::Kind::Text && text.size() <= LongestKindText && shapes.size() == messages)
        shapes.back().texts.emplace(static_cast<std::size_t>(&seen - places.data()), text);
}

void PlaceStats::walk(const JsonNode &node, const std::string &root, std::string pointer, std::vector<std::string> &tokens, bool isItem)
{
    if (tokens.size() > DeepestPlace)
        return;
    if (node.kind == JsonNode::Kind::Object) {
        for (const JsonNode &child : node.children) {
            tokens.push_back(child.name);
            const std::string below = pointer + "/" + pointerToken(child.name);
            if (root.empty() && child.kind != JsonNode::Kind::Object && shapes.size() == messages)
                shapes.back().names ^= StableHash().add(below).value(); // whatever their order
            walk(child, root, below, tokens, isItem);
            tokens.pop_back();
        }
        return;
    }
    if (node.kind == JsonNode::Kind::Array) {
        if (!isItem)
            addList(node, root, pointer, tokens);
        return;
    }
    if (pointer.empty() && root.empty())
        return;
    if (PlaceSeen *seen = place(root + pointer, tokens)) {
        seen->isOutside = root == "key:";
        seen->isItem = isItem;
        seen->isDecimal = root.empty() && decimals.contains(pointer);
        note(*seen, node.kind, node.text);
    }
}

void PlaceStats::addList(const JsonNode &node, const std::string &root, const std::string &pointer, std::vector<std::string> &tokens)
{
    const auto isObject = [](const JsonNode &item) { return item.kind == JsonNode::Kind::Object; };
    if (root.empty() && !node.children.empty() && std::all_of(node.children.begin(), node.children.end(), isObject)) {
        if (lists.size() < Recognition::MostPlaces)
            ++lists[pointer];
        if (lists.begin()->first != pointer)
            return; // one list can be read item by item
        for (const JsonNode &item : node.children) {
            std::vector<std::string> itemTokens;
            walk(item, "item:", {}, itemTokens, true);
        }
        return;
    }
    for (const JsonNode &item : node.children) {
        if (item.isContainer() || tokens.size() >= DeepestPlace || &item - node.children.data() >= static_cast<std::ptrdiff_t>(MostItems))
            continue;
        tokens.push_back(item.name);
        walk(item, root, pointer + "/" + item.name, tokens, false);
        tokens.pop_back();
    }
}

void PlaceStats::addJson(const JsonNode &value, const std::string &root)
{
    std::vector<std::string> tokens;
    if (root.starts_with("column:"))
        tokens.push_back(root.substr(7));
    walk(value, root, {}, tokens, false);
}

void PlaceStats::addText(const std::string &where, const std::string &name, std::string_view text, bool isOutside)
{
    if (!isUtf8(text))
        return;
    if (PlaceSeen *seen = place(where, {name})) {
        seen->isOutside = isOutside;
        note(*seen, JsonNode::Kind::Text, text);
    }
}

void PlaceStats::addNumber(const std::string &where, const std::string &name, std::string_view text)
{
    if (PlaceSeen *seen = place(where, {name})) {
        seen->isOutside = true;
        note(*seen, JsonNode::Kind::Number, text);
    }
}

void PlaceStats::addCell(const BrowsedMessage::Cell &cell)
{
    const std::string where = "column:" + cell.column;
    if (cell.text && !cell.isNumber && !cell.isBool && (cell.text->starts_with('{') || cell.text->starts_with('[')))
        if (const auto json = parseJsonTree(*cell.text)) {
            addJson(*json, where);
            return;
        }
    if (PlaceSeen *seen = place(where, {cell.column}))
        note(*seen,
             !cell.text          ? JsonNode::Kind::Null
                 : cell.isNumber ? JsonNode::Kind::Number
                 : cell.isBool   ? JsonNode::Kind::Bool
                                 : JsonNode::Kind::Text,
             cell.text ? std::string_view(*cell.text) : std::string_view());
}

}
