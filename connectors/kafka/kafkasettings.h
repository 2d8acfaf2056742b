#pragma once

#include "core/source.h"
#include "decode/topicpattern.h"

namespace sg {

// Where a partition begins of which nothing is stored.
struct KafkaStart
{
    enum class From : std::uint8_t { Earliest, Latest, Ago, At };
    From from = From::Latest;
    Micros ago{0};
    Time at{};
};

// The kafka: {...} map of a source, checked and typed. A value; secrets are in it only when they were read.
struct KafkaSettings
{
    std::vector<std::string> brokers;
    TopicChoice choice;
    std::vector<std::pair<std::string, std::string>> properties; // of librdkafka, allowed ones only, file names resolved
    std::vector<std::string> secrets; // values that must not appear in any text
    KafkaStart start;
    std::string clientName;
    bool usesScram = false;
    bool isCertificateChecked = true;
    bool needsHeaders = false; // some place of the declaration is header:x; else they are not even parsed

    [[nodiscard]] bool hasPatterns() const; // so that the whole list of topics is needed
    // Text of a client library, escaped and bounded, with every secret replaced.
    [[nodiscard]] std::string safe(std::string_view text) const;
};

Fields kafkaFields();

enum class SecretUse : std::uint8_t { Skip, Read };
// Every fault, and what could be read. Reads no secret when told to skip them (`check` runs without them).
std::vector<Error> readKafkaSettings(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings);

}
