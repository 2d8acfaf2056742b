#include "bench/kafkaload.h"
#include "bench/peers.h"

#include <chrono>
#include <cmath>

#include <librdkafka/rdkafka.h>
#include <simdjson.h>

namespace sg::bench {

RawResult consume(const std::string &brokers, const std::string &topic, int partitions, RawSide side, std::uint64_t messages,
                  const std::function<void()> &ready)
{
    const auto began = std::chrono::steady_clock::now();
    char error[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (const auto &[key, value] :
         std::initializer_list<std::pair<const char *, const char *>>{{"bootstrap.servers", brokers.c_str()},
                                                                      {"group.id", "bench-raw"},
                                                                      {"enable.auto.commit", "false"},
                                                                      {"enable.auto.offset.store", "false"},
                                                                      {"queued.min.messages", "10000000"},
                                                                      {"queued.max.messages.kbytes", "1000000"},
                                                                      {"fetch.wait.max.ms", side == RawSide::Latency ? "10" : "500"}})
        must(rd_kafka_conf_set(conf, key, value, error, sizeof error) == RD_KAFKA_CONF_OK, error);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    must(rk != nullptr, error);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; ++p)
        rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset
            = side == RawSide::Latency ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);

    RawResult result;
    simdjson::dom::parser parser;
    std::vector<rd_kafka_message_t *> batch(10'000);
    bool isReady = false;
    std::uint64_t toggles = 0;
    while ((side == RawSide::Latency ? toggles : result.sum.count) < messages) {
        // Block for the first, then take what is there: a batch with a time-out waits the whole of it.
        rd_kafka_message_t *first = rd_kafka_consume_queue(queue, 200);
        if (!isReady && ready && std::chrono::steady_clock::now() - began > std::chrono::seconds(2)) {
            isReady = true;
            ready();
        }
        if (first == nullptr)
            continue;
        batch[0] = first;
        const ssize_t more = rd_kafka_consume_batch_queue(queue, 0, batch.data() + 1, batch.size() - 1);
        for (ssize_t i = 0; i <= std::max<ssize_t>(more, 0); ++i) {
            rd_kafka_message_t *message = batch[static_cast<std::size_t>(i)];
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                ++result.sum.count;
                if (side != RawSide::Receive) {
                    simdjson::dom::element document;
                    must(parser.parse(static_cast<const char *>(message->payload), message->len).get(document) == simdjson::SUCCESS,
                         "bad JSON");
                    std::string_view device = document["device"];
                    const std::int64_t ts = document["ts"];
                    const double temp = document["temp"], pressure = document["pressure"];
                    if (side == RawSide::Parse)
                        result.sum.checksum
                            += std::llround(temp * 100) + std::llround(pressure * 100) + (ts > 0 && !device.empty() ? 0 : 1);
                    else if (device == "toggle") {
                        ++toggles;
                        const auto now
                            = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
                                  .count();
                        result.latencies.push_back(static_cast<double>(now - ts) / 1000);
                    }
                }
            }
            rd_kafka_message_destroy(message);
        }
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return result;
}

}
