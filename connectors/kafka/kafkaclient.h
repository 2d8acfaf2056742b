#pragma once

#include "connectors/kafka/kafkaerrors.h"

#include <atomic>
#include <mutex>

namespace sg {

struct KafkaTopicInfo
{
    std::string name;
    std::vector<std::int32_t> partitions; // those with a leader
    int leaderless = 0; // the others
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

struct KafkaCluster
{
    struct Broker
    {
        std::int32_t id = 0;
        std::string address; // as the cluster announces it: "kafka-2:9092"
    };
    std::vector<Broker> brokers;
    std::vector<KafkaTopicInfo> topics;
};

constexpr std::int64_t NoOffset = RD_KAFKA_OFFSET_INVALID; // the brokers could not tell

// A place in a partition, and the answer to a question about it.
struct KafkaPlace
{
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = -1;
};

// Brokers, name and allowed properties of the settings; throws Refusal for what librdkafka does not take.
void setKafkaProperties(rd_kafka_conf_t *conf, const KafkaSettings &settings);
// Why a topic of the brokers' list cannot be read; of one whose `error` is set.
Error explainTopic(const KafkaTopicInfo &topic);
// Reads the token of OAUTHBEARER and hands it over; for librdkafka's refresh callback. False: there is none that is valid.
bool giveKafkaToken(rd_kafka_t *handle, const KafkaSettings &settings);

// One librdkafka consumer: no group is joined, nothing is committed, one queue holds what it fetched. It reconnects by itself.
// topics() and offsetsAt() may be called from any thread, all else from the source's thread.
class KafkaClient
{
public:
    // The settings must outlive the client. ReadBack fetches little ahead, so that it takes nothing from those who read live; Look, for
    // looking by hand, even less, and is another client to the brokers.
    enum class Use : std::uint8_t { Live, ReadBack, Look };
    static Result<std::unique_ptr<KafkaClient>> open(const KafkaSettings &settings, Use use = Use::Live);
    ~KafkaClient();
    KafkaClient(const KafkaClient &) = delete;
    KafkaClient &operator=(const KafkaClient &) = delete;

    [[nodiscard]] rd_kafka_t *handle() const { return m_handle; }
    [[nodiscard]] rd_kafka_queue_t *queue() const { return m_queue; }

    void poll() { rd_kafka_poll(m_handle, 0); } // serves the error callback
    [[nodiscard]] bool isDown() const { return m_isDown; } // every broker, as librdkafka last said
    [[nodiscard]] const std::optional<Error> &why() const { return m_why; } // the newest reason
    [[nodiscard]] bool isHopeless() const { return m_isHopeless; } // refused, or librdkafka's own fatal error
    void noteUp();

    // The broker's list of topics, those that a plain name asks for or all of them. Blocks at most `timeout`.
    Result<std::vector<KafkaTopicInfo>> topics(Millis timeout) const;
    enum class Ask : std::uint8_t { Chosen, All };
    Result<KafkaCluster> cluster(Ask ask, Millis timeout) const;
    // One topic by its name, which tells one that may not be read from one that does not exist.
    Result<KafkaTopicInfo> topic(const std::string &name, Millis timeout) const;
    // Offsets of the first records at or after a time in ms (its offset; -1 when there is none that new), or of RD_KAFKA_OFFSET_END
    // and RD_KAFKA_OFFSET_BEGINNING themselves, which the protocol takes for times. NoOffset where one partition has no answer.
    // In the order of `places`. Blocks at most `timeout`.
    Result<std::vector<KafkaPlace>> offsetsAt(std::vector<KafkaPlace> places, std::int64_t milliseconds, Millis timeout) const;
    Result<Done> assign(const std::vector<KafkaPlace> &places); // beside what is assigned
    Result<Done> unassign(const std::vector<KafkaPlace> &places);

    [[nodiscard]] Error explain(rd_kafka_resp_err_t code, std::string_view reason) const;

private:
    explicit KafkaClient(const KafkaSettings &settings)
        : m_settings(settings)
    {
    }
    static void onError(rd_kafka_t *handle, int code, const char *reason, void *self);
    static void onToken(rd_kafka_t *handle, const char *config, void *self);
    static int onCertificate(rd_kafka_t *handle, const char *broker, std::int32_t id, int *error, int depth, const char *bytes,
                             std::size_t size, char *text, std::size_t textSize, void *self);

    const KafkaSettings &m_settings;
    rd_kafka_t *m_handle = nullptr;
    rd_kafka_queue_t *m_queue = nullptr;
    std::vector<rd_kafka_topic_t *> m_named; // plain names, so that librdkafka asks the broker for them
    bool m_asksForAll = false;
    bool m_isDown = false;
    bool m_isHopeless = false;
    bool m_hadToken = false;
    std::atomic<bool> m_hasAnswered = false;
    std::atomic<int> m_certificate = 0; // OpenSSL's fault of the broker's certificate; set by librdkafka's threads
    std::optional<Error> m_why;
};

}
