#include "decode/where.h"

#include "core/text.h"

namespace sg {

namespace {

// A pointer deeper than this is a mistake; the traversal recurses once a token.
constexpr std::size_t DeepestPointer = 32;

}

Result<std::vector<std::string>> parsePointer(std::string_view pointer)
{
    std::vector<std::string> tokens;
    if (pointer.empty() || pointer.front() != '/')
        return Error{SG_TR("'%1' is no pointer such as /asset/id"), {shown(pointer, 60)}, {}};
    std::string token;
    for (std::size_t i = 1; i <= pointer.size(); ++i) {
        if (i == pointer.size() || pointer[i] == '/') {
            tokens.push_back(std::move(token));
            token.clear();
        } else if (pointer[i] != '~') {
            token += pointer[i];
        } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
            token += pointer[++i] == '0' ? '~' : '/';
        } else {
            return Error{SG_TR("'%1': ~ is written ~0 in a pointer, and / is written ~1"), {shown(pointer, 60)}, {}};
        }
    }
    if (tokens.size() > DeepestPointer)
        return Error{SG_TR("'%1' is deeper than %2 levels"), {shown(pointer, 60), std::to_string(DeepestPointer)}, {}};
    return tokens;
}

Where Where::named(std::string name)
{
    Where where;
    where.name = std::move(name);
    return where;
}

Result<Where> Where::parse(const Node &node)
{
    if (node.kind == Node::Kind::Map && node.map.size() == 1 && node.map[0].first == "value"
        && node.map[0].second.kind == Node::Kind::Scalar) {
        Where where;
        where.kind = Kind::Constant;
        where.name = node.map[0].second.scalar;
        if (where.name.empty())
            return node.error(SG_TR("an empty constant is no label; write { value: \"-\" }"));
        return where;
    }
    if (node.kind != Node::Kind::Scalar)
        return node.error(SG_TR("expected a place in the message such as /asset/id, or { value: TEXT }"));
    return parse(node.scalar, node);
}

Result<Where> Where::parse(const std::string &text, const Node &at)
{
    Where where;
    std::string_view pointer;
    const auto begins = [&](std::string_view word) { return text.starts_with(word); };
    if (begins("/")) {
        where.kind = Kind::Pointer;
        pointer = text;
    } else if (begins("envelope:")) {
        where.kind = Kind::Envelope;
        pointer = std::string_view(text).substr(9);
    } else if (begins("key:") || begins("item:")) {
        const std::size_t colon = text.find(':');
        pointer = std::string_view(text).substr(colon + 1);
        if (begins("item:"))
            where.kind = Kind::Item;
        else
            where.kind = pointer.empty() ? Kind::Key : Kind::KeyPointer;
        if (pointer.empty())
            return where;
    } else if (text == "window:start" || text == "window:end") {
        where.kind = text == "window:start" ? Kind::WindowStart : Kind::WindowEnd;
        return where;
    } else if (begins("topic:") || begins("header:") || begins("column:") || begins("split:")) {
        const std::size_t colon = text.find(':');
        where.kind = begins("topic:") ? Kind::Topic : begins("header:") ? Kind::Header : begins("split:") ? Kind::Split : Kind::Column;
        where.name = text.substr(colon + 1);
        const std::size_t slash = where.kind == Kind::Column ? where.name.find('/') : std::string::npos;
        if (where.name.empty() || slash == 0)
            return at.error(SG_TR("'%1' lacks a name behind the colon"), {shown(text, 60)});
        if (slash == std::string::npos)
            return where;
        where.kind = Kind::ColumnPointer;
        where.name.resize(slash);
        pointer = std::string_view(text).substr(colon + 1 + slash);
    } else {
        return at.error(SG_TR("'%1' is no place in a message: expected /pointer, envelope:/p, item:/p, key:, key:/p, topic:x, header:x, "
                              "column:c, column:c/p, split:x, window:start, window:end or { value: TEXT }"),
                        {shown(text, 60)});
    }
    auto tokens = parsePointer(pointer);
    if (!tokens)
        return at.error(tokens.error().text, tokens.error().args);
    where.tokens = std::move(*tokens);
    return where;
}

bool Where::isOutsideValue() const
{
    return !isInPayload() && kind != Kind::Split;
}

bool Where::isInPayload() const
{
    switch (kind) {
    case Kind::Pointer:
    case Kind::Envelope:
    case Kind::Item:
    case Kind::Column:
    case Kind::ColumnPointer:
        return true;
    case Kind::Key:
    case Kind::KeyPointer:
    case Kind::Topic:
    case Kind::Header:
    case Kind::Split:
    case Kind::WindowStart:
    case Kind::WindowEnd:
    case Kind::Constant:
    case Kind::Named:
        return false;
    }
    return false;
}

}
