#include "workspace/routes.h"

#include <algorithm>

// The tables of routes.yaml: kinds of receivers with their fields, and what texts may name.
namespace sg {

namespace {

constexpr const char *Securities[] = {"starttls", "tls", "none"};
constexpr const char *Methods[] = {"POST", "GET"};
constexpr const char *MqttVersions[] = {"5", "4", "3", "3.1.1", "3.1"};

constexpr Field Timeout{.key = "timeout",
                        .type = FieldType::Duration,
                        .byDefault = "15s",
                        .label = SG_TR("Time-out"),
                        .help = SG_TR("How long one attempt may take; then it is tried again.")};
constexpr Field Ca{.key = "ca",
                   .type = FieldType::Path,
                   .label = SG_TR("CA certificate"),
                   .help = SG_TR("Who must have signed the server's certificate; the system's list when empty.")};
constexpr Field Body{.key = "body",
                     .type = FieldType::Any,
                     .label = SG_TR("Body"),
                     .help = SG_TR("The JSON to send, as YAML: texts may hold {name}, {value} and the like. Without it every fact.")};
constexpr Field Password{.key = "password",
                         .type = FieldType::Secret,
                         .label = SG_TR("Password"),
                         .help = SG_TR("By reference: { env: SG_NAME } or { file: PATH }.")};

constexpr Field SmtpFields[] = {
    {.key = "host", .isRequired = true, .label = SG_TR("Server"), .help = SG_TR("The mail server's name or address.")},
    {.key = "port", .type = FieldType::Integer, .label = SG_TR("Port"), .help = SG_TR("587 with starttls, 465 with tls, else 25.")},
    {.key = "security",
     .type = FieldType::Choice,
     .byDefault = "starttls",
     .label = SG_TR("Security"),
     .help = SG_TR("starttls, tls from the first byte, or none: only inside a machine."),
     .choices = Securities},
    {.key = "user", .label = SG_TR("User")},
    Password,
    Ca,
    Timeout,
    {.key = "from", .isRequired = true, .label = SG_TR("From"), .help = SG_TR("The sender's address.")},
    {.key = "to", .type = FieldType::Texts, .isRequired = true, .label = SG_TR("To"), .help = SG_TR("Addresses of who is told.")},
    {.key = "subject",
     .byDefault = "[{priority}] {name}: {key}",
     .label = SG_TR("Subject"),
     .help = SG_TR("May hold {name}, {value} and the like.")},
};
constexpr Field HttpFields[] = {
    {.key = "url",
     .type = FieldType::Any, // a text, or a secret's reference
     .isRequired = true,
     .label = SG_TR("URL"),
     .help
     = SG_TR("https://host/path, or http:// inside the plant; one that is a secret by reference: { env: SG_NAME } or { file: PATH }.")},
    {.key = "method", .type = FieldType::Choice, .byDefault = "POST", .label = SG_TR("Method"), .choices = Methods},
    {.key = "token",
     .type = FieldType::Secret,
     .label = SG_TR("Token"),
     .help = SG_TR("Sent as Authorization: Bearer; by reference: { env: SG_NAME } or { file: PATH }.")},
    {.key = "headers", .type = FieldType::Map, .label = SG_TR("Headers"), .help = SG_TR("More headers: texts, or secrets by reference.")},
    Ca,
    Timeout,
    Body,
};
constexpr Field MqttFields[] = {
    {.key = "broker", .isRequired = true, .label = SG_TR("Broker"), .help = SG_TR("tcp://host:port, or ssl://host:port with TLS.")},
    {.key = "topic", .isRequired = true, .label = SG_TR("Topic"), .help = SG_TR("Where it is published, with QoS 1.")},
    {.key = "version", .type = FieldType::Choice, .byDefault = "5", .label = SG_TR("MQTT version"), .choices = MqttVersions},
    {.key = "user", .label = SG_TR("User")},
    Password,
    Ca,
    {.key = "certificate", .type = FieldType::Path, .label = SG_TR("Own certificate")},
    // No Path: a private key may lie outside of the workspace; the connector's own check looks at it.
    {.key = "key", .type = FieldType::Text, .label = SG_TR("Own key")},
    Timeout,
    Body,
};
constexpr Field KafkaFields[] = {
    {.key = "brokers", .type = FieldType::Texts, .isRequired = true, .label = SG_TR("Brokers")},
    {.key = "topic", .isRequired = true, .label = SG_TR("Topic"), .help = SG_TR("Must exist; written with acks=all.")},
    {.key = "properties", .type = FieldType::Map, .label = SG_TR("Properties"), .help = SG_TR("librdkafka properties for TLS and SASL.")},
    {.key = "token", .type = FieldType::Secret, .label = SG_TR("Token"), .help = SG_TR("Of sasl.mechanism OAUTHBEARER.")},
    Timeout,
    Body,
};

constexpr const char *Placeholders[]
    = {"action",     "area", "cause",    "consequence", "event",  "field", "key",  "level", "limit", "name",  "notes",    "number",
       "occurrence", "path", "priority", "quality",     "raised", "route", "rule", "state", "unit",  "value", "workspace"};

}

std::span<const RouteKind> routeKinds()
{
    static const RouteKind kinds[] = {
        {"smtp", SG_TR("E-mail"), SmtpFields},
        {"http", SG_TR("Webhook"), HttpFields},
        {"mqtt", SG_TR("MQTT"), MqttFields},
        {"kafka", SG_TR("Kafka"), KafkaFields},
    };
    return kinds;
}

const RouteKind *routeKind(std::string_view name)
{
    const auto kinds = routeKinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const RouteKind &kind) { return name == kind.name; });
    return found == kinds.end() ? nullptr : &*found;
}

std::span<const char *const> routePlaceholders()
{
    return Placeholders;
}

}
