#pragma once

#include "core/types.h"

#include <optional>
#include <string>
#include <vector>

namespace sg {

// What is stored of an MQTT source. MQTT has no offsets; the broker keeps the session, the spool what was acknowledged to it.
struct MqttPosition
{
    // False while connected. Without a spool a process that ends then may have acknowledged messages that were never stored; with one
    // only a machine may, what its disk did not hold yet.
    bool isSettled = false;
    bool isSpooled = false;
    std::uint64_t next = 0; // in the spool
    std::string machine; // its start while we were connected: another one now means that it went down since
    int qos = 1;
    Time newest = NoTime; // by this machine's clock: the last arrival, or the settled end
    std::uint64_t received = 0; // messages handed on
    std::vector<std::string> filters; // subscribed in the session

    [[nodiscard]] std::string bytes() const;
    static std::optional<MqttPosition> parse(std::string_view bytes);
};

}
