#pragma once

#include "core/result.h"
#include "core/types.h"

#include <optional>

namespace sg {

// "2026-10-12T08:00:00.000123Z". Microseconds only when there are any; milliseconds at least when `withMillis`.
std::string formatUtc(Time t, bool withMillis = true);
// ISO 8601 with the offset of a zone ("+09:00"); empty zone name: this machine's.
std::string formatLocal(Time t, const std::string &zone = {}, bool withMillis = true);
std::string formatDuration(Micros d); // "42 s", "3 min 02 s", "5 h 12 min", "2 d 3 h"

// ISO 8601 as devices write it: 'T' or space, '.' or ',' fraction, "Z", "+09:00", "+0900". A stamp without zone needs `zone`.
Result<Time> parseIso(std::string_view text, const std::string &zone = {});
// A point in time for `start:`: ISO with zone. A duration ago is parsed by parseDuration with its minus sign.
Result<Micros> parseDuration(std::string_view text);

// An epoch number in this unit ("s", "ms", "us", "ns"); nothing when it is outside the years 1900 to 2200.
std::optional<Time> fromEpoch(double value, std::string_view unit);
std::optional<Time> fromEpoch(std::int64_t value, std::string_view unit);

}
