#pragma once

#include "core/batch.h"

#include <QWidget>

class QLineEdit;
class QPushButton;

namespace sg {

class Desk;

// What an acknowledgement would take, and what it leaves out.
struct AckChoice
{
    std::vector<ShownOccurrence> shown;
    QStringList names; // of the first of those
    int urgent = 0; // the highest priority is acknowledged one by one
    int unseen = 0; // were never on the screen
};

// Operator's name, a note and the button. Acknowledges what was selected when the button went down, and confirms only when the
// engine answered, that is, when it is durable. Without a name it asks for one, and Enter behind the name goes on with what was begun.
// UI thread.
class AckBar : public QWidget
{
    Q_OBJECT

public:
    AckBar(Desk &desk, std::function<AckChoice()> selected, QWidget *parent);
    void setSelected(int unacknowledged);
    void acknowledge(const AckChoice &choice);
    void forgetBegun(); // others were selected
    [[nodiscard]] QString name() const;

Q_SIGNALS:
    void acknowledged();
    void said(const QString &text); // the answer

private:
    Desk &m_desk;
    const std::function<AckChoice()> m_selected;
    QLineEdit *m_name;
    QLineEdit *m_note;
    QPushButton *m_button;
    std::optional<AckChoice> m_pressed; // when the button went down
    std::optional<AckChoice> m_begun; // waits for a name
};

}
