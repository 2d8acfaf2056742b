#include "connectors/kafka/kafkabrowser.h"

#include "connectors/kafka/kafkalook.h"
#include "connectors/kafka/kafkasteps.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis AskLimit = 3s; // for one question to the brokers
constexpr std::size_t MostPartitions = 20'000; // of a list
constexpr std::size_t MostSampled = 400; // partitions
constexpr std::size_t SampledOfATopic = 4;
constexpr std::int64_t SampledRecords = 5; // of a partition
constexpr Millis SampleLimit = 4s; // in all
constexpr std::chrono::seconds LongestListen = 60s;

// A partition of the list.
struct Listed
{
    std::size_t topic = 0;
    std::int64_t low = 0, high = 0, grown = 0; // while it was listened
};

class KafkaBrowser final : public Browser
{
public:
    explicit KafkaBrowser(const SourceSpec &spec)
    {
        if (const auto faults = readKafkaConnection(spec, SecretUse::Read, m_settings); !faults.empty())
            throw Refusal{faults.front()};
    }

    Result<Done> connect(const std::function<void(const Error &step)> &say, std::stop_token stop) override
    {
        m_client.reset();
        auto connected = connectInSteps(m_settings, KafkaClient::Use::Look, KafkaClient::Ask::All, say, stop);
        if (!connected)
            return connected.error();
        m_client = std::move(connected->client);
        return Done{};
    }

    Result<std::vector<BrowsedTopic>> list(Micros listen, std::stop_token stop) override
    {
        if (auto open = ensure(stop); !open)
            return open.error();
        auto cluster = m_client->cluster(KafkaClient::Ask::All, AskLimit);
        if (!cluster)
            return cluster.error();
        std::vector<BrowsedTopic> topics;
        std::vector<KafkaPlace> places;
        std::vector<Listed> listed;
        // The brokers' own topics begin so; they come last.
        std::ranges::sort(cluster->topics, {},
                          [](const KafkaTopicInfo &one) { return std::pair(one.name.starts_with("__"), std::string_view(one.name)); });
        for (const KafkaTopicInfo &info : cluster->topics) {
            BrowsedTopic &topic = topics.emplace_back();
            topic.name = info.name;
            topic.partitions = static_cast<int>(info.partitions.size()) + info.leaderless;
            for (const std::int32_t id : info.partitions) {
                if (places.size() >= MostPartitions)
                    break;
                places.push_back({info.name, id, -1});
                listed.push_back({topics.size() - 1});
            }
        }
        if (auto counted = count(places, std::clamp<Micros>(listen, 0s, LongestListen), listed, topics, stop); !counted)
            return counted.error();
        if (listen <= 0s) // asked for the names: nobody waits for records
            return topics;
        if (auto sampled = sample(places, listed, topics, stop); !sampled)
            return sampled.error();
        return topics;
    }

    Result<Read> read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop) override
    {
        if (auto open = ensure(stop); !open)
            return open.error();
        return KafkaLook(*m_client, request, take, stop).read();
    }

private:
    Result<Done> ensure(const std::stop_token &stop)
    {
        if (m_client && !m_client->isHopeless())
            return Done{};
        return connect([](const Error &) {}, stop);
    }

    Result<Done> count(const std::vector<KafkaPlace> &places, Micros listen, std::vector<Listed> &listed, std::vector<BrowsedTopic> &topics,
                       const std::stop_token &stop)
    {
        const auto lows = m_client->offsetsAt(places, RD_KAFKA_OFFSET_BEGINNING, AskLimit);
        const auto before = lows ? m_client->offsetsAt(places, RD_KAFKA_OFFSET_END, AskLimit) : lows;
        if (!before)
            return before.error();
        const Mono began = Mono::clock::now();
        if (!restUntil(began + listen, stop))
            return Error{SG_TR("stopped"), {}, {}};
        const auto after = listen > 0s ? m_client->offsetsAt(places, RD_KAFKA_OFFSET_END, AskLimit) : before;
        if (!after)
            return after.error();
        const double seconds = std::chrono::duration<double>(Mono::clock::now() - began).count();
        for (std::size_t i = 0; i < places.size(); ++i) {
            const std::int64_t low = (*lows)[i].offset, high = (*after)[i].offset, earlier = (*before)[i].offset;
            if (low < 0 || high < 0 || earlier < 0) // the brokers do not know now
                continue;
            listed[i] = {listed[i].topic, low, high, std::max<std::int64_t>(0, high - earlier)};
            BrowsedTopic &topic = topics[listed[i].topic];
            topic.messages = std::max<std::int64_t>(0, topic.messages) + std::max<std::int64_t>(0, high - low);
            if (listen > 0s)
                topic.messagesPerSecond = std::max(0.0, topic.messagesPerSecond) + static_cast<double>(listed[i].grown) / seconds;
        }
        return Done{};
    }

    // Age and size, from the last records of the partitions where the newest is likely. Not of all: a cluster may have many thousands.
    Result<Done> sample(const std::vector<KafkaPlace> &places, const std::vector<Listed> &listed, std::vector<BrowsedTopic> &topics,
                        const std::stop_token &stop)
    {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (listed[i].high > listed[i].low)
                order.push_back(i);
        }
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
            return std::pair(listed[a].grown, listed[a].high - listed[a].low) > std::pair(listed[b].grown, listed[b].high - listed[b].low);
        });
        std::vector<KafkaPlace> chosen;
        std::vector<std::size_t> topicOf;
        std::vector<std::size_t> ofTopic(topics.size());
        for (std::size_t round = 1; round <= SampledOfATopic; ++round) { // one of each topic first
            for (std::size_t &i : order) {
                if (i == places.size() || chosen.size() >= MostSampled || ofTopic[listed[i].topic] >= round)
                    continue;
                ++ofTopic[listed[i].topic];
                chosen.push_back({places[i].topic, places[i].partition, std::max(listed[i].low, listed[i].high - SampledRecords)});
                topicOf.push_back(listed[i].topic);
                i = places.size();
            }
        }
        if (chosen.empty())
            return Done{};
        KafkaFetch fetch(*m_client);
        const auto samples = sampleKafka(fetch, chosen, SampledRecords, SampleLimit, stop);
        if (!samples)
            return samples.error();
        std::vector<KafkaSample> sums(topics.size());
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            KafkaSample &sum = sums[topicOf[i]];
            sum.records += (*samples)[i].records;
            sum.bytes += (*samples)[i].bytes;
            sum.newest = std::max(sum.newest, (*samples)[i].newest);
        }
        for (std::size_t i = 0; i < topics.size(); ++i) {
            if (topics[i].messages == 0)
                topics[i].bytes = 0;
            else if (sums[i].records > 0)
                topics[i].bytes = static_cast<std::int64_t>(static_cast<double>(topics[i].messages) * static_cast<double>(sums[i].bytes)
                                                            / static_cast<double>(sums[i].records));
            if (sums[i].newest >= 0)
                topics[i].newest = Time(Millis(sums[i].newest));
        }
        return Done{};
    }

    KafkaSettings m_settings;
    std::unique_ptr<KafkaClient> m_client;
};

}

std::unique_ptr<Browser> browseKafka(const SourceSpec &spec)
{
    return std::make_unique<KafkaBrowser>(spec);
}

}
