#include "alarms/transition.h"

#include "alarms/tablerow.h"

namespace sg {

namespace {

enum class Side : std::uint8_t { Neither, Lower, Upper };

Side sideOf(Level level)
{
    switch (level) {
    case Level::None:
    case Level::On:
        return Side::Neither;
    case Level::Low:
    case Level::LowLow:
        return Side::Lower;
    case Level::High:
    case Level::HighHigh:
        return Side::Upper;
    }
    return Side::Neither;
}

bool isHappening(const Regions &r)
{
    return r.condition == ConditionRegion::Active || r.condition == ConditionRegion::PendingOff;
}

// One step of the table: holds what every row needs, so that a row reads like its line in alarms.md. isRow(n) stands where row n
// happens.
class Step
{
public:
    Step(const Transition &what, Regions &regions, std::vector<Record> &out)
        : m_what(what)
        , m_r(regions)
        , m_out(out)
    {
    }

    bool isTrue()
    {
        switch (m_r.condition) {
        case ConditionRegion::Normal:
            if (m_what.hasOnDelay) {
                if (!isRow(1))
                    return false;
                m_r.condition = ConditionRegion::PendingOn;
                m_r.t0 = m_what.tEvent;
                return true;
            }
            return isRow(2) && raise(m_what.tEvent);
        case ConditionRegion::PendingOn:
            return false;
        case ConditionRegion::Active:
            return changeLevel();
        case ConditionRegion::PendingOff:
            if (!isRow(8))
                return false;
            m_r.condition = ConditionRegion::Active;
            m_r.t0 = NoTime;
            changeLevel();
            return true;
        }
        return false;
    }

    bool isFalse()
    {
        switch (m_r.condition) {
        case ConditionRegion::Normal:
        case ConditionRegion::PendingOff:
            return false;
        case ConditionRegion::PendingOn:
            if (!isRow(4))
                return false;
            m_r.condition = ConditionRegion::Normal;
            m_r.t0 = NoTime;
            return true;
        case ConditionRegion::Active:
            if (m_what.hasOffDelay) {
                if (!isRow(7))
                    return false;
                m_r.condition = ConditionRegion::PendingOff;
                m_r.t0 = m_what.tEvent;
                return true;
            }
            return clear();
        }
        return false;
    }

    bool isOnDelayOver() { return isRow(3) && m_r.condition == ConditionRegion::PendingOn && raise(m_r.t0); }
    bool isOffDelayOver() { return m_r.condition == ConditionRegion::PendingOff && clear(); }

    bool acknowledge()
    {
        if (m_what.shown.occurrence != m_r.occurrence || m_what.shown.seq < m_r.seq) {
            if (!isRow(12))
                return false;
            const AlarmState state = project(m_r);
            m_out.push_back({"ACKNOWLEDGED", state, state, m_what.shown.occurrence, false});
            return true;
        }
        if (!isRow(11) || m_r.ack == AckRegion::Acked || m_what.shown.seq != m_r.seq)
            return false;
        const AlarmState from = project(m_r);
        m_r.ack = AckRegion::Acked;
        if (m_what.latch == Latch::UntilAck && !isHappening(m_r))
            m_r.latch = LatchRegion::Clear;
        record("ACKNOWLEDGED", from, false);
        return true;
    }

    bool unacknowledge()
    {
        const bool isNothing = !isHappening(m_r) && m_r.latch == LatchRegion::Clear;
        if (!isRow(13) || m_r.ack == AckRegion::Unacked || isNothing)
            return false;
        const AlarmState from = project(m_r);
        m_r.ack = AckRegion::Unacked;
        record("UNACKNOWLEDGED", from, false);
        return true;
    }

    bool reset()
    {
        if (m_r.latch == LatchRegion::Clear || m_r.condition != ConditionRegion::Normal || m_r.ack == AckRegion::Unacked || !isRow(14))
            return false;
        const AlarmState from = project(m_r);
        m_r.latch = LatchRegion::Clear;
        record("RESET", from, false);
        return true;
    }

    bool clearLatch()
    {
        m_r.latch = isHappening(m_r) && m_what.latch != Latch::None ? LatchRegion::Latched : LatchRegion::Clear;
        return true;
    }

    bool shelve() // again on a shelved one: another time
    {
        if (!isRow(15) || !m_r.isEnabled || (m_r.suppression & OutOfServiceFlag))
            return false;
        const AlarmState from = project(m_r);
        m_r.suppression |= Shelved;
        record("SHELVED", from, false);
        return true;
    }

    // Who takes an alarm off the shelf has seen it.
    bool unshelve() { return isRow(16) && lift(Shelved, AckRegion::Acked, "UNSHELVED", false); }
    bool shelfOver() { return isRow(m_what.isOneShot ? 18 : 17) && lift(Shelved, AckRegion::Unacked, "SHELF_OVER", true); }
    bool release() { return isRow(m_what.isOpened ? 20 : 19) && lift(SuppressedByDesign, AckRegion::Unacked, "RELEASED", true); }
    bool inService() { return isRow(21) && lift(OutOfServiceFlag, AckRegion::Unacked, "IN_SERVICE", true); }

    bool suppress() { return isRow(19) && put(SuppressedByDesign, "SUPPRESSED"); }
    bool outOfService() { return isRow(21) && put(OutOfServiceFlag, "OUT_OF_SERVICE"); }

    bool realarm()
    {
        if (!isRow(27) || m_r.condition != ConditionRegion::Active)
            return false;
        const AlarmState from = project(m_r);
        m_r.ack = AckRegion::Unacked;
        record("REALARMED", from, true);
        return true;
    }

    bool lateClosed()
    {
        if (!isRow(29))
            return false;
        const AlarmState from = project(m_r);
        const bool isShown = m_what.isLateShown && m_r.condition == ConditionRegion::Normal && m_r.ack == AckRegion::Acked;
        if (isShown) {
            m_r.ack = AckRegion::Unacked;
            m_r.occurrence = m_what.occurrence;
            m_r.worst = m_what.level;
            ++m_r.seq;
            m_r.raised = m_what.tEvent;
            m_r.detected = m_what.now;
        }
        m_out.push_back({"LATE_CLOSED", from, project(m_r), m_what.occurrence, isShown && isAudible()});
        return true;
    }

    // An acknowledgement is kept, so what nobody acknowledged stays in the list as returned.
    bool redefine()
    {
        const AlarmState from = project(m_r);
        const bool wasHappening = isHappening(m_r);
        if (!isRow(25) || m_r.condition == ConditionRegion::Normal)
            return false;
        end();
        if (wasHappening)
            record("REDEFINED", from, false);
        return true;
    }

    // The occurrence is closed for good and nothing is left to acknowledge.
    bool retire() { return isRow(32) && close("RETIRED"); }
    bool erase() { return isRow(25) && close("DELETED"); }
    bool close(const char *event)
    {
        const AlarmState from = project(m_r);
        const bool isOpen = isHappening(m_r) || m_r.ack == AckRegion::Unacked || m_r.latch == LatchRegion::Latched;
        const bool isChange = isOpen || m_r.condition != ConditionRegion::Normal;
        end();
        m_r.ack = AckRegion::Acked;
        m_r.latch = LatchRegion::Clear;
        if (isOpen)
            record(event, from, false);
        return isChange;
    }

    bool disable()
    {
        if (!isRow(22) || !m_r.isEnabled)
            return false;
        const AlarmState from = project(m_r);
        close("DISABLED");
        m_r.isEnabled = false;
        if (!m_out.empty() && from != AlarmState::Normal)
            m_out.back().to = project(m_r);
        return true;
    }

    bool enable() // unknown until the next sample, and no "clear" for what was never raised
    {
        if (!isRow(22) || m_r.isEnabled)
            return false;
        m_r.isEnabled = true;
        m_r.quality = QualityRegion::Unknown;
        return true;
    }

private:
    bool isAudible() const { return m_r.isEnabled && m_r.suppression == 0; }

    void record(const char *event, AlarmState from, bool isAnnunciated)
    {
        m_out.push_back({event, from, project(m_r), m_r.occurrence, isAnnunciated && isAudible()});
    }

    bool put(SuppressionFlag flag, const char *event)
    {
        if (m_r.suppression & flag)
            return false;
        const AlarmState from = project(m_r);
        m_r.suppression |= flag;
        record(event, from, false);
        return true;
    }

    // A suppression ends. What happens meanwhile is active still and is acknowledged or not, as the row of the table says.
    bool lift(SuppressionFlag flag, AckRegion ack, const char *event, bool sounds)
    {
        if (!(m_r.suppression & flag))
            return false;
        const AlarmState from = project(m_r);
        m_r.suppression = static_cast<std::uint8_t>(m_r.suppression & ~flag);
        const bool isActive = isHappening(m_r);
        if (isActive)
            m_r.ack = ack;
        record(event, from, sounds && isActive);
        return true;
    }

    bool raise(Time began)
    {
        const AlarmState from = project(m_r);
        const bool isUnseen = m_r.ack == AckRegion::Unacked || m_r.latch == LatchRegion::Latched;
        if (isUnseen && !isRow(10))
            return false;
        const std::uint64_t before = m_r.occurrence;
        m_r.condition = ConditionRegion::Active;
        m_r.ack = AckRegion::Unacked;
        m_r.latch = m_what.latch == Latch::None ? LatchRegion::Clear : LatchRegion::Latched;
        m_r.level = m_r.worst = m_what.level;
        m_r.occurrence = m_what.occurrence;
        ++m_r.seq;
        m_r.t0 = NoTime;
        m_r.raised = began;
        m_r.detected = m_what.now;
        m_r.reoccurrences = isUnseen ? m_r.reoccurrences + 1 : 0;
        if (isUnseen)
            m_out.push_back({"SUPERSEDED", from, project(m_r), before, false});
        record("RAISED", from, true);
        return true;
    }

    bool changeLevel()
    {
        if (m_what.level == m_r.level)
            return false;
        const AlarmState from = project(m_r);
        const bool isUp = isSeverityUp(m_r.level, m_what.level);
        if (!isRow(isUp ? 5 : 6))
            return false;
        if (isUp) {
            m_r.level = m_what.level;
            if (m_r.level > m_r.worst)
                m_r.worst = m_r.level;
            m_r.ack = AckRegion::Unacked;
            ++m_r.seq;
            record("ESCALATED", from, true);
        } else {
            m_r.level = m_what.level;
            record("LOWERED", from, false);
        }
        return true;
    }

    bool clear()
    {
        if (!isRow(9))
            return false;
        const AlarmState from = project(m_r);
        end();
        if (m_what.isAckAuto)
            m_r.ack = AckRegion::Acked;
        if (m_r.ack == AckRegion::Acked && m_what.latch == Latch::UntilAck)
            m_r.latch = LatchRegion::Clear;
        record("CLEARED", from, false);
        if (m_what.isOneShot)
            unshelve();
        return true;
    }

    void end()
    {
        m_r.condition = ConditionRegion::Normal;
        m_r.level = Level::None;
        m_r.t0 = NoTime;
    }

    const Transition &m_what;
    Regions &m_r;
    std::vector<Record> &m_out;
};

}

bool covers(Level found, Level level)
{
    return found == level || (found > level && sideOf(found) != Side::Neither && sideOf(found) == sideOf(level));
}

bool isSeverityUp(Level from, Level to)
{
    return to != Level::None && (to > from || sideOf(from) != sideOf(to));
}

AlarmState project(const Regions &r)
{
    if (!r.isEnabled)
        return AlarmState::Disabled;
    if (r.suppression & OutOfServiceFlag)
        return AlarmState::OutOfService;
    if (r.suppression & SuppressedByDesign)
        return AlarmState::Suppressed;
    if (r.suppression & Shelved)
        return AlarmState::Shelved;
    const bool isUnacked = r.ack == AckRegion::Unacked;
    if (isHappening(r))
        return isUnacked ? AlarmState::Unacknowledged : AlarmState::Acknowledged;
    if (r.latch == LatchRegion::Latched)
        return isUnacked ? AlarmState::LatchedUnacknowledged : AlarmState::LatchedAcknowledged;
    return isUnacked ? AlarmState::ReturnedUnacknowledged : AlarmState::Normal;
}

bool transition(const Transition &what, Regions &regions, std::vector<Record> &out)
{
    Step step(what, regions, out);
    switch (what.event) {
    case Transition::Event::True:
        return step.isTrue();
    case Transition::Event::False:
        return step.isFalse();
    case Transition::Event::OnDelayOver:
        return step.isOnDelayOver();
    case Transition::Event::OffDelayOver:
        return step.isOffDelayOver();
    case Transition::Event::Acknowledge:
        return step.acknowledge();
    case Transition::Event::Retire:
        return step.retire();
    case Transition::Event::Redefine:
        return step.redefine();
    case Transition::Event::Delete:
        return step.erase();
    case Transition::Event::Disable:
        return step.disable();
    case Transition::Event::Enable:
        return step.enable();
    case Transition::Event::Unacknowledge:
        return step.unacknowledge();
    case Transition::Event::Reset:
        return step.reset();
    case Transition::Event::Shelve:
        return step.shelve();
    case Transition::Event::Unshelve:
        return step.unshelve();
    case Transition::Event::ShelfOver:
        return step.shelfOver();
    case Transition::Event::Suppress:
        return step.suppress();
    case Transition::Event::Release:
        return step.release();
    case Transition::Event::OutOfService:
        return step.outOfService();
    case Transition::Event::InService:
        return step.inService();
    case Transition::Event::Realarm:
        return step.realarm();
    case Transition::Event::LateClosed:
        return step.lateClosed();
    case Transition::Event::ClearLatch:
        return step.clearLatch();
    }
    return false;
}

}
