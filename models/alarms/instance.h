#pragma once

#include "alarms/alarmengine.h"
#include "alarms/inputs.h"

// What the engine keeps of one alarm instance. Only for models/alarms.
namespace sg {

// Where something began: placed time, and the sample that the journal names for it.
struct Begin
{
    Time t = NoTime;
    Time stamp = NoTime;
    double value = std::numeric_limits<double>::quiet_NaN();
};

// The engine's own part of the state of an instance; saved behind the bytes of the condition.
struct Progress
{
    Truth truth = Truth::Unknown;
    Level found = Level::None; // what the newest comparison said
    std::array<Begin, Condition::MaxLevels> since{}; // per row of levels(): true since; one side only at a time
    Begin ended; // PENDING_OFF, and of what clears at once
    Time heldSince = NoTime; // quality is bad since: timers stand still
    std::array<std::uint64_t, 4> older{}; // occurrences before this one, newest first: what a slow acknowledgement may mean
    struct Change
    {
        Time t = NoTime;
        Level found = Level::None;
    };
    std::array<Change, 8> changes{}; // what comparisons said before, newest first: what a late sample is held against
    std::array<std::uint64_t, 4> lateClosed{}; // occurrences that were journaled so, newest first
    std::uint32_t ackedSeq = 0; // highest seq that was acknowledged: again means nothing
};

// What made an alarm active, at the level that it had.
struct Cause
{
    Level level = Level::None;
    double value = std::numeric_limits<double>::quiet_NaN(), limit = std::numeric_limits<double>::quiet_NaN();
    std::string text; // of a state series
};

// What operators and suppression set, and what counts on the reference clock; saved in front of the condition's bytes, so that it is
// known before the series is.
struct Standing
{
    Time shelvedUntil = NoTime;
    bool isOneShot = false;
    std::string by, reason; // of the newest of shelf, out of service and disable
    Time releaseAt = NoTime; // event time at which the suppression has settled
    Time failsOpenAt = NoTime; // reference time at which an unknown suppression ends
    Time alarmedAt = NoTime; // reference time of the raise, or of the newest re-alarm
    std::uint32_t realarms = 0;
    Time firstSample = NoTime; // of the warm-up
    std::string permit; // of out of service
    bool isDisabled = false; // by an engineer, whatever the rule says
    bool isFirstOut = false; // began what is open in its area
    std::string note, notedBy; // newest
    Time notedAt = NoTime;
    bool isOffHours = false; // suppressed by its rule's hours
    bool isCaused = false; // suppressed by suppress_when
    std::string beganWith; // notes of the message that made it true, while an on-delay may still run
    std::string notes; // of the one that began the present occurrence
    Cause cause; // of the present occurrence, said also when it is over
    std::vector<Time> raises; // reference times of those that were to sound, newest last: chatter, and its area's flood
    static constexpr std::size_t MostRaises = 20;
};

struct alignas(64) Instance
{
    // Read for every sample; the first two lines of the cache hold all that "nothing changed" needs.
    Sample last; // newest that was compared; an arrival rule has the arrival in t
    const Condition *condition = nullptr; // null: gone, or restored and waiting for its series
    CalmRange calm; // a good value in it is only noted as the newest; whatever else happens empties it, see markChanged()
    bool hasLast = false;
    bool hasDeadline = false;
    bool isHeld = false;
    bool isShown = false; // in the alarm list: its value there follows the samples
    bool isOnArrival = false;
    bool isChanged = false, isUnsaved = false; // already noted for takeChanged(), collect()
    bool isGone = false;
    bool isUncounted = false; // noted for recount()
    std::uint8_t stateBytes = 0;
    std::array<std::byte, Condition::MaxStateBytes> state{};

    Regions regions;
    Progress progress;
    Standing standing;
    std::unique_ptr<Inputs> inputs; // null: one series, compared at once
    std::vector<std::pair<std::uint32_t, std::uint32_t>> dependents; // alarms that look at this one, and which member it is there
    Truth told = Truth::Unknown; // to them
    Time toldAt = NoTime;
    std::string countedIn; // area in whose open alarms it is counted; empty: in none
    bool isTouched = false; // waits for drain()
    Error why; // why its quality is unknown
    KeyLabels labels;
    Time forgetFrom = NoTime; // 26 counts from here at the earliest: it was switched, or its source says nothing
    Time hoursAt = NoTime; // when its rule's hours are to be looked at again
    Time soundsFrom = NoTime, soundedAt = NoTime; // on the reference clock
    Time askAt = NoTime; // reference time of its valid timer
    std::uint64_t conditionHash = 0;
    double limit = std::numeric_limits<double>::quiet_NaN();

    std::shared_ptr<const Rule> rule; // null: restored, and no rule was applied yet
    std::unique_ptr<Condition> owned;
    std::uint32_t ruleIndex = 0;
    std::uint32_t countedRule = 0; // as what it stands in the counts of which rule
    bool isCountedWatched = false, isCountedActive = false, isCountedUnknown = false;
    std::uint32_t source = 0; // number of its source's SourceState, when isOnArrival
    SeriesId series{};
    bool hasSeries = false;
    ValueKind kind = ValueKind::Number;
    std::string ruleId, key, field, path, area;
    std::vector<std::byte> saved; // of a restored one, until its condition is known

    [[nodiscard]] std::span<std::byte> bytes() { return {state.data(), stateBytes}; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return {state.data(), stateBytes}; }
};

// The state as it is saved: what stands, then the condition's bytes, then the engine's, then the inputs'. Another layout is not read:
// the instance begins afresh.
std::vector<std::byte> pack(const Instance &instance);
// The first part; the rest stays in `saved` until the condition is known. False: nothing can be read.
bool unpackStanding(std::span<const std::byte> bytes, Instance &instance);
bool unpack(std::span<const std::byte> bytes, Instance &instance); // needs stateBytes, the condition and the inputs

}
