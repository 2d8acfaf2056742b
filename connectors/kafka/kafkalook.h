#pragma once

#include "connectors/kafka/kafkafetch.h"

#include "core/browse.h"

namespace sg {

// One reading of a browser: where it begins, what it gives and what it passes over. Bounded in rate, bytes and time. One thread.
class KafkaLook
{
public:
    using Take = std::function<bool(BrowsedMessage)>;
    KafkaLook(KafkaClient &client, const BrowseRequest &request, const Take &take, const std::stop_token &stop);
    Result<Browser::Read> read();

private:
    using Next = KafkaFetch::Next;
    struct Range // of a partition
    {
        KafkaPlace place; // where reading goes on
        std::int64_t low = 0, high = 0; // what it holds at the beginning
    };

    Result<Done> findRanges();
    Result<Done> askRanges(std::vector<KafkaPlace> places);
    Result<Done> placeAll();
    // The first, or the newest, so many of all partitions, in the order of their time.
    Result<Done> giveWindow(bool isNewest);
    Result<Done> stream();
    Next follow(Range &range, const rd_kafka_message_t &message);
    Result<Done> jumpToEnd();
    [[nodiscard]] BrowsedMessage made(const rd_kafka_message_t &message, const std::string &topic) const;
    [[nodiscard]] bool give(BrowsedMessage message); // false: enough
    [[nodiscard]] std::vector<KafkaPlace> places() const;

    KafkaClient &m_client;
    const BrowseRequest &m_request;
    const Take &m_take;
    const std::stop_token &m_stop;
    const Mono m_until;
    const std::size_t m_count;
    const std::size_t m_mostBytes; // of one payload
    KafkaFetch m_fetch;
    std::vector<Range> m_ranges;
    Browser::Read m_read;

    double m_allowed = 0; // messages that may be given now
    Mono m_allowedAt{};
    std::uint64_t m_bytes = 0; // fetched since
    Mono m_bytesSince{};
    bool m_isEnough = false;
    bool m_isTooMuch = false; // more comes than is looked at: goes on at the end
};

}
