#include "connectors/mqtt/mqttsender.h"

#include "connectors/mqtt/mqttlink.h"
#include "connectors/mqtt/mqttroad.h"

#include "core/platform.h"
#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

MqttSettings settingsOf(const SourceSpec &target)
{
    MqttSettings settings;
    if (const auto faults = readMqttSettings(asSource(target), MqttSecrets::Read, settings); !faults.empty())
        throw Refusal{faults.front()};
    return settings;
}

class MqttSender final : public Sender
{
public:
    explicit MqttSender(const SourceSpec &target)
        : m_topic(target.settings.text("topic"))
        , m_settings(settingsOf(target))
        , m_client(m_settings.broker, m_settings.clientId, mqtt::create_options(mqttProtocol(m_settings.version)))
    {
        if (target.settings.has("timeout"))
            if (const auto limit = readDuration(target.settings["timeout"], "timeout"))
                m_limit = std::chrono::duration_cast<Millis>(*limit);
    }
    ~MqttSender() override
    {
        try {
            if (m_client.is_connected())
                m_client.disconnect(500)->wait_for(500ms);
        } catch (const std::exception &) {
            return; // it was gone already
        }
    }

    Result<Done> connect(const std::function<void(const Error &step)> &say, const std::stop_token &stop)
    {
        if (auto walked = walkToMqtt(m_settings, say, stop); !walked)
            return walked;
        say({SG_TR("connected; nothing was published"), {}, {}});
        return Done();
    }

    Sent send(const Notification &message, std::stop_token stop) override
    {
        try {
            if (!m_client.is_connected()) {
                // A session that ends with the connection: what was not confirmed is ours to repeat, not the library's.
                if (const auto connected = connectMqtt(m_client, m_settings, false, m_limit, stop); !connected) {
                    drop();
                    return {Sent::How::Later, connected.error()};
                }
            }
            const auto publish = mqtt::make_message(m_topic, message.body, 1, false);
            if (m_settings.version == MqttVersion::V5) {
                mqtt::properties properties;
                properties.add(mqtt::property(mqtt::property::CONTENT_TYPE, "application/json"));
                properties.add(mqtt::property(mqtt::property::USER_PROPERTY, "idempotency-key", message.key));
                properties.add(mqtt::property(mqtt::property::USER_PROPERTY, "sightglass-attempt", std::to_string(message.attempt)));
                publish->set_properties(properties);
            }
            const auto confirmed = m_client.publish(publish);
            if (waitForMqtt(*confirmed, m_limit, [&stop] { return stop.stop_requested(); })) {
                confirmed->wait(); // throws when it failed
                return {};
            }
            drop();
            return {Sent::How::Later,
                    {SG_TR("mqtt: %1 did not confirm the message to '%2' in time"), {shown(m_settings.broker), shown(m_topic)}, {}}};
        } catch (const mqtt::exception &failed) {
            const Error why = explainMqtt(m_settings, failed, stop);
            drop();
            return {Sent::How::Later, why};
        }
    }

private:
    void drop()
    {
        try {
            m_client.disconnect(0)->wait_for(500ms);
        } catch (const std::exception &) {
            return; // it was gone already
        }
    }

    const std::string m_topic;
    const MqttSettings m_settings;
    Millis m_limit = 15s;
    mqtt::async_client m_client;
};

}

SenderKind mqttSender()
{
    return {"mqtt", [](const SourceSpec &target) -> std::unique_ptr<Sender> { return std::make_unique<MqttSender>(target); },
            [](const SourceSpec &target, const std::function<void(const Error &)> &say, std::stop_token stop) {
                SourceSpec trial = target; // with a client id of its own, so that the route's own connection is not thrown out
                trial.id += ".test";
                trial.stateName = "sightglass-test-" + randomName();
                return MqttSender(trial).connect(say, stop);
            }};
}

}
