#include "connectors/mqtt/mqttseen.h"

#include <algorithm>
#include <functional>

namespace sg {
namespace {

std::uint64_t digestOf(const MqttRecord &record)
{
    const std::hash<std::string_view> hash;
    return hash(record.payload) * 31U + hash(record.topic);
}

}

bool MqttSeen::isRepeated(const MqttRecord &record) const
{
    if (!record.isDuplicate || record.packet == 0)
        return false;
    const std::uint64_t digest = digestOf(record);
    return std::ranges::any_of(m_seen, [&](const Seen &one) { return one.packet == record.packet && one.digest == digest; });
}

void MqttSeen::note(const MqttRecord &record)
{
    if (record.beginsSession) {
        // Those of the connection itself belong to the new session: messages may come before its beginning is noted.
        std::erase_if(m_seen, [&](const Seen &one) { return one.connection < record.connection; });
        m_next = 0; // the oldest of those few are then replaced first, or nearly
        return;
    }
    const Seen seen{digestOf(record), record.connection, record.packet};
    if (m_seen.size() < Capacity) {
        m_seen.push_back(seen);
        return;
    }
    m_seen[m_next] = seen;
    m_next = (m_next + 1) % Capacity;
}

}
