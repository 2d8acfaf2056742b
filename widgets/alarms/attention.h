#pragma once

#include "items/alarmlists.h"
#include "items/snapshotfeed.h"

namespace sg {

// What this desk listens to: whose alarms it lists and sounds, and whether their sound is muted for a time. Whose is kept for the
// person. A mute is named and journaled before it begins, never covers the highest priority, and does not outlive the program. UI thread.
class Attention : public QObject
{
    Q_OBJECT

public:
    static constexpr Micros LongestMute = std::chrono::hours(1);

    Attention(Session &session, SnapshotFeed &feed);
    [[nodiscard]] Whose whose() const { return m_whose; }
    void setWhose(Whose whose);
    // `span` at most LongestMute. `reply`: on the UI thread, when it is durable in the journal, or refused.
    void mute(Micros span, const QString &who, const QString &why, std::function<void(const Outcome &)> reply);
    void unmute(const QString &who); // at once; then journaled
    [[nodiscard]] bool isMuted() const;
    [[nodiscard]] bool covers(Priority priority) const { return isMuted() && priority != Priority::Urgent; }
    [[nodiscard]] Time mutedUntil() const { return m_mutedUntil; }
    [[nodiscard]] const QString &mutedBy() const { return m_mutedBy; }

Q_SIGNALS:
    void changed();

private:
    void note(const QString &who, const QString &text, std::function<void(const Outcome &)> reply);

    Session &m_session;
    SnapshotFeed &m_feed;
    Whose m_whose = Whose::Operators;
    Time m_mutedUntil = NoTime;
    QString m_mutedBy;
};

}
