#include "connectors/kafka/kafkafetch.h"

#include "connectors/kafka/kafkapartition.h"

#include "core/text.h"

#include <algorithm>
#include <condition_variable>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis Glance = 100ms; // how long a stop waits
constexpr std::chrono::seconds DownLimit = 5s;
constexpr std::size_t MostFaults = 20;

}

Result<Done> KafkaFetch::run(const std::vector<KafkaPlace> &places, bool isFollowing, const Take &take, Mono until,
                             const std::stop_token &stop)
{
    leave();
    m_places = places;
    for (std::size_t i = 0; i < places.size(); ++i)
        m_open.emplace(std::pair(places[i].topic, places[i].partition), i);
    if (auto assigned = m_client.assign(places); !assigned)
        return assigned;
    Mono heard = Mono::clock::now();
    Next next = Next::More;
    while (!m_open.empty() && next != Next::End && !stop.stop_requested()) {
        const Mono now = Mono::clock::now();
        if (now >= until)
            break;
        m_client.poll();
        if (m_client.isHopeless() || (m_client.isDown() && now - heard > DownLimit)) {
            leave();
            return m_client.why().value_or(Error{SG_TR("kafka: no broker answers (%1)"), {"-"}, {}});
        }
        const auto wait = std::clamp<Millis>(std::chrono::ceil<Millis>(until - now), 1ms, Glance);
        rd_kafka_message_t *message = rd_kafka_consume_queue(m_client.queue(), static_cast<int>(wait.count()));
        if (message == nullptr)
            continue;
        m_client.noteUp();
        heard = Mono::clock::now();
        next = takeOne(*message, isFollowing, take);
        rd_kafka_message_destroy(message);
    }
    leave();
    return Done{};
}

KafkaFetch::Next KafkaFetch::takeOne(const rd_kafka_message_t &message, bool isFollowing, const Take &take)
{
    if (message.rkt == nullptr)
        return Next::More;
    const auto found = m_open.find(std::pair<std::string, std::int32_t>(rd_kafka_topic_name(message.rkt), message.partition));
    if (found == m_open.end())
        return Next::More;
    const std::size_t place = found->second;
    Next next = Next::More;
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        next = isFollowing ? Next::More : Next::Enough;
    } else if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        // A group's faults are none of ours, since we are in none.
        if (message.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED || message.err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
            return Next::More;
        const char *text = rd_kafka_message_errstr(&message);
        const std::string stream = found->first.first + '/' + std::to_string(found->first.second);
        if (m_faults.size() < MostFaults)
            m_faults.push_back(m_client.explain(message.err, stream + ": " + (text == nullptr ? "" : text)));
        next = Next::Enough;
    } else {
        next = take(place, message);
    }
    if (next == Next::Enough)
        leave(place);
    return next == Next::End ? Next::End : Next::More;
}

void KafkaFetch::leave(std::size_t place)
{
    const KafkaPlace &one = m_places[place];
    m_open.erase(std::pair(one.topic, one.partition));
    static_cast<void>(m_client.unassign({one})); // fails only when it is not assigned: as wanted
}

void KafkaFetch::leave()
{
    std::vector<KafkaPlace> left;
    for (const auto &[name, place] : m_open)
        left.push_back(m_places[place]);
    m_open.clear();
    if (!left.empty())
        static_cast<void>(m_client.unassign(left));
}

Result<std::vector<KafkaSample>> sampleKafka(KafkaFetch &fetch, const std::vector<KafkaPlace> &places, std::uint64_t count, Millis limit,
                                             const std::stop_token &stop)
{
    std::vector<KafkaSample> samples(places.size());
    const auto take = [&](std::size_t place, const rd_kafka_message_t &message) {
        KafkaSample &sample = samples[place];
        ++sample.records;
        sample.bytes += message.len + message.key_len;
        sample.newest = std::max(sample.newest, kafkaStamp(message));
        return sample.records >= count ? KafkaFetch::Next::Enough : KafkaFetch::Next::More;
    };
    if (auto run = fetch.run(places, false, take, Mono::clock::now() + limit, stop); !run)
        return run.error();
    return samples;
}

bool restUntil(Mono until, const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, until, [] { return false; });
    return !stop.stop_requested();
}

}
