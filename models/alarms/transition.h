#pragma once

#include "alarms/condition.h"
#include "alarms/journal.h"
#include "core/batch.h"

namespace sg {

enum class ConditionRegion : std::uint8_t { Normal, PendingOn, Active, PendingOff };
enum class AckRegion : std::uint8_t { Acked, Unacked };
enum class LatchRegion : std::uint8_t { Clear, Latched };
enum class QualityRegion : std::uint8_t { Good, Uncertain, Stale, NoData, Error, Unknown };
enum SuppressionFlag : std::uint8_t { Shelved = 1, SuppressedByDesign = 2, OutOfServiceFlag = 4 };

// The regions of one alarm instance (rule, key, field), orthogonal; see the table in the design note "alarms".
struct Regions
{
    bool isEnabled = true;
    ConditionRegion condition = ConditionRegion::Normal;
    AckRegion ack = AckRegion::Acked;
    LatchRegion latch = LatchRegion::Clear;
    std::uint8_t suppression = 0; // of SuppressionFlag
    QualityRegion quality = QualityRegion::Unknown;
    Level level = Level::None, worst = Level::None; // now, and since activation
    std::uint32_t seq = 0; // moves on a new occurrence and on severity up: what an acknowledgement refers to
    std::uint64_t occurrence = 0;
    Time t0 = NoTime; // PENDING_ON since, PENDING_OFF since
    Time raised = NoTime; // event time of the occurrence
    Time detected = NoTime;
    std::uint32_t reoccurrences = 0; // raised again without having been acknowledged
    bool operator==(const Regions &) const = default;
};

// One projected state for display (letters as in the design note).
enum class AlarmState : std::uint8_t {
    Normal,
    Unacknowledged,
    Acknowledged,
    ReturnedUnacknowledged,
    LatchedUnacknowledged,
    LatchedAcknowledged,
    Shelved,
    Suppressed,
    OutOfService,
    Disabled
};
// Whether going from one level to the other is "severity up": higher, or over to the other side (high to low is another trouble).
bool isSeverityUp(Level from, Level to);
// Whether a value at level `found` also satisfies `level`: the same, or beyond it on the same side.
bool covers(Level found, Level level);
AlarmState project(const Regions &regions);
const char *nameOf(AlarmState state); // SG_TR, "Returned unacknowledged"; also the journal's text

// The transition table as a pure function: event and guard in, regions and at most two records out. It knows no instance, rule
// or clock; whoever calls it fills rule, key, limit and so on into the rows it gets.
struct Transition
{
    enum class Event : std::uint8_t {
        True,
        False,
        OnDelayOver,
        OffDelayOver,
        Acknowledge,
        Retire,
        Redefine,
        Delete,
        Disable,
        Enable,
        Unacknowledge,
        Reset,
        Shelve,
        Unshelve, // by an operator
        ShelfOver, // by its time
        Suppress,
        Release,
        OutOfService,
        InService,
        Realarm,
        LateClosed, // raised and cleared in the past
        ClearLatch // the rule latches no longer (24)
    };
    Event event = Event::True;
    Level level = Level::On;
    bool hasOnDelay = false, hasOffDelay = false;
    Latch latch = Latch::None; // of the rule, as the two that follow
    bool isAckAuto = false;
    bool isLateShown = false; // 29: into D instead of A
    bool isOneShot = false; // the shelf ends with the alarm
    bool isOpened = false; // Release because nobody knows any more whether it is to be suppressed (20)
    std::uint64_t occurrence = 0; // id of the occurrence that a raise would begin
    ShownOccurrence shown; // of Acknowledge
    Time tEvent = NoTime, now = NoTime;
};
struct Record
{
    const char *event = ""; // "RAISED"
    AlarmState from = AlarmState::Normal, to = AlarmState::Normal;
    std::uint64_t occurrence = 0;
    bool isAnnunciated = false; // sound, flash, notify
};
// Appends what is to be journaled to `out`; returns false when the event changes nothing.
bool transition(const Transition &what, Regions &regions, std::vector<Record> &out);

}
