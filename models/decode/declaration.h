#pragma once

#include "core/source.h"
#include "decode/timebasis.h"
#include "decode/where.h"

#include <map>
#include <set>

namespace sg {

// One entry of `fields`, or what a learned field is by default.
struct FieldRule
{
    enum class As : std::uint8_t { Auto, Number, Text, Bool };
    std::string name;
    As as = As::Auto;
    std::map<std::string, std::string, std::less<>> map; // text of the value -> what is meant
    std::set<std::string, std::less<>> bad; // values that mean "no measurement"
    double scale = 1;
    double offset = 0;
    bool isDecimalComma = false;

    [[nodiscard]] bool isPlain() const { return as == As::Auto && map.empty() && bad.empty(); } // else `as` is set
};

// A source's declaration, read once. Places are numbered: slot n of a decoded message is what stands at places[n].
struct Declaration
{
    enum class Format : std::uint8_t { Json, Csv, Scalar, Row };
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

    std::string id;
    std::vector<Where> places;
    std::vector<Label> labels; // in path order
    std::vector<Label> notes;
    TimeBasis time;
    std::optional<std::size_t> timeSlot;
    Format format = Format::Json;
    bool isLearning = false;
    bool isUnwrapping = false; // unwrap: auto
    std::vector<std::string> columns; // of csv
    char separator = ','; // of csv
    FieldRule scalar; // of scalar; its name is empty when the capture below names the field
    std::string scalarCapture; // "topic:measure" -> "measure"
    std::vector<Given> fields;
    std::size_t maxSeries = 100'000;

    // Every fault goes into `faults`; the declaration is usable only when there is none.
    static Declaration read(const SourceSpec &spec, std::vector<Error> &faults);
};

}
