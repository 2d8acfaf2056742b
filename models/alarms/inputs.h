#pragma once

#include "alarms/measure.h"

#include <map>
#include <unordered_map>

// Only for models/alarms.
namespace sg {

// Everything that one alarm looks at, when that is more than one series compared at once: its series, the series and alarms of
// `inputs`, dynamic limits, the state that suppresses it. Merges them by event time, so that the order of arrival does not matter.
class Inputs
{
public:
    struct Member // one series, or one alarm of another rule
    {
        std::uint32_t set = 0;
        bool isAlarm = false;
        bool isGone = false; // not known (any more); its number and its last value stay
        SeriesId series{};
        std::uint32_t alarm = 0; // its number
        std::uint32_t source = 0; // number of its source's state, of a series
        ValueKind kind = ValueKind::Number;
        std::string name; // the series' path; the alarm's rule, key and field
        Sample newest; // taken; quality Bad and NaN when nothing was
        Sample pushed; // newest that waits or was taken: an exact duplicate is nothing new
        bool isTaken = false, isPushed = false;
    };

    std::vector<Member> members;
    std::vector<std::vector<std::uint32_t>> sets; // members of each set
    std::unique_ptr<Measure> measure; // none: the value itself
    std::vector<double> textCodes; // of Expression::texts()
    Time judgedTo = NoTime; // event time up to which everything was taken
    std::vector<std::pair<std::uint32_t, std::size_t>> limitSets; // set of a dynamic limit, and its row of Condition::levels()
    std::uint32_t suppressSet = 0; // 0: none

    // The member's number; one that is known by this name is the same. What a restored state says of it counts.
    std::uint32_t add(Member member);
    [[nodiscard]] bool has(std::uint32_t set, const std::string &name) const { return m_byName.contains({set, name}); }
    void push(std::uint32_t member, const Sample &sample); // in the order of its own times
    [[nodiscard]] bool isWaiting() const { return !m_waiting.empty(); }
    [[nodiscard]] Time firstWaiting() const { return m_waiting.front().sample.t; }
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }
    std::pair<std::uint32_t, Sample> pop(); // the first; it becomes its member's newest

    void save(SavedWriter &write) const;
    void load(SavedReader &read);

private:
    struct Waiting
    {
        std::uint32_t member = 0;
        std::uint64_t sequence = 0;
        Sample sample;
    };
    [[nodiscard]] bool isLater(const Waiting &a, const Waiting &b) const;

    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> m_byName;
    std::vector<Waiting> m_waiting; // a heap, the earliest first
    std::uint64_t m_sequence = 0;
};

}
