#include "bench/kafkaload.h"

#include "bench/loadmessage.h"
#include "bench/peers.h"
#include "bench/plantload.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include <librdkafka/rdkafka.h>

namespace sg::bench {

namespace {

rd_kafka_t *producer(const std::string &brokers, const char *linger)
{
    char error[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (const auto &[key, value] :
         std::initializer_list<std::pair<const char *, const char *>>{{"bootstrap.servers", brokers.c_str()},
                                                                      {"compression.type", "lz4"},
                                                                      {"acks", "all"},
                                                                      {"linger.ms", linger},
                                                                      {"queue.buffering.max.messages", "1000000"},
                                                                      {"batch.num.messages", "20000"}})
        must(rd_kafka_conf_set(conf, key, value, error, sizeof error) == RD_KAFKA_CONF_OK, error);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    must(rk != nullptr, error);
    return rk;
}

void send(rd_kafka_t *rk, rd_kafka_topic_t *topic, int partition, const char *text, int length)
{
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char *>(text), static_cast<std::size_t>(length), nullptr, 0,
                            nullptr)
           != 0)
        rd_kafka_poll(rk, 10);
}

}

void createTopic(const std::string &brokers, const std::string &name, int partitions)
{
    rd_kafka_t *rk = producer(brokers, "5");
    char error[512];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, error, sizeof error);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, &topic, 1, nullptr, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 20'000);
    must(event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, "the topic could not be made");
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_destroy(rk);
}

Sum produce(const std::string &brokers, const std::string &name, int partitions, std::uint64_t messages)
{
    rd_kafka_t *rk = producer(brokers, "20");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name.c_str(), nullptr);
    Sum sum;
    LoadMessage load;
    for (std::uint64_t i = 0; i < messages; ++i) {
        const std::string_view text = load.next(i);
        send(rk, topic, load.device % partitions, text.data(), static_cast<int>(text.size()));
        ++sum.count;
        sum.checksum += load.worth;
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    must(rd_kafka_flush(rk, 120'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "not all messages were produced");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return sum;
}

std::uint64_t producePaced(const std::string &brokers, const std::string &name, int perSecond, double seconds, int every)
{
    using Clock = std::chrono::steady_clock;
    rd_kafka_t *rk = producer(brokers, "0");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name.c_str(), nullptr);
    std::uint64_t toggles = 0;
    char text[256];
    const auto began = Clock::now();
    const auto total = static_cast<std::uint64_t>(perSecond * seconds);
    for (std::uint64_t i = 0; i < total; ++i) {
        const auto due
            = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(i) / perSecond));
        while (Clock::now() < due)
            if (due - Clock::now() > std::chrono::milliseconds(1))
                std::this_thread::sleep_for(std::chrono::microseconds(500));
        const bool isToggle = i % static_cast<std::uint64_t>(every) == 0;
        const auto micros
            = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        const int length = std::snprintf(
            text, sizeof text,
            R"({"device":"%s","ts":%lld,"temp":%d.5,"pressure":3.14,"unit":"press shop","firmware":"4.2.1","shift":"early","note":"ok-00000000"})",
            isToggle ? "toggle" : "filler", static_cast<long long>(micros), isToggle && toggles % 2 == 0 ? 90 : 70);
        toggles += isToggle ? 1 : 0;
        send(rk, topic, 0, text, length);
        rd_kafka_poll(rk, 0);
    }
    must(rd_kafka_flush(rk, 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "not all messages were produced");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return toggles;
}

void producePlant(const std::string &brokers, const std::string &name)
{
    using Clock = std::chrono::steady_clock;
    struct Event
    {
        int millis = 0, press = 0;
        double temp = 0;
    };
    std::vector<Event> events;
    for (int second = 0; second < PlantLoad::Seconds; ++second)
        for (int press = 0; press < PlantLoad::Presses; ++press)
            events.push_back({second * 1'000 + press * 1'000 / PlantLoad::Presses, press, PlantLoad::temp(press, second)});
    for (int change = 0; change < PlantLoad::Changes; ++change) {
        const int at = PlantLoad::millisOf(change), until = at + PlantLoad::HoldMillis, press = PlantLoad::pressOf(change);
        for (Event &event : events)
            if (event.press == press && event.millis >= at && event.millis < until)
                event.temp = 90;
        events.push_back({at, press, 90});
        events.push_back({until, press, 50});
    }
    std::stable_sort(events.begin(), events.end(), [](const Event &a, const Event &b) { return a.millis < b.millis; });
    rd_kafka_t *rk = producer(brokers, "0");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name.c_str(), nullptr);
    const auto began = Clock::now();
    char text[160];
    for (const Event &event : events) {
        std::this_thread::sleep_until(began + std::chrono::milliseconds(event.millis));
        const auto micros
            = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        const int length
            = std::snprintf(text, sizeof text, R"({"line":"%s","device":"%s","ts":%lld,"temp":%.2f})", PlantLoad::line(event.press).c_str(),
                            PlantLoad::device(event.press).c_str(), static_cast<long long>(micros), event.temp);
        send(rk, topic, 0, text, length);
        rd_kafka_poll(rk, 0);
    }
    must(rd_kafka_flush(rk, 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "not all messages were produced");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
}

double percentile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

}
