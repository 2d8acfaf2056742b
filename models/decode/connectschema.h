#pragma once

#include "decode/textpool.h"
#include "decode/value.h"

#include <map>
#include <memory>

namespace sg {

// What a schema of Kafka Connect says of a value that its JSON does not: which numbers are times, which texts are decimals.
struct ConnectType
{
    enum class Meaning : std::uint8_t { Plain, Decimal, VariableDecimal, Date, TimeOfDay, Instant };
    Meaning meaning = Meaning::Plain;
    bool isLocal = false; // of Instant: on the clock of a zone that nobody names
    int scale = 0; // of Decimal: its places; of times: the exponent of ten of their unit, -6 for microseconds
    std::map<std::string, ConnectType, std::less<>> fields;

    [[nodiscard]] bool isDateText() const { return meaning == Meaning::Date || meaning == Meaning::TimeOfDay; }
    [[nodiscard]] const ConnectType *field(std::string_view name) const;
    // The meaning that a schema's name has; Plain for names that mean nothing here.
    static ConnectType named(std::string_view name);
    // The value as it is meant; as it came when it is not of the type that its schema says, or out of range.
    [[nodiscard]] Value meant(const Value &value, TextPool &texts) const;
};

// The number whose unscaled big-endian bytes the text holds as base64, exactly, as a decimal with so many places; nothing when it is none.
std::optional<Value> decimalIn(std::string_view base64, unsigned places, TextPool &texts);

}
