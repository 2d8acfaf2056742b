#pragma once

#include "connectors/harness.h"
#include "stack/stack.h"

#include <filesystem>

// Declarations of Kafka sources for tests.
namespace sg::test {

// A source "s" of {"n": 1} messages; its one series is s/n, or s/<line>/n when the pattern captures a line.
inline SourceSpec kafkaSpec(const std::string &brokers, const std::vector<std::string> &topics, const std::string &start,
                            bool hasLine = false)
{
    SourceSpec spec;
    spec.id = "s";
    spec.kind = "kafka";
    spec.clientName = "sightglass-test";
    spec.settings = map({{"brokers", list({brokers})}, {"topics", list(topics)}, {"start", scalar(start)}});
    spec.declaration = map({{"id", scalar("s")},
                            {"path", list(hasLine ? std::vector<std::string>{"line"} : std::vector<std::string>{})},
                            {"time", map({{"basis", scalar("broker")}})},
                            {"decode", map({{"json", map({{"fields", map({{"n", map({{"at", scalar("/n")}})}})}})}})}});
    return spec;
}

inline Node secretOf(const std::string &variable)
{
    return map({{"env", scalar(variable)}});
}

// Sets a key of a map, or removes it (a missing node).
inline void setKey(Node &node, const std::string &key, Node value)
{
    std::erase_if(node.map, [&key](const auto &entry) { return entry.first == key; });
    if (!value.isMissing())
        node.map.emplace_back(key, std::move(value));
}

inline void setKafkaProperty(SourceSpec &spec, const std::string &name, Node value)
{
    if (!spec.settings.has("properties"))
        spec.settings.map.emplace_back("properties", map({}));
    for (auto &[key, properties] : spec.settings.map) {
        if (key == "properties")
            setKey(properties, name, std::move(value));
    }
}

// TLS with a login; the password in the environment variable SG_TEST_SECRET.
inline void useSasl(SourceSpec &spec, const Stack &stack, const std::string &ca)
{
    setKey(spec.settings, "brokers", list({stack["SG_KAFKA_SASL_BROKERS"]}));
    const std::filesystem::path file(stack[ca]);
    spec.folder = file.parent_path();
    setKafkaProperty(spec, "security.protocol", scalar("SASL_SSL"));
    setKafkaProperty(spec, "sasl.mechanism", scalar(stack["SG_KAFKA_SASL_MECHANISM"]));
    setKafkaProperty(spec, "sasl.username", scalar(stack["SG_KAFKA_USER"]));
    setKafkaProperty(spec, "sasl.password", secretOf("SG_TEST_SECRET"));
    setKafkaProperty(spec, "ssl.ca.location", scalar(file.filename()));
}

}
