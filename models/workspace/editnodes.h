#pragma once

#include "core/node.h"

// The same edits on values: what a file must say after a TextEdit. Private to this folder.
namespace sg {

std::vector<std::string> splitKey(std::string_view key); // "high/limit"; never empty
// False when a key on the way is no map.
bool setInItem(Node &root, std::string_view list, std::string_view id, const std::vector<std::string> &path, const Node &value);
void removeFromItem(Node &root, std::string_view list, std::string_view id, const std::vector<std::string> &path);
void addToNode(Node &root, std::string_view list, const Node &item);
void replaceInNode(Node &root, std::string_view list, std::string_view id, const Node &item);
void removeFromNode(Node &root, std::string_view list, std::string_view id);
// In the one map of `root` that has an entry more than in `before`: the order when the new line stands behind the first.
void moveLastEntryBehindFirst(Node &root, const Node &before);

std::string flowText(const Node &node); // on one line

}
