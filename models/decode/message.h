#pragma once

#include "core/types.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sg {

// A column of a SQL row as text; nothing for NULL.
struct Cell
{
    std::string_view column;
    std::optional<std::string_view> text;
    bool isNumber = false; // by its SQL type
    bool isBool = false;
    bool isJson = false;
    bool isRounded = false; // a number of more digits than a double keeps
};

// One message as a connector got it. Views: valid during Intake::add() only.
struct Message
{
    std::string_view topic;
    std::string_view key;
    std::string_view payload;
    bool isTombstone = false; // a null payload, which is not an empty one
    // Of a source that looks at things as they are now. Unchanged: a sign of life and no sample. Gone: it is not there any more, so its
    // values are not known until it is back; neither sample nor sign of life. Returned: back with a stamp from before it went. These two
    // are placed at databaseTime, or at the arrival where it is not given.
    enum class Told : std::uint8_t { Value, Unchanged, Gone, Returned };
    Told told = Told::Value;
    std::span<const std::pair<std::string_view, std::string_view>> headers;
    std::span<const Cell> cells; // a SQL row instead of a payload
    std::span<const std::pair<std::string_view, std::string_view>> captures; // {line} of the topic pattern -> "L1"
    std::string_view stream; // "orders/3"
    std::int64_t offset = -1;
    std::optional<Time> brokerTime;
    std::optional<Time> databaseTime;
    bool isLive = true; // false: retained or historical
    Mono arrival{};
};

}
