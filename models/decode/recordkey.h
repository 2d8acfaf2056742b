#pragma once

#include "core/node.h"
#include "core/types.h"
#include "decode/value.h"

#include <optional>

namespace sg {

// How the bytes of a record key are read: `kafka: { key: int64 }` or `key: { text: { window: 60s } }`.
struct RecordKeyForm
{
    // Text: as it is; where a place points into it, it is JSON. Int32 and Int64 are big-endian, as Kafka's own serializers write them.
    enum class Kind : std::uint8_t { Text, Json, Int32, Int64 };
    Kind kind = Kind::Text;
    std::optional<Micros> window; // behind the key stand 8 bytes: the start of its window, in ms; it is so long

    static RecordKeyForm read(const Node &node, std::vector<Error> &faults); // a Missing node: Text
};

// A record key taken apart.
struct RecordKey
{
    std::string_view bytes; // without the window
    std::optional<Time> start, end; // of its window

    static Result<RecordKey> of(std::string_view bytes, const RecordKeyForm &form);
    // The number in it, of a form that is one.
    [[nodiscard]] Result<Value> number(const RecordKeyForm &form) const;
};

}
