#include "connectors/postgres/postgresposition.h"
#include "connectors/postgresreading.h"

#include "core/platform.h"
#include "core/selector.h"
#include "core/times.h"
#include "stack/stack.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <pqxx/pqxx>

#include <limits>
#include <thread>

using namespace sg;
using namespace sg::test;
using namespace std::chrono_literals;

namespace {

class TestPostgres : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void rowsOutOfCursorOrder();
    void serverRestartsLoseAndDoubleNothing();
    void goesOnAtItsPosition();
    void startsWhereItIsTold_data();
    void startsWhereItIsTold();
    void manyRowsWithOneCursorValue();
    void typesWhateverTheSession();
    void notifyMakesItLookAtOnce();
    void aNumberAsCursor();
    void tellsWhenTheViewShrank_data();
    void tellsWhenTheViewShrank();
    void readsOlderRowsBack_data();
    void readsOlderRowsBack();
    void errorsSayWhy_data();
    void errorsSayWhy();
    void stopsInTheMiddleOfAQuery();
    void trialTellsItsSteps();
    void settingsAreChecked_data();
    void settingsAreChecked();
    void windowForgetsWhatFellOut();
    void windowKeepsRowsOfOneCursorValue();
    void hostilePositions();

private:
    SourceSpec spec(const std::string &view, std::vector<std::pair<std::string, Node>> more = {}) const;
    pqxx::connection connection() const { return pqxx::connection(m_connection); }
    void execute(const std::string &sql) const
    {
        pqxx::connection c(m_connection);
        pqxx::work work(c);
        work.exec(sql);
        work.commit();
    }
    std::string makeTable() const // a fresh one for each test
    {
        static int n = 0;
        const std::string name = "orders_" + std::to_string(++n);
        execute("CREATE TABLE " + name + " (line text, ts timestamptz, loaded_at timestamptz, rate float8, PRIMARY KEY (line, ts))");
        return name;
    }

    std::unique_ptr<test::Stack> m_stack;
    QTemporaryDir m_workspace;
    std::string m_connection;
};

void TestPostgres::initTestCase()
{
    m_stack = std::make_unique<test::Stack>(std::vector<std::string>{"postgres"});
    QVERIFY2(m_stack->ok(), m_stack->error().c_str());
    auto &stack = *m_stack;
    m_connection
        = "host=" + stack["SG_PG_HOST"] + " port=" + stack["SG_PG_PORT"] + " user=" + stack["SG_PG_USER"] + " dbname=" + stack["SG_PG_DB"];
    QVERIFY(QFile::copy(QString::fromStdString(stack["SG_CA"]), m_workspace.filePath(QStringLiteral("ca.crt"))));
    QVERIFY(QFile::copy(QString::fromStdString(stack["SG_WRONG_CA"]), m_workspace.filePath(QStringLiteral("wrong.crt"))));
    qputenv("SG_RIGHT", QByteArray::fromStdString(stack["SG_PG_TLS_PASSWORD"]));
    qputenv("SG_WRONG", "wr0ng-pa55word");
}

SourceSpec TestPostgres::spec(const std::string &view, std::vector<std::pair<std::string, Node>> more) const
{
    const auto value = [this](const char *name) { return text((*m_stack)[name]); };
    std::vector<std::pair<std::string, Node>> settings{
        {"host", value("SG_PG_HOST")}, {"port", value("SG_PG_PORT")}, {"user", value("SG_PG_USER")}, {"dbname", value("SG_PG_DB")},
        {"view", text(view)},          {"cursor", text("loaded_at")}, {"overlap", text("30s")},      {"row_key", list({"line", "ts"})},
        {"every", text("100ms")}};
    for (auto &[key, node] : more) {
        const auto same = std::find_if(settings.begin(), settings.end(), [&key = key](const auto &entry) { return entry.first == key; });
        if (same != settings.end())
            same->second = std::move(node);
        else
            settings.emplace_back(key, std::move(node));
    }
    SourceSpec out;
    out.id = "orders";
    out.kind = "postgres";
    out.folder = m_workspace.path().toStdString();
    out.clientName = "sightglass-test-host";
    out.settings = map(std::move(settings));
    out.declaration = map({{"id", text("orders")},
                           {"path", list({"line"})},
                           {"time", map({{"basis", text("database")}, {"at", text("column:ts")}})},
                           {"decode", map({{"row", map({{"learn", text("true")}})}})}});
    return out;
}

void TestPostgres::rowsOutOfCursorOrder()
{
    const std::string table = makeTable();
    Reading reading(spec(table));
    QVERIFY(reading.until([&] { return reading.status.state == SourceStatus::State::Live; }));
    pqxx::connection slow(m_connection), quick(m_connection);
    const std::string insert = "INSERT INTO " + table + " VALUES ($1, clock_timestamp(), clock_timestamp(), ";
    for (int n = 1; n <= 10; ++n) {
        pqxx::work late(slow);
        late.exec("INSERT INTO " + table + " VALUES ('slow', clock_timestamp(), clock_timestamp(), " + std::to_string(n) + ")");
        {
            pqxx::work early(quick);
            early.exec("INSERT INTO " + table + " VALUES ('quick', clock_timestamp(), clock_timestamp(), " + std::to_string(n) + ")");
            early.commit();
        }
        // The row that comes later in the cursor's order is here before the earlier one is committed.
        const auto expected = static_cast<std::size_t>(n);
        QVERIFY(reading.until([&] { return reading.got.count("orders/quick/rate") == expected; }));
        QCOMPARE(reading.got.count("orders/slow/rate"), expected - 1);
        late.commit();
        QVERIFY(reading.until([&] { return reading.got.count("orders/slow/rate") == expected; }));
    }
    reading.stop();
    QCOMPARE(reading.got.messages, std::size_t{20});
    QCOMPARE(reading.got.rows.size(), std::size_t{2}); // no series of ts, loaded_at or line
    QVERIFY(reading.got.probes > 0);
}

void TestPostgres::serverRestartsLoseAndDoubleNothing()
{
    const std::string table = makeTable();
    Reading reading(spec(table, {{"start", text("earliest")}}));
    std::atomic<bool> isOver{false};
    std::atomic<int> written{0};
    std::jthread writer([&](const std::stop_token &stop) {
        std::unique_ptr<pqxx::connection> c;
        for (int n = 0; !stop.stop_requested() && !isOver;) {
            try {
                if (!c)
                    c = std::make_unique<pqxx::connection>(m_connection);
                pqxx::work work(*c);
                // The same row again when nobody knows whether its commit was heard.
                work.exec("INSERT INTO " + table + " VALUES ('L1', timestamptz '2026-10-12 08:00:00Z' + interval '1 second' * "
                          + std::to_string(n) + ", clock_timestamp(), " + std::to_string(n) + ") ON CONFLICT DO NOTHING");
                work.commit();
                written = ++n;
            } catch (const std::exception &) {
                c.reset();
                std::this_thread::yield();
            }
        }
    });
    for (const auto how : {test::End::Term, test::End::Kill, test::End::Term, test::End::Kill}) {
        const int before = written;
        QVERIFY(reading.until([&] { return written > before + 200; }));
        QVERIFY2(m_stack->restart("postgres", how), m_stack->error().c_str());
        const std::size_t seen = reading.got.count("orders/L1/rate");
        QVERIFY(reading.until([&] { return reading.got.count("orders/L1/rate") > seen; }));
    }
    isOver = true;
    writer.join();
    QVERIFY(reading.until([&] { return reading.got.count("orders/L1/rate") >= static_cast<std::size_t>(written); }));
    reading.stop();
    QVERIFY(reading.connections > 4);
    std::vector<double> values;
    for (const auto &[t, value] : reading.got.rows["orders/L1/rate"])
        values.push_back(value);
    std::sort(values.begin(), values.end());
    QCOMPARE(values.size(), static_cast<std::size_t>(written));
    for (std::size_t i = 0; i < values.size(); ++i)
        QCOMPARE(values[i], static_cast<double>(i));
}

void TestPostgres::goesOnAtItsPosition()
{
    const std::string table = makeTable();
    execute("INSERT INTO " + table
            + " SELECT 'L1', now() - interval '1 s' * n, now() - interval '1 s' * n, n FROM generate_series(1, 25000) n");
    Reading first(spec(table, {{"start", text("earliest")}}));
    QVERIFY(first.until([&] { return first.got.messages == 25'000; }));
    first.stop();
    QCOMPARE(first.got.behind, std::size_t{1});
    QCOMPARE(first.got.caughtUp, std::size_t{1});
    QVERIFY(first.got.after.size() >= 3); // pages

    // Crash after the first page: what was not committed comes again, and nothing else.
    Reading second(spec(table), first.got.after[1]);
    QVERIFY(second.until([&] { return second.got.messages == 15'000; }));
    second.stop();
    QCOMPARE(second.got.messages, std::size_t{15'000});

    // At the end nothing comes again, but a row that was committed late does.
    execute("INSERT INTO " + table + " VALUES ('late', now(), now() - interval '20 s', 1), ('too late', now(), now() - interval '1 h', 1)");
    Reading third(spec(table), first.got.after.back());
    QVERIFY(third.until([&] { return third.got.messages > 0; }));
    third.stop();
    QCOMPARE(third.got.messages, std::size_t{1});
    QCOMPARE(third.got.count("orders/late/rate"), std::size_t{1});

    // A position of another cursor column is no position: a gap, and then as `start` says.
    Reading fourth(spec(table, {{"cursor", text("ts")}, {"start", text("earliest")}}), first.got.after.back());
    QVERIFY(fourth.until([&] { return fourth.got.messages >= 25'002; }));
    fourth.stop();
    QCOMPARE(fourth.got.gaps, std::size_t{1});
}

void TestPostgres::startsWhereItIsTold_data()
{
    QTest::addColumn<QString>("start");
    QTest::addColumn<int>("expected");
    QTest::newRow("earliest") << "earliest" << 5;
    QTest::newRow("latest") << "latest" << 1;
    QTest::newRow("two hours ago") << "-2h" << 3;
    QTest::newRow("a time") << "2020-01-01T00:00:00Z" << 4;
}

void TestPostgres::startsWhereItIsTold()
{
    QFETCH(QString, start);
    QFETCH(int, expected);
    const std::string table = makeTable();
    execute(
        "INSERT INTO " + table
        + " VALUES ('L1', now() - interval '1 s', now() - interval '1 s', 1), ('L1', now() - interval '1 h', now() - interval '1 h', 2), "
          "('L1', now() - interval '3 h', now() - interval '3 h', 3), ('L1', '2019-01-01Z', '2019-01-01Z', 4)");
    Reading reading(spec(table, {{"start", text(start.toStdString())}}));
    QVERIFY(reading.until([&] { return reading.status.state == SourceStatus::State::Live; }));
    execute("INSERT INTO " + table + " VALUES ('L1', now(), now(), 5)");
    QVERIFY(reading.until([&] { return reading.got.messages == static_cast<std::size_t>(expected); }));
    const auto seen = [&] { return reading.got.rows["orders/L1/rate"].back().second; };
    QCOMPARE(seen(), 5.0);
    // A row from the future does not carry the window away.
    execute("INSERT INTO " + table + " VALUES ('L1', '2099-01-01Z', '2099-01-01Z', 6)");
    QVERIFY(reading.until([&] { return reading.got.messages == static_cast<std::size_t>(expected) + 1; }));
    execute("INSERT INTO " + table + " VALUES ('L1', now(), now(), 7)");
    QVERIFY(reading.until([&] { return seen() == 7.0; }));
    reading.stop();
    QCOMPARE(reading.got.messages, static_cast<std::size_t>(expected) + 2);
}

void TestPostgres::manyRowsWithOneCursorValue()
{
    const std::string table = makeTable();
    execute("INSERT INTO " + table
            + " SELECT 'L1', timestamptz '2026-10-12 08:00Z' + interval '1 ms' * n, now(), n FROM generate_series(1, 65000) n");
    Reading reading(spec(table, {{"start", text("earliest")}}));
    QVERIFY(reading.until([&] { return reading.got.messages >= 65'000; }));
    execute("INSERT INTO " + table + " VALUES ('L2', now(), now(), 1)");
    QVERIFY(reading.until([&] { return reading.got.count("orders/L2/rate") == 1; }));
    reading.stop();
    QCOMPARE(reading.got.messages, std::size_t{65'001});
}

void TestPostgres::typesWhateverTheSession()
{
    // The role's own settings decide how a session writes times; nothing of that may matter.
    execute("ALTER ROLE " + (*m_stack)["SG_PG_USER"] + " SET TimeZone = 'Asia/Seoul'; ALTER ROLE " + (*m_stack)["SG_PG_USER"]
            + " SET DateStyle = 'German'; ALTER ROLE " + (*m_stack)["SG_PG_USER"] + " SET IntervalStyle = 'sql_standard'; ALTER ROLE "
            + (*m_stack)["SG_PG_USER"] + " SET bytea_output = 'escape'");
    execute("CREATE SCHEMA \"Odd \"\"schema\"\"; --\"; CREATE DOMAIN celsius AS numeric(6,2); "
            "CREATE TABLE \"Odd \"\"schema\"\"; --\".\"Rates; DROP\" (\"Line\" text, \"Zeit\" timestamp, loaded_at timestamptz, "
            "n numeric, small int2, f float4, temp celsius, ok bool, state text, nothing float8, spent interval, other timestamptz, "
            "PRIMARY KEY (\"Line\", \"Zeit\"))");
    execute("INSERT INTO \"Odd \"\"schema\"\"; --\".\"Rates; DROP\" VALUES ('L''1/ü', '2026-10-12 08:00:00.000123', now(), 12345678.25, "
            "-7, 0.1, 71.50, true, "
            "'läuft', NULL, '1 min 2 s', 'infinity'), ('bad', 'infinity', now(), 'NaN', 1, 1, 1, false, '', NULL, '1 s', now())");
    SourceSpec odd
        = spec("Rates; DROP", {{"schema", text("Odd \"schema\"; --")}, {"row_key", list({"Line", "Zeit"})}, {"start", text("earliest")}});
    odd.declaration = map({{"id", text("orders")},
                           {"path", list({"line"})},
                           {"labels", map({{"line", text("column:Line")}})},
                           {"time", map({{"basis", text("database")}, {"at", text("column:Zeit")}, {"zone", text("Europe/Berlin")}})},
                           {"decode", map({{"row", map({{"learn", text("true")}})}})}});
    Reading reading(odd);
    QVERIFY(reading.until([&] { return reading.status.messages == 2; }));
    reading.stop();
    execute("ALTER ROLE " + (*m_stack)["SG_PG_USER"] + " RESET ALL");
    QCOMPARE(reading.status.decodeErrors, std::uint64_t{1}); // the row without a time
    const std::string key = "orders/" + encodeSegment("L'1/ü") + "/";
    const Time expected = Time(Micros(1'791'784'800'000'123)); // 06:00:00.000123Z
    const std::map<std::string, double> values{{"n", 12345678.25}, {"small", -7}, {"f", 0.1}, {"temp", 71.5}, {"spent", 62}};
    for (const auto &[field, value] : values) {
        QVERIFY2(reading.got.count(key + field) == 1, field.c_str());
        QCOMPARE(reading.got.rows[key + field][0].second, value);
        QVERIFY(reading.got.rows[key + field][0].first == expected);
    }
    QCOMPARE(reading.got.count(key + "state"), std::size_t{1});
    QCOMPARE(reading.got.texts.at(static_cast<std::size_t>(reading.got.rows[key + "state"][0].second)), std::string("läuft"));
    QCOMPARE(reading.got.count(key + "nothing"), std::size_t{0});
    QCOMPARE(reading.got.count(key + "other"), std::size_t{0});
    QCOMPARE(reading.got.count(key + "loaded_at"), std::size_t{0});
}

void TestPostgres::notifyMakesItLookAtOnce()
{
    const std::string table = makeTable();
    Reading reading(spec(table, {{"every", text("1h")}, {"listen", text("Odd channel")}}));
    QVERIFY(reading.until([&] { return reading.status.state == SourceStatus::State::Live; }));
    for (int n = 1; n <= 5; ++n) {
        execute("INSERT INTO " + table + " VALUES ('L1', now(), now(), " + std::to_string(n) + "); NOTIFY \"Odd channel\"");
        QVERIFY(reading.until([&] { return reading.got.messages == static_cast<std::size_t>(n); }));
    }
    // A lost connection loses the LISTEN; the next one has its own, and looks before it waits.
    execute("INSERT INTO " + table + " VALUES ('L1', now(), now(), 6)");
    execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sightglass-test-host'");
    QVERIFY(reading.until([&] { return reading.got.messages == 6 && reading.status.state == SourceStatus::State::Live; }));
    QVERIFY(reading.connections > 1);
    execute("INSERT INTO " + table + " VALUES ('L1', now(), now(), 7); NOTIFY \"Odd channel\"");
    QVERIFY(reading.until([&] { return reading.got.messages == 7; }));
    reading.stop();
    QCOMPARE(reading.got.rows["orders/L1/rate"].size(), std::size_t{7});
}

void TestPostgres::aNumberAsCursor()
{
    const std::string table = makeTable();
    execute("ALTER TABLE " + table + " ADD id bigserial");
    execute("INSERT INTO " + table + " SELECT 'L1', now() + interval '1 ms' * n, NULL, n FROM generate_series(1, 100) n");
    Reading reading(spec(table, {{"cursor", text("id")}, {"overlap", text("10")}, {"start", text("earliest")}}));
    QVERIFY(reading.until([&] { return reading.got.messages == 100; }));
    execute("DELETE FROM " + table + " WHERE id = 95; INSERT INTO " + table
            + " (line, ts, rate, id) VALUES ('in the window', now(), 1, 95), ('before it', now(), 1, -5), ('new', now(), 1, 101)");
    QVERIFY(
        reading.until([&] { return reading.got.count("orders/new/rate") == 1 && reading.got.count("orders/in the window/rate") == 1; }));
    reading.stop();
    QCOMPARE(reading.got.messages, std::size_t{102});
}

void TestPostgres::tellsWhenTheViewShrank_data()
{
    QTest::addColumn<bool>("isNumber"); // the cursor
    QTest::addColumn<bool>("isWatched"); // all the time
    QTest::addColumn<QString>("then"); // what is done to %1 with its 2000 rows, one a second, or numbers 1 to 2000 with an overlap of 100
    QTest::addColumn<int>("rows"); // that come by it
    QTest::addColumn<QString>("says"); // in a gap; empty: no gap
    const QString refill = QStringLiteral("; INSERT INTO %1 (line, ts, loaded_at, rate) SELECT 'new', now() + interval '1 s' * n, now(), n "
                                          "FROM generate_series(1, NNN) n");
    const auto of = [&refill](const char *first, int rows) {
        return rows == 0 ? QString::fromLatin1(first)
                         : QString::fromLatin1(first) + QString(refill).replace(QStringLiteral("NNN"), QString::number(rows));
    };
    QTest::newRow("old rows go") << false << false << of("DELETE FROM %1 WHERE rate < 1900", 0) << 0 << "";
    QTest::newRow("the newest rows go") << false << false << of("DELETE FROM %1 WHERE rate > 1990", 0) << 0 << "cut short or restored";
    QTest::newRow("most rows go") << false << false << of("DELETE FROM %1 WHERE rate > 500", 0) << 0 << "cut short or restored";
    QTest::newRow("all rows go") << false << false << of("TRUNCATE %1", 0) << 0 << "is empty, although";
    QTest::newRow("number: some of the last rows go") << true << false << of("DELETE FROM %1 WHERE id < 1990", 0) << 0 << "";
    QTest::newRow("number: the newest rows go") << true << false << of("DELETE FROM %1 WHERE id > 1990", 0) << 0 << "cut short";
    QTest::newRow("number: made anew, shorter") << true << false << of("TRUNCATE %1 RESTART IDENTITY", 300) << 300 << "made anew";
    QTest::newRow("number: made anew, as long") << true << false << of("TRUNCATE %1 RESTART IDENTITY", 2000) << 2000 << "none of the";
    QTest::newRow("number: made anew, longer") << true << false << of("TRUNCATE %1 RESTART IDENTITY", 5000) << 5000 << "none of the";
    QTest::newRow("number: made anew while watched") << true << true << of("TRUNCATE %1 RESTART IDENTITY", 300) << 300 << "made anew";
    QTest::newRow("number: the newest rows go while watched") << true << true << of("DELETE FROM %1 WHERE id > 1990", 0) << 0 << "";
    QTest::newRow("emptied while watched") << false << true << of("DELETE FROM %1", 0) << 0 << "";
}

void TestPostgres::tellsWhenTheViewShrank()
{
    QFETCH(bool, isNumber);
    QFETCH(bool, isWatched);
    QFETCH(QString, then);
    QFETCH(int, rows);
    QFETCH(QString, says);
    const std::string table = makeTable();
    execute("ALTER TABLE " + table + " ADD id bigserial; CREATE INDEX ON " + table + " (loaded_at); INSERT INTO " + table
            + " SELECT 'L1', now() - interval '1 s' * (3000 - n), now() - interval '1 s' * (3000 - n), n FROM generate_series(1, 2000) n");
    std::vector<std::pair<std::string, Node>> more{{"start", text("earliest")}};
    if (isNumber) {
        more.emplace_back("cursor", text("id"));
        more.emplace_back("overlap", text("100"));
    }
    auto reading = std::make_unique<Reading>(spec(table, more));
    QVERIFY(reading->until([&] { return reading->got.messages == 2000; }));
    if (!isWatched)
        reading->stop();
    execute(then.arg(QString::fromStdString(table)).toStdString());
    std::size_t before = 2000;
    if (isWatched) { // sees it: a gap, or a remark as long as it is so
        QVERIFY(reading->until([&] { return reading->got.gaps > 0 || !reading->status.notes.empty(); }));
    } else {
        const Positions position = reading->got.after.back();
        reading = std::make_unique<Reading>(spec(table, more), position);
        before = 0;
    }
    QVERIFY(reading->until([&] {
        return reading->got.messages >= before + static_cast<std::size_t>(rows) && reading->status.state == SourceStatus::State::Live
            && (says.isEmpty() || reading->got.gaps > 0);
    }));
    // What comes afterwards is read, whatever its number.
    execute("INSERT INTO " + table + " (line, ts, loaded_at, rate) VALUES ('after', clock_timestamp(), clock_timestamp(), 1)");
    QVERIFY(reading->until([&] { return reading->got.count("orders/after/rate") > 0; }));
    reading->stop();
    QCOMPARE(reading->got.messages, before + static_cast<std::size_t>(rows) + 1);
    QCOMPARE(reading->got.gaps, says.isEmpty() ? std::size_t{0} : std::size_t{1});
    QVERIFY2(reading->got.gapText.find(says.toStdString()) != std::string::npos, reading->got.gapText.c_str());
    // It is told once.
    Reading again(spec(table, more), reading->got.after.back());
    QVERIFY(again.until([&] { return again.status.state == SourceStatus::State::Live; }));
    again.stop();
    QCOMPARE(again.got.gaps, std::size_t{0});
    QCOMPARE(again.got.messages, std::size_t{0});
}

void TestPostgres::readsOlderRowsBack_data()
{
    QTest::addColumn<QString>("cursor");
    QTest::addColumn<QString>("time"); // column; empty: the rows name none
    QTest::addColumn<QString>("says"); // empty: it can
    QTest::newRow("by its own time") << "loaded_at"
                                     << "ts"
                                     << "";
    QTest::newRow("by its own time, numbered") << "id"
                                               << "ts"
                                               << "";
    QTest::newRow("by a time without zone") << "id"
                                            << "plain"
                                            << "";
    QTest::newRow("by the cursor") << "loaded_at"
                                   << "ms"
                                   << "";
    QTest::newRow("nothing tells") << "id"
                                   << "ms"
                                   << "nobody can say";
    QTest::newRow("no time of their own") << "loaded_at"
                                          << ""
                                          << "names no column";
}

void TestPostgres::readsOlderRowsBack()
{
    QFETCH(QString, cursor);
    QFETCH(QString, time);
    QFETCH(QString, says);
    const std::string table = makeTable();
    // A row each second from 2026-01-01; each is loaded up to a minute later, so the cursor's order is another one.
    execute("ALTER TABLE " + table + " ADD id bigserial, ADD plain timestamp, ADD ms bigint; CREATE INDEX ON " + table
            + " (loaded_at); INSERT INTO " + table
            + " SELECT 'L' || n % 3, t, t + interval '1 s' * (n * 7 % 60), n, n, t AT TIME ZONE 'UTC', extract(epoch FROM t) * 1000 FROM "
              "(SELECT n, timestamptz "
              "'2026-01-01Z' + interval '1 s' * n AS t FROM generate_series(0, 19999) n) q");
    const bool isNumber = cursor == QStringLiteral("id");
    SourceSpec source = spec(
        table,
        {{"cursor", text(cursor.toStdString())},
         {"start", text("earliest")},
         {"overlap", text(isNumber ? "60" : "60s")},
         {"row_key", list(time.isEmpty() ? std::vector<std::string>{"line"} : std::vector<std::string>{"line", time.toStdString()})}});
    for (auto &[key, node] : source.declaration.map)
        if (key == "time" && time.isEmpty())
            node = map({{"basis", text("database")}});
        else if (key == "time")
            node = map({{"basis", text("message")},
                        {"at", text("column:" + time.toStdString())},
                        time == QStringLiteral("ms") ? std::pair("unit", text("ms")) : std::pair("zone", text("Europe/Berlin"))});
    const Time begin = *parseIso("2026-01-01T01:00:00Z"), end = *parseIso("2026-01-01T04:00:00Z"); // 10,800 rows: pages
    Doorbell bell;
    Lane lane(bell, 64U << 20U);
    Result<Done> result = Done();
    try {
        result = postgresKind().make(source)->readBack(lane, begin, end, {});
    } catch (const Refusal &refusal) {
        QFAIL(refusal.error.plain().c_str());
    }
    Lane::Taken taken = lane.take();
    QVERIFY(taken.live.empty());
    QCOMPARE(static_cast<bool>(result), says.isEmpty());
    if (!says.isEmpty()) {
        QVERIFY2(result.error().plain().find(says.toStdString()) != std::string::npos, result.error().plain().c_str());
        return;
    }
    Received older;
    for (const Batch &batch : taken.history)
        older.add(batch);
    std::vector<int> times(20'000);
    for (const auto &[path, rows] : older.rows)
        if (path.ends_with("/rate"))
            for (const auto &[t, value] : rows) {
                const auto n = static_cast<std::size_t>(value);
                QVERIFY(n < times.size() && path == "orders/L" + std::to_string(n % 3) + "/rate");
                if (time != QStringLiteral("plain"))
                    QCOMPARE(t, begin + std::chrono::seconds(static_cast<int>(n) - 3600));
                ++times[n];
            }
    for (std::size_t n = 0; n < times.size(); ++n) {
        const bool isWanted = n >= 3600 && n < 4 * 3600;
        QVERIFY2(times[n] == 1 || (times[n] == 0 && !isWanted), std::to_string(n).c_str());
        if (time == QStringLiteral("ts"))
            QCOMPARE(times[n] == 1, isWanted);
    }
}

void TestPostgres::errorsSayWhy_data()
{
    QTest::addColumn<SettingRows>("settings");
    QTest::addColumn<QString>("says");
    QTest::addColumn<bool>("isRefusal");
    using S = SettingRows;
    const std::pair<std::string, std::string> tls{"user", "SG_PG_TLS_USER"};
    QTest::newRow("right password, right CA") << S{tls, {"password", "SG_RIGHT"}, {"ca", "ca.crt"}} << "" << false;
    QTest::newRow("wrong password") << S{tls, {"password", "SG_WRONG"}, {"ca", "ca.crt"}} << "refuses this password of user 'sg_tls'"
                                    << true;
    QTest::newRow("no password") << S{tls, {"ca", "ca.crt"}} << "wants a password for user 'sg_tls'" << true;
    QTest::newRow("wrong CA") << S{tls, {"password", "SG_RIGHT"}, {"ca", "wrong.crt"}}
                              << "is signed by 'Sightglass stack', whom the file of `ca` does not know" << true;
    QTest::newRow("without TLS") << S{tls, {"password", "SG_RIGHT"}, {"sslmode", "disable"}}
                                 << "lets user 'sg_tls' into database 'sightglass' from this machine without TLS" << true;
    QTest::newRow("nobody there") << S{{"port", "1"}} << "nothing listens at 127.0.0.1 port 1;" << false;
    QTest::newRow("no such database") << S{{"dbname", "no'such \\db"}} << "has no database 'no'such" << true;
    QTest::newRow("no such role") << S{{"user", "nobody"}} << "has no user 'nobody' that may log in" << true;
    QTest::newRow("no such view") << S{{"view", "no_such"}} << "has no view or table public.no_such" << true;
    QTest::newRow("no such schema") << S{{"schema", "no_such"}} << "has no view or table no_such.refused" << true;
    QTest::newRow("no such cursor") << S{{"cursor", "loaded"}}
                                    << "cursor: public.refused has no column 'loaded'; it has line, ts, loaded_at, rate" << true;
    QTest::newRow("a text as cursor") << S{{"cursor", "line"}} << "column 'line' is neither a timestamp nor a whole number" << true;
    QTest::newRow("overlap of another type") << S{{"overlap", "10"}} << "'10' is not a duration" << true;
    QTest::newRow("not allowed") << S{{"user", "sg_poor"}} << "user 'sg_poor' may not read public.refused" << true;
}

void TestPostgres::errorsSayWhy()
{
    static bool isMade = false;
    if (!std::exchange(isMade, true)) {
        execute("CREATE TABLE refused (line text, ts timestamptz, loaded_at timestamptz, rate float8)");
        execute("CREATE ROLE sg_poor LOGIN");
        pqxx::connection c(m_connection);
        // The stack trusts its own user only.
        pqxx::nontransaction work(c);
        const std::string folder = work.exec("SHOW hba_file")[0][0].c_str();
        QFile hba(QString::fromStdString(folder));
        QVERIFY(hba.open(QIODevice::Append));
        hba.write("host all sg_poor,nobody 127.0.0.1/32 trust\n");
        hba.close();
        work.exec("SELECT pg_reload_conf()");
    }
    QFETCH(SettingRows, settings);
    QFETCH(QString, says);
    QFETCH(bool, isRefusal);
    std::vector<std::pair<std::string, Node>> more;
    for (const auto &[key, value] : settings) {
        if (key == "password")
            more.emplace_back("password", map({{"env", text(value)}}));
        else
            more.emplace_back(key, text(value.starts_with("SG_") ? (*m_stack)[value] : value));
    }
    const SourceSpec made = spec("refused", std::move(more));
    std::vector<std::string> steps;
    const auto tried = postgresKind().test(made, [&](const Error &step) { steps.push_back(step.plain()); }, {});
    if (says.isEmpty()) {
        QVERIFY2(tried, tried ? "" : tried.error().plain().c_str());
        QVERIFY(std::find(steps.begin(), steps.end(), "logged in, connection encrypted") != steps.end());
        return;
    }
    QVERIFY(!tried);
    Doorbell bell;
    Lane lane(bell, 1U << 20U);
    std::string why;
    bool wasRefusal = false;
    try {
        why = postgresKind().make(made)->run(lane, {}, {}).plain();
    } catch (const Refusal &refusal) {
        why = refusal.error.plain();
        wasRefusal = true;
    }
    QVERIFY2(QString::fromStdString(why).contains(says), why.c_str());
    QVERIFY2(QString::fromStdString(tried.error().plain()).contains(says), tried.error().plain().c_str());
    QCOMPARE(wasRefusal, isRefusal);
    for (const char *secret : {"SG_RIGHT", "SG_WRONG"})
        QVERIFY(!QString::fromStdString(why).contains(QString::fromUtf8(qgetenv(secret))));
}

void TestPostgres::stopsInTheMiddleOfAQuery()
{
    execute("CREATE VIEW slow AS SELECT 'L1'::text AS line, now() AS ts, now() AS loaded_at, 1.0 AS rate, pg_sleep(25)::text AS slept");
    Reading reading(spec("slow", {{"start", text("earliest")}}));
    pqxx::connection c(m_connection);
    QVERIFY(reading.until([&] {
        pqxx::work work(c);
        return work.exec("SELECT 1 FROM pg_stat_activity WHERE application_name = 'sightglass-test-host' AND wait_event = 'PgSleep'").size()
            == 1;
    }));
    QElapsedTimer timer;
    timer.start();
    reading.stop();
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
}

void TestPostgres::trialTellsItsSteps()
{
    const std::string table = makeTable();
    execute("INSERT INTO " + table + " VALUES ('L1', '2026-10-12 08:00Z', '2026-10-12 08:00:01Z', 1)");
    std::vector<std::string> steps;
    QVERIFY(postgresKind().test(spec(table), [&](const Error &step) { steps.push_back(step.plain()); }, {}));
    QCOMPARE(steps.size(), std::size_t{6});
    QCOMPARE(steps[0], std::string("'127.0.0.1' is 127.0.0.1"));
    QVERIFY(steps[1].ends_with(" answers"));
    QVERIFY2(steps[2].ends_with("the certificate is of localhost and was not verified"), steps[2].c_str());
    QCOMPARE(steps[4], "public." + table + " has the columns line, ts, rate");
    QCOMPARE(steps[5], std::string("newest row: 2026-10-12T08:00:01.000Z"));
}

void TestPostgres::settingsAreChecked_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("good") << "port"
                          << "5433"
                          << "";
    QTest::newRow("gone") << "gone"
                          << "retire"
                          << "only mode: snapshot sees that a row vanished";
    QTest::newRow("several hosts") << "host"
                                   << "a,b"
                                   << "names several servers";
    QTest::newRow("port") << "port"
                          << "99999"
                          << "not a number from 1 to 65535";
    QTest::newRow("start") << "start"
                           << "yesterday"
                           << "neither earliest, latest";
    QTest::newRow("start 10m") << "start"
                               << "-10m"
                               << "10min";
    QTest::newRow("every") << "every"
                           << "1ms"
                           << "too short";
    QTest::newRow("ca outside") << "ca"
                                << "../../etc/passwd"
                                << "ca";
    QTest::newRow("row key that makes no series") << "row_key"
                                                  << "rate"
                                                  << "column 'rate' is neither a label of path nor the time";
}

void TestPostgres::settingsAreChecked()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, says);
    const auto faults = postgresKind().check(spec("orders", {{key.toStdString(), text(value.toStdString())}}));
    if (says.isEmpty()) {
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults[0].plain().c_str());
        return;
    }
    QCOMPARE(faults.size(), std::size_t{1});
    QVERIFY2(QString::fromStdString(faults[0].plain()).contains(says), faults[0].plain().c_str());
}

void TestPostgres::windowForgetsWhatFellOut()
{
    CursorWindow window("loaded_at:time", 100);
    QVERIFY(!window.lower());
    QVERIFY(window.see(1000, 1));
    QVERIFY(!window.see(1000, 1));
    QVERIFY(window.see(1000, 2));
    QVERIFY(window.see(1050, 1));
    window.advance(1050);
    QCOMPARE(window.lower(), std::optional<std::int64_t>(950));
    window.advance(900); // never back
    QCOMPARE(window.lower(), std::optional<std::int64_t>(950));
    const std::size_t full = window.bytes().size();
    CursorWindow again("loaded_at:time", 100);
    QVERIFY(again.restore(window.bytes()));
    QVERIFY(!again.see(1000, 2) && again.see(1000, 3) && !again.see(1050, 1));
    window.advance(1101);
    QCOMPARE(window.bytes().size(), full - 2 * 16);
    QVERIFY(!CursorWindow("id:number", 100).restore(window.bytes()));
    CursorWindow far("id:number", std::numeric_limits<std::int64_t>::max());
    far.advance(-5);
    QVERIFY(far.lower());
}

void TestPostgres::windowKeepsRowsOfOneCursorValue()
{
    CursorWindow window("id:number", 1'000'000);
    for (std::uint64_t n = 0; n < CursorWindow::MostRows + 10; ++n)
        QVERIFY(window.see(7, n));
    window.advance(7);
    QVERIFY(!window.see(7, 3) && !window.isCut());
    // The next value pushes them out together, and none of them is new again.
    QVERIFY(window.see(8, 1));
    QVERIFY(!window.see(7, 3) && !window.see(7, 999'999) && window.see(8, 2));
    window.advance(8);
    QVERIFY(window.isCut());
    QCOMPARE(window.lower(), std::optional<std::int64_t>(7));
}

void TestPostgres::hostilePositions()
{
    CursorWindow window("id:number", 10);
    for (std::uint64_t n = 0; n < 5; ++n)
        window.see(static_cast<std::int64_t>(n), n);
    const std::string good = window.bytes();
    for (std::size_t length = 0; length < good.size(); ++length) {
        CursorWindow other("id:number", 10);
        const bool isRestored = static_cast<bool>(other.restore(std::string_view(good).substr(0, length)));
        QCOMPARE(isRestored, length >= 34 && (length - 34) % 16 == 0); // whole entries only
    }
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(~bad[i]);
        CursorWindow other("id:number", 10);
        static_cast<void>(other.restore(bad)); // must not crash
    }
}

}

QTEST_GUILESS_MAIN(TestPostgres)
#include "tst_postgres.moc"
