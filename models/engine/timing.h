#pragma once

#include "alarms/alarmengine.h"

#include <set>

namespace sg {

// The only owner of "what time is it there": the reference clock, placed times, usual delays, the newest stamp of each series.
// No thread, no clock of its own. The reference is the clock of the first database that answers probes, else this machine's wall
// clock at an anchor, carried on by the monotonic clock.
class Timing final : public EventClock
{
public:
    Timing(Mono mono, Time wall)
        : m_anchorMono(mono)
        , m_anchorTime(wall)
    {
    }

    [[nodiscard]] Time reference(Mono mono) const { return m_anchorTime + std::chrono::duration_cast<Micros>(mono - m_anchorMono); }
    [[nodiscard]] Mono monoAt(Time reference) const { return m_anchorMono + (reference - m_anchorTime); }
    // Follows a wall clock that was set, or a machine that slept; true when the reference stepped.
    bool noteWall(Mono mono, Time wall);
    void noteProbe(std::uint32_t source, const ClockProbe &probe);
    [[nodiscard]] bool hasStepped() const { return m_hasStepped; } // the newest probe moved the reference by more than 0.5 s
    [[nodiscard]] Micros offsetOf(std::uint32_t source) const; // of its server's clock against this machine's, where it was measured

    // A closed source: its server's clock counts no more.
    void forget(std::uint32_t source);
    void addSeries(SeriesId series, std::uint32_t source, Micros lateness);
    void unlearnDelay(SeriesId series); // its clock was moved, or is corrected otherwise
    void reserve(SeriesId last); // series of former runs whose source is not opened yet
    struct Placed
    {
        Time t;
        bool isUncertain; // the stamp lies in the future and was not believed
    };
    // `stamp` NoTime: by arrival. Also learns the usual delay.
    Placed place(SeriesId series, Time stamp, Time arrival);
    // The newest placed time becomes `t` if it is newer. False: `t` is older than what was already let through (late).
    bool advance(SeriesId series, Time t);
    [[nodiscard]] Time watermark(SeriesId series) const; // newest placed time - lateness
    [[nodiscard]] Time newest(SeriesId series) const { return m_series[number(series)].newest; }

    void setCatchingUp(std::uint32_t source, bool is);
    [[nodiscard]] bool isSourceCatchingUp(std::uint32_t source) const { return has(m_catchingUp, source); }
    // While a source is not known to live, the event clocks of its series stand still: what it will bring is not known yet.
    void setLost(const std::string &name, std::uint32_t source, bool is);
    // Everything up to `t` went to the rules: what comes older is late.
    void noteLetThrough(SeriesId series, Time t);

    [[nodiscard]] Time at(SeriesId series, Time now) const override;
    [[nodiscard]] Time reaches(SeriesId series, Time deadline, Time now) const override;
    [[nodiscard]] bool isCatchingUp(SeriesId series) const override;
    [[nodiscard]] bool isSourceLost(std::string_view source) const override { return m_lost.contains(source); }

private:
    static constexpr std::uint32_t NoSource = std::numeric_limits<std::uint32_t>::max(); // of a former run, not opened in this one
    struct Series
    {
        std::uint32_t source = NoSource;
        Micros lateness{0};
        Time newest = NoTime;
        Time letThrough = NoTime; // with lateness: a silent series lets through more than its watermark
        // Least (arrival - t) of this and of the previous learning period; together they cover 2.5 to 5 minutes.
        Micros least = Micros::max(), leastBefore = Micros::max();
        Time periodBegan = NoTime;
    };
    using Flags = std::vector<char>; // by number of the source; asked for every sample
    [[nodiscard]] static bool has(const Flags &flags, std::uint32_t source) { return source < flags.size() && flags[source] != 0; }
    static void set(Flags &flags, std::uint32_t source, bool is);
    [[nodiscard]] static Micros holdBack(const Series &series); // usual delay and lateness
    [[nodiscard]] bool isHeld(const Series &series) const;
    void unlearnDelays(); // after a step of the reference

    Mono m_anchorMono;
    Time m_anchorTime;
    bool m_hasStepped = false;
    std::optional<std::uint32_t> m_referenceSource; // whose database gives the reference
    std::map<std::uint32_t, Micros> m_offsets;
    std::vector<Series> m_series; // by number(SeriesId)
    std::optional<Micros> m_wallAhead; // of the monotonic clock, as last seen
    Flags m_catchingUp, m_lostIds;
    std::set<std::string, std::less<>> m_lost;
};

}
