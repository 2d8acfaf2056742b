#include "workspace/workspace.h"

#include "core/text.h"
#include "workspace/yamlhabits.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_set>

// The one file that includes yaml-cpp. Its event interface is used, not its Node: events tell every key (Node keeps the first of
// two equal ones silently), anchors and tags, and build nothing that a hostile file could blow up.
namespace sg {

namespace {

constexpr std::size_t MaxBytes = 16U << 20U;
constexpr std::size_t MaxDepth = 64;

struct Stop // leaves yaml-cpp's parser; caught in parseYaml
{
    Error error;
};

class Builder : public YAML::EventHandler
{
public:
    Builder(std::string_view text, std::shared_ptr<const std::string> file)
        : m_text(text)
        , m_file(std::move(file))
    {
    }

    Node takeRoot() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark &mark) override
    {
        if (m_hasDocument)
            throw Stop{
                {SG_TR("a second document begins here (after '---' or behind the end of the first); a file holds one"), {}, placeOf(mark)}};
        m_hasDocument = true;
    }
    void OnDocumentEnd() override { }

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        refuseAnchor(mark, anchor);
        // yaml-cpp tells neither "nothing" from "null" nor the place of nothing; scalars are taken as written here.
        Node node = newNode(Node::Kind::Scalar, mark);
        const std::size_t at = offsetOf(mark);
        const bool isOnKeyLine = m_stack.empty() || !m_stack.back().hasKey || m_stack.back().keyLine == mark.line;
        if (isOnKeyLine) {
            for (const std::string_view word : {"null", "Null", "NULL", "~"})
                if (m_text.substr(at, word.size()) == word)
                    node.scalar = word;
        } else {
            node.line = m_stack.back().keyLine + 1;
        }
        add(std::move(node), mark, true);
    }

    void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override
    {
        throw Stop{{SG_TR("an alias (*) is not allowed; put the text in quotes if it begins with *"), {}, placeOf(mark)}};
    }

    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, const std::string &value) override
    {
        refuseAnchor(mark, anchor);
        refuseTag(mark, tag);
        refuseTab(mark);
        const bool isPlain = tag == "?";
        const bool isKey = !m_stack.empty() && m_stack.back().node.kind == Node::Kind::Map && !m_stack.back().hasKey;
        if (isPlain && isCutAtHash(m_text, offsetOf(mark), value))
            throw Stop{{SG_TR("the text is cut at ' #': quote it, or put a space behind # if a comment is meant"), {}, placeOf(mark)}};
        if (isPlain && (isKey || m_stack.empty() || m_stack.back().node.kind == Node::Kind::List) && hasFullWidthColon(value))
            throw Stop{{SG_TR("a full-width colon follows the key; write ': '"), {}, placeOf(mark)}};
        if (!isPlain && isQuoteOpen(m_text, offsetOf(mark)))
            throw Stop{{SG_TR("a quote opens here and is never closed"), {}, placeOf(mark)}};
        Node node = newNode(Node::Kind::Scalar, mark);
        node.scalar = value;
        add(std::move(node), mark, isPlain);
    }

    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override
    {
        push(Node::Kind::List, mark, tag, anchor, style);
    }
    void OnSequenceEnd() override { pop(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override
    {
        push(Node::Kind::Map, mark, tag, anchor, style);
    }
    void OnMapEnd() override { pop(); }

    void OnAnchor(const YAML::Mark &mark, const std::string &) override { refuseAnchor(mark, 1); }

private:
    struct Frame
    {
        Node node;
        YAML::Mark mark;
        bool isFlow = false;
        bool hasKey = false;
        bool isKeyPlain = false;
        std::string key;
        int keyLine = 0; // from 0
        std::unordered_set<std::string> keys;
    };

    [[nodiscard]] std::size_t offsetOf(const YAML::Mark &mark) const
    {
        return mark.pos < 0 ? m_text.size() : std::min(static_cast<std::size_t>(mark.pos), m_text.size());
    }
    [[nodiscard]] std::string placeOf(const YAML::Mark &mark) const { return *m_file + ":" + std::to_string(mark.line + 1); }

    Node newNode(Node::Kind kind, const YAML::Mark &mark) const
    {
        Node node;
        node.kind = kind;
        node.file = m_file;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }

    void refuseAnchor(const YAML::Mark &mark, YAML::anchor_t anchor) const
    {
        if (anchor != 0)
            throw Stop{{SG_TR("an anchor (&) is not allowed; put the text in quotes if it begins with &"), {}, placeOf(mark)}};
    }
    void refuseTag(const YAML::Mark &mark, const std::string &tag) const
    {
        if (!tag.empty() && tag != "?" && tag != "!")
            throw Stop{{SG_TR("a tag (!) is not allowed; put the text in quotes if it begins with !"), {}, placeOf(mark)}};
    }
    void refuseTab(const YAML::Mark &mark) const
    {
        if (isIndentedByTab(m_text, offsetOf(mark)))
            throw Stop{{SG_TR("a tab stands in the indentation; use spaces"), {}, placeOf(mark)}};
    }

    void push(Node::Kind kind, const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style)
    {
        refuseAnchor(mark, anchor);
        refuseTag(mark, tag);
        refuseTab(mark);
        if (m_stack.size() >= MaxDepth)
            throw Stop{{SG_TR("more than %1 levels inside each other"), {std::to_string(MaxDepth)}, placeOf(mark)}};
        refuseCollectionAsKey(mark);
        Frame frame;
        frame.node = newNode(kind, mark);
        frame.mark = mark;
        frame.isFlow = style == YAML::EmitterStyle::Flow;
        m_stack.push_back(std::move(frame));
    }

    void pop()
    {
        Frame frame = std::move(m_stack.back());
        m_stack.pop_back();
        // `series: {line}` is a map with an empty key to YAML; nothing in the grammar looks like that.
        if (frame.isFlow && isBareBrace(m_text, offsetOf(frame.mark)))
            throw Stop{{SG_TR("a text with { } must stand in quotes"), {}, placeOf(frame.mark)}};
        const YAML::Mark mark = frame.mark;
        add(std::move(frame.node), mark, false);
    }

    void refuseCollectionAsKey(const YAML::Mark &mark) const
    {
        if (!m_stack.empty() && m_stack.back().node.kind == Node::Kind::Map && !m_stack.back().hasKey)
            throw Stop{
                {SG_TR("a key must be a text, not a map or a list; a text with { } or [ ] must stand in quotes"), {}, placeOf(mark)}};
    }

    void add(Node node, const YAML::Mark &mark, bool isPlain)
    {
        if (m_stack.empty()) {
            m_root = std::move(node);
            return;
        }
        Frame &top = m_stack.back();
        if (top.node.kind == Node::Kind::List) {
            top.node.list.push_back(std::move(node));
            return;
        }
        if (!top.hasKey) {
            takeKey(top, std::move(node), mark, isPlain);
            return;
        }
        // "{ limit: 3,5 }" is 3 and a key 5 without a value.
        if (top.isFlow && top.isKeyPlain && node.kind == Node::Kind::Scalar && node.scalar.empty() && isPlain && isAllDigits(top.key))
            throw Stop{{SG_TR("a decimal comma divides the number here; write a point"), {}, placeAt(top.keyLine)}};
        top.hasKey = false;
        top.node.map.emplace_back(std::move(top.key), std::move(node));
    }

    void takeKey(Frame &top, Node key, const YAML::Mark &mark, bool isPlain)
    {
        if (isPlain && key.scalar == "<<")
            throw Stop{{SG_TR("a merge key (<<) is not allowed"), {}, placeOf(mark)}};
        if (!top.keys.insert(key.scalar).second)
            throw Stop{{SG_TR("the key '%1' stands here twice"), {shown(key.scalar)}, placeOf(mark)}};
        top.hasKey = true;
        top.isKeyPlain = isPlain;
        top.key = std::move(key.scalar);
        top.keyLine = mark.line;
    }

    [[nodiscard]] std::string placeAt(int line) const { return *m_file + ":" + std::to_string(line + 1); }

    std::string_view m_text;
    std::shared_ptr<const std::string> m_file;
    std::vector<Frame> m_stack;
    Node m_root;
    bool m_hasDocument = false;
};

Error faultOf(std::string_view text, const std::string &file, const YAML::Exception &exception)
{
    const int line = exception.mark.line < 0 ? 0 : exception.mark.line;
    if (const auto habit = explainFailure(text, line))
        return {habit->text, {}, file + ":" + std::to_string(habit->line + 1)};
    return {SG_TR("this is not valid YAML: %1"), {exception.msg}, file + ":" + std::to_string(line + 1)};
}

}

Result<Node> parseYaml(std::string_view text, const std::string &file)
{
    if (text.size() > MaxBytes)
        return Error{SG_TR("the file has %1 bytes; at most %2 are read"), {std::to_string(text.size()), std::to_string(MaxBytes)}, file};
    if (auto error = checkBytes(text))
        return Error{error->text, {}, file + ":" + std::to_string(error->line + 1)};
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder(text, std::make_shared<const std::string>(file));
        if (!parser.HandleNextDocument(builder)) {
            Node empty = Node::ofScalar({});
            empty.file = std::make_shared<const std::string>(file);
            empty.line = 1;
            return empty;
        }
        parser.HandleNextDocument(builder); // stops if there is one
        return builder.takeRoot();
    } catch (const Stop &stop) {
        return stop.error;
    } catch (const YAML::Exception &exception) {
        return faultOf(text, file, exception);
    } catch (const std::exception &exception) {
        return Error{SG_TR("this cannot be read as YAML: %1"), {exception.what()}, file};
    }
}

}
