#pragma once

#include "connectors/mqtt/mqttlink.h"
#include "connectors/mqtt/mqttposition.h"

#include <array>
#include <unordered_map>

namespace sg {

// From one broker into a lane, over any number of connections. Source's thread only.
class MqttReader
{
public:
    MqttReader(MqttSettings settings, const SourceSpec &spec);
    // One connection, until stopped or lost.
    Error run(Lane &lane, const Positions &from, const std::stop_token &stop);

private:
    struct Topic
    {
        bool isOurs = false;
        std::vector<std::pair<std::string, std::string>> captures;
        std::vector<std::pair<std::string_view, std::string_view>> views;
    };

    void hangUp();
    std::optional<Error> connect(const std::stop_token &stop);
    bool announce(Lane &lane, const std::stop_token &stop);
    void noteMissed(bool isSessionKept);
    Error finish(Lane &lane, Error why, const std::stop_token &stop);
    bool read(Lane &lane, Millis wait, const std::stop_token &stop); // false: the lane had no room until the stop
    void take(const MqttArrival &arrival);
    [[nodiscard]] bool isRepeated(const mqtt::message &message);
    const Topic &topicOf(const std::string &name);
    void seal(Mono arrival);
    bool deliver(Lane &lane, const std::stop_token &stop);
    void tick(Lane &lane);
    void report(Lane &lane);

    const MqttSettings m_settings;
    Intake m_intake;
    MqttInbox m_inbox;
    std::unique_ptr<MqttLink> m_link; // made at the first connection, kept over all
    MqttPosition m_position;
    bool m_hasRun = false; // in this process
    bool m_isKnown = false; // the broker may hold a session of ours
    bool m_isAnnounced = false; // what is stored says that we are connected, and we are not yet
    const char *m_missed = nullptr; // why there is a gap that is not yet in a batch
    Batch m_pending; // its names are in no other batch, so it must reach the lane before all that follows
    bool m_hasPending = false;
    bool m_isConnected = false;
    std::vector<MqttArrival> m_arrivals;
    std::size_t m_nextArrival = 0; // those before it are in a batch
    std::unordered_map<std::string, Topic> m_topics; // bounded; cleared when full
    Topic m_longTopic; // the newest one that is too long to be kept
    std::array<std::size_t, 256> m_recent{}; // fingerprints of messages with QoS, to know a repeated one after a reconnect
    std::size_t m_recentAt = 0;

    SourceStatus::State m_state = SourceStatus::State::Connecting;
    std::vector<Error> m_refused; // subscriptions
    std::uint64_t m_messages = 0;
    std::uint64_t m_bytes = 0;
    Mono m_lastReport{};
    std::uint64_t m_messagesThen = 0;
    std::uint64_t m_bytesThen = 0;
};

}
