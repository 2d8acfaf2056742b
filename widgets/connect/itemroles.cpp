#include "widgets/connect/itemroles.h"

#include "widgets/connect/itemnode.h"

#include <algorithm>

namespace sg {

namespace {

void dropFrom(Node &map, std::string_view list, std::string_view name)
{
    auto &names = childOf(map, list);
    eraseKey(names, name);
    if (names.map.empty())
        eraseKey(map, list);
}

// What a kind of messages says itself goes before what is said for all of them; without kinds there is only the latter.
bool isOwn(const Node &item, int kind, std::string_view map, const std::string &name)
{
    return kind != NoKinds && bodyOf(item, kind)[map].has(name);
}

void dropLabel(Node &item, const std::string &name)
{
    dropFrom(item, "labels", name);
    auto &path = childOf(item, "path");
    std::erase_if(path.list, [&](const Node &label) { return label.scalar == name; });
}

void dropUse(Node &item, const std::string &where, int kind)
{
    const auto use = useOf(item, where, kind);
    switch (use.role) {
    case PlaceRole::None:
        break;
    case PlaceRole::Field:
        dropFrom(bodyOf(item, kind), "fields", use.name);
        if (bodyOf(std::as_const(item), kind)["reading"].text("value") == where)
            eraseKey(bodyOf(item, kind), "reading");
        break;
    case PlaceRole::Label: {
        if (isOwn(item, kind, "labels", use.name)) {
            dropFrom(bodyOf(item, kind), "labels", use.name);
            if (item["labels"].has(use.name))
                break; // other kinds have it
        }
        dropLabel(item, use.name);
        break;
    }
    case PlaceRole::Note:
        dropFrom(item, "notes", use.name);
        break;
    case PlaceRole::Stamp:
        if (kind != NoKinds && bodyOf(std::as_const(item), kind).has("time"))
            eraseKey(bodyOf(item, kind), "time");
        else
            childOf(item, "time") = mapNode({{"basis", Node::ofScalar("arrival")}});
        break;
    }
}

void setLabel(Node &item, const std::string &where, const std::string &name, int kind)
{
    // The stand-in of a source that had no label yet has done its work.
    if (item["labels"]["thing"].text("value") == "-")
        dropLabel(item, "thing");
    auto &path = childOf(item, "path");
    path.kind = Node::Kind::List;
    if (std::none_of(path.list.begin(), path.list.end(), [&](const Node &label) { return label.scalar == name; }))
        path.list.push_back(Node::ofScalar(name));
    // Another kind of messages may have it elsewhere.
    const auto &there = std::as_const(item)["labels"][name];
    const auto isElsewhere = kind != NoKinds && (isOfItem(where) || (!there.isMissing() && there.scalar != where));
    const auto isNamed = where == "topic:" + name || where == "column:" + name;
    if (isElsewhere)
        childOf(childOf(bodyOf(item, kind), "labels"), name) = Node::ofScalar(where);
    else if (!isNamed)
        childOf(childOf(item, "labels"), name) = Node::ofScalar(where);
}

}

PlaceUse useOf(const Node &item, const std::string &where, int kind)
{
    const auto &body = bodyOf(item, kind);
    for (const auto &[name, field] : body["fields"].map)
        if (field.text("at") == where || (field.kind == Node::Kind::Scalar && field.scalar == where))
            return {PlaceRole::Field, name};
    if (body["reading"].text("value") == where)
        return {PlaceRole::Field, body["reading"].text("field")};
    if (kind != NoKinds)
        for (const auto &[name, label] : body["labels"].map)
            if (label.scalar == where)
                return {PlaceRole::Label, name};
    for (const auto &[name, label] : item["labels"].map)
        if (label.scalar == where && !isOwn(item, kind, "labels", name))
            return {PlaceRole::Label, name};
    for (const auto &[name, note] : item["notes"].map)
        if (note.scalar == where)
            return {PlaceRole::Note, name};
    const auto &time = kind != NoKinds && body.has("time") ? body["time"] : item["time"];
    if (time.text("at") == where)
        return {PlaceRole::Stamp, {}};
    // A name in the path without an entry is the capture or the column of that name.
    for (const auto &label : item["path"].list)
        if (!item["labels"].has(label.scalar) && !isOwn(item, kind, "labels", label.scalar)
            && (where == "topic:" + label.scalar || where == "column:" + label.scalar))
            return {PlaceRole::Label, label.scalar};
    return {};
}

void setUse(Node &item, const std::string &where, const PlaceUse &use, const std::string &rule, const Node &stamp, int kind)
{
    dropUse(item, where, kind);
    switch (use.role) {
    case PlaceRole::None:
        break;
    case PlaceRole::Field: {
        const auto made = flowNode(rule);
        childOf(childOf(bodyOf(item, kind), "fields"), use.name)
            = made.kind == Node::Kind::Map ? made : mapNode({{"at", Node::ofScalar(where)}});
        break;
    }
    case PlaceRole::Label:
        setLabel(item, where, use.name, kind);
        break;
    case PlaceRole::Note:
        childOf(childOf(item, "notes"), use.name) = Node::ofScalar(where);
        break;
    case PlaceRole::Stamp: {
        auto time
            = mapNode({{"basis", Node::ofScalar(where.starts_with("column:") ? "database" : "message")}, {"at", Node::ofScalar(where)}});
        for (const auto &[key, value] : stamp.map)
            childOf(time, key) = value;
        const auto &there = std::as_const(item)["time"];
        const auto isElsewhere = kind != NoKinds && (isOfItem(where) || there.has("at"));
        childOf(isElsewhere ? bodyOf(item, kind) : item, "time") = time;
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

bool isLearning(const Node &item, int kind)
{
    return bodyOf(item, kind).text("learn") == "true";
}

void setLearning(Node &item, bool isLearning, int kind)
{
    auto &body = bodyOf(item, kind);
    if (isLearning)
        childOf(body, "learn") = Node::ofScalar("true");
    else
        eraseKey(body, "learn");
}

}
