#pragma once

#include "core/source.h"

// A node out of one line of flow text, {a: b, c: [d, "e, f"]}: enough for declarations in tests, without the YAML library.
namespace flow {

inline void skip(std::string_view &s)
{
    while (!s.empty() && (s.front() == ' ' || s.front() == '\n'))
        s.remove_prefix(1);
}

inline std::string word(std::string_view &s, std::string_view ends)
{
    std::string out;
    if (s.starts_with('"')) {
        s.remove_prefix(1);
        while (!s.empty() && s.front() != '"') {
            out += s.front();
            s.remove_prefix(1);
        }
        s.remove_prefix(std::min<std::size_t>(1, s.size()));
        return out;
    }
    while (!s.empty() && ends.find(s.front()) == std::string_view::npos) {
        if (s.front() == ':' && s.size() > 1 && s[1] == ' ' && ends.find(':') != std::string_view::npos)
            break;
        out += s.front();
        s.remove_prefix(1);
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

inline sg::Node parse(std::string_view &s)
{
    sg::Node node;
    node.file = std::make_shared<const std::string>("workspace.yaml");
    node.line = 7;
    skip(s);
    if (s.starts_with('{')) {
        node.kind = sg::Node::Kind::Map;
        s.remove_prefix(1);
        for (skip(s); !s.empty() && s.front() != '}'; skip(s)) {
            std::string key = word(s, ":");
            s.remove_prefix(std::min<std::size_t>(1, s.size()));
            node.map.emplace_back(std::move(key), parse(s));
            skip(s);
            if (s.starts_with(','))
                s.remove_prefix(1);
        }
        s.remove_prefix(std::min<std::size_t>(1, s.size()));
    } else if (s.starts_with('[')) {
        node.kind = sg::Node::Kind::List;
        s.remove_prefix(1);
        for (skip(s); !s.empty() && s.front() != ']'; skip(s)) {
            node.list.push_back(parse(s));
            skip(s);
            if (s.starts_with(','))
                s.remove_prefix(1);
        }
        s.remove_prefix(std::min<std::size_t>(1, s.size()));
    } else {
        node.kind = sg::Node::Kind::Scalar;
        node.scalar = word(s, ",}]");
    }
    return node;
}

inline sg::Node node(std::string_view text)
{
    return parse(text);
}

inline sg::SourceSpec source(std::string_view declaration, const char *kind = "kafka")
{
    sg::SourceSpec spec;
    spec.id = "press";
    spec.kind = kind;
    spec.declaration = node(declaration);
    return spec;
}

}
