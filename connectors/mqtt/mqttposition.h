#pragma once

#include "core/types.h"

#include <optional>
#include <string>
#include <vector>

namespace sg {

// What is stored of an MQTT source. MQTT has no offsets; the broker keeps the session, and this tells what we knew of it.
struct MqttPosition
{
    // Everything that was acknowledged to the broker had been handed on when the connection ended. False while connected: a process
    // that is killed then may have acknowledged messages that were never stored.
    bool isSettled = false;
    int qos = 1;
    Time newest = NoTime; // by this machine's clock: the last arrival, or the settled end
    std::uint64_t received = 0;
    std::vector<std::string> filters; // subscribed in the session

    [[nodiscard]] std::string bytes() const;
    static std::optional<MqttPosition> parse(std::string_view bytes);
};

}
