#pragma once

#include "items/alarmmodel.h"
#include "widgets/alarms/seenrows.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace sg {

class AckBar;
class ActionText;
class AlarmDeeds;
class AlarmDelegate;
class Desk;
class FilterBar;
class FloodBanner;
class JournalFilter;
class JournalModel;
class ListTabs;
class NoteLine;
struct AckChoice;

// The console: lists of alarms with what an operator does to them, and the journal. A list's order holds while somebody points at it or
// has selected in it, but not longer than half a minute after the last touch: a forgotten pointer must not keep a new alarm out of
// sight. What is above a list keeps its height, and what comes and goes has a line of its own: rows never move on the screen because of
// something else. UI thread.
class AlarmPanel : public QWidget
{
    Q_OBJECT

public:
    // `area`: only its alarms; empty: all.
    AlarmPanel(Desk &desk, const QString &area, QWidget *parent = nullptr);
    [[nodiscard]] AlarmModel &model() { return m_model; }
    [[nodiscard]] QTableView *view() const { return m_view; }
    [[nodiscard]] const AlarmDeeds &deeds() const { return *m_deeds; }
    void acknowledgeSelected(); // what is shown now
    [[nodiscard]] QString selectedRule() const; // id, "" when nothing is selected
    void showList(int tab); // of ListTabs
    void chooseWhose(); // opens the menu
    void showAlarm(const QString &path); // selects it in the list of active ones; empty: that list

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildView();
    void buildJournal(const QString &area);
    void buildDeeds();
    QWidget *buildHead();
    QWidget *buildFoot();
    void connectAll();
    void layColumns();
    void fitColumns(); // to what they say, as far as there is room
    void layButtons();
    void touch();
    void updateHold();
    void endHold(); // the selection too
    void updateCounts();
    void updateHoldText();
    void updateEmpty();
    void updateSelection();
    bool select(const QString &path); // in the list of active ones, unfiltered; false: it is not there
    [[nodiscard]] bool isJournalShown() const;
    [[nodiscard]] AckChoice selectedChoice() const;
    [[nodiscard]] AckChoice choiceOf(const std::vector<int> &rows) const;
    [[nodiscard]] std::vector<int> selectedRows() const;

    Desk &m_desk;
    AlarmModel m_model;
    SeenRows m_seen;
    QTableView *m_view = nullptr;
    AlarmDelegate *m_delegate = nullptr;
    JournalModel *m_journal = nullptr;
    JournalFilter *m_journalFilter = nullptr;
    QTableView *m_journalView = nullptr;
    QStackedWidget *m_stack = nullptr;
    ListTabs *m_tabs = nullptr;
    FilterBar *m_filter = nullptr;
    FloodBanner *m_flood = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_empty = nullptr;
    QPushButton *m_newAbove = nullptr;
    QToolButton *m_whose = nullptr;
    AlarmDeeds *m_deeds = nullptr;
    AckBar *m_ackBar = nullptr;
    NoteLine *m_note = nullptr;
    QWidget *m_foot = nullptr;
    ActionText *m_action = nullptr;
    QBoxLayout *m_headLayout = nullptr;
    std::vector<QWidget *> m_deedButtons; // Shelve, Unshelve and InService first
    QTimer m_blink;
    Mono m_lastTouch{};
    int m_layout = 0; // of the columns; 0: none yet
    std::array<int, AlarmModel::ColumnCount> m_wanted{}; // the widest that each had to say in this layout
    int m_wantedMarks = 0; // in full
    bool m_isChosen = false; // somebody dragged a column
};

}
