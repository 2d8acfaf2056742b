#include <QtTest>

#include "bench.h"

#include "engine/backtest.h"

#include <cmath>
#include <random>

using namespace sg;
using sg::test::Bench;

namespace {

std::string lineOf(const Occurrence &one)
{
    const auto seconds = [](Time t) { return t == NoTime ? std::string("-") : std::to_string((t - Bench::time(0)).count() / 1000) + "ms"; };
    return one.rule + " " + one.path() + " " + seconds(one.begin) + " " + seconds(one.end) + " " + nameOf(one.highest);
}

std::string plain(const std::vector<OccurrenceChange> &changes)
{
    static constexpr const char *names[] = {"only in the backtest", "only live", "shifted"};
    std::string out;
    for (const OccurrenceChange &change : changes) {
        out += std::string("\n") + names[static_cast<std::size_t>(change.kind)] + ":";
        if (change.kind != OccurrenceChange::Kind::Added)
            out += " " + lineOf(change.before);
        if (change.kind != OccurrenceChange::Kind::Removed)
            out += " | " + lineOf(change.after);
    }
    return out;
}

BacktestResult backtestOf(Bench &bench, BacktestOptions options = {}, std::string rules = {})
{
    if (!rules.empty())
        bench.setRules(std::move(rules));
    BacktestDataOptions where;
    where.stateFolder = bench.folder();
    const auto workspace = bench.workspace();
    const auto data = readBacktestData(*workspace, where);
    if (!data)
        qFatal("%s", data.error().plain().c_str());
    auto result = runBacktest(*workspace, *data, options);
    if (!result)
        qFatal("%s", result.error().plain().c_str());
    return std::move(*result);
}

// Three numbers that wander, now and then without a value; every quarter of a second one of them reaches us.
// Of every `late`-th row the time is 3 s back.
void wander(Bench &bench, unsigned seed, double seconds, double delay, int late = 0)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> step(0, 1.2);
    std::uniform_real_distribution<double> share(0, 1);
    double values[] = {78, 78, 20};
    constexpr const char *fields[] = {"temp", "other", "flow"};
    double silentUntil = 0;
    for (int i = 0; i < static_cast<int>(seconds * 4); ++i) {
        const double t = i / 4.0;
        const int n = i % 3;
        values[n] += step(random) + ((n == 2 ? 20 : 79) - values[n]) * 0.03;
        const double value = std::round(values[n] * 100) / 100;
        const bool isBad = share(random) < 0.01;
        if (share(random) < 0.01)
            silentUntil = t + 8 * share(random);
        if (t < silentUntil) {
            bench.elapse(t + delay + 0.1);
            continue;
        }
        const double stamp = late > 0 && i % late == 0 ? t - 3.1 : t;
        bench.row(fields[n], t + delay, stamp, isBad ? std::nan("") : value, isBad ? Quality::Bad : Quality::Good, i);
        bench.elapse(t + delay + 0.1);
        if (i % 40 == 0)
            bench.commit(t + delay + 0.1);
    }
}

}

class TestBacktest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // The occurrences that the live evaluation journaled are those of a backtest over the readings that it stored.
    void theOccurrencesAreThoseOfTheLiveRun_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<double>("delay"); // from stamp to arrival; -1: none, but some come too late
        QTest::addColumn<int>("least"); // occurrences, or the row proves nothing
        const auto row = [](const char *name, const char *rule, double delay, int least) {
            QTest::newRow(name) << QString::fromUtf8(rule) << delay << least;
        };
        row("limit", "high: { limit: 80 }", 0.3, 50);
        row("deadband and delays", "high: { limit: 80, deadband: 2, on_delay: 3s, off_delay: 2s }", 0.3, 20);
        row("four levels",
            "high: { limit: 80, deadband: 1 }\n    high_high: { limit: 82, on_delay: 2s }\n    low: { limit: 76 }\n"
            "    low_low: { limit: 74, on_delay: 5s, off_delay: 3s }",
            0.3, 50);
        row("missing raises", "high: { limit: 80 }\n    on_missing: raise", 0.3, 50);
        row("missing clears", "high: { limit: 80 }\n    on_missing: { clear_after: 2s }", 0.3, 50);
        row("warm-up", "high: { limit: 80 }\n    warmup: 200s", 0.3, 30);
        row("window", "window: { take: avg, over: 10s, coverage: 50% }\n    high: { limit: 79.5, on_delay: 2s }", 0.3, 10);
        row("rate of change", "rate_of_change: { per: 1min, over: 10s }\n    high: { limit: 20 }", 0.3, 20);
        row("count", "count: { above: 80, of: samples, over: 10s }\n    high: { limit: 3 }", 0.3, 20);
        row("deviation", "deviation: { from: \"press/{line}/{device}/other\", within: 3s }\n    high: { limit: 2, on_delay: 1s }", 0.3, 20);
        row("expression over two series",
            "inputs: { o: { series: \"press/{line}/{device}/other\" } }\n    when: value > 79 and o > 79\n    on_delay: 1s", 0.3, 10);
        row("suppressed", "high: { limit: 80 }\n    suppress_when: { series: \"press/{line}/{device}/flow\", equals: 20 }", 0.3, 50);
        row("absence", "absence: { timeout: 4s, grace: 1s }", 0.0, 5);
        row("late ones", "high: { limit: 80 }", -1, 50);
    }
    void theOccurrencesAreThoseOfTheLiveRun()
    {
        QFETCH(QString, rule);
        QFETCH(double, delay);
        QFETCH(int, least);
        const std::string series = rule.startsWith(QStringLiteral("absence")) ? "press/*/*/**" : "press/*/*/temp";
        Bench bench("rules:\n  - id: r\n    series: \"" + series + "\"\n    priority: high\n    " + rule.toStdString() + "\n");
        bench.evaluator().noteStarted(Bench::mono(0), "test");
        wander(bench, 7, 1800, std::max(0.0, delay), delay < 0 ? 13 : 0);
        bench.elapse(1830);
        QVERIFY(bench.commit(1830));
        const auto live = occurrencesOf(bench.rows());
        QVERIFY2(live.size() >= std::size_t(least), std::to_string(live.size()).c_str());
        const BacktestResult result = backtestOf(bench);
        const auto found = differences(live, result.occurrences);
        QVERIFY2(found.empty(), plain(found).c_str());
        QCOMPARE(result.rules.front().occurrences, live.size());
        QVERIFY(!result.isStopped);
    }

    // What is left on disk in chunks and segments is one history, also while an evaluator goes on writing it.
    void chunksAndSegmentsAreOneHistory()
    {
        Evaluator::Limits limits;
        limits.history.every = std::chrono::seconds(1);
        limits.history.backlogRows = 500;
        Bench bench("rules:\n  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80, on_delay: 1s }\n",
                    Micros(0), limits);
        wander(bench, 3, 3600, 0.2);
        QVERIFY(bench.commit(3601));
        QVERIFY(bench.file().history().chunks > 0);
        const auto found = differences(occurrencesOf(bench.rows()), backtestOf(bench).occurrences);
        QVERIFY2(found.empty(), plain(found).c_str());
        QVERIFY(bench.commit(3602)); // it was never kept from writing
    }

    // A delay may run out while nothing comes because the source is away; live it waits, and so it does here.
    void nothingIsConcludedFromALostSource()
    {
        Bench bench("rules:\n"
                    "  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80, on_delay: 20s }\n"
                    "  - id: silent\n    series: \"press/*/*/**\"\n    priority: high\n    absence: { timeout: 30s, grace: 5s }\n");
        bench.evaluator().noteStarted(Bench::mono(0), "test");
        for (int t = 0; t < 60; ++t)
            bench.row("temp", t, t, t < 55 ? 70 : 90);
        SourceStatus lost;
        lost.state = SourceStatus::State::Lost;
        bench.evaluator().noteStatus(SourceId(0), lost, Bench::mono(60));
        for (int t = 61; t < 300; t += 3)
            bench.elapse(t);
        bench.live(300);
        bench.row("temp", 300, 300, 70); // the delay was over before, so it was active
        for (int t = 301; t < 400; ++t)
            bench.elapse(t);
        QVERIFY(bench.commit(400));
        const auto live = occurrencesOf(bench.rows());
        QCOMPARE(live.size(), std::size_t(2)); // hot at 55, silent 30 s after the 300
        const BacktestResult result = backtestOf(bench);
        const auto found = differences(live, result.occurrences);
        QVERIFY2(found.empty(), plain(found).c_str());
        QCOMPARE(result.notHeard.size(), std::size_t(1));
        QCOMPARE(result.notHeard.front().source, std::string("press"));
        QCOMPARE(result.notHeard.front().from, Bench::time(60));
        QCOMPARE(result.notHeard.front().to, Bench::time(300));
        QCOMPARE(result.watched, Micros(std::chrono::seconds(160)));
    }

    // The mark of a gap in the history was seen by no alarm; a bad value that came was.
    void theMarkOfAGapIsNoReading()
    {
        Bench bench("rules:\n  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80, on_delay: 10s }\n");
        bench.row("temp", 0, 0, 90);
        bench.row("temp", 2, 2, 90);
        bench.mark(Gap{Bench::time(2), Bench::time(5), {SG_TR("lost"), {}, {}}}, 5);
        bench.row("temp", 5, 5, 90);
        bench.row("temp", 20, 20, 90); // 10 s after 0, gap or not: so it was decided
        bench.row("temp", 21, 21, 70);
        bench.row("temp", 30, 30, 90);
        bench.row("temp", 33, 33, std::nan(""), Quality::Bad);
        bench.row("temp", 39, 39, 90); // 6 s that do not count
        bench.row("temp", 44, 44, 70);
        QVERIFY(bench.commit(45));
        const auto live = occurrencesOf(bench.rows());
        QCOMPARE(live.size(), std::size_t(1));
        const BacktestResult result = backtestOf(bench);
        const auto found = differences(live, result.occurrences);
        QVERIFY2(found.empty(), plain(found).c_str());
        QCOMPARE(result.notHeard.size(), std::size_t(1));
        QCOMPARE(result.notHeard.front().why, std::string("GAP"));
    }

    // A part of the time gives the part of the occurrences that began in it: what the rules remember is run through before.
    void aRangeIsAPartOfTheWhole_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::newRow("delays") << "high: { limit: 80, deadband: 1, on_delay: 3s, off_delay: 2s }";
        QTest::newRow("window") << "window: { take: avg, over: 60s, coverage: 50% }\n    high: { limit: 79 }";
        QTest::newRow("deviation") << "deviation: { from: \"press/{line}/{device}/other\", within: 3s }\n    high: { limit: 2 }";
    }
    void aRangeIsAPartOfTheWhole()
    {
        QFETCH(QString, rule);
        Bench bench("rules:\n  - id: r\n    series: press/*/*/temp\n    priority: high\n    " + rule.toStdString() + "\n");
        wander(bench, 11, 3600, 0.2);
        QVERIFY(bench.commit(3601));
        const auto whole = backtestOf(bench).occurrences;
        for (const double from : {600.0, 1500.0, 2222.0}) {
            BacktestOptions options;
            options.from = Bench::time(from);
            options.to = Bench::time(from + 900);
            std::vector<Occurrence> part;
            for (Occurrence one : whole)
                if (one.begin >= options.from && one.begin < options.to) {
                    if (one.end >= options.to)
                        one.end = NoTime;
                    part.push_back(std::move(one));
                }
            QVERIFY(part.size() > 2);
            auto ranged = backtestOf(bench, options);
            const auto found = differences(part, ranged.occurrences);
            QVERIFY2(found.empty(), plain(found).c_str());
            QCOMPARE(ranged.reached, options.to);
        }
    }

    void twoVersionsAreHeldAgainstEachOther()
    {
        const auto rules = [](const std::string &limit) {
            return "rules:\n  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: " + limit + " }\n";
        };
        Bench bench(rules("80"));
        const auto values = [&](double begin, std::vector<double> all) {
            for (const double value : all) {
                bench.row("temp", begin, begin, value);
                begin += 1;
            }
        };
        values(0, {70, 81, 81, 70}); // removed by 82
        values(10, {70, 81, 85, 85, 81, 70}); // shifted: 12 to 14
        values(20, {70, 90, 70}); // the same
        QVERIFY(bench.commit(30));
        const auto before = backtestOf(bench).occurrences;
        const auto after = backtestOf(bench, {}, rules("82")).occurrences;
        QCOMPARE(before.size(), std::size_t(3));
        const auto found = differences(before, after);
        QCOMPARE(found.size(), std::size_t(2));
        QVERIFY(found[0].kind == OccurrenceChange::Kind::Removed);
        QCOMPARE(found[0].before.begin, Bench::time(1));
        QVERIFY(found[1].kind == OccurrenceChange::Kind::Shifted);
        QCOMPARE(found[1].after.begin, Bench::time(12));
        QCOMPARE(found[1].after.end, Bench::time(14));
        const auto back = differences(after, before);
        QVERIFY(back[0].kind == OccurrenceChange::Kind::Added);
    }

    void itTellsHowFarItIsAndCanBeStopped()
    {
        Bench bench("rules:\n  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80 }\n");
        wander(bench, 5, 3600, 0.2);
        QVERIFY(bench.commit(3601));
        std::vector<double> shares;
        std::stop_source stop;
        BacktestOptions options;
        options.progress = [&](const BacktestProgress &progress) { shares.push_back(progress.share); };
        const BacktestResult whole = backtestOf(bench, options);
        QVERIFY(!shares.empty() && shares.back() == 1.0 && std::is_sorted(shares.begin(), shares.end()));
        options.stop = stop.get_token();
        options.progress = [&](const BacktestProgress &) { stop.request_stop(); };
        const BacktestResult part = backtestOf(bench, options);
        QVERIFY(part.isStopped);
        QVERIFY(part.reached < part.to);
        QVERIFY(part.occurrences.size() < whole.occurrences.size());
    }

    void aRuleTakesThoseThatItLooksAtAlong()
    {
        Bench bench("rules:\n"
                    "  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80, on_delay: 3s }\n"
                    "  - id: rest\n    series: press/*/*/flow\n    priority: high\n    high: { limit: 80 }\n"
                    "  - id: both\n    series: press/*/*/other\n    priority: high\n    inputs: { h: { rule: hot } }\n"
                    "    when: h and value > 79\n    on_delay: 2s\n");
        wander(bench, 9, 1800, 0.2);
        bench.elapse(1830);
        QVERIFY(bench.commit(1830));
        auto live = occurrencesOf(bench.rows());
        BacktestOptions options;
        options.rule = "both";
        const BacktestResult result = backtestOf(bench, options);
        std::erase_if(live, [](const Occurrence &one) { return one.rule != "both"; });
        QVERIFY(live.size() > 5);
        const auto found = differences(live, result.occurrences);
        QVERIFY2(found.empty(), plain(found).c_str());
        QCOMPARE(result.rules.size(), std::size_t(1));
        const auto workspace = bench.workspace();
        QCOMPARE(withInputs(*workspace->rules, "both")->rules.size(), std::size_t(2));
        QVERIFY(withInputs(*workspace->rules, "none") == nullptr);
        QCOMPARE(memoryOf(*workspace->rules, *workspace->rules->rules[2]), Micros(std::chrono::seconds(5)));
    }
};

QTEST_GUILESS_MAIN(TestBacktest)
#include "tst_backtest.moc"
