#include "widgets/alarms/attention.h"

#include "items/texts.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"

namespace sg {

namespace {

const QString WhoseKey = QStringLiteral("alarms/whose");

}

Attention::Attention(Session &session, SnapshotFeed &feed)
    : m_session(session)
    , m_feed(feed)
{
    const auto kept = userSettings().value(WhoseKey, 0).toInt();
    if (kept >= 0 && kept <= static_cast<int>(Whose::Everybody))
        m_whose = static_cast<Whose>(kept);
    connect(&feed, &SnapshotFeed::second, this, [this] {
        if (m_mutedUntil == NoTime || isMuted())
            return;
        m_mutedUntil = NoTime;
        Q_EMIT changed();
    });
}

void Attention::setWhose(Whose whose)
{
    if (std::exchange(m_whose, whose) == whose)
        return;
    userSettings().setValue(WhoseKey, static_cast<int>(whose));
    Q_EMIT changed();
}

// A reference clock that was set back must not lengthen it.
bool Attention::isMuted() const
{
    const auto now = m_feed.now();
    return m_mutedUntil != NoTime && now < m_mutedUntil && m_mutedUntil <= now + LongestMute;
}

void Attention::mute(Micros span, const QString &who, const QString &why, std::function<void(const Outcome &)> reply)
{
    const auto until = m_feed.now() + std::min(span, LongestMute);
    note(who, tr("Sound of this desk muted until %1, urgent alarms excepted: %2").arg(clockText(until), why),
         [this, until, who, reply = std::move(reply)](const Outcome &outcome) {
             if (outcome.isDone) {
                 m_mutedUntil = until;
                 m_mutedBy = who;
                 Q_EMIT changed();
             }
             reply(outcome);
         });
}

void Attention::unmute(const QString &who)
{
    if (!isMuted())
        return;
    m_mutedUntil = NoTime;
    Q_EMIT changed();
    note(who, tr("Sound of this desk is on again"), [](const Outcome &) {});
}

void Attention::note(const QString &who, const QString &text, std::function<void(const Outcome &)> reply)
{
    OperatorAction action;
    action.verb = Verb::Note;
    action.actor = utf8Of(who);
    action.reason = utf8Of(text);
    m_session.submit({std::move(action), [self = QPointer<QObject>(this), reply = std::move(reply)](const Outcome &outcome) {
                          postTo(self, [outcome, reply] { reply(outcome); });
                      }});
}

}
