#pragma once

#include "core/batch.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace sg {

class Desk;

// Operator's name, a note and the button. Acknowledges what was selected when the button went down, and confirms only when the
// engine answered, that is, when it is durable. UI thread.
class AckBar : public QWidget
{
    Q_OBJECT

public:
    AckBar(Desk &desk, std::function<std::vector<ShownOccurrence>()> selected, QWidget *parent);
    void setSelected(int unacknowledged);
    void setNarrow(bool isNarrow); // the answer below, not beside
    void acknowledge(const std::vector<ShownOccurrence> &shown);

Q_SIGNALS:
    void acknowledged();

private:
    void say(const QString &text);
    Desk &m_desk;
    const std::function<std::vector<ShownOccurrence>()> m_selected;
    QLineEdit *m_name;
    QLineEdit *m_note;
    QPushButton *m_button;
    QLabel *m_answer;
    class QBoxLayout *m_layout;
    std::vector<ShownOccurrence> m_pressed; // when the button went down
};

}
