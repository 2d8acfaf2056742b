#pragma once

#include "core/browse.h"
#include "decode/jsonnode.h"

namespace sg {

// What the bytes of one payload look like, without a declaration.
struct PayloadLook
{
    enum class Kind : std::uint8_t {
        Row, // cells of a table
        Tombstone,
        Empty,
        Json, // an object or an array: `document`
        Scalar, // one number, truth value or short text
        Csv,
        Avro, // registry framing, told apart from Protobuf by how the rest reads
        Protobuf,
        JsonSchema, // registry framing with JSON behind it: `document`
        Packed, // compressed, and it cannot be unpacked
        Xml,
        Text,
        Binary
    };
    Kind kind = Kind::Binary;
    std::uint32_t schema = 0; // of registry framing
    bool isNumber = false; // of Scalar
    bool hasComma = false; // of Scalar: 81,4
    char separator = ','; // of Csv
    std::vector<std::string> cells; // of Csv
    const char *compression = nullptr; // "gzip" or "zstd": the rest is said of what was in it
    JsonNode document;
};

PayloadLook lookAt(const BrowsedMessage &message);
const char *nameOf(PayloadLook::Kind kind); // SG_TR: "JSON", "CSV lines", "Avro"

bool isDecimalComma(std::string_view text); // "81,4": one comma between digits, no point

}
