#pragma once

#include "core/types.h"

#include <stop_token>
#include <string>
#include <string_view>

namespace sg {

struct KafkaAddress
{
    std::string host, port;
    [[nodiscard]] std::string text() const; // "kafka-2:9092"
    static KafkaAddress of(std::string_view broker); // "kafka-2:9092", "[::1]:9092", "SSL://kafka-2"; without a port 9092
};

// Whether a name is known here and its port takes connections; nothing is sent.
struct KafkaReach
{
    enum class How : std::uint8_t { Answers, NotKnown, Refused, Silent, NoRoute, Stopped };
    How how = How::Answers;
    std::string why; // the system's words
};
KafkaReach reachKafka(const KafkaAddress &address, Millis limit, const std::stop_token &stop);

}
