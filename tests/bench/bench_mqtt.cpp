// MQTT QoS 0 and 1 to store and rules, beside a bare paho-mqtt-cpp callback subscriber and mosquitto_sub.
#include "bench/mqttload.h"
#include "bench/peers.h"

#include "connectors/mqtt/mqttsource.h"
#include "engine/session.h"
#include "stack/stack.h"

#include <mqtt/async_client.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr const char *Topic = "plant/L1/processed";
constexpr auto Limit = std::chrono::minutes(3);

double secondsSince(Mono began)
{
    return std::chrono::duration<double>(Mono::clock::now() - began).count();
}

std::shared_ptr<const Workspace> workspaceFor(const std::string &url, const std::string &qos, const SourceCatalog &catalog)
{
    const std::string text = R"(
format: 1
sources:
  - id: press
    mqtt: { broker: ")"
        + url + R"(", topics: ["plant/{line}/processed"], qos: )" + qos + R"( }
    path: [line, device]
    labels: { device: /device }
    time: { basis: message, at: /ts, unit: ms }
    decode: { json: { fields: { temp: { at: /temp }, pressure: { at: /pressure } } } }
)";
    const std::string rules = R"(
format: 1
rules:
  - id: hot
    series: press/*/*/temp
    priority: medium
    high: { limit: 94.9, deadband: 2 }
)";
    auto workspace = readWorkspaceFiles({{"workspace.yaml", text}, {"rules/press.yaml", rules}}, catalog);
    must(bool(workspace), workspace ? "" : workspace.error().plain().c_str());
    for (const Error &error : workspace->errors)
        must(false, error.plain().c_str());
    return std::make_shared<const Workspace>(std::move(*workspace));
}

// The load runs in a process of its own, beside each side in the same way.
std::jthread startLoad(const std::string &url, const std::string &qos, const std::string &messages)
{
    return std::jthread([=] { runSelf({"load", url, qos, messages}); });
}

int loadSide(const std::string &url, int qos, std::uint64_t messages)
{
    std::uint64_t bytes = 0;
    publishMqtt(url, Topic, qos, messages, bytes);
    return 0;
}

int sightglassSide(const std::string &url, const std::string &qos, std::uint64_t messages)
{
    char folder[] = "/tmp/sightglass-bench.XXXXXX";
    must(::mkdtemp(folder) != nullptr, "no folder");
    SourceCatalog catalog;
    catalog.emplace("mqtt", mqttKind());
    auto session = startSession(workspaceFor(url, qos, catalog), catalog, {folder, false, {}});
    must(bool(session), session ? "" : session.error().plain().c_str());
    const auto source = [&] { return (*session)->snapshot()->sources; };
    const Mono waits = Mono::clock::now();
    while ((source().empty() || source()[0].status.state != SourceStatus::State::Live) && secondsSince(waits) < 30)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Mono began = Mono::clock::now();
    const std::jthread load = startLoad(url, qos, std::to_string(messages));
    while (source()[0].messagesTaken < messages && Mono::clock::now() - began < Limit)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const double seconds = secondsSince(began);
    const auto snapshot = (*session)->snapshot();
    std::int64_t checksum = 0;
    for (std::size_t i = 0; i < snapshot->series.size(); ++i)
        readRows(snapshot->series.at(i).view, NoTime, Time::max(), [&](const Row &row) {
            checksum += std::llround(row.value * 100);
            return true;
        });
    std::printf("count %llu\nchecksum %lld\nseconds %.6f\n", static_cast<unsigned long long>(snapshot->sources[0].messagesTaken),
                static_cast<long long>(checksum), seconds);
    session->reset();
    return std::system(("rm -rf " + std::string(folder)).c_str());
}

int pahoSide(const std::string &url, const std::string &qos, std::uint64_t messages)
{
    mqtt::async_client client(url, "bare", mqtt::create_options(MQTTVERSION_5));
    std::atomic<std::uint64_t> count = 0, bytes = 0;
    client.set_message_callback([&](const mqtt::const_message_ptr &message) {
        bytes += message->get_payload_ref().size();
        ++count;
    });
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(true);
    client.connect(options)->wait();
    client.subscribe(Topic, std::stoi(qos))->wait();
    const Mono began = Mono::clock::now();
    const std::jthread load = startLoad(url, qos, std::to_string(messages));
    while (count < messages && Mono::clock::now() - began < Limit)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const double seconds = secondsSince(began);
    std::printf("count %llu\nbytes %llu\nseconds %.6f\n", static_cast<unsigned long long>(count.load()),
                static_cast<unsigned long long>(bytes.load()), seconds);
    client.disconnect()->wait();
    return 0;
}

int mosquittoSide(const std::string &url, const std::string &qos, std::uint64_t messages)
{
    // -d says when the subscription is there; its other lines begin with "Client", those of messages are numbers.
    const std::string command = "exec mosquitto_sub -V 5 -h 127.0.0.1 -p " + url.substr(url.rfind(':') + 1) + " -t " + Topic + " -q " + qos
        + " -C " + std::to_string(messages) + " -F %l";
    std::FILE *out = ::popen(command.c_str(), "r");
    must(out != nullptr, "no mosquitto_sub");
    std::this_thread::sleep_for(std::chrono::seconds(1)); // it does not say when it is subscribed
    const Mono began = Mono::clock::now();
    const std::jthread load = startLoad(url, qos, std::to_string(messages));
    std::uint64_t count = 0, bytes = 0;
    char line[64];
    while (std::fgets(line, sizeof line, out) != nullptr) {
        bytes += std::stoull(line);
        ++count;
    }
    const double seconds = secondsSince(began);
    ::pclose(out);
    std::printf("count %llu\nbytes %llu\nseconds %.6f\n", static_cast<unsigned long long>(count), static_cast<unsigned long long>(bytes),
                seconds);
    return 0;
}

}

int main(int argc, char **argv)
{
    if (argc == 5) {
        const std::string side = argv[1];
        const std::uint64_t messages = std::stoull(argv[4]);
        if (side == "load")
            return loadSide(argv[2], std::stoi(argv[3]), messages);
        if (side == "sightglass")
            return sightglassSide(argv[2], argv[3], messages);
        return side == "paho" ? pahoSide(argv[2], argv[3], messages) : mosquittoSide(argv[2], argv[3], messages);
    }
    const char *scale = std::getenv("SIGHTGLASS_BENCH_MESSAGES"); // with QoS 0; a quarter of it with QoS 1
    const std::uint64_t all = scale != nullptr ? std::stoull(scale) : 1'600'000;
    test::Stack stack({"mosquitto"});
    must(stack.ok(), stack.error().c_str());
    const std::string url = stack["SG_MQTT_URL"];
    for (const int qos : {0, 1}) {
        const std::uint64_t messages = qos == 0 ? all : all / 4;
        std::uint64_t bytes = 0;
        const Sum sum = publishMqtt(url, "nobody/listens", qos, messages, bytes);
        std::map<std::string, std::vector<double>> rates;
        for (int round = 0; round < 3; ++round) {
            for (const char *side : {"paho", "mosquitto_sub", "sightglass"}) {
                const Figures figures = runSelf({side, url, std::to_string(qos), std::to_string(messages)});
                const bool isOurs = std::strcmp(side, "sightglass") == 0;
                rates[side].push_back(static_cast<double>(messages) / figures.at("seconds"));
                std::printf("QoS %d %-14s %.0f messages/s, count %.0f, %s %.0f\n", qos, side, rates[side].back(), figures.at("count"),
                            isOurs ? "checksum" : "bytes", figures.at(isOurs ? "checksum" : "bytes"));
                std::fflush(stdout);
                must(figures.at("count") == static_cast<double>(messages), "the counts of the sides differ");
                must(isOurs ? figures.at("checksum") == static_cast<double>(sum.checksum)
                            : figures.at("bytes") == static_cast<double>(bytes),
                     "the checksums of the sides differ");
            }
        }
        for (const auto &[side, values] : rates)
            print(side.c_str(), "messages/s", spreadOf(values));
        const double ours = spreadOf(rates["sightglass"]).median;
        const std::string name = "mqtt" + std::to_string(qos);
        figure((name + "_over_paho").c_str(), ours / spreadOf(rates["paho"]).median, "ratio");
        figure((name + "_over_mosquitto_sub").c_str(), ours / spreadOf(rates["mosquitto_sub"]).median, "ratio");
    }
    return 0;
}
