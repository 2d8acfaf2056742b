#pragma once

#include "connectors/harness.h"
#include "stack/stack.h"

#include <mqtt/async_client.h>

#include <QTemporaryDir>

#include <memory>

// The other side of an MQTT source: a broker of the test's own, who publishes there, and how a source of it is declared.
namespace sg::test {

inline std::unique_ptr<Stack> stack;
inline std::unique_ptr<QTemporaryDir> states;

// Publishes; each call returns when the broker has confirmed.
class Publisher
{
public:
    explicit Publisher(int version = MQTTVERSION_3_1_1)
        : m_client((*stack)["SG_MQTT_URL"], "publisher-" + std::to_string(++s_count), mqtt::create_options(version))
    {
        mqtt::connect_options options;
        options.set_mqtt_version(version);
        m_client.connect(options)->wait();
    }
    ~Publisher()
    {
        try {
            m_client.disconnect()->wait();
        } catch (const mqtt::exception &) {
            return; // its broker was killed
        }
    }
    Publisher(const Publisher &) = delete;
    Publisher &operator=(const Publisher &) = delete;

    void send(const std::string &topic, const std::string &payload, int qos = 1, bool isRetained = false)
    {
        m_client.publish(topic, payload.data(), payload.size(), qos, isRetained)->wait();
    }
    void send(const std::string &topic, const std::string &payload, const mqtt::properties &properties, bool isRetained = false)
    {
        const auto message = mqtt::make_message(topic, payload, 1, isRetained);
        message->set_properties(properties);
        m_client.publish(message)->wait();
    }
    void sendNumbers(const std::string &topic, int count, int qos, int from = 0, const std::string &padding = {})
    {
        for (int i = from; i < from + count; ++i)
            post(topic, "{\"n\":" + std::to_string(i) + ",\"x\":\"" + padding + "\"}", qos);
        settle();
    }
    // Without waiting for the broker, but for fifty at a time; settle() waits for all.
    void post(const std::string &topic, const std::string &payload, int qos)
    {
        m_waiting.push_back(m_client.publish(topic, payload.data(), payload.size(), qos, false));
        if (m_waiting.size() >= 50)
            settle();
    }
    void settle()
    {
        for (const auto &token : m_waiting)
            token->wait();
        m_waiting.clear();
    }

private:
    static inline int s_count = 0;
    mqtt::async_client m_client;
    std::vector<mqtt::delivery_token_ptr> m_waiting;
};

inline SourceSpec specFor(const std::vector<std::string> &topics, const char *qos = "1", const char *version = "5")
{
    static int count = 0;
    SourceSpec spec;
    spec.id = "s";
    spec.kind = "mqtt";
    spec.stateName = "state" + std::to_string(++count);
    spec.stateFolder = states->path().toStdString() + "/" + spec.stateName;
    spec.settings
        = map({{"broker", scalar((*stack)["SG_MQTT_URL"])}, {"topics", list(topics)}, {"qos", scalar(qos)}, {"version", scalar(version)}});
    spec.declaration = map({{"id", scalar("s")},
                            {"path", list({"line"})},
                            {"time", map({{"basis", scalar("arrival")}})},
                            {"decode", map({{"json", map({{"fields", map({{"n", map({{"at", scalar("/n")}})}})}})}})}});
    return spec;
}

inline Node &entry(Node &node, const std::string &key)
{
    for (auto &[name, value] : node.map) {
        if (name == key)
            return value;
    }
    return node.map.emplace_back(key, Node()).second;
}

inline Node &setting(SourceSpec &spec, const std::string &key)
{
    return entry(spec.settings, key);
}

inline bool isLive(const Reading &reading)
{
    return reading.status.state == SourceStatus::State::Live;
}

}
