#pragma once

#include <QFrame>
#include <QStringList>

class QLabel;
class QPushButton;
class QToolButton;

namespace sg {

// What the program has to say, above the page and never in a box that stops work. Stays until closed; newest on top, older ones counted.
class MessageBar : public QFrame
{
    Q_OBJECT

public:
    explicit MessageBar(QWidget *parent = nullptr);
    void say(const QString &text, bool isError);
    // A line that stays until it is closed and may change meanwhile; one that was closed comes back once, when it is final.
    void setNote(const QString &key, const QString &text, bool isFinal);
    void setStanding(const QStringList &troubles); // shown as long as they last
    void setOffer(const QString &text); // a button beside the standing lines; "": none

Q_SIGNALS:
    void taken(); // what was offered

private:
    void refresh();
    QLabel *m_text;
    QPushButton *m_offer;
    QToolButton *m_close;
    QStringList m_messages, m_standing;
    struct Note
    {
        QString key, text;
        bool isFinal = false;
    };
    QList<Note> m_notes; // newest first
    QList<Note> m_closed; // what was closed last
};

}
