#pragma once

#include "items/alarmmodel.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QTableView;
class QToolButton;

namespace sg {

class AckBar;
class ActionText;
class AlarmDelegate;
class Desk;

// The list of alarms with what an operator does to them. Its order holds while somebody points at it or has selected in it, but not
// longer than half a minute after the last touch: a forgotten pointer must not keep a new alarm out of sight. UI thread.
class AlarmPanel : public QWidget
{
    Q_OBJECT

public:
    // `area`: only its alarms; empty: all.
    AlarmPanel(Desk &desk, const QString &area, QWidget *parent = nullptr);
    [[nodiscard]] AlarmModel &model() { return m_model; }
    [[nodiscard]] QTableView *view() const { return m_view; }
    void acknowledgeSelected(); // what is shown now
    [[nodiscard]] QString selectedRule() const; // id, "" when nothing is selected

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildHeader(class QHBoxLayout &layout);
    void layColumns();
    void touch();
    void updateHold();
    void updateCounts();
    void updateSelection();
    [[nodiscard]] std::vector<ShownOccurrence> selectedOccurrences() const;
    [[nodiscard]] std::vector<int> selectedRows() const;

    Desk &m_desk;
    AlarmModel m_model;
    QTableView *m_view = nullptr;
    AlarmDelegate *m_delegate = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_empty = nullptr;
    QPushButton *m_newAbove = nullptr;
    AckBar *m_ackBar = nullptr;
    ActionText *m_action = nullptr;
    QTimer m_blink;
    Mono m_lastTouch{};
    int m_layout = 0; // of the columns; 0: none yet
};

}
