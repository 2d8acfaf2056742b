#pragma once

#include "core/browse.h"
#include "decode/jsonnode.h"

#include <map>
#include <set>

namespace sg {

// What the bytes of one record key look like.
struct KeyLook
{
    enum class Kind : std::uint8_t { Text, Json, Int32, Int64, Windowed, Binary };
    Kind kind = Kind::Binary;
    std::string text; // of Text and Windowed: without the window; of whole numbers their digits
    std::int64_t start = 0; // of Windowed: milliseconds
    JsonNode document;
};

// REQUIRES: message.hasKey
KeyLook lookAtKey(const BrowsedMessage &message);

using WindowStarts = std::map<std::string, std::set<std::int64_t>>; // milliseconds, by key
// The least distance between two windows of one key, which is their length or their advance; 0 when no key has two.
std::int64_t windowsApart(const WindowStarts &starts);

}
