#pragma once

#include "core/batch.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace sg {

class Desk;

// What an acknowledgement would take, and what it leaves out.
struct AckChoice
{
    std::vector<ShownOccurrence> shown;
    int urgent = 0; // the highest priority is acknowledged one by one
    int unseen = 0; // were never on the screen
};

// Operator's name, a note and the button. Acknowledges what was selected when the button went down, and confirms only when the
// engine answered, that is, when it is durable. UI thread.
class AckBar : public QWidget
{
    Q_OBJECT

public:
    AckBar(Desk &desk, std::function<AckChoice()> selected, QWidget *parent);
    void setSelected(int unacknowledged);
    void acknowledge(const AckChoice &choice);
    void say(const QString &text);
    [[nodiscard]] QLabel *answer() const { return m_answer; } // the panel places it
    [[nodiscard]] QString name() const;

Q_SIGNALS:
    void acknowledged();

private:
    Desk &m_desk;
    const std::function<AckChoice()> m_selected;
    QLineEdit *m_name;
    QLineEdit *m_note;
    QPushButton *m_button;
    QLabel *m_answer;
    std::optional<AckChoice> m_pressed; // when the button went down
};

}
