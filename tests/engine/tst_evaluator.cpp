#include <QtTest>

#include "bench.h"

#include <cmath>
#include <random>

using namespace sg;
using sg::test::Bench;

namespace {

const std::string HotRule = R"(
rules:
  - id: hot
    series: press/*/*/temp
    high: { limit: 80, deadband: 2, on_delay: 5s, off_delay: 0s }
    priority: high
)";

std::string plain(const std::vector<std::string> &lines)
{
    std::string out;
    for (const std::string &line : lines)
        out += line + "\n";
    return out;
}

}

class TestEvaluator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // A 5 s delay takes 5 s whatever a gateway's clock shows.
    void aDelayTakesItsTimeWhateverTheClockShows_data()
    {
        QTest::addColumn<double>("offset"); // of the device's clock, seconds
        QTest::addColumn<double>("drift"); // seconds a second
        QTest::newRow("right") << 0.0 << 0.0;
        QTest::newRow("180 s slow") << -180.0 << 0.0;
        QTest::newRow("1.9 s slow") << -1.9 << 0.0;
        QTest::newRow("90 s fast") << 90.0 << 0.0;
        QTest::newRow("drifting") << -3.0 << 0.001;
    }
    void aDelayTakesItsTimeWhateverTheClockShows()
    {
        QFETCH(double, offset);
        QFETCH(double, drift);
        Bench bench(HotRule);
        for (double t = 0; t < 60; t += 0.5) {
            bench.row("temp", t, t + offset + drift * t, t >= 30 ? 90 : 70);
            bench.elapse(t + 0.25);
        }
        QVERIFY(bench.commit(60));
        double raised = NAN;
        for (const JournalRow &row : bench.rows())
            if (row.event == "RAISED")
                raised = std::chrono::duration<double>(row.tDetect - Bench::time(0)).count();
        QVERIFY2(raised >= 34.5 && raised <= 37, qPrintable(QString::number(raised)));
    }

    // A silent but living series still completes its delay.
    void aSilentSeriesCompletesItsDelay()
    {
        Bench bench(HotRule);
        bench.row("temp", 0, 0, 70);
        bench.row("temp", 10, 10, 90);
        bench.elapse(14.9);
        QVERIFY(bench.commit(14.9));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
        QVERIFY(bench.evaluator().due().has_value());
        bench.elapse(15.2);
        QVERIFY(bench.commit(15.2));
        QCOMPARE(bench.journal().size(), std::size_t(1));
    }

    // A backfill cannot complete a delay faster than its own times say.
    void catchingUpUsesTheTimesOfTheData()
    {
        Bench bench(HotRule);
        bench.mark(Behind{}, 0);
        bench.row("temp", 0.1, -100, 90);
        bench.row("temp", 0.2, -98, 90);
        bench.elapse(20);
        QVERIFY(bench.commit(20));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
        bench.row("temp", 20.1, -95, 90);
        QVERIFY(bench.commit(20.2));
        QCOMPARE(bench.journal().size(), std::size_t(1));
        bench.mark(CaughtUp{}, 20.3);
    }

    // Kill at any moment, commit at any moment: the journal is that of an uninterrupted run.
    void killsChangeNothing()
    {
        const unsigned seed = std::random_device{}();
        qInfo("seed %u", seed);
        std::mt19937 random(seed);
        std::vector<double> values;
        double value = 78;
        for (int i = 0; i < 600; ++i) {
            value += std::normal_distribution<double>(0, 1.5)(random) + (79 - value) * 0.05;
            values.push_back(std::round(value * 100) / 100);
        }
        const auto run = [&](double killShare) {
            Bench bench(HotRule);
            for (std::size_t i = 0; i < values.size();) {
                bench.row("temp", double(i), double(i), values[i], Quality::Good, std::int64_t(i));
                ++i;
                if (std::uniform_real_distribution<double>()(random) < 0.3)
                    bench.commit(double(i));
                if (std::uniform_real_distribution<double>()(random) < killShare) {
                    bench.killAndRestart();
                    const std::string position = bench.position();
                    i = position.empty() ? 0 : std::stoul(position);
                }
            }
            bench.commit(700);
            return bench.journal();
        };
        const auto whole = run(0);
        QVERIFY(whole.size() > 4);
        const auto killed = run(0.05);
        QVERIFY2(whole == killed, (plain(whole) + "---\n" + plain(killed)).c_str());
    }

    // A delay that was pending at a kill waits for what its source still holds: the false sample during the downtime ends it.
    void aPendingDelayWaitsForTheReplay()
    {
        Bench bench(HotRule);
        bench.row("temp", 0, 0, 70, Quality::Good, 0);
        bench.row("temp", 1, 1, 90, Quality::Good, 1);
        QVERIFY(bench.commit(2));
        bench.killAndRestart(false);
        bench.elapse(20);
        QVERIFY(bench.commit(20));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
        bench.live(20.1);
        bench.mark(Behind{}, 20.2);
        bench.row("temp", 20.3, 3, 70, Quality::Good, 2);
        bench.mark(CaughtUp{}, 20.4);
        bench.elapse(40);
        QVERIFY(bench.commit(40));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
    }

    // The counts of a source begin anew when it connects again.
    void messagesThatCannotBeReadAreCountedOnce()
    {
        Bench bench("rules:\n- id: unreadable\n  series: press/**\n  priority: low\n  per: []\n  quality: { share: [errors], over: 60s }\n"
                    "  high: { limit: 0.1 }\n");
        using enum SourceStatus::State;
        bench.row("temp", 0, 0, 70);
        bench.status(Live, 1, 100, 10);
        bench.status(Live, 2, 110, 11); // 11 of 110 are not above 10 %
        bench.lost(3);
        bench.status(Live, 4, 10, 0); // 11 of 120
        QVERIFY(bench.commit(5));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
        bench.status(Live, 6, 13, 3); // 14 of 123
        QVERIFY(bench.commit(7));
        QCOMPARE(bench.journal().size(), std::size_t(1));
    }

    // Who comes back reads when nobody watched, and what the catch-up found.
    void whatNobodyWatchedIsTold()
    {
        Bench bench("rules:\n- id: press-hot\n  series: press/*/*/*\n  priority: high\n  high: { limit: 80 }\n");
        bench.row("temp", 0, 0, 70);
        bench.row("oil", 0, 0, 70);
        bench.row("load", 0, 0, 90);
        QVERIFY(bench.commit(1));
        QVERIFY(!bench.snapshot(1)->sources.at(0).unwatched);
        bench.killAndRestart(false);
        auto told = bench.snapshot(99)->sources.at(0).unwatched;
        QVERIFY(told && told->from == Bench::time(1) && told->to == NoTime && !told->isLost);
        bench.mark(Behind{}, 100);
        bench.live(100);
        bench.row("temp", 100, 10, 90);
        bench.row("oil", 100, 11, 90);
        bench.row("oil", 100, 12, 70);
        told = bench.snapshot(101)->sources.at(0).unwatched;
        QVERIFY(told && told->to == Bench::time(100) && told->isCatchingUp);
        QCOMPARE(told->raised, std::size_t(2));
        bench.mark(Gap{Bench::time(20), Bench::time(30), {}}, 101);
        bench.mark(CaughtUp{}, 102);
        told = bench.snapshot(102)->sources.at(0).unwatched;
        QVERIFY(told && !told->isCatchingUp && told->isLost);
        QCOMPARE(told->raised, std::size_t(2));
        QCOMPARE(told->cleared, std::size_t(1));
        QCOMPARE(told->active, std::size_t(2)); // one of them was before
        bench.mark(Gap{Bench::time(150), Bench::time(160), {}}, 170); // another one, live
        told = bench.snapshot(171)->sources.at(0).unwatched;
        QVERIFY(told && told->from == Bench::time(150) && told->to == Bench::time(160) && told->isLost);
        QCOMPARE(told->raised, std::size_t(0));
        bench.mark(Gap{NoTime, NoTime, {}}, 180); // nobody knows since when
        told = bench.snapshot(181)->sources.at(0).unwatched;
        QVERIFY(told && told->from == Bench::time(180) && told->to == Bench::time(180) && told->isLost);
        bench.lost(200);
        told = bench.snapshot(201)->sources.at(0).unwatched;
        QVERIFY(told && told->from == Bench::time(200) && told->to == NoTime && !told->isLost);
        QCOMPARE(told->raised, std::size_t(0));
        bench.live(205);
        told = bench.snapshot(206)->sources.at(0).unwatched;
        QVERIFY(told && told->to == Bench::time(205) && !told->isCatchingUp);
    }

    // What still waits for order when a source has caught up is judged before the delays that are over by now.
    void whatWaitsComesBeforeTheTimersWhenCaughtUp()
    {
        Bench bench(HotRule, std::chrono::seconds(5));
        bench.row("temp", 0, 0, 70);
        QVERIFY(bench.commit(1));
        bench.killAndRestart(false);
        bench.mark(Behind{}, 100);
        bench.live(100);
        bench.row("temp", 100, 10, 90);
        bench.row("temp", 100, 14, 70);
        bench.row("temp", 100, 16, 70); // lets the first go, and no more
        bench.mark(CaughtUp{}, 102);
        bench.elapse(120);
        QVERIFY(bench.commit(120));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
    }

    // What a silent series let through is behind us: an older sample is late, although the lateness would still allow it.
    void whatWasLetThroughIsNotOvertaken()
    {
        Bench bench(HotRule, std::chrono::seconds(5));
        for (int i = 0; i <= 100; ++i)
            bench.row("temp", i, i, 70);
        bench.elapse(110);
        const auto stored = bench.evaluator().store().rows();
        QCOMPARE(stored, std::uint64_t(101));
        bench.row("temp", 111, 97.5, 90);
        bench.row("temp", 130, 130, 70);
        bench.elapse(150);
        QVERIFY(bench.commit(150));
        QVERIFY2(bench.journal().empty(), plain(bench.journal()).c_str());
        QCOMPARE(bench.evaluator().store().rows(), std::uint64_t(103));
    }

    // revisions: replace. What a stream processor tells again for a window is its newer result, not a second opinion.
    void aRevisionReplacesAndIsNoConflict()
    {
        for (const char *revisions : {"conflict", "replace"}) {
            Bench bench(HotRule);
            SourceSpec spec;
            spec.id = "agg";
            Node time;
            time.kind = Node::Kind::Map;
            time.map.emplace_back("revisions", Node::ofScalar(revisions));
            spec.declaration.kind = Node::Kind::Map;
            spec.declaration.map.emplace_back("time", time);
            const SourceId source = bench.evaluator().open(spec, true);
            for (const double value : {3.0, 4.0, 5.0}) {
                Batch batch;
                if (value == 3)
                    batch.newSeries.push_back({LocalId(0), "agg/L1/n", ValueKind::Number});
                batch.series = {LocalId(0)};
                batch.stamp = {Time(std::chrono::seconds(60))};
                batch.value = {value};
                batch.quality = {Quality::Good};
                batch.isLive = {1};
                batch.offset = {-1};
                bench.evaluator().take(source, std::move(batch));
            }
            const SeriesStore &store = bench.evaluator().store();
            QCOMPARE(store.rows(), std::uint64_t(1));
            QCOMPARE(store.conflicts(), std::uint64_t(std::string_view(revisions) == "replace" ? 0 : 2));
        }
    }

    // Any order of arrival inside the lateness, with exact duplicates, gives the same journal.
    void anyOrderInsideTheLatenessGivesTheSameJournal()
    {
        const unsigned seed = std::random_device{}();
        qInfo("seed %u", seed);
        std::mt19937 random(seed);
        struct Arrival
        {
            double at, stamp, value;
        };
        std::vector<Arrival> ordered;
        double value = 78;
        for (int i = 0; i < 300; ++i) {
            value += std::normal_distribution<double>(0, 2)(random) + (79 - value) * 0.05;
            ordered.push_back({double(i), double(i), value});
        }
        const auto run = [&](std::vector<Arrival> arrivals) {
            std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival &a, const Arrival &b) { return a.at < b.at; });
            Bench bench(HotRule, std::chrono::seconds(5));
            for (const Arrival &a : arrivals)
                bench.row("temp", a.at, a.stamp, a.value);
            bench.row("temp", 320, 320, 70);
            bench.row("temp", 340, 340, 70);
            bench.elapse(360);
            bench.commit(360);
            return bench.journal();
        };
        const auto expected = run(ordered);
        QVERIFY(expected.size() > 2);
        std::vector<Arrival> shuffled;
        for (const Arrival &a : ordered) {
            shuffled.push_back({a.at + std::uniform_real_distribution<double>(0, 4.4)(random), a.stamp, a.value});
            if (random() % 4 == 0)
                shuffled.push_back({a.at + std::uniform_real_distribution<double>(0, 4.4)(random), a.stamp, a.value});
        }
        const auto got = run(shuffled);
        QVERIFY2(expected == got, (plain(expected) + "---\n" + plain(got)).c_str());
    }

    void samplesOfOneArrivalDoNotReplaceEachOther()
    {
        Bench bench(HotRule);
        Batch batch;
        batch.newSeries.push_back({LocalId(0), "press/L1/P-01/beat", ValueKind::Number});
        batch.arrival = Bench::mono(1);
        for (int i = 0; i < 5; ++i) {
            batch.series.push_back(LocalId(0));
            batch.stamp.push_back(NoTime);
            batch.value.push_back(i);
            batch.quality.push_back(Quality::Good);
            batch.isLive.push_back(1);
            batch.offset.push_back(i);
        }
        bench.evaluator().take(SourceId(0), std::move(batch));
        QCOMPARE(bench.evaluator().store().rows(), std::uint64_t(5));
    }

    void aGapEndsTheLine()
    {
        Bench bench(HotRule);
        bench.row("temp", 1, 1, 70);
        bench.mark(Gap{Bench::time(1), Bench::time(5), Error{"lost", {}, {}}}, 5);
        bench.row("temp", 6, 6, 71);
        const auto snapshot = bench.snapshot(6);
        const Columns columns = queryColumns(snapshot->series.at(0).view, Bench::time(0), Bench::time(10), 10);
        bool breaks = false;
        for (const Column &column : columns.columns)
            breaks = breaks || (column.samples > 0 && column.breaksBefore);
        QVERIFY(breaks);
        QVERIFY(bench.commit(7));
        const auto rows = bench.rows();
        QVERIFY(std::any_of(rows.begin(), rows.end(), [](const JournalRow &row) { return row.event == "GAP" && row.source == "press"; }));
    }

    void valuesComeBackAfterARestart()
    {
        Bench bench(HotRule);
        for (int i = 0; i < 1000; ++i)
            bench.row("temp", i, i, 70 + i % 7);
        QVERIFY(bench.commit(1000));
        bench.killAndRestart();
        const auto snapshot = bench.snapshot(0);
        QCOMPARE(snapshot->series.size(), std::size_t(1));
        QCOMPARE(snapshot->series.at(0).value, 70.0 + 999 % 7);
        QCOMPARE(bench.evaluator().store().rows(), std::uint64_t(1000));
    }

    // Only what came behind the source's lateness, and not what is told a second time.
    void lateValuesKeepTheirMark()
    {
        Bench bench(HotRule, std::chrono::seconds(5));
        for (int i = 0; i < 100; ++i)
            bench.row("temp", i, i, 70);
        bench.row("temp", 100, 97.5, 71); // in time
        bench.row("temp", 100, 40.5, 72); // late
        bench.row("temp", 100, 41, 70); // late, but it was here
        bench.elapse(120);
        const auto late = [&] {
            std::vector<double> out;
            readRows(bench.snapshot(120)->series.at(0).view, NoTime, Time::max(), [&](const Row &row) {
                if (row.isLate)
                    out.push_back(row.value);
                return true;
            });
            return out;
        };
        QCOMPARE(late(), std::vector<double>{72});
        QVERIFY(bench.commit(120));
        bench.killAndRestart();
        QCOMPARE(late(), std::vector<double>{72});
    }

    void anOldSnapshotNeverChanges()
    {
        Bench bench(HotRule);
        bench.row("temp", 1, 1, 70);
        const auto before = bench.snapshot(1);
        for (int i = 2; i < 5000; ++i)
            bench.row("temp", i, i, 75);
        const auto after = bench.snapshot(5000);
        QCOMPARE(before->series.at(0).value, 70.0);
        QCOMPARE(after->series.at(0).value, 75.0);
        std::size_t rows = 0;
        readRows(before->series.at(0).view, Bench::time(0), Bench::time(10'000), [&](const Row &) { return ++rows > 0; });
        QCOMPARE(rows, std::size_t(1));
        std::size_t pages = 0;
        after->series.changedSince(before->series, [&](std::size_t, std::size_t) { ++pages; });
        QCOMPARE(pages, std::size_t(1));
    }
};

QTEST_GUILESS_MAIN(TestEvaluator)
#include "tst_evaluator.moc"
