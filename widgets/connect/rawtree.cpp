#include "widgets/connect/rawtree.h"

#include "items/texts.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/itemkinds.h"

#include <QHeaderView>

namespace sg {

namespace {

enum Role { WhereRole = Qt::UserRole, NameRole, KindRole, OwnRole }; // own: the place in this very message

RawTree::Place placeOf(const QTreeWidgetItem *item)
{
    if (item == nullptr)
        return {};
    return {utf8Of(item->data(0, WhereRole).toString()), utf8Of(item->data(0, NameRole).toString()), utf8Of(item->text(1)),
            static_cast<TreeNode::Kind>(item->data(0, KindRole).toInt())};
}

template <class F> void eachItem(QTreeWidgetItem *item, const F &f)
{
    for (int i = 0; i < item->childCount(); ++i) {
        f(item->child(i));
        eachItem(item->child(i), f);
    }
}

}

RawTree::RawTree(QWidget *parent)
    : QTreeWidget(parent)
{
    setAccessibleName(tr("The message as it came"));
    setHeaderLabels({tr("Raw"), tr("Value"), tr("Used as")});
    setUniformRowHeights(true);
    padRows(*this);
    header()->setStretchLastSection(true);
    setContextMenuPolicy(Qt::CustomContextMenu);
}

void RawTree::show(const std::vector<TreeNode> &nodes, const Node &body)
{
    const auto before = currentItem() == nullptr ? QString() : currentItem()->data(0, OwnRole).toString();
    clear();
    add(*invisibleRootItem(), nodes, 0, body);
    expandAll();
    for (int column = 0; column < 2; ++column)
        resizeColumnToContents(column);
    setColumnWidth(0, std::min(columnWidth(0), 220));
    setColumnWidth(1, std::min(columnWidth(1), 180));
    eachItem(invisibleRootItem(), [&](QTreeWidgetItem *item) {
        if (!before.isEmpty() && item->data(0, OwnRole).toString() == before)
            setCurrentItem(item);
    });
}

void RawTree::add(QTreeWidgetItem &parent, const std::vector<TreeNode> &nodes, std::size_t hidden, const Node &body)
{
    for (const auto &node : nodes) {
        auto *item = new QTreeWidgetItem(&parent, {textOf(node.name), textOf(node.value)});
        const auto where = placeIn(body, node.where);
        item->setData(0, WhereRole, textOf(where));
        item->setData(0, NameRole, textOf(node.name));
        item->setData(0, KindRole, static_cast<int>(node.kind));
        item->setData(0, OwnRole, textOf(node.where));
        add(*item, node.children, node.hidden, body);
        if (where.empty() || body["split"].text("at") != where)
            continue;
        for (const auto &[name, text] : splitParts(body["split"].text("as"), node.value)) {
            auto *part = new QTreeWidgetItem(item, {textOf(name), textOf(text)});
            part->setData(0, WhereRole, textOf("split:" + name));
            part->setData(0, NameRole, textOf(name));
            part->setData(0, KindRole, static_cast<int>(TreeNode::Kind::Text));
            part->setData(0, OwnRole, textOf(node.where + " " + name));
        }
    }
    if (hidden > 0)
        new QTreeWidgetItem(&parent, {tr("and %1 more").arg(hidden)});
}

RawTree::Place RawTree::place() const
{
    return placeOf(currentItem());
}

std::vector<RawTree::Place> RawTree::placesBeside() const
{
    std::vector<Place> out;
    const auto *parent = currentItem() == nullptr ? nullptr : currentItem()->parent();
    for (int i = 0; parent != nullptr && i < parent->childCount(); ++i)
        if (parent->child(i) != currentItem())
            out.push_back(placeOf(parent->child(i)));
    return out;
}

void RawTree::sayUses(const std::function<QString(const Place &)> &use)
{
    eachItem(invisibleRootItem(), [&](QTreeWidgetItem *item) {
        if (const auto place = placeOf(item); !place.where.empty())
            item->setText(2, use(place));
    });
}

}
