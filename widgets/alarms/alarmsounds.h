#pragma once

#include "items/snapshotfeed.h"

namespace sg {

class Attention;

// Sounds while something of this desk is active and unacknowledged: the highest priority of those that are due, each again after its
// pause. Silence stops what sounds now; a new alarm sounds again, and so does a silenced one that is still unacknowledged after
// ResoundAfter. A chattering alarm sounds at most once in ChatterPause, whatever is raised. A mute never covers the highest priority.
// UI thread.
class AlarmSounds : public QObject
{
    Q_OBJECT

public:
    static constexpr Micros ResoundAfter = std::chrono::minutes(5), ChatterPause = std::chrono::seconds(60);
    static Micros pauseOf(Priority priority); // until it sounds again

    using Player = std::function<void(std::optional<Priority>)>; // nothing: stop
    AlarmSounds(SnapshotFeed &feed, Attention &attention, Player player);
    void setEnabled(bool isEnabled);
    [[nodiscard]] bool isEnabled() const { return m_isEnabled; }
    [[nodiscard]] bool isSounding() const { return m_isSounding; } // or pauses between two sounds
    void silence();
    void test(); // each priority once, the lowest first; sounds also while nothing else does

Q_SIGNALS:
    void changed();

private:
    struct Heard
    {
        std::uint32_t seq = 0; // of the instance then
        Time at{};
    };
    void check();
    void tell(bool isSounding);
    [[nodiscard]] bool isCalling(const AlarmView &alarm) const; // for somebody at this desk
    [[nodiscard]] bool isDue(std::uint32_t instance, const AlarmView &alarm, Time now) const;

    SnapshotFeed &m_feed;
    Attention &m_attention;
    const Player m_player;
    std::unordered_map<std::uint32_t, Heard> m_silenced; // by instance
    std::unordered_map<std::uint32_t, Heard> m_sounded; // by instance, newest
    Time m_played = NoTime;
    bool m_isEnabled = false;
    bool m_isSounding = false;
};

}
