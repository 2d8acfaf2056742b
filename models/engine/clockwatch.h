#pragma once

#include "engine/snapshot.h"

#include <deque>

namespace sg {

// The clocks of devices, seen from outside: what each message says of its time against when it arrived on the reference clock. A single
// difference says nothing, because a delay is in it; the least of a while does, because a delay can only add (the idea of NTP's clock
// filter, RFC 5905 section 10, with the least over 5 min). With `delay` promised, that least tells the clock's offset within half of it;
// without, only that a clock is at least so much ahead. Whether a device lives is never judged by it. No thread, no clock of its own.
class ClockWatch
{
public:
    static constexpr std::uint32_t NotWatched = std::numeric_limits<std::uint32_t>::max();
    explicit ClockWatch(std::size_t most) // at once
        : m_most(most)
    {
    }

    struct Settings // of a source whose stamps are its devices' own
    {
        std::vector<std::size_t> labels; // places of the labels that name the clock; empty, and no notes: all
        std::vector<std::string> notes; // that name it beside them, e.g. the gateway
        Micros delay{0}; // messages reach us at most so old unless a backlog drains; 0: nothing is promised
        bool corrects = false;
    };
    // What the source's `time` says; nothing when its stamps are not its devices' own.
    static std::optional<Settings> settingsOf(const Node &declaration);

    // The number of the clock that writes this series' stamps; NotWatched when there are too many. `noted`: what its notes say, see
    // ClockNotes; while they say nothing each key has a clock of its own.
    std::uint32_t clockOf(std::uint32_t source, const std::string &path, const std::string &noted, const Settings &settings);
    // A stamp that arrived. Returns where it is to be placed: as it is, or corrected. `counts`: false while a backlog drains.
    Time see(std::uint32_t clock, Time stamp, Time arrival, bool counts);
    // What is added now to stamps of this series.
    [[nodiscard]] Micros correctionOf(std::uint32_t source, const std::string &path, const std::string &noted,
                                      const Settings &settings) const;
    void forget(std::uint32_t source); // numbers of its clocks are given anew

    // Those whose state is another one since the last call.
    std::vector<std::pair<std::uint32_t, ClockRow>> takeChanged(); // source, and the clock as it is now
    // Those whose stamps are placed otherwise than before by more than a second: what was learned of their delays holds no longer.
    std::vector<std::uint32_t> takeMoved() { return std::exchange(m_moved, {}); }
    [[nodiscard]] std::vector<ClockRow> notRight(std::uint32_t source, std::size_t most) const;
    void unlearn(); // after a step of the reference

    // Of one source, for the commit; what was saved counts for clocks of these names.
    [[nodiscard]] std::string save(std::uint32_t source) const;
    void restore(std::uint32_t source, const std::string &bytes);

private:
    struct Clock
    {
        ClockRow row;
        std::uint32_t source = NotWatched;
        Settings settings;
        Micros least = Micros::max(); // arrival - stamp, of the period under way
        std::size_t samples = 0; // in it
        Time periodBegan = NoTime;
        std::deque<std::pair<Time, Micros>> before; // of the periods before, oldest first, and when they ended
        Time newestStamp = NoTime, newestPlaced = NoTime;
        Micros correction{0}; // added to stamps
        // Samples in a row that fit what was usual no longer: a clock that was moved, once there are enough.
        std::size_t strays = 0;
        Time straysSince = NoTime, usualAt = NoTime;
        Micros firstStray{0}, leastStray{0}, longestGap{0}; // between samples that fit
        bool ranBack = false;
        Time movedAt = NoTime;
        bool isKnown = false; // a stamp of it was seen in this run
    };
    [[nodiscard]] static std::string nameOf(const std::string &path, const std::string &noted, const Settings &settings);
    std::uint32_t put(Clock clock);
    [[nodiscard]] static Micros leastOf(const Clock &clock);
    void note(Clock &clock, ClockRow::State state, Time now);
    bool isMoved(Clock &clock, Micros difference, Time stamp, Time arrival);
    void look(Clock &clock, Time now);
    void correct(Clock &clock, Micros by);

    const std::size_t m_most;
    std::vector<Clock> m_clocks;
    std::vector<std::uint32_t> m_free; // of them
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> m_byName;
    std::vector<std::uint32_t> m_changed, m_moved;
};

// "its clock is 3 min 2 s behind (within 1 s), corrected"; says nothing of a right one.
Error sentenceOf(const ClockRow &clock);

}
