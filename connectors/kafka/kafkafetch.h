#pragma once

#include "connectors/kafka/kafkaclient.h"

#include <functional>
#include <map>

namespace sg {

// Looks at records by hand: from given places on, with a client that reads nothing else at the time. One thread.
class KafkaFetch
{
public:
    // More: of this partition as well; Enough: nothing more of it; End: of none.
    enum class Next : std::uint8_t { More, Enough, End };
    using Take = std::function<Next(std::size_t place, const rd_kafka_message_t &message)>;

    explicit KafkaFetch(KafkaClient &client)
        : m_client(client)
    {
    }
    ~KafkaFetch() { leave(); }
    KafkaFetch(const KafkaFetch &) = delete;
    KafkaFetch &operator=(const KafkaFetch &) = delete;

    // Until no place is left, `take` says End, the time is over or it is stopped, none of which is an error. A partition is left at its end
    // unless `isFollowing`, and at its first fault, which faults() then holds.
    Result<Done> run(const std::vector<KafkaPlace> &places, bool isFollowing, const Take &take, Mono until, const std::stop_token &stop);
    [[nodiscard]] const std::vector<Error> &faults() const { return m_faults; }

private:
    Next takeOne(const rd_kafka_message_t &message, bool isFollowing, const Take &take);
    void leave(std::size_t place);
    void leave();

    KafkaClient &m_client;
    std::vector<KafkaPlace> m_places;
    std::map<std::pair<std::string, std::int32_t>, std::size_t, std::less<>> m_open;
    std::vector<Error> m_faults;
};

// What a few records of a partition tell.
struct KafkaSample
{
    std::uint64_t records = 0;
    std::uint64_t bytes = 0; // key and value
    std::int64_t newest = -1; // ms since the epoch
};
// Of at most `count` records from each place on.
Result<std::vector<KafkaSample>> sampleKafka(KafkaFetch &fetch, const std::vector<KafkaPlace> &places, std::uint64_t count, Millis limit,
                                             const std::stop_token &stop);

// False: stopped.
bool restUntil(Mono until, const std::stop_token &stop);

}
