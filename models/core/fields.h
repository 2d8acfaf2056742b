#pragma once

#include "core/node.h"
#include "core/types.h"

#include <span>

namespace sg {

// Any: checked elsewhere. Texts: one text or a list of them. Where: a place in a message. Secret: {env: SG_NAME} or {file: PATH}.
enum class FieldType : std::uint8_t {
    Any,
    Text,
    Texts,
    Number,
    Integer,
    Percent,
    Duration,
    Bool,
    Choice,
    Selector,
    Where,
    Secret,
    Path,
    Map
};

// One row feeds four readers: the YAML check with its nearest name, the JSON Schema, the form in the window, the help page.
struct Field
{
    const char *key = "";
    FieldType type = FieldType::Text;
    bool isRequired = false;
    const char *byDefault = ""; // shown in the form and used by the reader
    const char *unit = "";
    const char *label = ""; // SG_TR
    const char *help = ""; // SG_TR, one sentence
    std::span<const char *const> choices = {};
    std::span<const Field> nested = {}; // of a Map; empty: any keys
};
using Fields = std::span<const Field>;

// Every fault of a map against its table: unknown key (with the nearest known name), missing key, wrong type. Empty: all well.
std::vector<Error> check(const Node &node, Fields fields);

// Typed reading of one scalar; errors name place, key, what came and what was expected.
Result<double> readNumber(const Node &node, std::string_view key);
Result<Micros> readDuration(const Node &node, std::string_view key); // "250ms" "5s" "10min" "8h" "1d"; "10m" is refused: "10min?"
Result<bool> readBool(const Node &node, std::string_view key); // true, false
// Percent or absolute: "1%" -> {0.01, true}, "2.5" -> {2.5, false}.
struct Share
{
    double value = 0;
    bool isPercent = false;
};
Result<Share> readShare(const Node &node, std::string_view key);
std::vector<std::string> readTexts(const Node &node); // one text, or a list

std::string nearestName(std::string_view name, std::span<const std::string> known); // empty when nothing is near

}
