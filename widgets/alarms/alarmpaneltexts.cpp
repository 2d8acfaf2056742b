#include "widgets/alarms/alarmpanel.h"

#include "widgets/alarms/attention.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/alarms/noteline.h"
#include "widgets/alarms/whosemenu.h"
#include "widgets/main/desk.h"

#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>

// What the console says about its list: counts, why it is held, what its emptiness means.
namespace sg {

void AlarmPanel::updateCounts()
{
    m_tabs->setCounts(m_model);
    const auto all = m_model.rowCount() + m_model.waiting();
    const auto whole = m_model.count(m_model.list());
    QStringList title;
    if (m_desk.isDemo())
        title << tr("DEMO");
    if (!m_model.filter().isEmpty() && !isJournalShown())
        title << tr("%1 of %2 shown").arg(all).arg(whole);
    // There the tabs are cut off, and what is hidden must be known all the same.
    const auto hidden = m_model.count(AlarmList::Shelved) + m_model.count(AlarmList::Suppressed) + m_model.count(AlarmList::OutOfService);
    if (width() < 520 && hidden > 0)
        title << tr("%1 hidden").arg(hidden);
    // Whose list it is, and what waits in the other one.
    const auto whose = m_desk.attention().whose();
    const auto others = m_model.othersWaiting();
    m_whose->setText(others == 0 ? WhoseMenu::name(whose)
                                 : (whose == Whose::Operators ? tr("%1 (%2 wait for engineers)") : tr("%1 (%2 wait for operators)"))
                                       .arg(WhoseMenu::name(whose))
                                       .arg(others));
    m_whose->setAccessibleName(tr("Whose alarms: %1").arg(m_whose->text()));
    const auto isApart = others > 0 || whose != Whose::Operators || WhoseMenu::isNeeded(*m_desk.feed().workspace());
    m_whose->setVisible(isApart && width() >= 520);
    if (width() < 520 && others > 0)
        title << tr("%1 of others").arg(others);
    m_title->setText(title.join(QStringLiteral(" · ")));
    m_title->setVisible(!title.isEmpty());
    auto bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_newAbove->setVisible(m_model.waiting() > 0 && !isJournalShown());
    m_newAbove->setText(tr("▲ Show %1 new").arg(m_model.waiting()));
    m_newAbove->setAccessibleName(tr("Show %1 new alarms").arg(m_model.waiting()));
    updateHoldText();
    updateEmpty();
}

// Why nothing new appears, and what makes it appear.
void AlarmPanel::updateHoldText()
{
    QString why;
    if (m_model.waiting() > 0 && !isJournalShown())
        why = m_view->selectionModel()->hasSelection()
            ? tr("Held while rows are selected: %n new alarm(s) wait. Esc or ▲ shows them, and half a minute without a touch.", nullptr,
                 m_model.waiting())
            : tr("Held while you point at the list: %n new alarm(s) wait. Esc or ▲ shows them, and half a minute without a touch.", nullptr,
                 m_model.waiting());
    m_newAbove->setToolTip(why);
    m_note->setHold(why);
}

// An empty list says what its emptiness means.
void AlarmPanel::updateEmpty()
{
    m_empty->setVisible(m_model.rowCount() == 0);
    if (m_model.rowCount() > 0)
        return;
    const auto &watches = m_desk.feed().current()->watches;
    QString text;
    if (!m_model.filter().isEmpty() && m_model.count(m_model.list()) > 0)
        text = tr("The filter hides all %1 alarms of this list.").arg(m_model.count(m_model.list()));
    else
        switch (m_model.list()) {
        case AlarmList::Open:
            text = !watches || watches->empty() ? tr("No alarm, and no rule that could raise one. Add a rule: Rules > Add rule.")
                                                : tr("No alarm. What the rules watch stands in the status bar.");
            break;
        case AlarmList::Unacknowledged:
            text = tr("Every alarm is acknowledged.");
            break;
        case AlarmList::Active:
            text = tr("Nothing is wrong now.");
            break;
        case AlarmList::Cleared:
            text = tr("No alarm is over that still waits for its acknowledgement or reset.");
            break;
        case AlarmList::Chattering:
            text = tr("Nothing chatters now: no alarm was raised three times within a minute. What did so before stands in the KPI report "
                      "(Alarms > KPI report).");
            break;
        case AlarmList::Shelved:
            text = tr("Nobody has shelved an alarm. Select one and press S to silence it for a time; it comes back by itself.");
            break;
        case AlarmList::Suppressed:
            text = tr("No alarm is suppressed by its rule (suppress_when).");
            break;
        case AlarmList::OutOfService:
            text = tr("No alarm is out of service or disabled.");
            break;
        }
    m_empty->setText(text);
    m_empty->resize(m_view->viewport()->size());
}

}
