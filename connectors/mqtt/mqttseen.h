#pragma once

#include "connectors/mqtt/mqttrecord.h"

#include <vector>

namespace sg {

// The newest messages of the session, to know one that the broker sends again because it saw no acknowledgement: by packet id, digest
// of topic and payload, and the broker's own word that it may be a repetition. Not thread-safe.
class MqttSeen
{
public:
    static constexpr std::size_t Capacity = 1000; // what a broker may have in flight to us; it is told so with MQTT 5

    [[nodiscard]] bool isRepeated(const MqttRecord &record) const;
    void note(const MqttRecord &record); // also forgets, when it begins a session

private:
    struct Seen
    {
        std::uint64_t digest = 0;
        std::uint32_t connection = 0;
        std::uint16_t packet = 0;
    };
    std::vector<Seen> m_seen; // a ring
    std::size_t m_next = 0;
};

}
