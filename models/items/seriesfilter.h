#pragma once

#include "items/seriestreemodel.h"

#include <QSortFilterProxyModel>
#include <QTimer>

namespace sg {

// Shows what matches as somebody types: every word must occur in the path or the name. One pass over the tree marks the nodes, so
// the proxy asks about a row without looking below it.
class SeriesFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit SeriesFilter(SeriesTreeModel &model, QObject *parent = nullptr);
    void setText(const QString &text);
    [[nodiscard]] bool isFiltering() const { return !m_words.isEmpty(); }
    [[nodiscard]] int matches() const { return m_matches; } // series shown

Q_SIGNALS:
    void filtered();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    void markAll();
    bool mark(const SeriesTreeModel::Node &node);

    SeriesTreeModel &m_model;
    QStringList m_words;
    std::vector<bool> m_isShown; // by node number; newer nodes are judged by the next pass
    int m_matches = 0;
    QTimer m_again;
};

}
