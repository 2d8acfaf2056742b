#pragma once

#include "items/alarmlists.h"
#include "items/snapshotfeed.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <deque>
#include <unordered_map>

namespace sg {

class Desk;

// The journal, newest first, as it grows; older records are read when somebody scrolls to the end. UI thread.
class JournalModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, EventColumn, PriorityColumn, AlarmColumn, StateColumn, ValueColumn, WhoColumn, ReasonColumn, ColumnCount };

    JournalModel(Desk &desk, QObject *parent);
    void refresh(); // what is new, while it is shown
    void show(std::vector<JournalRow> rows); // these (newest first) and no others, for good: without refresh()
    [[nodiscard]] const JournalRow &row(int n) const { return m_rows[static_cast<std::size_t>(n)]; }
    [[nodiscard]] const std::string &ruleName(const std::string &rule) const; // as people call it now; "" for one that is gone

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

private:
    void ask(JournalQuery query, bool isOlder);
    void take(std::vector<JournalRow> rows, bool isOlder, std::size_t limit);

    Desk &m_desk;
    std::deque<JournalRow> m_rows; // newest first
    mutable std::shared_ptr<const RuleSet> m_named; // whose names m_ruleNames holds
    mutable std::unordered_map<std::string, std::string> m_ruleNames; // by id
    bool m_isReading = false;
    bool m_isAtEnd = false; // nothing older is left, or enough is shown
};

// The journal's rows that the filter of the lists lets through.
class JournalFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    JournalFilter(JournalModel &model, const QString &area, QObject *parent);
    void setFilter(const AlarmFilter &filter);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    JournalModel &m_model;
    const std::string m_ownArea; // of the list
    std::string m_area;
    Priority m_least = Priority::Low;
    std::vector<std::string> m_words;
};

}
