#pragma once

#include "core/browse.h"
#include "decode/jsonnode.h"
#include "decode/topicpattern.h"

namespace sg {

// One place of a message, to be shown and clicked. All texts are escaped and bounded: safe as plain text.
struct TreeNode
{
    enum class Kind : std::uint8_t { Group, Object, Array, Number, Text, Bool, Null };
    Kind kind = Kind::Group;
    std::string name; // "temp", "3", "header site"
    std::string where; // as the grammar points at it: "/data/temp", "key:/id", "column:n"; empty: it cannot be pointed at
    std::string value; // of a leaf, escaped; of a container a word about its size
    std::vector<TreeNode> children;
    std::size_t hidden = 0; // children that are not shown
};

// The top nodes: value (or columns), envelope when unwrap changes it, key, headers, topic. A payload that is no JSON is one leaf that
// cannot be pointed at. `topics` gives the captures of the topic's name; none without it.
std::vector<TreeNode> tree(const BrowsedMessage &message, Unwrap unwrap = Unwrap::Auto, const TopicChoice *topics = nullptr);

}
