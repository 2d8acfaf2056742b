#pragma once

#include "core/source.h"
#include "decode/recordkey.h"
#include "decode/splitpattern.h"
#include "decode/timebasis.h"
#include "decode/where.h"

#include <map>
#include <set>

namespace sg {

// One entry of `fields`, or what a learned field is by default.
struct FieldRule
{
    enum class As : std::uint8_t { Auto, Number, Text, Bool, Decimal };
    std::string name;
    As as = As::Auto;
    std::map<std::string, std::string, std::less<>> map; // text of the value -> what is meant
    std::set<std::string, std::less<>> bad; // values that mean "no measurement"
    double scale = 1;
    double offset = 0;
    std::optional<unsigned> bit; // the one bit of a whole number that is meant
    std::optional<unsigned> digits; // of As::Decimal: decimal places of a text that is base64 of the unscaled number
    bool isDecimalComma = false;

    [[nodiscard]] bool isPlain() const { return as == As::Auto && map.empty() && bad.empty() && !bit; } // else `as` is set
};

// How messages of one kind are read. Places are numbered: slot n of a decoded message is what stands at places[n].
struct Case
{
    struct Condition // isPresent: something other than null stands there; else one of the texts does
    {
        Where at;
        std::vector<std::string> texts;
        bool isPresent = false;
    };
    struct Label
    {
        std::string name;
        std::size_t slot = 0;
    };
    struct Given
    {
        std::size_t slot = 0;
        FieldRule rule;
    };
    struct Split
    {
        std::size_t slot = 0;
        SplitPattern pattern;
    };
    struct Reading // a name and a value beside each other
    {
        std::size_t field = 0; // slots
        std::size_t value = 0;
        std::optional<std::size_t> quality;
        std::set<std::string, std::less<>> good; // qualities that are; any other is bad
    };

    std::vector<Condition> when; // all of them; empty: any message
    bool isIgnored = false; // else: ignore
    std::vector<Where> places;
    std::vector<Label> labels; // in path order
    std::vector<Label> notes;
    TimeBasis time;
    std::optional<std::size_t> timeSlot;
    bool isLearning = false;
    std::vector<Given> fields;
    std::map<std::string, FieldRule, std::less<>> named; // rules of fields that only a reading names
    std::optional<std::vector<std::string>> each; // the array of items, as tokens; none: the message itself
    std::optional<Split> split;
    std::optional<Reading> reading;

    // With a reading, what is learned are the names that it tells.
    [[nodiscard]] bool learnsFromDocument() const { return isLearning && !reading; }
};

// A source's declaration, read once.
struct Declaration
{
    enum class Format : std::uint8_t { Json, Csv, Scalar, Row };
    enum class Unwrap : std::uint8_t { None, Auto, Debezium };

    std::string id;
    Format format = Format::Json;
    std::vector<Case> cases; // the first whose conditions hold; without `cases` the only one
    std::optional<Where> countBy;
    std::string countByText; // as written
    Unwrap unwrap = Unwrap::None;
    std::string schemaType; // of Json that a schema of a registry is read to: "AVRO" or "PROTOBUF"
    std::string message; // of PROTOBUF: the one type that is read, by its full name; empty: any
    RecordKeyForm key;
    std::vector<std::string> columns; // of csv
    char separator = ','; // of csv
    FieldRule scalar; // of scalar; its name is empty when the capture below names the field
    std::string scalarCapture; // "topic:measure" -> "measure"
    std::size_t maxSeries = 100'000;

    // Every fault goes into `faults`; the declaration is usable only when there is none.
    static Declaration read(const SourceSpec &spec, std::vector<Error> &faults);
};

}
