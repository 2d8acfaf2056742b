#include "connectors/kafka/kafkasource.h"
#include "connectors/web/registry.h"

#include "connectors/harness.h"
#include "connectors/kafkaside.h"
#include "decode/avrobytes.h"
#include "decode/flow.h"
#include "decode/schemas.h"
#include "stack/stack.h"
#include "support/registryside.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

// Avro and Protobuf on a real Kafka, with schemas from a registry of our own (tests/support/registry.py) that is down, refuses, or does
// not know: what cannot be read now is read later, and nothing is lost.
namespace {

std::unique_ptr<Stack> stack;
std::unique_ptr<KafkaSide> side;

constexpr const char *Schema
    = R"({"type":"record","name":"Reading","namespace":"plant","fields":[{"name":"id","type":"string"},)"
      R"({"name":"n","type":["null","double"]},{"name":"ts","type":{"type":"long","logicalType":"timestamp-millis"}}]})";
constexpr const char *KeySchema = R"({"type":"record","name":"Key","fields":[{"name":"line","type":"string"}]})";
constexpr const char *Proto = "syntax = \"proto3\"; message Reading { string id = 1; double n = 2; }";
constexpr std::int64_t Start = 1772583300000;

SourceSpec specFor(const std::string &topic, const RegistrySide &registry, const std::string &decode, const char *extra = "")
{
    SourceSpec spec
        = flow::source("{id: s, path: [line, device], labels: {line: \"key:/line\", device: /id}, time: {basis: message, at: /ts},"
                       " decode: {"
                       + decode + "}}");
    spec.id = "s";
    spec.clientName = "sightglass-test";
    spec.settings = flow::node("{brokers: [\"" + (*stack)["SG_KAFKA_BROKERS"] + "\"], topics: [" + topic + "], start: earliest}");
    spec.registry = flow::node("{url: \"" + registry.url() + "\"" + extra + "}");
    return spec;
}

KafkaSide::Record record(const std::string &topic, int n, std::uint32_t schema = 42)
{
    const QByteArray value
        = avro::text("P-" + QByteArray::number(n % 3)) + avro::whole(1) + avro::real(static_cast<double>(n)) + avro::whole(Start + n);
    return {topic, 0, avro::framed(schema, value).toStdString(), avro::framed(7, avro::text("L1")).toStdString()};
}

void send(const std::string &topic, int from, int count)
{
    for (int i = from; i < from + count; ++i)
        side->send(record(topic, i));
    side->flush();
}

std::string wrongOf(const std::vector<Row> &rows, int count)
{
    if (rows.size() != static_cast<std::size_t>(count))
        return std::to_string(rows.size()) + " rows";
    for (int i = 0; i < count; ++i) {
        const Row &row = rows[static_cast<std::size_t>(i)];
        if (row.value != i || row.series != "s/L1/P-" + std::to_string(i % 3) + "/n" || row.stamp != Time(Millis(Start + i)))
            return std::to_string(i) + " is " + row.series + " " + std::to_string(row.value);
    }
    return {};
}

}

class KafkaRegistryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        setSchemasMaker(makeRegistry);
        qputenv("SG_TEST_RIGHT", "registry-secret-4711");
        qputenv("SG_TEST_WRONG", "wrong-secret-0815");
        stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        side = std::make_unique<KafkaSide>((*stack)["SG_KAFKA_BROKERS"]);
    }
    void cleanupTestCase()
    {
        side.reset();
        stack.reset();
    }
    void waitsForTheRegistryAndLosesNothing();
    void goesOnWhereItStoppedWhileItWaited();
    void waitsUntilTheLoginIsRight();
    void countsWhatTheRegistryDoesNotKnow();
    void readsProtobuf();
};

void KafkaRegistryTest::waitsForTheRegistryAndLosesNothing()
{
    RegistrySide registry;
    registry.add(42, Schema);
    registry.add(7, KeySchema);
    QVERIFY(registry.reserve());
    side->createTopic("delayed", 1);
    send("delayed", 0, 500);
    Reading reading(kafkaKind(), specFor("delayed", registry, "avro: {use: r, fields: {n: {at: /n}}}"));
    QVERIFY2(reading.until([&] {
        return reading.status.state == SourceStatus::State::Lost && reading.why().find("cannot be reached") != std::string::npos;
    }),
             reading.explain().c_str());
    reading.settle(1s);
    QVERIFY2(reading.rows.empty(), reading.explain().c_str());
    QVERIFY2(reading.status.lag == 500 && reading.status.decodeErrors == 0, reading.explain().c_str());
    send("delayed", 500, 500);
    QVERIFY(registry.start());
    QVERIFY2(reading.untilRows(1000), reading.explain().c_str());
    QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Live; }), reading.explain().c_str());
    QCOMPARE(wrongOf(reading.rows, 1000), std::string());
    QCOMPARE(reading.status.decodeErrors, std::uint64_t{0});
    QCOMPARE(reading.status.messages, std::uint64_t{1000});
    QCOMPARE(registry.asked().size(), 2); // once an id
    registry.stop(); // what is known needs no registry
    send("delayed", 1000, 100);
    QVERIFY2(reading.untilRows(1100), reading.explain().c_str());
    QCOMPARE(wrongOf(reading.rows, 1100), std::string());
    QCOMPARE(reading.gaps(), std::size_t{0});
}

void KafkaRegistryTest::goesOnWhereItStoppedWhileItWaited()
{
    RegistrySide registry;
    registry.add(42, Schema);
    registry.add(43, Schema);
    registry.add(7, KeySchema);
    QVERIFY(registry.start());
    side->createTopic("stopped", 1);
    send("stopped", 0, 100);
    const SourceSpec spec = specFor("stopped", registry, "avro: {use: r, fields: {n: {at: /n}}}");
    Positions positions;
    std::vector<Row> rows;
    {
        Reading reading(kafkaKind(), spec);
        QVERIFY2(reading.untilRows(100), reading.explain().c_str());
        registry.stop();
        side->send(record("stopped", 100, 43)); // one that only the registry knows, then one that is known
        side->send(record("stopped", 101, 42));
        side->flush();
        QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Lost; }), reading.explain().c_str());
        QVERIFY(reading.stop() < 3s);
        QCOMPARE(reading.rows.size(), std::size_t{100});
        positions = reading.positions;
        rows = reading.rows;
    }
    QVERIFY(registry.start());
    Reading again(kafkaKind(), spec, positions);
    QVERIFY2(again.untilRows(2), again.explain().c_str());
    rows.insert(rows.end(), again.rows.begin(), again.rows.end());
    QCOMPARE(wrongOf(rows, 102), std::string());
    QCOMPARE(again.gaps(), std::size_t{0});
}

void KafkaRegistryTest::waitsUntilTheLoginIsRight()
{
    RegistrySide registry;
    registry.add(42, Schema);
    registry.add(7, KeySchema);
    registry.setLogin(QStringLiteral("sg"), QStringLiteral("registry-secret-4711"));
    QVERIFY(registry.start());
    side->createTopic("login", 1);
    send("login", 0, 10);
    const std::string decode = "avro: {use: r, fields: {n: {at: /n}}}";
    Reading wrong(kafkaKind(), specFor("login", registry, decode, ", user: sg, password: {env: SG_TEST_WRONG}"));
    QVERIFY2(wrong.until([&] { return wrong.why().find("are user 'sg' and the password right?") != std::string::npos; }),
             wrong.explain().c_str());
    QVERIFY(wrong.why().find("0815") == std::string::npos);
    QVERIFY2(wrong.rows.empty() && wrong.status.decodeErrors == 0, wrong.explain().c_str());
    QVERIFY(wrong.stop() < 3s);
    Reading right(kafkaKind(), specFor("login", registry, decode, ", user: sg, password: {env: SG_TEST_RIGHT}"));
    QVERIFY2(right.untilRows(10), right.explain().c_str());
}

void KafkaRegistryTest::countsWhatTheRegistryDoesNotKnow()
{
    RegistrySide registry;
    registry.add(42, Schema);
    registry.add(7, KeySchema);
    registry.add(50, "{\"type\":\"nonsense\"}");
    QVERIFY(registry.start());
    side->createTopic("unknown", 1);
    send("unknown", 0, 1);
    side->send(record("unknown", 1, 99));
    side->send(record("unknown", 1, 50));
    KafkaSide::Record broken = record("unknown", 1);
    broken.payload.pop_back();
    side->send(broken);
    side->send({"unknown", 0, R"({"id":"P-1","n":1,"ts":"2026-03-04T00:15:00.001Z"})",
                avro::framed(7, avro::text("L1")).toStdString()}); // no framing
    send("unknown", 2, 1);
    Reading reading(kafkaKind(), specFor("unknown", registry, "avro: {use: r, fields: {n: {at: /n}}}"));
    QVERIFY2(reading.until([&] { return reading.rows.size() >= 3 && reading.status.decodeErrors >= 3; }), reading.explain().c_str());
    QCOMPARE(wrongOf(reading.rows, 3), std::string());
    QCOMPARE(reading.status.decodeErrors, std::uint64_t{3});
    QCOMPARE(reading.status.lastDecodeError->plain(), std::string("schema id 42: Avro: the record is cut short"));
    QCOMPARE(reading.status.state, SourceStatus::State::Live);
}

void KafkaRegistryTest::readsProtobuf()
{
    RegistrySide registry;
    registry.add(42, Proto, "PROTOBUF");
    registry.add(43, Schema);
    QVERIFY(registry.start());
    side->createTopic("proto", 1);
    for (int i = 0; i < 100; ++i) {
        const QByteArray value = QByteArray("\0\x0A\x03P-", 5) + QByteArray::number(i % 3) + '\x11' + avro::real(static_cast<double>(i));
        side->send({"proto", 0, avro::framed(42, value).toStdString(), "L1"});
    }
    side->send(record("proto", 1, 43));
    side->flush();
    SourceSpec spec = specFor("proto", registry, "protobuf: {use: r, message: Reading, learn: true}");
    for (auto &[key, value] : spec.declaration.map)
        if (key == "labels")
            value = flow::node("{line: {value: L1}, device: /id}");
        else if (key == "time")
            value = flow::node("{basis: broker}");
    Reading reading(kafkaKind(), spec);
    QVERIFY2(reading.untilRows(100), reading.explain().c_str());
    for (int i = 0; i < 100; ++i)
        QCOMPARE(reading.rows[static_cast<std::size_t>(i)].value, static_cast<double>(i));
    QCOMPARE(reading.rows.back().series, std::string("s/L1/P-0/n"));
    QVERIFY2(reading.until([&] { return reading.status.decodeErrors == 1; }), reading.explain().c_str());
    QCOMPARE(reading.status.lastDecodeError->plain(),
             std::string("schema id 43: the schema is of type AVRO, and this source decodes PROTOBUF"));
}

QTEST_GUILESS_MAIN(KafkaRegistryTest)
#include "tst_kafkaregistry.moc"
