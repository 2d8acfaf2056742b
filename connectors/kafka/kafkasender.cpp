#include "connectors/kafka/kafkasender.h"

#include "connectors/kafka/kafkaclient.h"
#include "connectors/kafka/kafkatrial.h"

#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

struct OwnSetting
{
    const char *name;
    const char *value;
};
// A workspace cannot change these; names that this librdkafka does not know are passed over.
constexpr OwnSetting OwnSettings[] = {
    {"acks", "all"},
    {"enable.idempotence", "true"},
    {"linger.ms", "0"},
    {"allow.auto.create.topics", "false"},
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.keepalive.enable", "true"},
    {"ssl.endpoint.identification.algorithm", "https"},
    {"enable.metrics.push", "false"},
    {"log_level", "0"},
};

void dropLog(const rd_kafka_t *, int, const char *, const char *)
{
    // What matters comes through the callbacks; the default would write to the terminal.
}

class KafkaSender final : public Sender
{
public:
    explicit KafkaSender(const SourceSpec &target)
        : m_topic(target.settings.text("topic"))
    {
        if (const auto faults = readKafkaSettings(asSource(target), SecretUse::Read, m_settings); !faults.empty())
            throw Refusal{faults.front()};
        if (target.settings.has("timeout"))
            if (const auto limit = readDuration(target.settings["timeout"], "timeout"))
                m_limit = std::chrono::duration_cast<Millis>(*limit);
    }
    ~KafkaSender() override { close(); }

    Sent send(const Notification &message, std::stop_token stop) override
    {
        if (m_handle == nullptr)
            if (auto opened = open(); !opened)
                return {Sent::How::Later, opened.error()};
        m_fate.reset();
        m_why.reset();
        rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
        const std::string attempt = std::to_string(message.attempt);
        rd_kafka_header_add(headers, "idempotency-key", -1, message.key.data(), static_cast<ssize_t>(message.key.size()));
        rd_kafka_header_add(headers, "sightglass-attempt", -1, attempt.data(), static_cast<ssize_t>(attempt.size()));
        const rd_kafka_resp_err_t queued = rd_kafka_producev(
            m_handle, RD_KAFKA_V_TOPIC(m_topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(message.about.data(), message.about.size()),
            RD_KAFKA_V_VALUE(const_cast<char *>(message.body.data()), message.body.size()), // copied; the C API has no const
            RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (queued != RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_headers_destroy(headers);
            return failed(queued);
        }
        // librdkafka itself gives a message up after message.timeout.ms, so this ends.
        const Mono until = Mono::clock::now() + m_limit + 2s;
        while (!m_fate && !stop.stop_requested() && Mono::clock::now() < until)
            rd_kafka_poll(m_handle, 50);
        if (m_fate && *m_fate == RD_KAFKA_RESP_ERR_NO_ERROR) {
            m_hasDelivered = true;
            return {};
        }
        return failed(m_fate ? *m_fate : RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    }

private:
    Result<Done> open()
    {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        char text[512] = {};
        for (const OwnSetting &own : OwnSettings)
            rd_kafka_conf_set(conf, own.name, own.value, text, sizeof text);
        rd_kafka_conf_set(conf, "message.timeout.ms", std::to_string(m_limit.count()).c_str(), text, sizeof text);
        try {
            setKafkaProperties(conf, m_settings);
        } catch (const Refusal &) {
            rd_kafka_conf_destroy(conf);
            throw;
        }
        rd_kafka_conf_set_opaque(conf, this);
        rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t *, const rd_kafka_message_t *message, void *self) {
            static_cast<KafkaSender *>(self)->m_fate = message->err;
        });
        rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t *, int code, const char *reason, void *self) {
            auto *sender = static_cast<KafkaSender *>(self);
            if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !sender->m_why)
                sender->m_why
                    = explainKafka(sender->m_settings, static_cast<rd_kafka_resp_err_t>(code), reason, {0, sender->m_hasDelivered});
        });
        rd_kafka_conf_set_log_cb(conf, &dropLog);
        if (!m_settings.token.isMissing())
            rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, [](rd_kafka_t *handle, const char *, void *self) {
                giveKafkaToken(handle, static_cast<KafkaSender *>(self)->m_settings);
            });
        m_handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
        if (m_handle != nullptr) {
            rd_kafka_poll(m_handle, 0); // asks for the first token
            return Done{};
        }
        rd_kafka_conf_destroy(conf);
        return Error{SG_TR("kafka: %1"), {m_settings.safe(text)}, {}};
    }

    Sent failed(rd_kafka_resp_err_t code)
    {
        const Error why = m_why && code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT
            ? *m_why
            : Error{SG_TR("topic '%1' did not take the message: %2"), {shown(m_topic), rd_kafka_err2str(code)}, {}};
        // A message that could not be confirmed may stand in the topic all the same; begun anew, nothing of it is left to come later.
        close();
        const bool isHopeless = code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_MSG;
        return {isHopeless ? Sent::How::Refused : Sent::How::Later, why};
    }

    void close()
    {
        if (m_handle == nullptr)
            return;
        rd_kafka_purge(m_handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(m_handle);
        m_handle = nullptr;
    }

    const std::string m_topic;
    KafkaSettings m_settings;
    Millis m_limit = 15s;
    rd_kafka_t *m_handle = nullptr;
    bool m_hasDelivered = false; // ever
    std::optional<rd_kafka_resp_err_t> m_fate; // of the one message; set by rd_kafka_poll()
    std::optional<Error> m_why; // the newest reason; set by rd_kafka_poll()
};

}

SenderKind kafkaSender()
{
    return {"kafka", [](const SourceSpec &target) -> std::unique_ptr<Sender> { return std::make_unique<KafkaSender>(target); },
            [](const SourceSpec &target, const std::function<void(const Error &)> &say, std::stop_token stop) {
                return tryKafka(asSource(target), say, stop); // looks at the topic; nothing is produced
            }};
}

}
