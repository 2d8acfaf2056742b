#include "connectors/mqtt/mqttsource.h"

#include "connectors/mqtt/mqttbrowser.h"
#include "connectors/mqtt/mqttreader.h"

#include <cstdlib>

namespace sg {
namespace {
// paho asks the environment for a proxy and has no option for none. A workspace names no proxy, and one that stands there for other
// programs must not get what it sends. Called before there are threads.
void forgetProxies()
{
    ::unsetenv("http_proxy");
    ::unsetenv("https_proxy");
}

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

}

SourceKind mqttKind()
{
    forgetProxies();
    SourceKind kind;
    kind.name = "mqtt";
    kind.label = SG_TR("MQTT");
    kind.fields = mqttFields();
    kind.isReplayable = false; // a session holds what comes while away, but nobody can ask for it twice
    kind.check = checkMqtt;
    kind.make = makeMqtt;
    kind.test = tryMqtt;
    kind.browse = browseMqtt;
    return kind;
}

}
