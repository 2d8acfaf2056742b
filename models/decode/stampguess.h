#pragma once

#include "decode/placestats.h"

namespace sg {

// A place whose values read as points in time.
struct StampGuess
{
    std::string unit; // s, ms, us, ns, iso
    bool isBare = false; // ISO without a zone
    std::string zone; // proposed for bare ones; empty when none fits
    Micros ahead{0}; // of bare ones, read as UTC, against the time the messages came, to a quarter of an hour
    bool isNear = false; // most messages came within a day of it
    int rank = 0; // how much its name says "this is the time"; below 0: another time (of loading, of an order)
};

// Nothing when the values are no stamps, or numbers that only could be.
std::optional<StampGuess> guessStamp(const PlaceSeen &place);

// The sentence and the proposed `time`.
PayloadFinding stampFinding(const PlaceSeen &place, const StampGuess &stamp, bool isRow);

// The words of a name in lower case: "eventTime" and "event_time" -> event, time.
std::vector<std::string> wordsOf(std::string_view name);

}
