// Samples a second of one core in a backtest: 200 series of one sample a second, compressed as a history holds them, merged by time and
// judged. With limits alone, and with windows and deviations beside them.
#include "bench/peers.h"
#include "engine/backtest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include <time.h>

using namespace sg;

namespace {

constexpr int Series = 200, Rows = 50'000; // each
const Time Start{std::chrono::seconds(1'780'000'000)};

// Of one core, whatever else the machine does meanwhile.
double cpuSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Workspace workspaceOf(const std::string &yaml)
{
    Workspace workspace;
    workspace.pathLabels = {{"press", {"line", "device"}}};
    workspace.tags = std::make_shared<Tags>();
    auto rules = std::make_shared<RuleSet>();
    const auto root = parseYaml(yaml, "rules/bench.yaml");
    for (const Node &item : (*root)["rules"].list) {
        RuleSurroundings around;
        around.pathLabels = &workspace.pathLabels;
        auto rule = readRule(item, Node(), item.text("id"), around);
        if (!rule) {
            std::fprintf(stderr, "%s\n", rule.error().plain().c_str());
            std::exit(1);
        }
        rules->rules.push_back(*rule);
    }
    workspace.rules = rules;
    return workspace;
}

void run(const char *figure, const std::string &yaml, const BacktestData &data)
{
    const Workspace workspace = workspaceOf(yaml);
    double best = 0;
    std::size_t occurrences = 0;
    for (int turn = 0; turn < 3; ++turn) {
        const double began = cpuSeconds();
        const auto result = runBacktest(workspace, data, {});
        best = std::max(best, static_cast<double>(result->samples) / (cpuSeconds() - began));
        occurrences = result->occurrences.size();
    }
    std::printf("%zu occurrences\nfigure: %s %.0f samples/s\n", occurrences, figure, best);
}

}

int main()
{
    SeriesStore store;
    BacktestData data;
    std::mt19937_64 random(1);
    std::normal_distribution<double> step(0, 0.5);
    for (int i = 0; i < Series; ++i) {
        double value = 70;
        std::vector<Row> rows;
        for (int n = 0; n < Rows; ++n) {
            value += step(random) + (75 - value) * 0.02;
            rows.push_back({Start + std::chrono::seconds(n) + Micros(i * 1000), std::round(value * 100) / 100, Quality::Good});
        }
        store.append(SeriesId(i), rows);
        const std::string device = "press/L" + std::to_string(i / 20) + "/P" + std::to_string(i / 2);
        data.series.push_back({device + (i % 2 == 0 ? "/temp" : "/ref"), ValueKind::Number, store.view(SeriesId(i))});
    }
    const std::string limits = "rules:\n"
                               "  - id: hot\n    series: press/*/*/temp\n    priority: high\n"
                               "    high: { limit: 78, deadband: 1, on_delay: 5s }\n    high_high: { limit: 80 }\n"
                               "  - id: other\n    series: press/*/*/ref\n    priority: high\n    low: { limit: 70, off_delay: 5s }\n";
    run("backtest_limits_samples_per_s", limits, data);
    run("backtest_mixed_samples_per_s",
        limits
            + "  - id: mean\n    series: press/*/*/temp\n    priority: high\n    window: { take: avg, over: 10min }\n"
              "    high: { limit: 76 }\n"
              "  - id: apart\n    series: press/*/*/temp\n    priority: high\n"
              "    deviation: { from: \"press/{line}/{device}/ref\", within: 2s }\n    high: { limit: 5 }\n",
        data);
    return 0;
}
