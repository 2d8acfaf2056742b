#pragma once

#include "core/reach.h"

namespace sg {

// A broker as `brokers` and a cluster's own list name it: "kafka-2:9092", "[::1]:9092", "SSL://kafka-2".
inline ServerAddress kafkaAddress(std::string_view broker)
{
    return ServerAddress::of(broker, "9092");
}

}
