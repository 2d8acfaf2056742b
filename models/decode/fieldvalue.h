#pragma once

#include "decode/declaration.h"

namespace sg {

// What a field's value means under its rule.
struct FieldValue
{
    enum class Kind : std::uint8_t { None, Number, State, Bad }; // None: the message does not hold it
    Kind kind = Kind::None;
    double number = 0;
    std::string_view text; // of State: a view into the message, the rule or `buffer`
    bool isRounded = false; // of Number: what was written has more digits
};

// An Error when the value is of a wrong type: the whole message is refused then. `buffer` keeps a text that had to be made.
Result<FieldValue> meaningOf(const Value &value, const FieldRule &rule, std::string &buffer);

}
