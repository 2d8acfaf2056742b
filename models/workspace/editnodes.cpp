#include "workspace/editnodes.h"

#include "workspace/textedit.h"

#include <algorithm>

namespace sg {

namespace {

Node *entryOf(Node &node, std::string_view key)
{
    for (auto &[name, value] : node.map)
        if (name == key)
            return &value;
    return nullptr;
}

Node *itemOf(Node &root, std::string_view list, std::string_view id)
{
    Node *items = entryOf(root, list);
    if (!items)
        return nullptr;
    for (Node &item : items->list)
        if (item.text("id") == id)
            return &item;
    return nullptr;
}

bool isNothing(const Node &node)
{
    return node.kind == Node::Kind::Scalar && node.scalar.empty();
}

}

std::vector<std::string> splitKey(std::string_view key)
{
    std::vector<std::string> out;
    for (std::size_t begin = 0;;) {
        const std::size_t end = key.find('/', begin);
        out.emplace_back(key.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            return out;
        begin = end + 1;
    }
}

bool setInItem(Node &root, std::string_view list, std::string_view id, const std::vector<std::string> &path, const Node &value)
{
    Node *node = itemOf(root, list, id);
    if (!node)
        return false;
    for (const std::string &key : path) {
        if (isNothing(*node))
            node->kind = Node::Kind::Map;
        if (node->kind != Node::Kind::Map)
            return false;
        Node *next = entryOf(*node, key);
        if (!next) {
            node->map.emplace_back(key, Node::ofScalar({}));
            next = &node->map.back().second;
        }
        node = next;
    }
    *node = value;
    return true;
}

void removeFromItem(Node &root, std::string_view list, std::string_view id, const std::vector<std::string> &path)
{
    Node *node = itemOf(root, list, id);
    for (std::size_t i = 0; node && i + 1 < path.size(); ++i)
        node = entryOf(*node, path[i]);
    if (node)
        std::erase_if(node->map, [&](const auto &entry) { return entry.first == path.back(); });
}

void addToNode(Node &root, std::string_view list, const Node &item)
{
    if (root.kind != Node::Kind::Map) {
        root.kind = Node::Kind::Map;
        root.map.emplace_back("format", Node::ofScalar("1"));
    }
    Node *items = entryOf(root, list);
    if (!items) {
        root.map.emplace_back(std::string(list), Node());
        items = &root.map.back().second;
    }
    items->kind = Node::Kind::List;
    items->list.push_back(item);
}

void replaceInNode(Node &root, std::string_view list, std::string_view id, const Node &item)
{
    if (Node *old = itemOf(root, list, id))
        *old = item;
}

void removeFromNode(Node &root, std::string_view list, std::string_view id)
{
    if (Node *items = entryOf(root, list))
        std::erase_if(items->list, [&](const Node &item) { return item.text("id") == id; });
}

void moveLastEntryBehindFirst(Node &root, const Node &before)
{
    if (root.map.size() > before.map.size() && root.map.size() > 2) {
        std::rotate(root.map.begin() + 1, root.map.end() - 1, root.map.end());
        return;
    }
    for (std::size_t i = 0; i < std::min(root.map.size(), before.map.size()); ++i)
        moveLastEntryBehindFirst(root.map[i].second, before.map[i].second);
    for (std::size_t i = 0; i < std::min(root.list.size(), before.list.size()); ++i)
        moveLastEntryBehindFirst(root.list[i], before.list[i]);
}

std::string flowText(const Node &node)
{
    std::string out;
    switch (node.kind) {
    case Node::Kind::Missing:
        return "\"\"";
    case Node::Kind::Scalar:
        return sg::quoted(node.scalar);
    case Node::Kind::Map:
        for (const auto &[key, value] : node.map)
            out += (out.empty() ? "{ " : ", ") + sg::quoted(key) + ": " + flowText(value);
        return out.empty() ? "{}" : out + " }";
    case Node::Kind::List:
        for (const Node &item : node.list)
            out += (out.empty() ? "[" : ", ") + flowText(item);
        return out.empty() ? "[]" : out + "]";
    }
    return out;
}

}
