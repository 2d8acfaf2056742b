#pragma once

#include "items/snapshotfeed.h"

#include <QAbstractItemModel>

namespace sg {

// Source > key > field, with the newest value of each. Built for 100,000 series: a frame costs the pages that changed, and nothing
// is ever reset. UI thread only.
class SeriesTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { NameColumn, ValueColumn, UnitColumn, AgeColumn, TrendColumn, ColumnCount };
    enum Role {
        PathRole = Qt::UserRole, // full path of a series, "" of other nodes
        SeriesRole, // its number, -1 of other nodes
        IsStaleRole,
        QualityRole,
        SortRole, // never changes, so that new values do not sort
        SearchRole, // folded text that the filter looks into
        KindRole, // ValueKind
    };
    struct Node
    {
        Node *parent = nullptr;
        int row = 0;
        std::uint32_t number = 0; // dense over all nodes ever made: what a filter keeps its marks by
        QString name;
        QString search; // folded; of series only
        std::int64_t series = -1;
        std::vector<std::unique_ptr<Node>> children;
    };
    static constexpr auto MimeType = "application/x-sightglass-series";

    explicit SeriesTreeModel(SnapshotFeed &feed, QObject *parent = nullptr);
    ~SeriesTreeModel() override;

    [[nodiscard]] const Node &root() const { return m_root; }
    [[nodiscard]] std::uint32_t nodeNumbers() const { return m_nextNumber; }
    [[nodiscard]] const SeriesRow *row(const QModelIndex &index) const; // nullptr for a source or a key
    [[nodiscard]] int seriesCount() const { return m_seriesCount; }
    [[nodiscard]] QModelIndex indexOf(const Node &node, int column = 0) const;
    [[nodiscard]] QStringList pathsBelow(const QModelIndex &index) const; // of all series at and below it

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;

private:
    void take(const SnapshotPtr &before, const SnapshotPtr &after);
    void add(const std::vector<std::size_t> &numbers, const Snapshot &snapshot);
    void remove(std::size_t number);
    void append(Node &parent, std::vector<std::unique_ptr<Node>> children);
    QVariant display(const Node &node, int column) const;

    SnapshotFeed &m_feed;
    Node m_root;
    std::vector<Node *> m_bySeries; // by number(SeriesId); null when not shown
    std::unordered_map<std::string, Node *> m_groups; // sources and keys by path
    std::uint32_t m_nextNumber = 1;
    int m_seriesCount = 0;
};

}
