#pragma once

#include "decode/recognise.h"
#include "decode/stampguess.h"

namespace sg {

// What the places of the messages are for, as far as names and values tell. Indexes are into PlaceStats::places.
struct RoleGuess
{
    struct Label
    {
        std::string name;
        std::size_t place = 0;
    };
    std::vector<PlaceGuess> places; // one a place, same order
    std::vector<Label> path; // in order
    std::vector<Label> notes;
    std::optional<std::size_t> time;
    StampGuess stamp; // of `time`
    std::vector<std::size_t> numericTexts; // fields
};

RoleGuess guessRoles(const PlaceStats &stats);

// "a-z, 0-9 and _", beginning with a letter and no word that texts use themselves.
std::string labelName(std::string_view name);

}
