#include "core/fields.h"
#include "core/lane.h"
#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"

#include <QtTest>

#include <thread>

using namespace sg;

class TestCore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textFromOutsideIsSafeToShow_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("plain") << QByteArray("abc") << QByteArray("abc");
        QTest::newRow("line feed") << QByteArray("a\nb") << QByteArray("a\\nb");
        QTest::newRow("terminal escape") << QByteArray("\x1b[31m") << QByteArray("\\x1B[31m");
        QTest::newRow("nul") << QByteArray("a\0b", 3) << QByteArray("a\\x00b");
        QTest::newRow("umlaut") << QByteArray("\xC3\xA4") << QByteArray("\xC3\xA4");
        QTest::newRow("cut UTF-8") << QByteArray("\xC3") << QByteArray("\\xC3");
        QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << QByteArray("\\xC0\\xAF");
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << QByteArray("\\xED\\xA0\\x80");
        QTest::newRow("right-to-left override") << QByteArray("a\xE2\x80\xAE") << QByteArray("a\\xE2\\x80\\xAE");
        QTest::newRow("C1 control") << QByteArray("\xC2\x9B") << QByteArray("\\xC2\\x9B");
    }
    void textFromOutsideIsSafeToShow()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(shown(bytes.toStdString())), expected);
    }

    void longTextIsCutAndSaysSo() { QVERIFY(shown(std::string(10'000, 'x'), 20).ends_with("(10000 bytes)")); }

    void isoStamps_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<QByteArray>("expected"); // UTC, or part of the error
        QTest::newRow("zulu") << QByteArray("2026-10-12T08:00:00Z") << QByteArray() << QByteArray("2026-10-12T08:00:00.000Z");
        QTest::newRow("offset") << QByteArray("2026-10-12T08:00:00.5+09:00") << QByteArray() << QByteArray("2026-10-11T23:00:00.500Z");
        QTest::newRow("offset without colon") << QByteArray("2026-10-12 08:00:00+0900") << QByteArray()
                                              << QByteArray("2026-10-11T23:00:00.000Z");
        QTest::newRow("comma fraction") << QByteArray("2026-10-12T08:00:00,123456Z") << QByteArray()
                                        << QByteArray("2026-10-12T08:00:00.123456Z");
        QTest::newRow("no zone is refused") << QByteArray("2026-10-12 08:00:00") << QByteArray() << QByteArray("has no zone");
        QTest::newRow("given zone") << QByteArray("2026-10-12 08:00:00") << QByteArray("Asia/Seoul")
                                    << QByteArray("2026-10-11T23:00:00.000Z");
        QTest::newRow("summer") << QByteArray("2026-07-01 12:00:00") << QByteArray("Europe/Berlin")
                                << QByteArray("2026-07-01T10:00:00.000Z");
        QTest::newRow("winter") << QByteArray("2026-12-01 12:00:00") << QByteArray("Europe/Berlin")
                                << QByteArray("2026-12-01T11:00:00.000Z");
        QTest::newRow("30 February") << QByteArray("2026-02-30T00:00:00Z") << QByteArray() << QByteArray("is not a time");
        QTest::newRow("25 o'clock") << QByteArray("2026-02-03T25:00:00Z") << QByteArray() << QByteArray("is not a time");
        QTest::newRow("rest") << QByteArray("2026-02-03T05:00:00Zjunk") << QByteArray() << QByteArray("no zone such as");
        QTest::newRow("empty") << QByteArray() << QByteArray() << QByteArray("is not a time");
    }
    void isoStamps()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, zone);
        QFETCH(QByteArray, expected);
        const auto time = parseIso(text.toStdString(), zone.toStdString());
        if (time)
            QCOMPARE(QByteArray::fromStdString(formatUtc(*time)), expected);
        else
            QVERIFY2(QByteArray::fromStdString(time.error().plain()).contains(expected), time.error().plain().c_str());
    }

    void durations_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("micros"); // -1: refused
        QTest::newRow("ms") << QByteArray("250ms") << qint64(250'000);
        QTest::newRow("fraction") << QByteArray("1.5s") << qint64(1'500'000);
        QTest::newRow("min") << QByteArray("10min") << qint64(600'000'000);
        QTest::newRow("day") << QByteArray("1d") << qint64(86'400'000'000);
        QTest::newRow("m is refused") << QByteArray("10m") << qint64(-1);
        QTest::newRow("no unit") << QByteArray("10") << qint64(-1);
        QTest::newRow("huge") << QByteArray("1e300d") << qint64(-1);
        QTest::newRow("comma") << QByteArray("1,5s") << qint64(-1);
    }
    void durations()
    {
        QFETCH(QByteArray, text);
        QFETCH(qint64, micros);
        const auto duration = parseDuration(text.toStdString());
        QCOMPARE(bool(duration), micros >= 0);
        if (duration)
            QCOMPARE(qint64(duration->count()), micros);
    }
    void theMeantMinutesAreProposed() { QVERIFY(parseDuration("10m").error().plain().find("10min?") != std::string::npos); }

    void epochs()
    {
        QCOMPARE(formatUtc(*fromEpoch(std::int64_t(1'760'256'000'123'456'789), "ns")), std::string("2025-10-12T08:00:00.123456Z"));
        QVERIFY(!fromEpoch(std::int64_t(1'760'256'000'123), "s")); // milliseconds taken for seconds
        QVERIFY(!fromEpoch(std::numeric_limits<double>::quiet_NaN(), "s"));
        QVERIFY(!fromEpoch(1e300, "ms"));
    }

    void selectors_data()
    {
        QTest::addColumn<QByteArray>("selector");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<bool>("matches");
        QTest::newRow("exact") << QByteArray("press/L1/temp") << QByteArray("press/L1/temp") << true;
        QTest::newRow("star is one segment") << QByteArray("press/*/temp") << QByteArray("press/L1/P/temp") << false;
        QTest::newRow("label is a star") << QByteArray("press/{line}/temp") << QByteArray("press/L1/temp") << true;
        QTest::newRow("open end") << QByteArray("press/**") << QByteArray("press/L1/P/temp") << true;
        QTest::newRow("open end needs the start") << QByteArray("press/L2/**") << QByteArray("press/L1/P/temp") << false;
        QTest::newRow("other source") << QByteArray("press/**") << QByteArray("presses/L1/temp") << false;
        QTest::newRow("shorter path") << QByteArray("press/*/temp") << QByteArray("press/L1") << false;
    }
    void selectors()
    {
        QFETCH(QByteArray, selector);
        QFETCH(QByteArray, path);
        QFETCH(bool, matches);
        QCOMPARE(Selector::parse(selector.toStdString())->matches(path.toStdString()), matches);
    }
    void theRightFormOfASelectorIsNamed()
    {
        const auto error = Selector::parse("press/oil_pressure")->checkAgainst({"line", "device"});
        QVERIFY(error);
        QVERIFY2(error->plain().find("write press/*/*/oil_pressure") != std::string::npos, error->plain().c_str());
    }
    void segmentsComeBack()
    {
        const std::string odd = "a/b*%{c}\n\x7F";
        QCOMPARE(decodeSegment(encodeSegment(odd)), odd);
        QVERIFY(encodeSegment(odd).find('/') == std::string::npos);
        QCOMPARE(encodeSegment("50%"), std::string("50%25"));
    }

    void anUnknownKeyNamesTheNearest()
    {
        static const Field fields[] = {{"deadband", FieldType::Percent}, {"limit", FieldType::Number, true}};
        Node node;
        node.kind = Node::Kind::Map;
        node.map.emplace_back("deadbnad", Node::ofScalar("1%"));
        const auto errors = check(node, fields);
        QCOMPARE(errors.size(), std::size_t(2));
        QVERIFY(errors[0].plain().find("did you mean 'deadband'?") != std::string::npos);
        QVERIFY(errors[1].plain().find("'limit' is missing") != std::string::npos);
    }
    void aLiteralSecretIsNeverQuoted()
    {
        static const Field fields[] = {{"password", FieldType::Secret}};
        Node node;
        node.kind = Node::Kind::Map;
        node.map.emplace_back("password", Node::ofScalar("hunter2"));
        const auto errors = check(node, fields);
        QCOMPARE(errors.size(), std::size_t(1));
        QVERIFY(errors[0].plain().find("hunter2") == std::string::npos);
    }

    void numbersReadBackExactly()
    {
        for (const double value : {0.1, 1e300, -0.0, 5e-324, 9007199254740993.0, 81.4})
            QCOMPARE(std::bit_cast<std::uint64_t>(*parseNumber(formatNumber(value))), std::bit_cast<std::uint64_t>(value));
        QVERIFY(!parseNumber("1e999"));
        QVERIFY(!parseNumber("nan"));
        QVERIFY(!parseNumber("1,5"));
        QVERIFY(!parseNumber(" 1"));
    }

    void aRefusedBatchStaysTheCallers()
    {
        Doorbell bell;
        Lane lane(bell, 100);
        Batch first, second;
        first.series.push_back(LocalId(1));
        second.series.push_back(LocalId(2));
        second.after["s"] = "2";
        QVERIFY(lane.push(first)); // an empty lane takes anything
        QVERIFY(first.series.empty());
        QVERIFY(!lane.push(second));
        QCOMPARE(second.series.size(), std::size_t(1));
        QVERIFY(lane.pushed().empty());
        lane.take();
        QVERIFY(lane.push(second));
        QCOMPARE(lane.pushed().at("s"), std::string("2"));
        QVERIFY(lane.committed().empty());
    }

    void batchesKeepTheirOrderAcrossThreads()
    {
        Doorbell bell;
        Lane lane(bell, 2000);
        constexpr int count = 2000;
        std::jthread source([&](std::stop_token stop) {
            for (int i = 0; i < count; ++i) {
                Batch batch;
                batch.messages = static_cast<std::uint64_t>(i);
                batch.after["s"] = std::to_string(i);
                while (!lane.push(batch) && !stop.stop_requested())
                    lane.waitForRoom(stop);
            }
        });
        std::uint64_t next = 0;
        const Mono end = Mono::clock::now() + std::chrono::seconds(30);
        while (next < count && Mono::clock::now() < end) {
            bell.waitUntil(end);
            for (const Batch &batch : lane.take().live)
                QCOMPARE(batch.messages, next++);
        }
        QCOMPARE(next, std::uint64_t(count));
    }
};

QTEST_GUILESS_MAIN(TestCore)
#include "tst_core.moc"
