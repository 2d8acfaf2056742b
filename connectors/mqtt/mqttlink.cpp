#include "connectors/mqtt/mqttlink.h"

#include "connectors/mqtt/mqttroad.h"
#include "connectors/mqtt/mqttwire.h"

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
constexpr std::size_t FiltersAPacket = 8; // some brokers end the connection when there are more

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

bool waitForMqtt(mqtt::token &token, Millis limit, const std::function<bool()> &isOver)
{
    const Mono until = std::chrono::steady_clock::now() + limit;
    try {
        while (!token.wait_for(50ms)) {
            if (isOver() || std::chrono::steady_clock::now() > until)
                return false;
        }
    } catch (const mqtt::exception &) {
        return true; // complete, and failed: whoever asks the token hears why
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
    m_inbox.open();
    auto connected = connectMqtt(m_client, m_settings, isLasting, limit, stop);
    if (!connected)
        disconnect(500ms);
    return connected;
}

std::vector<std::optional<Error>> MqttLink::subscribe(const std::vector<std::string> &filters, int qos, Millis limit,
                                                      const std::function<bool()> &isOver)
{
    return subscribeMqtt(m_client, m_settings, filters, qos, limit, isOver);
}

void MqttLink::unsubscribe(const std::string &filter, Millis limit, const std::stop_token &stop)
{
    try {
        const auto token = m_client.unsubscribe(filter);
        waitForMqtt(*token, limit, [&stop] { return stop.stop_requested(); });
    } catch (const std::exception &) {
        return; // what still comes matches no topic of ours and is passed over
    }
}

bool MqttLink::disconnect(Millis limit)
{
    try {
        const auto token = m_client.disconnect(static_cast<int>(limit.count() / 2));
        return waitForMqtt(*token, limit, [] { return false; });
    } catch (const std::exception &) {
        return true; // it was not connected
    }
}

Error explainMqtt(const MqttSettings &settings, const mqtt::exception &failed, const std::stop_token &stop)
{
    // A refused CONNECT has MQTT 3's return code or MQTT 5's reason as its return code; below 0 it is one of paho's own, which say little.
    if (failed.get_return_code() > 0)
        return whyMqttRefuses(settings, failed.get_return_code());
    if (auto walked = walkToMqtt(
            settings, [](const Error &) {}, stop);
        !walked)
        return walked.error();
    return {SG_TR("mqtt: %1 does not answer (%2)"), {shown(settings.broker), settings.safe(failed.get_message())}, {}};
}

Result<bool> connectMqtt(mqtt::async_client &client, const MqttSettings &settings, bool isLasting, Millis limit,
                         const std::stop_token &stop)
{
    if (settings.isTls()) {
        if (auto fault = checkTlsFiles(settings))
            return *std::move(fault);
    }
    try {
        const auto token = client.connect(mqttOptions(settings, isLasting, limit));
        if (!waitForMqtt(*token, limit, [&stop] { return stop.stop_requested(); }))
            return Error{SG_TR("mqtt: %1 did not answer in time"), {shown(settings.broker)}, {}};
        return token->get_connect_response().is_session_present();
    } catch (const mqtt::exception &failed) {
        return explainMqtt(settings, failed, stop);
    } catch (const std::exception &failed) {
        return Error{SG_TR("mqtt: %1"), {settings.safe(failed.what())}, {}};
    }
}

namespace {

std::optional<Error> answerOf(int code, const std::string &filter)
{
    return code < 128 ? std::nullopt : std::optional(whyMqttRefuses(filter, code));
}

std::optional<Error> subscribeAlone(mqtt::async_client &client, const MqttSettings &settings, const std::string &filter, int qos,
                                    Millis limit, const std::function<bool()> &isOver)
{
    try {
        // What was subscribed already does not send its retained messages again.
        const mqtt::subscribe_options onlyNew(false, false, mqtt::subscribe_options::SEND_RETAINED_ON_NEW);
        const auto token = settings.version == MqttVersion::V5 ? client.subscribe(filter, qos, onlyNew) : client.subscribe(filter, qos);
        if (!waitForMqtt(*token, limit, isOver))
            return Error{SG_TR("mqtt: the broker did not confirm the subscription to '%1'"), {shown(filter)}, {}};
        return answerOf(static_cast<int>(token->get_subscribe_response().get_reason_codes().at(0)), filter);
    } catch (const mqtt::exception &failed) {
        const int code = std::max<int>(failed.get_return_code(), failed.get_reason_code());
        return code >= 128 ? whyMqttRefuses(filter, code)
                           : Error{SG_TR("mqtt: the connection to %1 was lost"), {shown(settings.broker)}, {}};
    }
}

// Of one packet: what became of each of its filters. Empty: paho does not tell, because the broker refuses the first of them.
std::vector<std::optional<Error>> answersOf(mqtt::token &token, std::span<const std::string> filters)
{
    std::vector<std::optional<Error>> answers;
    try {
        const auto codes = token.get_subscribe_response().get_reason_codes();
        for (std::size_t i = 0; i < filters.size(); ++i)
            answers.push_back(answerOf(i < codes.size() ? static_cast<int>(codes[i]) : 128, filters[i]));
    } catch (const mqtt::exception &) {
        answers.clear();
    }
    return answers;
}

}

std::vector<std::optional<Error>> subscribeMqtt(mqtt::async_client &client, const MqttSettings &settings,
                                                const std::vector<std::string> &filters, int qos, Millis limit,
                                                const std::function<bool()> &isOver)
{
    std::vector<std::optional<Error>> answers;
    std::vector<mqtt::token_ptr> asked; // all at once: a thousand topics are not a thousand round trips
    try {
        for (std::size_t i = 0; i < filters.size(); i += FiltersAPacket) {
            const std::size_t count = std::min(FiltersAPacket, filters.size() - i);
            std::vector<std::string> some(filters.begin() + static_cast<std::ptrdiff_t>(i),
                                          filters.begin() + static_cast<std::ptrdiff_t>(i + count));
            // Without options: with those of several topics paho 1.3.12 reads beyond its memory.
            asked.push_back(
                client.subscribe(mqtt::string_collection::create(std::move(some)), mqtt::iasync_client::qos_collection(count, qos)));
        }
        const Mono until = std::chrono::steady_clock::now() + limit;
        const auto left
            = [until] { return std::chrono::ceil<Millis>(std::max<Mono::duration>(until - std::chrono::steady_clock::now(), 1ms)); };
        for (const auto &token : asked) {
            const auto packet = std::span(filters).subspan(answers.size(), std::min(FiltersAPacket, filters.size() - answers.size()));
            if (!waitForMqtt(*token, left(), isOver))
                break;
            const auto told = answersOf(*token, packet);
            answers.insert(answers.end(), told.begin(), told.end());
            for (std::size_t i = told.size(); i < packet.size() && !isOver(); ++i)
                answers.push_back(subscribeAlone(client, settings, packet[i], qos, left(), isOver));
        }
    } catch (const std::exception &) {
        asked.clear(); // it is not connected any more; the rest is answered below
    }
    while (answers.size() < filters.size())
        answers.emplace_back(
            Error{SG_TR("mqtt: the broker did not confirm the subscription to '%1'"), {shown(filters[answers.size()])}, {}});
    return answers;
}

}
