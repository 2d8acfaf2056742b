#pragma once

#include "alarms/rule.h"

// Rules as text for tests, without the workspace's YAML reader: lines "key: value", a value being a scalar, "quoted", {map} or [list].
namespace sg::test {

class RuleText
{
public:
    RuleText(std::string_view text, std::string file, int firstLine = 1)
        : m_text(text)
        , m_file(std::make_shared<const std::string>(std::move(file)))
        , m_line(firstLine)
    {
    }

    Node parse()
    {
        Node map = make(Node::Kind::Map);
        while (m_at < m_text.size()) {
            skip(" \n");
            if (m_at >= m_text.size())
                break;
            std::string key = upTo(":\n");
            skip(":");
            skip(" ");
            map.map.emplace_back(std::move(key), value("\n"));
        }
        return map;
    }

private:
    Node make(Node::Kind kind) const
    {
        Node node;
        node.kind = kind;
        node.file = m_file;
        node.line = m_line;
        return node;
    }

    void skip(std::string_view any)
    {
        for (; m_at < m_text.size() && any.find(m_text[m_at]) != std::string_view::npos; ++m_at)
            if (m_text[m_at] == '\n')
                ++m_line;
    }

    std::string upTo(std::string_view ends)
    {
        const std::size_t end = std::min(m_text.find_first_of(ends, m_at), m_text.size());
        std::string out(m_text.substr(m_at, end - m_at));
        while (out.ends_with(' '))
            out.pop_back();
        m_at = end;
        return out;
    }

    char here() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }

    Node value(std::string_view ends)
    {
        if (here() == '"') {
            ++m_at;
            Node node = make(Node::Kind::Scalar);
            node.scalar = upTo("\"");
            skip("\"");
            return node;
        }
        if (here() != '{' && here() != '[') {
            Node node = make(Node::Kind::Scalar);
            node.scalar = upTo(ends);
            return node;
        }
        const bool isMap = here() == '{';
        Node node = make(isMap ? Node::Kind::Map : Node::Kind::List);
        ++m_at;
        while (true) {
            skip(" ,\n");
            if (here() == '}' || here() == ']' || here() == '\0') {
                ++m_at;
                return node;
            }
            if (isMap) {
                std::string key = upTo(":");
                skip(": ");
                node.map.emplace_back(std::move(key), value(",}\n"));
            } else {
                node.list.push_back(value(",]\n"));
            }
        }
    }

    std::string_view m_text;
    std::shared_ptr<const std::string> m_file;
    int m_line;
    std::size_t m_at = 0;
};

inline Node nodeOf(std::string_view text, std::string file = "rules/test.yaml", int firstLine = 1)
{
    return RuleText(text, std::move(file), firstLine).parse();
}

inline Result<std::shared_ptr<const Rule>> ruleOf(const std::string &text, const std::string &defaults = {},
                                                  const RuleSurroundings &around = {})
{
    return readRule(nodeOf(text), defaults.empty() ? Node() : nodeOf(defaults), text, around);
}

}
