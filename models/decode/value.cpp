#include "decode/value.h"

#include "core/text.h"
#include "core/times.h"

#include <charconv>

namespace sg {

std::optional<std::string_view> Value::madeText(std::string &buffer) const
{
    switch (kind) {
    case Kind::Absent:
    case Kind::Null:
    case Kind::Container:
        return std::nullopt;
    case Kind::Text:
        return text;
    case Kind::Bool:
        return integer != 0 ? std::string_view("true") : std::string_view("false");
    case Kind::Integer: {
        if (!text.empty())
            return text; // "007" is a name
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, integer).ptr;
        buffer.assign(digits, end);
        return buffer;
    }
    case Kind::Number:
        if (!text.empty())
            return text;
        buffer = formatNumber(number);
        return buffer;
    case Kind::Instant:
        buffer = formatUtc(Time(Micros(integer)));
        if (isLocal && buffer.ends_with('Z'))
            buffer.pop_back();
        return buffer;
    }
    return std::nullopt;
}

std::optional<Value> numberIn(std::string_view text)
{
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc() && end == text.data() + text.size())
        return Value{Value::Kind::Integer, false, false, whole, static_cast<double>(whole), text};
    if (const auto number = parseNumber(text))
        return Value{Value::Kind::Number, false, false, 0, *number, text};
    return std::nullopt;
}

}
