#include "alarms/transition.h"

namespace sg {

const char *nameOf(Priority priority)
{
    switch (priority) {
    case Priority::Low:
        return "low";
    case Priority::Medium:
        return "medium";
    case Priority::High:
        return "high";
    case Priority::Urgent:
        return "urgent";
    }
    return "";
}

const char *nameOf(Audience audience)
{
    switch (audience) {
    case Audience::Operator:
        return "operator";
    case Audience::Engineer:
        return "engineer";
    case Audience::Event:
        return "event";
    }
    return "";
}

const char *nameOf(Level level)
{
    switch (level) {
    case Level::None:
    case Level::On:
        return "";
    case Level::Low:
        return "low";
    case Level::High:
        return "high";
    case Level::LowLow:
        return "low_low";
    case Level::HighHigh:
        return "high_high";
    }
    return "";
}

const char *nameOf(AlarmState state)
{
    switch (state) {
    case AlarmState::Normal:
        return SG_TR("Normal");
    case AlarmState::Unacknowledged:
        return SG_TR("Unacknowledged");
    case AlarmState::Acknowledged:
        return SG_TR("Acknowledged");
    case AlarmState::ReturnedUnacknowledged:
        return SG_TR("Returned unacknowledged");
    case AlarmState::LatchedUnacknowledged:
        return SG_TR("Latched unacknowledged");
    case AlarmState::LatchedAcknowledged:
        return SG_TR("Latched acknowledged");
    case AlarmState::Shelved:
        return SG_TR("Shelved");
    case AlarmState::Suppressed:
        return SG_TR("Suppressed");
    case AlarmState::OutOfService:
        return SG_TR("Out of service");
    case AlarmState::Disabled:
        return SG_TR("Disabled");
    }
    return "";
}

}
