#pragma once

#include "connectors/mqtt/mqttinbox.h"
#include "connectors/mqtt/mqttsettings.h"

#include <mqtt/async_client.h>

namespace sg {

// What reader, browser and sender share. `lasting`: the broker keeps the session.
int mqttProtocol(MqttVersion version);
mqtt::connect_options mqttOptions(const MqttSettings &settings, bool isLasting, Millis limit);
// False: not complete within the limit, or it is over. Once complete, the token tells whether it failed.
bool waitForMqtt(mqtt::token &token, Millis limit, const std::function<bool()> &isOver);
Error explainMqtt(const MqttSettings &settings, const mqtt::exception &failed, const std::stop_token &stop);
// True: the broker has kept our session.
Result<bool> connectMqtt(mqtt::async_client &client, const MqttSettings &settings, bool isLasting, Millis limit,
                         const std::stop_token &stop);
// What the broker answered for each filter; nothing: it is subscribed.
std::vector<std::optional<Error>> subscribeMqtt(mqtt::async_client &client, const MqttSettings &settings,
                                                const std::vector<std::string> &filters, int qos, Millis limit,
                                                const std::function<bool()> &isOver);

// One paho client with its callbacks going into an inbox. It may be connected again and again: a QoS 2 message that was half
// handed over when the connection broke lives in it. Source's thread only; throws nothing.
class MqttLink
{
public:
    // The settings and the inbox must outlive the link.
    MqttLink(const MqttSettings &settings, MqttInbox &inbox);
    ~MqttLink();
    MqttLink(const MqttLink &) = delete;
    MqttLink &operator=(const MqttLink &) = delete;

    // True: the broker has kept our session. `isLasting` false: a session that ends with the connection.
    Result<bool> connect(bool isLasting, Millis limit, const std::stop_token &stop);
    std::vector<std::optional<Error>> subscribe(const std::vector<std::string> &filters, int qos, Millis limit,
                                                const std::function<bool()> &isOver);
    void unsubscribe(const std::string &filter, Millis limit, const std::stop_token &stop);
    // Politely: the broker keeps the session. False when it did not end in time.
    bool disconnect(Millis limit);

private:
    const MqttSettings &m_settings;
    MqttInbox &m_inbox;
    mqtt::async_client m_client;
};

}
