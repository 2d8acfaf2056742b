#pragma once

#include "core/lane.h"
#include "decode/message.h"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sg {

// What a stored position holds: where to go on, how new the newest record was, so that a topic that was made anew or cut short can
// be found again by time, and which record was read last, so that a topic that was made anew is told from the one that was read.
struct KafkaPosition
{
    std::int64_t next = -1;
    std::int64_t newest = -1; // ms since the epoch; -1 not known
    std::int64_t last = -1; // offset of the last record read; -1 not known
    std::int64_t lastStamp = -1; // its time in ms since the epoch; -1 without one
    std::uint64_t lastDigest = 0; // of its key and value

    [[nodiscard]] std::string bytes() const; // "2 4711 1760000000000 4710 1760000000000 9f86d081884c7d65"
    static std::optional<KafkaPosition> parse(std::string_view bytes); // also of version 1, which knows no last record
};

struct KafkaPartition;
// What the intake reads. Views into `message` and `partition`; `headers` null: they are not needed, else the buffer for them.
using KafkaHeaders = std::vector<std::pair<std::string_view, std::string_view>>;
Message kafkaMessage(const rd_kafka_message_t &message, const KafkaPartition &partition, Mono arrival, KafkaHeaders *headers);
std::int64_t kafkaStamp(const rd_kafka_message_t &message); // ms since the epoch; -1 without one
std::uint64_t kafkaDigest(const rd_kafka_message_t &message);

// Records that cannot be read any more, or that nobody can tell whether they were read.
struct KafkaLoss
{
    enum class Cause : std::uint8_t { NotKept, CutShort, OtherRecord };
    Cause cause = Cause::NotKept;
    KafkaPosition old; // where reading was
    std::int64_t low = 0, high = 0; // what the partition holds now
    std::int64_t next = 0; // where reading goes on

    // `to`: the time of the first record behind it; NoTime when there is none yet.
    [[nodiscard]] Gap gap(const std::string &stream, Time to) const;
};

struct KafkaTopic;
struct KafkaPartition
{
    KafkaTopic *topic = nullptr;
    std::int32_t id = 0;
    std::string stream; // "orders/3"
    KafkaPosition position;
    std::int64_t end = 0; // noted at the (re)connect
    std::int64_t seenEnd = 0; // asked for while the rate is limited, because librdkafka then sees none
    bool isBehind = false; // has not reached that end yet
    bool hasMoved = false; // since the last batch
    bool isLost = false; // its offset is gone and a new place could not be found yet
    bool isChecking = false; // reads the last record again first, to see whether it is still the one that was read
    bool isSuspect = false; // its topic was away: to be checked before the next record is taken
    bool isUnproven = false; // the last record is gone alone (compacted), so it could not be compared
    bool isOther = false; // it was compared, and is another
    const rd_kafka_message_t *newestTaken = nullptr; // of the records in hand; its digest is made once for all of them
    std::uint64_t placedIn = 0; // the reading step that placed it anew: what that step still holds is from before
    std::optional<KafkaLoss> loss; // told with the first record behind it, whose time is its end
};

struct KafkaTopic
{
    std::string name;
    rd_kafka_topic_t *handle = nullptr; // ours, so that librdkafka's pointer in each message stays this one
    std::vector<std::pair<std::string, std::string>> captures;
    std::vector<std::pair<std::string_view, std::string_view>> captureViews;
    std::vector<std::unique_ptr<KafkaPartition>> partitions; // by partition number, null where not ours yet

    KafkaTopic() = default;
    ~KafkaTopic();
    KafkaTopic(const KafkaTopic &) = delete;
    KafkaTopic &operator=(const KafkaTopic &) = delete;
};

// All partitions that are read. A message finds its own by the topic's pointer, without a look at names.
class KafkaPartitions
{
public:
    // Finds or adds. A nullptr when librdkafka cannot make the topic (a name it does not accept).
    KafkaTopic *topic(rd_kafka_t *handle, const std::string &name, const std::vector<std::pair<std::string, std::string>> &captures);
    KafkaPartition *add(KafkaTopic &topic, std::int32_t partition);
    [[nodiscard]] bool has(const std::string &topic) const { return m_byName.contains(topic); }
    [[nodiscard]] bool has(const std::string &topic, std::int32_t partition) const;

    KafkaPartition *find(const rd_kafka_topic_t *handle, std::int32_t partition)
    {
        if (m_last == nullptr || m_last->handle != handle) {
            const auto found = m_byHandle.find(handle);
            if (found == m_byHandle.end())
                return nullptr;
            m_last = found->second;
        }
        const auto index = static_cast<std::size_t>(partition);
        return partition >= 0 && index < m_last->partitions.size() ? m_last->partitions[index].get() : nullptr;
    }
    [[nodiscard]] const std::vector<KafkaPartition *> &all() const { return m_all; }

private:
    std::unordered_map<std::string, std::unique_ptr<KafkaTopic>> m_byName;
    std::unordered_map<const rd_kafka_topic_t *, KafkaTopic *> m_byHandle;
    std::vector<KafkaPartition *> m_all;
    KafkaTopic *m_last = nullptr;
};

}
