#include "connectors/mqtt/mqttsettings.h"

#include "core/secret.h"
#include "core/text.h"
#include "core/workspacefile.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace sg {
namespace {

constexpr std::array QosNames{"0", "1", "2"};
constexpr std::array VersionNames{"5", "4", "3", "3.1.1", "3.1"};
constexpr std::array Table{
    Field{"broker", FieldType::Text, true, "", "", SG_TR("Broker"), SG_TR("tcp://host:port, or ssl://host:port with TLS."), {}, {}},
    Field{"topics",
          FieldType::Texts,
          true,
          "",
          "",
          SG_TR("Topics"),
          SG_TR("Topics with {name} for a level to capture, + for any level, # for the rest."),
          {},
          {}},
    Field{"except", FieldType::Texts, false, "", "", SG_TR("Except"), SG_TR("Topics to leave out, in the same forms."), {}, {}},
    Field{"share",
          FieldType::Text,
          false,
          "",
          "",
          SG_TR("Share group"),
          SG_TR("Each message goes to one member of this group, so this source gets a part of them; retained ones need not come."),
          {},
          {}},
    Field{"qos",
          FieldType::Choice,
          false,
          "1",
          "",
          SG_TR("QoS"),
          SG_TR("0: what is sent while away is lost. 1 and 2: the broker keeps it; 2 is subscribed as 1 and repetitions are dropped here."),
          QosNames,
          {}},
    Field{"version",
          FieldType::Choice,
          false,
          "5",
          "",
          SG_TR("MQTT version"),
          SG_TR("5, or 4 for MQTT 3.1.1, or 3 for MQTT 3.1."),
          VersionNames,
          {}},
    Field{"user", FieldType::Text, false, "", "", SG_TR("User"), "", {}, {}},
    Field{"password",
          FieldType::Secret,
          false,
          "",
          "",
          SG_TR("Password"),
          SG_TR("By reference: { env: SG_NAME } or { file: PATH }."),
          {},
          {}},
    Field{"ca",
          FieldType::Path,
          false,
          "",
          "",
          SG_TR("CA certificate"),
          SG_TR("Who must have signed the broker's certificate; the system's list when empty."),
          {},
          {}},
    Field{"certificate", FieldType::Path, false, "", "", SG_TR("Own certificate"), SG_TR("For brokers that ask clients for one."), {}, {}},
    Field{"key", FieldType::Path, false, "", "", SG_TR("Own key"), SG_TR("The private key of the own certificate."), {}, {}},
    Field{"keep_alive",
          FieldType::Duration,
          false,
          "60s",
          "",
          SG_TR("Keep-alive"),
          SG_TR("The longest silence; the broker takes us for gone after one and a half of it."),
          {},
          {}},
    Field{"spool_mb",
          FieldType::Integer,
          false,
          "256",
          "MB",
          SG_TR("Spool"),
          SG_TR("Room on the disk for what came with QoS 1 or 2 and is not saved yet; when it is full, the broker keeps the rest."),
          {},
          {}},
};

void readFile(const SourceSpec &spec, const char *name, std::string &path, std::vector<Error> &faults)
{
    const Node &node = spec.settings[name];
    if (node.isMissing() || node.scalar.empty())
        return;
    // A private key has no place in a folder that is kept in git, so its path may be absolute.
    if (std::string_view(name) == "key" && std::filesystem::path(node.scalar).is_absolute()) {
        path = node.scalar;
        return;
    }
    auto file = fileInWorkspace(spec.folder, node.scalar, name);
    if (file)
        path = *std::move(file);
    else
        faults.push_back(node.error(file.error().text, file.error().args));
}

void readVersion(const Node &node, MqttVersion &version, std::vector<Error> &faults)
{
    if (node.isMissing() || node.scalar == "5")
        version = MqttVersion::V5;
    else if (node.scalar == "4" || node.scalar == "3.1.1")
        version = MqttVersion::V311;
    else if (node.scalar == "3" || node.scalar == "3.1")
        version = MqttVersion::V31;
    else
        faults.push_back(node.error(SG_TR("version: '%1' is no version of MQTT; expected 5, 4 (3.1.1) or 3 (3.1)"), {shown(node.scalar)}));
}

}

std::vector<std::string> MqttSettings::filters() const
{
    std::vector<std::string> filters;
    for (const TopicPattern &topic : choice.topics)
        filters.push_back(topic.mqttFilter());
    std::ranges::sort(filters);
    const auto twice = std::ranges::unique(filters);
    filters.erase(twice.begin(), twice.end());
    return filters;
}

std::vector<std::string> MqttSettings::subscriptions() const
{
    std::vector<std::string> all = filters();
    if (!share.empty()) {
        for (std::string &filter : all)
            filter.insert(0, "$share/" + share + '/');
    }
    return all;
}

std::string MqttSettings::spoolFolder(const SourceSpec &spec) const
{
    if (qos == 0 || spec.stateFolder.empty())
        return {};
    return spec.stateFolder + "/spool/" + hex(StableHash().add(clientId).value());
}

std::string MqttSettings::safe(std::string_view text) const
{
    return shown(withoutSecret(std::string(text), password), 400);
}

Fields mqttFields()
{
    return Table;
}

std::vector<Error> readMqttSettings(const SourceSpec &spec, MqttSecrets secrets, MqttSettings &settings, bool needsTopics)
{
    std::vector<Error> faults;
    const Node &node = spec.settings;
    settings.broker = node.text("broker");
    const bool isUrl = (settings.broker.starts_with("tcp://") || settings.broker.starts_with("ssl://")) && settings.broker.size() > 6
        && settings.broker.find_first_of(" \t\n@") == std::string::npos;
    if (!isUrl)
        faults.push_back(
            node.error(SG_TR("source %1: broker '%2' is neither tcp://host:port nor ssl://host:port"), {spec.id, shown(settings.broker)}));
    settings.choice = TopicChoice::read(node, '/', faults);
    for (const TopicPattern &topic : settings.choice.topics) {
        if (topic.text().starts_with("$share/"))
            faults.push_back(
                node["topics"].error(SG_TR("topics: '%1': write the group as share, and the topic without it"), {shown(topic.text())}));
    }
    if (needsTopics && readTexts(node["topics"]).empty())
        faults.push_back(node.error(SG_TR("source %1: mqtt needs topics"), {spec.id}));
    const std::string qos = node.text("qos", "1");
    if (qos == "0" || qos == "1" || qos == "2")
        settings.qos = qos.front() - '0';
    else
        faults.push_back(node["qos"].error(SG_TR("qos: '%1' is not 0, 1 or 2"), {shown(qos)}));
    readVersion(node["version"], settings.version, faults);
    settings.share = node.text("share");
    if (settings.share.find_first_of("/+#") != std::string::npos || !isUtf8(settings.share))
        faults.push_back(node["share"].error(SG_TR("share: '%1' is no name of a group: it may hold no / + #"), {shown(settings.share)}));
    else if (!settings.share.empty() && settings.version != MqttVersion::V5)
        faults.push_back(node["share"].error(SG_TR("share: shared subscriptions need version: 5")));
    if (node.has("keep_alive")) {
        const auto keepAlive = readDuration(node["keep_alive"], "keep_alive");
        if (!keepAlive)
            faults.push_back(keepAlive.error());
        else if (*keepAlive < std::chrono::seconds(2) || *keepAlive > std::chrono::seconds(65535))
            faults.push_back(
                node["keep_alive"].error(SG_TR("keep_alive: '%1' is not between 2s and 18h"), {shown(node.text("keep_alive"))}));
        else
            settings.keepAlive = std::chrono::duration_cast<std::chrono::seconds>(*keepAlive);
    }
    if (node.has("spool_mb")) {
        const auto size = readNumber(node["spool_mb"], "spool_mb");
        if (!size)
            faults.push_back(size.error());
        else if (*size < 1 || *size > 1'000'000)
            faults.push_back(node["spool_mb"].error(SG_TR("spool_mb: '%1' is not between 1 and 1000000"), {shown(node.text("spool_mb"))}));
        else
            settings.spoolBytes = static_cast<std::uint64_t>(*size) << 20U;
    }
    settings.user = node.text("user");
    if (node.has("password")) {
        if (!isSecretReference(node["password"])) {
            faults.push_back(node["password"].error(SG_TR("password: given by reference only: { env: SG_NAME } or { file: PATH }")));
        } else if (secrets == MqttSecrets::Read) {
            auto secret = readSecret(node["password"]);
            if (secret)
                settings.password = *std::move(secret);
            else
                faults.push_back(secret.error());
        }
        if (settings.user.empty())
            faults.push_back(node["password"].error(SG_TR("password without user")));
    }
    readFile(spec, "ca", settings.ca, faults);
    readFile(spec, "certificate", settings.certificate, faults);
    readFile(spec, "key", settings.key, faults);
    if (!settings.isTls() && (!settings.ca.empty() || !settings.certificate.empty()))
        faults.push_back(node.error(SG_TR("source %1: ca and certificate need a broker that begins with ssl://"), {spec.id}));
    settings.clientId = (spec.stateName.empty() ? "sightglass" : spec.stateName) + "-" + spec.id;
    return faults;
}

}
