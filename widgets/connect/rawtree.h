#pragma once

#include "core/node.h"
#include "decode/messagetree.h"

#include <QTreeWidget>

#include <functional>

namespace sg {

// A message as it came, as a tree of places that can be used. All texts are plain and escaped. UI thread.
class RawTree : public QTreeWidget
{
    Q_OBJECT

public:
    struct Place
    {
        std::string where; // as the grammar has it, of an item where `each` reads items; empty: it cannot be pointed at
        std::string name, value; // escaped
        TreeNode::Kind kind = TreeNode::Kind::Group;

        [[nodiscard]] bool isValue() const
        {
            return !where.empty() && kind != TreeNode::Kind::Group && kind != TreeNode::Kind::Object && kind != TreeNode::Kind::Array;
        }
    };

    explicit RawTree(QWidget *parent);

    // `body`: how messages of this kind are read, which tells items and the parts of a text. The current place stays current.
    void show(const std::vector<TreeNode> &nodes, const Node &body);
    [[nodiscard]] Place place() const; // the current one
    [[nodiscard]] std::vector<Place> placesBeside() const; // of the same object
    void sayUses(const std::function<QString(const Place &)> &use);

private:
    void add(QTreeWidgetItem &parent, const std::vector<TreeNode> &nodes, std::size_t hidden, const Node &body);
};

}
