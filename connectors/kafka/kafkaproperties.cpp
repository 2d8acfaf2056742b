#include "connectors/kafka/kafkaproperties.h"

#include "core/fields.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace sg {
namespace {

constexpr std::array Allowed{"security.protocol", "sasl.mechanism", "sasl.username", "enable.ssl.certificate.verification",
                             "message.max.bytes"};
constexpr std::array Secrets{"sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret"};
constexpr std::array Files{"ssl.ca.location", "ssl.certificate.location"};
constexpr std::array AllowedPrefixes{"sasl.oauthbearer.", "fetch.", "socket."};

// Known to librdkafka 2.0.2 to 2.8 and not for a workspace: it takes part in groups, writes, runs or loads something, reads files
// of its own, changes how messages are counted, or is ours to choose. Prefixes end in a dot.
constexpr std::array Refused{"sasl.oauthbearer.config",
                             "sasl.oauthbearer.assertion.",
                             "sasl.kerberos.",
                             "sasl.mechanisms",
                             "sasl.password.",
                             "enable_sasl_queue",
                             "enable.sasl.",
                             "plugin.",
                             "ssl.engine.",
                             "ssl.providers",
                             "ssl.keystore.",
                             "ssl.crl.location",
                             "ssl.ca.pem",
                             "ssl.ca.certificate.stores",
                             "ssl.key.pem",
                             "ssl.certificate.pem",
                             "ssl.cipher.suites",
                             "ssl.curves.list",
                             "ssl.sigalgs.list",
                             "ssl.endpoint.",
                             "ssl_",
                             "https.ca.",
                             "interceptors",
                             "opaque",
                             "default_topic_conf",
                             "test.",
                             "debug",
                             "log_cb",
                             "log_level",
                             "log.",
                             "statistics.",
                             "enabled_events",
                             "error_cb",
                             "throttle_cb",
                             "stats_cb",
                             "consume_cb",
                             "rebalance_cb",
                             "offset_commit_cb",
                             "socket_cb",
                             "connect_cb",
                             "closesocket_cb",
                             "open_cb",
                             "resolve_cb",
                             "oauthbearer_token_refresh_cb",
                             "background_event_cb",
                             "dr_cb",
                             "dr_msg_cb",
                             "msg_order_cmp",
                             "builtin.features",
                             "client.",
                             "bootstrap.servers",
                             "metadata.",
                             "topic.",
                             "max.in.flight",
                             "max.in.flight.requests.per.connection",
                             "message.copy.max.bytes",
                             "receive.message.max.bytes",
                             "broker.",
                             "connections.",
                             "enable.sparse.connections",
                             "reconnect.",
                             "retry.",
                             "internal.",
                             "enable.random.seed",
                             "api.",
                             "allow.auto.create.topics",
                             "group.",
                             "partition.assignment.strategy",
                             "session.",
                             "heartbeat.",
                             "coordinator.",
                             "max.poll.interval.ms",
                             "enable.auto.commit",
                             "auto.",
                             "enable.auto.offset.store",
                             "queued.",
                             "max.partition.fetch.bytes",
                             "offset.",
                             "isolation.level",
                             "enable.partition.eof",
                             "check.crcs",
                             "transactional.id",
                             "transaction.",
                             "enable.idempotence",
                             "enable.gapless.guarantee",
                             "enable.metrics.push",
                             "queue.",
                             "linger.ms",
                             "message.send.max.retries",
                             "retries",
                             "compression.",
                             "batch.",
                             "delivery.report.only.error",
                             "sticky.partitioning.linger.ms",
                             "request.",
                             "acks",
                             "message.timeout.ms",
                             "delivery.timeout.ms",
                             "queuing.",
                             "produce.offset.report",
                             "partitioner",
                             "partitioner_cb",
                             "consume.callback.max.messages"};

bool isIn(std::span<const char *const> names, std::string_view name)
{
    return std::ranges::any_of(names, [name](std::string_view one) { return one == name; });
}

bool isInOrUnder(std::span<const char *const> names, std::string_view name)
{
    return std::ranges::any_of(names, [name](std::string_view one) {
        const bool isPrefix = one.ends_with('.') || one.ends_with('_');
        return isPrefix ? name.starts_with(one) : name == one;
    });
}

}

KafkaProperty kafkaProperty(std::string_view name)
{
    if (isIn(Secrets, name))
        return KafkaProperty::Secret;
    if (isIn(Files, name))
        return KafkaProperty::File;
    if (name == "ssl.key.location")
        return KafkaProperty::KeyFile;
    if (isIn(Allowed, name))
        return KafkaProperty::Allowed;
    // Before the allowed prefixes: some names below them are refused.
    if (isInOrUnder(Refused, name))
        return KafkaProperty::Refused;
    if (isInOrUnder(AllowedPrefixes, name))
        return KafkaProperty::Allowed;
    return KafkaProperty::Unknown;
}

std::string nearestAllowedKafkaProperty(std::string_view name)
{
    std::vector<std::string> known{"ssl.key.location",  "fetch.wait.max.ms",       "fetch.min.bytes",         "fetch.message.max.bytes",
                                   "socket.timeout.ms", "socket.keepalive.enable", "sasl.oauthbearer.method", "sasl.oauthbearer.client.id"};
    known.insert(known.end(), Allowed.begin(), Allowed.end());
    known.insert(known.end(), Secrets.begin(), Secrets.end());
    known.insert(known.end(), Files.begin(), Files.end());
    return nearestName(name, known);
}

}
