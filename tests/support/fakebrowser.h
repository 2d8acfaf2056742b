#pragma once

#include "core/browse.h"
#include "core/source.h"

#include <atomic>
#include <mutex>
#include <thread>

// A server that a test makes by hand, looked at through a Browser: what it lists, holds and sends is what the test says. Its kinds bear the
// names of the real ones, so that a workspace reads the same.
namespace sg::test {

struct FakeServer
{
    std::mutex mutex;
    std::vector<BrowsedTopic> topics; // all below: guarded by mutex
    std::vector<BrowsedMessage> messages; // oldest first
    std::vector<Error> remarks; // on the list
    std::optional<Error> refuses; // what connect() answers
    std::vector<Error> steps{{SG_TR("%1 is found."), {"127.0.0.1"}, {}}, {SG_TR("Logged in."), {}, {}}};
    BrowseRequest asked; // last
    std::atomic<int> connections{0}, open{0};

    static FakeServer &instance()
    {
        static FakeServer server;
        return server;
    }
    void put(const std::string &topic, const std::string &key, const std::string &payload)
    {
        BrowsedMessage message;
        message.topic = topic;
        message.key = key;
        message.hasKey = !key.empty();
        message.payload = payload;
        message.size = payload.size();
        const std::lock_guard guard(mutex);
        message.partition = 0;
        message.offset = static_cast<std::int64_t>(messages.size());
        message.arrival = std::chrono::floor<Micros>(std::chrono::system_clock::now());
        messages.push_back(std::move(message));
    }
    void clear()
    {
        const std::lock_guard guard(mutex);
        topics.clear();
        messages.clear();
        remarks.clear();
        refuses.reset();
        connections = 0;
    }
};

class FakeBrowser : public Browser
{
public:
    FakeBrowser() { ++FakeServer::instance().open; }
    ~FakeBrowser() override { --FakeServer::instance().open; }

    Result<Done> connect(const std::function<void(const Error &step)> &say, std::stop_token) override
    {
        auto &server = FakeServer::instance();
        ++server.connections;
        const std::lock_guard guard(server.mutex);
        for (const auto &step : server.steps)
            say(step);
        if (server.refuses)
            return *server.refuses;
        return Done();
    }
    Result<std::vector<BrowsedTopic>> list(Micros listen, std::stop_token stop) override
    {
        const auto until = Mono::clock::now() + std::min(listen, Micros(300'000));
        while (Mono::clock::now() < until && !stop.stop_requested())
            std::this_thread::sleep_for(Millis(5));
        auto &server = FakeServer::instance();
        const std::lock_guard guard(server.mutex);
        return server.topics;
    }
    std::vector<Error> remarks() const override
    {
        auto &server = FakeServer::instance();
        const std::lock_guard guard(server.mutex);
        return server.remarks;
    }
    Result<Read> read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop) override
    {
        auto &server = FakeServer::instance();
        std::size_t next = 0;
        Read read;
        {
            const std::lock_guard guard(server.mutex);
            server.asked = request;
            const auto size = server.messages.size();
            if (request.from == BrowseRequest::From::Newest)
                next = size - std::min(size, request.count);
            else if (request.from == BrowseRequest::From::Offset)
                next = static_cast<std::size_t>(request.offset);
            else if (request.from == BrowseRequest::From::End)
                next = size;
        }
        const auto until = Mono::clock::now() + request.patience;
        while (!stop.stop_requested() && Mono::clock::now() < until) {
            std::optional<BrowsedMessage> message;
            {
                const std::lock_guard guard(server.mutex);
                if (next < server.messages.size())
                    message = server.messages[next++];
            }
            if (!message) {
                if (!request.isFollowing)
                    break;
                std::this_thread::sleep_for(Millis(2));
                continue;
            }
            if (message->payload.size() > request.mostBytes)
                message->payload.resize(request.mostBytes);
            ++read.given;
            if (!take(std::move(*message)))
                break;
        }
        return read;
    }
};

// Kafka, MQTT and PostgreSQL by name, with the keys that the tests need.
inline const SourceCatalog &fakeCatalog()
{
    static constexpr Field KafkaFields[] = {
        {"brokers", FieldType::Texts, true, "", "", "Brokers", "Host and port."},
        {"topics", FieldType::Texts, true, "", "", "Topics", ""},
        {"except", FieldType::Texts, false, "", "", "Except", ""},
        {"properties", FieldType::Map, false, "", "", "Properties", ""},
        {"start", FieldType::Text, false, "latest", "", "Start", ""},
    };
    static constexpr Field MqttFields[] = {
        {"broker", FieldType::Text, true, "", "", "Broker", "tcp://host:port"},
        {"topics", FieldType::Texts, true, "", "", "Topics", ""},
        {"except", FieldType::Texts, false, "", "", "Except", ""},
        {"user", FieldType::Text, false, "", "", "User", ""},
        {"password", FieldType::Secret, false, "", "", "Password", ""},
        {"ca", FieldType::Path, false, "", "", "CA certificate", ""},
    };
    static constexpr Field PostgresFields[] = {
        {"host", FieldType::Text, true, "", "", "Host", ""},
        {"dbname", FieldType::Text, true, "", "", "Database", ""},
        {"schema", FieldType::Text, false, "public", "", "Schema", ""},
        {"view", FieldType::Text, true, "", "", "View", ""},
        {"mode", FieldType::Text, false, "cursor", "", "Mode", ""},
        {"cursor", FieldType::Text, false, "", "", "Cursor", ""},
        {"row_key", FieldType::Texts, false, "", "", "Row key", ""},
    };
    static const SourceCatalog catalog = [] {
        const auto browse = [](const SourceSpec &) -> std::unique_ptr<Browser> { return std::make_unique<FakeBrowser>(); };
        SourceCatalog kinds;
        for (const auto &[name, label, fields] : std::initializer_list<std::tuple<const char *, const char *, Fields>>{
                 {"kafka", "Kafka", KafkaFields}, {"mqtt", "MQTT", MqttFields}, {"postgres", "PostgreSQL", PostgresFields}}) {
            SourceKind kind;
            kind.name = name;
            kind.label = label;
            kind.fields = fields;
            kind.browse = browse;
            kinds.emplace(name, kind);
        }
        return kinds;
    }();
    return catalog;
}

}
