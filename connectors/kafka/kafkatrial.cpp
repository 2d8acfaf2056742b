#include "connectors/kafka/kafkatrial.h"

#include "connectors/kafka/kafkafetch.h"
#include "connectors/kafka/kafkasteps.h"

#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

std::string someNames(const std::vector<KafkaTopicInfo> &topics)
{
    std::vector<std::string> sorted;
    for (const KafkaTopicInfo &topic : topics) {
        if (!topic.name.starts_with("__") && !topic.partitions.empty())
            sorted.push_back(shown(topic.name, 80));
    }
    std::ranges::sort(sorted);
    std::string names;
    for (std::size_t i = 0; i < sorted.size() && i < 8; ++i)
        names += (i == 0 ? "" : ", ") + sorted[i];
    if (sorted.size() > 8)
        names += ", …";
    return names.empty() ? "-" : names;
}

// To see a topic and to read it are two rights.
Result<Done> tryReading(KafkaClient &client, const std::vector<KafkaPlace> &newest, const std::function<void(const Error &step)> &say,
                        const std::stop_token &stop)
{
    KafkaFetch fetch(client);
    const auto samples = sampleKafka(fetch, newest, 1, 3s, stop);
    if (!samples)
        return samples.error();
    if (!fetch.faults().empty())
        return fetch.faults().front();
    std::int64_t stamp = -1;
    for (const KafkaSample &sample : *samples)
        stamp = std::max(stamp, sample.newest);
    if (stamp >= 0)
        say(Error{SG_TR("they can be read; the newest record is of %1"), {formatUtc(Time(Millis(stamp)))}});
    return Done{};
}

}

Result<Done> tryKafka(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    KafkaSettings settings;
    if (const auto faults = readKafkaSettings(spec, SecretUse::Read, settings); !faults.empty())
        return faults.front();
    const auto ask = settings.hasPatterns() ? KafkaClient::Ask::All : KafkaClient::Ask::Chosen;
    auto connected = connectInSteps(settings, KafkaClient::Use::Look, ask, say, stop);
    if (!connected)
        return connected.error();
    KafkaClient &client = *connected->client;
    const std::vector<KafkaTopicInfo> &found = connected->cluster.topics;
    const auto refused = std::ranges::find(found, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, &KafkaTopicInfo::error);
    if (refused != found.end())
        return explainTopic(*refused);

    std::vector<KafkaPlace> places;
    std::size_t matching = 0;
    for (const KafkaTopicInfo &topic : found) {
        if (topic.partitions.empty() || !settings.choice.match(topic.name) || (settings.hasPatterns() && topic.name.starts_with("__")))
            continue;
        ++matching;
        for (const std::int32_t partition : topic.partitions)
            places.push_back({topic.name, partition, -1});
    }
    if (places.empty()) {
        const std::string wanted = shown(settings.choice.topics.front().text());
        if (settings.hasPatterns())
            return Error{SG_TR("no topic matches '%1'; the broker has: %2"), {wanted, someNames(found)}};
        return Error{SG_TR("topic '%1' does not exist on the broker, or may not be read"), {wanted}};
    }
    say(Error{SG_TR("%1 topics with %2 partitions match"), {std::to_string(matching), std::to_string(places.size())}});
    const auto low = client.offsetsAt(places, RD_KAFKA_OFFSET_BEGINNING, 1s);
    const auto high = low ? client.offsetsAt(places, RD_KAFKA_OFFSET_END, 1s) : low;
    if (!low || !high)
        return low ? high.error() : low.error();
    std::int64_t kept = 0;
    std::vector<KafkaPlace> newest; // the last record of each partition, of a few
    for (std::size_t i = 0; i < high->size(); ++i) {
        const std::int64_t count = (*high)[i].offset - (*low)[i].offset;
        kept += std::max<std::int64_t>(0, count);
        if (count > 0 && newest.size() < 8)
            newest.push_back({(*high)[i].topic, (*high)[i].partition, (*high)[i].offset - 1});
    }
    if (kept == 0) {
        say(Error{SG_TR("they hold no message yet"), {}});
        return Done{};
    }
    say(Error{SG_TR("they hold %1 messages"), {std::to_string(kept)}});
    return tryReading(client, newest, say, stop);
}

}
