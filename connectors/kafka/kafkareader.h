#pragma once

#include "connectors/kafka/kafkaclient.h"
#include "connectors/kafka/kafkadiscovery.h"
#include "connectors/kafka/kafkapartition.h"
#include "decode/guards.h"
#include "decode/intake.h"

namespace sg {

// What outlives one connection of a source: counts, and a batch that the lane has not taken yet. Its names and texts are in no
// other batch, so it must arrive, and before all that follows.
struct KafkaCarry
{
    Batch pending;
    bool hasPending = false;
    std::uint64_t messages = 0;
};

// Reads with one client until stopped or hopeless. Source's thread only.
class KafkaReader
{
public:
    KafkaReader(const KafkaSettings &settings, KafkaClient &client, Intake &intake, KafkaCarry &carry, Lane &lane);
    Error run(const Positions &from, const std::stop_token &stop);

private:
    std::optional<Error> connect(const Positions &from, const std::stop_token &stop);
    // Takes partitions that are ours and not read yet. Fails when the brokers did not say where they begin; then all is as before.
    Result<Done> adopt(const std::vector<KafkaTopicInfo> &found, const Positions &from, bool isFirst);
    void noteMissing(const std::vector<KafkaTopicInfo> &found);
    Result<Done> placeFresh(std::vector<KafkaPartition *> fresh, KafkaStart start, std::vector<KafkaPlace> &places);
    Result<Done> noteEnds();

    // kafkaguards.cpp: what a source may take.
    // Throws the question, as a Refusal, when a first start would read more than max_backlog.
    void askForBacklog(const std::vector<KafkaPlace> &places, const std::vector<KafkaPlace> &ends, const Positions &from) const;
    [[nodiscard]] double backlogBytes(const std::vector<KafkaPlace> &places, const std::vector<KafkaPlace> &ends) const;
    [[nodiscard]] bool isGateShut(const std::stop_token &stop); // rests for a moment
    void spend(); // what was read since
    void noteHighs();

    void startCatchingUp();
    void arrived(KafkaPartition &partition);

    void read(const std::stop_token &stop);
    void take(const rd_kafka_message_t &message, Mono arrival);
    [[nodiscard]] bool addOrWait(const Message &message); // kafkawaiting.cpp
    void takeError(const rd_kafka_message_t &message);
    void digestTaken(); // before the records in hand go
    void moved(KafkaPartition &partition);

    // kafkachecks.cpp: whether what is read is what was read, and where to go on when it is gone.
    [[nodiscard]] bool isAsBefore(KafkaPartition &partition, const rd_kafka_message_t &message);
    void check(KafkaPartition &partition); // reads its last record again
    void checkAll();
    void suspectMissing(const std::vector<KafkaTopicInfo> &found);
    void relocate(KafkaPartition &partition);
    [[nodiscard]] bool place(KafkaPartition &partition, std::int64_t offset);
    void tellLoss(KafkaPartition &partition, Time to);
    bool deliver(const std::stop_token &stop); // false: stopped before the lane had room
    void seal(Mono arrival);

    void watchHealth();
    void tick();
    void report();
    [[nodiscard]] std::int64_t lag() const;

    const KafkaSettings &m_settings;
    KafkaClient &m_client;
    Intake &m_intake;
    KafkaCarry &m_carry;
    Lane &m_lane;
    KafkaPartitions m_partitions;
    std::vector<KafkaPartition *> m_moved;
    KafkaHeaders m_headers; // of the message under way
    std::vector<rd_kafka_message_t *> m_buffer;
    std::unique_ptr<KafkaDiscovery> m_discovery;

    RateGate m_gate;
    std::uint64_t m_messagesSpent = 0;
    std::uint64_t m_bytesSpent = 0;
    Mono m_highsNoted{};

    SourceStatus::State m_state = SourceStatus::State::Connecting;
    std::optional<Error> m_hint; // the newest fault of a partition
    std::optional<Error> m_waitsFor; // a schema that cannot be had now
    std::stop_token m_stop;
    bool m_isBrokenOff = false; // stopped while it waited: nothing more is taken
    std::vector<Error> m_missing; // names and patterns without a topic
    std::size_t m_behind = 0; // partitions that have not reached their noted end
    bool m_isQueueEmpty = true;
    std::uint64_t m_step = 1; // counts the readings of the queue
    std::uint64_t m_bytes = 0;
    Mono m_lastArrival{};
    Mono m_lastReport{};
    std::uint64_t m_messagesThen = 0;
    std::uint64_t m_bytesThen = 0;
};

}
