#include "connectors/kafka/kafkaclient.h"

#include "connectors/kafka/kafkareach.h"
#include "connectors/kafka/kafkatoken.h"

#include "core/platform.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>
#include <span>
#include <thread>

namespace sg {
namespace {

constexpr Millis LeaderPause{100};

bool isLeaderMoving(rd_kafka_resp_err_t error)
{
    return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

struct Conf
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    ~Conf()
    {
        if (conf != nullptr)
            rd_kafka_conf_destroy(conf);
    }
    Conf() = default;
    Conf(const Conf &) = delete;
    Conf &operator=(const Conf &) = delete;
};

struct PlaceList
{
    rd_kafka_topic_partition_list_t *list;
    explicit PlaceList(const std::vector<KafkaPlace> &places)
        : list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())))
    {
        for (const KafkaPlace &place : places)
            rd_kafka_topic_partition_list_add(list, place.topic.c_str(), place.partition)->offset = place.offset;
    }
    ~PlaceList() { rd_kafka_topic_partition_list_destroy(list); }
    PlaceList(const PlaceList &) = delete;
    PlaceList &operator=(const PlaceList &) = delete;
};

struct OwnSetting
{
    const char *name;
    const char *value;
};
// What a watcher needs. A workspace cannot change these; names that this librdkafka does not know are passed over.
constexpr OwnSetting OwnSettings[] = {
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"}, // or a trimmed offset would be jumped over without a word
    {"isolation.level", "read_committed"},
    {"enable.partition.eof", "true"}, // tells "caught up" also where the last record is a transaction's marker
    {"allow.auto.create.topics", "false"}, // a watcher makes no topics
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "5000"},
    {"socket.keepalive.enable", "true"},
    {"ssl.endpoint.identification.algorithm", "https"},
    {"enable.metrics.push", "false"}, // no telemetry about us into the watched cluster
    {"log_level", "0"},
};

void dropLog(const rd_kafka_t *, int, const char *, const char *)
{
    // What matters comes through the error callback; the default would write to the terminal.
}

KafkaCluster clusterOf(const rd_kafka_metadata_t &metadata)
{
    KafkaCluster found;
    for (const rd_kafka_metadata_broker_t &broker : std::span(metadata.brokers, static_cast<std::size_t>(metadata.broker_cnt)))
        found.brokers.push_back({broker.id, ServerAddress{broker.host, std::to_string(broker.port)}.text()});
    for (const rd_kafka_metadata_topic_t &topic : std::span(metadata.topics, static_cast<std::size_t>(metadata.topic_cnt))) {
        KafkaTopicInfo &info = found.topics.emplace_back(KafkaTopicInfo{topic.topic, {}, 0, topic.err});
        for (const rd_kafka_metadata_partition_t &partition : std::span(topic.partitions, static_cast<std::size_t>(topic.partition_cnt))) {
            if (partition.leader >= 0)
                info.partitions.push_back(partition.id);
            else
                ++info.leaderless;
        }
    }
    return found;
}

bool isSecretProperty(const std::string &value, const KafkaSettings &settings)
{
    return std::ranges::find(settings.secrets, value) != settings.secrets.end();
}

}

void setKafkaProperties(rd_kafka_conf_t *conf, const KafkaSettings &settings)
{
    char text[512] = {};
    const auto set = [&](const char *name, const char *value) { return rd_kafka_conf_set(conf, name, value, text, sizeof text); };
    set("client.id", settings.clientName.empty() ? "sightglass" : settings.clientName.c_str());
    std::string brokers;
    for (const std::string &broker : settings.brokers)
        brokers += (brokers.empty() ? "" : ",") + broker;
    if (set("bootstrap.servers", brokers.c_str()) != RD_KAFKA_CONF_OK)
        throw Refusal{Error{SG_TR("brokers: '%1' is refused by librdkafka: %2"), {settings.safe(brokers), settings.safe(text)}}};
    for (const auto &[name, value] : settings.properties) {
        if (set(name.c_str(), value.c_str()) == RD_KAFKA_CONF_OK)
            continue;
        if (isSecretProperty(value, settings))
            throw Refusal{Error{SG_TR("kafka property '%1': librdkafka refuses its value"), {name}}};
        throw Refusal{Error{SG_TR("kafka property '%1': %2"), {name, settings.safe(text)}}};
    }
}

Error explainTopic(const KafkaTopicInfo &topic)
{
    const std::string name = shown(topic.name);
    if (topic.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        return {SG_TR("kafka: authorisation: this user may not see topic '%1'; it needs Read and Describe on it"), {name}, {}};
    if (topic.error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || topic.error == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
        return {SG_TR("topic '%1' does not exist on the broker, or may not be read"), {name}, {}};
    return {SG_TR("topic '%1': %2"), {name, rd_kafka_err2str(topic.error)}, {}};
}

bool giveKafkaToken(rd_kafka_t *handle, const KafkaSettings &settings)
{
    const auto refuse = [handle](const Error &why) {
        rd_kafka_oauthbearer_set_token_failure(handle, why.plain().c_str());
        return false;
    };
    const auto token = readSecret(settings.token);
    if (!token)
        return refuse(token.error());
    const KafkaTokenClaims claims = kafkaTokenClaims(*token);
    const auto now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
    if (claims.expires && *claims.expires <= now)
        return refuse(Error{SG_TR("the token in %1 has expired at %2"), {nameOfSecret(settings.token), formatUtc(*claims.expires)}, {}});
    // Read again after four fifths of its life. One that does not say how long it lives is taken to live for five minutes.
    const Time until = claims.expires.value_or(now + std::chrono::minutes(5));
    char text[512] = {};
    const auto given
        = rd_kafka_oauthbearer_set_token(handle, token->c_str(), until.time_since_epoch().count() / 1000,
                                         claims.subject.empty() ? "sightglass" : claims.subject.c_str(), nullptr, 0, text, sizeof text);
    if (given != RD_KAFKA_RESP_ERR_NO_ERROR) // its words may quote the token
        return refuse(Error{SG_TR("the token in %1 is not one that OAUTHBEARER can carry"), {nameOfSecret(settings.token)}, {}});
    return true;
}

Result<std::unique_ptr<KafkaClient>> KafkaClient::open(const KafkaSettings &settings, Use use)
{
    Conf conf;
    char text[512] = {};
    const auto set = [&](const char *name, const char *value) { return rd_kafka_conf_set(conf.conf, name, value, text, sizeof text); };

    for (const OwnSetting &own : OwnSettings)
        set(own.name, own.value);
    // Before librdkafka 2.2 a full queue rests for a second, so there it must hold a second's worth of data. The count bounds
    // librdkafka's own memory, some 300 bytes a message, which its bytes do not cover.
    const bool canResumeAtOnce = set("fetch.queue.backoff.ms", "20") == RD_KAFKA_CONF_OK;
    set("queued.min.messages", canResumeAtOnce ? "200000" : "1000000");
    set("queued.max.messages.kbytes", canResumeAtOnce ? "65536" : "131072");
    if (use == Use::ReadBack) {
        set("queued.min.messages", "50000");
        set("queued.max.messages.kbytes", "16384");
    }
    if (use == Use::Look) {
        // Room for one answer of several partitions: an older librdkafka that finds it full asks for the others only a second later.
        set("queued.min.messages", canResumeAtOnce ? "1000" : "200000");
        set("queued.max.messages.kbytes", canResumeAtOnce ? "4096" : "32768");
    }
    // assign() wants a group id; nobody ever joins or commits to this one.
    set("group.id", ("sightglass-" + randomName()).c_str());
    setKafkaProperties(conf.conf, settings);
    if (use == Use::Look) {
        set("client.id", ((settings.clientName.empty() ? "sightglass" : settings.clientName) + "-look").c_str());
        set("fetch.message.max.bytes", "65536"); // of a partition and question; a larger record comes all the same
    }

    std::unique_ptr<KafkaClient> client(new KafkaClient(settings));
    rd_kafka_conf_set_opaque(conf.conf, client.get());
    rd_kafka_conf_set_ssl_cert_verify_cb(conf.conf, &KafkaClient::onCertificate); // no effect in a librdkafka without TLS
    if (!settings.token.isMissing())
        rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf.conf, &KafkaClient::onToken);
    rd_kafka_conf_set_error_cb(conf.conf, &KafkaClient::onError);
    rd_kafka_conf_set_log_cb(conf.conf, &dropLog);
    client->m_handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf.conf, text, sizeof text);
    if (client->m_handle == nullptr)
        return Error{SG_TR("kafka: %1"), {settings.safe(text)}}; // a missing or wrong certificate file, for one
    conf.conf = nullptr; // owned by the handle now
    rd_kafka_poll(client->m_handle, 0); // asks for the first token
    client->m_queue = rd_kafka_queue_get_consumer(client->m_handle);
    client->m_asksForAll = settings.hasPatterns();
    if (!client->m_asksForAll) {
        for (const TopicPattern &topic : settings.choice.topics) {
            if (rd_kafka_topic_t *named = rd_kafka_topic_new(client->m_handle, topic.text().c_str(), nullptr))
                client->m_named.push_back(named);
        }
    }
    return client;
}

KafkaClient::~KafkaClient()
{
    for (rd_kafka_topic_t *topic : m_named)
        rd_kafka_topic_destroy(topic);
    if (m_queue != nullptr)
        rd_kafka_queue_destroy(m_queue);
    if (m_handle != nullptr) // there is no group to leave, so nothing to wait for
        rd_kafka_destroy_flags(m_handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaClient::noteUp()
{
    m_isDown = false;
    m_hasAnswered = true;
    m_why.reset();
}

void KafkaClient::onError(rd_kafka_t *handle, int code, const char *reason, void *self)
{
    auto *client = static_cast<KafkaClient *>(self);
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        client->m_isDown = true;
        if (!client->m_why) // its own text ("1/1 brokers are down") says less than the reason before it
            client->m_why = client->explain(error, reason);
        return;
    }
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
        char text[512] = {};
        const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(handle, text, sizeof text);
        client->m_why = client->explain(cause, text);
        client->m_isHopeless = true;
        return;
    }
    // The same fault is told in several ways, as librdkafka's threads come to it.
    Error why = client->explain(error, reason);
    if (!client->m_why || !isVagueKafka(why))
        client->m_why = std::move(why);
    // A token that could not be renewed ends no connection that the broker keeps.
    const bool isRenewal = client->m_hadToken && std::string_view(reason).find("OAUTHBEARER token") != std::string_view::npos;
    if (!isRenewal && (error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL))
        client->m_isHopeless = true;
}

void KafkaClient::onToken(rd_kafka_t *handle, const char *, void *self)
{
    auto *client = static_cast<KafkaClient *>(self);
    client->m_hadToken = giveKafkaToken(handle, client->m_settings) || client->m_hadToken;
}

int KafkaClient::onCertificate(rd_kafka_t *, const char *, std::int32_t, int *error, int, const char *, std::size_t, char *, std::size_t,
                               void *self)
{
    // Only looked at: what OpenSSL refuses stays refused.
    static_cast<KafkaClient *>(self)->m_certificate = *error;
    return *error == 0 ? 1 : 0;
}

Error KafkaClient::explain(rd_kafka_resp_err_t code, std::string_view reason) const
{
    return explainKafka(m_settings, code, reason, {m_certificate, m_hasAnswered});
}

Result<std::vector<KafkaTopicInfo>> KafkaClient::topics(Millis timeout) const
{
    auto found = cluster(m_asksForAll ? Ask::All : Ask::Chosen, timeout);
    if (!found)
        return found.error();
    return std::move(found->topics);
}

Result<KafkaCluster> KafkaClient::cluster(Ask ask, Millis timeout) const
{
    const rd_kafka_metadata_t *metadata = nullptr;
    const rd_kafka_resp_err_t error
        = rd_kafka_metadata(m_handle, ask == Ask::All ? 1 : 0, nullptr, &metadata, static_cast<int>(timeout.count()));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return explain(error, rd_kafka_err2str(error));
    KafkaCluster found = clusterOf(*metadata);
    rd_kafka_metadata_destroy(metadata);
    return found;
}

Result<KafkaTopicInfo> KafkaClient::topic(const std::string &name, Millis timeout) const
{
    rd_kafka_topic_t *named = rd_kafka_topic_new(m_handle, name.c_str(), nullptr);
    if (named == nullptr)
        return KafkaTopicInfo{name, {}, 0, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
    const rd_kafka_metadata_t *metadata = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(m_handle, 0, named, &metadata, static_cast<int>(timeout.count()));
    rd_kafka_topic_destroy(named);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return explain(error, rd_kafka_err2str(error));
    KafkaCluster found = clusterOf(*metadata);
    rd_kafka_metadata_destroy(metadata);
    if (found.topics.empty())
        return KafkaTopicInfo{name, {}, 0, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
    return std::move(found.topics.front());
}

Result<std::vector<KafkaPlace>> KafkaClient::offsetsAt(std::vector<KafkaPlace> places, std::int64_t milliseconds, Millis timeout) const
{
    if (places.empty())
        return places;
    for (KafkaPlace &place : places)
        place.offset = milliseconds;
    const Mono until = Mono::clock::now() + timeout;
    const PlaceList asked(places);
    rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(m_handle, asked.list, static_cast<int>(timeout.count()));
    // Leaders move; those of a topic that was made a moment ago do. librdkafka then looks for them anew, and has to be asked again.
    while (isLeaderMoving(error) && Mono::clock::now() + LeaderPause < until) {
        std::this_thread::sleep_for(LeaderPause);
        for (int i = 0; i < asked.list->cnt; ++i)
            asked.list->elems[i].offset = milliseconds;
        const auto left = std::chrono::ceil<Millis>(until - Mono::clock::now());
        error = rd_kafka_offsets_for_times(m_handle, asked.list, std::max(1, static_cast<int>(left.count())));
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return explain(error, rd_kafka_err2str(error));
    // The answer may come in another order. A partition without a leader, for one, has none, and must not hold up the others.
    for (KafkaPlace &place : places) {
        const auto *answer = rd_kafka_topic_partition_list_find(asked.list, place.topic.c_str(), place.partition);
        place.offset = answer == nullptr || answer->err != RD_KAFKA_RESP_ERR_NO_ERROR ? NoOffset : answer->offset;
    }
    return places;
}

Result<Done> KafkaClient::assign(const std::vector<KafkaPlace> &places)
{
    const PlaceList list(places);
    rd_kafka_error_t *failed = rd_kafka_incremental_assign(m_handle, list.list);
    if (failed == nullptr)
        return Done{};
    Error error = explain(rd_kafka_error_code(failed), rd_kafka_error_string(failed));
    rd_kafka_error_destroy(failed);
    return error;
}

Result<Done> KafkaClient::unassign(const std::vector<KafkaPlace> &places)
{
    const PlaceList list(places);
    rd_kafka_error_t *failed = rd_kafka_incremental_unassign(m_handle, list.list);
    if (failed == nullptr)
        return Done{};
    Error error = explain(rd_kafka_error_code(failed), rd_kafka_error_string(failed));
    rd_kafka_error_destroy(failed);
    return error;
}

}
