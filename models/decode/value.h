#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sg {

// What stands at one place of a message. The text is a view into the message or its parser: gone with the next message.
struct Value
{
    enum class Kind : std::uint8_t { Absent, Null, Integer, Number, Bool, Text, Container };
    Kind kind = Kind::Absent;
    std::int64_t integer = 0; // Integer exactly; Bool as 0 or 1
    double number = 0; // Integer, Number and Bool
    std::string_view text; // of Text; of a number as it was written, where the format has numbers as text

    static Value ofInteger(std::int64_t i) { return {Kind::Integer, i, static_cast<double>(i), {}}; }
    static Value ofNumber(double d) { return {Kind::Number, 0, d, {}}; }
    static Value ofBool(bool b) { return {Kind::Bool, b ? 1 : 0, b ? 1.0 : 0.0, {}}; }
    static Value ofText(std::string_view t) { return {Kind::Text, 0, 0, t}; }
    static Value ofKind(Kind k) { return {k, 0, 0, {}}; }

    // As a label or a state reads it: a text itself, a number as written or in its shortest form, true or false. `buffer` keeps what had to
    // be made. Nothing for Absent, Null and Container.
    std::optional<std::string_view> asText(std::string &buffer) const;
};

// A number as text delivers it: Integer where it is whole and exact, else Number; nothing when the text is no number.
std::optional<Value> numberIn(std::string_view text);

}
