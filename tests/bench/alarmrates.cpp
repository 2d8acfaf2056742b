#include "bench/alarmrates.h"

#include "bench/peers.h"

#include "engine/evaluator.h"
#include "engine/ruletest.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace sg::bench {

namespace {

constexpr std::uint32_t Alarms = 100'000;
constexpr int Rounds = 30; // seconds of event time
constexpr std::uint32_t BatchRows = 1'000;
constexpr Time Start{std::chrono::seconds(1'795'000'000)};
const std::map<std::string, std::vector<std::string>> Labels = {{"press", {"line", "device"}}};

double processorSeconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::shared_ptr<RuleSet> rulesOf(const std::string &yaml)
{
    auto rules = std::make_shared<RuleSet>();
    const auto root = parseYaml(yaml, "rules/bench.yaml");
    must(bool(root), root ? "" : root.error().plain().c_str());
    RuleSurroundings around;
    around.pathLabels = &Labels;
    for (const Node &item : (*root)["rules"].list) {
        auto rule = readRule(item, Node(), item.text("id"), around);
        must(bool(rule), rule ? "" : rule.error().plain().c_str());
        rules->rules.push_back(*rule);
    }
    return rules;
}

// One condition: its rule, and what a press sends each second, the series that is judged last.
struct Load
{
    const char *name;
    const char *rule;
    const char *beside; // a second series, sent first; null: none
    ValueKind kind, besideKind;
    double usual, odd; // what is sent; `odd` by one press in a thousand
};
constexpr double Running = 0, Fault = 1; // codes of state texts
const Load Loads[] = {
    {"threshold", "high: { limit: 80, deadband: 2 }, high_high: { limit: 95 }, low: { limit: 0 }", nullptr, ValueKind::Number,
     ValueKind::Number, 50, 85},
    {"deviation", "deviation: { from: \"press/{line}/{device}/beside\", within: 5s }, high: { limit: 25, deadband: 1 }", "beside",
     ValueKind::Number, ValueKind::Number, 50, 110},
    {"window", "window: { take: avg, over: 20s, coverage: 0% }, high: { limit: 80 }", nullptr, ValueKind::Number, ValueKind::Number, 50,
     2'000},
    {"state", "state_change: { from: running, to: fault }", nullptr, ValueKind::State, ValueKind::Number, Running, Fault},
    {"absence", "absence: { timeout: 10s, grace: 0s }", nullptr, ValueKind::Number, ValueKind::Number, 50, 50},
    {"composite", "inputs: { run: { series: \"press/{line}/{device}/beside\" } }, when: value > 80 and run == \"running\"", "beside",
     ValueKind::Number, ValueKind::State, 50, 85},
};

// Lateness 0 and a usual delay of 0.
class PlainClock : public EventClock
{
public:
    Time at(SeriesId, Time now) const override { return now; }
    bool isCatchingUp(SeriesId) const override { return false; }
    bool isSourceLost(std::string_view) const override { return false; }
};

std::vector<Sample> samplesOf(const Load &load, int round)
{
    const std::uint32_t each = load.beside ? 2 : 1;
    std::vector<Sample> out;
    out.reserve(static_cast<std::size_t>(Alarms) * each);
    for (std::uint32_t n = 0; n < Alarms; ++n) {
        Sample sample;
        sample.t = sample.stamp = Start + std::chrono::seconds(round) + Micros(n);
        sample.isLive = true;
        const double drift = static_cast<double>((n * 7 + static_cast<std::uint32_t>(round) * 13) % 20);
        if (load.beside) {
            sample.series = SeriesId(n * each);
            sample.value = load.besideKind == ValueKind::State ? Running : 55;
            out.push_back(sample);
        }
        sample.series = SeriesId(n * each + each - 1);
        const bool isOdd = (n + static_cast<std::uint32_t>(round)) % 1'000 == 0;
        sample.value = isOdd ? load.odd : load.kind == ValueKind::State ? load.usual : load.usual + drift;
        out.push_back(sample);
    }
    return out;
}

}

std::vector<std::string> rateNames()
{
    std::vector<std::string> out;
    for (const Load &load : Loads)
        out.emplace_back(load.name);
    return out;
}

void measureRate(const std::string &name)
{
    const auto found = std::find_if(std::begin(Loads), std::end(Loads), [&](const Load &one) { return one.name == name; });
    must(found != std::end(Loads), "no such condition");
    const Load &load = *found;
    const std::vector<std::string> texts = {"running", "fault"};
    const auto codeOf = [&](std::string_view text) {
        const auto known = std::find(texts.begin(), texts.end(), text);
        return known == texts.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(known - texts.begin()));
    };
    AlarmEngine engine([&](double code) { return texts[static_cast<std::size_t>(code)]; }, codeOf);
    engine.apply(rulesOf("rules:\n  - { id: bench, series: \"press/*/*/value\", priority: high, " + std::string(load.rule) + " }\n"),
                 std::make_shared<Tags>(), Start);
    const PlainClock clock;
    for (std::uint32_t n = 0; n < Alarms; ++n) {
        const std::string line = "L" + std::to_string(n % 100), device = "P-" + std::to_string(n);
        const std::string key = "press/" + line + "/" + device;
        const KeyLabels labels = {{"line", line}, {"device", device}};
        const std::uint32_t each = load.beside ? 2 : 1;
        if (load.beside)
            engine.bind(SeriesId(n * each), key + "/beside", load.besideKind, labels);
        engine.bind(SeriesId(n * each + each - 1), key + "/value", load.kind, labels);
    }
    double judging = 0, saving = 0;
    std::size_t raised = 0;
    for (int round = 0; round < Rounds; ++round) {
        const std::vector<Sample> samples = samplesOf(load, round);
        const std::span<const Sample> all(samples);
        const bool counts = round >= Rounds / 3; // windows are full then
        const double began = processorSeconds();
        for (std::size_t from = 0; from < all.size(); from += BatchRows) {
            const auto batch = all.subspan(from, std::min<std::size_t>(BatchRows, all.size() - from));
            const Time now = batch.back().t;
            engine.elapse(clock, now);
            engine.advance({batch, {}, clock, now});
        }
        engine.takeChanged();
        const double judged = processorSeconds();
        const auto changes = engine.collect();
        if (!counts)
            continue;
        judging += judged - began;
        saving += processorSeconds() - judged;
        for (const JournalRow &row : changes.rows)
            raised += row.event == "RAISED" ? 1 : 0;
    }
    const double evaluations = static_cast<double>(Alarms) * (Rounds - Rounds / 3);
    must(load.usual == load.odd || raised > 0, "nothing was raised");
    std::printf("per_s %.0f\nsaving_per_s %.0f\nraised %zu\n", evaluations / judging, evaluations / (judging + saving), raised);
}

void measureStorm()
{
    constexpr int Count = 10'000, Batches = 50;
    const char *given = std::getenv("SIGHTGLASS_BENCH_DIR");
    const std::string folder = std::string(given != nullptr ? given : ".") + "/alarms-bench"; // a temporary file system proves nothing
    std::filesystem::remove_all(folder);
    {
        auto file = StateFile::open(folder);
        must(bool(file), file ? "" : file.error().plain().c_str());
        Evaluator evaluator(Mono(std::chrono::seconds(1)), Start);
        evaluator.restore(std::move(*(*file)->load()));
        auto workspace = std::make_shared<Workspace>();
        workspace->pathLabels = Labels;
        workspace->tags = std::make_shared<Tags>();
        workspace->rules = rulesOf("rules:\n  - { id: hot, series: \"press/*/*/temp\", priority: high, high: { limit: 80 } }\n");
        evaluator.apply(workspace, true, "bench", "start", Mono(std::chrono::seconds(1)));
        SourceSpec spec;
        spec.id = "press";
        const SourceId source = evaluator.open(spec, true);
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        evaluator.noteStatus(source, status, Mono(std::chrono::seconds(1)));
        const auto commit = [&](Mono now) {
            const Commit changes = evaluator.collect(now);
            must(bool((*file)->write(changes)), "a commit failed");
            evaluator.noteCommitted(changes.journal.size(), (*file)->history());
        };
        const auto take = [&](int from, int to, int millis, double value) {
            Batch batch;
            batch.arrival = Mono(std::chrono::seconds(1)) + Millis(millis);
            for (int n = from; n < to; ++n) {
                if (value < 80)
                    batch.newSeries.push_back(
                        {LocalId(n), "press/L" + std::to_string(n % 100) + "/P-" + std::to_string(n) + "/temp", ValueKind::Number});
                batch.series.push_back(LocalId(n));
                batch.stamp.push_back(Start + Millis(millis));
                batch.value.push_back(value);
                batch.quality.push_back(Quality::Good);
                batch.isLive.push_back(1);
                batch.offset.push_back(n);
            }
            batch.runs = {{0, "orders/0"}};
            batch.after["orders/0"] = std::to_string(to);
            evaluator.take(source, std::move(batch));
            commit(Mono(std::chrono::seconds(1)) + Millis(millis));
        };
        take(0, Count, 1'000, 70);
        const auto began = std::chrono::steady_clock::now();
        for (int batch = 0; batch < Batches; ++batch)
            take(Count / Batches * batch, Count / Batches * (batch + 1), 2'000 + 1'000 / Batches * batch, 85);
        std::printf("ms %.3f\n", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    }
    {
        const auto reader = StateReader::open(folder);
        must(bool(reader), "the journal cannot be read");
        JournalQuery query;
        query.limit = Count * 10;
        const auto rows = (*reader)->journal(query);
        must(rows && std::count_if(rows->begin(), rows->end(), [](const JournalRow &row) { return row.event == "RAISED"; }) == Count,
             "not every alarm is in the journal");
        must(bool((*reader)->verifyJournal()), "the journal's chain is broken");
    }
    std::filesystem::remove_all(folder);
}

void measureRuleTests()
{
    std::string rules = "rules:\n", tests = "format: 1\ntests:\n";
    for (int i = 0; i < 1'000; ++i) {
        const std::string id = "hot" + std::to_string(i);
        rules += "  - { id: " + id + ", series: \"press/*/*/temp\", high: { limit: 80, on_delay: 5s }, priority: high }\n";
        tests += "  - { name: " + id + ", rules: [" + id + "], series: { press/L1/P-1/temp: \"70x3 81x10 70x3\" }, journal: [8s RAISED "
            + id + " press/L1/P-1/temp high, 13s CLEARED " + id + " press/L1/P-1/temp high] }\n";
    }
    const auto began = std::chrono::steady_clock::now();
    Workspace workspace;
    workspace.pathLabels = Labels;
    workspace.tags = std::make_shared<Tags>();
    workspace.rules = rulesOf(rules);
    const RuleTests read = readRuleTests(tests, "tests/bench.yaml");
    must(read.errors.empty() && read.tests.size() == 1'000, "the rule tests have faults");
    for (const RuleTest &test : read.tests)
        must(runRuleTest(workspace, test).failures.empty(), "a rule test failed");
    std::printf("s %.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

}
