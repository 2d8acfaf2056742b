#include "widgets/connect/itemnode.h"

#include "widgets/forms/itemedit.h"
#include "workspace/workspace.h"

#include <algorithm>
#include <array>

namespace sg {

namespace {

constexpr std::array Order{"id", "enabled", "demo", "kafka", "mqtt", "postgres", "path", "labels", "notes", "time", "decode"};

// Keys whose values are numbers, durations or true and false: they stand plain, as people write them. Everything else is a text.
constexpr std::array Typed{"port",  "qos",   "version", "learn", "scale",   "offset", "bit",        "digits",     "lateness",
                           "delay", "every", "overlap", "start", "enabled", "count",  "max_series", "keep_alive", "spool_mb"};

bool isPlainWord(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+';
    });
}

std::string valueYaml(const std::string &key, const Node &value)
{
    const bool isTyped = std::find(Typed.begin(), Typed.end(), key) != Typed.end();
    return value.kind == Node::Kind::Scalar && isTyped && isPlainWord(value.scalar) ? value.scalar : flowYaml(value);
}

std::size_t rankOf(const std::string &key)
{
    return static_cast<std::size_t>(std::find(Order.begin(), Order.end(), key) - Order.begin());
}

// What setValue() can point at: its keys are split at a slash.
bool isPlainMap(const Node &node)
{
    return node.kind == Node::Kind::Map && !node.map.empty()
        && std::all_of(node.map.begin(), node.map.end(), [](const auto &entry) { return entry.first.find('/') == std::string::npos; });
}

using Apply = std::function<std::optional<Error>(const std::string &path, const Node *after)>;

// Calls `apply` for each value that differs; null: the key goes.
std::optional<Error> eachDifference(const std::string &prefix, const Node &before, const Node &after, const Apply &apply)
{
    for (const auto &[key, value] : after.map) {
        const Node &was = before[key];
        if (was.saysTheSame(value))
            continue;
        const auto path = prefix + key;
        const auto failed = isPlainMap(was) && isPlainMap(value) ? eachDifference(path + "/", was, value, apply) : apply(path, &value);
        if (failed)
            return failed;
    }
    for (const auto &[key, value] : before.map)
        if (!after.has(key))
            if (auto failed = apply(prefix + key, nullptr))
                return failed;
    return std::nullopt;
}

}

Node mapNode(std::vector<std::pair<std::string, Node>> entries)
{
    Node node;
    node.kind = Node::Kind::Map;
    node.map = std::move(entries);
    return node;
}

Node listNode(const std::vector<std::string> &texts)
{
    Node node;
    node.kind = Node::Kind::List;
    for (const auto &text : texts)
        node.list.push_back(Node::ofScalar(text));
    return node;
}

Node &childOf(Node &map, std::string_view key)
{
    map.kind = Node::Kind::Map;
    for (auto &[name, value] : map.map)
        if (name == key)
            return value;
    return map.map.emplace_back(std::string(key), Node()).second;
}

void eraseKey(Node &map, std::string_view key)
{
    std::erase_if(map.map, [&](const auto &entry) { return entry.first == key; });
}

Node flowNode(const std::string &yaml)
{
    const auto read = parseYaml("value: " + yaml + "\n", "");
    return read ? (*read)["value"] : Node();
}

std::string flowYaml(const Node &node)
{
    switch (node.kind) {
    case Node::Kind::Missing:
        return "{}";
    case Node::Kind::Scalar:
        return sg::quoted(node.scalar);
    case Node::Kind::List: {
        std::string out = "[";
        for (const auto &one : node.list)
            out += (out.size() > 1 ? ", " : "") + flowYaml(one);
        return out + "]";
    }
    case Node::Kind::Map: {
        std::string out;
        for (const auto &[key, value] : node.map)
            out += (out.empty() ? "" : ", ") + sg::quoted(key) + ": " + valueYaml(key, value);
        return out.empty() ? "{}" : "{ " + out + " }";
    }
    }
    return {};
}

std::string itemYaml(const Node &item)
{
    auto entries = item.map;
    std::stable_sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) { return rankOf(a.first) < rankOf(b.first); });
    std::string out;
    for (const auto &[key, value] : entries)
        out += (out.empty() ? "" : "\n") + sg::quoted(key) + ": " + valueYaml(key, value);
    return out;
}

Result<TextEdit> changeItem(const std::string &file, const std::string &text, const std::string &list, const std::string &id,
                            const Node &before, const Node &after)
{
    auto now = text;
    const auto failed = eachDifference({}, before, after, [&](const std::string &path, const Node *value) -> std::optional<Error> {
        const auto edit = value != nullptr ? setValue(file, now, list, id, path, valueYaml(path.substr(path.rfind('/') + 1), *value))
                                           : removeKey(file, now, list, id, path);
        if (!edit)
            return edit.error();
        now.replace(edit->at, edit->before.size(), edit->after);
        return std::nullopt;
    });
    if (failed)
        return *failed;
    return editBetween(file, text, now);
}

}
