#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace sg {

// A whole page with one thing to say: opening, or why a workspace could not be opened and what to do.
class NotePage : public QWidget
{
    Q_OBJECT

public:
    explicit NotePage(QWidget *parent = nullptr);
    void showOpening(const QString &what);
    void showError(const QString &what, const QString &why);

Q_SIGNALS:
    void openWanted();
    void againWanted();
    void demoWanted();

private:
    QLabel *m_title, *m_text;
    QWidget *m_buttons;
};

}
