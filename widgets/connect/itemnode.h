#pragma once

#include "core/node.h"
#include "core/result.h"
#include "workspace/textedit.h"

namespace sg {

// An item of a list of the workspace as a tree that is built by hand, and as the YAML that stands for it. Pure.

Node mapNode(std::vector<std::pair<std::string, Node>> entries = {});
Node listNode(const std::vector<std::string> &texts);
// The value at a key of a map; made when it is not there.
Node &childOf(Node &map, std::string_view key);
void eraseKey(Node &map, std::string_view key);
// The node of a value in flow YAML: "[line, device]". Missing when it cannot be read.
Node flowNode(const std::string &yaml);

// "{ basis: message, at: /ts }" on one line.
std::string flowYaml(const Node &node);
// The item with one key a line, in the order in which people write it: id, its kind, path, labels, ...
std::string itemYaml(const Node &item);

// One edit that turns the item with this id into `after`, value by value, so that comments and the order of keys stay.
Result<TextEdit> changeItem(const std::string &file, const std::string &text, const std::string &list, const std::string &id,
                            const Node &before, const Node &after);

}
