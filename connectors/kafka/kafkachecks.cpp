#include "connectors/kafka/kafkareader.h"

#include "core/text.h"

#include <algorithm>

// Whether the records that are read are those of the topic that was read, and where to go on when its offsets are gone. A topic that is
// made anew has the old one's name and offsets, so the record read last is read again at each (re)connect and compared. Not seen is a topic
// that is deleted, made anew and filled beyond our offset between two answers of the brokers: librdkafka has no topic ids.
namespace sg {
namespace {
using namespace std::chrono_literals;
constexpr Millis AskLimit = 1500ms; // for one question to the brokers; a stop waits no longer than this
}

bool KafkaReader::isAsBefore(KafkaPartition &partition, const rd_kafka_message_t &message)
{
    if (partition.isLost) // the brokers have not said yet where to go on
        return false;
    if (partition.isSuspect) {
        check(partition);
        if (partition.placedIn == m_step || partition.isLost)
            return false;
    }
    const KafkaPosition &position = partition.position;
    if (!partition.isChecking)
        return true;
    if (message.offset < position.last)
        return false;
    partition.isChecking = false;
    if (message.offset > position.last) {
        partition.isUnproven = true;
        return true;
    }
    if (kafkaStamp(message) == position.lastStamp && kafkaDigest(message) == position.lastDigest)
        return true;
    partition.isOther = true;
    relocate(partition);
    return false;
}

void KafkaReader::check(KafkaPartition &partition)
{
    partition.isSuspect = false;
    const bool canCompare = partition.position.last >= 0 && !partition.loss;
    if (canCompare)
        partition.isChecking = place(partition, partition.position.last);
}

void KafkaReader::checkAll()
{
    for (KafkaPartition *partition : m_partitions.all()) {
        if (!partition->isLost)
            check(*partition);
    }
}

void KafkaReader::suspectMissing(const std::vector<KafkaTopicInfo> &found)
{
    for (KafkaPartition *partition : m_partitions.all()) {
        const auto topic = std::ranges::find(found, partition->topic->name, &KafkaTopicInfo::name);
        if (topic == found.end() || topic->error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            partition->isSuspect = true;
    }
}

bool KafkaReader::place(KafkaPartition &partition, std::int64_t offset)
{
    static_cast<void>(m_client.unassign({{partition.topic->name, partition.id, -1}})); // fails only when it is not assigned: as wanted
    if (auto assigned = m_client.assign({{partition.topic->name, partition.id, offset}}); !assigned) {
        m_hint = assigned.error();
        partition.isLost = true; // tried again by tick()
        return false;
    }
    partition.placedIn = m_step;
    return true;
}

void KafkaReader::relocate(KafkaPartition &partition)
{
    digestTaken(); // what was read up to here belongs to the old position
    partition.isLost = true; // tried again by tick() when the brokers do not answer now
    const std::vector<KafkaPlace> here{{partition.topic->name, partition.id, -1}};
    const auto low = m_client.offsetsAt(here, RD_KAFKA_OFFSET_BEGINNING, AskLimit);
    const auto high = low ? m_client.offsetsAt(here, RD_KAFKA_OFFSET_END, AskLimit) : low;
    if (!low || !high || low->front().offset == NoOffset || high->front().offset == NoOffset)
        return;
    KafkaLoss loss{KafkaLoss::Cause::NotKept, partition.position, low->front().offset, high->front().offset, partition.position.next};
    bool isLoss = true;
    bool isChecking = false;
    if (partition.isOther || loss.old.next > loss.high) {
        // Other records stand under our offsets now. By time, what we have read is not read again and what is new is not missed.
        loss.cause = partition.isOther ? KafkaLoss::Cause::OtherRecord : KafkaLoss::Cause::CutShort;
        loss.next = loss.low;
        if (loss.old.newest >= 0) {
            const auto later = m_client.offsetsAt(here, loss.old.newest + 1, AskLimit);
            if (!later || later->front().offset == NoOffset)
                return;
            loss.next = later->front().offset < 0 ? loss.high : later->front().offset;
        }
    } else if (loss.old.next < loss.low) {
        loss.next = loss.low;
    } else {
        isLoss = false;
        isChecking = loss.old.last >= loss.low;
    }
    if (!place(partition, isChecking ? loss.old.last : loss.next))
        return;
    partition.isLost = partition.isOther = partition.isSuspect = false;
    partition.isChecking = isChecking;
    if (isLoss) {
        // The position moves with the mark of its loss, in the batch of the first record behind it: else a kill between the two
        // would make silence of it.
        if (!partition.loss)
            partition.loss = loss;
        partition.loss->next = loss.next;
        partition.position.next = loss.next;
        partition.position.last = -1;
    }
    const bool wasBehind = partition.isBehind;
    partition.end = loss.high;
    partition.isBehind = loss.next < loss.high;
    if (partition.isBehind && !wasBehind && ++m_behind == 1)
        startCatchingUp();
    else if (!partition.isBehind && wasBehind)
        arrived(partition);
}

void KafkaReader::tellLoss(KafkaPartition &partition, Time to)
{
    m_intake.add(Mark(partition.loss->gap(partition.stream, to)));
    partition.loss.reset();
    moved(partition);
}

}
