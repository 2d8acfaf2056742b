#pragma once

#include "state/sqlite.h"

namespace sg {

constexpr const char *StateFileName = "state.db";
constexpr int StateFormat = 4; // PRAGMA user_version; the tables are described in FORMAT.md
constexpr int FirstFormatWithChunks = 2;
constexpr int FirstFormatWithOutbox = 3;
constexpr int FirstFormatWithNotes = 4;

// Makes the tables of a new file, moves an older one forward, and refuses a newer one or a file that is not ours. Changes nothing when
// the file is of this format already. May throw SqlFault.
Result<Done> bringUpToDate(Database &database, const std::string &path);
// The same questions for a reader, which changes nothing and reads older formats as they are.
Result<Done> checkFormat(Database &database, const std::string &path);

}
