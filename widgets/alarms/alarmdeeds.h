#pragma once

#include "widgets/alarms/actiondialog.h"

#include "alarms/alarmengine.h"

#include <QAction>

class QMenu;

namespace sg {

// Everything that can be done with the selected alarms, once: for the buttons, the menu and the keys of one list. UI thread.
class AlarmDeeds : public QObject
{
    Q_OBJECT

public:
    enum Deed {
        Acknowledge,
        AcknowledgePage,
        Shelve,
        Unshelve,
        Note,
        Explain,
        ShowChart,
        Unacknowledge,
        Reset,
        OutOfService,
        InService,
        ChangeRule,
        DeedCount
    };
    using Selected = std::function<std::vector<const AlarmView *>()>;
    // Keys work while `list` has the focus.
    AlarmDeeds(Desk &desk, QWidget &list, Selected selected);

    [[nodiscard]] QAction *action(Deed deed) const { return m_actions[deed]; }
    void fill(QMenu &menu) const;
    void fillOthers(QMenu &menu, QAction *before = nullptr) const; // all but Acknowledge; they leave the menu with this object
    void refresh(int unacknowledged); // what can be done now

Q_SIGNALS:
    void acknowledgeWanted();
    void acknowledgePageWanted();
    void said(const QString &text);

private:
    void add(Deed deed, const QString &text, const char *name, const QKeySequence &key, std::function<void()> what);
    void ask(Verb verb, bool (*isMeant)(const AlarmView &));
    [[nodiscard]] const AlarmView *first() const;

    Desk &m_desk;
    QWidget &m_list;
    const Selected m_selected;
    std::array<QAction *, DeedCount> m_actions{};
    std::array<QAction *, 3> m_lines{}; // between groups of a menu
};

}
