#pragma once

#include "bench/kafkaload.h"

namespace sg::bench {

// Publishes the messages of the Kafka bench (150 bytes, 4 fields) over a bare socket with MQTT 3.1.1, so that the load costs as little
// as it can: with QoS 1 at most `Window` are not confirmed. Returns when the broker has them all. `payloadBytes` sums their sizes.
Sum publishMqtt(const std::string &url, const std::string &topic, int qos, std::uint64_t messages, std::uint64_t &payloadBytes);

}
