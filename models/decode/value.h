#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sg {

// What stands at one place of a message. The text is a view into the message or its parser: gone with the next message.
struct Value
{
    // Instant: a time that its schema or its place says to be one, not a text that looks like one.
    enum class Kind : std::uint8_t { Absent, Null, Integer, Number, Bool, Text, Instant, Container };
    Kind kind = Kind::Absent;
    bool isLocal = false; // an Instant on the clock of a zone that it does not name
    bool isRounded = false; // it had more digits than `number` keeps
    std::int64_t integer = 0; // Integer exactly; Bool as 0 or 1; Instant in microseconds since 1970
    double number = 0; // Integer, Number and Bool
    std::string_view text; // of Text; of a number as it was written, where the format has numbers as text

    static Value ofInteger(std::int64_t i) { return {Kind::Integer, false, false, i, static_cast<double>(i), {}}; }
    static Value ofNumber(double d) { return {Kind::Number, false, false, 0, d, {}}; }
    static Value ofBool(bool b) { return {Kind::Bool, false, false, b ? 1 : 0, b ? 1.0 : 0.0, {}}; }
    static Value ofText(std::string_view t) { return {Kind::Text, false, false, 0, 0, t}; }
    static Value ofInstant(std::int64_t micros, bool isLocal) { return {Kind::Instant, isLocal, false, micros, 0, {}}; }
    static Value ofKind(Kind k) { return {k, false, false, 0, 0, {}}; }

    [[nodiscard]] bool isMissing() const { return kind == Kind::Absent || kind == Kind::Null; }
    // As a label or a state reads it: a text itself, a number as written or in its shortest form, true or false, a time in ISO 8601.
    // `buffer` keeps what had to be made. Nothing for Absent, Null and Container.
    [[nodiscard]] std::optional<std::string_view> asText(std::string &buffer) const
    {
        return kind == Kind::Text ? std::optional(text) : madeText(buffer);
    }
    [[nodiscard]] std::optional<std::string_view> madeText(std::string &buffer) const; // of what is not a text
};

// A number as text delivers it: Integer where it is whole and exact, else Number; nothing when the text is no number.
std::optional<Value> numberIn(std::string_view text);

}
