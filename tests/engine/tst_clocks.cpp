#include <QtTest>

#include "bench.h"

#include "store/columns.h"

#include <cmath>
#include <random>
#include <set>

using namespace sg;
using sg::test::Bench;

namespace {

const std::string HotRule = R"(
rules:
  - id: hot
    series: press/*/*/temp
    high: { limit: 80, on_delay: 5s }
    priority: high
)";

// What a device's clock shows at a true time, and how long its message travels.
using Clock = double (*)(double t);

struct Story
{
    const char *name;
    const char *time; // of the source, beside basis and at
    Clock shows;
    Clock delay;
    const char *says; // every CLOCK_ record, by ", "; "" none
};

double right(double t)
{
    return t;
}
double tenth(double)
{
    return 0.1;
}

}

class TestClocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // What the evaluator says of a clock, and that an alarm is raised within 2 s of the true time whatever it shows.
    void aClockThatIsWrongIsTold_data()
    {
        QTest::addColumn<std::string>("time");
        QTest::addColumn<void *>("shows");
        QTest::addColumn<void *>("delay");
        QTest::addColumn<std::string>("says");
        const Story stories[] = {
            {"right", "delay: 2s", right, tenth, ""},
            {"right, with a jitter of 1.5 s", "delay: 2s", right, [](double t) { return std::fmod(t * 7.3, 1.5); }, ""},
            {"180 s slow", "delay: 2s", [](double t) { return t - 180; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 is 2 min 59 s behind (within 1 s)"},
            {"180 s slow, corrected", "correct: auto", [](double t) { return t - 180; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 is 2 min 59 s behind (within 1 s), corrected"},
            {"180 s slow, and nothing is promised", "", [](double t) { return t - 180; }, tenth, ""},
            {"1.9 s slow", "delay: 500ms", [](double t) { return t - 1.9; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 is 1.7 s behind (within 250 ms)"},
            {"1.9 s slow, corrected", "delay: 500ms, correct: auto", [](double t) { return t - 1.9; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 is 1.7 s behind (within 250 ms), corrected"},
            {"90 s fast", "", [](double t) { return t + 90; }, tenth, "CLOCK_OFF the clock of press/L1/P-01 is at least 1 min 29 s ahead"},
            {"90 s fast, corrected", "correct: auto, clock: [device]", [](double t) { return t + 90; }, tenth,
             "CLOCK_OFF the clock of press/P-01 is 1 min 30 s ahead (within 1 s), corrected"},
            {"drifting", "", [](double t) { return t - 3 + 0.001 * t; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 gains 3.6 s an hour, or its messages take less and less time"},
            {"drifting, corrected", "correct: auto", [](double t) { return t - 30 - 0.002 * t; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 is 29 s behind (within 1 s), corrected"},
            {"jumps ahead", "", [](double t) { return t < 100 ? t - 60 : t - 20; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 jumped 40 s ahead, CLOCK_OK the clock of press/L1/P-01 is right"},
            {"runs backwards", "", [](double t) { return t < 100 ? t : t - 30; }, tenth,
             "CLOCK_OFF the clock of press/L1/P-01 ran backwards by 30 s, CLOCK_OK the clock of press/L1/P-01 is right"},
            {"a backlog that builds up and drains", "", right,
             [](double t) { return t < 100 || t > 160 ? 0.1
                                : t < 140             ? (t - 100) * 0.5
                                                      : (160 - t); }, ""},
            {"batches once a minute", "", right, [](double t) { return 60 - std::fmod(t, 60); }, ""},
        };
        for (const Story &s : stories)
            QTest::newRow(s.name) << std::string(s.time) << reinterpret_cast<void *>(s.shows) << reinterpret_cast<void *>(s.delay)
                                  << std::string(s.says);
    }
    void aClockThatIsWrongIsTold()
    {
        QFETCH(std::string, time);
        QFETCH(std::string, says);
        QFETCH(void *, shows);
        QFETCH(void *, delay);
        Bench bench(HotRule);
        bench.declaration = "{ path: [line, device], time: { basis: message, at: /t" + (time.empty() ? "" : ", " + time) + " } }";
        bench.killAndRestart();
        struct Message
        {
            double arrival, stamp, value;
        };
        std::vector<Message> messages;
        constexpr double Hot = 300, End = 500;
        for (double t = 0; t < End; t += 1)
            messages.push_back({t + reinterpret_cast<Clock>(delay)(t), reinterpret_cast<Clock>(shows)(t), t >= Hot ? 90.0 : 70.0});
        std::stable_sort(messages.begin(), messages.end(), [](const Message &a, const Message &b) { return a.arrival < b.arrival; });
        for (const Message &message : messages) {
            bench.elapse(message.arrival);
            bench.row("temp", message.arrival, message.stamp, message.value);
        }
        bench.elapse(End + 61);
        QVERIFY(bench.commit(End + 62));
        std::string said;
        double raised = NAN, placed = NAN;
        for (const JournalRow &row : bench.rows()) {
            if (row.event.starts_with("CLOCK_"))
                said += (said.empty() ? "" : ", ") + row.event + " " + row.reason;
            if (row.event == "RAISED") {
                raised = std::chrono::duration<double>(row.tDetect - Bench::time(0)).count();
                placed = std::chrono::duration<double>(row.tEvent - Bench::time(0)).count();
            }
        }
        QVERIFY2(said == says, said.c_str());
        if (std::string(QTest::currentDataTag()).find("batches") == std::string::npos)
            QVERIFY2(std::abs(raised - Hot - 5) <= 2, qPrintable(QString::number(raised)));
        if (time.find("correct") != std::string::npos)
            QVERIFY2(std::abs(placed - Hot) <= 2, qPrintable(QString::number(placed)));
    }

    // It stands with its source, among its notes too, outlives a restart without being told again, and is told when it is right again.
    void aWrongClockStandsWithItsSource()
    {
        Bench bench(HotRule);
        bench.declaration = "{ path: [line, device], time: { basis: message, at: /t, delay: 2s } }";
        bench.killAndRestart();
        for (double t = 0; t < 70; t += 1)
            bench.row("temp", t, t - 180, 70);
        const auto row = [&](double t) { return bench.snapshot(t)->sources.at(0); };
        QCOMPARE(row(70).clocks.size(), std::size_t(1));
        QCOMPARE(row(70).clocks[0].state, ClockRow::State::Behind);
        QCOMPARE(row(70).clocks[0].offset, Micros(-179'000'000));
        QVERIFY(row(70).clocks[0].bound == Micros(1'000'000));
        QVERIFY(!row(70).status.notes.empty());
        QVERIFY(row(70).status.notes.back().plain().find("2 min 59 s behind") != std::string::npos);
        QVERIFY(bench.commit(71));
        bench.killAndRestart();
        QCOMPARE(row(0).clocks.size(), std::size_t(1));
        for (double t = 0; t < 70; t += 1)
            bench.row("temp", t, t - 180, 70);
        QVERIFY(bench.commit(71));
        const auto count = [&](const char *event) {
            const auto rows = bench.rows();
            return std::count_if(rows.begin(), rows.end(), [&](const JournalRow &r) { return r.event == event; });
        };
        QCOMPARE(count("CLOCK_OFF"), 1);
        for (double t = 71; t < 500; t += 1)
            bench.row("temp", t, t, 70);
        QVERIFY(row(500).clocks.empty());
        QVERIFY(bench.commit(501));
        QCOMPARE(count("CLOCK_OK"), 1);
    }

    // What a server still has is placed as live reading places it, and no reading stands there twice.
    void olderReadingsAreCorrectedToo_data()
    {
        QTest::addColumn<double>("offset");
        QTest::newRow("180 s slow") << -180.0;
        QTest::newRow("90 s fast") << 90.0;
    }
    void olderReadingsAreCorrectedToo()
    {
        QFETCH(double, offset);
        Bench bench(HotRule);
        bench.declaration = "{ path: [line, device], time: { basis: message, at: /t, correct: auto } }";
        bench.killAndRestart();
        constexpr int Oldest = -500, End = 100;
        for (int t = 0; t < End; ++t)
            bench.row("temp", t + 0.1, t + offset, t); // its value is the true time
        Batch batch;
        batch.arrival = Bench::mono(End);
        batch.newSeries.push_back({LocalId(0), "press/L1/P-01/temp", ValueKind::Number});
        for (int t = Oldest; t < End; ++t) {
            batch.series.push_back(LocalId(0));
            batch.stamp.push_back(Bench::time(t + offset));
            batch.value.push_back(t);
            batch.quality.push_back(Quality::Good);
            batch.isLive.push_back(1);
            batch.offset.push_back(-1);
        }
        bench.evaluator().takeHistory(SourceId{0}, std::move(batch));
        bench.evaluator().endHistory(SourceId{0});
        std::set<double> values;
        int rows = 0, misplaced = 0;
        readRows(bench.snapshot(End)->series.at(0).view, Time::min(), Time::max(), [&](const Row &row) {
            ++rows;
            values.insert(row.value);
            const double off = std::chrono::duration<double>(row.t - Bench::time(0)).count() - row.value;
            misplaced += row.value < 0 && std::abs(off) > 2 ? 1 : 0;
            return true;
        });
        QCOMPARE(misplaced, 0);
        QCOMPARE(rows, int(values.size()));
        QCOMPARE(*values.begin(), double(Oldest));
        QVERIFY2(rows >= End - Oldest - 181, qPrintable(QString::number(rows))); // but for the time by which it is off
    }

    // A wrong time zone of thousands: their commit tells of each once, and holds the clocks of the source once.
    void manyWrongClocksAreOneSave()
    {
        Bench bench(HotRule);
        bench.declaration = "{ path: [line, gateway, device], time: { basis: message, at: /t, clock: [device] } }";
        bench.killAndRestart();
        constexpr int Many = 50;
        static_cast<void>(bench.evaluator().collect(Bench::mono(0)));
        for (int t = 0; t < 5; ++t)
            for (int n = 0; n < Many; ++n)
                bench.row(("D-" + std::to_string(n) + "/temp").c_str(), t, t + 3600, 70);
        QCOMPARE(bench.snapshot(5)->sources.at(0).clocks.size(), std::size_t(Many));
        const Commit commit = bench.evaluator().collect(Bench::mono(5));
        const auto count
            = std::count_if(commit.journal.begin(), commit.journal.end(), [](const JournalRow &row) { return row.event == "CLOCK_OFF"; });
        QCOMPARE(count, Many);
        QCOMPARE(std::count_if(commit.timing.begin(), commit.timing.end(), [](const TimingState &one) { return one.source == "press"; }),
                 1);
        QVERIFY(bench.evaluator().collect(Bench::mono(6)).timing.empty());
    }

    // Which gateway a device's values come through is a note and no label; its clock is the gateway's all the same.
    void aNoteNamesTheClock()
    {
        Bench bench(HotRule);
        SourceSpec spec;
        spec.id = "plc";
        spec.declaration
            = *parseYaml("{ path: [device], notes: { gateway: \"topic:gateway\" }, time: { basis: message, at: /t, correct: auto, "
                         "clock: [gateway] } }",
                         "workspace.yaml");
        const SourceId source = bench.evaluator().open(spec, true);
        const auto say = [&](int t, std::uint32_t device, double ahead, const char *gateway) {
            Batch batch;
            batch.arrival = Bench::mono(t);
            const std::string key = "plc/P-" + std::to_string(device);
            if (t == 0)
                batch.newSeries.push_back({LocalId(device), key + "/temp", ValueKind::Number});
            if (gateway)
                batch.notes.push_back({key, "gateway", gateway});
            batch.series = {LocalId(device)};
            batch.stamp = {Bench::time(t + ahead)};
            batch.value = {70};
            batch.quality = {Quality::Good};
            batch.isLive = {1};
            batch.offset = {-1};
            bench.evaluator().take(source, std::move(batch));
        };
        const auto newest = [&](std::uint32_t device) { return bench.evaluator().store().newest(SeriesId(device))->t; };
        for (int t = 0; t < 60; ++t)
            for (std::uint32_t device = 0; device < 3; ++device)
                say(t, device, device == 2 ? -0.1 : 90, t > 0 ? nullptr : device == 2 ? "G2" : "G/1");
        const auto clocks = bench.snapshot(60)->sources.back().clocks;
        QCOMPARE(clocks.size(), std::size_t(1)); // one for both of its devices
        QCOMPARE(clocks[0].key, std::string("plc/G%2F1"));
        for (std::uint32_t device = 0; device < 3; ++device)
            QVERIFY(std::abs((newest(device) - Bench::time(59)).count()) < 3'000'000);
        // It moves to the other gateway, whose clock is right.
        say(70, 0, -0.1, "G2");
        QCOMPARE(newest(0), Bench::time(69.9));
    }

    // A source that is opened anew takes no more room for its clocks, and one with too many is told.
    void clocksOfAClosedSourceAreForgotten()
    {
        Evaluator::Limits limits;
        limits.clocks = 3;
        Bench bench(HotRule, Micros(0), limits);
        SourceSpec spec;
        spec.id = "plant";
        spec.declaration = *parseYaml("{ path: [line, device], time: { basis: message, at: /t, clock: [device] } }", "workspace.yaml");
        const auto open = [&](int devices) {
            const SourceId id = bench.evaluator().open(spec, true);
            for (int t = 0; t < 5; ++t) {
                Batch batch;
                batch.arrival = Bench::mono(t);
                for (int n = 0; n < devices; ++n) {
                    if (t == 0)
                        batch.newSeries.push_back({LocalId(n), "plant/L1/P-" + std::to_string(n) + "/temp", ValueKind::Number});
                    batch.series.push_back(LocalId(n));
                    batch.stamp.push_back(Bench::time(t + 3600));
                    batch.value.push_back(70);
                    batch.quality.push_back(Quality::Good);
                    batch.isLive.push_back(1);
                    batch.offset.push_back(-1);
                }
                bench.evaluator().take(id, std::move(batch));
            }
            const auto snapshot = bench.snapshot(5);
            return std::pair(id, snapshot->sources.back());
        };
        for (int again = 0; again < 4; ++again) {
            const auto [id, row] = open(3);
            QCOMPARE(row.clocks.size(), std::size_t(3));
            QVERIFY(row.status.notes.empty() || row.status.notes.back().plain().find("more clocks") == std::string::npos);
            bench.evaluator().close(id);
        }
        const auto [id, row] = open(4);
        QCOMPARE(row.clocks.size(), std::size_t(3));
        QVERIFY(row.status.notes.back().plain().find("source 'plant' has more clocks of devices than") == 0);
    }

    // Alive or dead is judged by arrival on the reference clock, never by a device's own stamp.
    void lifeIsJudgedByArrival_data()
    {
        QTest::addColumn<double>("offset");
        QTest::newRow("right") << 0.0;
        QTest::newRow("180 s slow") << -180.0;
        QTest::newRow("90 s fast") << 90.0;
        QTest::newRow("stopped") << std::nan("");
    }
    void lifeIsJudgedByArrival()
    {
        QFETCH(double, offset);
        Bench bench("rules:\n  - id: quiet\n    series: press/**\n    priority: high\n    absence: { timeout: 20s, grace: 1s }\n");
        bench.declaration = "{ path: [line, device], time: { basis: message, at: /t, delay: 2s } }";
        bench.killAndRestart();
        const auto raised = [&] {
            const auto rows = bench.rows();
            const auto found = std::find_if(rows.begin(), rows.end(), [](const JournalRow &row) { return row.event == "RAISED"; });
            return found == rows.end() ? NAN : std::chrono::duration<double>(found->tDetect - Bench::time(0)).count();
        };
        for (double t = 0; t <= 100; t += 5) {
            bench.elapse(t);
            bench.row("temp", t, std::isnan(offset) ? 0 : t + offset, 70);
        }
        QVERIFY(bench.commit(100));
        QVERIFY(std::isnan(raised()));
        for (double t = 101; t < 130; t += 1)
            bench.elapse(t);
        QVERIFY(bench.commit(130));
        QCOMPARE(raised(), 120.0);
    }
};

QTEST_GUILESS_MAIN(TestClocks)
#include "tst_clocks.moc"
