#pragma once

#include "alarms/rule.h"

#include <QAbstractTableModel>

namespace sg {

class Desk;

// The rules of the workspace as its files say them, those that were refused last. A tick switches a rule on or off by an edit, so it shows
// only once the file says so. UI thread.
class RuleListModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column : std::uint8_t { EnabledColumn, IdColumn, PriorityColumn, WatchesColumn, SentenceColumn, FileColumn, Columns };

    explicit RuleListModel(Desk &desk, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;

    [[nodiscard]] std::shared_ptr<const Rule> rule(int row) const; // null: it was refused
    [[nodiscard]] QString id(int row) const;
    [[nodiscard]] int rowOf(const QString &id) const; // -1: there is none

private:
    struct Row
    {
        std::shared_ptr<const Rule> rule;
        QString id, sentence, place;
        QString watches;
    };
    void reload();
    void recount();

    Desk &m_desk;
    std::vector<Row> m_rows;
};

// Switches the rule on or off as one step of the undo stack. UI thread.
void setRuleEnabled(Desk &desk, const Rule &rule, bool isEnabled);

}
