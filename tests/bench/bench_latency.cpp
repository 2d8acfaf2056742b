// Produce to committed transition, beside a raw consumer, at 1,000 and 20,000 messages/s.
#include "bench/kafkaload.h"
#include "bench/peers.h"

#include "connectors/kafka/kafkasource.h"
#include "engine/session.h"
#include "stack/stack.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr double Seconds = 10;

void report(const std::vector<double> &latencies, std::uint64_t count)
{
    std::printf("count %llu\np50 %.4f\np99 %.4f\n", static_cast<unsigned long long>(count), percentile(latencies, 0.5),
                percentile(latencies, 0.99));
}

std::uint64_t togglesOf(int perSecond, int every)
{
    return (static_cast<std::uint64_t>(perSecond * Seconds) + static_cast<std::uint64_t>(every) - 1) / static_cast<std::uint64_t>(every);
}

int rawSide(const std::string &brokers, const std::string &topic, int perSecond, int every)
{
    std::jthread producer;
    const RawResult result = consume(brokers, topic, 1, RawSide::Latency, togglesOf(perSecond, every),
                                     [&] { producer = std::jthread([&] { producePaced(brokers, topic, perSecond, Seconds, every); }); });
    producer.join();
    report(result.latencies, result.latencies.size());
    return 0;
}

int sightglassSide(const std::string &brokers, const std::string &topic, int perSecond, int every)
{
    const std::string text = R"(
format: 1
sources:
  - id: press
    kafka: { brokers: [")"
        + brokers + R"("], topics: [")" + topic + R"("], start: latest }
    path: [device]
    labels: { device: /device }
    time: { basis: message, at: /ts, unit: us }
    decode: { json: { fields: { temp: { at: /temp }, pressure: { at: /pressure } } } }
)";
    const std::string rules = "format: 1\nrules:\n  - { id: hot, series: press/*/temp, priority: medium, high: { limit: 80 } }\n";
    SourceCatalog catalog;
    catalog.emplace("kafka", kafkaKind());
    auto workspace = readWorkspaceFiles({{"workspace.yaml", text}, {"rules/press.yaml", rules}}, catalog);
    must(bool(workspace) && workspace->errors.empty(), "the workspace has faults");
    char folder[] = "/tmp/sightglass-bench.XXXXXX";
    must(::mkdtemp(folder) != nullptr, "no folder");
    std::vector<double> latencies; // ingest thread until the end
    std::atomic<std::uint64_t> raised{0}, cleared{0};
    SessionOptions options{.stateFolder = folder, .listens = false, .onRecord = [&](const JournalRow &row) {
                               if (row.event != "RAISED" && row.event != "CLEARED")
                                   return;
                               const Time now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
                               latencies.push_back(std::chrono::duration<double, std::milli>(now - row.tStamp).count());
                               ++(row.event == "RAISED" ? raised : cleared);
                           }};
    auto session = startSession(std::make_shared<const Workspace>(std::move(*workspace)), catalog, options);
    must(bool(session), session ? "" : session.error().plain().c_str());
    const auto isLive = [&] {
        const auto snapshot = (*session)->snapshot();
        return !snapshot->sources.empty() && snapshot->sources[0].status.state == SourceStatus::State::Live;
    };
    for (int i = 0; i < 200 && !isLive(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const std::uint64_t toggles = producePaced(brokers, topic, perSecond, Seconds, every);
    for (int i = 0; i < 400 && raised + cleared < toggles; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    session->reset();
    report(latencies, raised + cleared);
    return std::system(("rm -rf " + std::string(folder)).c_str());
}

}

int main(int argc, char **argv)
{
    if (argc == 6) {
        const int perSecond = std::stoi(argv[4]), every = std::stoi(argv[5]);
        return std::string(argv[1]) == "raw" ? rawSide(argv[2], argv[3], perSecond, every)
                                             : sightglassSide(argv[2], argv[3], perSecond, every);
    }
    test::Stack stack({"kafka"});
    must(stack.ok(), stack.error().c_str());
    const std::string brokers = stack["SG_KAFKA_BROKERS"];
    int run = 0;
    for (const auto &[perSecond, every] : {std::pair(1'000, 1), std::pair(20'000, 20)}) {
        std::map<std::string, std::vector<double>> p50, p99;
        for (int round = 0; round < 3; ++round) {
            for (const char *side : {"raw", "sightglass"}) {
                const std::string topic = "latency-" + std::to_string(run++);
                createTopic(brokers, topic, 1);
                const Figures figures = runSelf({side, brokers, topic, std::to_string(perSecond), std::to_string(every)});
                must(figures.at("count") == static_cast<double>(togglesOf(perSecond, every)), "a transition was lost or doubled");
                p50[side].push_back(figures.at("p50"));
                p99[side].push_back(figures.at("p99"));
                std::printf("%6d/s %-12s count %.0f p50 %.2f ms p99 %.2f ms\n", perSecond, side, figures.at("count"), figures.at("p50"),
                            figures.at("p99"));
                std::fflush(stdout);
            }
        }
        const bool isSlow = perSecond == 1'000;
        if (isSlow) {
            figure("latency_p50_ms", spreadOf(p50["sightglass"]).median, "ms");
            figure("raw_latency_p50_ms", spreadOf(p50["raw"]).median, "ms");
        }
        figure(isSlow ? "latency_p99_ms" : "latency_20k_p99_ms", spreadOf(p99["sightglass"]).median, "ms");
        figure(isSlow ? "raw_latency_p99_ms" : "raw_latency_20k_p99_ms", spreadOf(p99["raw"]).median, "ms");
        figure(isSlow ? "latency_p99_over_raw_ms" : "latency_20k_p99_over_raw_ms",
               spreadOf(p99["sightglass"]).median - spreadOf(p99["raw"]).median, "ms");
    }
    return 0;
}
