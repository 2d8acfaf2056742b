#pragma once

#include "connectors/mqtt/mqttspool.h"

#include <mqtt/message.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace sg {

// Messages one after the other in one buffer that is used again: paho's own objects end in the thread that made them, because memory
// that one thread takes and another gives back costs more than the copy.
class MqttArrivals
{
public:
    struct Arrival
    {
        Mono at{};
        std::size_t topicEnd = 0; // in the buffer; the topic begins where the one before ends
        std::size_t headersEnd = 0;
        std::size_t payloadEnd = 0;
        bool isRetained = false;
    };

    void add(const mqtt::message &message, Mono at);
    void clear();
    [[nodiscard]] std::size_t size() const { return m_arrivals.size(); }
    [[nodiscard]] std::size_t bytes() const { return m_bytes.size() + m_arrivals.size() * sizeof(Arrival); }
    [[nodiscard]] bool empty() const { return m_arrivals.empty(); }
    [[nodiscard]] Mono at(std::size_t i) const { return m_arrivals[i].at; }
    [[nodiscard]] MqttRecord record(std::size_t i) const; // its views hold until the next add() or clear()

private:
    std::string m_bytes;
    std::vector<Arrival> m_arrivals;
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

    // Callback side; `packet` 0: not known. What comes with QoS goes into the spool before this returns, and with that before the
    // acknowledgement goes out; a repetition of what came before goes nowhere. All else, and what the spool did not keep, waits here:
    // at most `patience` for room. After that it is taken nevertheless, and the inbox is overfull: the source then disconnects on purpose.
    void put(const mqtt::message &message, std::uint16_t packet, Millis patience);
    void noteLost(const std::string &why); // the connection
    void noteDropped(); // a message could not even be kept

    // Source side.
    // All there is; waits for the first, for something in the spool, or for the loss. What comes faster than every Pace is taken
    // together: to wake a thread costs more than to receive a message.
    void take(MqttArrivals &arrivals, Millis wait);
    // Before the first connection: where to keep what comes with QoS, and what is known of it.
    void setSpool(std::shared_ptr<MqttSpool> spool, MqttSeen seen);
    void open(); // before a connection; what is in it stays
    void beginSession(); // the broker knows nothing of what came before this connection
    void close(); // no callback waits any longer
    [[nodiscard]] bool isOverfull() const;
    [[nodiscard]] bool isLost() const;
    [[nodiscard]] std::string whyLost() const;
    [[nodiscard]] std::uint64_t takeDropped();
    [[nodiscard]] std::uint64_t received() const; // in all, repetitions included

private:
    bool keep(const mqtt::message &message, std::uint16_t packet);

    static constexpr Millis Pace{2};

    const std::size_t m_capacity;
    Mono m_lastTake{}; // of the source's thread alone
    mutable std::mutex m_mutex;
    std::condition_variable m_hasArrivals;
    std::condition_variable m_hasRoom;
    MqttArrivals m_arrivals; // guarded by m_mutex, like all below
    std::shared_ptr<MqttSpool> m_spool; // may be null
    MqttSeen m_seen;
    std::uint32_t m_connection = 0;
    bool m_hasSpooled = false; // since the last take()
    bool m_isTaking = false; // the source waits
    std::uint64_t m_received = 0;
    std::string m_headers; // of the message under way
    bool m_isOverfull = false;
    bool m_isLost = false;
    bool m_isClosed = false;
    std::string m_whyLost;
    std::uint64_t m_dropped = 0;
};

}
