#include "widgets/connect/itemroles.h"

#include "widgets/connect/itemnode.h"

#include <algorithm>

namespace sg {

namespace {

// The map of the format: decode: { json: {...} }.
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

void dropFrom(Node &item, std::string_view list, std::string_view name)
{
    auto &map = childOf(item, list);
    eraseKey(map, name);
    if (map.map.empty())
        eraseKey(item, list);
}

void dropUse(Node &item, const std::string &where)
{
    const auto use = useOf(item, where);
    switch (use.role) {
    case PlaceRole::None:
        break;
    case PlaceRole::Field: {
        auto &format = formatOf(item);
        auto &fields = childOf(format, "fields");
        eraseKey(fields, use.name);
        if (fields.map.empty())
            eraseKey(format, "fields");
        break;
    }
    case PlaceRole::Label: {
        dropFrom(item, "labels", use.name);
        auto &path = childOf(item, "path");
        std::erase_if(path.list, [&](const Node &label) { return label.scalar == use.name; });
        break;
    }
    case PlaceRole::Note:
        dropFrom(item, "notes", use.name);
        break;
    case PlaceRole::Stamp:
        childOf(item, "time") = mapNode({{"basis", Node::ofScalar("arrival")}});
        break;
    }
}

}

PlaceUse useOf(const Node &item, const std::string &where)
{
    for (const auto &[name, field] : formatOf(item)["fields"].map)
        if (field.text("at") == where || (field.kind == Node::Kind::Scalar && field.scalar == where))
            return {PlaceRole::Field, name};
    for (const auto &[name, label] : item["labels"].map)
        if (label.scalar == where)
            return {PlaceRole::Label, name};
    for (const auto &[name, note] : item["notes"].map)
        if (note.scalar == where)
            return {PlaceRole::Note, name};
    if (item["time"].text("at") == where)
        return {PlaceRole::Stamp, {}};
    // A name in the path without an entry is the capture or the column of that name.
    for (const auto &label : item["path"].list)
        if (!item["labels"].has(label.scalar) && (where == "topic:" + label.scalar || where == "column:" + label.scalar))
            return {PlaceRole::Label, label.scalar};
    return {};
}

void setUse(Node &item, const std::string &where, const PlaceUse &use, const std::string &rule, const Node &stamp)
{
    dropUse(item, where);
    switch (use.role) {
    case PlaceRole::None:
        break;
    case PlaceRole::Field: {
        auto &fields = childOf(formatOf(item), "fields");
        const auto made = flowNode(rule);
        childOf(fields, use.name) = made.kind == Node::Kind::Map ? made : mapNode({{"at", Node::ofScalar(where)}});
        break;
    }
    case PlaceRole::Label: {
        const auto isNamed = where == "topic:" + use.name || where == "column:" + use.name;
        if (!isNamed)
            childOf(childOf(item, "labels"), use.name) = Node::ofScalar(where);
        auto &path = childOf(item, "path");
        path.kind = Node::Kind::List;
        if (std::none_of(path.list.begin(), path.list.end(), [&](const Node &label) { return label.scalar == use.name; }))
            path.list.push_back(Node::ofScalar(use.name));
        break;
    }
    case PlaceRole::Note:
        childOf(childOf(item, "notes"), use.name) = Node::ofScalar(where);
        break;
    case PlaceRole::Stamp: {
        auto time
            = mapNode({{"basis", Node::ofScalar(where.starts_with("column:") ? "database" : "message")}, {"at", Node::ofScalar(where)}});
        for (const auto &[key, value] : stamp.map)
            childOf(time, key) = value;
        childOf(item, "time") = time;
        break;
    }
    }
}

std::string labelName(const std::string &name)
{
    std::string out;
    for (const char c : name) {
        const auto small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const auto isPlain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
        if (isPlain)
            out += small;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (out.ends_with('_'))
        out.pop_back();
    return out.empty() || out.front() < 'a' ? "x" + out : out;
}

bool isLearning(const Node &item)
{
    return formatOf(item).text("learn") == "true";
}

void setLearning(Node &item, bool isLearning)
{
    auto &format = formatOf(item);
    if (isLearning)
        childOf(format, "learn") = Node::ofScalar("true");
    else
        eraseKey(format, "learn");
}

}
