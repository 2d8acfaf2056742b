#pragma once

#include "core/node.h"

#include <span>
#include <string>
#include <vector>

namespace sg {

// A place in a message, as the grammar writes it: /pointer, envelope:/p, item:/p, key:, key:/p, topic:x, header:x, column:c, column:c/p,
// split:x, window:start, window:end, { value: "-" }.
struct Where
{
    // Named: the topic capture or column of that name (a path label without an entry).
    enum class Kind : std::uint8_t {
        Pointer,
        Envelope,
        Item,
        Key,
        KeyPointer,
        Topic,
        Header,
        Column,
        ColumnPointer,
        Split,
        WindowStart,
        WindowEnd,
        Constant,
        Named
    };
    Kind kind = Kind::Named;
    std::string name; // of the capture, header or column; the constant itself
    std::vector<std::string> tokens; // of the pointers, unescaped; none: the key or the item itself

    static Result<Where> parse(const Node &node);
    // A place written as a bare text: the key of an entry under `when`.
    static Result<Where> parse(const std::string &text, const Node &at);
    static Where named(std::string name);
    // True when a message without a value (a tombstone) still tells it.
    [[nodiscard]] bool isOutsideValue() const;
    // True when a decoder reads it from the payload.
    [[nodiscard]] bool isInPayload() const;
    // True when it differs between the items of one message.
    [[nodiscard]] bool isOfItem() const { return kind == Kind::Item || kind == Kind::Split; }
    bool operator==(const Where &) const = default;
};

// "/asset/id" -> {"asset", "id"}; "~1" is a slash and "~0" a tilde.
Result<std::vector<std::string>> parsePointer(std::string_view pointer);

}
