#pragma once

#include "alarms/alarmengine.h"

#include <QWidget>

class QPlainTextEdit;

namespace sg {

class Desk;

// What to do about the selected alarm: why it is, action, cause, consequence, marks. Plain text. UI thread.
class ActionText : public QWidget
{
    Q_OBJECT

public:
    ActionText(Desk &desk, QWidget *parent);
    void show(const AlarmView *alarm, int selected); // nullptr: nothing is selected

private:
    Desk &m_desk;
    QPlainTextEdit *m_text;
};

}
