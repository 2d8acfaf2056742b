#include "widgets/alarms/listtabs.h"

#include "items/alarmmodel.h"

#include <QLocale>

namespace sg {

ListTabs::ListTabs(QWidget *parent)
    : QTabBar(parent)
{
    setObjectName(QStringLiteral("alarmLists"));
    setAccessibleName(tr("Lists of alarms"));
    setDrawBase(false);
    setExpanding(false);
    setElideMode(Qt::ElideNone);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    for (int i = 0; i <= Journal; ++i)
        addTab(QString());
    for (int i = 0; i <= Journal; ++i)
        setTabToolTip(i, meaning(i));
    refresh();
}

void ListTabs::setCounts(const AlarmModel &model)
{
    std::array<int, AlarmLists> counts{};
    for (std::size_t i = 0; i < AlarmLists; ++i)
        counts[i] = model.count(static_cast<AlarmList>(i));
    if (std::exchange(m_counts, counts) != counts)
        refresh();
}

void ListTabs::setNarrow(bool isNarrow)
{
    if (std::exchange(m_isNarrow, isNarrow) != isNarrow)
        refresh();
}

void ListTabs::refresh()
{
    const QStringList names = m_isNarrow
        ? QStringList{tr("Open"),    tr("Unack."), tr("Active"), tr("Cleared"), tr("Chatter"),
                      tr("Shelved"), tr("Suppr."), tr("OOS"),    tr("Journal")}
        : QStringList{tr("Open"),    tr("Unacknowledged"), tr("Active"),         tr("Cleared"), tr("Chattering"),
                      tr("Shelved"), tr("Suppressed"),     tr("Out of service"), tr("Journal")};
    for (int i = 0; i < Journal; ++i)
        setTabText(i, QStringLiteral("%1 %2").arg(names[i], QLocale().toString(m_counts[static_cast<std::size_t>(i)])));
    setTabText(Journal, names[Journal]);
}

QString ListTabs::meaning(int tab)
{
    switch (tab) {
    case static_cast<int>(AlarmList::Open):
        return tr("What needs somebody: the active ones, and the cleared ones that are not acknowledged or not reset yet.");
    case static_cast<int>(AlarmList::Unacknowledged):
        return tr("What nobody has acknowledged yet, active or cleared.");
    case static_cast<int>(AlarmList::Active):
        return tr("What is wrong now, acknowledged or not.");
    case static_cast<int>(AlarmList::Cleared):
        return tr("What is wrong no more, but not acknowledged or not reset yet.");
    case static_cast<int>(AlarmList::Chattering):
        return tr(
            "What was raised three times or more within the last minute or so, whatever its state. Earlier ones: Alarms > KPI report.");
    case static_cast<int>(AlarmList::Shelved):
        return tr("What somebody silenced for a time; it comes back by itself.");
    case static_cast<int>(AlarmList::Suppressed):
        return tr("What its own rule suppresses by design, while its cause lasts.");
    case static_cast<int>(AlarmList::OutOfService):
        return tr("Out of service under a permit, or disabled.");
    default:
        return tr("Everything that happened, newest first.");
    }
}

// As wide as for two digits: the tabs beside a count stand still while it changes.
QSize ListTabs::tabSizeHint(int index) const
{
    auto size = QTabBar::tabSizeHint(index);
    if (index < Journal && m_counts[static_cast<std::size_t>(index)] < 10)
        size.rwidth() += fontMetrics().horizontalAdvance(u'0');
    return size;
}

}
