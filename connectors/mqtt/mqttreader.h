#pragma once

#include "connectors/mqtt/mqttbacklog.h"
#include "connectors/mqtt/mqttheaders.h"
#include "connectors/mqtt/mqttlink.h"
#include "connectors/mqtt/mqttposition.h"
#include "decode/guards.h"
#include "decode/intake.h"

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
    struct NameHash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };
    struct Topic
    {
        bool isOurs = false;
        std::vector<std::pair<std::string, std::string>> captures;
        std::vector<std::pair<std::string_view, std::string_view>> views;
    };

    std::optional<Error> openSpool(Lane &lane);
    std::optional<Error> replay(Lane &lane, const std::stop_token &stop);
    void hangUp();
    std::optional<Error> connect(const std::stop_token &stop);
    bool announce(Lane &lane, const std::stop_token &stop);
    void noteMissed(bool isSessionKept);
    Error finish(Lane &lane, Error why, const std::stop_token &stop);
    bool read(Lane &lane, Millis wait, const std::stop_token &stop); // false: the lane had no room until the stop
    bool readSpool(Lane &lane, const std::stop_token &stop);
    // False: its schema cannot be had now, so it must come again; nothing has happened.
    bool take(const MqttRecord &message, Mono arrival, const std::stop_token &stop);
    [[nodiscard]] bool isWaiting() const { return m_intake.waitsFor().has_value(); } // for a schema
    [[nodiscard]] bool isHeldBack() const; // by max_rate, while the spool holds something
    const Topic &topicOf(std::string_view name);
    void seal(Mono arrival);
    bool deliver(Lane &lane, const std::stop_token &stop);
    [[nodiscard]] bool isOverfull();
    void startCatchingUp();
    void endCatchingUp();
    void trim(Lane &lane);
    void tick(Lane &lane);
    void report(Lane &lane);

    const MqttSettings m_settings;
    const std::string m_spoolPath; // empty: none is wanted
    const std::string m_machine; // this start of it
    const SourceGuards m_guards;
    RateGate m_gate;
    std::uint64_t m_passedOver = 0; // by max_rate, of what nobody keeps
    Intake m_intake;
    MqttInbox m_inbox;
    std::shared_ptr<MqttSpool> m_spool; // null: none
    std::optional<Error> m_spoolTrouble;
    std::string m_stored; // the position at the beginning: known to be committed only when another follows
    int m_spoolTries = 0;
    bool m_isFull = false; // the spool was, and the connection was ended for it
    MqttBacklog m_backlog;
    bool m_isBehind = false;
    int m_qos = 1; // of the subscriptions
    std::unique_ptr<MqttLink> m_link; // made at the first connection, kept over all
    MqttPosition m_position;
    bool m_isOpen = false; // the position is read, and so is the spool
    bool m_hasRun = false; // in this process
    bool m_isKnown = false; // the broker may hold a session of ours
    bool m_isAnnounced = false; // what is stored says that we are connected, and we are not yet
    const char *m_missed = nullptr; // why there is a gap that is not yet in a batch
    Batch m_pending; // its names are in no other batch, so it must reach the lane before all that follows
    bool m_hasPending = false;
    bool m_isConnected = false;
    MqttArrivals m_arrivals;
    MqttHeaders m_headers; // of the message under way
    std::size_t m_nextArrival = 0; // those before it are in a batch
    std::unordered_map<std::string, Topic, NameHash, std::equal_to<>> m_topics; // bounded; cleared when full
    Topic m_longTopic; // the newest one that is too long to be kept

    SourceStatus::State m_state = SourceStatus::State::Connecting;
    std::vector<Error> m_refused; // subscriptions
    std::uint64_t m_messages = 0;
    std::uint64_t m_bytes = 0;
    Mono m_lastReport{};
    std::uint64_t m_messagesThen = 0;
    std::uint64_t m_bytesThen = 0;
};

}
