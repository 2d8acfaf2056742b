#include "connectors/mqtt/mqttroad.h"

#include "connectors/mqtt/mqttwire.h"

#include "core/platform.h"
#include "core/text.h"

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis StepLimit = 5s;
constexpr Millis GlanceLimit = 1500ms; // what a broker in order says at once
constexpr std::size_t LongestHead = 64; // of what is looked at of an answer

const Error Stopped{SG_TR("stopped"), {}, {}};

void addText(std::string &bytes, std::string_view text)
{
    bytes += static_cast<char>(text.size() >> 8U);
    bytes += static_cast<char>(text.size() & 255U);
    bytes += text;
}

// A login that leaves no session behind.
std::string connectPacket(const MqttSettings &settings, MqttVersion version)
{
    constexpr unsigned Clean = 2, HasPassword = 64, HasUser = 128;
    const auto bounded = [](const std::string &text) { return std::string_view(text).substr(0, 65535); };
    std::string body;
    addText(body, version == MqttVersion::V31 ? "MQIsdp" : "MQTT");
    body += static_cast<char>(version == MqttVersion::V31 ? 3 : version == MqttVersion::V311 ? 4 : 5);
    const bool hasPassword = !settings.user.empty() && !settings.password.empty();
    body += static_cast<char>(Clean | (settings.user.empty() ? 0 : HasUser) | (hasPassword ? HasPassword : 0));
    body += std::string_view("\0\x0a", 2); // keep-alive
    if (version == MqttVersion::V5)
        body += '\0'; // no properties
    addText(body, "sg-" + randomName()); // MQTT 3.1 allows 23 characters
    if (!settings.user.empty())
        addText(body, bounded(settings.user));
    if (hasPassword)
        addText(body, bounded(settings.password));
    std::string packet("\x10");
    for (std::size_t length = body.size(); true; length >>= 7U) {
        packet += static_cast<char>((length & 127U) | (length > 127 ? 128U : 0U));
        if (length <= 127)
            break;
    }
    return packet + body;
}

// The return code or reason of a CONNACK; nothing: something else came, or not enough of it.
std::optional<int> answerOf(MqttWire &wire)
{
    if (!wire.receive(4) || wire.received()[0] != '\x20')
        return std::nullopt;
    // Of MQTT 5 it may be long: its length then takes more than one byte.
    std::size_t at = 1;
    while (at < 4 && (static_cast<unsigned char>(wire.received()[at]) & 128U) != 0)
        ++at;
    if (!wire.receive(at + 3))
        return std::nullopt;
    return static_cast<unsigned char>(wire.received()[at + 2]);
}

std::optional<int> login(const MqttSettings &settings, MqttVersion version, MqttWire &wire)
{
    if (!wire.send(connectPacket(settings, version))) {
        static_cast<void>(wire.receive(1)); // why
        return std::nullopt;
    }
    const auto code = answerOf(wire);
    if (code == 0)
        static_cast<void>(wire.send(std::string_view("\xe0\0", 2)));
    return code;
}

MqttWire glance(TcpConnection connection, const std::stop_token &stop)
{
    return {std::move(connection), Mono::clock::now() + GlanceLimit, stop};
}

// Whether the port speaks MQTT in the open. No name and no password is sent there.
bool speaksOpenly(const MqttSettings &settings, const ServerAddress &address, const std::stop_token &stop)
{
    Reach reach = reachServer(address, GlanceLimit, stop);
    if (reach.how != Reach::How::Answers)
        return false;
    MqttSettings nobody = settings;
    nobody.user.clear();
    MqttWire wire = glance(std::move(reach.connection), stop);
    return login(nobody, settings.version, wire).has_value();
}

// Whether the port answers to the first words of TLS with a record of TLS, be it only an alert.
bool speaksTls(const ServerAddress &address, const std::stop_token &stop)
{
    Reach reach = reachServer(address, GlanceLimit, stop);
    if (reach.how != Reach::How::Answers)
        return false;
    MqttWire wire = glance(std::move(reach.connection), stop);
    std::string hello("\x16\x03\x01\0\x2f\x01\0\0\x2b\x03\x03", 11); // record, ClientHello of 43 bytes, TLS 1.2
    hello += randomName() + randomName();
    hello += std::string_view("\0\0\x04\x13\x01\xc0\x2b\x01\0", 9); // no session, two ciphers, no compression, no extensions
    if (!wire.send(hello) || !wire.receive(3))
        return false;
    return (wire.received()[0] == '\x16' || wire.received()[0] == '\x15') && wire.received()[1] == '\x03';
}

Error whyNotReached(const Reach &reach, const std::string &name)
{
    switch (reach.how) {
    case Reach::How::NotKnown:
        return {
            SG_TR("mqtt: resolve: %1 cannot be resolved here (%2); check the name, or this machine's name server"), {name, reach.why}, {}};
    case Reach::How::Refused:
        return {SG_TR("mqtt: TCP: %1 refuses connections (%2); check the port, and whether the broker runs"), {name, reach.why}, {}};
    case Reach::How::Silent:
        return {SG_TR("mqtt: TCP: %1 does not answer within %2 s; a firewall may drop what is sent there"),
                {name, std::to_string(std::chrono::duration_cast<std::chrono::seconds>(StepLimit).count())},
                {}};
    case Reach::How::NoRoute:
        return {SG_TR("mqtt: TCP: no way to %1 from here (%2)"), {name, reach.why}, {}};
    case Reach::How::Answers:
    case Reach::How::Stopped:
        break;
    }
    return Stopped;
}

// A login that got no answer: what else may be at that port.
Error whyNoAnswer(const MqttSettings &settings, const ServerAddress &address, const MqttWire &wire, const std::stop_token &stop)
{
    const std::string broker = shown(settings.broker);
    if (stop.stop_requested())
        return Stopped;
    if (auto why = wire.whyTls(settings))
        return *std::move(why);
    if (!wire.received().empty())
        return {SG_TR("mqtt: login: what answers at %1 is no MQTT broker (%2)"),
                {broker, settings.safe(std::string_view(wire.received()).substr(0, LongestHead))},
                {}};
    if (!settings.isTls() && speaksTls(address, stop))
        return {SG_TR("mqtt: login: %1 speaks TLS at this port; write ssl:// for tcp://"), {broker}, {}};
    if (settings.version == MqttVersion::V5 && !settings.isTls()) {
        MqttSettings older = settings;
        older.version = MqttVersion::V311;
        if (speaksOpenly(older, address, stop))
            return {SG_TR("mqtt: login: %1 does not speak MQTT 5; write version: 4"), {broker}, {}};
    }
    return wire.isClosed()
        ? Error{SG_TR("mqtt: login: %1 takes connections and ends them before its first word; it may be no MQTT broker, or "
                      "let in only some machines"),
                {broker},
                {}}
        : Error{SG_TR("mqtt: login: %1 takes connections and says nothing; it may be no MQTT broker, or hang"), {broker}, {}};
}

}

Result<Done> walkToMqtt(const MqttSettings &settings, const std::function<void(const Error &step)> &say, const std::stop_token &stop)
{
    const auto address = ServerAddress::of(settings.broker, settings.isTls() ? "8883" : "1883");
    const std::string name = shown(address.text());
    Reach reach = reachServer(address, StepLimit, stop);
    if (reach.how != Reach::How::Answers)
        return whyNotReached(reach, name);
    say(Error{SG_TR("%1 is %2 and takes connections"), {name, reach.address}, {}});
    MqttWire wire(std::move(reach.connection), Mono::clock::now() + StepLimit, stop);
    if (settings.isTls()) {
        if (auto why = wire.startTls(settings, address.host)) {
            if (wire.isNoTls() && speaksOpenly(settings, address, stop))
                return Error{SG_TR("mqtt: TLS: %1 speaks MQTT without TLS at this port; write tcp:// for ssl://, or take its port for TLS"),
                             {shown(settings.broker)},
                             {}};
            return *std::move(why);
        }
        say(Error{SG_TR("TLS: the broker's certificate is trusted"), {}, {}});
    }
    const auto code = login(settings, settings.version, wire);
    if (!code)
        return whyNoAnswer(settings, address, wire, stop);
    if (*code != 0)
        return whyMqttRefuses(settings, *code);
    say(settings.user.empty() ? Error{SG_TR("logged in without a user"), {}, {}}
                              : Error{SG_TR("logged in as %1"), {shown(settings.user)}, {}});
    return Done{};
}

// MQTT 3's return codes are below 10, MQTT 5's reasons from 128.
Error whyMqttRefuses(const MqttSettings &settings, int code)
{
    const std::string broker = shown(settings.broker);
    switch (code) {
    case 4:
    case 5:
    case 134:
    case 135:
        return settings.user.empty()
            ? Error{SG_TR("mqtt: login: %1 lets nobody in without a user; give user and password"), {broker}, {}}
            : Error{
                SG_TR("mqtt: login: %1 refuses this user or password; check both, and whether this user may connect there"), {broker}, {}};
    case 1:
    case 132:
        return settings.version == MqttVersion::V5
            ? Error{SG_TR("mqtt: login: %1 does not speak MQTT 5; write version: 4"), {broker}, {}}
            : Error{SG_TR("mqtt: login: %1 does not speak this version of MQTT; write another version"), {broker}, {}};
    case 2:
    case 133:
        return {SG_TR("mqtt: login: %1 refuses the client id %2"), {broker, shown(settings.clientId)}, {}};
    case 3:
    case 136:
    case 137:
        return {SG_TR("mqtt: login: %1 is not ready, or has no room for more clients; it is tried again"), {broker}, {}};
    case 138:
        return {SG_TR("mqtt: login: %1 has banned this client; ask who runs it"), {broker}, {}};
    case 156:
    case 157:
        return {SG_TR("mqtt: login: %1 sends its clients to another server; write that one"), {broker}, {}};
    case 159:
        return {SG_TR("mqtt: login: %1 takes no more logins just now; it is tried again"), {broker}, {}};
    default:
        return {SG_TR("mqtt: login: %1 refuses the connection (reason %2)"), {broker, std::to_string(code)}, {}};
    }
}

Error whyMqttRefuses(const std::string &filter, int code)
{
    const std::string name = shown(filter);
    switch (code) {
    case 128: // all that MQTT 3.1.1 can say
    case 135:
        return {SG_TR("mqtt: authorisation: this user may not subscribe to '%1'; ask who runs the broker"), {name}, {}};
    case 143:
        return {SG_TR("mqtt: the broker does not take '%1' as a topic"), {name}, {}};
    case 151:
        return {SG_TR("mqtt: the broker's quota leaves no room for the subscription to '%1'"), {name}, {}};
    case 158:
        return {SG_TR("mqtt: the broker knows no shared subscriptions ('%1'); leave out share"), {name}, {}};
    case 162:
        return {SG_TR("mqtt: the broker takes no + or # ('%1'); name the topics in full"), {name}, {}};
    default:
        return {SG_TR("mqtt: the broker refuses the subscription to '%1' (reason %2)"), {name, std::to_string(code)}, {}};
    }
}

}
