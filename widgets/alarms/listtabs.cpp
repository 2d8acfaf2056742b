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
    const QStringList tips{tr("Whatever is active, or not acknowledged or not reset yet"),
                           tr("What nobody has acknowledged yet"),
                           tr("What somebody silenced for a time; it comes back by itself"),
                           tr("What its own rule suppresses by design, while its cause lasts"),
                           tr("Out of service under a permit, or disabled"),
                           tr("What is over, but not acknowledged or not reset yet"),
                           tr("Everything that happened, newest first")};
    for (int i = 0; i <= Journal; ++i)
        setTabToolTip(i, tips[i]);
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
        ? QStringList{tr("Active"), tr("Unack."), tr("Shelved"), tr("Suppr."), tr("OOS"), tr("Cleared"), tr("Journal")}
        : QStringList{tr("Active"),         tr("Unacknowledged"), tr("Shelved"), tr("Suppressed"),
                      tr("Out of service"), tr("Cleared"),        tr("Journal")};
    for (int i = 0; i < Journal; ++i)
        setTabText(i, QStringLiteral("%1 %2").arg(names[i], QLocale().toString(m_counts[static_cast<std::size_t>(i)])));
    setTabText(Journal, names[Journal]);
}

}
