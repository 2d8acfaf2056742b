#pragma once

#include "connectors/mqtt/mqttsettings.h"

#include <functional>
#include <stop_token>

namespace sg {

// The road to a broker, step by step: the name, TCP, TLS, login. Each step is told as it is reached, and an error names the one that
// failed and what to do. By a connection and under a client id of its own, which end with it. Blocks for about ten seconds at most.
Result<Done> walkToMqtt(const MqttSettings &settings, const std::function<void(const Error &step)> &say, const std::stop_token &stop);

// What a broker's answer to a login means, of any version of MQTT; 0 is not asked for.
Error whyMqttRefuses(const MqttSettings &settings, int code);
// What its answer to a subscription means.
Error whyMqttRefuses(const std::string &filter, int code);

}
