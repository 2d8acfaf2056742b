#pragma once

#include "core/types.h"

#include <QDialog>

class QAbstractButton;
class QLabel;
class QLineEdit;
class QPushButton;

namespace sg {

class Attention;

// Mutes the sound of this desk for a time, the highest priority excepted: asks how long, why and who, and closes when the journal has it.
// UI thread.
class MuteDialog : public QDialog
{
    Q_OBJECT

public:
    MuteDialog(Attention &attention, QWidget *parent);

private:
    void refresh();
    void submit();

    Attention &m_attention;
    std::vector<std::pair<QAbstractButton *, Micros>> m_times;
    QLineEdit *m_reason, *m_name;
    QLabel *m_answer;
    QPushButton *m_do;
    bool m_isWaiting = false; // for the journal
};

}
