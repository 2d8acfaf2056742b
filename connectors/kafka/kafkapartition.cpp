#include "connectors/kafka/kafkapartition.h"

#include <charconv>

namespace sg {

std::string KafkaPosition::bytes() const
{
    return "1 " + std::to_string(next) + ' ' + std::to_string(newest);
}

std::optional<KafkaPosition> KafkaPosition::parse(std::string_view bytes)
{
    if (!bytes.starts_with("1 "))
        return std::nullopt;
    KafkaPosition position;
    const char *const end = bytes.data() + bytes.size();
    const auto next = std::from_chars(bytes.data() + 2, end, position.next);
    if (next.ec != std::errc() || position.next < 0 || next.ptr == end || *next.ptr != ' ')
        return std::nullopt;
    if (std::from_chars(next.ptr + 1, end, position.newest).ec != std::errc())
        return std::nullopt;
    return position;
}

KafkaTopic::~KafkaTopic()
{
    if (handle != nullptr)
        rd_kafka_topic_destroy(handle);
}

KafkaTopic *KafkaPartitions::topic(rd_kafka_t *handle, const std::string &name,
                                   const std::vector<std::pair<std::string, std::string>> &captures)
{
    if (const auto known = m_byName.find(name); known != m_byName.end())
        return known->second.get();
    auto topic = std::make_unique<KafkaTopic>();
    topic->name = name;
    topic->handle = rd_kafka_topic_new(handle, name.c_str(), nullptr);
    if (topic->handle == nullptr)
        return nullptr;
    topic->captures = captures;
    for (const auto &[label, value] : topic->captures)
        topic->captureViews.emplace_back(label, value);
    KafkaTopic *added = topic.get();
    m_byHandle.emplace(topic->handle, added);
    m_byName.emplace(name, std::move(topic));
    return added;
}

KafkaPartition *KafkaPartitions::add(KafkaTopic &topic, std::int32_t partition)
{
    const auto index = static_cast<std::size_t>(partition);
    if (topic.partitions.size() <= index)
        topic.partitions.resize(index + 1);
    auto &place = topic.partitions[index];
    place = std::make_unique<KafkaPartition>();
    place->topic = &topic;
    place->id = partition;
    place->stream = topic.name + '/' + std::to_string(partition);
    m_all.push_back(place.get());
    return place.get();
}

bool KafkaPartitions::has(const std::string &topic, std::int32_t partition) const
{
    const auto known = m_byName.find(topic);
    const auto index = static_cast<std::size_t>(partition);
    return known != m_byName.end() && index < known->second->partitions.size() && known->second->partitions[index] != nullptr;
}

}
