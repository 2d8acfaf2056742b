#pragma once

#include "core/crc.h"
#include "state/commit.h"

#include <optional>

namespace sg {

// Readings of one commit as bytes; the format is in FORMAT.md. Pure, any thread.
std::string encodeSegment(std::span<const StoredRow> rows);
// The same into memory that is used again: a view into `buffer`, which grows as far as it must.
std::string_view encodeSegment(std::span<const StoredRow> rows, std::string &buffer);
// Appends the rows to `out`. False when the bytes are not what encodeSegment() wrote (checksum, length, version): then `out` is as before.
[[nodiscard]] bool decodeSegment(std::string_view bytes, std::vector<StoredRow> &out);

}
