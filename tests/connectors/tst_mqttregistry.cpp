#include "connectors/mqtt/mqttsource.h"
#include "connectors/web/registry.h"

#include "connectors/mqttside.h"
#include "decode/avrobytes.h"
#include "decode/flow.h"
#include "decode/schemas.h"
#include "support/registryside.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

// Avro and Protobuf on a real Mosquitto, with schemas from a registry of our own that may be down: MQTT keeps nothing that was confirmed,
// so what waits for its schema lies in the spool.
namespace {

constexpr const char *Schema
    = R"({"type":"record","name":"Reading","fields":[{"name":"id","type":"string"},{"name":"n","type":["null","double"]}]})";
constexpr const char *Proto = "syntax = \"proto3\"; message Reading { string id = 1; double n = 2; }";

std::string avroOf(int n, std::uint32_t schema = 42)
{
    return avro::framed(schema, avro::text("P-" + QByteArray::number(n % 3)) + avro::whole(1) + avro::real(static_cast<double>(n)))
        .toStdString();
}

SourceSpec framedSpec(const std::string &topic, const RegistrySide &registry, const std::string &decode, const char *qos = "1")
{
    SourceSpec spec = specFor({topic}, qos);
    spec.declaration = flow::node("{id: s, path: [line, device], labels: {device: /id}, time: {basis: arrival}, decode: {" + decode + "}}");
    spec.registry = flow::node("{url: \"" + registry.url() + "\"}");
    return spec;
}

std::string wrongOf(const std::vector<Row> &rows, int count)
{
    if (rows.size() != static_cast<std::size_t>(count))
        return std::to_string(rows.size()) + " rows";
    for (int i = 0; i < count; ++i)
        if (const Row &row = rows[static_cast<std::size_t>(i)];
            row.value != i || row.series != "s/L1/P-" + std::to_string(i % 3) + "/n" || row.offset != i + 1)
            return std::to_string(i) + " is " + row.series + " " + std::to_string(row.value);
    return {};
}

std::size_t catchUps(const Reading &reading)
{
    const auto count = [&](auto is) { return static_cast<std::size_t>(std::count_if(reading.marks.begin(), reading.marks.end(), is)); };
    const std::size_t begun = count([](const Mark &mark) { return std::holds_alternative<Behind>(mark); });
    const std::size_t over = count([](const Mark &mark) { return std::holds_alternative<CaughtUp>(mark); });
    return over == begun + 1 ? begun : 99; // the first connection ever is told as caught up
}

}

class MqttRegistryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        setSchemasMaker(makeRegistry);
        stack = std::make_unique<Stack>(std::vector<std::string>{"mosquitto"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        states = std::make_unique<QTemporaryDir>();
    }
    void cleanupTestCase()
    {
        stack.reset();
        states.reset();
    }
    void waitsForTheRegistryAndLosesNothing_data();
    void waitsForTheRegistryAndLosesNothing();
    void goesOnWhereItStoppedWhileItWaited();
    void readsProtobufAndCountsWhatIsNone();
};

void MqttRegistryTest::waitsForTheRegistryAndLosesNothing_data()
{
    QTest::addColumn<QString>("qos");
    QTest::newRow("in the spool") << "1";
    QTest::newRow("in memory") << "0"; // of QoS 0 nothing is spooled
}

void MqttRegistryTest::waitsForTheRegistryAndLosesNothing()
{
    QFETCH(QString, qos);
    const int with = qos.toInt();
    RegistrySide registry;
    registry.add(42, Schema);
    QVERIFY(registry.reserve());
    const std::string topic = "delayed" + qos.toStdString() + "/L1";
    Reading reading(
        mqttKind(),
        framedSpec("delayed" + qos.toStdString() + "/{line}", registry, "avro: {use: r, fields: {n: {at: /n}}}", qos.toUtf8().constData()));
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher;
    for (int i = 0; i < 500; ++i)
        publisher.post(topic, avroOf(i), with);
    publisher.settle();
    QVERIFY2(reading.until([&] {
        return reading.status.state == SourceStatus::State::Lost && reading.why().find("cannot be reached") != std::string::npos;
    }),
             reading.explain().c_str());
    for (int i = 500; i < 1000; ++i)
        publisher.post(topic, avroOf(i), with);
    publisher.settle();
    QVERIFY2(with == 0 || reading.until([&] { return reading.status.lag == 1000; }), reading.explain().c_str());
    QVERIFY2(reading.rows.empty() && reading.status.decodeErrors == 0, reading.explain().c_str());
    QVERIFY(registry.start());
    QVERIFY2(reading.untilRows(1000), reading.explain().c_str());
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    QCOMPARE(wrongOf(reading.rows, 1000), std::string());
    QVERIFY2(reading.until([&] { return reading.status.messages == 1000; }), reading.explain().c_str()); // told once a second
    QCOMPARE(reading.gaps(), std::size_t{0});
    QVERIFY2(reading.until([&] { return catchUps(reading) == 1; }),
             reading.explain().c_str()); // what was delayed is behind, and told to be
    QVERIFY(reading.stop() < 3s);
}

void MqttRegistryTest::goesOnWhereItStoppedWhileItWaited()
{
    RegistrySide registry;
    registry.add(42, Schema);
    registry.add(43, Schema);
    QVERIFY(registry.start());
    const SourceSpec spec = framedSpec("stopped/{line}", registry, "avro: {use: r, fields: {n: {at: /n}}}");
    Publisher publisher;
    Positions positions;
    std::vector<Row> rows;
    {
        Reading reading(mqttKind(), spec);
        QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
        for (int i = 0; i < 100; ++i)
            publisher.send("stopped/L1", avroOf(i));
        QVERIFY2(reading.untilRows(100), reading.explain().c_str());
        registry.stop();
        publisher.send("stopped/L1", avroOf(100, 43)); // one that only the registry knows, then one that is known
        publisher.send("stopped/L1", avroOf(101, 42));
        QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Lost && reading.status.lag == 2; }),
                 reading.explain().c_str());
        QVERIFY(reading.stop() < 3s);
        QCOMPARE(reading.rows.size(), std::size_t{100});
        positions = reading.positions;
        rows = reading.rows;
    }
    publisher.send("stopped/L1", avroOf(102, 43)); // the broker keeps it
    QVERIFY(registry.start());
    Reading again(mqttKind(), spec, positions);
    QVERIFY2(again.untilRows(3), again.explain().c_str());
    rows.insert(rows.end(), again.rows.begin(), again.rows.end());
    QCOMPARE(wrongOf(rows, 103), std::string());
    QCOMPARE(again.gaps(), std::size_t{0});
}

void MqttRegistryTest::readsProtobufAndCountsWhatIsNone()
{
    RegistrySide registry;
    registry.add(42, Proto, "PROTOBUF");
    registry.add(43, Schema);
    QVERIFY(registry.start());
    Reading reading(mqttKind(), framedSpec("proto/{line}", registry, "protobuf: {use: r, message: Reading, learn: true}"));
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher;
    for (int i = 0; i < 10; ++i)
        publisher.send(
            "proto/L1",
            avro::framed(42, QByteArray("\0\x0A\x03P-", 5) + QByteArray::number(i % 3) + '\x11' + avro::real(static_cast<double>(i)))
                .toStdString());
    publisher.send("proto/L1", avroOf(1, 43));
    publisher.send("proto/L1", avroOf(1, 99)); // no such schema
    QVERIFY2(reading.until([&] { return reading.rows.size() == 10 && reading.status.decodeErrors == 2; }), reading.explain().c_str());
    QCOMPARE(wrongOf(reading.rows, 10), std::string());
    QVERIFY2(isLive(reading), reading.explain().c_str());
}

QTEST_GUILESS_MAIN(MqttRegistryTest)
#include "tst_mqttregistry.moc"
