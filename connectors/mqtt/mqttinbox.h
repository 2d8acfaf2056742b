#pragma once

#include "core/types.h"

#include <mqtt/message.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace sg {

struct MqttArrival
{
    mqtt::const_message_ptr message;
    Mono at{};
};

// Between paho's callbacks and the source's thread. Thread-safe.
// paho has one receiving thread for all clients of the process and holds its lock during a callback: waiting here stops every
// MQTT source, so the wait is short, whatever the keep-alive would allow.
class MqttInbox
{
public:
    explicit MqttInbox(std::size_t capacityBytes)
        : m_capacity(capacityBytes)
    {
    }

    // Callback side. Waits at most `patience` for room. After that it is taken nevertheless, because the acknowledgement goes out when
    // the callback returns, and the inbox is overfull: the source then disconnects on purpose.
    void put(mqtt::const_message_ptr message, Millis patience);
    void noteLost(const std::string &why); // the connection
    void noteDropped(); // a message could not even be kept

    // Source side.
    void take(std::vector<MqttArrival> &arrivals, Millis wait); // all there is; waits for the first, or for the loss
    void open(); // before a connection; what is in it stays
    void close(); // no callback waits any longer
    [[nodiscard]] bool isOverfull() const;
    [[nodiscard]] bool isLost() const;
    [[nodiscard]] std::string whyLost() const;
    [[nodiscard]] std::uint64_t takeDropped();

private:
    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_hasArrivals;
    std::condition_variable m_hasRoom;
    std::vector<MqttArrival> m_arrivals; // guarded by m_mutex, like all below
    std::size_t m_bytes = 0;
    bool m_isOverfull = false;
    bool m_isLost = false;
    bool m_isClosed = false;
    std::string m_whyLost;
    std::uint64_t m_dropped = 0;
};

}
