#include "bench/alarmrates.h"

#include "bench/peers.h"

#include "engine/backtest.h"
#include "store/seriesstore.h"

#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>

namespace sg::bench {

void measureBacktest()
{
    constexpr int Series = 20;
    constexpr int RowsEach = 250'000; // at 1 s: about three days
    const auto begin = Time(std::chrono::seconds(1'795'000'000));
    SeriesStore store;
    std::mt19937 random(1);
    std::normal_distribution<double> step(0, 0.4);
    BacktestData data;
    for (int s = 0; s < Series; ++s) {
        std::vector<Row> rows;
        rows.reserve(RowsEach);
        double value = 60;
        for (int n = 0; n < RowsEach; ++n) {
            value += step(random) + (60 - value) * 0.001;
            rows.push_back({begin + std::chrono::seconds(n) + Millis(s * 10), std::round(value * 100) / 100, Quality::Good});
        }
        store.append(SeriesId(static_cast<std::uint32_t>(s)), rows);
        data.series.push_back(
            {"press/L1/P-" + std::to_string(s) + "/temp", ValueKind::Number, store.view(SeriesId(static_cast<std::uint32_t>(s)))});
    }
    Workspace workspace;
    workspace.pathLabels = {{"press", {"line", "device"}}};
    workspace.tags = std::make_shared<Tags>();
    auto rules = std::make_shared<RuleSet>();
    const auto root = parseYaml("rules:\n  - { id: hot, series: \"press/*/*/temp\", priority: high, on_delay: 5s,"
                                " high: { limit: 70, deadband: 1 } }\n",
                                "rules/bench.yaml");
    must(bool(root), "the rules have faults");
    RuleSurroundings around;
    around.pathLabels = &workspace.pathLabels;
    for (const Node &item : (*root)["rules"].list) {
        auto rule = readRule(item, Node(), item.text("id"), around);
        must(bool(rule), rule ? "" : rule.error().plain().c_str());
        rules->rules.push_back(*rule);
    }
    workspace.rules = rules;
    timespec from{}, to{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    const auto result = runBacktest(workspace, data, {});
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    must(bool(result), result ? "" : result.error().plain().c_str());
    must(result->samples == std::uint64_t(Series) * RowsEach && !result->occurrences.empty(), "the backtest has not judged every sample");
    const double seconds
        = static_cast<double>(to.tv_sec - from.tv_sec) + static_cast<double>(to.tv_nsec - from.tv_nsec) / 1e9; // of processor time
    std::printf("per_s %.0f\noccurrences %zu\n", static_cast<double>(result->samples) / seconds, result->occurrences.size());
}

}
