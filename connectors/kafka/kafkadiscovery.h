#pragma once

#include "connectors/kafka/kafkaclient.h"

#include <condition_variable>
#include <thread>

namespace sg {

// Asks the brokers for their topics again and again on a thread of its own, because the answer may take a second that the
// source's thread must not lose. Also how a connection that came back is noticed. Source's thread only.
class KafkaDiscovery
{
public:
    explicit KafkaDiscovery(const KafkaClient &client);
    ~KafkaDiscovery();
    KafkaDiscovery(const KafkaDiscovery &) = delete;
    KafkaDiscovery &operator=(const KafkaDiscovery &) = delete;

    void hurry(bool isHurried); // every half second instead of every ten: while the connection is lost
    // What was found since the last call, if anything.
    std::optional<std::vector<KafkaTopicInfo>> take();
    [[nodiscard]] Mono lastAnswer() const { return Mono(Mono::duration(m_lastAnswer.load())); }
    void waitFor(Millis time); // or until there is something to take

private:
    void loop(const std::stop_token &stop);

    const KafkaClient &m_client;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::optional<std::vector<KafkaTopicInfo>> m_found; // guarded by m_mutex, like the next
    bool m_isHurried = false;
    std::atomic<Mono::rep> m_lastAnswer; // of the monotonic clock; at first the beginning
    std::jthread m_thread;
};

}
