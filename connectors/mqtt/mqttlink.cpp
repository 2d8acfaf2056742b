#include "connectors/mqtt/mqttlink.h"

#include "connectors/mqtt/mqttdiagnosis.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

// How long the broker shall keep the session while we are away. MQTT 3.1.1 has no such word; there the broker decides.
constexpr std::int32_t SessionSeconds = 3 * 24 * 3600;
constexpr std::int32_t LargestPacket = 16 << 20; // MQTT itself allows 256 MB; the broker drops what is larger
constexpr Millis LongestPatience = 1s; // see MqttInbox
constexpr std::int32_t MostInFlight = MqttSeen::Capacity;

// The C++ client keeps the packet id to itself, and without it a repeated message cannot be told from one that says the same. An explicit
// instantiation may name a private member ([temp.spec]); the test of repetitions fails if it is ever not what it was.
template <MQTTAsync_message mqtt::message::*Member> struct CMessageOf
{
    friend const MQTTAsync_message &cMessageOf(const mqtt::message &message) { return message.*Member; }
};
const MQTTAsync_message &cMessageOf(const mqtt::message &message);
template struct CMessageOf<&mqtt::message::msg_>;

}

int mqttProtocol(MqttVersion version)
{
    switch (version) {
    case MqttVersion::V31:
        return MQTTVERSION_3_1;
    case MqttVersion::V311:
        return MQTTVERSION_3_1_1;
    case MqttVersion::V5:
        return MQTTVERSION_5;
    }
    return MQTTVERSION_5;
}

mqtt::connect_options mqttOptions(const MqttSettings &settings, bool isLasting, Millis limit)
{
    mqtt::connect_options options;
    options.set_mqtt_version(mqttProtocol(settings.version));
    if (settings.version == MqttVersion::V5) {
        options.set_clean_start(!isLasting);
        mqtt::properties properties;
        properties.add(mqtt::property(mqtt::property::MAXIMUM_PACKET_SIZE, LargestPacket));
        properties.add(mqtt::property(mqtt::property::RECEIVE_MAXIMUM, MostInFlight));
        if (isLasting)
            properties.add(mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL, SessionSeconds));
        options.set_properties(properties);
    } else {
        options.set_clean_session(!isLasting);
    }
    options.set_keep_alive_interval(settings.keepAlive);
    options.set_connect_timeout(std::max(1s, std::chrono::duration_cast<std::chrono::seconds>(limit)));
    if (!settings.user.empty()) {
        options.set_user_name(settings.user);
        if (!settings.password.empty())
            options.set_password(settings.password);
    }
    if (settings.isTls()) {
        mqtt::ssl_options tls;
        if (!settings.ca.empty())
            tls.set_trust_store(settings.ca);
        if (!settings.certificate.empty())
            tls.set_key_store(settings.certificate);
        if (!settings.key.empty())
            tls.set_private_key(settings.key);
        tls.set_enable_server_cert_auth(true);
        tls.set_verify(true); // the name in the certificate as well
        options.set_ssl(tls);
    }
    return options;
}

bool waitForMqtt(mqtt::token &token, Millis limit, const std::stop_token &stop)
{
    const Mono until = std::chrono::steady_clock::now() + limit;
    while (!token.wait_for(50ms)) {
        if (stop.stop_requested() || std::chrono::steady_clock::now() > until)
            return false;
    }
    return true;
}

MqttLink::MqttLink(const MqttSettings &settings, MqttInbox &inbox)
    : m_settings(settings)
    , m_inbox(inbox)
    , m_client(settings.broker, settings.clientId, mqtt::create_options(mqttProtocol(settings.version)))
{
    const Millis patience = std::min(LongestPatience, std::chrono::duration_cast<Millis>(settings.keepAlive) / 2);
    m_client.set_message_callback([this, patience](mqtt::const_message_ptr message) {
        try {
            if (message) {
                const auto packet = static_cast<std::uint16_t>(cMessageOf(*message).msgid);
                m_inbox.put(*message, packet, patience);
            }
        } catch (...) { // no memory; nothing may leave a callback of a C library
            m_inbox.noteDropped();
        }
    });
    m_client.set_connection_lost_handler([this](const std::string &why) {
        try {
            m_inbox.noteLost(why);
        } catch (...) {
            m_inbox.noteDropped();
        }
    });
}

MqttLink::~MqttLink()
{
    m_inbox.close(); // or the client's end would wait for a callback that waits for room
    try {
        m_client.disable_callbacks();
    } catch (const std::exception &) {
        return; // it has none, then
    }
}

Result<bool> MqttLink::connect(bool isLasting, Millis limit, const std::stop_token &stop)
{
    try {
        m_inbox.open();
        const auto token = m_client.connect(mqttOptions(m_settings, isLasting, limit));
        if (!waitForMqtt(*token, limit, stop)) {
            disconnect(500ms);
            return Error{SG_TR("mqtt: %1 did not answer in time"), {shown(m_settings.broker)}, {}};
        }
        return token->get_connect_response().is_session_present();
    } catch (const mqtt::exception &failed) {
        return explainMqtt(m_settings, failed);
    } catch (const std::exception &failed) {
        return Error{SG_TR("mqtt: %1"), {m_settings.safe(failed.what())}, {}};
    }
}

Result<Done> MqttLink::subscribe(const std::string &filter, int qos, Millis limit, const std::stop_token &stop)
{
    try {
        const auto token = m_client.subscribe(filter, qos);
        if (!waitForMqtt(*token, limit, stop))
            return Error{SG_TR("mqtt: the broker did not confirm the subscription to '%1'"), {shown(filter)}, {}};
        return Done{};
    } catch (const std::exception &) {
        return Error{SG_TR("mqtt: the broker refuses the subscription to '%1'"), {shown(filter)}, {}};
    }
}

void MqttLink::unsubscribe(const std::string &filter, Millis limit, const std::stop_token &stop)
{
    try {
        const auto token = m_client.unsubscribe(filter);
        waitForMqtt(*token, limit, stop);
    } catch (const std::exception &) {
        return; // what still comes matches no topic of ours and is passed over
    }
}

bool MqttLink::disconnect(Millis limit)
{
    try {
        const auto token = m_client.disconnect(static_cast<int>(limit.count() / 2));
        return waitForMqtt(*token, limit, {});
    } catch (const std::exception &) {
        return true; // it was not connected
    }
}

Error explainMqtt(const MqttSettings &settings, const mqtt::exception &failed)
{
    const std::string broker = shown(settings.broker);
    // MQTT 3's return codes are below 10, MQTT 5's reasons from 128; a refused CONNECT has either of them as its return code.
    const int code = failed.get_return_code();
    if (code == 4 || code == 5 || code == 134 || code == 135)
        return {SG_TR("mqtt: %1 refuses this user or password"), {broker}, {}};
    if (code == 1 || code == 132)
        return {SG_TR("mqtt: %1 does not speak this version of MQTT; try version: 4"), {broker}, {}};
    if (code == 2 || code == 133)
        return {SG_TR("mqtt: %1 refuses the client id %2"), {broker, shown(settings.clientId)}, {}};
    if (code > 0)
        return {SG_TR("mqtt: %1 refuses the connection (%2)"), {broker, settings.safe(failed.what())}, {}};
    if (settings.isTls()) {
        if (auto why = whyTlsFails(settings))
            return *std::move(why);
    }
    return {SG_TR("mqtt: %1 does not answer (%2)"), {broker, settings.safe(failed.get_message())}, {}};
}

}
