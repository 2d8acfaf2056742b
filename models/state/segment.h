#pragma once

#include "core/crc.h"
#include "state/commit.h"

#include <optional>

namespace sg {

// Readings of one commit as bytes; the format is in FORMAT.md. Pure, any thread.
std::string encodeSegment(std::span<const StoredRow> rows);
// Appends the rows to `out`. False when the bytes are not what encodeSegment() wrote (checksum, length, version): then `out` is as before.
[[nodiscard]] bool decodeSegment(std::string_view bytes, std::vector<StoredRow> &out);

}
