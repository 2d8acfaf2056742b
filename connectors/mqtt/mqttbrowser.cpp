#include "connectors/mqtt/mqttbrowser.h"

#include "connectors/mqtt/mqttlink.h"
#include "connectors/mqtt/mqttlistener.h"
#include "connectors/mqtt/mqttroad.h"

#include "core/platform.h"
#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis ConnectLimit = 5s;
constexpr Millis AnswerLimit = 5s;
constexpr Millis Glance = 50ms; // how long a stop waits
constexpr Micros LongestListen = 10min;
const std::string Everything = "#"; // but what begins with $, where brokers tell of themselves

Mono now()
{
    return std::chrono::steady_clock::now();
}

class MqttBrowser final : public Browser
{
public:
    explicit MqttBrowser(MqttSettings settings)
        : m_settings(std::move(settings))
        , m_client(m_settings.broker, m_settings.clientId, mqtt::create_options(mqttProtocol(m_settings.version)))
    {
        m_client.set_message_callback([this](const mqtt::const_message_ptr &message) {
            try {
                if (message)
                    m_listener.put(*message);
            } catch (...) { // no memory; nothing may leave a callback of a C library
                return;
            }
        });
        m_client.set_connection_lost_handler([this](const std::string &why) {
            try {
                m_listener.noteLost(why);
            } catch (...) {
                return;
            }
        });
    }
    ~MqttBrowser() override
    {
        try {
            m_client.disable_callbacks();
            if (m_client.is_connected())
                m_client.disconnect(200)->wait_for(500ms);
        } catch (const std::exception &) {
            return; // it is gone already
        }
    }

    Result<Done> connect(const std::function<void(const Error &step)> &say, std::stop_token stop) override;
    Result<std::vector<BrowsedTopic>> list(Micros listen, std::stop_token stop) override;
    Result<Read> read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop) override;
    std::vector<Error> remarks() const override { return m_remarks; }

    [[nodiscard]] const MqttSettings &settings() const { return m_settings; }

private:
    Result<Done> subscribe(const std::vector<std::string> &filters, const std::stop_token &stop);
    void unsubscribe();
    Error lost() const;

    const MqttSettings m_settings;
    MqttListener m_listener; // outlives the client that calls it
    mqtt::async_client m_client;
    std::vector<std::string> m_subscribed;
    std::vector<Error> m_remarks;
};

Result<Done> MqttBrowser::connect(const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    if (auto walked = walkToMqtt(m_settings, say, stop); !walked)
        return walked;
    m_listener.open();
    if (const auto connected = connectMqtt(m_client, m_settings, false, ConnectLimit, stop); !connected)
        return connected.error();
    // What may not be read is said now, and not by a list that stays empty.
    const std::vector<std::string> filters = m_settings.filters();
    if (filters.empty())
        return Done{};
    if (auto subscribed = subscribe(filters, stop); !subscribed)
        return subscribed;
    if (!m_remarks.empty())
        return m_remarks.front();
    say(filters.size() == 1
            ? Error{SG_TR("subscribed to %1"), {shown(filters.front())}, {}}
            : Error{SG_TR("subscribed to %1 and %2 more"), {shown(filters.front()), std::to_string(filters.size() - 1)}, {}});
    unsubscribe();
    return Done{};
}

// To those that may be; the others are remarks. Fails when none may.
Result<Done> MqttBrowser::subscribe(const std::vector<std::string> &filters, const std::stop_token &stop)
{
    m_remarks.clear();
    const auto answers = subscribeMqtt(m_client, m_settings, filters, 0, AnswerLimit, [&stop] { return stop.stop_requested(); });
    if (stop.stop_requested())
        return Error{SG_TR("stopped"), {}, {}};
    if (m_listener.whyLost())
        return lost();
    for (std::size_t i = 0; i < filters.size(); ++i) {
        if (answers[i])
            m_remarks.push_back(*answers[i]);
        else
            m_subscribed.push_back(filters[i]);
    }
    return m_subscribed.empty() && !m_remarks.empty() ? Result<Done>(m_remarks.front()) : Done{};
}

void MqttBrowser::unsubscribe()
{
    try {
        for (const std::string &filter : m_subscribed)
            m_client.unsubscribe(filter); // what comes until the broker has heard is let go
    } catch (const std::exception &) {
        m_subscribed.clear(); // the connection is gone, and the session with it
    }
    m_subscribed.clear();
}

Error MqttBrowser::lost() const
{
    const std::string why = m_listener.whyLost().value_or("");
    return {SG_TR("mqtt: the connection to %1 was lost (%2)"), {shown(m_settings.broker), why.empty() ? "-" : m_settings.safe(why)}, {}};
}

Result<std::vector<BrowsedTopic>> MqttBrowser::list(Micros listen, std::stop_token stop)
{
    // One filter that holds all the others, or brokers send a message once for each that it matches.
    std::vector<std::string> wanted{Everything};
    std::ranges::copy_if(m_settings.filters(), std::back_inserter(wanted),
                         [](const std::string &filter) { return filter.starts_with('$'); });
    m_listener.countTopics();
    const Mono began = now();
    auto subscribed = subscribe(wanted, stop);
    if (std::ranges::find(m_subscribed, Everything) == m_subscribed.end() && !m_settings.filters().empty() && !stop.stop_requested()) {
        const std::vector<Error> refused = m_remarks;
        unsubscribe();
        subscribed = subscribe(m_settings.filters(), stop);
        m_remarks.insert(m_remarks.begin(), refused.begin(), refused.end());
    }
    if (!subscribed)
        return subscribed.error();
    const Mono until = began + std::min(listen, LongestListen);
    while (now() < until && !stop.stop_requested()) {
        if (m_listener.whyLost())
            return lost();
        std::this_thread::sleep_for(std::min<Mono::duration>(Glance, until - now()));
    }
    auto counted = m_listener.counted(std::chrono::duration_cast<Micros>(now() - began));
    unsubscribe();
    m_listener.rest();
    if (counted.beyond > 0)
        m_remarks.push_back({SG_TR("only the first %1 topics that came are listed; %2 messages were of others"),
                             {std::to_string(counted.topics.size()), std::to_string(counted.beyond)},
                             {}});
    return std::move(counted.topics);
}

Result<Browser::Read> MqttBrowser::read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop)
{
    using From = BrowseRequest::From;
    if (request.from != From::Newest && request.from != From::End)
        return Error{SG_TR("mqtt: a broker keeps no history: there are only the retained messages, and what comes from now on"), {}, {}};
    std::vector<std::string> filters = request.topics.empty() ? m_settings.filters() : request.topics;
    if (filters.empty())
        filters.push_back(Everything);
    m_listener.takeMessages(request.mostPerSecond, request.isFollowing ? 0 : request.count, request.mostBytes,
                            request.from == From::Newest);
    if (auto subscribed = subscribe(filters, stop); !subscribed)
        return subscribed.error();
    Read read;
    const Mono until = now() + request.patience;
    bool isWanted = true;
    while (isWanted && now() < until && !stop.stop_requested() && (request.isFollowing || read.given < request.count)) {
        if (auto message = m_listener.next(std::min<Mono>(until, now() + Glance))) {
            ++read.given;
            isWanted = take(*std::move(message));
        } else if (m_listener.whyLost()) {
            m_subscribed.clear();
            return lost();
        }
    }
    read.passedOver = m_listener.passedOver();
    read.remarks = m_remarks;
    unsubscribe();
    m_listener.rest();
    return read;
}

std::unique_ptr<MqttBrowser> makeBrowser(const SourceSpec &spec)
{
    MqttSettings settings;
    if (const auto faults = readMqttSettings(spec, MqttSecrets::Read, settings, false); !faults.empty())
        throw Refusal{faults.front()};
    settings.clientId = "sightglass-look-" + randomName();
    try {
        return std::make_unique<MqttBrowser>(settings);
    } catch (const std::exception &failed) {
        throw Refusal{Error{SG_TR("mqtt: broker '%1' is not accepted: %2"), {shown(settings.broker), settings.safe(failed.what())}, {}}};
    }
}

}

std::unique_ptr<Browser> browseMqtt(const SourceSpec &spec)
{
    return makeBrowser(spec);
}

Result<Done> tryMqtt(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    try {
        const auto browser = makeBrowser(spec);
        if (auto connected = browser->connect(say, stop); !connected)
            return connected;
        BrowseRequest request;
        request.count = 1;
        request.patience = 1500ms;
        const auto read = browser->read(
            request,
            [&say](const BrowsedMessage &message) {
                say(Error{SG_TR("a message came on %1"), {shown(message.topic)}, {}});
                return false;
            },
            stop);
        if (!read)
            return read.error();
        if (read->given == 0)
            say(Error{SG_TR("no message came within a second and a half"), {}, {}});
        return Done{};
    } catch (const Refusal &refusal) {
        return refusal.error;
    }
}

}
