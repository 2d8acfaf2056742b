#include <QtTest>

#include "bench.h"

#include "state/crashvfs.h"

#include <bit>
#include <random>

using namespace sg;
using sg::test::Bench;
using sg::test::CrashDisk;

namespace {

const std::string Rules = R"(
rules:
  - id: hot
    series: press/*/*/busy
    high: { limit: 80, deadband: 2, on_delay: 5s, off_delay: 0s }
    priority: high
)";

struct Reading
{
    const char *field;
    double t, value;
};

// A busy series, slow ones, one that falls silent after a few rows, one with a single row, and rows that come late: every way in which a
// row may be in a segment only, in a chunk, or held.
std::vector<Reading> load(std::mt19937 &random, int seconds)
{
    const auto chance = [&](double p) { return std::uniform_real_distribution<double>()(random) < p; };
    std::vector<Reading> out{{"once", 0.5, 7}};
    double value = 78;
    for (int i = 1; i < seconds; ++i) {
        value = std::round((value + std::normal_distribution<double>(0, 1.5)(random) + (79 - value) * 0.05) * 100) / 100;
        for (int k = 0; k < 4; ++k)
            out.push_back({"busy", i + k / 4.0, value + k});
        if (i % 10 == 3)
            out.push_back({"slow", double(i), value * 2});
        if (i < 40)
            out.push_back({"silent", double(i), -value});
        if (chance(0.02))
            out.push_back({"busy", std::floor(std::uniform_real_distribution<double>(0, i)(random)) + 0.1, value + 1000});
        if (i > 100 && chance(0.01))
            out.push_back({"slow", double(i) - 97.7, value + 2000});
        if (chance(0.01))
            out.push_back({"busy", i + 0.75, value + 3000}); // the same time again: the last one counts
    }
    // Enough of each to make the store take in what still waits beside it.
    for (const char *field : {"busy", "slow", "silent", "once"})
        for (int i = 0; i < 300; ++i)
            out.push_back({field, seconds + i + 0.5, double(i % 13)});
    return out;
}

Evaluator::Limits smallLimits()
{
    Evaluator::Limits limits;
    limits.history.every = Micros(0);
    limits.history.backlogRows = 300;
    limits.history.backlogRowsASeries = 10;
    limits.history.chunkBytesACommit = 500;
    limits.history.sealRowsACommit = 50;
    return limits;
}

// Everything that a reader sees of every series.
std::map<std::string, std::vector<Row>> seen(Bench &bench)
{
    std::map<std::string, std::vector<Row>> out;
    const auto snapshot = bench.snapshot(0);
    for (std::size_t i = 0; i < snapshot->series.size(); ++i)
        if (const SeriesRow &row = snapshot->series.at(i); row.path)
            readRows(row.view, Time::min(), Time::max(), [&](const Row &r) {
                out[*row.path].push_back(r);
                return true;
            });
    return out;
}

QString differenceOf(const std::map<std::string, std::vector<Row>> &a, const std::map<std::string, std::vector<Row>> &b)
{
    for (const auto &[path, rows] : a) {
        const auto other = b.find(path);
        if (other == b.end())
            return QStringLiteral("%1 is missing").arg(QString::fromStdString(path));
        for (std::size_t i = 0; i < std::max(rows.size(), other->second.size()); ++i) {
            if (i >= rows.size() || i >= other->second.size() || rows[i].t != other->second[i].t
                || std::bit_cast<std::uint64_t>(rows[i].value) != std::bit_cast<std::uint64_t>(other->second[i].value)
                || rows[i].quality != other->second[i].quality)
                return QStringLiteral("%1: row %2 of %3 and %4 differs")
                    .arg(QString::fromStdString(path))
                    .arg(i)
                    .arg(rows.size())
                    .arg(other->second.size());
        }
    }
    return a.size() == b.size() ? QString() : QStringLiteral("more series than expected");
}

}

class TestHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Killed at random commits, with chunks written all the time: the stored series are those of a run that nothing interrupted.
    void killsChangeNoStoredRow_data()
    {
        QTest::addColumn<double>("commits"); // share of the readings after which a commit comes
        QTest::addColumn<double>("kills");
        QTest::newRow("often") << 0.05 << 0.01;
        QTest::newRow("rarely") << 0.01 << 0.008;
        QTest::newRow("a commit a reading") << 0.3 << 0.004;
    }
    void killsChangeNoStoredRow()
    {
        QFETCH(double, commits);
        QFETCH(double, kills);
        const unsigned seed
            = qEnvironmentVariableIsSet("SIGHTGLASS_SEED") ? qEnvironmentVariableIntValue("SIGHTGLASS_SEED") : std::random_device{}();
        qInfo("seed %u", seed);
        std::mt19937 random(seed);
        const std::vector<Reading> readings = load(random, 400);
        CrashDisk disk("history");
        StateOptions options;
        options.vfs = "history"; // in memory: the many commits of this test cost no disk
        const auto run = [&](double killShare, double commitShare, Evaluator::Limits limits) {
            Bench bench(Rules, Micros(0), limits, options);
            int restarts = 0;
            for (std::size_t i = 0; i < readings.size();) {
                bench.row(readings[i].field, readings[i].t, readings[i].t, readings[i].value, Quality::Good, std::int64_t(i));
                ++i;
                if (std::uniform_real_distribution<double>()(random) < commitShare)
                    bench.commit(readings[i - 1].t);
                if (std::uniform_real_distribution<double>()(random) < killShare) {
                    bench.killAndRestart();
                    const std::string position = bench.position();
                    i = position.empty() ? 0 : std::stoul(position);
                    ++restarts;
                }
            }
            bench.commit(2000);
            const auto before = seen(bench);
            const std::uint64_t chunks = bench.file().history().chunks;
            bench.killAndRestart();
            return std::tuple(before, seen(bench), chunks, restarts);
        };
        const auto [whole, wholeAgain, none, noRestart] = run(0, commits, Evaluator::Limits());
        QCOMPARE(whole.size(), std::size_t(4));
        QVERIFY2(differenceOf(whole, wholeAgain).isEmpty(), qPrintable(differenceOf(whole, wholeAgain)));
        const auto [killed, killedAgain, chunks, restarts] = run(kills, commits, smallLimits());
        QVERIFY2(chunks > 3, qPrintable(QString::number(chunks)));
        QVERIFY(restarts > 0);
        QVERIFY2(differenceOf(whole, killed).isEmpty(), qPrintable(differenceOf(whole, killed)));
        QVERIFY2(differenceOf(whole, killedAgain).isEmpty(), qPrintable(differenceOf(whole, killedAgain)));
    }

    // The power fails before each sync while chunks are written; a disk that forgets what was not synced.
    void crashAtEverySync()
    {
        std::mt19937 random(7);
        const std::vector<Reading> readings = load(random, 120);
        std::map<std::string, std::vector<Row>> expected;
        int points = 0;
        for (bool wasHit = true; wasHit; ++points) {
            CrashDisk disk("history");
            StateOptions options;
            options.vfs = "history";
            Evaluator::Limits limits = smallLimits();
            limits.history.backlogRows = 60;
            Bench bench(Rules, Micros(0), limits, options);
            disk.failBeforeSync(points);
            wasHit = points == 0;
            for (std::size_t i = 0; i < readings.size();) {
                bench.row(readings[i].field, readings[i].t, readings[i].t, readings[i].value, Quality::Good, std::int64_t(i));
                ++i;
                if (i % 40 != 0 && i != readings.size())
                    continue;
                if (bench.commit(readings[i - 1].t))
                    continue;
                QVERIFY(!wasHit);
                wasHit = true;
                bench.kill();
                disk.crash(points % 2 == 0 ? 0 : 0.5, unsigned(points));
                bench.restart();
                const std::string position = bench.position();
                i = position.empty() ? 0 : std::stoul(position);
            }
            const auto found = seen(bench);
            if (points == 0)
                expected = found;
            QVERIFY2(differenceOf(expected, found).isEmpty(),
                     qPrintable(QStringLiteral("crash before sync %1: ").arg(points) + differenceOf(expected, found)));
        }
        QVERIFY2(points > 20, qPrintable(QString::number(points)));
    }

    // Late for a chunk that is stored, and in a segment only: what a start skips of the segments must not be this.
    void aLateRowOutlivesAKill()
    {
        Evaluator::Limits limits = smallLimits();
        limits.history.every = std::chrono::seconds(10);
        limits.history.backlogRows = 100;
        Bench bench(Rules, Micros(0), limits);
        for (int i = 0; i < 400; ++i) {
            bench.row("slow", i, i, i);
            if (i % 50 == 49)
                QVERIFY(bench.commit(i));
        }
        QVERIFY(bench.commit(420));
        QVERIFY(bench.commit(440));
        QVERIFY(bench.file().history().chunks > 0);
        const auto before = seen(bench).at("press/L1/P-01/slow").size();
        bench.row("slow", 441, 50.5, 999);
        QVERIFY(bench.commit(442)); // too early for a look at what was sealed
        bench.killAndRestart();
        const auto after = seen(bench).at("press/L1/P-01/slow");
        QCOMPARE(after.size(), before + 1);
        QVERIFY(std::any_of(after.begin(), after.end(), [](const Row &row) { return row.value == 999; }));
    }

    // Rows that are stored already come again (a source goes back a little when it reconnects), and the series says nothing more.
    void aSilentSeriesWithOldLateRowsKeepsNoSegment()
    {
        Bench bench(Rules, Micros(0), smallLimits());
        const auto lateAgain = [&bench](double at) {
            for (const double t : {50.0, 70.0})
                bench.row("silent", at, t, t);
        };
        for (int i = 0; i < 100; ++i)
            bench.row("silent", i, i, i);
        QVERIFY(bench.commit(100));
        for (int i = 100; i < 1'000; ++i) {
            bench.row("busy", i, i, i % 7);
            if (i == 400)
                lateAgain(i);
            if (i % 50 == 49)
                QVERIFY(bench.commit(i));
        }
        for (int i = 0; i < 10; ++i)
            QVERIFY(bench.commit(1'000 + i));
        const auto before = seen(bench);
        QCOMPARE(before.at("press/L1/P-01/silent").size(), std::size_t(100));
        const auto saved = bench.file().load();
        QVERIFY(saved);
        // That of the late rows is the sixth or so of nineteen, and went with those before it.
        QVERIFY2(!saved->segments.empty() && saved->segments.front().number > 9,
                 qPrintable(QString::number(saved->segments.front().number)));
        bench.killAndRestart();
        QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
        // They are looked at again after a start that found them in a segment.
        lateAgain(1'010);
        QVERIFY(bench.commit(1'010));
        bench.killAndRestart();
        QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
    }

    // Older rows of a series that is known by its newest one only, which is kept by itself: they are in its head, and their segment stays
    // until they are in a chunk.
    void olderRowsOfAHeldSeriesOutliveARestart_data()
    {
        QTest::addColumn<int>("older"); // rows
        QTest::addColumn<bool>("isNewerToo"); // an in-order row comes as well before anybody looks
        QTest::addColumn<int>("busy"); // rows of the busy series after that
        for (const int older : {1, 60})
            for (const bool isNewerToo : {false, true})
                for (const int busy : {5'000, 15'000}) // its head is full and sealed; all heads are sealed
                    QTest::addRow("%d, %s, %d", older, isNewerToo ? "and a newer one" : "alone", busy) << older << isNewerToo << busy;
    }
    void olderRowsOfAHeldSeriesOutliveARestart()
    {
        QFETCH(int, older);
        QFETCH(bool, isNewerToo);
        QFETCH(int, busy);
        Evaluator::Limits limits;
        limits.history.backlogRows = 7'000;
        Bench bench(Rules, Micros(0), limits);
        int at = 0;
        const auto busyFor = [&](int rows) {
            for (const int end = at + rows; at < end; ++at) {
                bench.row("busy", at, at, at % 7);
                if (at % 500 == 499 && !bench.commit(at))
                    qFatal("no commit");
            }
        };
        bench.row("silent", 200, 200, 1);
        busyFor(10'000);
        QVERIFY(bench.commit(at + 20)); // a look
        at += 20;
        QCOMPARE(bench.file().load()->whole.held.size(), std::size_t(1));
        for (int i = 0; i < older; ++i)
            bench.row("silent", at, 100 + i, i);
        QVERIFY(bench.commit(at + 1)); // none
        if (isNewerToo)
            bench.row("silent", at + 2, at + 2, 2);
        QVERIFY(bench.commit(at + 2)); // none
        at += 3;
        busyFor(busy);
        const auto before = seen(bench);
        QCOMPARE(before.at("press/L1/P-01/silent").size(), std::size_t(older + 1 + (isNewerToo ? 1 : 0)));
        QVERIFY(bench.commit(at));
        bench.killAndRestart();
        QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
    }

    // Many heads are to be sealed at once: no commit codes much more than its share, and a kill between two of them loses nothing.
    void sealingIsSpreadOverCommits()
    {
        constexpr int Many = 40, Rows = 50;
        Evaluator::Limits limits = smallLimits();
        limits.history.backlogRows = Many * Rows / 2;
        limits.history.chunkBytesACommit = 1'000'000;
        limits.history.sealRowsACommit = 4 * Rows;
        Bench bench(Rules, Micros(0), limits);
        const auto fill = [&bench](int from) {
            for (int i = from; i < from + Rows; ++i)
                for (int n = 0; n < Many; ++n)
                    bench.row(("many" + std::to_string(n)).c_str(), i, i, n);
        };
        fill(0);
        QVERIFY(bench.commit(Rows));
        fill(Rows);
        std::size_t chunks = 0, most = 0;
        int commits = 0;
        std::map<std::string, std::vector<Row>> before;
        for (double at = 2 * Rows; commits < 100 && chunks < Many; ++at, ++commits) {
            const Commit commit = bench.evaluator().collect(Bench::mono(at));
            std::size_t rows = 0;
            for (const StoredChunk &chunk : commit.chunks)
                rows += chunk.summary.rows;
            most = std::max(most, rows);
            chunks += commit.chunks.size();
            QVERIFY(bench.file().write(commit));
            bench.evaluator().noteCommitted(commit.journal.size(), bench.file().history());
            if (commits != 3)
                continue;
            before = seen(bench);
            bench.killAndRestart();
            QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
        }
        QCOMPARE(before.size(), std::size_t(Many));
        QVERIFY2(most > 0 && most <= limits.history.sealRowsACommit + 2 * Rows, qPrintable(QString::number(most)));
        QVERIFY2(commits >= Many / 3, qPrintable(QString::number(commits)));
        QCOMPARE(chunks, std::size_t(Many));
        bench.killAndRestart();
        QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
    }

    // What is in chunks, and idle series, keep no segment.
    void segmentsGoWhenChunksHoldTheirRows()
    {
        std::mt19937 random(3);
        Bench bench(Rules, Micros(0), smallLimits());
        for (const Reading &reading : load(random, 600)) {
            bench.row(reading.field, reading.t, reading.t, reading.value);
            if (std::fmod(reading.t, 5) == 0)
                QVERIFY(bench.commit(reading.t));
        }
        for (int i = 0; i < 40; ++i)
            QVERIFY(bench.commit(1000 + i));
        auto saved = bench.file().load();
        QVERIFY(saved);
        QVERIFY2(saved->whole.rows.size() < 1500, qPrintable(QString::number(saved->whole.rows.size())));
        QVERIFY(saved->chunks.size() > 3);
        const auto before = seen(bench);
        bench.killAndRestart();
        QVERIFY2(differenceOf(before, seen(bench)).isEmpty(), qPrintable(differenceOf(before, seen(bench))));
    }

    void retention_data()
    {
        QTest::addColumn<qint64>("age"); // seconds
        QTest::addColumn<quint64>("bytes");
        QTest::newRow("none") << qint64(0) << quint64(0);
        QTest::newRow("by age") << qint64(200) << quint64(0);
        QTest::newRow("by size") << qint64(0) << quint64(2'000);
    }
    void retention()
    {
        QFETCH(qint64, age);
        QFETCH(quint64, bytes);
        std::mt19937 random(5);
        Bench bench(Rules, Micros(0), smallLimits());
        bench.history.age = std::chrono::seconds(age);
        bench.history.bytes = bytes;
        bench.killAndRestart();
        double t = 0;
        for (const Reading &reading : load(random, 900)) {
            bench.row(reading.field, reading.t, reading.t, reading.value);
            t = std::max(t, reading.t);
            if (std::fmod(reading.t, 5) == 0)
                QVERIFY(bench.commit(t));
        }
        for (int i = 0; i < 40; ++i)
            QVERIFY(bench.commit(t + i));
        const HistoryTotals totals = bench.file().history();
        const auto rows = seen(bench);
        const auto &busy = rows.at("press/L1/P-01/busy");
        if (age > 0) {
            // Whole chunks: the one that reaches over the bound stays.
            QVERIFY(busy.front().t > Bench::time(100));
            QVERIFY(busy.front().t < Bench::time(t - double(age)));
        } else if (bytes > 0) {
            QVERIFY2(totals.bytes <= bytes, qPrintable(QString::number(totals.bytes)));
            QVERIFY(busy.front().t > Bench::time(100));
        } else {
            QVERIFY(busy.front().t < Bench::time(2));
        }
        QVERIFY(rows.contains("press/L1/P-01/once")); // the newest row of a series always stays
        bench.killAndRestart();
        const auto after = seen(bench);
        // Rows that retention took before they were in a chunk may come back from their segment, older than all others; none is lost.
        for (const auto &[path, mine] : rows) {
            const auto &theirs = after.at(path);
            QVERIFY2(theirs.size() >= mine.size(), path.c_str());
            const std::vector<Row> newest(theirs.end() - std::ptrdiff_t(mine.size()), theirs.end());
            QVERIFY2(differenceOf({{path, mine}}, {{path, newest}}).isEmpty(), path.c_str());
            if (bytes == 0)
                QCOMPARE(theirs.size(), mine.size());
        }
        const auto journal = bench.rows();
        QVERIFY(std::any_of(journal.begin(), journal.end(), [](const JournalRow &row) { return row.event == "RAISED"; }));
    }
};

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
