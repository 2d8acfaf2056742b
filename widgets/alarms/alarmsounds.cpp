#include "widgets/alarms/alarmsounds.h"

#include "widgets/alarms/attention.h"

#include <QTimer>

namespace sg {

namespace {

constexpr Micros LongestTone = Millis(1500); // two never overlap

// A clock that was set back must not keep anything silent.
bool isPast(Time since, Micros span, Time now)
{
    return since == NoTime || now < since || now - since >= span;
}

}

Micros AlarmSounds::pauseOf(Priority priority)
{
    switch (priority) {
    case Priority::Low:
        return std::chrono::seconds(30);
    case Priority::Medium:
        return std::chrono::seconds(15);
    case Priority::High:
        return std::chrono::seconds(8);
    case Priority::Urgent:
        return std::chrono::seconds(4);
    }
    return std::chrono::seconds(30);
}

AlarmSounds::AlarmSounds(SnapshotFeed &feed, Attention &attention, Player player)
    : m_feed(feed)
    , m_attention(attention)
    , m_player(std::move(player))
{
    connect(&feed, &SnapshotFeed::changed, this, &AlarmSounds::check);
    connect(&feed, &SnapshotFeed::second, this, &AlarmSounds::check);
    connect(&attention, &Attention::changed, this, &AlarmSounds::check);
}

void AlarmSounds::setEnabled(bool isEnabled)
{
    m_isEnabled = isEnabled;
    if (isEnabled)
        check();
    else
        silence();
    Q_EMIT changed();
}

bool AlarmSounds::isCalling(const AlarmView &alarm) const
{
    return alarm.rule && project(alarm.regions) == AlarmState::Unacknowledged && alarm.rule->audience != Audience::Event
        && isOf(m_attention.whose(), *alarm.rule) && (alarm.soundsFrom == NoTime || alarm.soundsFrom <= m_feed.now());
}

void AlarmSounds::silence()
{
    const auto &alarms = m_feed.current()->alarms;
    for (std::size_t i = 0; i < alarms.size(); ++i)
        if (const auto &alarm = alarms.at(i).alarm; isCalling(alarm))
            m_silenced[static_cast<std::uint32_t>(i)] = {alarm.regions.seq, m_feed.now()};
    m_player(std::nullopt);
    tell(false);
}

void AlarmSounds::test()
{
    for (const auto priority : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
        QTimer::singleShot(1500 * static_cast<int>(priority), this, [this, priority] { m_player(priority); });
}

bool AlarmSounds::isDue(std::uint32_t instance, const AlarmView &alarm, Time now) const
{
    const auto sounded = m_sounded.find(instance);
    if (sounded == m_sounded.end())
        return true;
    if (alarm.isChattering)
        return isPast(sounded->second.at, ChatterPause, now);
    return sounded->second.seq != alarm.regions.seq || isPast(sounded->second.at, pauseOf(alarm.priority), now);
}

void AlarmSounds::check()
{
    if (!m_isEnabled)
        return;
    const auto now = m_feed.now();
    const auto &alarms = m_feed.current()->alarms;
    std::vector<std::uint32_t> due;
    std::optional<Priority> loudest;
    auto isSounding = false;
    for (std::size_t n = 0; n < alarms.size(); ++n) {
        const auto instance = static_cast<std::uint32_t>(n);
        const auto &alarm = alarms.at(n).alarm;
        if (!isCalling(alarm)) {
            // What was acknowledged and needs it again has the same seq, and sounds. What only returned may chatter.
            if (!m_silenced.empty() && (!alarm.rule || project(alarm.regions) != AlarmState::Unacknowledged))
                m_silenced.erase(instance);
            if (const auto sounded = m_sounded.find(instance); sounded != m_sounded.end() && isPast(sounded->second.at, ChatterPause, now))
                m_sounded.erase(sounded);
            continue;
        }
        if (const auto silenced = m_silenced.find(instance); silenced != m_silenced.end()) {
            if (silenced->second.seq == alarm.regions.seq && !isPast(silenced->second.at, ResoundAfter, now))
                continue;
            m_silenced.erase(silenced);
        }
        if (m_attention.covers(alarm.priority))
            continue;
        isSounding = true;
        if (!isDue(instance, alarm, now))
            continue;
        due.push_back(instance);
        loudest = std::max(loudest.value_or(Priority::Low), alarm.priority);
    }
    if (loudest && isPast(m_played, LongestTone, now)) {
        m_played = now;
        for (const auto instance : due) // the lower ones are heard in it
            m_sounded[instance] = {alarms.at(instance).alarm.regions.seq, now};
        m_player(*loudest);
    }
    tell(isSounding);
}

void AlarmSounds::tell(bool isSounding)
{
    if (std::exchange(m_isSounding, isSounding) != isSounding)
        Q_EMIT changed();
}

}
