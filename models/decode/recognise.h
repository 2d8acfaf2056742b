#pragma once

#include "decode/messagetree.h"

#include <span>

namespace sg {

// Keys of a source's item with their value as flow YAML: "decode" -> "{ json: { unwrap: auto, learn: true } }",
// "time" -> "{ basis: message, at: /ts, unit: ms }", "path" -> "[line, device]", "labels", "notes". "key" belongs into the kind's own map
// (kafka: { key: int64 }).
using ItemSettings = std::vector<std::pair<std::string, std::string>>;

// Something worth saying about messages, and what a source would say to heed it. A person decides.
struct PayloadFinding
{
    Error says; // "Kafka Connect JSON with schema", "9 h ahead of arrival: Asia/Tokyo?"
    ItemSettings settings; // may be empty: then it is only said
    bool isProblem = false; // this version cannot read it, or it will be refused
};

// A place that holds single values in the messages, with what it looks like.
struct PlaceGuess
{
    enum class Kind : std::uint8_t { Number, NumericText, Text, Bool, Stamp }; // Stamp: epoch numbers or ISO texts, see unit
    enum class Role : std::uint8_t { Field, Label, Note, Stamp, None };
    std::string where; // WHERE: "/data/temp", "key:", "header:site", "topic:line", "column:n", "item:/v"
    std::string name; // what a field or label of it would be called
    std::string sample; // of the newest message that holds it; escaped
    Kind kind = Kind::Text;
    Role role = Role::None; // suggested
    std::size_t messages = 0; // that hold it
    std::size_t distinct = 0; // different values, counted up to MostDistinct
    std::string unit; // of Stamp: s, ms, us, ns, iso
    std::string zone; // of Stamp: proposed where the stamps name none
    std::string rule; // as an entry of `fields`: "{ at: /data/temp, as: number }"
};

struct Recognition
{
    static constexpr std::size_t MostDistinct = 1000;
    static constexpr std::size_t MostPlaces = 300;

    std::vector<PayloadFinding> findings; // the most telling first
    std::vector<PlaceGuess> places; // in the order of the document
    std::size_t hiddenPlaces = 0;
    ItemSettings settings; // all proposals as one: what a new source begins with
    Unwrap unwrap = Unwrap::None; // as proposed, for tree()
};

// How JSON is proposed to be read. Messages that Unframing made JSON of are "avro" or "protobuf", and `use` is their registry.
struct DecodeAs
{
    std::string format = "json";
    std::string use;
};

// What the payloads of messages look like; pure. `topics` gives captures, as with tree().
Recognition recognise(std::span<const BrowsedMessage> messages, const TopicChoice *topics = nullptr, const DecodeAs &as = {});

}
