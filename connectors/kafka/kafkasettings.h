#pragma once

#include "core/source.h"
#include "decode/guards.h"
#include "decode/topicpattern.h"

namespace sg {

// Where a partition begins of which nothing is stored.
struct KafkaStart
{
    enum class From : std::uint8_t { Earliest, Latest, Ago, At, Last };
    From from = From::Latest;
    Micros ago{0};
    Time at{};
    std::int64_t last = 0; // of Last: so many records of each partition
};

// The kafka: {...} map of a source, checked and typed. A value; secrets are in it only when they were read.
struct KafkaSettings
{
    std::vector<std::string> brokers;
    TopicChoice choice;
    std::vector<std::pair<std::string, std::string>> properties; // of librdkafka, allowed ones only, file names resolved
    std::vector<std::string> secrets; // values that must not appear in any text
    std::string mechanism; // "PLAIN"
    std::string protocol = "plaintext"; // in lower case
    Node token; // of OAUTHBEARER: the reference, read again whenever the token is about to expire
    KafkaStart start;
    SourceGuards guards;
    std::string clientName;
    bool isCertificateChecked = true;
    bool needsHeaders = false; // some place of the declaration is header:x; else they are not even parsed

    [[nodiscard]] bool hasPatterns() const; // so that the whole list of topics is needed
    [[nodiscard]] bool usesTls() const { return protocol.ends_with("ssl"); }
    [[nodiscard]] bool usesSasl() const { return protocol.starts_with("sasl"); }
    // Text of a client library, escaped and bounded, with every secret replaced.
    [[nodiscard]] std::string safe(std::string_view text) const;
};

Fields kafkaFields();

enum class SecretUse : std::uint8_t { Skip, Read };
// Every fault, and what could be read. Reads no secret when told to skip them (`check` runs without them).
std::vector<Error> readKafkaSettings(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings);
// The same of what is needed to connect: brokers, properties and token.
std::vector<Error> readKafkaConnection(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings);

}
