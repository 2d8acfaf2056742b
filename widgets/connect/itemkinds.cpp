#include "widgets/connect/itemkinds.h"

#include "core/fields.h"
#include "core/text.h"
#include "decode/splitpattern.h"
#include "widgets/connect/itemnode.h"
#include "widgets/connect/itemroles.h"
#include "widgets/connect/patternparts.h"

#include <algorithm>

namespace sg {

namespace {

constexpr const char *BodyKeys[] = {"learn", "fields", "each", "split", "reading"};
constexpr const char *Separators = "./:|;";

bool meets(const std::string &where, const Node &wanted, const TextAt &textAt)
{
    const auto text = textAt(where);
    if (!text)
        return false;
    if (wanted.kind == Node::Kind::Scalar && wanted.scalar == "present")
        return true;
    const auto texts = readTexts(wanted);
    return std::any_of(texts.begin(), texts.end(), [&](const std::string &one) { return shown(one) == *text; });
}

const Node &othersOf(const Node &kind)
{
    return kind.has("else") ? kind["else"] : kind;
}

bool isBelow(const std::string &where, const std::string &pointer)
{
    return where.starts_with(pointer + "/");
}

// Nothing may be left that reads nothing.
void learnIfNothingIsRead(Node &body)
{
    if (body["fields"].map.empty() && !body.has("reading"))
        childOf(body, "learn") = Node::ofScalar("true");
}

template <class Pred> void dropFields(Node &body, const Pred &pred)
{
    auto &fields = childOf(body, "fields");
    std::erase_if(fields.map, [&](const auto &field) { return pred(field.second.text("at")); });
    if (fields.map.empty())
        eraseKey(body, "fields");
}

// Labels, notes and the time that stand at such places, of the kind and, where there are no kinds, of the source.
template <class Pred> void dropUses(Node &item, int kind, const Pred &pred)
{
    std::vector<std::string> places;
    for (const auto *map : {&bodyOf(std::as_const(item), kind)["labels"], &item["labels"], &item["notes"]})
        for (const auto &[name, place] : map->map)
            if (pred(place.scalar))
                places.push_back(place.scalar);
    for (const auto *time : {&bodyOf(std::as_const(item), kind)["time"], &item["time"]})
        if (time->has("at") && pred(time->text("at")))
            places.push_back(time->text("at"));
    for (const auto &place : places)
        setUse(item, place, {}, {}, {}, kind);
}

std::vector<std::string> namesIn(const std::string &pattern)
{
    std::vector<std::string> names;
    for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1))
        names.push_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
    return names;
}

}

bool canHaveKinds(const Node &item)
{
    const auto &decode = item["decode"];
    return decode.map.empty() || decode.map.front().first == "json" || decode.map.front().first == "avro"
        || decode.map.front().first == "protobuf";
}

Node &formatOf(Node &item)
{
    auto &decode = childOf(item, "decode");
    if (decode.map.empty())
        childOf(decode, "json") = mapNode();
    return decode.map.front().second;
}

const Node &formatOf(const Node &item)
{
    static const Node none;
    const auto &decode = item["decode"];
    return decode.map.empty() ? none : decode.map.front().second;
}

int kindOf(const Node &item, const TextAt &textAt)
{
    const auto &cases = formatOf(item)["cases"].list;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto &when = cases[i]["when"].map;
        const auto holds = [&](const auto &wanted) { return meets(wanted.first, wanted.second, textAt); };
        if (cases[i].has("else") || (!when.empty() && std::all_of(when.begin(), when.end(), holds)))
            return static_cast<int>(i);
    }
    return cases.empty() ? NoKinds : static_cast<int>(cases.size());
}

const Node &bodyOf(const Node &item, int kind)
{
    static const Node none;
    const auto &format = formatOf(item);
    const auto &cases = format["cases"].list;
    if (kind < 0)
        return format;
    return static_cast<std::size_t>(kind) < cases.size() ? othersOf(cases[static_cast<std::size_t>(kind)]) : none;
}

Node &bodyOf(Node &item, int kind)
{
    auto &format = formatOf(item);
    if (kind < 0)
        return format;
    auto &cases = childOf(format, "cases").list;
    if (static_cast<std::size_t>(kind) >= cases.size())
        cases.push_back(mapNode({{"else", mapNode()}}));
    auto &one = cases[std::min(static_cast<std::size_t>(kind), cases.size() - 1)];
    if (!one.has("else"))
        return one;
    auto &others = childOf(one, "else");
    if (others.kind != Node::Kind::Map)
        others = mapNode(); // they were ignored
    return others;
}

std::string placeIn(const Node &body, const std::string &where)
{
    const auto &each = body["each"];
    if (each.isMissing() || !isBelow(where, each.scalar))
        return where;
    const auto rest = where.substr(each.scalar.size() + 1);
    const auto digits = std::min(rest.find('/'), rest.size());
    const auto isNumber = digits > 0
        && std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(digits), [](char c) { return c >= '0' && c <= '9'; });
    return isNumber ? "item:" + rest.substr(digits) : where;
}

bool isOfItem(const std::string &where)
{
    return where.starts_with("item:") || where.starts_with("split:");
}

bool tellsKinds(const Node &item, const std::string &where)
{
    const auto &format = formatOf(item);
    const auto &cases = format["cases"].list;
    return !cases.empty() && (format.text("count_by") == where || std::any_of(cases.begin(), cases.end(), [&](const Node &one) {
                                  return one["when"].has(where);
                              }));
}

void setKinds(Node &item, const std::string &where, const std::vector<std::pair<std::string, Node>> &kinds)
{
    auto &format = formatOf(item);
    for (const auto *key : BodyKeys)
        eraseKey(format, key);
    Node cases;
    cases.kind = Node::Kind::List;
    for (const auto &[value, reads] : kinds) {
        // The word of the grammar stands alone, so as a value it stands in a list.
        auto one = mapNode({{"when", mapNode({{where, value == "present" ? listNode({value}) : Node::ofScalar(value)}})}});
        for (const auto *key : BodyKeys)
            if (reads.has(key))
                childOf(one, key) = reads[key];
        learnIfNothingIsRead(one);
        cases.list.push_back(std::move(one));
    }
    cases.list.push_back(mapNode({{"else", Node::ofScalar("ignore")}}));
    childOf(format, "count_by") = Node::ofScalar(where);
    childOf(format, "cases") = std::move(cases);
}

void dropKinds(Node &item)
{
    const auto cases = formatOf(std::as_const(item))["cases"].list;
    auto fields = mapNode();
    bool isLearning = false;
    for (const auto &one : cases) {
        const auto &body = othersOf(one);
        isLearning = isLearning || body.text("learn") == "true";
        for (const auto &[name, rule] : body["fields"].map)
            if (!isOfItem(rule.text("at")) && !fields.has(name))
                childOf(fields, name) = rule;
        for (const auto &[name, place] : body["labels"].map)
            if (!isOfItem(place.scalar) && !item["labels"].has(name))
                childOf(childOf(item, "labels"), name) = place;
    }
    auto &format = formatOf(item);
    eraseKey(format, "cases");
    eraseKey(format, "count_by");
    if (isLearning)
        childOf(format, "learn") = Node::ofScalar("true");
    if (!fields.map.empty())
        childOf(format, "fields") = std::move(fields);
    learnIfNothingIsRead(format);
}

void setEach(Node &item, int kind, const std::string &pointer, const Node &reads)
{
    if (bodyOf(std::as_const(item), kind).has("each"))
        dropEach(item, kind);
    auto &body = bodyOf(item, kind);
    dropFields(body, [&](const std::string &at) { return isBelow(at, pointer); });
    childOf(body, "each") = Node::ofScalar(pointer);
    if (reads.has("reading")) {
        childOf(body, "reading") = reads["reading"];
        eraseKey(body, "learn");
    } else if (body.text("learn") != "true") {
        for (const auto &[name, rule] : reads["fields"].map)
            childOf(childOf(body, "fields"), name) = rule;
    }
    learnIfNothingIsRead(body);
}

void dropEach(Node &item, int kind)
{
    const auto isItems = [](const std::string &where) { return where.starts_with("item:"); };
    if (isItems(bodyOf(std::as_const(item), kind)["split"].text("at")))
        dropSplit(item, kind);
    dropUses(item, kind, isItems);
    auto &body = bodyOf(item, kind);
    eraseKey(body, "each");
    if (isItems(body["reading"].text("value")) || isItems(body["reading"].text("field")))
        eraseKey(body, "reading");
    dropFields(body, isItems);
    learnIfNothingIsRead(body);
}

std::string splitFor(const std::string &text)
{
    const auto separator = text.find_first_of(Separators);
    const auto divides = [](const std::vector<PatternPart> &parts) {
        return parts.size() > 1 && std::none_of(parts.begin(), parts.end(), [](const PatternPart &one) { return one.text.empty(); });
    };
    auto parts = partsOf(text, separator == std::string::npos ? '.' : text[separator]);
    if (!divides(parts))
        return {};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].text = i + 1 == parts.size() ? "point" : labelNameFor(parts, i);
        parts[i].isLabel = true;
    }
    return patternOf(parts);
}

Result<Done> setSplit(Node &item, int kind, const std::string &where, const std::string &pattern, const std::string &value)
{
    if (const auto read = SplitPattern::parse(pattern); !read)
        return read.error();
    if (bodyOf(std::as_const(item), kind).has("split"))
        dropSplit(item, kind);
    auto names = namesIn(pattern);
    {
        auto &body = bodyOf(item, kind);
        childOf(body, "split") = mapNode({{"at", Node::ofScalar(where)}, {"as", Node::ofScalar(pattern)}});
        if (body.has("reading") || !value.empty()) {
            const auto field = Node::ofScalar("split:" + names.back());
            if (body.has("reading"))
                childOf(childOf(body, "reading"), "field") = field;
            else
                childOf(body, "reading") = mapNode({{"field", field}, {"value", Node::ofScalar(value)}});
            names.pop_back();
            eraseKey(body, "learn"); // what is read is what the name says
            dropFields(body, [&](const std::string &at) { return at == value; });
        }
    }
    for (const auto &name : names)
        setUse(item, "split:" + name, {PlaceRole::Label, name}, {}, {}, kind);
    return Done();
}

void dropSplit(Node &item, int kind)
{
    const auto isPart = [](const std::string &where) { return where.starts_with("split:"); };
    dropUses(item, kind, isPart);
    auto &body = bodyOf(item, kind);
    const auto at = body["split"]["at"];
    eraseKey(body, "split");
    if (isPart(body["reading"].text("field")))
        childOf(childOf(body, "reading"), "field") = at; // the whole text names it
    dropFields(body, isPart);
    learnIfNothingIsRead(body);
}

std::vector<std::pair<std::string, std::string>> splitParts(const std::string &pattern, const std::string &text)
{
    std::vector<std::pair<std::string, std::string>> out;
    const auto read = SplitPattern::parse(pattern);
    std::vector<std::string_view> parts;
    if (!read || !read->match(text, parts))
        return out;
    const auto names = namesIn(pattern);
    for (std::size_t i = 0; i < std::min(names.size(), parts.size()); ++i)
        out.emplace_back(names[i], parts[i]);
    return out;
}

}
