#include "connectors/mqtt/mqttinbox.h"

#include "connectors/mqtt/mqttheaders.h"

#include <thread>
#include <utility>

namespace sg {
namespace {

constexpr std::size_t KeptBuffer = 4U << 20U; // what one burst took is not held for ever

std::string_view payloadOf(const mqtt::message &message)
{
    const auto &payload = message.get_payload_ref();
    return payload.empty() ? std::string_view() : std::string_view(payload.data(), payload.size());
}

}

void MqttArrivals::add(const mqtt::message &message, Mono at)
{
    m_bytes += message.get_topic();
    const std::size_t topicEnd = m_bytes.size();
    writeHeaders(message, m_bytes);
    const std::size_t headersEnd = m_bytes.size();
    m_bytes += payloadOf(message);
    m_arrivals.push_back({at, topicEnd, headersEnd, m_bytes.size(), message.is_retained()});
}

void MqttArrivals::clear()
{
    m_arrivals.clear();
    if (m_bytes.capacity() > KeptBuffer)
        m_bytes = {};
    m_bytes.clear();
}

MqttRecord MqttArrivals::record(std::size_t i) const
{
    const Arrival &arrival = m_arrivals[i];
    const std::string_view bytes(m_bytes);
    const std::size_t begin = i == 0 ? 0 : m_arrivals[i - 1].payloadEnd;
    MqttRecord record;
    record.isRetained = arrival.isRetained;
    record.topic = bytes.substr(begin, arrival.topicEnd - begin);
    record.headers = bytes.substr(arrival.topicEnd, arrival.headersEnd - arrival.topicEnd);
    record.payload = bytes.substr(arrival.headersEnd, arrival.payloadEnd - arrival.headersEnd);
    return record;
}

void MqttInbox::setSpool(std::shared_ptr<MqttSpool> spool, MqttSeen seen)
{
    const std::lock_guard guard(m_mutex);
    m_connection = spool ? spool->lastConnection() : 0;
    m_spool = std::move(spool);
    m_seen = std::move(seen);
}

// The lock is held. False: it is to wait here.
bool MqttInbox::keep(const mqtt::message &message, std::uint16_t packet)
{
    MqttRecord record;
    record.connection = m_connection;
    record.packet = packet;
    record.qos = static_cast<std::uint8_t>(message.get_qos());
    record.isRetained = message.is_retained();
    record.isDuplicate = message.is_duplicate();
    record.topic = message.get_topic();
    m_headers.clear();
    writeHeaders(message, m_headers);
    record.headers = m_headers;
    record.payload = payloadOf(message);
    if (m_seen.isRepeated(record))
        return true;
    record.arrival = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    const bool isKept = m_spool && m_spool->append(record);
    m_seen.note(record);
    m_hasSpooled = m_hasSpooled || isKept;
    return isKept;
}

void MqttInbox::put(const mqtt::message &message, std::uint16_t packet, Millis patience)
{
    const Mono at = std::chrono::steady_clock::now();
    bool isAwaited = false;
    {
        std::unique_lock lock(m_mutex);
        ++m_received;
        if (message.get_qos() > 0 && keep(message, packet)) {
            isAwaited = m_hasSpooled && std::exchange(m_isTaking, false);
            const Micros rest = m_spool ? m_spool->rest(message.get_topic().size() + payloadOf(message).size()) : Micros(0);
            lock.unlock();
            if (isAwaited)
                m_hasArrivals.notify_one();
            if (rest > Micros(0)) {
                lock.lock();
                m_hasRoom.wait_for(lock, std::min<Micros>(rest, patience), [this] { return m_isClosed; });
            }
            return;
        }
        const auto hasRoom = [this] { return m_arrivals.bytes() < m_capacity || m_isClosed; };
        if (!m_isOverfull && !hasRoom())
            m_isOverfull = !m_hasRoom.wait_for(lock, patience, hasRoom);
        // Between the decision to disconnect and the last packet little can come; far past the bound it would no longer be bounded.
        if (m_arrivals.bytes() > 4 * m_capacity) {
            ++m_dropped;
            return;
        }
        m_arrivals.add(message, at);
        isAwaited = std::exchange(m_isTaking, false);
    }
    if (isAwaited)
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

void MqttInbox::take(MqttArrivals &arrivals, Millis wait)
{
    arrivals.clear();
    if (wait > Millis(0))
        std::this_thread::sleep_until(m_lastTake + std::min(Pace, wait));
    {
        std::unique_lock lock(m_mutex);
        const auto hasSome = [this] { return !m_arrivals.empty() || m_hasSpooled || m_isLost; };
        m_isTaking = !hasSome();
        m_hasArrivals.wait_for(lock, wait, hasSome);
        m_isTaking = m_hasSpooled = false;
        std::swap(arrivals, m_arrivals);
    }
    m_lastTake = std::chrono::steady_clock::now();
    m_hasRoom.notify_all();
}

void MqttInbox::open()
{
    const std::lock_guard guard(m_mutex);
    m_isClosed = m_isLost = m_isOverfull = false;
    m_whyLost.clear();
    ++m_connection;
}

void MqttInbox::beginSession()
{
    const std::lock_guard guard(m_mutex);
    MqttRecord record;
    record.connection = m_connection;
    record.beginsSession = true;
    record.arrival = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    m_seen.note(record);
    if (m_spool) // not kept: then a repetition may be seen where there is none, after a restart, if the broker gives the same number
        static_cast<void>(m_spool->append(record));
}

std::uint64_t MqttInbox::received() const
{
    const std::lock_guard guard(m_mutex);
    return m_received;
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
