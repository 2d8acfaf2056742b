#pragma once

#include "core/types.h"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sg {

// What a stored position holds: where to go on, and how new the last record was, so that a topic that was made anew or cut short
// can be found again by time.
struct KafkaPosition
{
    std::int64_t next = -1;
    std::int64_t newest = -1; // ms since the epoch; -1 not known

    [[nodiscard]] std::string bytes() const; // "1 4711 1760000000000"
    static std::optional<KafkaPosition> parse(std::string_view bytes);
};

struct KafkaTopic;
struct KafkaPartition
{
    KafkaTopic *topic = nullptr;
    std::int32_t id = 0;
    std::string stream; // "orders/3"
    KafkaPosition position;
    std::int64_t end = 0; // noted at the (re)connect
    bool isBehind = false; // has not reached that end yet
    bool hasMoved = false; // since the last batch
    bool isLost = false; // its offset is gone and a new place could not be found yet
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
