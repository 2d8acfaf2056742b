#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The other side of a Kafka test: makes topics, writes and trims them. Each call throws std::runtime_error when the broker says no.
namespace sg::test {

class KafkaSide
{
public:
    using Settings = std::vector<std::pair<std::string, std::string>>;
    explicit KafkaSide(const std::string &brokers, const Settings &settings = {})
    {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        Settings all{{"bootstrap.servers", brokers},
                     {"enable.idempotence", "true"},
                     {"acks", "all"},
                     {"linger.ms", "5"},
                     {"message.timeout.ms", "120000"},
                     {"log_level", "0"},
                     {"reconnect.backoff.max.ms", "500"}};
        all.insert(all.end(), settings.begin(), settings.end());
        for (const auto &[name, value] : all)
            check(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), m_error, sizeof m_error) == RD_KAFKA_CONF_OK);
        rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t *, const rd_kafka_message_t *message, void *self) {
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                ++static_cast<KafkaSide *>(self)->m_failed;
        });
        rd_kafka_conf_set_opaque(conf, this);
        m_handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, m_error, sizeof m_error);
        check(m_handle != nullptr);
        m_queue = rd_kafka_queue_new(m_handle);
    }
    ~KafkaSide()
    {
        rd_kafka_queue_destroy(m_queue);
        rd_kafka_purge(m_handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(m_handle);
    }
    KafkaSide(const KafkaSide &) = delete;
    KafkaSide &operator=(const KafkaSide &) = delete;

    void createTopic(const std::string &name, int partitions)
    {
        rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, m_error, sizeof m_error);
        rd_kafka_CreateTopics(m_handle, &topic, 1, nullptr, m_queue);
        rd_kafka_NewTopic_destroy(topic);
        const Event event(m_queue);
        std::size_t count = 0;
        checkTopics(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.event), &count), count);
    }
    void deleteTopic(const std::string &name)
    {
        rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name.c_str());
        rd_kafka_DeleteTopics(m_handle, &topic, 1, nullptr, m_queue);
        rd_kafka_DeleteTopic_destroy(topic);
        const Event event(m_queue);
        std::size_t count = 0;
        checkTopics(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.event), &count), count);
    }
    void growTopic(const std::string &name, std::size_t partitions)
    {
        rd_kafka_NewPartitions_t *more = rd_kafka_NewPartitions_new(name.c_str(), partitions, m_error, sizeof m_error);
        rd_kafka_CreatePartitions(m_handle, &more, 1, nullptr, m_queue);
        rd_kafka_NewPartitions_destroy(more);
        const Event event(m_queue);
        std::size_t count = 0;
        checkTopics(rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event.event), &count), count);
    }
    void deleteBefore(const std::string &name, int partition, std::int64_t offset)
    {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, name.c_str(), partition)->offset = offset;
        rd_kafka_DeleteRecords_t *records = rd_kafka_DeleteRecords_new(list);
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_DeleteRecords(m_handle, &records, 1, nullptr, m_queue);
        rd_kafka_DeleteRecords_destroy(records);
        const Event event(m_queue);
        check(rd_kafka_event_error(event.event) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }

    struct Record
    {
        std::string topic;
        int partition = 0;
        std::string payload;
        std::string key;
        std::vector<std::pair<std::string, std::string>> headers = {};
        std::int64_t timestamp = 0; // ms; 0: now
        bool isTombstone = false;
    };
    void send(const Record &record)
    {
        while (true) {
            rd_kafka_headers_t *headers = record.headers.empty() ? nullptr : rd_kafka_headers_new(record.headers.size());
            for (const auto &[name, value] : record.headers)
                rd_kafka_header_add(headers, name.c_str(), -1, value.data(), static_cast<ssize_t>(value.size()));
            void *payload = record.isTombstone ? nullptr : const_cast<char *>(record.payload.data());
            const auto error = rd_kafka_producev(m_handle, RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
                                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                                 RD_KAFKA_V_VALUE(payload, record.isTombstone ? 0 : record.payload.size()),
                                                 RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
                                                 RD_KAFKA_V_TIMESTAMP(record.timestamp), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
            if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                break;
            if (headers != nullptr)
                rd_kafka_headers_destroy(headers);
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                throw std::runtime_error(rd_kafka_err2str(error));
            rd_kafka_poll(m_handle, 20);
        }
        rd_kafka_poll(m_handle, 0);
    }
    // {"n": from} to {"n": from + count - 1}, each partition in turn.
    void sendNumbers(const std::string &topic, int partitions, int count, int from = 0)
    {
        for (int i = from; i < from + count; ++i)
            send({topic, i % partitions, "{\"n\":" + std::to_string(i) + "}", {}});
        flush();
    }
    void flush()
    {
        check(rd_kafka_flush(m_handle, 120'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
        if (m_failed > 0)
            throw std::runtime_error("the producer lost messages");
    }
    [[nodiscard]] rd_kafka_t *handle() const { return m_handle; }

private:
    struct Event
    {
        rd_kafka_event_t *event;
        explicit Event(rd_kafka_queue_t *queue)
            : event(rd_kafka_queue_poll(queue, 30'000))
        {
            if (event == nullptr)
                throw std::runtime_error("the broker did not answer an admin request");
        }
        ~Event() { rd_kafka_event_destroy(event); }
        Event(const Event &) = delete;
        Event &operator=(const Event &) = delete;
    };
    void check(bool isGood) const
    {
        if (!isGood)
            throw std::runtime_error(m_error);
    }
    static void checkTopics(const rd_kafka_topic_result_t **results, std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
                throw std::runtime_error(rd_kafka_err2str(rd_kafka_topic_result_error(results[i])));
        }
    }

    char m_error[512] = "";
    rd_kafka_t *m_handle = nullptr;
    rd_kafka_queue_t *m_queue = nullptr;
    int m_failed = 0;
};

}
