#include "connectors/kafka/kafkadiscovery.h"

namespace sg {
namespace {
using namespace std::chrono_literals;
constexpr Millis Usual = 10s;
constexpr Millis Hurried = 500ms;
constexpr Millis AnswerLimit = 1s; // also how long a stop may wait for this thread
}

KafkaDiscovery::KafkaDiscovery(const KafkaClient &client)
    : m_client(client)
    , m_lastAnswer(std::chrono::steady_clock::now().time_since_epoch().count())
    , m_thread([this](const std::stop_token &stop) { loop(stop); })
{
}

KafkaDiscovery::~KafkaDiscovery() = default;

void KafkaDiscovery::hurry(bool isHurried)
{
    {
        const std::lock_guard guard(m_mutex);
        m_isHurried = isHurried;
        m_found.reset(); // an answer from before says nothing about now
    }
    m_changed.notify_all();
}

std::optional<std::vector<KafkaTopicInfo>> KafkaDiscovery::take()
{
    const std::lock_guard guard(m_mutex);
    return std::exchange(m_found, std::nullopt);
}

void KafkaDiscovery::waitFor(Millis time)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, time, [this] { return m_found.has_value(); });
}

void KafkaDiscovery::loop(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(m_mutex);
            const bool wasHurried = m_isHurried;
            m_changed.wait_for(lock, stop, wasHurried ? Hurried : Usual, [this, wasHurried] { return m_isHurried != wasHurried; });
        }
        if (stop.stop_requested())
            return;
        auto found = m_client.topics(AnswerLimit);
        if (!found)
            continue;
        m_lastAnswer = std::chrono::steady_clock::now().time_since_epoch().count();
        {
            const std::lock_guard guard(m_mutex);
            m_found = *std::move(found);
        }
        m_changed.notify_all();
    }
}

}
