#include "connectors/kafka/kafkasource.h"

#include "connectors/kafkaside.h"
#include "connectors/kafkaspec.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

std::unique_ptr<Stack> stack;
std::unique_ptr<KafkaSide> side;

SourceSpec specFor(const std::string &topic, const std::string &start, const std::string &guard = {}, const std::string &value = {})
{
    SourceSpec spec = kafkaSpec((*stack)["SG_KAFKA_BROKERS"], {topic}, start);
    if (!guard.empty())
        spec.declaration.map.emplace_back(guard, scalar(value));
    return spec;
}

// 4,000 records of 1,000 bytes in four partitions: some 4 MB.
void fill(const std::string &topic)
{
    side->createTopic(topic, 4);
    for (int i = 0; i < 4000; ++i) {
        std::string payload = "{\"n\":" + std::to_string(i) + ",\"x\":\"";
        payload += std::string(998 - payload.size(), 'x') + "\"}";
        side->send({topic, i % 4, payload, {}});
    }
    side->flush();
}

// 5,000 records of 100 bytes in each of seven partitions, and 1,000 of 3,000 bytes in the last: some 6.5 MB.
void fillUnevenly(const std::string &topic)
{
    side->createTopic(topic, 8);
    const auto padded = [](std::size_t size) { return "{\"n\":1,\"x\":\"" + std::string(size - 14, 'x') + "\"}"; };
    for (int i = 0; i < 35'000; ++i)
        side->send({topic, i % 7, padded(100), {}});
    for (int i = 0; i < 1'000; ++i)
        side->send({topic, 7, padded(3'000), {}});
    side->flush();
}

}

class KafkaGuardsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        side = std::make_unique<KafkaSide>((*stack)["SG_KAFKA_BROKERS"]);
        fill("large");
    }
    void cleanupTestCase()
    {
        side.reset();
        stack.reset();
    }

    void asksBeforeALargeBacklog_data();
    void asksBeforeALargeBacklog();
    void weighsEachPartition();
    void asksNothingWhenItGoesOn();
    void keepsToARate_data();
    void keepsToARate();
    void keepsToARateReadingBack();
    void refusesByName_data();
    void refusesByName();
};

void KafkaGuardsTest::asksBeforeALargeBacklog_data()
{
    QTest::addColumn<QString>("start");
    QTest::addColumn<QString>("backlog");
    QTest::addColumn<int>("rows"); // -1: asked instead
    QTest::newRow("more than allowed") << "earliest"
                                       << "2MB" << -1;
    QTest::newRow("more than allowed, by time") << "-2h"
                                                << "2MB" << -1;
    QTest::newRow("as much as allowed") << "earliest"
                                        << "5MB" << 4000;
    QTest::newRow("usual") << "earliest"
                           << "" << 4000;
    QTest::newRow("latest") << "latest"
                            << "2MB" << 0;
    QTest::newRow("last 100") << "last 100"
                              << "2MB" << 400;
    QTest::newRow("last of more than there are") << "last 5000"
                                                 << "5MB" << 4000;
}

void KafkaGuardsTest::asksBeforeALargeBacklog()
{
    QFETCH(QString, start);
    QFETCH(QString, backlog);
    QFETCH(int, rows);
    Reading reading(kafkaKind(), specFor("large", start.toStdString(), backlog.isEmpty() ? "" : "max_backlog", backlog.toStdString()));
    if (rows < 0) {
        QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Refused; }, 20s), reading.explain().c_str());
        const std::string said = reading.why();
        QVERIFY2(said.starts_with("about 3.8 MB in 4 partitions; start at latest, or the last 100 per partition?"), said.c_str());
        QVERIFY2(said.find("start: latest") != std::string::npos && said.find("start: last 100") != std::string::npos
                     && said.find("max_backlog above 2 MB") != std::string::npos,
                 said.c_str());
        reading.settle(1500ms); // it stands: the next attempt asks again
        QVERIFY(reading.rows.empty() && reading.positions.empty() && reading.marks.empty());
        QCOMPARE(reading.status.messages, 0U);
        return;
    }
    QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Live && reading.positions.size() == 4; }),
             reading.explain().c_str());
    QVERIFY2(reading.untilRows(static_cast<std::size_t>(rows)), reading.explain().c_str());
    reading.settle(300ms);
    QCOMPARE(reading.rows.size(), static_cast<std::size_t>(rows));
    if (rows == 400)
        QVERIFY(std::ranges::all_of(reading.rows, [](const Row &row) { return row.offset >= 900; }));
}

// Each partition by its own records; and one answer of the broker holds more of a partition than is looked at, which must not hold up the
// others.
void KafkaGuardsTest::weighsEachPartition()
{
    fillUnevenly("uneven");
    Reading reading(kafkaKind(), specFor("uneven", "earliest", "max_backlog", "2MB"));
    QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Refused; }, 20s), reading.explain().c_str());
    const std::string said = reading.why();
    QVERIFY2(said.starts_with("about 6.2 MB in 8 partitions;"), said.c_str());
}

// What is stored was allowed once; a long absence is no first start.
void KafkaGuardsTest::asksNothingWhenItGoesOn()
{
    Reading first(kafkaKind(), specFor("large", "last 1", "max_backlog", "2MB"));
    QVERIFY2(first.untilRows(4), first.explain().c_str());
    first.stop();
    Positions positions = first.positions;
    for (auto &[stream, position] : positions)
        position = "1 0 -1"; // of the beginning
    Reading second(kafkaKind(), specFor("large", "latest", "max_backlog", "2MB"), positions);
    QVERIFY2(second.untilRows(4000), second.explain().c_str());
}

void KafkaGuardsTest::keepsToARate_data()
{
    QTest::addColumn<QString>("rate");
    QTest::newRow("messages") << "200/s";
    QTest::newRow("bytes") << "200kB/s";
}

void KafkaGuardsTest::keepsToARate()
{
    QFETCH(QString, rate);
    const std::string topic = rate.contains(QLatin1Char('B')) ? "rated-bytes" : "rated-messages";
    fill(topic);
    Reading reading(kafkaKind(), specFor(topic, "earliest", "max_rate", rate.toStdString()));
    QVERIFY2(reading.untilRows(1), reading.explain().c_str());
    const Mono began = Mono::clock::now();
    reading.settle(5s);
    const double seconds = std::chrono::duration<double>(Mono::clock::now() - began).count();
    const double perSecond = static_cast<double>(reading.rows.size()) / seconds;
    QVERIFY2(perSecond > 150 && perSecond < 260, reading.explain().c_str());
    // It lags for all to see, and says why.
    QVERIFY2(reading.status.lag > 2000, reading.explain().c_str());
    const auto isSaid = [&] {
        return std::ranges::any_of(reading.status.notes, [&](const Error &note) {
            return note.plain().starts_with("limited to " + rate.toStdString() + " by max_rate");
        });
    };
    QVERIFY2(isSaid(), reading.explain().c_str());
    // What comes meanwhile is part of the lag, though nothing of it is fetched.
    const std::int64_t before = reading.status.lag;
    KafkaSide writer((*stack)["SG_KAFKA_BROKERS"]);
    for (int i = 0; i < 4000; ++i)
        writer.send({topic, i % 4, "{\"n\":1}", {}});
    writer.flush();
    QVERIFY2(reading.until([&] { return reading.status.lag > before + 1000; }, 12s), reading.explain().c_str());
    QVERIFY(reading.stop() < 2500ms);
    // Each record once, in order.
    std::map<std::string, std::int64_t> next;
    for (const Row &row : reading.rows)
        QCOMPARE(row.offset, next[row.stream]++);
}

void KafkaGuardsTest::keepsToARateReadingBack()
{
    const Time now{Millis(QDateTime::currentMSecsSinceEpoch())};
    const Mono began = Mono::clock::now();
    const Older older(kafkaKind(), specFor("large", "latest", "max_rate", "2000/s"), now - 1h, now + 1h);
    const double seconds = std::chrono::duration<double>(Mono::clock::now() - began).count();
    QVERIFY2(older.result, older.result ? "" : older.result.error().plain().c_str());
    QCOMPARE(older.rows.size(), 4000U);
    QVERIFY2(seconds > 1.7, std::to_string(seconds).c_str());
}

void KafkaGuardsTest::refusesByName_data()
{
    QTest::addColumn<QString>("start");
    QTest::addColumn<QString>("rate");
    QTest::addColumn<QString>("says");
    const auto row
        = [](const char *name, const char *start, const char *rate, const char *says) { QTest::newRow(name) << start << rate << says; };
    row("last of nothing", "last 0", "5/s", "'last 0' is not 'last' and a number");
    row("last of a part", "last 1.5", "5/s", "'last 1.5' is not 'last' and a number");
    row("unknown", "newest", "5/s", "neither earliest, latest, last 100");
    row("no rate", "latest", "5", "max_rate: '5' is no rate");
    row("good", "last 100", "5/s", "");
}

void KafkaGuardsTest::refusesByName()
{
    QFETCH(QString, start);
    QFETCH(QString, rate);
    QFETCH(QString, says);
    const auto faults = kafkaKind().check(specFor("large", start.toStdString(), "max_rate", rate.toStdString()));
    QCOMPARE(faults.empty(), says.isEmpty());
    if (!faults.empty())
        QVERIFY2(faults.front().plain().find(says.toStdString()) != std::string::npos, faults.front().plain().c_str());
}

QTEST_GUILESS_MAIN(KafkaGuardsTest)
#include "tst_kafkaguards.moc"
