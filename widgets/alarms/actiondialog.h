#pragma once

#include "core/batch.h"

#include <QDialog>

class QAbstractButton;
class QDateTimeEdit;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace sg {

class Desk;

// Asks what one operator action needs (name, reason, time, permit), does it, and closes when the engine has it durably; its refusal
// stands in words in the open dialog. UI thread.
class ActionDialog : public QDialog
{
    Q_OBJECT

public:
    struct Target
    {
        AlarmName name;
        ShownOccurrence shown; // 0: never raised
        QString text; // for people
    };
    ActionDialog(Desk &desk, Verb verb, std::vector<Target> targets, QWidget *parent);

Q_SIGNALS:
    void done(const QString &text); // what happened, in words

private:
    void refresh();
    void submit();
    [[nodiscard]] std::optional<Time> until() const;

    Desk &m_desk;
    const Verb m_verb;
    const std::vector<Target> m_targets;
    QLineEdit *m_name;
    QLineEdit *m_reason;
    QLineEdit *m_permit = nullptr;
    std::vector<std::pair<QAbstractButton *, Micros>> m_times; // how long to shelve
    QAbstractButton *m_untilChosen = nullptr;
    QDateTimeEdit *m_until = nullptr;
    QLabel *m_answer;
    QPushButton *m_do;
    bool m_isWaiting = false; // for the engine
};

}
