#pragma once

#include "alarms/rule.h"

namespace sg {

// Reads a list of expected keys: CSV in UTF-8, the header names the labels. `text` is the file's content, `file` its name for
// messages. `labels`: the path labels of the source in order, or empty when they are not known.
Result<std::vector<KeyLabels>> readExpectedKeys(std::string_view text, const std::string &file, const std::vector<std::string> &labels,
                                                const Selector &series);
// The cells of one line, as CSV has them.
std::vector<std::string> csvCells(std::string_view line);
// Whether the key ("gateways/L1/G1") has series that this selector may match.
bool matchesKey(const Selector &series, std::string_view key);

}
