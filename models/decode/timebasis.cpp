#include "decode/timebasis.h"

#include "core/text.h"
#include "core/times.h"

#include <limits>

namespace sg {

namespace {

// A time by its schema. One without a zone is epoch time where the declaration names a unit of it, else a stamp without zone.
Result<Time> fromInstant(const Value &at, const TimeBasis &basis)
{
    const Time time{Micros(at.integer)};
    if (!at.isLocal || (basis.zone.empty() && basis.unit != "iso"))
        return time;
    std::string buffer;
    return parseIso(*at.asText(buffer), basis.zone);
}

Result<Time> fromValue(const Value &at, const TimeBasis &basis)
{
    Value value = at;
    if (value.kind == Value::Kind::Instant)
        return fromInstant(at, basis);
    if (value.kind == Value::Kind::Text) {
        if (basis.unit == "iso")
            return parseIso(value.text, basis.zone);
        const auto number = numberIn(value.text);
        if (!number)
            return Error{SG_TR("the stamp '%1' is not a number of %2"), {shown(at.text, 60), basis.unit}, {}};
        value = *number;
    }
    std::string buffer;
    switch (value.kind) {
    case Value::Kind::Absent:
    case Value::Kind::Null:
        return Error{SG_TR("the stamp is missing"), {}, {}};
    case Value::Kind::Bool:
    case Value::Kind::Container:
    case Value::Kind::Instant:
    case Value::Kind::Text:
        return Error{SG_TR("the stamp is neither a number nor a text"), {}, {}};
    case Value::Kind::Integer:
    case Value::Kind::Number:
        break;
    }
    if (basis.unit == "iso")
        return Error{SG_TR("the stamp %1 is a number; say its unit (time: { unit: ms })"), {std::string(*value.asText(buffer))}, {}};
    const bool isExact
        = value.kind == Value::Kind::Integer && value.integer != std::numeric_limits<std::int64_t>::min(); // which has no abs()
    const auto time = isExact ? fromEpoch(value.integer, basis.unit) : fromEpoch(value.number, basis.unit);
    if (!time)
        return Error{SG_TR("the stamp %1 %2 lies outside the years 1900 to 2200; is that its unit?"),
                     {std::string(*value.asText(buffer)), basis.unit},
                     {}};
    return *time;
}

}

Result<Time> TimeBasis::stamp(const Message &message, const Value *at) const
{
    switch (basis) {
    case Basis::Arrival:
        return NoTime;
    case Basis::Broker:
        if (!message.brokerTime)
            return Error{SG_TR("the message has no broker timestamp"), {}, {}};
        return *message.brokerTime;
    case Basis::Database:
        if (at)
            return fromValue(*at, *this);
        if (!message.databaseTime)
            return Error{SG_TR("the row has no database time"), {}, {}};
        return *message.databaseTime;
    case Basis::Message:
        return fromValue(at ? *at : Value(), *this);
    }
    return NoTime;
}

}
