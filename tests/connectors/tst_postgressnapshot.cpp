#include "connectors/postgres/postgressnapshot.h"
#include "connectors/postgreshouse.h"

#include "core/times.h"

#include <QtTest>

#include <cmath>

using namespace sg;
using namespace sg::test;

namespace {

class TestPostgresSnapshot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void lineStatusWhileRowsVanish();
    void aRestartNeitherDoublesNorLoses();
    void aLostConnectionDoublesNothing();
    void aRowThatReturnsIsPlacedWhenItDoes();
    void retiresWhatIsGone();
    void refusesWhatIsNoSnapshot_data();
    void refusesWhatIsNoSnapshot();
    void bookSurvivesHostileBytes();

private:
    SourceSpec snapshot(const std::string &view, const NodeRows &more = {}, const NodeRows &declaration = {}) const
    {
        NodeRows settings{{"view", text(view)}, {"mode", text("snapshot")}};
        settings.insert(settings.end(), more.begin(), more.end());
        return m_house->spec(settings, declaration);
    }

    std::unique_ptr<PostgresHouse> m_house;
};

void TestPostgresSnapshot::initTestCase()
{
    m_house = std::make_unique<PostgresHouse>();
    QVERIFY2(m_house->stack.ok(), m_house->stack.error().c_str());
}

std::string stamp(int second)
{
    return "2026-03-04 09:15:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "+09";
}
Time instant(int second)
{
    return *parseIso("2026-03-04T00:15:00Z") + std::chrono::seconds(second);
}

// What a series is to have: a value at a stamp (NoTime: at its arrival), or nothing for "no data", somewhere behind the value before.
struct Expected
{
    std::optional<double> value;
    Time at = NoTime;
    Quality quality = Quality::Good;
};

QString differenceOf(const std::vector<Received::Row> &got, const std::vector<Expected> &expected)
{
    if (got.size() != expected.size())
        return QStringLiteral("%1 samples instead of %2").arg(got.size()).arg(expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        const bool isBad = got[i].quality == Quality::Bad && std::isnan(got[i].value);
        const bool isAsExpected = expected[i].value ? got[i].quality == expected[i].quality && got[i].value == *expected[i].value
                                                    : isBad; // exactly, not nearly
        const bool isInOrder = i == 0 || got[i].stamp == NoTime || got[i - 1].stamp == NoTime || got[i].stamp >= got[i - 1].stamp;
        if (!isAsExpected || !isInOrder || ((expected[i].value || expected[i].at != NoTime) && got[i].stamp != expected[i].at))
            return QStringLiteral("sample %1 is %2 at %3")
                .arg(i)
                .arg(got[i].value, 0, 'g', 17)
                .arg(QString::fromStdString(formatUtc(got[i].stamp)));
    }
    return {};
}

// The view of the issue: GROUP BY, numeric, timestamptz, jsonb, NULL, and no cursor.
void TestPostgresSnapshot::lineStatusWhileRowsVanish()
{
    m_house->execute("CREATE TYPE line_mode AS ENUM ('run', 'stop', 'läuft''s'); "
                     "CREATE TABLE line_event (line text, ts timestamptz, good numeric(20, 2), mode line_mode, ok bool, extra jsonb, scrap "
                     "int, n serial); "
                     "CREATE VIEW line_status AS SELECT line, max(ts) AS ts, sum(good) AS good, sum(scrap) AS scrap, bool_and(ok) AS ok, "
                     "(array_agg(mode ORDER BY n DESC))[1] AS mode, (array_agg(extra ORDER BY n DESC))[1] AS extra, now() AS asked "
                     "FROM line_event GROUP BY line");
    const auto event = [&](const std::string &line, int second, const std::string &values) {
        m_house->execute("INSERT INTO line_event VALUES ('" + line + "', '" + stamp(second) + "', " + values + ")");
    };
    event("L1", 0, R"(0.10, 'run', true, '{"oil": {"bar": 4.75}, "crew": "A"}', 0)");
    event("L2", 1, R"(12345678901.25, 'stop', false, NULL, NULL)");
    Reading reading(snapshot("line_status", {},
                             {{"decode",
                               map({{"row",
                                     map({{"fields",
                                           map({{"good", map({{"at", text("column:good")}})},
                                                {"scrap", map({{"at", text("column:scrap")}})},
                                                {"ok", map({{"at", text("column:ok")}})},
                                                {"mode", map({{"at", text("column:mode")}})},
                                                {"bar", map({{"at", text("column:extra/oil/bar")}})}})}})}})}}));
    const auto has
        = [&](const std::string &path, std::size_t count) { return reading.until([&] { return reading.got.count(path) == count; }); };
    QVERIFY2(has("status/L1/good", 1), reading.status.lastDecodeError ? reading.status.lastDecodeError->plain().c_str() : "");
    QVERIFY(has("status/L2/good", 1));
    event("L1", 2, R"(0.20, 'läuft''s', true, '{"oil": {"bar": 4.5}}', 3)"); // 0.1 + 0.2 is 0.3 in numeric
    QVERIFY(has("status/L1/good", 2));
    event("L1", 2, R"(-0.05, 'run', NULL, '{"oil": {}}', NULL)"); // changed, and its stamp is not
    QVERIFY(has("status/L1/good", 3));
    m_house->execute("DELETE FROM line_event WHERE line = 'L1'"); // the row vanishes
    QVERIFY(has("status/L1/good", 4));
    event("L3", 4, R"('NaN', 'run', true, '{"oil": {"bar": 1e3}}', 7)"); // a key that was never there, and no number
    QVERIFY(has("status/L3/scrap", 1));
    event("L1", 5, R"(99999999999999.99, 'stop', true, '{"oil": {"bar": null}}', 1)");
    QVERIFY(has("status/L1/good", 5));
    m_house->execute("DELETE FROM line_event");
    QVERIFY(has("status/L1/good", 6));
    QVERIFY(has("status/L2/good", 2));
    QVERIFY(has("status/L3/scrap", 2));
    event("L2", 9, R"(0, 'run', true, NULL, 0)"); // nobody saw how late its stamps come, so it is placed where it came back
    QVERIFY(has("status/L2/good", 3));
    const std::size_t alive = reading.got.alive["status/L2/good"];
    QVERIFY(reading.until([&] { return reading.got.alive["status/L2/good"] >= alive + 5; })); // no sample, and a sign of life at each look
    reading.stop();

    auto &got = reading.got;
    const auto same = [&](const std::string &path, const std::vector<Expected> &expected) { return differenceOf(got.all[path], expected); };
    const auto none = std::nullopt;
    // A double has no room for the last one's sixteen digits: it is marked.
    QCOMPARE(same("status/L1/good",
                  {{0.1, instant(0)},
                   {0.3, instant(2)},
                   {0.25, instant(2)},
                   {none, NoTime},
                   {99999999999999.99, instant(5), Quality::Uncertain},
                   {none, NoTime}}),
             QString());
    QCOMPARE(same("status/L2/good", {{12345678901.25, instant(1)}, {none, NoTime}, {0, NoTime}}), QString());
    // NULL is quality and never 0: of a series that has not begun nothing is said.
    QCOMPARE(same("status/L2/scrap", {{0, NoTime}}), QString());
    QCOMPARE(same("status/L1/scrap", {{0, instant(0)}, {3, instant(2)}, {3, instant(2)}, {none, NoTime}, {1, instant(5)}, {none, NoTime}}),
             QString());
    QCOMPARE(same("status/L3/scrap", {{7, instant(4)}, {none, NoTime}}), QString());
    QCOMPARE(got.count("status/L3/good"), std::size_t{0}); // NaN alone begins no series
    QCOMPARE(same("status/L1/bar", {{4.75, instant(0)}, {4.5, instant(2)}, {none, NoTime}, {none, instant(5)}, {none, NoTime}}), QString());
    QCOMPARE(same("status/L3/bar", {{1000, instant(4)}, {none, NoTime}}), QString());
    QCOMPARE(same("status/L2/ok", {{0, instant(1)}, {none, NoTime}, {1, NoTime}}), QString());
    std::vector<std::string> modes;
    for (const auto &row : got.all["status/L1/mode"])
        modes.push_back(std::isnan(row.value) ? "-" : got.texts[static_cast<std::size_t>(row.value)]);
    QCOMPARE(modes, (std::vector<std::string>{"run", "läuft's", "run", "-", "stop", "-"}));
    QCOMPARE(reading.status.decodeErrors, std::uint64_t{0});
    QVERIFY(reading.status.queriesPerSecond > 5 && reading.status.bytesPerSecond > 0);
    for (const auto &[path, rows] : got.all)
        for (const auto &row : rows)
            QVERIFY(!row.isLive || !std::isnan(row.value) || path.ends_with("/bar")
                    || path.ends_with("/good")); // what is gone is no sign of life
}

void TestPostgresSnapshot::aRestartNeitherDoublesNorLoses()
{
    m_house->execute(
        "CREATE TABLE shelf (line text, n numeric, note text); INSERT INTO shelf VALUES ('stays', 1, 'a'), ('changes', 1, 'a'), "
        "('leaves', 1, NULL), ('early', 1, ''), (NULL, 1, 'no label'), ('both', 1, 'a')");
    // Without a stamp the time is that of the look.
    const NodeRows byLook{{"time", map({{"basis", text("database")}})}};
    Reading first(snapshot("shelf", {}, byLook));
    QVERIFY(first.until([&] { return first.got.count("status/both/n") == 1; }));
    m_house->execute("DELETE FROM shelf WHERE line = 'early'");
    QVERIFY(first.until([&] { return first.got.count("status/early/n") == 2; }));
    first.stop();
    QCOMPARE(first.got.after.size(), std::size_t{2}); // only what changed moves the position
    QCOMPARE(first.got.behind, std::size_t{1});
    QCOMPARE(first.got.caughtUp, std::size_t{1});
    QVERIFY(first.status.decodeErrors > 0); // the row without a label, told once
    QVERIFY(first.status.decodeErrors < 3);

    m_house->execute("UPDATE shelf SET n = n + 1 WHERE line IN ('changes', 'both'); UPDATE shelf SET n = n + 1 WHERE line = 'both'; "
                     "DELETE FROM shelf WHERE line = 'leaves'; INSERT INTO shelf VALUES ('comes', 5, 'b')");
    Reading second(snapshot("shelf", {}, byLook), first.got.after.back());
    QVERIFY(second.until([&] { return second.got.alive["status/stays/n"] > 3; }));
    second.stop();
    QCOMPARE(second.got.count("status/stays/n"), std::size_t{0});
    QCOMPARE(second.got.count("status/early/n"), std::size_t{0}); // told before
    QCOMPARE(second.got.count("status/changes/n"), std::size_t{1});
    QCOMPARE(second.got.rows["status/both/n"].size(), std::size_t{1}); // what changed twice while nobody looked is one sample
    QCOMPARE(second.got.rows["status/both/n"][0].second, 3.0);
    QCOMPARE(second.got.count("status/comes/n"), std::size_t{1});
    QCOMPARE(second.got.count("status/leaves/n"), std::size_t{1});
    QVERIFY(std::isnan(second.got.rows["status/leaves/n"][0].second));
    QCOMPARE(second.got.behind, std::size_t{1});
    QCOMPARE(second.got.gaps, std::size_t{0});

    // Stored rows of other columns say nothing.
    m_house->execute("ALTER TABLE shelf ADD more int");
    Reading third(snapshot("shelf", {}, byLook), second.got.after.back());
    QVERIFY(third.until([&] { return third.got.count("status/stays/n") == 1; }));
    third.stop();
    QVERIFY2(third.got.gapText.find("other columns") != std::string::npos, third.got.gapText.c_str());
}

void TestPostgresSnapshot::aLostConnectionDoublesNothing()
{
    m_house->execute("CREATE TABLE steady (line text, n int); INSERT INTO steady VALUES ('L1', 1)");
    Reading reading(snapshot("steady", {}, {{"time", map({{"basis", text("arrival")}})}}));
    QVERIFY(reading.until([&] { return reading.got.count("status/L1/n") == 1; }));
    for (int connections = 1; connections <= 3; ++connections) {
        m_house->command("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sightglass-test-host'");
        QVERIFY(reading.until([&] { return reading.connections > connections; }));
        const std::size_t alive = reading.got.alive["status/L1/n"];
        QVERIFY(reading.until([&] { return reading.got.alive["status/L1/n"] > alive; }));
    }
    m_house->execute("UPDATE steady SET n = 2");
    static_cast<void>(reading.until([&] { return reading.got.count("status/L1/n") == 2; }));
    reading.stop();
    QVERIFY2(reading.got.count("status/L1/n") == 2, (std::to_string(reading.got.count("status/L1/n")) + " " + reading.lastError).c_str());
}

void TestPostgresSnapshot::aRowThatReturnsIsPlacedWhenItDoes()
{
    m_house->execute("CREATE TABLE flicker (line text, ts timestamptz, n int); INSERT INTO flicker VALUES ('L1', '" + stamp(0) + "', 1)");
    Reading reading(snapshot("flicker"));
    const std::string path = "status/L1/n";
    QVERIFY(reading.until([&] { return reading.got.count(path) == 1; }));
    m_house->execute("DELETE FROM flicker");
    QVERIFY(reading.until([&] { return reading.got.count(path) == 2; }));
    m_house->execute("INSERT INTO flicker VALUES ('L1', '" + stamp(0) + "', 1)"); // as it was: a table that was filled anew
    QVERIFY(reading.until([&] { return reading.got.count(path) == 3; }));
    m_house->execute("DELETE FROM flicker");
    QVERIFY(reading.until([&] { return reading.got.count(path) == 4; }));
    m_house->execute("INSERT INTO flicker VALUES ('L1', now() + interval '1 s', 2)");
    QVERIFY(reading.until([&] { return reading.got.count(path) == 5; }));
    reading.stop();
    const auto &all = reading.got.all[path];
    QCOMPARE(all[2].value, 1.0);
    QVERIFY(all[2].stamp == NoTime && !all[2].isLive); // at its arrival; its sign of life has the old stamp
    QVERIFY(all[4].stamp != NoTime && all[4].isLive);
}

void TestPostgresSnapshot::retiresWhatIsGone()
{
    m_house->execute(
        "CREATE TABLE leaving (line text, ts timestamptz, n int); INSERT INTO leaving VALUES ('L1', now(), 1), ('L2', now(), 1)");
    Reading reading(snapshot("leaving", {{"gone", text("retire")}}));
    QVERIFY(reading.until([&] { return reading.got.count("status/L1/n") == 1; }));
    m_house->execute("DELETE FROM leaving WHERE line = 'L1'");
    QVERIFY(reading.until([&] { return !reading.got.retired.empty(); }));
    reading.stop();
    QCOMPARE(reading.got.retired, std::set<std::string>{"status/L1"});
    QCOMPARE(reading.got.count("status/L1/n"), std::size_t{1});
}

void TestPostgresSnapshot::refusesWhatIsNoSnapshot_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("says");
    QTest::newRow("a key twice") << "CREATE VIEW %1 AS SELECT * FROM (VALUES ('L1', 1, now()), ('L\n2', 1, now()), ('L\n2', 2, now())) v "
                                    "(line, n, ts)"
                                 << "has two rows with the key line = L\\n2";
    QTest::newRow("too many") << "CREATE VIEW %1 AS SELECT n::text AS line, n, now() AS ts FROM generate_series(1, 6000) n"
                              << "has more than 5000 rows";
    QTest::newRow("too large") << "CREATE VIEW %1 AS SELECT n::text AS line, repeat('x', 100000) AS n, now() AS ts FROM "
                                  "generate_series(1, 100) n"
                               << "are 9 MB in all, and mode: snapshot reads at most 4 MB";
    QTest::newRow("no such column") << "CREATE VIEW %1 AS SELECT 1 AS n, now() AS ts"
                                    << "row_key: public.%1 has no column 'line'";
    QTest::newRow("a time without zone") << "CREATE VIEW %1 AS SELECT 'L1' AS line, 1 AS n, localtimestamp AS ts"
                                         << "column 'ts' of public.%1 is a timestamp without time zone";
}

void TestPostgresSnapshot::refusesWhatIsNoSnapshot()
{
    QFETCH(QString, sql);
    QFETCH(QString, says);
    static int n = 0;
    const QString view = QStringLiteral("no_snapshot_%1").arg(++n);
    m_house->execute(sql.arg(view).toStdString());
    Doorbell bell;
    Lane lane(bell, 64U << 20U);
    try {
        const Error why = postgresKind().make(snapshot(view.toStdString()))->run(lane, {}, {});
        QFAIL(why.plain().c_str());
    } catch (const Refusal &refusal) {
        const QString why = QString::fromStdString(refusal.error.plain());
        QVERIFY2(why.contains(says.contains(QStringLiteral("%1")) ? says.arg(view) : says), qPrintable(why));
    }
    for (const Batch &batch : lane.take().live)
        QCOMPARE(batch.rows(), std::size_t{0}); // half of a state is no state
}

void TestPostgresSnapshot::bookSurvivesHostileBytes()
{
    SnapshotBook book("line:0;n:1;1");
    book.rows["2:L1"] = {{"L1", "1"}, NoTime, SnapshotBook::UnknownLag, true, 0};
    book.rows["2:L2"] = {{"L2", std::nullopt}, Time(Micros(5)), Micros(-7), false, 0};
    const std::string good = book.bytes();
    SnapshotBook other("line:0;n:1;1");
    QVERIFY(other.restore(good));
    QCOMPARE(other.rows.size(), std::size_t{2});
    QVERIFY(!other.rows["2:L2"].cells[1] && other.rows["2:L2"].gone == Time(Micros(5)) && !other.rows["2:L2"].isRead);
    QCOMPARE(other.bytes(), good);
    QVERIFY(!SnapshotBook("line:0;1").restore(good));
    for (std::size_t length = 0; length < good.size(); ++length)
        static_cast<void>(other.restore(std::string_view(good).substr(0, length)));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(~bad[i]);
        static_cast<void>(other.restore(bad)); // must not crash, nor ask for memory
    }
    for (std::size_t i = 0; i < 3 * SnapshotBook::MostRows; ++i)
        book.rows[std::to_string(i)] = {{}, Time(Micros(static_cast<std::int64_t>(i))), Micros(0), true, 0};
    book.forgetOldest();
    QVERIFY(book.rows.size() <= SnapshotBook::MostRows + 1);
    QVERIFY(book.rows.contains("2:L1"));
}

}

QTEST_GUILESS_MAIN(TestPostgresSnapshot)
#include "tst_postgressnapshot.moc"
