#pragma once

#include "connectors/kafka/kafkaclient.h"
#include "connectors/kafka/kafkapartition.h"
#include "decode/guards.h"
#include "decode/intake.h"

namespace sg {

// Older records on demand, by the time the brokers keep of them, with a client of its own: bounded in rate and bytes, and never beyond
// where live reading is (`lane.pushed()`), so that it disturbs nothing. One thread.
class KafkaHistory
{
public:
    KafkaHistory(const KafkaSettings &settings, KafkaClient &client, Intake &intake, Lane &lane);
    // `lateness`: how much older than the broker's time a record's own may be, and the other way round.
    Result<Done> read(Time from, Time to, Micros lateness, const std::stop_token &stop);

private:
    Result<Done> place(Time from, Time to, const std::stop_token &stop);
    Result<Done> placeAll(const std::vector<KafkaTopicInfo> &found, Time from, Time to);
    void take(const rd_kafka_message_t &message);
    void finish(KafkaPartition &partition);
    bool deliver(const std::stop_token &stop); // false: stopped
    void report();
    [[nodiscard]] std::int64_t left() const; // records

    const KafkaSettings &m_settings;
    KafkaClient &m_client;
    Intake &m_intake;
    Lane &m_lane;
    const Positions m_live; // where live reading was when this began
    KafkaPartitions m_partitions;
    KafkaHeaders m_headers;
    std::vector<rd_kafka_message_t *> m_buffer;
    std::size_t m_open = 0; // partitions that have not reached their end
    RateGate m_gate;
    std::uint64_t m_messages = 0;
    std::uint64_t m_bytes = 0;
    std::optional<Error> m_fault; // of a partition
    Mono m_began{};
};

}
