#pragma once

#include "items/snapshotfeed.h"

#include <QAbstractListModel>

namespace sg {

// One row a source, in the order of the workspace: what the status bar and the sources' page show. UI thread only.
class SourceModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        IdRole = Qt::UserRole,
        StateRole, // SourceStatus::State
        SummaryRole, // "live · 812 msg/s · 96 kB/s · lag 0 · 1 s old"
        DetailsRole, // several lines, plain text; may quote hostile payload
        IsQuietRole, // connected, and nothing came for a while
    };

    explicit SourceModel(SnapshotFeed &feed, QObject *parent = nullptr);

    [[nodiscard]] const SourceRow *source(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QHash<int, QByteArray> roleNames() const override;

private:
    void take(const SnapshotPtr &after);
    QString summary(const SourceRow &row) const;
    QString details(const SourceRow &row) const;
    bool isQuiet(const SourceRow &row) const;

    SnapshotFeed &m_feed;
    std::vector<std::string> m_ids; // what the views know to be there
};

}
