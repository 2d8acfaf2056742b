#include "connectors/kafka/kafkasettings.h"

#include "connectors/kafka/kafkaproperties.h"

#include "core/secret.h"
#include "core/text.h"
#include "core/times.h"
#include "core/workspacefile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

namespace sg {
namespace {

constexpr std::array Table{
    Field{
        "brokers", FieldType::Texts, true, "", "", SG_TR("Brokers"), SG_TR("Host and port of one or more brokers to begin with."), {}, {}},
    Field{"topics",
          FieldType::Texts,
          true,
          "",
          "",
          SG_TR("Topics"),
          SG_TR("Names, patterns such as plant.{line}.processed, or ^ and a regular expression."),
          {},
          {}},
    Field{"except", FieldType::Texts, false, "", "", SG_TR("Except"), SG_TR("Topics to leave out, in the same forms."), {}, {}},
    Field{"properties",
          FieldType::Map,
          false,
          "",
          "",
          SG_TR("Properties"),
          SG_TR("librdkafka properties for TLS, SASL and fetching."),
          {},
          {}},
    Field{"token",
          FieldType::Secret,
          false,
          "",
          "",
          SG_TR("Token"),
          SG_TR("Of sasl.mechanism OAUTHBEARER: { file: PATH }, read again before it expires."),
          {},
          {}},
    Field{"start",
          FieldType::Text,
          false,
          "latest",
          "",
          SG_TR("Start"),
          SG_TR("Where to begin when nothing is stored: earliest, latest, a duration ago (-2h), an ISO 8601 time, or last 100: so many of "
                "each partition."),
          {},
          {}},
    Field{"key",
          FieldType::Any, // read by the Intake, as what the record holds
          false,
          "text",
          "",
          SG_TR("Record key"),
          SG_TR("How record keys are read: text, json, int32 or int64; { text: { window: 60s } } for keys of windows."),
          {},
          {}},
};

void readStart(const Node &node, KafkaStart &start, std::vector<Error> &faults)
{
    if (node.isMissing())
        return;
    const std::string &text = node.scalar;
    if (text == "earliest") {
        start.from = KafkaStart::From::Earliest;
    } else if (text == "latest") {
        start.from = KafkaStart::From::Latest;
    } else if (text.starts_with("last ")) {
        const auto count = parseNumber(std::string_view(text).substr(5));
        if (!count || *count < 1 || *count > 1e9 || *count != std::floor(*count)) {
            faults.push_back(node.error(SG_TR("start: '%1' is not 'last' and a number of records, such as last 100"), {shown(text)}));
            return;
        }
        start.from = KafkaStart::From::Last;
        start.last = static_cast<std::int64_t>(*count);
    } else if (text.starts_with('-')) {
        const auto ago = parseDuration(text);
        if (!ago) {
            faults.push_back(node.error(ago.error().text, ago.error().args));
            return;
        }
        start.from = KafkaStart::From::Ago;
        start.ago = Micros(std::abs(ago->count()));
    } else {
        const auto at = parseIso(text);
        if (!at) {
            faults.push_back(node.error(SG_TR("start: '%1' is neither earliest, latest, last 100, a duration ago such as -2h, nor a time "
                                              "such as 2026-10-12T08:00:00Z"),
                                        {shown(text)}));
            return;
        }
        start.from = KafkaStart::From::At;
        start.at = *at;
    }
}

bool namesHeaders(const Node &node)
{
    const auto isInside = [](const auto &child) { return namesHeaders(child); };
    return node.scalar.starts_with("header:") || std::ranges::any_of(node.list, isInside)
        || std::ranges::any_of(node.map, [&](const auto &entry) { return entry.first.starts_with("header:") || isInside(entry.second); });
}

Result<std::string> fileOf(const SourceSpec &spec, const std::string &name, const std::string &value, KafkaProperty kind)
{
    // A private key is a secret file and has no place in a folder that is kept in git, so its path may be absolute.
    if (kind == KafkaProperty::KeyFile && std::filesystem::path(value).is_absolute())
        return value;
    return fileInWorkspace(spec.folder, value, name);
}

void readProperty(const SourceSpec &spec, const std::string &name, const Node &value, SecretUse secrets, KafkaSettings &settings,
                  std::vector<Error> &faults)
{
    const KafkaProperty kind = kafkaProperty(name);
    switch (kind) {
    case KafkaProperty::Unknown:
    case KafkaProperty::Refused: {
        const std::string nearest = nearestAllowedKafkaProperty(name);
        if (nearest.empty())
            faults.push_back(value.error(SG_TR("kafka property '%1' is not allowed in a workspace"), {shown(name)}));
        else
            faults.push_back(
                value.error(SG_TR("kafka property '%1' is not allowed in a workspace; did you mean '%2'?"), {shown(name), nearest}));
        return;
    }
    case KafkaProperty::Allowed:
    case KafkaProperty::Secret:
    case KafkaProperty::File:
    case KafkaProperty::KeyFile:
        break;
    }
    if (isSecretReference(value)) {
        if (secrets == SecretUse::Skip)
            return;
        auto secret = readSecret(value);
        if (!secret) {
            faults.push_back(secret.error());
            return;
        }
        settings.secrets.push_back(*secret);
        settings.properties.emplace_back(name, *std::move(secret));
        return;
    }
    if (value.kind != Node::Kind::Scalar) {
        faults.push_back(value.error(SG_TR("kafka property '%1': expected one text, or { env: SG_NAME } or { file: PATH }"), {name}));
        return;
    }
    if (kind == KafkaProperty::Secret) {
        faults.push_back(value.error(
            SG_TR("kafka property '%1' is a secret; it is given by reference only: { env: SG_NAME } or { file: PATH }"), {name}));
        return;
    }
    std::string text = value.scalar;
    if (kind == KafkaProperty::File || kind == KafkaProperty::KeyFile) {
        auto file = fileOf(spec, name, text, kind);
        if (!file) {
            faults.push_back(value.error(file.error().text, file.error().args));
            return;
        }
        text = *std::move(file);
    }
    if (name == "sasl.mechanism") {
        constexpr std::array known{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"};
        // GSSAPI starts the program kinit through a shell.
        if (std::ranges::find(known, text, [](const char *one) { return std::string_view(one); }) == known.end()) {
            faults.push_back(value.error(
                SG_TR("sasl.mechanism '%1' is not in this version; it knows PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER"),
                {shown(text)}));
            return;
        }
        settings.mechanism = text;
    }
    if (name == "enable.ssl.certificate.verification")
        settings.isCertificateChecked = text != "false";
    settings.properties.emplace_back(name, std::move(text));
}

void readProperties(const SourceSpec &spec, const Node &node, SecretUse secrets, KafkaSettings &settings, std::vector<Error> &faults)
{
    for (const auto &[name, value] : node.map)
        readProperty(spec, name, value, secrets, settings, faults);
    settings.protocol = node.text("security.protocol", "plaintext");
    std::ranges::transform(settings.protocol, settings.protocol.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    // Without a mechanism librdkafka takes GSSAPI, which is refused above.
    if (settings.usesSasl() && !node.has("sasl.mechanism"))
        faults.push_back(node.error(SG_TR("security.protocol '%1' needs sasl.mechanism"), {node.text("security.protocol")}));
}

void readToken(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings, std::vector<Error> &faults)
{
    const Node &token = spec.settings["token"];
    const Node &properties = spec.settings["properties"];
    const bool isBearer = settings.mechanism == "OAUTHBEARER";
    if (token.isMissing()) {
        if (isBearer && properties.text("sasl.oauthbearer.method") != "oidc")
            faults.push_back(properties["sasl.mechanism"].error(
                SG_TR("sasl.mechanism OAUTHBEARER needs token: { file: PATH }, or sasl.oauthbearer.method: oidc")));
        return;
    }
    if (!isBearer)
        faults.push_back(token.error(SG_TR("token belongs to sasl.mechanism OAUTHBEARER")));
    else if (!isSecretReference(token))
        faults.push_back(token.error(SG_TR("token is a secret; it is given by reference only: { file: PATH } or { env: SG_NAME }")));
    else if (const auto value = secrets == SecretUse::Read ? readSecret(token) : Result<std::string>(std::string()); !value)
        faults.push_back(value.error());
    else
        settings.secrets.push_back(*value);
    settings.token = token;
}

}

bool KafkaSettings::hasPatterns() const
{
    return std::ranges::any_of(choice.topics, [](const TopicPattern &one) { return !one.isPlain(); });
}

std::string KafkaSettings::safe(std::string_view text) const
{
    std::string clean(text);
    for (const std::string &secret : secrets)
        clean = withoutSecret(std::move(clean), secret);
    return shown(clean, 400);
}

Fields kafkaFields()
{
    return Table;
}

std::vector<Error> readKafkaConnection(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings)
{
    std::vector<Error> faults;
    const Node &node = spec.settings;
    settings.clientName = spec.clientName;
    settings.brokers = readTexts(node["brokers"]);
    if (settings.brokers.empty())
        faults.push_back(node.error(SG_TR("source %1: kafka needs brokers, for example [\"127.0.0.1:9092\"]"), {spec.id}));
    for (const std::string &broker : settings.brokers) {
        if (broker.empty() || broker.find_first_of(", \t\n") != std::string::npos)
            faults.push_back(node["brokers"].error(SG_TR("brokers: '%1' is not host:port"), {shown(broker)}));
    }
    readProperties(spec, node["properties"], secrets, settings, faults);
    readToken(spec, secrets, settings, faults);
    return faults;
}

std::vector<Error> readKafkaSettings(const SourceSpec &spec, SecretUse secrets, KafkaSettings &settings)
{
    std::vector<Error> faults = readKafkaConnection(spec, secrets, settings);
    const Node &node = spec.settings;
    settings.needsHeaders = namesHeaders(spec.declaration);
    settings.choice = TopicChoice::read(node, '.', faults);
    if (node["topics"].isMissing() || readTexts(node["topics"]).empty())
        faults.push_back(node.error(SG_TR("source %1: kafka needs topics"), {spec.id}));
    readStart(node["start"], settings.start, faults);
    std::vector<Error> told; // by the Intake's check
    settings.guards = SourceGuards::read(spec.declaration, told);
    return faults;
}

}
