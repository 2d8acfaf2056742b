#include "items/seriestreemodel.h"

#include "core/selector.h"
#include "items/texts.h"

#include <QMimeData>

#include <unordered_set>

namespace sg {

SeriesTreeModel::SeriesTreeModel(SnapshotFeed &feed, QObject *parent)
    : QAbstractItemModel(parent)
    , m_feed(feed)
{
    connect(&feed, &SnapshotFeed::changed, this, &SeriesTreeModel::take);
    take(std::make_shared<Snapshot>(), feed.current());
}

SeriesTreeModel::~SeriesTreeModel() = default;

// A page of rows counts as changed when one of them is. With a key of its own for each of 10,000 series, telling the views of all of
// them took longer than everything else that a frame does.
static bool isOther(const SeriesRow &a, const SeriesRow &b)
{
    return a.t != b.t || a.arrived != b.arrived || a.value != b.value || a.quality != b.quality || a.text != b.text || a.tag != b.tag
        || a.path != b.path;
}

void SeriesTreeModel::take(const SnapshotPtr &before, const SnapshotPtr &after)
{
    struct Touched
    {
        int first, last;
    };
    std::vector<std::size_t> fresh, gone;
    std::vector<const Node *> changed;
    m_bySeries.resize(std::max(m_bySeries.size(), after->series.size()));
    after->series.changedSince(before->series, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i) {
            const auto hasPath = after->series.at(i).path != nullptr;
            const auto *node = m_bySeries[i];
            if (node == nullptr && hasPath)
                fresh.push_back(i);
            else if (node != nullptr && hasPath) {
                if (i >= before->series.size() || isOther(before->series.at(i), after->series.at(i)))
                    changed.push_back(node);
            } else if (node != nullptr)
                gone.push_back(i);
        }
    });
    for (const auto number : gone)
        remove(number);
    // One dataChanged a parent: for views, a parent that nobody opened costs nothing.
    std::unordered_map<const Node *, Touched> touched;
    for (const auto *node : changed) {
        const auto [it, isNew] = touched.try_emplace(node->parent, Touched{node->row, node->row});
        it->second.first = std::min(it->second.first, node->row);
        it->second.last = std::max(it->second.last, node->row);
    }
    for (const auto &[parent, rows] : touched)
        Q_EMIT dataChanged(indexOf(*parent->children[static_cast<std::size_t>(rows.first)], ValueColumn),
                           indexOf(*parent->children[static_cast<std::size_t>(rows.last)], TrendColumn),
                           {Qt::DisplayRole, IsStaleRole, QualityRole});
    add(fresh, *after);
}

void SeriesTreeModel::append(Node &parent, std::vector<std::unique_ptr<Node>> children)
{
    const auto first = static_cast<int>(parent.children.size());
    beginInsertRows(&parent == &m_root ? QModelIndex() : indexOf(parent), first, first + static_cast<int>(children.size()) - 1);
    for (auto &child : children) {
        child->row = static_cast<int>(parent.children.size());
        parent.children.push_back(std::move(child));
    }
    endInsertRows();
}

// New sources and keys are filled before they are announced: one insertion for each parent that was there already.
void SeriesTreeModel::add(const std::vector<std::size_t> &numbers, const Snapshot &snapshot)
{
    std::vector<Node *> order; // of the parents, so that the tree is the same in every run
    std::unordered_map<Node *, std::vector<std::unique_ptr<Node>>> announced;
    std::unordered_set<const Node *> fresh;
    const auto put = [&](Node &parent, std::unique_ptr<Node> child) {
        child->parent = &parent;
        child->number = m_nextNumber++;
        auto *made = child.get();
        if (fresh.contains(&parent)) {
            child->row = static_cast<int>(parent.children.size());
            parent.children.push_back(std::move(child));
        } else {
            auto &waiting = announced[&parent];
            if (waiting.empty())
                order.push_back(&parent);
            waiting.push_back(std::move(child));
        }
        return made;
    };
    const auto group = [&](Node &parent, const std::string &path, const QString &name) {
        auto &known = m_groups[path];
        if (known == nullptr) {
            auto made = std::make_unique<Node>();
            made->name = name;
            known = put(parent, std::move(made));
            fresh.insert(known);
        }
        return known;
    };
    for (const auto number : numbers) {
        const auto &row = snapshot.series.at(number);
        const auto &path = *row.path;
        const std::string source(sourceOf(path)), key(keyOf(path));
        auto *parent = group(m_root, source, textOf(decodeSegment(source)));
        if (key != source)
            parent = group(*parent, key, keyText(key));
        auto node = std::make_unique<Node>();
        node->name = fieldText(path);
        node->search = textOf(path).toCaseFolded();
        if (row.tag && !row.tag->name.empty())
            node->search += u' ' + textOf(row.tag->name).toCaseFolded();
        node->series = static_cast<std::int64_t>(number);
        m_bySeries[number] = put(*parent, std::move(node));
        ++m_seriesCount;
    }
    for (auto *parent : order)
        append(*parent, std::move(announced[parent]));
}

void SeriesTreeModel::remove(std::size_t number)
{
    auto *node = std::exchange(m_bySeries[number], nullptr);
    --m_seriesCount;
    // An empty key, and then an empty source, goes with its last series.
    while (node->parent->parent != nullptr && node->parent->children.size() == 1) {
        node = node->parent;
    }
    auto &parent = *node->parent;
    const auto row = static_cast<std::size_t>(node->row);
    if (node->series < 0)
        std::erase_if(m_groups, [&](const auto &entry) {
            for (auto *up = entry.second; up != nullptr; up = up->parent)
                if (up == node)
                    return true;
            return false;
        });
    beginRemoveRows(&parent == &m_root ? QModelIndex() : indexOf(parent), node->row, node->row);
    parent.children.erase(parent.children.begin() + static_cast<std::ptrdiff_t>(row));
    for (auto i = row; i < parent.children.size(); ++i)
        parent.children[i]->row = static_cast<int>(i);
    endRemoveRows();
}

const SeriesRow *SeriesTreeModel::row(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    const auto series = static_cast<const Node *>(index.constInternalPointer())->series;
    const auto &rows = m_feed.current()->series;
    return series >= 0 && static_cast<std::size_t>(series) < rows.size() ? &rows.at(static_cast<std::size_t>(series)) : nullptr;
}

QModelIndex SeriesTreeModel::indexOf(const Node &node, int column) const
{
    return &node == &m_root ? QModelIndex() : createIndex(node.row, column, &node);
}

QStringList SeriesTreeModel::pathsBelow(const QModelIndex &index) const
{
    if (const auto *series = row(index))
        return series->path ? QStringList{textOf(*series->path)} : QStringList();
    QStringList out;
    for (int i = 0; i < rowCount(index); ++i)
        out += pathsBelow(this->index(i, 0, index));
    return out;
}

QModelIndex SeriesTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    const auto *node = parent.isValid() ? static_cast<const Node *>(parent.constInternalPointer()) : &m_root;
    return createIndex(row, column, node->children[static_cast<std::size_t>(row)].get());
}

QModelIndex SeriesTreeModel::parent(const QModelIndex &child) const
{
    if (!child.isValid())
        return {};
    const auto *node = static_cast<const Node *>(child.constInternalPointer());
    return indexOf(*node->parent);
}

int SeriesTreeModel::rowCount(const QModelIndex &parent) const
{
    if (parent.column() > 0)
        return 0;
    const auto *node = parent.isValid() ? static_cast<const Node *>(parent.constInternalPointer()) : &m_root;
    return static_cast<int>(node->children.size());
}

int SeriesTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant SeriesTreeModel::display(const Node &node, int column) const
{
    if (column == NameColumn)
        return node.name;
    const auto *series = row(createIndex(node.row, 0, &node));
    if (series == nullptr)
        return {};
    switch (column) {
    case ValueColumn:
        return valueText(*series);
    case UnitColumn:
        return series->tag ? textOf(series->tag->unit) : QString();
    case AgeColumn:
        return series->arrived == NoTime ? QStringLiteral("—") : ageText(m_feed.now() - series->arrived);
    default:
        return {};
    }
}

QVariant SeriesTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto &node = *static_cast<const Node *>(index.constInternalPointer());
    const auto *series = row(index);
    switch (role) {
    case Qt::DisplayRole:
        return display(node, index.column());
    case Qt::TextAlignmentRole:
        if (index.column() == ValueColumn || index.column() == AgeColumn)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
        return {};
    case Qt::ToolTipRole:
        if (series == nullptr || !series->path)
            return {};
        {
            const auto why = whyNotRead(*m_feed.current(), *series->path);
            return tr("%1\n%2\nlast %3, %4 ago")
                       .arg(series->tag && !series->tag->name.empty() ? textOf(series->tag->name) : node.name, textOf(*series->path),
                            clockText(series->t), series->arrived == NoTime ? QStringLiteral("—") : ageText(m_feed.now() - series->arrived))
                + (why ? u'\n' + errorText(*why) : QString());
        }
    case PathRole:
        return series != nullptr && series->path ? textOf(*series->path) : QString();
    case SeriesRole:
        return QVariant::fromValue<qint64>(node.series);
    case IsStaleRole:
        return series != nullptr
            && (m_feed.current()->isLost || isStale(*series, m_feed.now()) || whyNotRead(*m_feed.current(), *series->path));
    case QualityRole:
        return series != nullptr ? static_cast<int>(series->quality) : 0;
    case KindRole:
        return series != nullptr ? static_cast<int>(series->kind) : 0;
    case SortRole:
        return node.name;
    case SearchRole:
        return node.search;
    default:
        return {};
    }
}

QVariant SeriesTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Series");
    case ValueColumn:
        return tr("Value");
    case UnitColumn:
        return tr("Unit");
    case AgeColumn:
        return tr("Age");
    case TrendColumn:
        return tr("5 min");
    default:
        return {};
    }
}

Qt::ItemFlags SeriesTreeModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled;
}

QStringList SeriesTreeModel::mimeTypes() const
{
    return {QString::fromLatin1(MimeType)};
}

QMimeData *SeriesTreeModel::mimeData(const QModelIndexList &indexes) const
{
    QStringList paths;
    for (const auto &index : indexes)
        if (index.column() == NameColumn)
            paths += pathsBelow(index);
    paths.removeDuplicates();
    auto *data = new QMimeData;
    data->setData(QString::fromLatin1(MimeType), paths.join(u'\n').toUtf8());
    data->setText(paths.join(u'\n'));
    return data;
}

}
