#pragma once

#include "alarms/alarmengine.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace sg {

class Desk;

// What to do about the selected alarm: action, cause, consequence. Plain text. UI thread.
class ActionText : public QWidget
{
    Q_OBJECT

public:
    ActionText(Desk &desk, QWidget *parent);
    void show(const AlarmView *alarm, int selected); // nullptr: nothing is selected

private:
    Desk &m_desk;
    QPlainTextEdit *m_text;
    QPushButton *m_toChart;
    QPushButton *m_toRule;
    QString m_path;
    QString m_rule; // id
};

}
