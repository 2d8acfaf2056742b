#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

// The words that every room uses. Values only; safe to copy between threads.
namespace sg {

enum class SourceId : std::uint32_t {}; // one opened source; a changed source gets a new number, its text id is the durable name
enum class LocalId : std::uint32_t {}; // a series, dense within one opened source
enum class SeriesId : std::uint32_t {}; // a series, dense within one evaluator and its state file

using Time = std::chrono::sys_time<std::chrono::microseconds>; // event time, or the reference clock, UTC
using Mono = std::chrono::steady_clock::time_point; // the only clock that a source thread reads
using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;

constexpr Time NoTime = Time::min(); // "never", e.g. a source that delivered nothing yet

enum class Quality : std::uint8_t { Good, Uncertain, Bad };
enum class ValueKind : std::uint8_t { Number, State, Document }; // State: value is a text code; Document: newest only

// One value of one series. `t` is where it is placed, `stamp` what the device wrote: occurrence ids hash the stamp, because a
// measured clock correction differs between runs. A value that is missing or not finite is NaN with Quality::Bad.
struct Sample
{
    SeriesId series{};
    Time t{};
    Time stamp{};
    double value = std::numeric_limits<double>::quiet_NaN();
    Quality quality = Quality::Good;
    bool isLive = true; // false: retained or historical, no sign of life
    std::int64_t offset = -1; // of its message within `stream`: the journal's source position
    std::uint32_t stream = 0; // code of a stream name ("orders/3") in the evaluator's text table
    std::uint32_t notes = 0; // number of the set of notes that its message had (engine/messagenotes.h); 0: none
};

constexpr std::uint32_t number(SourceId id)
{
    return static_cast<std::uint32_t>(id);
}
constexpr std::uint32_t number(LocalId id)
{
    return static_cast<std::uint32_t>(id);
}
constexpr std::uint32_t number(SeriesId id)
{
    return static_cast<std::uint32_t>(id);
}

}
