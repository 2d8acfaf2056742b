#pragma once

#include "core/browse.h"

#include <mqtt/message.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace sg {

// What paho's receiving thread leaves for somebody who looks: topics that are counted, or messages. Never waits, because that thread
// serves every MQTT source of the process; what is above its bounds is counted and let go. Thread-safe.
class MqttListener
{
public:
    // The callbacks.
    void put(const mqtt::message &message);
    void noteLost(const std::string &why);

    void open(); // before a connection
    void countTopics();
    // What was counted, and how many messages were of topics beyond the bound.
    struct Counted
    {
        std::vector<BrowsedTopic> topics;
        std::uint64_t beyond = 0;
    };
    [[nodiscard]] Counted counted(Micros over);

    void takeMessages(double mostPerSecond, std::size_t burst, std::size_t mostBytes, bool takesRetained);
    // The next one; nothing until `until`, or once the connection is lost.
    [[nodiscard]] std::optional<BrowsedMessage> next(Mono until);
    void rest(); // what still comes is let go
    [[nodiscard]] std::uint64_t passedOver() const;

    [[nodiscard]] std::optional<std::string> whyLost() const; // nothing: it stands

private:
    struct Seen
    {
        std::uint64_t live = 0;
        std::uint64_t retained = 0;
        std::uint64_t bytes = 0;
        Time newest = NoTime;
    };
    void count(const mqtt::message &message);
    void keep(const mqtt::message &message);
    [[nodiscard]] bool isAllowed(Mono now);

    enum class Wants : std::uint8_t { Nothing, Topics, Messages };

    mutable std::mutex m_mutex;
    std::condition_variable m_hasSome;
    Wants m_wants = Wants::Nothing; // guarded by m_mutex, like all below
    std::unordered_map<std::string, Seen> m_topics;
    std::size_t m_topicBytes = 0;
    std::uint64_t m_beyond = 0;
    std::deque<BrowsedMessage> m_messages;
    std::size_t m_messageBytes = 0;
    std::size_t m_mostBytes = 0; // of one payload
    bool m_takesRetained = true;
    double m_perSecond = 0;
    double m_burst = 0;
    double m_allowance = 0; // messages that may be taken now
    Mono m_allowedAt{};
    std::uint64_t m_passedOver = 0;
    std::optional<std::string> m_whyLost;
};

}
