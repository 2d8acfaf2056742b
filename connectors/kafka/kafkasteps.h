#pragma once

#include "connectors/kafka/kafkaclient.h"

#include <functional>

namespace sg {

// The road to a cluster, step by step: names, TCP, TLS, login, and the addresses that the brokers announce. Each is told as it is reached;
// an error names the one that failed and what to do. Blocks at most about twelve seconds.
struct KafkaConnected
{
    std::unique_ptr<KafkaClient> client;
    KafkaCluster cluster;
};
Result<KafkaConnected> connectInSteps(const KafkaSettings &settings, KafkaClient::Use use, KafkaClient::Ask ask,
                                      const std::function<void(const Error &step)> &say, const std::stop_token &stop);

}
