#include "widgets/alarms/alarmdeeds.h"

#include "items/alarmlists.h"
#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/alarms/explaindialog.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"

#include <QMenu>

namespace sg {

namespace {

bool isAny(const AlarmView &)
{
    return true;
}
bool isShelvable(const AlarmView &alarm)
{
    return alarm.regions.isEnabled && !(alarm.regions.suppression & OutOfServiceFlag);
}
bool isShelvedNow(const AlarmView &alarm)
{
    return (alarm.regions.suppression & Shelved) != 0;
}
bool isInService(const AlarmView &alarm)
{
    return !(alarm.regions.suppression & OutOfServiceFlag);
}
bool isOutOfServiceNow(const AlarmView &alarm)
{
    return !isInService(alarm);
}
bool isAcknowledged(const AlarmView &alarm)
{
    const auto state = project(alarm.regions);
    return state == AlarmState::Acknowledged || state == AlarmState::LatchedAcknowledged;
}
bool isResettable(const AlarmView &alarm)
{
    return project(alarm.regions) == AlarmState::LatchedAcknowledged;
}

}

AlarmDeeds::AlarmDeeds(Desk &desk, QWidget &list, Selected selected)
    : QObject(&list)
    , m_desk(desk)
    , m_list(list)
    , m_selected(std::move(selected))
{
    add(Acknowledge, tr("&Acknowledge"), "deedAcknowledge", Qt::Key_A, [this] { Q_EMIT acknowledgeWanted(); });
    add(AcknowledgePage, tr("Acknowledge the visible &page"), "deedAcknowledgePage", QKeySequence(Qt::SHIFT | Qt::Key_A),
        [this] { Q_EMIT acknowledgePageWanted(); });
    add(Shelve, tr("&Shelve …"), "deedShelve", Qt::Key_S, [this] { ask(Verb::Shelve, isShelvable); });
    add(Unshelve, tr("&Unshelve …"), "deedUnshelve", QKeySequence(Qt::SHIFT | Qt::Key_S), [this] { ask(Verb::Unshelve, isShelvedNow); });
    add(Note, tr("&Note …"), "deedNote", Qt::Key_N, [this] { ask(Verb::Note, isAny); });
    add(Explain, tr("&Explain"), "deedExplain", Qt::Key_E, [this] {
        if (const auto *alarm = first())
            (new ExplainDialog(m_desk, *alarm, m_list.window()))->show();
    });
    add(ShowChart, tr("&Chart"), "deedChart", Qt::Key_C, [this] {
        const auto *alarm = first();
        if (alarm == nullptr)
            return;
        constexpr Micros Around = std::chrono::minutes(10);
        if (const auto raised = alarm->regions.raised; raised == NoTime)
            Q_EMIT m_desk.showSeriesWanted(textOf(alarm->path));
        else
            Q_EMIT m_desk.showSeriesAtWanted(textOf(alarm->path), raised - Around, raised + Around);
    });
    add(Unacknowledge, tr("&Take back the acknowledgement …"), "deedUnacknowledge", Qt::Key_U,
        [this] { ask(Verb::Unacknowledge, isAcknowledged); });
    add(Reset, tr("&Reset the latch …"), "deedReset", Qt::Key_R, [this] { ask(Verb::Reset, isResettable); });
    add(OutOfService, tr("Take &out of service …"), "deedOutOfService", Qt::Key_O, [this] { ask(Verb::OutOfService, isInService); });
    add(InService, tr("Put back &into service …"), "deedInService", QKeySequence(Qt::SHIFT | Qt::Key_O),
        [this] { ask(Verb::InService, isOutOfServiceNow); });
    add(ChangeRule, tr("Change its ru&le …"), "deedRule", Qt::Key_L, [this] {
        const auto *alarm = first();
        const auto &set = m_desk.workspace()->rules;
        if (alarm == nullptr || !set)
            return;
        for (const auto &rule : set->rules)
            if (rule->id == alarm->rule->id) {
                RuleDialog::change(m_desk, rule, m_list.window());
                return;
            }
    });
    for (auto *&line : m_lines) {
        line = new QAction(this);
        line->setSeparator(true);
    }
    refresh(0);
}

void AlarmDeeds::add(Deed deed, const QString &text, const char *name, const QKeySequence &key, std::function<void()> what)
{
    auto *action = new QAction(text, this);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(QStringLiteral("%1 (%2)").arg(QString(text).remove(u'&'), key.toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, this, std::move(what));
    m_list.addAction(action);
    m_actions[deed] = action;
}

void AlarmDeeds::fill(QMenu &menu) const
{
    menu.addAction(m_actions[Acknowledge]);
    fillOthers(menu);
}

void AlarmDeeds::fillOthers(QMenu &menu, QAction *before) const
{
    for (const auto deed : {AcknowledgePage, Shelve, Unshelve, Note})
        menu.insertAction(before, m_actions[deed]);
    menu.insertAction(before, m_lines[0]);
    for (const auto deed : {Explain, ShowChart, ChangeRule})
        menu.insertAction(before, m_actions[deed]);
    menu.insertAction(before, m_lines[1]);
    for (const auto deed : {Unacknowledge, Reset, OutOfService, InService})
        menu.insertAction(before, m_actions[deed]);
    if (before != nullptr)
        menu.insertAction(before, m_lines[2]);
}

const AlarmView *AlarmDeeds::first() const
{
    const auto alarms = m_selected();
    return alarms.empty() ? nullptr : alarms.front();
}

void AlarmDeeds::refresh(int unacknowledged)
{
    const auto alarms = m_selected();
    const auto any
        = [&](auto isMeant) { return std::any_of(alarms.begin(), alarms.end(), [&](const AlarmView *alarm) { return isMeant(*alarm); }); };
    m_actions[Acknowledge]->setEnabled(unacknowledged > 0);
    m_actions[Shelve]->setEnabled(any(isShelvable));
    m_actions[Unshelve]->setEnabled(any(isShelvedNow));
    m_actions[Unacknowledge]->setEnabled(any(isAcknowledged));
    m_actions[Reset]->setEnabled(any(isResettable));
    m_actions[OutOfService]->setEnabled(any(isInService));
    m_actions[InService]->setEnabled(any(isOutOfServiceNow));
    for (const auto deed : {Note, Explain, ShowChart, ChangeRule})
        m_actions[deed]->setEnabled(!alarms.empty());
}

// Of the selected ones only those that it can be done with; the dialog names them.
void AlarmDeeds::ask(Verb verb, bool (*isMeant)(const AlarmView &))
{
    std::vector<ActionDialog::Target> targets;
    for (const auto *alarm : m_selected())
        if (isMeant(*alarm))
            targets.push_back(
                {{alarm->rule->id, alarm->key, alarm->field},
                 {alarm->regions.occurrence, alarm->regions.seq},
                 filledIn(alarm->rule->name, *alarm, *m_desk.feed().workspace()) + QStringLiteral(" (") + textOf(alarm->path) + u')'});
    if (targets.empty())
        return;
    auto *dialog = new ActionDialog(m_desk, verb, std::move(targets), m_list.window());
    connect(dialog, &ActionDialog::done, this, &AlarmDeeds::said);
    dialog->open();
}

}
