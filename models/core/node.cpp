#include "core/node.h"

namespace sg {

const Node &Node::operator[](std::string_view key) const
{
    static const Node missing;
    for (const auto &[name, value] : map)
        if (name == key)
            return value;
    return missing;
}

std::string Node::text(std::string_view key, std::string_view otherwise) const
{
    const Node &node = (*this)[key];
    return node.kind == Kind::Scalar ? node.scalar : std::string(otherwise);
}

std::string Node::place() const
{
    if (!file)
        return {};
    return line > 0 ? *file + ":" + std::to_string(line) : *file;
}

Node Node::ofScalar(std::string text)
{
    Node node;
    node.kind = Kind::Scalar;
    node.scalar = std::move(text);
    return node;
}

bool Node::saysTheSame(const Node &other) const
{
    if (kind != other.kind || scalar != other.scalar || map.size() != other.map.size() || list.size() != other.list.size())
        return false;
    for (std::size_t i = 0; i < map.size(); ++i)
        if (map[i].first != other.map[i].first || !map[i].second.saysTheSame(other.map[i].second))
            return false;
    for (std::size_t i = 0; i < list.size(); ++i)
        if (!list[i].saysTheSame(other.list[i]))
            return false;
    return true;
}

}
