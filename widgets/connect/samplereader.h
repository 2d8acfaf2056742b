#pragma once

#include "decode/messagetree.h"
#include "decode/recognise.h"
#include "widgets/connect/itemkinds.h"

namespace sg {

// What messages that were looked at say about a choice that a person makes of them: kinds of messages, lists. Pure.
class SampleReader
{
public:
    // `settings`: of the source, whose topics name captures; null: a view, which has none.
    SampleReader(const Node *settings, char separator, Unwrap unwrap);

    [[nodiscard]] std::vector<TreeNode> nodes(const BrowsedMessage &message) const;
    [[nodiscard]] int kind(const Node &item, const std::vector<TreeNode> &nodes) const;
    [[nodiscard]] Recognition recognised(std::span<const BrowsedMessage> messages) const;
    // The texts at a place, and how the messages that hold each are to be read. They are looked at for themselves; what `before`, the way
    // all of them were read, says stays with the kinds that hold it. The texts alone where there are more than MostKinds.
    [[nodiscard]] std::vector<std::pair<std::string, Node>> kindsBy(const std::string &where, const Node &before,
                                                                    std::span<const BrowsedMessage> messages) const;
    // How the items of a list are to be read; missing: it does not look like anything.
    [[nodiscard]] Node itemsOf(const std::string &list, std::span<const BrowsedMessage> messages) const;

private:
    [[nodiscard]] Node readsOf(const Node &before, const std::vector<BrowsedMessage> &messages) const;

    std::optional<TopicChoice> m_topics;
    const Unwrap m_unwrap;
};

// What stands at a place of the message, as the tree shows it; nothing: the place is not there.
std::optional<std::string> textIn(const std::vector<TreeNode> &nodes, const std::string &where);

}
