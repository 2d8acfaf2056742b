#pragma once

#include "decode/roleguess.h"

namespace sg {

// Messages of several kinds in one topic, told apart by a short text that all of them hold.
struct KindLook
{
    std::size_t place = 0; // of PlaceStats::places: "/type"
    std::string cases; // "count_by: /type, cases: [...]"; empty: no kind has a field
};

// Nothing when all messages have the same names, or no place tells which they have.
std::optional<KindLook> lookAtKinds(const PlaceStats &stats, const RoleGuess &roles);

}
