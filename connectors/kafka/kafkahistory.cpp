#include "connectors/kafka/kafkahistory.h"

#include "connectors/kafka/kafkafetch.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis ConnectLimit = 15s;
constexpr Millis AskLimit = 3s;
constexpr std::chrono::seconds SilenceLimit = 30s;
constexpr std::size_t ReadAtOnce = 2'000;
constexpr std::uint64_t MostPerSecond = 100'000; // records
constexpr std::uint64_t MostRecords = 20'000'000; // of one demand

const Error Stopped{SG_TR("stopped"), {}, {}};

Mono now()
{
    return Mono::clock::now();
}

std::int64_t milliseconds(Time t)
{
    return std::max<std::int64_t>(0, std::chrono::floor<Millis>(t.time_since_epoch()).count());
}

}

KafkaHistory::KafkaHistory(const KafkaSettings &settings, KafkaClient &client, Intake &intake, Lane &lane)
    : m_settings(settings)
    , m_client(client)
    , m_intake(intake)
    , m_lane(lane)
    , m_live(lane.pushed())
    , m_buffer(ReadAtOnce)
    , m_gate(settings.guards)
{
}

Result<Done> KafkaHistory::read(Time from, Time to, Micros lateness, const std::stop_token &stop)
{
    const Micros margin = std::max<Micros>(lateness, 5s);
    if (auto placed = place(from - margin, to + margin, stop); !placed)
        return placed;
    m_began = now();
    Mono heard = m_began;
    while (m_open > 0) {
        if (stop.stop_requested())
            return Stopped;
        m_client.poll();
        if (m_client.isHopeless())
            return *m_client.why();
        const std::uint64_t messagesBefore = m_messages;
        const std::uint64_t bytesBefore = m_bytes;
        // One at first: a call for many waits its whole time until they are all there.
        rd_kafka_message_t *first = rd_kafka_consume_queue(m_client.queue(), 100);
        if (first != nullptr) {
            take(*first);
            rd_kafka_message_destroy(first);
            const auto count = rd_kafka_consume_batch_queue(m_client.queue(), 0, m_buffer.data(), m_gate.atOnce(m_buffer.size()));
            for (rd_kafka_message_t *message : std::span(m_buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, count)))) {
                take(*message);
                rd_kafka_message_destroy(message);
            }
            heard = now();
        } else if (now() - heard > SilenceLimit) {
            if (m_client.why())
                return *m_client.why();
            return m_fault.value_or(Error{SG_TR("kafka: no broker has answered for %1 s"), {std::to_string(SilenceLimit.count())}, {}});
        }
        if (!deliver(stop))
            return Stopped;
        if (m_messages >= MostRecords)
            return Error{SG_TR("stopped after %1 records; load again for what is left"), {std::to_string(m_messages)}, {}};
        m_gate.spend(m_messages - messagesBefore, m_bytes - bytesBefore, now());
        if (!restUntil(std::max<Mono>(m_gate.opens(), m_began + Micros(m_messages * 1'000'000 / MostPerSecond)), stop))
            return Stopped;
    }
    return m_fault ? Result<Done>(*m_fault) : Result<Done>(Done{});
}

Result<Done> KafkaHistory::place(Time from, Time to, const std::stop_token &stop)
{
    const Mono until = now() + ConnectLimit;
    while (!stop.stop_requested()) {
        const auto found = m_client.topics(500ms);
        m_client.poll();
        const Result<Done> placed = found ? placeAll(*found, from, to) : Result<Done>(found.error());
        if (placed)
            return placed;
        if (m_client.isHopeless() || now() > until)
            return m_client.why() ? *m_client.why() : placed.error();
    }
    return Stopped;
}

Result<Done> KafkaHistory::placeAll(const std::vector<KafkaTopicInfo> &found, Time from, Time to)
{
    std::vector<KafkaPlace> asked;
    for (const KafkaTopicInfo &topic : found) {
        if ((topic.name.starts_with("__") && m_settings.hasPatterns()) || !m_settings.choice.match(topic.name))
            continue;
        for (const std::int32_t id : topic.partitions)
            asked.push_back({topic.name, id, -1});
    }
    if (asked.empty())
        return Error{SG_TR("no topic matches '%1'"), {shown(m_settings.choice.topics.front().text())}, {}};
    const auto begins = m_client.offsetsAt(asked, milliseconds(from), AskLimit);
    const auto ends = begins ? m_client.offsetsAt(asked, milliseconds(to), AskLimit) : begins;
    const auto highs = ends ? m_client.offsetsAt(asked, RD_KAFKA_OFFSET_END, AskLimit) : ends;
    if (!highs)
        return highs.error();
    m_partitions = {}; // of an attempt before this one
    m_open = 0;
    std::vector<KafkaPlace> places;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const KafkaPlace &begin = (*begins)[i];
        if (begin.offset == NoOffset || (*highs)[i].offset == NoOffset)
            return Error{
                SG_TR("kafka %1/%2: the brokers do not say what it holds"), {shown(begin.topic), std::to_string(begin.partition)}, {}};
        if (begin.offset < 0) // nothing that new
            continue;
        std::int64_t end = (*ends)[i].offset < 0 ? (*highs)[i].offset : (*ends)[i].offset;
        if (const auto live = m_live.find(begin.topic + '/' + std::to_string(begin.partition)); live != m_live.end()) {
            if (const auto position = KafkaPosition::parse(live->second))
                end = std::min(end, position->next);
        }
        if (begin.offset >= end)
            continue;
        KafkaTopic *topic = m_partitions.topic(m_client.handle(), begin.topic, *m_settings.choice.match(begin.topic));
        if (topic == nullptr)
            continue;
        KafkaPartition &partition = *m_partitions.add(*topic, begin.partition);
        partition.position.next = begin.offset;
        partition.end = end;
        partition.isBehind = true;
        ++m_open;
        places.push_back(begin);
    }
    return places.empty() ? Result<Done>(Done{}) : m_client.assign(places);
}

void KafkaHistory::take(const rd_kafka_message_t &message)
{
    KafkaPartition *partition = message.rkt == nullptr ? nullptr : m_partitions.find(message.rkt, message.partition);
    if (partition == nullptr || !partition->isBehind)
        return;
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        finish(*partition);
        return;
    }
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char *text = rd_kafka_message_errstr(&message);
        m_fault = Error{SG_TR("kafka %1: %2"), {shown(partition->stream), m_settings.safe(text == nullptr ? "" : text)}, {}};
        // What was trimmed meanwhile does not come back; all else librdkafka tries again.
        if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
            finish(*partition);
        return;
    }
    if (message.offset < partition->end) {
        const Message read = kafkaMessage(message, *partition, now(), m_settings.needsHeaders ? &m_headers : nullptr);
        static_cast<void>(m_intake.add(read)); // a fault is counted and remembered there
        if (m_intake.waitsFor()) { // nothing older can be read now; a person asks again
            m_fault = m_intake.waitsFor();
            finish(*partition);
            return;
        }
        ++m_messages;
        m_bytes += message.len + message.key_len;
    }
    partition->position.next = message.offset + 1;
    if (partition->position.next >= partition->end)
        finish(*partition);
}

void KafkaHistory::finish(KafkaPartition &partition)
{
    partition.isBehind = false;
    --m_open;
    static_cast<void>(m_client.unassign({{partition.topic->name, partition.id, -1}})); // else it would fetch on
}

bool KafkaHistory::deliver(const std::stop_token &stop)
{
    Batch batch = m_intake.seal({}, now());
    if (batch.isEmpty() && batch.newSeries.empty() && batch.newTexts.empty())
        return true;
    while (!m_lane.pushHistory(batch)) {
        if (stop.stop_requested())
            return false;
        m_lane.waitForRoom(stop, now() + 100ms);
        m_client.poll();
    }
    report();
    return true;
}

void KafkaHistory::report()
{
    SourceStatus status;
    status.state = SourceStatus::State::CatchingUp;
    status.messages = m_messages;
    status.lag = left();
    const double seconds = std::chrono::duration<double>(now() - m_began).count();
    status.messagesPerSecond = seconds > 0 ? static_cast<double>(m_messages) / seconds : 0;
    m_intake.describe(status);
    m_lane.report(std::move(status));
}

std::int64_t KafkaHistory::left() const
{
    std::int64_t sum = 0;
    for (const KafkaPartition *partition : m_partitions.all())
        sum += partition->isBehind ? partition->end - partition->position.next : 0;
    return sum;
}

}
