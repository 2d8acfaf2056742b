#include "connectors/kafka/kafkalook.h"

#include "connectors/kafka/kafkapartition.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis AskLimit = 3s; // for one question to the brokers
constexpr std::size_t MostCount = 1000; // of a window
constexpr std::size_t MostKept = 64U << 20U; // bytes of a window
constexpr std::size_t MostBytes = 1U << 20U; // of one payload
constexpr std::size_t MostKey = 4096;
constexpr std::size_t MostHeaders = 64;
constexpr std::size_t MostHeader = 4096; // bytes
constexpr std::uint64_t BytesASecond = 8U << 20U; // fetched
constexpr Micros LongestPatience = 24h;

std::string_view cut(const void *bytes, std::size_t size, std::size_t most)
{
    return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char *>(bytes), std::min(size, most));
}

auto orderOf(const BrowsedMessage &message)
{
    return std::tuple(message.brokerTime.value_or(Time{}), std::string_view(message.topic), message.partition, message.offset);
}

// Keeps the first, or the newest, so many of what is added.
class Window
{
public:
    Window(std::size_t count, bool isNewest)
        : m_count(count)
        , m_isNewest(isNewest)
    {
    }
    void add(BrowsedMessage message)
    {
        m_kept.push_back(std::move(message));
        if (m_kept.size() >= m_count * 2)
            trim();
    }
    [[nodiscard]] std::size_t size() const { return std::min(m_kept.size(), m_count); }
    std::vector<BrowsedMessage> take()
    {
        trim();
        return std::move(m_kept);
    }

private:
    void trim()
    {
        std::ranges::sort(m_kept, {}, orderOf);
        if (m_kept.size() <= m_count)
            return;
        if (m_isNewest)
            m_kept.erase(m_kept.begin(), m_kept.end() - static_cast<std::ptrdiff_t>(m_count));
        else
            m_kept.resize(m_count);
    }

    const std::size_t m_count;
    const bool m_isNewest;
    std::vector<BrowsedMessage> m_kept;
};

}

KafkaLook::KafkaLook(KafkaClient &client, const BrowseRequest &request, const Take &take, const std::stop_token &stop)
    : m_client(client)
    , m_request(request)
    , m_take(take)
    , m_stop(stop)
    , m_until(Mono::clock::now() + std::clamp<Micros>(request.patience, 0s, LongestPatience))
    , m_count(std::clamp<std::size_t>(request.count, 1, MostCount))
    , m_mostBytes(std::min({request.mostBytes, MostBytes, MostKept / (2 * m_count)}))
    , m_fetch(client)
{
}

Result<Browser::Read> KafkaLook::read()
{
    if (auto found = findRanges(); !found)
        return found.error();
    using From = BrowseRequest::From;
    const bool isNewest = m_request.from == From::Newest;
    if (auto placed = placeAll(); !placed)
        return placed.error();
    Result<Done> done = Done{};
    if (isNewest || (!m_request.isFollowing && m_request.from != From::End)) {
        done = giveWindow(isNewest);
        for (Range &range : m_ranges)
            range.place.offset = range.high;
    }
    if (done && !m_isEnough && (m_request.isFollowing || m_request.from == From::End))
        done = stream();
    if (!done)
        return done.error();
    const auto &faults = m_fetch.faults();
    if (m_read.given == 0 && faults.size() >= m_ranges.size() && !faults.empty())
        return faults.front();
    m_read.remarks.insert(m_read.remarks.end(), faults.begin(), faults.end());
    return m_read;
}

Result<Done> KafkaLook::findRanges()
{
    std::vector<KafkaPlace> places;
    for (const std::string &name : m_request.topics) {
        const auto topic = m_client.topic(name, AskLimit);
        if (!topic)
            return topic.error();
        if (topic->error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return explainTopic(*topic);
        if (topic->leaderless > 0)
            m_read.remarks.push_back(Error{
                SG_TR("%1: %2 partitions have no leader now and are left out"), {shown(name), std::to_string(topic->leaderless)}, {}});
        for (const std::int32_t id : topic->partitions) {
            if (m_request.from != BrowseRequest::From::Offset || m_request.partition < 0 || m_request.partition == id)
                places.push_back({name, id, -1});
        }
    }
    if (places.empty())
        return Error{SG_TR("kafka: there is no partition to read"), {}, {}};
    return askRanges(std::move(places));
}

Result<Done> KafkaLook::askRanges(std::vector<KafkaPlace> places)
{
    const auto lows = m_client.offsetsAt(places, RD_KAFKA_OFFSET_BEGINNING, AskLimit);
    const auto highs = lows ? m_client.offsetsAt(places, RD_KAFKA_OFFSET_END, AskLimit) : lows;
    if (!highs)
        return highs.error();
    for (std::size_t i = 0; i < places.size(); ++i) {
        if ((*lows)[i].offset >= 0 && (*highs)[i].offset >= 0)
            m_ranges.push_back({std::move(places[i]), (*lows)[i].offset, (*highs)[i].offset});
        else
            m_read.remarks.push_back(Error{SG_TR("kafka %1/%2: the brokers do not say what it holds"),
                                           {shown(places[i].topic), std::to_string(places[i].partition)},
                                           {}});
    }
    return Done{};
}

Result<Done> KafkaLook::placeAll()
{
    using From = BrowseRequest::From;
    Result<std::vector<KafkaPlace>> at = std::vector<KafkaPlace>();
    if (m_request.from == From::Stamp) {
        const auto milliseconds = std::chrono::floor<Millis>(m_request.stamp.time_since_epoch()).count();
        at = m_client.offsetsAt(places(), std::max<std::int64_t>(0, milliseconds), AskLimit);
        if (!at)
            return at.error();
    }
    for (std::size_t i = 0; i < m_ranges.size(); ++i) {
        Range &range = m_ranges[i];
        std::int64_t &offset = range.place.offset;
        switch (m_request.from) {
        case From::Newest:
            offset = std::max(range.low, range.high - static_cast<std::int64_t>(m_count));
            break;
        case From::End:
            offset = range.high;
            break;
        case From::Beginning:
            offset = range.low;
            break;
        case From::Offset:
            offset = std::clamp(m_request.offset, range.low, range.high);
            if (offset != m_request.offset && m_request.partition >= 0)
                m_read.remarks.push_back(Error{SG_TR("%1/%2 holds offsets %3 to %4"),
                                               {shown(range.place.topic), std::to_string(range.place.partition), std::to_string(range.low),
                                                std::to_string(range.high - 1)},
                                               {}});
            break;
        case From::Stamp:
            offset = (*at)[i].offset < 0 ? range.high : (*at)[i].offset; // nothing that new: the end
            break;
        }
    }
    return Done{};
}

Result<Done> KafkaLook::giveWindow(bool isNewest)
{
    Window window(m_count, isNewest);
    std::vector<std::int64_t> ends;
    for (const Range &range : m_ranges)
        ends.push_back(range.high);
    auto span = static_cast<std::int64_t>(m_count);
    while (true) {
        std::vector<std::size_t> rangeOf;
        std::vector<KafkaPlace> from;
        std::vector<std::size_t> seen(m_ranges.size());
        for (std::size_t i = 0; i < m_ranges.size(); ++i) {
            if (m_ranges[i].place.offset < ends[i]) {
                rangeOf.push_back(i);
                from.push_back(m_ranges[i].place);
            }
        }
        const auto take = [&](std::size_t place, const rd_kafka_message_t &message) {
            const std::size_t i = rangeOf[place];
            if (message.offset >= ends[i])
                return Next::Enough;
            window.add(made(message, m_ranges[i].place.topic));
            const bool hasAll = !isNewest && ++seen[i] >= m_count; // what is behind is newer in its partition
            return hasAll || message.offset + 1 >= ends[i] ? Next::Enough : Next::More;
        };
        if (!from.empty()) {
            if (auto run = m_fetch.run(from, false, take, m_until, m_stop); !run)
                return run;
        }
        // Compaction and transactions leave holes, so what was read may be fewer than there are offsets.
        const bool hasMore = std::ranges::any_of(m_ranges, [](const Range &range) { return range.place.offset > range.low; });
        if (!isNewest || window.size() >= m_count || !hasMore || Mono::clock::now() >= m_until || m_stop.stop_requested())
            break;
        span *= 8;
        for (std::size_t i = 0; i < m_ranges.size(); ++i) {
            ends[i] = m_ranges[i].place.offset;
            m_ranges[i].place.offset = std::max(m_ranges[i].low, ends[i] - span);
        }
    }
    for (BrowsedMessage &message : window.take()) {
        if (m_stop.stop_requested() || !give(std::move(message))) {
            m_isEnough = true;
            break;
        }
    }
    return Done{};
}

Result<Done> KafkaLook::stream()
{
    m_bytesSince = m_allowedAt = Mono::clock::now();
    m_allowed = std::max(1.0, m_request.mostPerSecond);
    while (!m_isEnough && !m_stop.stop_requested() && Mono::clock::now() < m_until) {
        m_isTooMuch = false;
        const auto take = [this](std::size_t place, const rd_kafka_message_t &message) { return follow(m_ranges[place], message); };
        if (auto run = m_fetch.run(places(), true, take, m_until, m_stop); !run)
            return run;
        if (!m_isTooMuch) // also when every partition has a fault
            break;
        if (!restUntil(std::min(m_until, m_bytesSince + 1s), m_stop))
            break;
        if (auto jumped = jumpToEnd(); !jumped)
            return jumped;
    }
    return Done{};
}

KafkaFetch::Next KafkaLook::follow(Range &range, const rd_kafka_message_t &message)
{
    range.place.offset = message.offset + 1;
    const bool isHistory = message.offset < range.high; // it was there at the beginning: it waits, what comes now cannot
    m_bytes += message.len + message.key_len;
    Mono now = Mono::clock::now();
    if (now - m_bytesSince >= 1s) {
        m_bytes = 0;
        m_bytesSince = now;
    } else if (m_bytes > BytesASecond) {
        if (!isHistory) {
            ++m_read.passedOver;
            m_isTooMuch = true;
            return Next::End;
        }
        if (!restUntil(std::min(m_until, m_bytesSince + 1s), m_stop))
            return Next::End;
        m_bytes = 0;
        m_bytesSince = now = Mono::clock::now();
    }
    const double most = std::max(1.0, m_request.mostPerSecond);
    m_allowed = std::min(most, m_allowed + most * std::chrono::duration<double>(now - m_allowedAt).count());
    m_allowedAt = now;
    if (m_allowed < 1) {
        if (!isHistory) {
            ++m_read.passedOver;
            return Next::More;
        }
        const auto wait = std::chrono::ceil<Micros>(std::chrono::duration<double>((1 - m_allowed) / most));
        if (!restUntil(std::min(m_until, now + wait), m_stop))
            return Next::End;
        m_allowed = 1;
        m_allowedAt = Mono::clock::now();
    }
    m_allowed -= 1;
    const bool isFull = !give(made(message, range.place.topic)) || (!m_request.isFollowing && m_read.given >= m_count);
    m_isEnough = m_isEnough || isFull;
    return isFull ? Next::End : Next::More;
}

Result<Done> KafkaLook::jumpToEnd()
{
    const auto ends = m_client.offsetsAt(places(), RD_KAFKA_OFFSET_END, AskLimit);
    if (!ends)
        return ends.error();
    for (std::size_t i = 0; i < m_ranges.size(); ++i) {
        std::int64_t &offset = m_ranges[i].place.offset;
        if ((*ends)[i].offset <= offset)
            continue;
        m_read.passedOver += static_cast<std::uint64_t>((*ends)[i].offset - offset);
        offset = (*ends)[i].offset;
    }
    m_bytes = 0;
    m_bytesSince = Mono::clock::now();
    return Done{};
}

BrowsedMessage KafkaLook::made(const rd_kafka_message_t &message, const std::string &topic) const
{
    BrowsedMessage made;
    made.topic = topic;
    made.hasKey = message.key != nullptr;
    made.key = cut(message.key, message.key_len, MostKey);
    made.payload = cut(message.payload, message.len, m_mostBytes);
    made.size = message.len;
    made.isTombstone = message.payload == nullptr;
    made.partition = message.partition;
    made.offset = message.offset;
    if (const std::int64_t stamp = kafkaStamp(message); stamp >= 0)
        made.brokerTime = Time(Millis(stamp));
    made.arrival = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
    rd_kafka_headers_t *headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return made;
    const char *name = nullptr;
    const void *value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; i < MostHeaders && rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        made.headers.emplace_back(std::string_view(name).substr(0, MostHeader), cut(value, size, MostHeader));
    return made;
}

bool KafkaLook::give(BrowsedMessage message)
{
    ++m_read.given;
    return m_take(std::move(message));
}

std::vector<KafkaPlace> KafkaLook::places() const
{
    std::vector<KafkaPlace> places;
    for (const Range &range : m_ranges)
        places.push_back(range.place);
    return places;
}

}
