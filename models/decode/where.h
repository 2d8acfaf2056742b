#pragma once

#include "core/node.h"

#include <span>
#include <string>
#include <vector>

namespace sg {

// A place in a message, as the grammar writes it: /pointer, envelope:/p, key:, key:/p, topic:x, header:x, column:c, { value: "-" }.
struct Where
{
    // Named: the topic capture or column of that name (a path label without an entry).
    enum class Kind : std::uint8_t { Pointer, Envelope, Key, KeyPointer, Topic, Header, Column, Constant, Named };
    Kind kind = Kind::Named;
    std::string name; // of the capture, header or column; the constant itself
    std::vector<std::string> tokens; // of the pointers, unescaped

    static Result<Where> parse(const Node &node);
    static Where named(std::string name);
    // True when a message without a value (a tombstone) still tells it.
    [[nodiscard]] bool isOutsideValue() const;
};

// "/asset/id" -> {"asset", "id"}; "~1" is a slash and "~0" a tilde.
Result<std::vector<std::string>> parsePointer(std::string_view pointer);

}
