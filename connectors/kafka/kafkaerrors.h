#pragma once

#include "connectors/kafka/kafkasettings.h"

#include <librdkafka/rdkafka.h>

namespace sg {

// What librdkafka's words leave out.
struct KafkaFacts
{
    int certificate = 0; // what OpenSSL said last of the broker's certificate, 0 for nothing: librdkafka has one text for all its faults
    bool hasAnswered = false; // so that an end of the connection is no sign of a wrong port
};
// librdkafka's reason as a sentence that says what to do, without secrets.
Error explainKafka(const KafkaSettings &settings, rd_kafka_resp_err_t code, std::string_view reason, const KafkaFacts &facts = {});
// It says that nobody answers and not why; another try may tell.
bool isVagueKafka(const Error &error);

}
