#pragma once

#include <QDialog>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace sg {

class Desk;
class ResultTable;

// The sources of the workspace, stopped ones too, and everything that can be done with them. Stays up to date; UI thread.
class SourceList : public QDialog
{
    Q_OBJECT

public:
    SourceList(Desk &desk, QWidget *parent);

private:
    QPushButton *add(const char *name, const QString &text, const QString &tip, std::function<void()> what);
    void show();
    void refresh();
    [[nodiscard]] std::string chosen() const; // empty: none

    Desk &m_desk;
    ResultTable *m_table;
    QLabel *m_empty;
    QVBoxLayout *m_side;
    QPushButton *m_change, *m_copy, *m_toggle, *m_remove, *m_messages, *m_undo, *m_redo;
    std::vector<std::string> m_ids; // by row
    std::vector<QStringList> m_shown;
};

}
