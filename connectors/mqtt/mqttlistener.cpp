#include "connectors/mqtt/mqttlistener.h"

#include "connectors/mqtt/mqttheaders.h"

#include <algorithm>

namespace sg {
namespace {

constexpr std::size_t MostTopics = 20'000;
constexpr std::size_t MostTopicBytes = 4U << 20U;
constexpr std::size_t MostMessageBytes = 16U << 20U; // that wait to be shown
constexpr std::size_t MostHeaders = 100;

Time machineTime()
{
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

std::string_view payloadOf(const mqtt::message &message)
{
    const auto &payload = message.get_payload_ref();
    return payload.empty() ? std::string_view() : std::string_view(payload.data(), payload.size());
}

}

void MqttListener::put(const mqtt::message &message)
{
    {
        const std::lock_guard guard(m_mutex);
        switch (m_wants) {
        case Wants::Nothing:
            return;
        case Wants::Topics:
            count(message);
            return;
        case Wants::Messages:
            keep(message);
            break;
        }
    }
    m_hasSome.notify_one();
}

void MqttListener::count(const mqtt::message &message)
{
    const std::string &name = message.get_topic();
    auto at = m_topics.find(name);
    if (at == m_topics.end()) {
        if (m_topics.size() >= MostTopics || m_topicBytes + name.size() > MostTopicBytes) {
            ++m_beyond;
            return;
        }
        m_topicBytes += name.size();
        at = m_topics.emplace(name, Seen()).first;
    }
    Seen &seen = at->second;
    ++(message.is_retained() ? seen.retained : seen.live);
    seen.bytes += payloadOf(message).size();
    if (!message.is_retained())
        seen.newest = machineTime();
}

bool MqttListener::isAllowed(Mono now)
{
    m_allowance = std::min(m_burst, m_allowance + std::chrono::duration<double>(now - m_allowedAt).count() * m_perSecond);
    m_allowedAt = now;
    if (m_allowance < 1)
        return false;
    m_allowance -= 1;
    return true;
}

void MqttListener::keep(const mqtt::message &message)
{
    if (message.is_retained() && !m_takesRetained)
        return;
    if (m_messageBytes > MostMessageBytes || !isAllowed(std::chrono::steady_clock::now())) {
        ++m_passedOver;
        return;
    }
    const std::string_view payload = payloadOf(message);
    BrowsedMessage &kept = m_messages.emplace_back();
    kept.topic = message.get_topic();
    kept.payload = payload.substr(0, m_mostBytes);
    kept.size = payload.size();
    kept.isRetained = message.is_retained();
    kept.arrival = machineTime();
    std::string bytes;
    MqttHeaders headers;
    writeHeaders(message, bytes);
    if (readHeaders(bytes, headers)) {
        for (std::size_t i = 0; i < headers.size() && i < MostHeaders; ++i)
            kept.headers.emplace_back(headers[i].first, headers[i].second.substr(0, m_mostBytes));
    }
    m_messageBytes += sizeof kept + kept.payload.size() + kept.topic.size() + bytes.size();
}

void MqttListener::noteLost(const std::string &why)
{
    {
        const std::lock_guard guard(m_mutex);
        m_whyLost = why;
    }
    m_hasSome.notify_one();
}

void MqttListener::open()
{
    const std::lock_guard guard(m_mutex);
    m_whyLost.reset();
}

void MqttListener::countTopics()
{
    const std::lock_guard guard(m_mutex);
    m_wants = Wants::Topics;
    m_topics.clear();
    m_topicBytes = 0;
    m_beyond = 0;
}

MqttListener::Counted MqttListener::counted(Micros over)
{
    const double seconds = std::max(0.001, std::chrono::duration<double>(over).count());
    Counted counted;
    const std::lock_guard guard(m_mutex);
    counted.beyond = m_beyond;
    for (const auto &[name, seen] : m_topics) {
        BrowsedTopic &topic = counted.topics.emplace_back();
        topic.name = name;
        topic.messagesPerSecond = static_cast<double>(seen.live) / seconds;
        topic.newest = seen.newest;
        topic.messages = static_cast<std::int64_t>(seen.live + seen.retained);
        topic.bytes = static_cast<std::int64_t>(seen.bytes);
        topic.isRetained = seen.live == 0;
    }
    std::ranges::sort(counted.topics, {}, &BrowsedTopic::name);
    return counted;
}

void MqttListener::takeMessages(double mostPerSecond, std::size_t burst, std::size_t mostBytes, bool takesRetained)
{
    const std::lock_guard guard(m_mutex);
    m_wants = Wants::Messages;
    m_messages.clear();
    m_messageBytes = 0;
    m_passedOver = 0;
    m_mostBytes = mostBytes;
    m_takesRetained = takesRetained;
    m_perSecond = std::max(0.0, mostPerSecond);
    m_burst = m_allowance = std::max({1.0, m_perSecond, static_cast<double>(burst)});
    m_allowedAt = std::chrono::steady_clock::now();
}

std::optional<BrowsedMessage> MqttListener::next(Mono until)
{
    std::unique_lock lock(m_mutex);
    m_hasSome.wait_until(lock, until, [this] { return !m_messages.empty() || m_whyLost; });
    if (m_messages.empty())
        return std::nullopt;
    BrowsedMessage message = std::move(m_messages.front());
    m_messages.pop_front();
    if (m_messages.empty())
        m_messageBytes = 0;
    return message;
}

void MqttListener::rest()
{
    const std::lock_guard guard(m_mutex);
    m_wants = Wants::Nothing;
    m_messages.clear();
    m_topics.clear();
}

std::uint64_t MqttListener::passedOver() const
{
    const std::lock_guard guard(m_mutex);
    return m_passedOver;
}

std::optional<std::string> MqttListener::whyLost() const
{
    const std::lock_guard guard(m_mutex);
    return m_whyLost;
}

}
