#include "connectors/mqtt/mqttinbox.h"

#include <utility>

namespace sg {
namespace {
constexpr std::size_t MessageOverhead = 256; // of paho's message object, about
}

void MqttInbox::put(mqtt::const_message_ptr message, Millis patience)
{
    const std::size_t size = message->get_payload_ref().size() + message->get_topic().size() + MessageOverhead;
    const Mono at = std::chrono::steady_clock::now();
    {
        std::unique_lock lock(m_mutex);
        const auto hasRoom = [this] { return m_bytes < m_capacity || m_isClosed; };
        if (!m_isOverfull && !hasRoom())
            m_isOverfull = !m_hasRoom.wait_for(lock, patience, hasRoom);
        // Between the decision to disconnect and the last packet little can come; far past the bound it would no longer be bounded.
        if (m_bytes > 4 * m_capacity) {
            ++m_dropped;
            return;
        }
        m_bytes += size;
        m_arrivals.push_back({std::move(message), at});
    }
    m_hasArrivals.notify_one();
}

void MqttInbox::noteLost(const std::string &why)
{
    {
        const std::lock_guard guard(m_mutex);
        m_isLost = true;
        m_whyLost = why;
    }
    m_hasArrivals.notify_one();
}

void MqttInbox::noteDropped()
{
    const std::lock_guard guard(m_mutex);
    ++m_dropped;
}

void MqttInbox::take(std::vector<MqttArrival> &arrivals, Millis wait)
{
    arrivals.clear();
    {
        std::unique_lock lock(m_mutex);
        m_hasArrivals.wait_for(lock, wait, [this] { return !m_arrivals.empty() || m_isLost; });
        arrivals.swap(m_arrivals);
        m_bytes = 0;
    }
    m_hasRoom.notify_all();
}

void MqttInbox::open()
{
    const std::lock_guard guard(m_mutex);
    m_isClosed = m_isLost = m_isOverfull = false;
    m_whyLost.clear();
}

void MqttInbox::close()
{
    {
        const std::lock_guard guard(m_mutex);
        m_isClosed = true;
    }
    m_hasRoom.notify_all();
}

bool MqttInbox::isOverfull() const
{
    const std::lock_guard guard(m_mutex);
    return m_isOverfull;
}

bool MqttInbox::isLost() const
{
    const std::lock_guard guard(m_mutex);
    return m_isLost;
}

std::string MqttInbox::whyLost() const
{
    const std::lock_guard guard(m_mutex);
    return m_whyLost;
}

std::uint64_t MqttInbox::takeDropped()
{
    const std::lock_guard guard(m_mutex);
    return std::exchange(m_dropped, 0);
}

}
