#pragma once

#include "widgets/rules/gridmodel.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTableView;

namespace sg {

class Desk;
class RuleDialog;

// A CSV file that a rule names, as a grid: its limits by machine, or the machines that must be there. Save is one TextEdit of that file:
// what did not change keeps its bytes. UI thread; the file is read by a worker before the dialog opens.
class TableDialog : public QDialog
{
    Q_OBJECT

public:
    // Of the draft of this editor; `path`: the key that names the file, "limits_from" or "absence/expect/file". A key without a file gets
    // one.
    static void edit(RuleDialog &editor, Desk &desk, const std::string &path);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Table
    {
        std::string path, file, text;
        std::vector<std::string> labels; // columns that tell machines apart
        std::vector<std::string> levels; // columns that may be added
        std::vector<std::vector<std::string>> known; // machines that are watched now, by their labels
        GridModel::Reader reader;
    };
    TableDialog(RuleDialog &editor, Desk &desk, Table table);
    void refresh();
    void addKnown();
    void removeRows();
    void paste();
    void copy() const;
    void save();

    RuleDialog &m_editor;
    Desk &m_desk;
    const Table m_table;
    GridModel *m_model;
    QTableView *m_view;
    QLabel *m_fault;
    QPushButton *m_ok;
};

}
