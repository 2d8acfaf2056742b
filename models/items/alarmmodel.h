#pragma once

#include "items/alarmlists.h"
#include "items/snapshotfeed.h"

#include <QAbstractTableModel>

#include <span>

namespace sg {

// One list of alarms. Unless sorted by a column: unacknowledged first, then priority, then newest. While held (somebody points at it or
// has selected in it) rows keep their places: what is new waits and is counted, what went stays until the hold ends. A snapshot costs at
// most one insertion, one sort and one removal, however many alarms came; only another list is a reset. UI thread only.
class AlarmModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        GroupColumn,
        StateColumn,
        PriorityColumn,
        TimeColumn,
        NameColumn,
        KeyColumn,
        ValueColumn,
        WhyColumn,
        BadgesColumn,
        AgeColumn,
        ColumnCount
    };
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
        BadgesRole, // QStringList
        ShortBadgesRole, // QStringList: the same ones in a word each
        GroupBeginsRole, // the first row of its group
    };

    explicit AlarmModel(SnapshotFeed &feed, QObject *parent = nullptr);

    void setArea(const QString &area); // only alarms of this area, in counts too; empty: all
    void setWhose(Whose whose); // only theirs, in counts too
    [[nodiscard]] int othersWaiting() const { return m_othersWaiting; } // unacknowledged ones of the area that are not theirs
    void setList(AlarmList list);
    [[nodiscard]] AlarmList list() const { return m_list; }
    void setFilter(const AlarmFilter &filter);
    [[nodiscard]] const AlarmFilter &filter() const { return m_filter; }
    void setGrouping(AlarmGrouping grouping);
    [[nodiscard]] AlarmGrouping grouping() const { return m_grouping; }
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override; // -1: its own order

    void hold(bool isHeld);
    [[nodiscard]] bool isHeld() const { return m_isHeld; }
    [[nodiscard]] int waiting() const { return m_waiting; } // new ones that the hold keeps out
    [[nodiscard]] const AlarmView *alarm(int row) const; // nullptr when the instance is gone
    [[nodiscard]] const AlarmView *view(std::uint32_t instance) const; // as above
    [[nodiscard]] std::uint32_t instance(int row) const { return m_rows[static_cast<std::size_t>(row)].instance; }
    [[nodiscard]] ShownOccurrence shown(int row) const;
    [[nodiscard]] int count(AlarmList list) const { return m_counts[static_cast<std::size_t>(list)]; } // whatever the filter
    [[nodiscard]] int unacknowledged() const { return count(AlarmList::Unacknowledged); }
    [[nodiscard]] QStringList areas() const; // that alarms are in, sorted

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void waitingChanged(int count);
    void countsChanged();

private:
    struct Entry // what decides its place when no column does
    {
        std::uint32_t instance = 0;
        bool isUnacknowledged = false;
        Priority priority = Priority::Low;
        Time raised = NoTime;
        bool operator==(const Entry &) const = default;
        bool operator<(const Entry &other) const; // goes above
    };
    static constexpr std::int32_t NoRow = -1, Waits = -2;

    void take(const SnapshotPtr &before, const SnapshotPtr &after);
    void note(std::uint32_t instance); // it may have changed
    void settle(bool isForced = false); // rows come, go and move as noted; while held only when forced
    void order(); // by one sort; rows that leave go to the end
    void lookAgain(); // at every alarm: the filter changed
    void startOver(); // another list
    [[nodiscard]] bool isShown(std::uint32_t instance);
    [[nodiscard]] Entry entryOf(std::uint32_t instance) const;
    void sortRows(std::span<Entry> rows) const;
    [[nodiscard]] int compare(const AlarmView &a, const AlarmView &b) const; // by the chosen column
    [[nodiscard]] std::string_view groupOf(const AlarmView &alarm) const;
    [[nodiscard]] bool beginsGroup(int row) const;
    [[nodiscard]] QVariant display(const AlarmView &alarm, int row, int column) const;
    [[nodiscard]] QString toolTip(const AlarmView &alarm) const;

    SnapshotFeed &m_feed;
    std::string m_area;
    Whose m_whose = Whose::Everybody;
    AlarmList m_list = AlarmList::Open;
    AlarmFilter m_filter;
    std::string m_filterArea;
    std::vector<std::string> m_words; // of the filter's text
    AlarmGrouping m_grouping = AlarmGrouping::None;
    int m_column = -1;
    Qt::SortOrder m_direction = Qt::AscendingOrder;

    std::vector<Entry> m_rows;
    // By instance.
    struct Known
    {
        ListBits lists = 0;
        std::int32_t row = NoRow;
        bool isLeaving = false, isOthersWaiting = false;
        std::string text; // what words are looked for in, made when the first one is
        std::uint64_t textOf = 0, textOfRaise = 0; // hash of the rule and occurrence that it was made of
    };
    std::vector<Known> m_known;
    std::vector<std::uint32_t> m_arriving; // with Known::row Waits
    std::array<int, AlarmLists> m_counts{};
    int m_othersWaiting = 0;
    int m_leaving = 0;
    int m_waiting = 0;
    bool m_isUnsorted = false;
    bool m_isHeld = false;
};

}
