#pragma once

#include <QFrame>

class QLabel;

namespace sg {

// What the program has to say, above the page and never in a box that stops work. Stays until closed; newest on top, older ones counted.
class MessageBar : public QFrame
{
    Q_OBJECT

public:
    explicit MessageBar(QWidget *parent = nullptr);
    void say(const QString &text, bool isError);
    void setStanding(const QStringList &troubles); // shown as long as they last
    void setOffer(const QString &text); // a button beside the standing lines; "": none

Q_SIGNALS:
    void taken(); // what was offered

private:
    void refresh();
    QLabel *m_text;
    class QPushButton *m_offer;
    class QToolButton *m_close;
    QStringList m_messages, m_standing;
};

}
