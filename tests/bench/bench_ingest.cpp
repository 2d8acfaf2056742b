// Kafka to store and 1,000 rules, beside a consumer that only receives and one that also parses the four fields.
//   bench_ingest                            each side in a process of its own, A-B-C-A-B-C-A-B-C, on a Kafka of its own
//   bench_ingest produce BROKERS MESSAGES   the load alone, for a broker that is there already, and then one side of it:
//   bench_ingest raw|parse|sightglass BROKERS MESSAGES
// SIGHTGLASS_BENCH_MESSAGES=N makes it shorter or longer (default: 5,000,000).
#include "bench/kafkaload.h"
#include "bench/loadmessage.h"
#include "bench/peers.h"

#include "connectors/kafka/kafkasource.h"
#include "engine/session.h"
#include "stack/stack.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr int Partitions = 4;
constexpr const char *Topic = "plant.L1.processed";

std::shared_ptr<const Workspace> workspaceFor(const std::string &brokers)
{
    const std::string text = R"(
format: 1
sources:
  - id: press
    kafka: { brokers: [")"
        + brokers + R"("], topics: ["plant.{line}.processed"], start: earliest }
    path: [line, device]
    labels: { device: /device }
    time: { basis: message, at: /ts, unit: ms }
    decode: { json: { fields: { temp: { at: /temp }, pressure: { at: /pressure } } } }
)";
    // Two of its own for each press.
    std::string rules = "format: 1\nrules:\n";
    for (int press = 0; press < LoadMessage::Presses; ++press) {
        char name[16];
        std::snprintf(name, sizeof name, "P-%03d", press);
        const std::string series = std::string("    series: press/L1/") + name;
        rules += std::string("  - id: hot-p-") + (name + 2) + '\n' + series
            + "/temp\n    priority: medium\n    high: { limit: 94.9, deadband: 2 }\n";
        rules += std::string("  - id: low-p-") + (name + 2) + '\n' + series
            + "/pressure\n    priority: medium\n    low: { limit: 0.5, deadband: 0.1 }\n";
    }
    SourceCatalog catalog;
    catalog.emplace("kafka", kafkaKind());
    auto workspace = readWorkspaceFiles({{"workspace.yaml", text}, {"rules/press.yaml", rules}}, catalog);
    must(bool(workspace), workspace ? "" : workspace.error().plain().c_str());
    for (const Error &error : workspace->errors)
        must(false, error.plain().c_str());
    return std::make_shared<const Workspace>(std::move(*workspace));
}

int sightglassSide(const std::string &brokers, std::uint64_t messages)
{
    const Mono began = Mono::clock::now();
    char folder[] = "/tmp/sightglass-bench.XXXXXX";
    must(::mkdtemp(folder) != nullptr, "no folder");
    SourceCatalog catalog;
    catalog.emplace("kafka", kafkaKind());
    auto session = startSession(workspaceFor(brokers), catalog, {folder, false, {}});
    must(bool(session), session ? "" : session.error().plain().c_str());
    const auto taken = [&] {
        const auto snapshot = (*session)->snapshot();
        return snapshot->sources.empty() ? std::uint64_t(0) : snapshot->sources[0].messagesTaken;
    };
    while (taken() < messages && Mono::clock::now() - began < std::chrono::minutes(5))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const double seconds = std::chrono::duration<double>(Mono::clock::now() - began).count();
    const auto snapshot = (*session)->snapshot();
    must(snapshot->watches->size() == std::size_t(2 * LoadMessage::Presses), "not every rule runs");
    for (const RuleWatch &watch : *snapshot->watches)
        must(watch.watched == 1, "a rule watches nothing");
    // What is stored, summed the way the parsing side sums what it parsed. Rows of one time would replace each other: they have
    // different milliseconds.
    std::int64_t checksum = 0;
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < snapshot->series.size(); ++i)
        readRows(snapshot->series.at(i).view, NoTime, Time::max(), [&](const Row &row) {
            checksum += std::llround(row.value * 100);
            ++rows;
            return true;
        });
    std::printf("count %llu\nrows %llu\nchecksum %lld\nseconds %.6f\n", static_cast<unsigned long long>(taken()),
                static_cast<unsigned long long>(rows), static_cast<long long>(checksum), seconds);
    session->reset();
    return std::system(("rm -rf " + std::string(folder)).c_str());
}

int rawSide(const std::string &brokers, RawSide side, std::uint64_t messages)
{
    const RawResult result = consume(brokers, Topic, Partitions, side, messages);
    std::printf("count %llu\nchecksum %lld\nseconds %.6f\n", static_cast<unsigned long long>(result.sum.count),
                static_cast<long long>(result.sum.checksum), result.seconds);
    return 0;
}

}

int main(int argc, char **argv)
{
    if (argc == 4) {
        const std::string side = argv[1];
        const std::uint64_t messages = std::stoull(argv[3]);
        if (side == "produce") {
            createTopic(argv[2], Topic, Partitions);
            produce(argv[2], Topic, Partitions, messages);
            return 0;
        }
        if (side == "sightglass")
            return sightglassSide(argv[2], messages);
        return rawSide(argv[2], side == "parse" ? RawSide::Parse : RawSide::Receive, messages);
    }
    const std::uint64_t messages
        = std::getenv("SIGHTGLASS_BENCH_MESSAGES") != nullptr ? std::stoull(std::getenv("SIGHTGLASS_BENCH_MESSAGES")) : 5'000'000;
    test::Stack stack({"kafka"});
    must(stack.ok(), stack.error().c_str());
    const std::string brokers = stack["SG_KAFKA_BROKERS"];
    createTopic(brokers, Topic, Partitions);
    const Sum sum = produce(brokers, Topic, Partitions, messages);
    std::printf("%llu messages, checksum %lld, 4 partitions, lz4\n", static_cast<unsigned long long>(sum.count),
                static_cast<long long>(sum.checksum));
    std::map<std::string, std::vector<double>> rates;
    for (int round = 0; round < 3; ++round) {
        for (const char *side : {"raw", "parse", "sightglass"}) {
            const Figures figures = runSelf({side, brokers, std::to_string(messages)});
            must(figures.at("count") == static_cast<double>(sum.count), "the counts of the sides differ");
            must(std::string(side) == "raw" || figures.at("checksum") == static_cast<double>(sum.checksum),
                 "the checksums of the sides differ");
            rates[side].push_back(static_cast<double>(messages) / figures.at("seconds"));
            std::printf("%-12s %.0f messages/s, count %.0f, checksum %.0f\n", side, rates[side].back(), figures.at("count"),
                        figures.at("checksum"));
            std::fflush(stdout);
        }
    }
    for (const auto &[side, values] : rates)
        print(side.c_str(), "messages/s", spreadOf(values));
    figure("ingest_over_raw", spreadOf(rates["sightglass"]).median / spreadOf(rates["raw"]).median, "ratio");
    figure("ingest_over_parse", spreadOf(rates["sightglass"]).median / spreadOf(rates["parse"]).median, "ratio");
    return 0;
}
