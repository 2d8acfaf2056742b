#include "connectors/mqtt/mqttsource.h"

#include "connectors/mqtt/mqttreader.h"

#include "core/platform.h"
#include "core/text.h"

namespace sg {
namespace {
using namespace std::chrono_literals;

class MqttSource final : public Source
{
public:
    MqttSource(MqttSettings settings, const SourceSpec &spec)
        : m_reader(std::move(settings), spec)
    {
    }
    Error run(Lane &lane, const Positions &from, std::stop_token stop) override { return m_reader.run(lane, from, stop); }

private:
    MqttReader m_reader;
};

std::vector<Error> checkMqtt(const SourceSpec &spec)
{
    MqttSettings settings;
    std::vector<Error> faults = readMqttSettings(spec, MqttSecrets::Skip, settings);
    if (!spec.declaration.isMissing()) // a route has none
        std::ranges::move(Intake::check(spec), std::back_inserter(faults));
    return faults;
}

std::unique_ptr<Source> makeMqtt(const SourceSpec &spec)
{
    MqttSettings settings;
    const auto faults = readMqttSettings(spec, MqttSecrets::Read, settings);
    if (!faults.empty())
        throw Refusal{faults.front()};
    return std::make_unique<MqttSource>(std::move(settings), spec);
}

// With a client id of its own and a session that ends with it, so that a running source is not thrown out by the trial.
Result<Done> tryMqtt(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    MqttSettings settings;
    if (const auto faults = readMqttSettings(spec, MqttSecrets::Read, settings); !faults.empty())
        return faults.front();
    settings.clientId = "sightglass-test-" + randomName();
    try {
        MqttInbox inbox(1U << 20U);
        MqttLink link(settings, inbox);
        say(Error{SG_TR("connecting to %1"), {shown(settings.broker)}, {}});
        if (const auto connected = link.connect(false, 5s, stop); !connected)
            return connected.error();
        say(Error{SG_TR("connected"), {}, {}});
        for (const std::string &filter : settings.filters()) {
            if (auto subscribed = link.subscribe(filter, settings.qos, 1s, stop); !subscribed)
                return subscribed;
        }
        say(Error{SG_TR("subscribed to %1"), {shown(settings.filters().front())}, {}});
        MqttArrivals arrivals;
        inbox.take(arrivals, 1500ms);
        if (arrivals.empty())
            say(Error{SG_TR("no message came within a second and a half"), {}, {}});
        else
            say(Error{SG_TR("a message came on %1"), {shown(arrivals.record(0).topic)}, {}});
        link.disconnect(500ms);
    } catch (const std::exception &failed) {
        return Error{SG_TR("mqtt: %1"), {settings.safe(failed.what())}, {}};
    }
    return Done{};
}

}

SourceKind mqttKind()
{
    SourceKind kind;
    kind.name = "mqtt";
    kind.label = SG_TR("MQTT");
    kind.fields = mqttFields();
    kind.isReplayable = false; // a session holds what comes while away, but nobody can ask for it twice
    kind.check = checkMqtt;
    kind.make = makeMqtt;
    kind.test = tryMqtt;
    return kind;
}

}
