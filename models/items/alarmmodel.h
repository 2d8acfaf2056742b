#pragma once

#include "items/snapshotfeed.h"

#include <QAbstractTableModel>

namespace sg {

// The alarms that are not normal: unacknowledged first, then priority, then newest. While held (somebody points at it or has
// selected in it) rows keep their places: what is new waits and is counted, what went stays until the hold ends. Never reset.
// UI thread only.
class AlarmModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { StateColumn, PriorityColumn, NameColumn, KeyColumn, ValueColumn, LimitColumn, TimeColumn, AgeColumn, ColumnCount };
    enum Role {
        StateRole = Qt::UserRole, // AlarmState
        ShortStateRole, // its words for a narrow column
        PriorityRole, // Priority
        IsUnacknowledgedRole,
        IsActiveRole, // the condition still holds
        PathRole,
        RuleRole, // rule id
        OccurrenceRole, // quint64
        RaisedRole, // microseconds since the epoch
    };

    explicit AlarmModel(SnapshotFeed &feed, QObject *parent = nullptr);

    void setArea(const QString &area); // only alarms of this area; empty: all. Call before the first use
    void hold(bool isHeld);
    [[nodiscard]] bool isHeld() const { return m_isHeld; }
    [[nodiscard]] int waiting() const { return static_cast<int>(m_waiting.size()); } // new ones that the hold keeps out
    [[nodiscard]] const AlarmView *alarm(int row) const; // nullptr when the instance is gone
    [[nodiscard]] ShownOccurrence shown(int row) const;
    [[nodiscard]] int unacknowledged() const; // waiting ones included

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void waitingChanged(int count);
    void countsChanged();

private:
    struct Entry
    {
        std::uint32_t instance = 0;
        bool isUnacknowledged = false;
        Priority priority = Priority::Low;
        Time raised = NoTime;
        bool operator<(const Entry &other) const; // goes above
    };

    void take(const SnapshotPtr &before, const SnapshotPtr &after);
    void place(std::uint32_t instance, bool isShown);
    void settle(); // the order as it should be, by moves
    [[nodiscard]] std::optional<Entry> entryOf(std::uint32_t instance) const;
    [[nodiscard]] const AlarmView *view(std::uint32_t instance) const;
    [[nodiscard]] int rowOf(std::uint32_t instance) const;
    QVariant display(const AlarmView &alarm, int column) const;

    SnapshotFeed &m_feed;
    QString m_area;
    std::vector<Entry> m_rows;
    std::vector<std::uint32_t> m_waiting;
    bool m_isHeld = false;
};

}
