#include "bench.h"

#include "core/signoflife.h"

#include <QtTest>

using namespace sg;
using namespace sg::test;

namespace {

const char *const Rules = R"(rules:
  - id: press-hot
    series: press/*/*/temp
    priority: high
    off_delay: 2s
    high: { limit: 80 }
  - id: press-silent
    series: press/*/*/temp
    priority: low
    absence: { timeout: 5s, grace: 1s }
  - id: press-old
    series: press/*/*/temp
    priority: low
    freshness: { older_than: 30s }
)";

// What a source that looks at things as they are says of them: unchanged, gone, back again.
class TestNoData : public QObject
{
    Q_OBJECT

private:
    // A row of press/L1/P-01/temp, which Bench::row() made known.
    static void tell(Bench &bench, double at, std::optional<double> stamp, std::uint8_t isLive, std::optional<double> value)
    {
        Batch batch;
        batch.arrival = Bench::mono(at);
        batch.series = {LocalId(0)};
        batch.stamp = {stamp ? Bench::time(*stamp) : NoTime};
        batch.value = {value.value_or(std::numeric_limits<double>::quiet_NaN())};
        batch.quality = {value || isLive == LifeOnly ? Quality::Good : Quality::Bad};
        batch.isLive = {isLive};
        batch.offset = {value ? 7 : -1};
        batch.runs = {{0, "line_status"}};
        bench.evaluator().take(SourceId(0), std::move(batch));
    }
    static std::optional<AlarmView> alarm(Bench &bench, double at, const std::string &rule)
    {
        const auto snapshot = bench.snapshot(at);
        for (std::size_t i = 0; i < snapshot->alarms.size(); ++i)
            if (const auto &view = snapshot->alarms.at(i).alarm; view.rule && view.rule->id == rule)
                return view;
        return std::nullopt;
    }
    static bool isActive(Bench &bench, double at, const std::string &rule)
    {
        const auto view = alarm(bench, at, rule);
        return view && view->regions.condition == ConditionRegion::Active;
    }

private Q_SLOTS:
    void aKeyThatIsGoneClearsNothing()
    {
        Bench bench(Rules);
        bench.row("temp", 0, 0, 90);
        QVERIFY(isActive(bench, 0, "press-hot"));
        tell(bench, 2, std::nullopt, 0, std::nullopt);
        bench.elapse(100);
        QVERIFY(isActive(bench, 100, "press-hot"));
        QCOMPARE(alarm(bench, 100, "press-hot")->regions.quality, QualityRegion::NoData);
        // Back, and as bad as before; then back in the limits.
        tell(bench, 101, 101, 1, 91);
        QVERIFY(isActive(bench, 101, "press-hot"));
        QCOMPARE(alarm(bench, 101, "press-hot")->regions.quality, QualityRegion::Good);
        tell(bench, 102, 102, 1, 70);
        tell(bench, 103, std::nullopt, 0, std::nullopt); // gone while its off-delay runs
        bench.elapse(200);
        QVERIFY(alarm(bench, 200, "press-hot")->regions.condition == ConditionRegion::PendingOff);
        tell(bench, 201, 201, 1, 70);
        bench.elapse(210);
        QVERIFY(alarm(bench, 210, "press-hot")->regions.condition == ConditionRegion::Normal);
        for (const std::string &row : bench.journal())
            QVERIFY2(row.find("CLEARED") == std::string::npos || row.find("press-hot") != std::string::npos, row.c_str());
    }

    void aBadValueIsAnErrorAndNoLackOfData()
    {
        Bench bench(Rules);
        bench.row("temp", 0, 0, 90);
        bench.row("temp", 1, 1, std::numeric_limits<double>::quiet_NaN(), Quality::Bad);
        QCOMPARE(alarm(bench, 1, "press-hot")->regions.quality, QualityRegion::Error);
    }

    void anUnchangedRowIsASignOfLifeAndNoSample()
    {
        Bench bench(Rules);
        bench.row("temp", 0, 0, 70);
        for (int t = 1; t <= 20; ++t) {
            tell(bench, t, 0, LifeOnly, std::nullopt);
            bench.elapse(t + 0.5);
        }
        QVERIFY(!isActive(bench, 20.5, "press-silent"));
        const auto row = bench.snapshot(20.5)->series.at(0);
        QCOMPARE(row.value, 70.0);
        QCOMPARE(row.t, Bench::time(0)); // no sample came
        QCOMPARE(row.arrived, Bench::time(20));
        QVERIFY(!isActive(bench, 20.5, "press-old"));
        // It lives, and what it says is old.
        for (int t = 21; t <= 31; ++t) {
            tell(bench, t, 0, LifeOnly, std::nullopt);
            bench.elapse(t + 0.5);
        }
        QVERIFY(isActive(bench, 31.5, "press-old"));
        QVERIFY(!isActive(bench, 31.5, "press-silent"));
        // Gone is no sign of life.
        tell(bench, 32, std::nullopt, 0, std::nullopt);
        bench.elapse(40);
        QVERIFY(isActive(bench, 40, "press-silent"));
    }

    // Back with the stamp that it had: judged at its return, and as old as it says.
    void aRowThatReturnsIsAsOldAsItSays()
    {
        Bench bench(Rules);
        bench.row("temp", 0, 0, 70);
        tell(bench, 2, std::nullopt, 0, std::nullopt);
        tell(bench, 29, 0, LifeOnly, std::nullopt);
        tell(bench, 29, std::nullopt, 0, 95); // 7 as its offset: a message brought it
        QVERIFY(isActive(bench, 29, "press-hot"));
        bench.elapse(31);
        QVERIFY(isActive(bench, 31, "press-old"));
    }
};

}

QTEST_GUILESS_MAIN(TestNoData)
#include "tst_nodata.moc"
