#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// The text habits of the workspace that a YAML parser does not know: each finds one way in which people's files go wrong.
// All work on the file's text without BOM; offsets are bytes, lines count from 0. No finding quotes the text: it may be a secret.
namespace sg {

struct HabitFault
{
    const char *text; // SG_TR
    int line;
};

// What no file may hold: text that is not UTF-8, control characters, a lone carriage return.
std::optional<HabitFault> checkBytes(std::string_view text);
// Why YAML most likely failed at or just before this line; nothing when no habit explains it.
std::optional<HabitFault> explainFailure(std::string_view text, int line);

bool isCutAtHash(std::string_view text, std::size_t begin, std::string_view plainScalar); // `name: Press #3` reads as "Press"
bool hasFullWidthColon(std::string_view plainScalar); // `series：press/*` is no key
bool isIndentedByTab(std::string_view text, std::size_t token);
bool isBareBrace(std::string_view text, std::size_t begin); // {line} without quotes
bool isQuoteOpen(std::string_view text, std::size_t begin); // a quote begins here and ends nowhere; yaml-cpp takes the rest of the file
bool isAllDigits(std::string_view text);

}
