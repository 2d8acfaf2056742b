#include "connectors/mqtt/mqttbacklog.h"

#include <algorithm>

namespace sg {
namespace {

constexpr Micros LeastWindow = std::chrono::milliseconds(500);
constexpr Micros LeastRoundTrip = std::chrono::milliseconds(5);
constexpr Micros MostRoundTrip = std::chrono::seconds(1); // a broker that takes longer to connect is slow for other reasons
constexpr double PerRoundTrip = 5; // brokers have at least ten messages in flight
constexpr double Slow = 1000; // a second

double secondsOf(Mono::duration time)
{
    return std::chrono::duration<double>(time).count();
}

}

void MqttBacklog::begin(Mono at, std::uint64_t received, Micros roundTrip)
{
    const Micros trip = std::clamp(roundTrip, LeastRoundTrip, MostRoundTrip);
    m_window = std::max(LeastWindow, 2 * trip);
    m_slow = std::min(Slow, PerRoundTrip / secondsOf(trip));
    m_best = 0;
    m_began = m_windowBegan = at;
    m_receivedThen = received;
}

bool MqttBacklog::isOver(Mono at, std::uint64_t received)
{
    if (at - m_windowBegan < m_window)
        return false;
    const double rate = static_cast<double>(received - m_receivedThen) / secondsOf(at - m_windowBegan);
    m_best = std::max(m_best, rate);
    m_windowBegan = at;
    m_receivedThen = received;
    return rate < m_slow || rate < m_best / 2 || at - m_began > LongestDoubt;
}

}
