#pragma once

#include "widgets/connect/connectpage.h"

#include <QDialog>

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace sg {

// "Connect your own data": four steps on real messages, beside the text that Save will write, which is one step of the undo stack. Nothing
// is changed before. UI thread; looks into servers run elsewhere and end with the dialog.
class ConnectDialog : public QDialog
{
    Q_OBJECT

public:
    ConnectDialog(Desk &desk, const ConnectState::Begin &begin, QWidget *parent);

    [[nodiscard]] ConnectState &state() { return m_state; }

public Q_SLOTS:
    void reject() override; // asks when something was chosen

private:
    void addPage(ConnectPage *page, const QString &title, const QString &what);
    void goTo(int step);
    void refresh();
    void save();
    void editAsForm();

    ConnectState m_state;
    std::vector<ConnectPage *> m_pages;
    QStringList m_titles;
    QListWidget *m_steps;
    QStackedWidget *m_stack;
    QLabel *m_title, *m_missing;
    QPlainTextEdit *m_yaml;
    QPushButton *m_back, *m_next, *m_save, *m_form;
    Node m_begun; // the item as it was when this opened
    bool m_isSaved = false;
};

}
