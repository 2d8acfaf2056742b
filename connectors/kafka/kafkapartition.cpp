#include "connectors/kafka/kafkapartition.h"

#include "core/text.h"
#include "core/times.h"

#include <charconv>
#include <cinttypes>

namespace sg {

std::string KafkaPosition::bytes() const
{
    char digest[17] = {};
    std::snprintf(digest, sizeof digest, "%016" PRIx64, lastDigest);
    return "2 " + std::to_string(next) + ' ' + std::to_string(newest) + ' ' + std::to_string(last) + ' ' + std::to_string(lastStamp) + ' '
        + digest;
}

std::optional<KafkaPosition> KafkaPosition::parse(std::string_view bytes)
{
    const bool hasLast = bytes.starts_with("2 ");
    if (!hasLast && !bytes.starts_with("1 "))
        return std::nullopt;
    const char *at = bytes.data() + 1;
    const char *const end = bytes.data() + bytes.size();
    const auto read = [&at, end](auto &number, int base) {
        if (at == end || *at != ' ')
            return false;
        const auto found = std::from_chars(at + 1, end, number, base);
        at = found.ptr;
        return found.ec == std::errc();
    };
    KafkaPosition position;
    bool isRead = read(position.next, 10) && position.next >= 0 && read(position.newest, 10);
    if (hasLast)
        isRead = isRead && read(position.last, 10) && read(position.lastStamp, 10) && read(position.lastDigest, 16)
            && position.last < position.next;
    return isRead && at == end ? std::optional(position) : std::nullopt;
}

Message kafkaMessage(const rd_kafka_message_t &message, const KafkaPartition &partition, Mono arrival, KafkaHeaders *headers)
{
    Message read;
    read.topic = partition.topic->name;
    read.key = {static_cast<const char *>(message.key), message.key_len};
    read.payload = {static_cast<const char *>(message.payload), message.len};
    read.isTombstone = message.payload == nullptr;
    read.captures = partition.topic->captureViews;
    read.stream = partition.stream;
    read.offset = message.offset;
    read.arrival = arrival;
    if (const std::int64_t stamp = kafkaStamp(message); stamp >= 0)
        read.brokerTime = Time(Millis(stamp));
    if (headers == nullptr)
        return read;
    headers->clear();
    rd_kafka_headers_t *all = nullptr;
    if (rd_kafka_message_headers(&message, &all) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return read;
    const char *name = nullptr;
    const void *value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(all, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        headers->emplace_back(name, std::string_view(static_cast<const char *>(value), value == nullptr ? 0 : size));
    read.headers = *headers;
    return read;
}

std::int64_t kafkaStamp(const rd_kafka_message_t &message)
{
    rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t stamp = rd_kafka_message_timestamp(&message, &kind);
    return kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && stamp >= 0 && stamp < INT64_MAX / 1000 ? stamp : -1;
}

std::uint64_t kafkaDigest(const rd_kafka_message_t &message)
{
    StableHash hash;
    hash.add(std::string_view(static_cast<const char *>(message.key), message.key_len));
    hash.add(std::string_view(static_cast<const char *>(message.payload), message.len));
    return hash.add(message.payload == nullptr ? 1 : 0).value();
}

Gap KafkaLoss::gap(const std::string &stream, Time to) const
{
    const Time from = old.newest < 0 ? NoTime : Time(Millis(old.newest));
    const auto told = [](Time t) { return t == NoTime ? std::string("-") : formatUtc(t); };
    std::vector<std::string> args{shown(stream), told(from), told(to), std::to_string(next)};
    switch (cause) {
    case Cause::NotKept:
        args.push_back(std::to_string(old.next));
        args.push_back(std::to_string(low - 1));
        return {from,
                to,
                {SG_TR("%1: the broker no longer keeps offsets %5 to %6; what was written between %2 and %3 is missing here; reading goes "
                       "on at offset %4"),
                 std::move(args),
                 {}}};
    case Cause::CutShort:
        args.push_back(std::to_string(old.next));
        args.push_back(std::to_string(high));
        return {from,
                to,
                {SG_TR("%1: the topic was made anew or cut short, for it ends at offset %6 and reading was at %5; something between %2 and "
                       "%3 may be missing here; reading goes on at offset %4, with what is newer"),
                 std::move(args),
                 {}}};
    case Cause::OtherRecord:
        args.push_back(std::to_string(old.last));
        return {from,
                to,
                {SG_TR("%1: the topic was made anew, for another record stands at offset %5 than the one read there; something between %2 "
                       "and %3 may be missing here; reading goes on at offset %4, with what is newer"),
                 std::move(args),
                 {}}};
    }
    return {};
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
