#include "connectors/kafka/kafkareader.h"

#include "connectors/kafka/kafkafetch.h"

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis AskAgain = 250ms; // the registry itself is asked less often

}

// Takes the record, whose schema may have to be fetched first. While the registry cannot be asked nothing is read: the source is Lost and
// says why, and its position stays in front of the record. False: stopped meanwhile, so this record and all behind it come again.
bool KafkaReader::addOrWait(const Message &message)
{
    static_cast<void>(m_intake.add(message, m_stop)); // a fault is counted and remembered there
    if (!m_intake.waitsFor())
        return true;
    m_state = SourceStatus::State::Lost;
    m_waitsFor = m_intake.waitsFor();
    digestTaken();
    seal(Mono::clock::now());
    m_isBrokenOff = !deliver(m_stop); // what was read before it
    while (!m_isBrokenOff && m_intake.waitsFor()) {
        m_waitsFor = m_intake.waitsFor();
        report();
        restUntil(Mono::clock::now() + AskAgain, m_stop);
        m_client.poll();
        static_cast<void>(m_intake.add(message, m_stop));
        m_isBrokenOff = m_stop.stop_requested() && m_intake.waitsFor();
    }
    m_waitsFor.reset();
    if (m_discovery)
        m_discovery->hurry(true); // with the next list of topics it is live again, or catches up
    return !m_isBrokenOff;
}

}
