// The alarm engine: evaluations by condition, a storm into the journal, rule tests, a backtest, and the same plant beside Prometheus.
//   bench_alarms             all; each side in a process of its own, three times, medians
//   bench_alarms rates|storm|tests|backtest|prometheus
// SIGHTGLASS_BENCH_DIR=DIR puts the storm's state on another disk (default: the current folder).
#include "bench/alarmrates.h"
#include "bench/kafkaload.h"
#include "bench/peers.h"
#include "bench/plantload.h"
#include "bench/prometheus.h"

#include "connectors/kafka/kafkasource.h"
#include "engine/session.h"
#include "stack/stack.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr int Times = 3;

double processorSeconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Prints what measurePrometheus() prints, of the same plant read from Kafka.
void measureSightglass(const std::string &brokers, const std::string &topic)
{
    const std::string text = R"(
format: 1
sources:
  - id: press
    kafka: { brokers: [")"
        + brokers + R"("], topics: [")" + topic + R"("], start: earliest }
    path: [line, device]
    labels: { line: /line, device: /device }
    time: { basis: message, at: /ts, unit: us }
    decode: { json: { fields: { temp: { at: /temp } } } }
)";
    std::string rules = "format: 1\nrules:\n";
    for (int n = 0; n < PlantLoad::Rules; ++n)
        rules += "  - { id: hot" + std::to_string(n)
            + ", series: press/*/*/temp, priority: medium, high: { limit: " + std::to_string(n == 0 ? 80 : 1'000 + n) + " } }\n";
    SourceCatalog catalog;
    catalog.emplace("kafka", kafkaKind());
    auto workspace = readWorkspaceFiles({{"workspace.yaml", text}, {"rules/press.yaml", rules}}, catalog);
    must(bool(workspace) && workspace->errors.empty(), "the workspace has faults");
    char folder[] = "/tmp/sightglass-bench.XXXXXX";
    must(::mkdtemp(folder) != nullptr, "no folder");
    std::vector<double> latencies; // ingest thread until the end
    std::atomic<int> fired{0};
    SessionOptions options{.stateFolder = folder, .listens = false, .onRecord = [&](const JournalRow &row) {
                               if (row.event != "RAISED")
                                   return;
                               const Time now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
                               latencies.push_back(std::chrono::duration<double, std::milli>(now - row.tStamp).count());
                               ++fired;
                           }};
    auto session = startSession(std::make_shared<const Workspace>(std::move(*workspace)), catalog, options);
    must(bool(session), session ? "" : session.error().plain().c_str());
    const auto taken = [&] {
        const auto snapshot = (*session)->snapshot();
        return snapshot->sources.empty() ? std::uint64_t(0) : snapshot->sources[0].messagesTaken;
    };
    constexpr std::uint64_t Warm = std::uint64_t(PlantLoad::WarmUp) * PlantLoad::Presses;
    constexpr std::uint64_t All = std::uint64_t(PlantLoad::Seconds) * PlantLoad::Presses + 2 * PlantLoad::Changes;
    for (int n = 0; n < 600 && taken() < Warm; ++n)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const double before = processorSeconds();
    const std::uint64_t from = taken();
    for (int n = 0; n < 1'000 && taken() < All; ++n)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const double used = processorSeconds() - before;
    const auto messages = static_cast<double>(taken() - from);
    session->reset(); // ends the ingest thread
    must(fired == PlantLoad::Changes, "an alarm is missing, or one too many was raised");
    std::printf("evaluations %.0f\ncpu_s %.3f\nfiring_ms_p50 %.3f\nfiring_ms_p99 %.3f\nfired %d\n", messages * PlantLoad::Rules, used,
                percentile(latencies, 0.5), percentile(latencies, 0.99), fired.load());
    must(std::system(("rm -rf " + std::string(folder)).c_str()) == 0, "the folder stays");
}

int side(const std::vector<std::string> &words)
{
    if (words[0] == "rate")
        measureRate(words.at(1));
    else if (words[0] == "storm-side")
        measureStorm();
    else if (words[0] == "tests-side")
        measureRuleTests();
    else if (words[0] == "backtest-side")
        measureBacktest();
    else if (words[0] == "prometheus-side")
        measurePrometheus();
    else if (words[0] == "sightglass-side")
        measureSightglass(words.at(1), words.at(2));
    return 0;
}

double median(const std::vector<std::string> &words, const char *name)
{
    std::vector<double> values;
    for (int n = 0; n < Times; ++n)
        values.push_back(runSelf(words).at(name));
    print(words.back().c_str(), name, spreadOf(values));
    return spreadOf(values).median;
}

void rates()
{
    for (const std::string &name : rateNames()) {
        std::vector<double> alone, saving;
        for (int n = 0; n < Times; ++n) {
            const Figures figures = runSelf({"rate", name});
            alone.push_back(figures.at("per_s"));
            saving.push_back(figures.at("saving_per_s"));
        }
        print(name.c_str(), "evaluations/s/core", spreadOf(alone));
        print("  and saving", "evaluations/s/core", spreadOf(saving));
        figure(("eval_per_s_" + name).c_str(), spreadOf(alone).median, "1/s");
    }
}

void againstPrometheus()
{
    if (!hasPrometheus()) {
        std::printf("Prometheus is not installed ('./dev setup bench' does); its figures are left out\n");
        return;
    }
    test::Stack stack({"kafka"});
    must(stack.ok(), stack.error().c_str());
    const std::string brokers = stack["SG_KAFKA_BROKERS"];
    createTopic(brokers, "warm-up", 1);
    producePaced(brokers, "warm-up", 1'000, 10, 1); // a broker that has just started answers in seconds
    std::map<std::string, std::vector<double>> perSecond, p50;
    for (int round = 0; round < Times; ++round) {
        const std::string topic = "plant-" + std::to_string(round);
        createTopic(brokers, topic, 1);
        for (const char *name : {"prometheus-side", "sightglass-side"}) {
            std::jthread producer;
            if (std::string(name) == "sightglass-side")
                producer = std::jthread([&] { producePlant(brokers, topic); });
            const Figures figures = runSelf({name, brokers, topic});
            perSecond[name].push_back(figures.at("evaluations") / figures.at("cpu_s"));
            p50[name].push_back(figures.at("firing_ms_p50"));
            std::printf("%-16s %.0f evaluations in %.2f s of CPU, %.0f fired, p50 %.1f ms p99 %.1f ms\n", name, figures.at("evaluations"),
                        figures.at("cpu_s"), figures.at("fired"), figures.at("firing_ms_p50"), figures.at("firing_ms_p99"));
            std::fflush(stdout);
        }
    }
    const double ours = spreadOf(perSecond["sightglass-side"]).median, theirs = spreadOf(perSecond["prometheus-side"]).median;
    figure("rules_per_cpu_s", ours, "1/s");
    figure("prometheus_rules_per_cpu_s", theirs, "1/s");
    figure("rules_per_cpu_s_over_prometheus", ours / theirs, "ratio");
    figure("firing_ms_p50", spreadOf(p50["sightglass-side"]).median, "ms");
    figure("prometheus_firing_ms_p50", spreadOf(p50["prometheus-side"]).median, "ms");
}

}

int main(int argc, char **argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::string what = words.empty() ? "all" : words[0];
    if (what == "rate" || what.ends_with("-side"))
        return side(words);
    if (what == "all" || what == "rates")
        rates();
    if (what == "all" || what == "storm")
        figure("storm_journal_ms", median({"storm-side"}, "ms"), "ms");
    if (what == "all" || what == "tests")
        figure("test_rules_1000_s", median({"tests-side"}, "s"), "s");
    if (what == "all" || what == "backtest")
        figure("backtest_samples_per_s", median({"backtest-side"}, "per_s"), "1/s");
    if (what == "all" || what == "prometheus")
        againstPrometheus();
    return 0;
}
