#pragma once

#include "core/source.h"
#include "decode/topicpattern.h"

namespace sg {

enum class MqttVersion : std::uint8_t { V31, V311, V5 };

// The mqtt: {...} map of a source, checked and typed. A value; the password is in it only when it was read.
struct MqttSettings
{
    std::string broker; // "tcp://127.0.0.1:1883", "ssl://..."
    TopicChoice choice;
    std::string share; // the group that shares what comes; empty: none
    int qos = 1;
    MqttVersion version = MqttVersion::V5;
    std::string user;
    std::string password;
    std::string ca, certificate, key; // absolute
    std::chrono::seconds keepAlive{60};
    std::uint64_t spoolBytes = 256U << 20U;
    std::string clientId; // the same in every run, since the session hangs on it

    [[nodiscard]] bool isTls() const { return broker.starts_with("ssl://"); }
    [[nodiscard]] std::vector<std::string> filters() const; // of the topics, without a share
    [[nodiscard]] std::vector<std::string> subscriptions() const; // what a source subscribes to: the filters, shared where it is asked for
    [[nodiscard]] std::string spoolFolder(const SourceSpec &spec) const; // empty: without a spool
    [[nodiscard]] std::string safe(std::string_view text) const; // escaped, bounded, without the password
};

Fields mqttFields();

enum class MqttSecrets : std::uint8_t { Skip, Read };
// Browsing needs no topics; what is wrong with those given is a fault all the same.
std::vector<Error> readMqttSettings(const SourceSpec &spec, MqttSecrets secrets, MqttSettings &settings, bool needsTopics = true);

}
