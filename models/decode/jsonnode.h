#pragma once

#include "core/result.h"

#include <cstdint>
#include <set>

namespace sg {

constexpr std::size_t MostTreeNodes = 10'000; // of one document; the rest is counted
constexpr std::size_t DeepestTree = 32;

// A JSON document as a tree of owned texts, for looking at: the decoders never build one.
struct JsonNode
{
    enum class Kind : std::uint8_t { Null, Bool, Number, Text, Object, Array };
    Kind kind = Kind::Null;
    std::string name; // of a member; the index of an item
    std::string text; // of Bool, Number and Text; unescaped, hostile
    std::vector<JsonNode> children;
    std::size_t hidden = 0; // children beyond the bounds

    [[nodiscard]] bool isContainer() const { return kind == Kind::Object || kind == Kind::Array; }
    [[nodiscard]] const JsonNode *find(std::string_view child) const; // null without it
};

// The whole text is one valid document, or an Error.
Result<JsonNode> parseJsonTree(std::string_view bytes);

enum class Unwrap : std::uint8_t { None, Auto, Debezium };
// What `unwrap` leaves of a document; the document itself where it does not apply. Of a change that Debezium wrote the row after it, of a
// deletion the row before; null where that is not there.
const JsonNode *unwrapped(const JsonNode &document, Unwrap unwrap);
// What `envelope:` points into: the document, of Debezium the change without Kafka Connect's schema around it.
const JsonNode &envelopeOf(const JsonNode &document, Unwrap unwrap);
// Exactly {schema, payload}, as Kafka Connect's JSON converter writes; and {op, before or after, ...}, as Debezium does.
bool isConnectJson(const JsonNode &document);
bool isDebezium(const JsonNode &document);

// Pointers into what `unwrap` leaves of a document with a Connect schema, where the schema says that a text is a decimal's bytes.
std::set<std::string> decimalPlaces(const JsonNode &document, Unwrap unwrap);

// One token of a pointer: "a/b" -> "a~1b".
std::string pointerToken(std::string_view name);
// A scalar as flow YAML: plain where nothing can misread it, else quoted.
std::string flowText(std::string_view text);

}
