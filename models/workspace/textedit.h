#pragma once

#include "core/node.h"

namespace sg {

// The one way in which anything in the workspace changes: at byte `at` of `file` the bytes `before` become `after`.
// Its inverse is the undo; it is refused when the file no longer holds `before` there.
struct TextEdit
{
    std::string file; // relative to the workspace folder
    std::size_t at = 0;
    std::string before, after;
    std::string title; // "Change limit of press-hot", for the undo menu
    [[nodiscard]] TextEdit inverse() const { return {file, at, after, before, title}; }
};

// Makers. `text` is the file as it is now (with or without BOM, CRLF or LF); all other bytes stay identical and all other values
// equal: each maker re-parses its result and fails otherwise. Items are found by their `id:` within the list `list` ("rules",
// "sources", "tiles"). A key is a path inside the item ("high/limit"). A `value` is YAML on one line, as it shall stand in the file:
// texts go through quoted(). A map that loses its last key goes as a whole. Pure: any thread.
Result<TextEdit> setValue(const std::string &file, std::string_view text, std::string_view list, std::string_view id, std::string_view key,
                          std::string_view value); // adds the line when the key is not there
Result<TextEdit> removeKey(const std::string &file, std::string_view text, std::string_view list, std::string_view id,
                           std::string_view key);
Result<TextEdit> addItem(const std::string &file, std::string_view text, std::string_view list,
                         std::string_view itemYaml); // at the end of the list
Result<TextEdit> addEntry(const std::string &file, std::string_view text, std::string_view list,
                          std::string_view entryYaml); // the same of a list whose items have no id, such as tags; also into an empty file
Result<TextEdit> replaceItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id,
                             std::string_view itemYaml);
Result<TextEdit> removeItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id);
Result<std::string> textOfItem(std::string_view text, std::string_view list, std::string_view id); // as written, without "- " and indent
std::string quoted(std::string_view scalar); // as YAML writes it so that it reads back as this text; plain when that is safe

// Worker thread: checks `before`, writes atomically. A missing file is made when `before` is empty.
Result<Done> applyEdit(const std::string &folder, const TextEdit &edit);

}
