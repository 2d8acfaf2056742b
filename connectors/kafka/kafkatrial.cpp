#include "connectors/kafka/kafkatrial.h"

#include "connectors/kafka/kafkaclient.h"

#include "core/text.h"

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

}

Result<Done> tryKafka(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    KafkaSettings settings;
    if (const auto faults = readKafkaSettings(spec, SecretUse::Read, settings); !faults.empty())
        return faults.front();
    const auto began = std::chrono::steady_clock::now();
    const auto until = began + 8s;
    std::unique_ptr<KafkaClient> client;
    try {
        auto opened = KafkaClient::open(settings);
        if (!opened)
            return opened.error();
        client = *std::move(opened);
    } catch (const Refusal &refusal) {
        return refusal.error;
    }
    say(Error{SG_TR("connecting to %1"), {shown(settings.brokers.front())}});
    std::vector<KafkaTopicInfo> found;
    while (true) {
        auto topics = client->topics(250ms);
        client->poll();
        if (topics) {
            found = *std::move(topics);
            break;
        }
        if (stop.stop_requested())
            return Error{SG_TR("stopped"), {}};
        // A person waits for this answer, so nobody tries again whether a refused connection is refused.
        const auto at = std::chrono::steady_clock::now();
        if (client->isHopeless() || at > until || (client->isDown() && at - began > 800ms))
            return client->why() ? *client->why() : topics.error();
    }
    say(Error{SG_TR("connected"), {}});

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
    const auto low = client->offsetsAt(places, RD_KAFKA_OFFSET_BEGINNING, 1s);
    const auto high = low ? client->offsetsAt(places, RD_KAFKA_OFFSET_END, 1s) : low;
    if (!low || !high)
        return low ? high.error() : low.error();
    std::int64_t kept = 0;
    for (std::size_t i = 0; i < high->size(); ++i)
        kept += std::max<std::int64_t>(0, (*high)[i].offset - (*low)[i].offset);
    if (kept == 0)
        say(Error{SG_TR("they hold no message yet"), {}});
    else
        say(Error{SG_TR("they hold %1 messages"), {std::to_string(kept)}});
    return Done{};
}

}
