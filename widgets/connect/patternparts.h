#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sg {

// A topic or a topic pattern as parts, each of which a person can make a {label}. Pure.
struct PatternPart
{
    std::string before; // what stands between it and the part before: "."
    std::string text; // of a label its name, without braces
    bool isLabel = false;
    bool isFixed = false; // no label can stand here: # of MQTT, a regular expression
};

std::vector<PatternPart> partsOf(std::string_view pattern, char separator);
std::string patternOf(const std::vector<PatternPart> &parts);
// What a label in place of this part would be called; not yet a label of the pattern.
std::string labelNameFor(const std::vector<PatternPart> &parts, std::size_t part);
// The one pattern of topics that differ in some parts only; nothing when there is none.
std::optional<std::string> commonPattern(const std::vector<std::string> &topics, char separator);
// The labels of all patterns, in order, each once.
std::vector<std::string> labelsOf(const std::vector<std::string> &patterns, char separator);

}
