#include "widgets/connect/samplereader.h"

#include "widgets/connect/itemnode.h"

#include <algorithm>

namespace sg {

namespace {

const Node &bodyIn(const Node &decode) // of { json: {...} }
{
    static const Node none;
    return decode.map.empty() ? none : decode.map.front().second;
}

std::vector<Node> decodesIn(const ItemSettings &settings)
{
    std::vector<Node> out;
    for (const auto &[key, value] : settings)
        if (key == "decode")
            out.push_back(bodyIn(flowNode(value)));
    return out;
}

}

SampleReader::SampleReader(const Node *settings, char separator, Unwrap unwrap)
    : m_unwrap(unwrap)
{
    std::vector<Error> faults;
    if (settings != nullptr)
        m_topics = TopicChoice::read(*settings, separator, faults);
}

std::vector<TreeNode> SampleReader::nodes(const BrowsedMessage &message) const
{
    return tree(message, m_unwrap, m_topics ? &*m_topics : nullptr);
}

int SampleReader::kind(const Node &item, const std::vector<TreeNode> &nodes) const
{
    return kindOf(item, [&](const std::string &where) { return textIn(nodes, where); });
}

Recognition SampleReader::recognised(std::span<const BrowsedMessage> messages) const
{
    return recognise(messages, m_topics ? &*m_topics : nullptr);
}

std::vector<std::pair<std::string, Node>> SampleReader::kindsBy(const std::string &where, const Node &before,
                                                                std::span<const BrowsedMessage> messages) const
{
    std::vector<std::pair<std::string, std::vector<BrowsedMessage>>> kinds;
    for (const auto &message : messages) {
        const auto text = textIn(nodes(message), where);
        if (!text || text->empty())
            continue;
        auto there = std::find_if(kinds.begin(), kinds.end(), [&](const auto &kind) { return kind.first == *text; });
        if (there == kinds.end())
            there = kinds.insert(kinds.end(), {*text, {}});
        there->second.push_back(message);
    }
    std::vector<std::pair<std::string, Node>> out;
    for (const auto &[text, these] : kinds)
        out.emplace_back(text, kinds.size() <= MostKinds ? readsOf(before, these) : Node());
    return out;
}

Node SampleReader::readsOf(const Node &before, const std::vector<BrowsedMessage> &messages) const
{
    std::vector<std::vector<TreeNode>> trees;
    for (const auto &message : messages)
        trees.push_back(nodes(message));
    const auto holds = [&](const std::string &where) {
        return std::any_of(trees.begin(), trees.end(), [&](const auto &one) { return textIn(one, where).has_value(); });
    };
    if (before.has("each") && holds(before.text("each")))
        return before;
    Node fields = mapNode();
    for (const auto &[name, rule] : before["fields"].map)
        if (holds(rule.text("at")))
            childOf(fields, name) = rule;
    Node reads = mapNode();
    if (before.text("learn") == "true" || fields.map.empty())
        for (auto &decode : decodesIn(recognised(messages).settings))
            if (!decode.has("cases"))
                reads = std::move(decode);
    for (const auto &[name, rule] : fields.map)
        childOf(childOf(reads, "fields"), name) = rule;
    return reads;
}

Node SampleReader::itemsOf(const std::string &list, std::span<const BrowsedMessage> messages) const
{
    for (const auto &finding : recognised(messages).findings)
        for (auto &decode : decodesIn(finding.settings))
            if (decode.has("each") && decode.text("each") == list)
                return std::move(decode);
    return {};
}

std::optional<std::string> textIn(const std::vector<TreeNode> &nodes, const std::string &where)
{
    for (const auto &node : nodes) {
        if (node.where == where)
            return node.value;
        if (auto below = textIn(node.children, where))
            return below;
    }
    return std::nullopt;
}

}
