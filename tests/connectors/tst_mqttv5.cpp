#include "connectors/mqtt/mqttsource.h"

#include "connectors/mqttside.h"
#include "workspace/workspace.h"

#include <QFile>
#include <QtTest>

#include <zlib.h>

#include <set>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

// The sources of one of the grammar's own examples, on the test's broker.
std::vector<SourceSpec> sourcesOf(const char *name)
{
    QFile file(QStringLiteral(SG_SOURCE_DIR "/tests/decode/cases/") + QString::fromUtf8(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray text = file.readAll();
    text.replace("tcp://127.0.0.1:1883", (*stack)["SG_MQTT_URL"].c_str());
    SourceCatalog catalog;
    catalog.emplace("mqtt", mqttKind());
    auto workspace = readWorkspaceFiles({{"workspace.yaml", "name: Cases\n" + text.toStdString()}}, catalog);
    if (!workspace || !workspace->errors.empty())
        return {};
    for (SourceSpec &spec : workspace->sources) {
        spec.stateName = name;
        spec.stateFolder = states->path().toStdString() + "/" + name;
    }
    return std::move(workspace->sources);
}

std::string gzipped(const std::string &text)
{
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string bytes(deflateBound(&stream, text.size()), '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef *>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef *>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    deflate(&stream, Z_FINISH);
    bytes.resize(stream.total_out);
    deflateEnd(&stream);
    return bytes;
}

QString said(const std::vector<Row> &rows)
{
    QStringList lines;
    for (const Row &row : rows)
        lines << QString::fromStdString(row.series) + QLatin1Char('=') + QString::number(row.value)
                + QLatin1String(row.isLive ? "" : " retained");
    lines.sort();
    return lines.join(QStringLiteral(", "));
}

}

class MqttV5Test : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"mosquitto"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        states = std::make_unique<QTemporaryDir>();
    }
    void cleanupTestCase()
    {
        stack.reset();
        states.reset();
    }

    void refusesShares_data();
    void refusesShares();
    void readsHeaders_data();
    void readsHeaders();
    void sharesAGroup();
    void readsAThousandTopicsOnOneConnection_data();
    void readsAThousandTopicsOnOneConnection();
    void readsPayloadsThatNobodyPrepared_data();
    void readsPayloadsThatNobodyPrepared();
    void readsTopicsThatCarryAllLabels();
    void readsAGatewayOfMachines();
    void keepsToItsRate_data();
    void keepsToItsRate();
};

void MqttV5Test::refusesShares_data()
{
    QTest::addColumn<QByteArray>("share");
    QTest::addColumn<QByteArray>("version");
    QTest::addColumn<QByteArray>("topic");
    QTest::addColumn<QString>("says");
    QTest::newRow("a name") << QByteArray("desk") << QByteArray("5") << QByteArray("a/{line}") << QString();
    QTest::newRow("a level") << QByteArray("desk/1") << QByteArray("5") << QByteArray("a/{line}")
                             << QStringLiteral("share: 'desk/1' is no name of a group");
    QTest::newRow("a wildcard") << QByteArray("#") << QByteArray("5") << QByteArray("a/{line}")
                                << QStringLiteral("share: '#' is no name of a group");
    QTest::newRow("an older version") << QByteArray("desk") << QByteArray("4") << QByteArray("a/{line}")
                                      << QStringLiteral("share: shared subscriptions need version: 5");
    QTest::newRow("in the topic") << QByteArray() << QByteArray("5") << QByteArray("$share/desk/a/{line}")
                                  << QStringLiteral("write the group as share");
}

void MqttV5Test::refusesShares()
{
    QFETCH(QByteArray, share);
    QFETCH(QByteArray, version);
    QFETCH(QByteArray, topic);
    QFETCH(QString, says);
    SourceSpec spec = specFor({topic.toStdString()}, "1", version.constData());
    if (!share.isEmpty())
        setting(spec, "share") = scalar(share.toStdString());
    const auto faults = mqttKind().check(spec);
    const QString first = faults.empty() ? QString() : QString::fromStdString(faults.front().plain());
    QCOMPARE(first.isEmpty(), says.isEmpty());
    QVERIFY2(first.contains(says), qPrintable(first));
}

void MqttV5Test::readsHeaders_data()
{
    QTest::addColumn<QByteArray>("qos");
    QTest::newRow("QoS 0: by memory") << QByteArray("0");
    QTest::newRow("QoS 1: by the spool") << QByteArray("1");
}

// Label, condition and a field, each from what MQTT 5 sends beside the payload.
void MqttV5Test::readsHeaders()
{
    QFETCH(QByteArray, qos);
    const std::string root = "headers" + qos.toStdString();
    SourceSpec spec = specFor({root + "/{line}"}, qos.constData());
    entry(spec.declaration, "path") = list({"line", "device", "shift"});
    entry(spec.declaration, "labels") = map({{"device", scalar("header:device")}, {"shift", scalar("header:shift")}});
    entry(spec.declaration, "decode")
        = map({{"json",
                map({{"fields",
                      map({{"n", map({{"at", scalar("/n")}})},
                           {"type", map({{"at", scalar("header:content-type")}})},
                           {"isText", map({{"at", scalar("header:payload-format-indicator")}, {"as", scalar("number")}})}})}})}});
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher(MQTTVERSION_5);
    mqtt::properties all;
    all.add(mqtt::property(mqtt::property::CONTENT_TYPE, "application/json"));
    all.add(mqtt::property(mqtt::property::PAYLOAD_FORMAT_INDICATOR, 1));
    all.add(mqtt::property(mqtt::property::USER_PROPERTY, "device", "P-07"));
    all.add(mqtt::property(mqtt::property::USER_PROPERTY, "shift", "night"));
    all.add(mqtt::property(mqtt::property::USER_PROPERTY, "device", "P-08")); // the first counts
    publisher.send(root + "/L1", "{\"n\":5}", all);
    QVERIFY2(reading.untilRows(3), reading.explain().c_str());
    publisher.send(root + "/L1", "{\"n\":6}"); // without: its labels are missing
    QVERIFY2(reading.until([&] { return reading.status.decodeErrors == 1; }), reading.explain().c_str());
    reading.stop();
    QCOMPARE(reading.rows.size(), 3U);
    QCOMPARE(reading.rows[0].series, std::string("s/L1/P-07/night/n"));
    QCOMPARE(reading.rows[0].value, 5.0);
    QCOMPARE(reading.rows[1].series, std::string("s/L1/P-07/night/type"));
    QCOMPARE(reading.rows[2].series, std::string("s/L1/P-07/night/isText"));
    QCOMPARE(reading.rows[2].value, 1.0);
}

// Each message goes to one of the group, and nothing retained to any; who is not in it sees all.
void MqttV5Test::sharesAGroup()
{
    Publisher publisher;
    publisher.send("shared/L1", "{\"n\":-1}", 1, true);
    SourceSpec one = specFor({"shared/{line}"});
    SourceSpec two = specFor({"shared/{line}"});
    setting(one, "share") = scalar("desks");
    setting(two, "share") = scalar("desks");
    Reading first(mqttKind(), one);
    Reading second(mqttKind(), two);
    QVERIFY2(first.until([&] { return isLive(first); }), first.explain().c_str());
    QVERIFY2(second.until([&] { return isLive(second); }), second.explain().c_str());
    publisher.sendNumbers("shared/L1", 400, 1);
    // Mosquitto 2.0.11 sends each what is retained, against the standard; it is known as such.
    const auto liveOf = [](const Reading &reading) { return static_cast<std::size_t>(std::ranges::count_if(reading.rows, &Row::isLive)); };
    const auto sum = [&] {
        second.until([] { return true; });
        return liveOf(first) + liveOf(second);
    };
    QVERIFY2(first.until([&] { return sum() >= 400; }), first.explain().c_str());
    first.settle(300ms);
    QCOMPARE(sum(), 400U);
    QVERIFY2(liveOf(first) > 50 && liveOf(second) > 50, std::to_string(liveOf(first)).c_str());
    std::set<double> values;
    for (const Reading *reading : {&first, &second}) {
        for (const Row &row : reading->rows)
            if (row.isLive)
                values.insert(row.value);
    }
    QCOMPARE(values.size(), 400U);
    QCOMPARE(QString::fromStdString(first.status.notes.front().plain()),
             QStringLiteral("shared with the group 'desks': this source sees a part of the messages"));
    // A look by hand takes nothing away from the group.
    const auto tried = mqttKind().test(one, [](const Error &) {}, {});
    QVERIFY2(bool(tried), tried ? "" : tried.error().plain().c_str());
}

void MqttV5Test::readsAThousandTopicsOnOneConnection_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::newRow("version 5") << QByteArray("5");
    QTest::newRow("version 3.1.1") << QByteArray("4");
}

void MqttV5Test::readsAThousandTopicsOnOneConnection()
{
    QFETCH(QByteArray, version);
    constexpr int Count = 1000;
    const std::string root = "many" + version.toStdString();
    std::vector<std::string> topics;
    for (int i = 0; i < Count; ++i)
        topics.push_back(root + "/" + std::to_string(i) + "/{line}/temp");
    SourceSpec spec = specFor(topics, "1", version.constData());
    setting(spec, "except") = list({root + "/+/L9/temp"});
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }, 20s), reading.explain().c_str());
    QVERIFY(reading.status.notes.empty());
    Publisher publisher;
    for (int i = 0; i < Count; ++i)
        publisher.post(root + "/" + std::to_string(i) + "/L1/temp", "{\"n\":" + std::to_string(i) + "}", 1);
    publisher.post(root + "/7/L9/temp", "{\"n\":7}", 1);
    publisher.post("other/7/L1/temp", "{\"n\":7}", 1);
    publisher.settle();
    QVERIFY2(reading.untilRows(Count), reading.explain().c_str());
    reading.stop();
    QCOMPARE(reading.rows.size(), static_cast<std::size_t>(Count));
    std::set<double> values;
    for (const Row &row : reading.rows)
        values.insert(row.value);
    QCOMPARE(values.size(), static_cast<std::size_t>(Count));
    // The session is there: nothing is subscribed again, and nothing is missed.
    for (int i = 0; i < 100; ++i)
        publisher.post(root + "/" + std::to_string(i) + "/L1/temp", "{\"n\":" + std::to_string(i) + "}", 1);
    publisher.settle();
    Reading again(mqttKind(), spec, reading.positions);
    QVERIFY2(again.untilRows(100), again.explain().c_str());
    QCOMPARE(again.gaps(), 0U);
}

// Topics that carry all labels, a bare number; as it is retained, and as it comes.
void MqttV5Test::readsPayloadsThatNobodyPrepared_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<double>("value");
    QTest::newRow("81.4") << QByteArray("81.4") << 81.4;
    QTest::newRow("-0.5e2") << QByteArray("-0.5e2") << -50.0;
    QTest::newRow("with spaces") << QByteArray(" 81.4\n") << 81.4;
    QTest::newRow("gzip") << QByteArray::fromStdString(gzipped("81.4")) << 81.4;
}

void MqttV5Test::readsPayloadsThatNobodyPrepared()
{
    QFETCH(QByteArray, payload);
    QFETCH(double, value);
    static int count = 0;
    const std::string root = "bare" + std::to_string(++count);
    SourceSpec spec = specFor({root + "/{line}/{device}/{measure}"});
    entry(spec.declaration, "path") = list({"line", "device"});
    entry(spec.declaration, "decode") = map({{"scalar", map({{"field", scalar("topic:measure")}})}});
    Publisher publisher;
    publisher.send(root + "/L1/P-07/temp", payload.toStdString(), 1, true);
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.untilRows(1), reading.explain().c_str());
    publisher.send(root + "/L1/P-08/pressure", payload.toStdString());
    QVERIFY2(reading.untilRows(2), reading.explain().c_str());
    QCOMPARE(reading.rows[0].series, std::string("s/L1/P-07/temp"));
    QCOMPARE(reading.rows[0].value, value);
    QVERIFY(!reading.rows[0].isLive);
    QCOMPARE(reading.rows[1].series, std::string("s/L1/P-08/pressure"));
    QCOMPARE(reading.rows[1].value, value);
    QVERIFY(reading.rows[1].isLive);
}

void MqttV5Test::readsTopicsThatCarryAllLabels()
{
    const auto specs = sourcesOf("03-mqtt.yaml");
    QCOMPARE(specs.size(), 2U);
    Publisher publisher;
    publisher.send("plant/L1/P-01/temp", "20,5", 1, true); // of yesterday
    Reading shop(mqttKind(), specs[0]);
    Reading status(mqttKind(), specs[1]);
    QVERIFY2(shop.untilRows(1), shop.explain().c_str());
    QVERIFY2(shop.until([&] { return isLive(shop); }), shop.explain().c_str());
    QVERIFY2(status.until([&] { return isLive(status); }), status.explain().c_str());
    publisher.send("plant/L1/P-07/temp", "81,4");
    publisher.send("plant/L1/P-07/status", R"({"st":"running"})");
    publisher.send("plant/L2/P-08/pressure", "-3");
    publisher.send("plant/L2/P-08/temp", "warm"); // no number: counted, named, no series
    QVERIFY2(shop.until([&] { return shop.rows.size() >= 3 && shop.status.decodeErrors >= 1; }), shop.explain().c_str());
    QVERIFY2(status.untilRows(1), status.explain().c_str());
    shop.settle(200ms);
    QCOMPARE(said(shop.rows), QStringLiteral("shop/L1/P-01/temp=20.5 retained, shop/L1/P-07/temp=81.4, shop/L2/P-08/pressure=-3"));
    QCOMPARE(said(status.rows), QStringLiteral("status/L1/P-07/state=0"));
    QCOMPARE(shop.status.decodeErrors, 1U);
    QVERIFY2(shop.status.lastBadPayload.find("warm") != std::string::npos, shop.status.lastBadPayload.c_str());
}

void MqttV5Test::readsAGatewayOfMachines()
{
    const auto specs = sourcesOf("04-plc-gateway.yaml");
    QCOMPARE(specs.size(), 1U);
    Reading reading(mqttKind(), specs[0]);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher;
    const std::string batch = R"({"batch":[{"tag":"L1.P-07.Temp","v":814,"q":192,"t":"2025-03-04 09:15:00"},)"
                              R"({"tag":"L1.P-07.Run","v":1,"q":192,"t":"2025-03-04 09:15:00"},)"
                              R"({"tag":"L2.P-09.Level","v":3,"q":192,"t":"2025-03-04 09:15:00"},)" // no field of ours
                              R"({"tag":"L2.P-09.Temp","v":72.5,"q":192,"t":"2025-03-04 09:15:00,500"}]})";
    publisher.send("gw/G1/data", batch);
    publisher.send("gw/G1/data", R"({"hello":1})"); // another case: ignored
    publisher.send("gw/G2/data", gzipped(batch));
    QVERIFY2(reading.untilRows(6), reading.explain().c_str());
    reading.settle(200ms);
    QCOMPARE(reading.rows.size(), 6U);
    QCOMPARE(reading.status.decodeErrors, 0U);
    QStringList lines;
    for (std::size_t i = 0; i < 3; ++i)
        lines << QString::fromStdString(reading.rows[i].series) + QLatin1Char('=') + QString::number(reading.rows[i].value);
    QCOMPARE(lines.join(QLatin1Char(' ')), QStringLiteral("plc/L1/P-07/Temp=81.4 plc/L1/P-07/Run=1 plc/L2/P-09/Temp=7.25"));
    // 09:15 in Seoul is 00:15 UTC.
    QCOMPARE(reading.rows[0].stamp, Time(1741047300s));
    QCOMPARE(reading.rows[2].stamp, Time(1741047300s + 500ms));
}

void MqttV5Test::keepsToItsRate_data()
{
    QTest::addColumn<QByteArray>("qos");
    QTest::addColumn<QString>("says");
    QTest::newRow("QoS 1: it lags") << QByteArray("1") << QStringLiteral("limited to 500/s by max_rate: reading lags behind");
    QTest::newRow("QoS 0: it passes over") << QByteArray("0")
                                           << QStringLiteral("messages were passed over, because nobody keeps what comes with QoS 0");
}

void MqttV5Test::keepsToItsRate()
{
    QFETCH(QByteArray, qos);
    QFETCH(QString, says);
    constexpr std::size_t Count = 1500;
    const std::string topic = "rate" + qos.toStdString() + "/L1";
    SourceSpec spec = specFor({topic.substr(0, 5) + "/{line}"}, qos.constData());
    entry(spec.declaration, "max_rate") = scalar("500/s");
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    const auto began = std::chrono::steady_clock::now();
    Publisher().sendNumbers(topic, Count, qos.toInt());
    const auto note = [&]() -> QString {
        for (const Error &one : reading.status.notes) {
            if (QString::fromStdString(one.plain()).contains(says))
                return QString::fromStdString(one.plain());
        }
        return {};
    };
    QVERIFY2(reading.until([&] { return !note().isEmpty(); }, 5s), reading.explain().c_str());
    if (qos == "1") {
        QVERIFY(reading.status.lag > 0);
        QVERIFY2(reading.untilRows(Count), reading.explain().c_str());
        const auto took = std::chrono::steady_clock::now() - began;
        QVERIFY2(took > 2500ms && took < 8s, std::to_string(took.count()).c_str());
        for (std::size_t i = 0; i < Count; ++i)
            QCOMPARE(reading.rows[i].value, static_cast<double>(i));
        QCOMPARE(reading.gaps(), 0U);
        return;
    }
    reading.settle(1500ms);
    const qulonglong passedOver = note().section(QStringLiteral("max_rate: "), 1).section(u' ', 0, 0).toULongLong();
    QVERIFY2(passedOver > 0 && reading.rows.size() + passedOver == Count, qPrintable(note()));
}

QTEST_GUILESS_MAIN(MqttV5Test)
#include "tst_mqttv5.moc"
