#pragma once

#include <QDialog>

class QPushButton;
class QTableView;

namespace sg {

class Desk;
class RuleListModel;

// All rules of the workspace: make one, from nothing, a template or another one; change, switch on and off, remove; undo and redo all of
// it. UI thread.
class RuleList : public QDialog
{
    Q_OBJECT

public:
    RuleList(Desk &desk, const QString &ruleId, QWidget *parent); // with this rule chosen, where there is one

private:
    QPushButton *add(const char *name, const QString &text, const QString &tip, void (RuleList::*slot)());
    void refresh();
    void addRule();
    void addFromTemplate();
    void change();
    void duplicate();
    void toggle();
    void removeRule();
    void undo();
    void redo();
    [[nodiscard]] int row() const;

    Desk &m_desk;
    RuleListModel *m_model;
    std::pair<QString, int> m_chosen; // while the list is made anew
    QTableView *m_view;
    class QVBoxLayout *m_side;
    QPushButton *m_change, *m_duplicate, *m_toggle, *m_remove, *m_undo, *m_redo;
};

}
