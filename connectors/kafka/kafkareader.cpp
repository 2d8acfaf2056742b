#include "connectors/kafka/kafkareader.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis ConnectLimit = 15s;
constexpr std::chrono::seconds SilenceLimit = 25s; // two questions for topics
constexpr Millis IdleWait = 100ms;
constexpr Millis SealAfter = 10ms;
constexpr std::size_t SealRows = 10'000;
constexpr std::size_t ReadAtOnce = 2'000;

Mono now()
{
    return std::chrono::steady_clock::now();
}

// Of librdkafka 2.1 and later; the number is part of its interface.
constexpr int LogTruncation = -138;

bool isPlaceLost(rd_kafka_resp_err_t error)
{
    return error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
        || static_cast<int>(error) == LogTruncation;
}

}

KafkaReader::KafkaReader(const KafkaSettings &settings, KafkaClient &client, Intake &intake, KafkaCarry &carry, Lane &lane)
    : m_settings(settings)
    , m_client(client)
    , m_intake(intake)
    , m_carry(carry)
    , m_lane(lane)
    , m_buffer(ReadAtOnce)
    , m_gate(settings.guards)
    , m_messagesSpent(carry.messages)
    , m_lastReport(now())
    , m_messagesThen(carry.messages)
{
}

Error KafkaReader::run(const Positions &from, const std::stop_token &stop)
{
    m_stop = stop;
    report();
    // A batch left over from the last connection is newer than `from`.
    Positions positions = from;
    if (m_carry.hasPending) {
        for (const auto &[stream, position] : m_carry.pending.after)
            positions.insert_or_assign(stream, position);
        if (!deliver(stop))
            return {};
    }
    if (auto failed = connect(positions, stop))
        return *failed;
    if (!deliver(stop)) // seal() must not find a batch that waits
        return {};
    m_discovery = std::make_unique<KafkaDiscovery>(m_client);
    while (!stop.stop_requested()) {
        m_client.poll();
        if (m_client.isHopeless())
            return *m_client.why();
        watchHealth();
        if (auto found = m_discovery->take()) {
            if (m_state != SourceStatus::State::Lost || noteEnds()) {
                if (m_state == SourceStatus::State::Lost) {
                    m_client.noteUp();
                    m_hint.reset();
                    m_discovery->hurry(false);
                    checkAll(); // nobody saw what happened to the topics meanwhile
                    startCatchingUp();
                }
                suspectMissing(*found);
                static_cast<void>(adopt(*found, positions, false)); // a failure is tried again with the next list
                seal(now());
                if (!deliver(stop))
                    return {};
            }
        }
        // What lies in the queue from before a loss is read; then nothing until the new end is known, so that what was missed
        // is told from what is live.
        if (m_state == SourceStatus::State::Lost && m_isQueueEmpty)
            m_discovery->waitFor(IdleWait);
        else
            read(stop);
        if (!deliver(stop))
            return {};
        tick();
    }
    return {};
}

std::optional<Error> KafkaReader::connect(const Positions &from, const std::stop_token &stop)
{
    const Mono until = now() + ConnectLimit;
    std::optional<Error> last;
    while (!stop.stop_requested()) {
        const auto found = m_client.topics(500ms);
        m_client.poll();
        if (found) {
            const auto adopted = adopt(*found, from, true);
            if (adopted) {
                m_client.noteUp();
                startCatchingUp();
                seal(now());
                return std::nullopt;
            }
            last = adopted.error();
        } else {
            last = found.error();
        }
        if (m_client.isHopeless() || now() > until)
            return m_client.why() ? *m_client.why() : *last;
        tick();
    }
    return Error{};
}

void KafkaReader::startCatchingUp()
{
    const auto before = m_state;
    m_state = m_behind > 0 ? SourceStatus::State::CatchingUp : SourceStatus::State::Live;
    if (m_behind > 0 && before != SourceStatus::State::CatchingUp)
        m_intake.add(Mark(Behind{}));
    if (m_behind == 0) // also of an attempt that broke off while it caught up
        m_intake.add(Mark(CaughtUp{}));
    report();
}

void KafkaReader::arrived(KafkaPartition &partition)
{
    partition.isBehind = false;
    if (--m_behind > 0)
        return;
    m_intake.add(Mark(CaughtUp{}));
    if (m_state == SourceStatus::State::CatchingUp)
        m_state = SourceStatus::State::Live;
}

void KafkaReader::read(const std::stop_token &stop)
{
    if (isGateShut(stop))
        return;
    // A batch call would wait its whole time for a full batch; so wait for one message, then take what is there.
    ++m_step;
    rd_kafka_message_t *first = rd_kafka_consume_queue(m_client.queue(), static_cast<int>(IdleWait.count()));
    m_isQueueEmpty = first == nullptr;
    if (first == nullptr)
        return;
    const Mono begin = now();
    Mono arrival = begin;
    take(*first, arrival);
    digestTaken();
    rd_kafka_message_destroy(first);
    spend();
    while (m_intake.rows() < SealRows && arrival - begin < SealAfter && m_gate.opens() <= arrival && !stop.stop_requested()) {
        ++m_step;
        const auto count = rd_kafka_consume_batch_queue(m_client.queue(), 0, m_buffer.data(), m_gate.atOnce(m_buffer.size()));
        if (count <= 0)
            break;
        arrival = now();
        const auto messages = std::span(m_buffer.data(), static_cast<std::size_t>(count));
        for (const rd_kafka_message_t *message : messages)
            take(*message, arrival);
        digestTaken();
        for (rd_kafka_message_t *message : messages)
            rd_kafka_message_destroy(message);
        spend();
    }
    m_lastArrival = arrival;
    seal(arrival);
}

void KafkaReader::take(const rd_kafka_message_t &message, Mono arrival)
{
    if (m_isBrokenOff)
        return;
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        takeError(message);
        return;
    }
    KafkaPartition *partition = m_partitions.find(message.rkt, message.partition);
    // Below the position is what was fetched before the partition was placed anew, and the record that is only compared.
    if (partition == nullptr || partition->placedIn == m_step || !isAsBefore(*partition, message)
        || message.offset < partition->position.next)
        return;
    const Message read = kafkaMessage(message, *partition, arrival, m_settings.needsHeaders ? &m_headers : nullptr);
    if (partition->loss)
        tellLoss(*partition, read.brokerTime.value_or(NoTime));
    if (!addOrWait(read))
        return;
    ++m_carry.messages;
    m_bytes += message.len + message.key_len;
    partition->position.next = message.offset + 1;
    partition->position.newest = std::max(partition->position.newest, kafkaStamp(message));
    partition->newestTaken = &message;
    moved(*partition);
    if (partition->isBehind && partition->position.next >= partition->end)
        arrived(*partition);
}

void KafkaReader::moved(KafkaPartition &partition)
{
    if (partition.hasMoved)
        return;
    partition.hasMoved = true;
    m_moved.push_back(&partition);
}

void KafkaReader::digestTaken()
{
    for (KafkaPartition *partition : m_moved) {
        if (const rd_kafka_message_t *message = std::exchange(partition->newestTaken, nullptr)) {
            partition->position.last = message->offset;
            partition->position.lastStamp = kafkaStamp(*message);
            partition->position.lastDigest = kafkaDigest(*message);
        }
    }
}

void KafkaReader::takeError(const rd_kafka_message_t &message)
{
    KafkaPartition *partition = message.rkt == nullptr ? nullptr : m_partitions.find(message.rkt, message.partition);
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (partition == nullptr)
            return;
        if (partition->placedIn == m_step)
            return;
        // The end lies before what was read, or nothing is left of what was to be compared.
        if (message.offset < partition->position.next) {
            relocate(*partition);
            return;
        }
        partition->isUnproven = partition->isUnproven || partition->isChecking;
        partition->isChecking = false;
        if (partition->loss)
            tellLoss(*partition, NoTime);
        // The records between ours and the end are markers of transactions.
        if (message.offset > partition->position.next) {
            partition->position.next = message.offset;
            moved(*partition);
        }
        if (partition->isBehind)
            arrived(*partition);
        return;
    }
    if (partition != nullptr && isPlaceLost(message.err)) {
        relocate(*partition);
        return;
    }
    if (partition != nullptr
        && (message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || message.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
            || message.err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION))
        partition->isSuspect = true;
    // librdkafka tries everything else again by itself. A group's faults are none of ours, since we are in none.
    if (message.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED || message.err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
        return;
    const char *text = rd_kafka_message_errstr(&message);
    if (message.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED && partition != nullptr)
        m_hint = m_client.explain(message.err, partition->stream);
    else if (partition != nullptr)
        m_hint = Error{SG_TR("kafka %1: %2"), {shown(partition->stream), m_settings.safe(text == nullptr ? "" : text)}};
    else
        m_hint = m_client.explain(message.err, text == nullptr ? "" : text);
}

void KafkaReader::seal(Mono arrival)
{
    Positions after;
    for (KafkaPartition *partition : m_moved) {
        partition->hasMoved = false;
        // A loss is told with the first record behind it, and the position must not get there before.
        after.insert_or_assign(partition->stream, (partition->loss ? partition->loss->old : partition->position).bytes());
    }
    m_moved.clear();
    Batch batch = m_intake.seal(std::move(after), arrival);
    if (batch.isEmpty() && batch.newSeries.empty() && batch.newTexts.empty())
        return;
    m_carry.pending = std::move(batch);
    m_carry.hasPending = true;
}

bool KafkaReader::deliver(const std::stop_token &stop)
{
    while (m_carry.hasPending) {
        if (m_lane.push(m_carry.pending)) {
            m_carry.hasPending = false;
            break;
        }
        if (stop.stop_requested())
            return false;
        // Not reading is all: librdkafka's queue is bounded, then it stops fetching. Pausing would drop what is fetched already.
        m_lane.waitForRoom(stop, now() + IdleWait);
        m_client.poll();
        watchHealth();
        tick();
    }
    return true;
}

void KafkaReader::watchHealth()
{
    if (m_state == SourceStatus::State::Lost || m_state == SourceStatus::State::Connecting)
        return;
    // A broker that hangs closes no connection; librdkafka itself would notice after a minute.
    const bool isSilent = m_discovery && now() - std::max(m_discovery->lastAnswer(), m_lastArrival) > SilenceLimit;
    if (!m_client.isDown() && !isSilent)
        return;
    if (isSilent && !m_client.why())
        m_hint = Error{SG_TR("kafka: no broker has answered for %1 s"), {std::to_string(SilenceLimit.count())}, {}};
    m_state = SourceStatus::State::Lost;
    if (m_discovery)
        m_discovery->hurry(true);
    report();
}

void KafkaReader::tick()
{
    if (now() - m_lastReport < 1s)
        return;
    for (KafkaPartition *partition : m_partitions.all()) {
        if (partition->isLost && m_state != SourceStatus::State::Lost)
            relocate(*partition);
    }
    noteHighs();
    report();
}

void KafkaReader::report()
{
    SourceStatus status;
    status.state = m_state;
    if (m_state == SourceStatus::State::Lost || m_state == SourceStatus::State::Connecting)
        status.why = m_client.why();
    if (m_waitsFor)
        status.why = m_waitsFor;
    if (!status.why)
        status.why = m_hint;
    status.messages = m_carry.messages;
    status.lag = lag();
    status.notes = m_missing;
    const auto unproven = std::ranges::find_if(m_partitions.all(), [](const KafkaPartition *one) { return one->isUnproven; });
    if (unproven != m_partitions.all().end())
        status.notes.push_back(
            Error{SG_TR("%1: the record read last before the connection is gone although older ones are kept, as compaction "
                        "does it; so nobody can tell whether the topic was made anew meanwhile"),
                  {shown((*unproven)->stream)},
                  {}});
    if (!m_settings.isCertificateChecked)
        status.notes.push_back(Error{SG_TR("the broker's certificate is not checked"), {}});
    if (m_gate.isLimiting(now()))
        status.notes.push_back(Error{
            SG_TR("limited to %1 by max_rate: reading lags behind, and Kafka keeps the rest meanwhile"), {m_settings.guards.rate}, {}});
    m_intake.describe(status);

    const Mono at = now();
    const double seconds = std::chrono::duration<double>(at - m_lastReport).count();
    if (seconds > 0.2) { // over less, a rate says little
        status.messagesPerSecond = static_cast<double>(m_carry.messages - m_messagesThen) / seconds;
        status.bytesPerSecond = static_cast<double>(m_bytes - m_bytesThen) / seconds;
        m_messagesThen = m_carry.messages;
        m_bytesThen = m_bytes;
        m_lastReport = at;
    }
    m_lane.report(std::move(status));
}

std::int64_t KafkaReader::lag() const
{
    if (m_partitions.all().empty())
        return m_state == SourceStatus::State::Connecting ? -1 : 0;
    std::int64_t sum = 0;
    for (const KafkaPartition *partition : m_partitions.all()) {
        std::int64_t low = -1;
        std::int64_t high = -1;
        const auto failed = rd_kafka_get_watermark_offsets(m_client.handle(), partition->topic->name.c_str(), partition->id, &low, &high);
        if (failed != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0)
            high = partition->end;
        sum += std::max<std::int64_t>(0, std::max({high, partition->end, partition->seenEnd}) - partition->position.next);
    }
    return sum;
}

}
