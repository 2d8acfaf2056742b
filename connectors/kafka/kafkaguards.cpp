#include "connectors/kafka/kafkafetch.h"
#include "connectors/kafka/kafkareader.h"

#include "core/text.h"

#include <algorithm>

// What a source may take: how much of what was written before its first start, and how fast.
namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr std::size_t MostSampled = 12; // partitions
constexpr std::uint64_t SampledRecords = 20; // of each
constexpr Millis SampleLimit = 3s;
constexpr double LargestRecord = 1 << 20U; // that brokers usually take
constexpr double UsualRecord = 1024; // where none could be sampled
constexpr Millis AskLimit = 1500ms;
constexpr Millis Glance = 100ms; // a longer rest would hold up what else the source's thread does
constexpr std::chrono::seconds HighsEvery = 5s;

}

void KafkaReader::askForBacklog(const std::vector<KafkaPlace> &places, const std::vector<KafkaPlace> &ends, const Positions &from) const
{
    std::int64_t records = 0;
    std::size_t partitions = 0;
    std::vector<KafkaPlace> begins, last;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::int64_t count = ends[i].offset - places[i].offset;
        if (count <= 0 || from.contains(places[i].topic + '/' + std::to_string(places[i].partition)))
            continue;
        records += count;
        ++partitions;
        begins.push_back(places[i]);
        last.push_back(ends[i]);
    }
    const auto most = static_cast<double>(m_settings.guards.mostBacklog);
    if (static_cast<double>(records) * LargestRecord <= most)
        return;
    const double bytes = backlogBytes(begins, last);
    if (bytes <= most)
        return;
    throw Refusal{
        Error{SG_TR("about %1 in %2 partitions; start at latest, or the last 100 per partition? Nothing is read until this source "
                    "says start: latest, start: last 100, or a max_backlog above %3"),
              {formatSize(bytes), std::to_string(partitions), formatSize(most)},
              {}}};
}

double KafkaReader::backlogBytes(const std::vector<KafkaPlace> &places, const std::vector<KafkaPlace> &ends) const
{
    const auto recordsOf = [&](std::size_t i) { return static_cast<double>(ends[i].offset - places[i].offset); };
    double all = 0;
    for (std::size_t i = 0; i < places.size(); ++i)
        all += recordsOf(i);
    // With a client of its own, so that nothing of it is left in the queue that is read afterwards.
    auto client = KafkaClient::open(m_settings, KafkaClient::Use::Look);
    if (!client)
        return all * UsualRecord;
    std::vector<KafkaPlace> sampled;
    const std::size_t step = (places.size() + MostSampled - 1) / MostSampled;
    for (std::size_t i = 0; i < places.size(); i += step) {
        KafkaPlace &place = sampled.emplace_back(places[i]);
        if (sampled.size() % 2 == 0) // from the middle as well: sizes may have changed
            place.offset += (ends[i].offset - place.offset) / 2;
    }
    KafkaFetch fetch(**client);
    const auto samples = sampleKafka(fetch, sampled, SampledRecords, SampleLimit, {});
    // Each partition by the size of its own records, for they may carry different things; the others as these together.
    double records = 0, bytes = 0;
    for (std::size_t s = 0; samples && s < samples->size(); ++s) {
        const KafkaSample &sample = (*samples)[s];
        if (sample.records == 0)
            continue;
        records += recordsOf(s * step);
        bytes += recordsOf(s * step) * static_cast<double>(sample.bytes) / static_cast<double>(sample.records);
    }
    return all * (records > 0 ? bytes / records : UsualRecord);
}

bool KafkaReader::isGateShut(const std::stop_token &stop)
{
    const Mono now = Mono::clock::now();
    if (m_gate.opens() <= now)
        return false;
    restUntil(std::min<Mono>(m_gate.opens(), now + Glance), stop);
    return m_gate.opens() > Mono::clock::now();
}

void KafkaReader::spend()
{
    m_gate.spend(m_carry.messages - m_messagesSpent, m_bytes - m_bytesSpent, Mono::clock::now());
    m_messagesSpent = m_carry.messages;
    m_bytesSpent = m_bytes;
}

void KafkaReader::noteHighs()
{
    const Mono now = Mono::clock::now();
    if (!m_gate.isLimiting(now) || m_state == SourceStatus::State::Lost || now - m_highsNoted < HighsEvery)
        return;
    m_highsNoted = now;
    std::vector<KafkaPlace> places;
    for (const KafkaPartition *partition : m_partitions.all())
        places.push_back({partition->topic->name, partition->id, -1});
    const auto ends = m_client.offsetsAt(std::move(places), RD_KAFKA_OFFSET_END, AskLimit);
    for (std::size_t i = 0; ends && i < ends->size(); ++i)
        m_partitions.all()[i]->seenEnd = (*ends)[i].offset;
}

}
