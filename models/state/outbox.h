#pragma once

#include "core/types.h"

#include <map>
#include <string>
#include <vector>

namespace sg {

// One message to one receiver beyond the desk: scheduled, on its way, or what became of it. Written in the commit of the journal row that
// it tells of, so that neither is without the other.
struct OutboxRow
{
    enum class State : std::uint8_t {
        Held, // its alarm makes no sound yet, because its source catches up or it chatters
        Scheduled, // told at `due`, unless it is acknowledged before
        Waiting, // to be delivered; since `due`, or again at `due`
        Delivered,
        Failed, // for good: why
        Dropped // the outbox of its route was full
    };
    std::uint64_t id = 0; // ascending, never given twice
    std::string route; // or the id of a heartbeat, which has one row with number 0
    std::uint64_t occurrence = 0; // 0: a test, a heartbeat
    std::uint32_t number = 0; // of the messages of this route about this occurrence, from 1
    State state = State::Scheduled;
    Time due = NoTime, made = NoTime, ended = NoTime; // reference clock
    std::uint32_t attempts = 0; // begun; counted before an attempt begins
    std::string why; // of the newest attempt that failed
    std::map<std::string, std::string> facts; // what texts may name: "rule", "value" ...
    bool isGone = false; // delete it

    // What a receiver knows a repetition by: the same in every attempt and after every restart.
    [[nodiscard]] std::string key() const;
    [[nodiscard]] bool isOver() const { return state == State::Delivered || state == State::Failed || state == State::Dropped; }
};

}
