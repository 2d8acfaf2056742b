#include "widgets/tray/alarmnotices.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/alarms/attention.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"

namespace sg {

namespace {

constexpr qsizetype MostTitle = 120, MostBody = 300, MostNames = 3;

QString operatorName()
{
    return userSettings().value(QStringLiteral("operator/name")).toString().trimmed();
}

// One line, so that no name can look like a second notice.
QString oneLine(const QString &text, qsizetype most)
{
    const auto line = text.simplified();
    return line.size() <= most ? line : line.left(most - 1) + u'…';
}

}

AlarmNotices::AlarmNotices(Desk &desk, NoticeBoard &notifier, std::function<bool()> isWanted)
    : m_desk(desk)
    , m_notifier(notifier)
    , m_isWanted(std::move(isWanted))
{
    const auto &alarms = desk.feed().current()->alarms;
    for (std::size_t i = 0; i < alarms.size(); ++i)
        if (const auto &alarm = alarms.at(i).alarm; alarm.rule)
            m_told[static_cast<std::uint32_t>(i)] = alarm.regions.seq;
    connect(&desk.feed(), &SnapshotFeed::changed, this, [this](const SnapshotPtr &before, const SnapshotPtr &after) {
        after->alarms.changedSince(before->alarms, [this](std::size_t begin, std::size_t end) {
            for (auto i = begin; i < end; ++i)
                consider(static_cast<std::uint32_t>(i));
        });
    });
    connect(&desk.feed(), &SnapshotFeed::second, this, &AlarmNotices::tidy);
    connect(&notifier, &NoticeBoard::openWanted, this, &AlarmNotices::open);
    connect(&notifier, &NoticeBoard::acknowledgeWanted, this, &AlarmNotices::acknowledge);
    connect(&notifier, &NoticeBoard::closed, this, [this](quint32 number) {
        m_own.erase(number);
        if (number == FoldNumber)
            m_fold = {};
    });
}

AlarmNotices::~AlarmNotices()
{
    for (const auto &[number, own] : m_own)
        m_notifier.close(number);
    m_notifier.close(FoldNumber);
}

const AlarmView *AlarmNotices::view(std::uint32_t instance) const
{
    const auto &alarms = m_desk.feed().current()->alarms;
    return instance < alarms.size() && alarms.at(instance).alarm.rule ? &alarms.at(instance).alarm : nullptr;
}

QString AlarmNotices::nameOf(const AlarmView &alarm) const
{
    return filledIn(alarm.rule->name, alarm, *m_desk.feed().workspace());
}

void AlarmNotices::consider(std::uint32_t instance)
{
    const auto *alarm = view(instance);
    const auto state = alarm != nullptr ? project(alarm->regions) : AlarmState::Normal;
    if (!isUnacknowledged(state)) // what comes back has the same seq, and is told again
        m_told.erase(instance);
    const auto isCalling = alarm != nullptr && state == AlarmState::Unacknowledged && alarm->rule->audience != Audience::Event
        && isOf(m_desk.attention().whose(), *alarm->rule);
    if (!isCalling) {
        m_waiting.erase(instance);
        return;
    }
    if (const auto told = m_told.find(instance); told != m_told.end() && told->second == alarm->regions.seq)
        return;
    if (alarm->soundsFrom != NoTime && alarm->soundsFrom > m_desk.feed().now()) {
        m_waiting.insert(instance);
        return;
    }
    m_waiting.erase(instance);
    m_told[instance] = alarm->regions.seq;
    if (m_isWanted())
        tell(instance, *alarm);
}

void AlarmNotices::tell(std::uint32_t instance, const AlarmView &alarm)
{
    const auto now = m_desk.feed().now();
    auto &recent = m_recent[alarm.priority == Priority::Urgent ? 1 : 0];
    while (!recent.empty() && (now - recent.front() >= FoldWithin || recent.front() > now))
        recent.pop_front();
    if (recent.size() >= MostOwn || m_own.size() >= MostOpen) {
        fold(instance);
        return;
    }
    recent.push_back(now);
    showOwn(instance, alarm);
}

void AlarmNotices::showOwn(std::uint32_t instance, const AlarmView &alarm)
{
    const auto &workspace = *m_desk.feed().workspace();
    QStringList body{textOf(alarm.path), whyOf(alarm, workspace), raisedOf(alarm)};
    body.removeAll(QString());
    DeskNotice notice;
    notice.title = oneLine(tr("%1: %2").arg(priorityText(alarm.priority), nameOf(alarm)), MostTitle);
    notice.body = oneLine(body.join(QStringLiteral(" · ")), MostBody);
    notice.priority = alarm.priority;
    notice.canAcknowledge = alarm.priority != Priority::Urgent && !operatorName().isEmpty();
    // A new number also when it was raised again: who clicks into the old notice acknowledges what that one showed.
    const auto number = m_next++;
    m_own[number] = {instance, {alarm.regions.occurrence, alarm.regions.seq}, textOf(alarm.path), alarm.priority};
    m_notifier.show(number, notice);
}

void AlarmNotices::fold(std::uint32_t instance)
{
    m_fold.instances.insert(instance);
    m_fold.isNewer = true;
    if (!m_fold.isShown)
        showFold(); // the first at once, then once a second
}

void AlarmNotices::showFold()
{
    m_fold.isShown = true;
    m_fold.isNewer = false;
    DeskNotice notice;
    QStringList names;
    for (const auto instance : m_fold.instances) {
        const auto *alarm = view(instance);
        if (alarm == nullptr)
            continue;
        notice.priority = std::max(notice.priority, alarm->priority);
        if (names.size() < MostNames)
            names << nameOf(*alarm);
    }
    notice.title = tr("+%n more alarm(s), worst %1", nullptr, static_cast<int>(m_fold.instances.size())).arg(priorityText(notice.priority));
    notice.body = oneLine(names.join(QStringLiteral(" · ")), MostBody);
    m_notifier.show(FoldNumber, notice);
}

void AlarmNotices::tidy()
{
    for (const auto instance : std::set(m_waiting))
        consider(instance);
    std::vector<quint32> over;
    std::vector<std::uint32_t> others; // another priority
    for (const auto &[number, own] : m_own) {
        const auto *alarm = view(own.instance);
        if (alarm == nullptr || alarm->regions.occurrence != own.shown.occurrence || alarm->regions.seq != own.shown.seq
            || !isUnacknowledged(project(alarm->regions))) {
            over.push_back(number);
        } else if (alarm->priority != own.priority) { // a rule was edited, or another limit passed
            over.push_back(number);
            others.push_back(own.instance);
        }
    }
    for (const auto number : over) {
        m_own.erase(number);
        m_notifier.close(number);
    }
    for (const auto instance : others)
        showOwn(instance, *view(instance));
    std::erase_if(m_fold.instances, [this](std::uint32_t instance) {
        const auto *alarm = view(instance);
        return alarm == nullptr || !isUnacknowledged(project(alarm->regions));
    });
    if (m_fold.instances.empty() && std::exchange(m_fold.isShown, false))
        m_notifier.close(FoldNumber);
    else if (m_fold.isNewer)
        showFold();
}

void AlarmNotices::open(quint32 number)
{
    const auto found = m_own.find(number);
    Q_EMIT openWanted(found == m_own.end() ? QString() : found->second.path);
}

// What the notice showed, whatever the alarm is by now: a newer occurrence stays unacknowledged, and the answer says so.
void AlarmNotices::acknowledge(quint32 number)
{
    const auto found = m_own.find(number);
    const auto name = operatorName();
    if (found == m_own.end())
        return;
    const auto *alarm = view(found->second.instance);
    const bool isUrgent = alarm != nullptr && alarm->priority == Priority::Urgent; // since the notice was shown
    if (name.isEmpty() || isUrgent) {
        Q_EMIT openWanted(found->second.path);
        return;
    }
    OperatorAction action;
    action.verb = Verb::Acknowledge;
    action.shown = {found->second.shown};
    action.actor = utf8Of(name);
    m_desk.session().submit({std::move(action), [this, self = QPointer<QObject>(this), number](const Outcome &outcome) {
                                 postTo(self, [this, outcome, number] {
                                     const auto says = outcome.says.text[0] != '\0' ? errorText(outcome.says) : QString();
                                     m_own.erase(number);
                                     m_notifier.close(number);
                                     if (outcome.isDone && says.isEmpty())
                                         return;
                                     DeskNotice notice;
                                     notice.title = outcome.isDone ? tr("Acknowledged") : tr("Not acknowledged");
                                     notice.body = oneLine(says, MostBody);
                                     m_notifier.show(m_next++, notice);
                                 });
                             }});
}

}
