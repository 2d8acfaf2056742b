#include "connectors/kafkaside.h"
#include "stack/stack.h"

#include <mqtt/async_client.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <mutex>
#include <random>

using namespace sg;

// Who is told beyond the desk, by the agent as a process that is killed again and again, to receivers that are real: an HTTP server that
// fails, hangs and answers late, a mail server with STARTTLS and a login that does the same (tests/support/receivers.py), Mosquitto and
// Kafka. Nothing is lost; what comes twice has the same key and says that it is a retry.
namespace {

constexpr int Devices = 25;
constexpr int Kills = 5;
constexpr int Patience = 100'000; // ms, for everything to arrive

constexpr const char *WorkspaceText = R"(format: 1
name: Told
connections:
  - id: plant-kafka
    kafka: { brokers: ["%1"] }
sources:
  - id: plant
    kafka: { use: plant-kafka, topics: [plant], start: earliest }
    path: [device]
    labels: { device: /id }
    time: { basis: message, at: /ts, unit: ms }
    decode: { json: { fields: { v: { at: /v } } } }
)";
constexpr const char *RulesText = "format: 1\nrules:\n  - id: hot\n    name: \"Device {device} is \\\"hot\\\"\"\n"
                                  "    series: plant/*/v\n    high: { limit: 80 }\n    priority: high\n    action: look\n";
// moc takes two slashes in a raw string for a comment.
constexpr const char *RoutesText = R"(format: 1
routes:
  - id: hook
    http: { url: { env: SG_URL }, timeout: 2s, token: { env: SG_TOKEN }, body: { text: "{name}: {value}", id: "{occurrence}", n: "{value}" } }
  - id: mail
    smtp: { host: localhost, port: %2, user: sg, password: { env: SG_MAIL }, ca: ca.pem, timeout: 2s, from: sg@plant.example, to: [shift@plant.example, gone@plant.example, lead@plant.example] }
  - id: topic
    kafka: { use: plant-kafka, topic: told, timeout: 5s }
  - id: broker
    mqtt: { broker: "%3", user: "%4", password: { env: SG_BROKER }, topic: plant/told, timeout: 2s }
  - id: nowhere
    http: { url: "http:SLASHES127.0.0.1:%1/never" }
    only: { rule: hot, priority: [urgent, high] }
  - id: moved
    http: { url: "http:SLASHES127.0.0.1:%1/moved", timeout: 2s, token: { file: "%5" } }
  - id: others
    http: { url: "http:SLASHES127.0.0.1:%1/hook" }
    only: { area: elsewhere }
heartbeats:
  - id: dog
    every: 1s
    http: { url: "http:SLASHES127.0.0.1:%1/beat", method: GET }
)";

void write(const QString &path, const QString &text)
{
    QFile file(path);
    if (!QDir().mkpath(QFileInfo(path).path()) || !file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
        qFatal("cannot write %s", qPrintable(path));
}

struct Receipt
{
    int attempt = 0;
    QString body;
};
using Receipts = QMap<QString, QList<Receipt>>; // by key, in the order in which they came

}

class NotifyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void nothingIsLostAndWhatRepeatsIsKnown();
    void cleanupTestCase();

private:
    void start();
    void kill();
    QList<QJsonObject> ask(const QStringList &command);
    QList<QJsonObject> received() const;
    Receipts receiptsOf(const QString &kind) const;
    Receipts fromKafka();
    void raise(int device, double value = 90);

    QTemporaryDir m_folder;
    std::unique_ptr<test::Stack> m_stack;
    std::unique_ptr<test::KafkaSide> m_kafka;
    QProcess m_receivers, m_agent;
    QString m_url; // a secret
    std::unique_ptr<mqtt::async_client> m_client;
    std::mutex m_mutex;
    Receipts m_fromMqtt; // guarded by m_mutex
    quint32 m_seed = std::random_device()();
};

void NotifyTest::initTestCase()
{
    qInfo("seed %u", m_seed);
    m_stack = std::make_unique<test::Stack>(std::vector<std::string>{"kafka", "mosquitto"});
    QVERIFY2(m_stack->ok(), m_stack->error().c_str());
    m_kafka = std::make_unique<test::KafkaSide>((*m_stack)["SG_KAFKA_BROKERS"]);
    m_kafka->createTopic("plant", 1);
    m_kafka->createTopic("told", 1);

    const QString folder = m_folder.path();
    QDir().mkpath(folder + QStringLiteral("/w"));
    QProcess openssl;
    openssl.start(QStringLiteral("openssl"),
                  {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("rsa:2048"),
                   QStringLiteral("-nodes"), QStringLiteral("-days"), QStringLiteral("2"), QStringLiteral("-subj"),
                   QStringLiteral("/CN=localhost"), QStringLiteral("-addext"), QStringLiteral("subjectAltName=DNS:localhost"),
                   QStringLiteral("-keyout"), folder + QStringLiteral("/key.pem"), QStringLiteral("-out"),
                   folder + QStringLiteral("/w/ca.pem")});
    QVERIFY(openssl.waitForFinished() && openssl.exitCode() == 0);
    m_receivers.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_receivers.start(QStringLiteral("python3"),
                      {QStringLiteral(SG_SOURCE_DIR "/tests/support/receivers.py"), folder, folder + QStringLiteral("/w/ca.pem"),
                       folder + QStringLiteral("/key.pem"), QString::number(m_seed)});
    while (!m_receivers.canReadLine())
        QVERIFY(m_receivers.waitForReadyRead(30'000));
    const auto ports = QString::fromUtf8(m_receivers.readLine()).trimmed().split(u' ');
    QCOMPARE(ports.size(), 2);

    const QString broker = QString::fromStdString((*m_stack)["SG_MQTT_URL"]);
    write(folder + QStringLiteral("/w/workspace.yaml"),
          QString::fromUtf8(WorkspaceText).arg(QString::fromStdString((*m_stack)["SG_KAFKA_BROKERS"])));
    write(folder + QStringLiteral("/w/rules/hot.yaml"), QString::fromUtf8(RulesText));
    write(folder + QStringLiteral("/w/routes.yaml"),
          QString::fromUtf8(RoutesText)
              .replace(QStringLiteral("SLASHES"), QStringLiteral("//"))
              .arg(ports[0], ports[1], broker, QString::fromStdString((*m_stack)["SG_MQTT_USER"]),
                   m_folder.filePath(QStringLiteral("token"))));
    write(m_folder.filePath(QStringLiteral("token")), QStringLiteral("old-secret-4711"));
    m_url = QStringLiteral("http://127.0.0.1:") + ports[0] + QStringLiteral("/hook?s=path-secret-4711");

    m_client = std::make_unique<mqtt::async_client>(broker.toStdString(), "told", mqtt::create_options(MQTTVERSION_5));
    m_client->set_message_callback([this](const mqtt::const_message_ptr &message) {
        const auto word = [&](const char *name) {
            const auto &properties = message->get_properties();
            for (std::size_t n = 0; n < properties.count(mqtt::property::USER_PROPERTY); ++n) {
                const auto [key, value] = mqtt::get<mqtt::string_pair>(properties, mqtt::property::USER_PROPERTY, n);
                if (key == name)
                    return QString::fromStdString(value);
            }
            return QString();
        };
        const std::lock_guard guard(m_mutex);
        m_fromMqtt[word("idempotency-key")].append({word("sightglass-attempt").toInt(), QString::fromStdString(message->to_string())});
    });
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(true);
    options.set_user_name((*m_stack)["SG_MQTT_USER"]);
    options.set_password((*m_stack)["SG_MQTT_PASSWORD"]);
    m_client->connect(options)->wait();
    m_client->subscribe("plant/told", 1)->wait();
}

void NotifyTest::start()
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SG_TOKEN"), QStringLiteral("hook-secret-4711"));
    environment.insert(QStringLiteral("SG_URL"), m_url);
    environment.insert(QStringLiteral("SG_MAIL"), QStringLiteral("mail-secret-4711"));
    environment.insert(QStringLiteral("SG_BROKER"), QString::fromStdString((*m_stack)["SG_MQTT_PASSWORD"]));
    // Not what the workspace says: it would lead nowhere, were it taken.
    for (const char *proxy : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"})
        environment.insert(QString::fromUtf8(proxy), QStringLiteral("http://127.0.0.1:9"));
    m_agent.setProcessEnvironment(environment);
    m_agent.setStandardOutputFile(QProcess::nullDevice());
    m_agent.setStandardErrorFile(m_folder.filePath(QStringLiteral("agent.err")), QIODevice::Append);
    m_agent.start(QStringLiteral(SG_AGENT),
                  {QStringLiteral("run"), QStringLiteral("--workspace"), m_folder.filePath(QStringLiteral("w")), QStringLiteral("--state"),
                   m_folder.filePath(QStringLiteral("s"))});
    QVERIFY(m_agent.waitForStarted());
}

void NotifyTest::kill()
{
    m_agent.kill(); // SIGKILL
    QVERIFY(m_agent.waitForFinished());
}

QList<QJsonObject> NotifyTest::ask(const QStringList &command)
{
    QProcess process;
    process.start(QStringLiteral(SG_AGENT),
                  command
                      + QStringList{QStringLiteral("--json"), QStringLiteral("--workspace"), m_folder.filePath(QStringLiteral("w")),
                                    QStringLiteral("--state"), m_folder.filePath(QStringLiteral("s"))});
    process.waitForFinished(60'000);
    QList<QJsonObject> rows;
    for (const QByteArray &line : process.readAllStandardOutput().split('\n'))
        if (!line.isEmpty())
            rows.append(QJsonDocument::fromJson(line).object());
    return rows;
}

QList<QJsonObject> NotifyTest::received() const
{
    QFile file(m_folder.filePath(QStringLiteral("received.jsonl")));
    QList<QJsonObject> rows;
    if (file.open(QIODevice::ReadOnly))
        while (!file.atEnd())
            rows.append(QJsonDocument::fromJson(file.readLine()).object());
    return rows;
}

Receipts NotifyTest::receiptsOf(const QString &kind) const
{
    Receipts out;
    for (const QJsonObject &row : received())
        if (row[QLatin1String("kind")].toString() == kind)
            out[row[QLatin1String("key")].toString()].append(
                {row[QLatin1String("attempt")].toInt(), row[QLatin1String("body")].toString()});
    return out;
}

Receipts NotifyTest::fromKafka()
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[512] = {};
    rd_kafka_conf_set(conf, "bootstrap.servers", (*m_stack)["SG_KAFKA_BROKERS"].c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "group.id", "told", text, sizeof text);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", text, sizeof text);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "told", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    Receipts out;
    for (bool isAtEnd = false; !isAtEnd;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 30'000);
        isAtEnd = message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_headers_t *headers = nullptr;
        if (!isAtEnd && rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            const auto header = [&](const char *name) {
                const void *value = nullptr;
                std::size_t size = 0;
                rd_kafka_header_get_last(headers, name, &value, &size);
                return QString::fromUtf8(static_cast<const char *>(value), static_cast<qsizetype>(size));
            };
            out[header("idempotency-key")].append(
                {header("sightglass-attempt").toInt(),
                 QString::fromUtf8(static_cast<const char *>(message->payload), static_cast<qsizetype>(message->len))});
        }
        if (message != nullptr)
            rd_kafka_message_destroy(message);
    }
    rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return out;
}

void NotifyTest::raise(int device, double value)
{
    m_kafka->send({"plant",
                   0,
                   "{\"id\":\"d" + std::to_string(device) + "\",\"v\":" + std::to_string(value)
                       + ",\"ts\":" + std::to_string(QDateTime::currentMSecsSinceEpoch()) + "}",
                   {}});
    m_kafka->flush();
}

void NotifyTest::nothingIsLostAndWhatRepeatsIsKnown()
{
    std::minstd_rand random(m_seed);
    start();
    const int every = Devices / Kills;
    for (int device = 0; device < Devices; ++device) {
        raise(device);
        QTest::qWait(static_cast<int>(50 + random() % 200)); // load over time, not a wait for a state
        if (device % every == every - 1 && device + 1 < Devices) {
            kill();
            start();
        }
    }
    // One more kill in the middle of what is on its way, and Mosquitto and Kafka gone for a moment.
    QVERIFY2(m_stack->restart("mosquitto", test::End::Kill), m_stack->error().c_str());
    if (!m_client->is_connected())
        m_client->reconnect()->wait();
    m_client->subscribe("plant/told", 1)->wait();
    kill();
    start();

    // The token of one route is changed while the agent runs; what answered 401 and 404 until then is lost to nobody.
    const auto denied = [this] {
        const auto rows = received();
        return std::count_if(rows.begin(), rows.end(),
                             [](const QJsonObject &row) { return row[QLatin1String("kind")] == QLatin1String("denied"); });
    };
    const auto before = denied();
    QTRY_VERIFY_WITH_TIMEOUT(denied() > before, 60'000);
    write(m_folder.filePath(QStringLiteral("token")), QStringLiteral("new-secret-4711"));

    const auto openRows = [this] {
        QStringList open;
        const auto rows = ask({QStringLiteral("routes")});
        int messages = 0;
        for (const QJsonObject &row : rows) {
            messages += row[QLatin1String("route")].toString() == QLatin1String("dog") ? 0 : 1;
            const QString state = row[QLatin1String("state")].toString();
            if (state != QLatin1String("Delivered") && state != QLatin1String("Failed"))
                open.append(row[QLatin1String("key")].toString() + u' ' + row[QLatin1String("why")].toString());
        }
        if (messages < 6 * Devices)
            open.append(QStringLiteral("only %1 messages").arg(messages));
        return open;
    };
    QStringList open;
    QElapsedTimer waited;
    for (waited.start(); waited.elapsed() < Patience && !(open = openRows()).isEmpty();)
        QTest::qWait(300);
    QVERIFY2(open.isEmpty(), qPrintable(open.join(u'\n')));

    QSet<QString> occurrences;
    int refused = 0;
    for (const QJsonObject &row : ask({QStringLiteral("journal")})) {
        if (row[QLatin1String("event")].toString() == QLatin1String("RAISED"))
            occurrences.insert(row[QLatin1String("occurrence")].toString());
        refused += row[QLatin1String("event")].toString() == QLatin1String("NOTIFY_FAILED") ? 1 : 0;
    }
    QCOMPARE(occurrences.size(), Devices);
    QCOMPARE(refused, Devices); // what "nowhere" answers 422 to is journaled, and tried once
    std::vector<std::pair<QString, Receipts>> all{{QStringLiteral("hook"), receiptsOf(QStringLiteral("http"))},
                                                  {QStringLiteral("mail"), receiptsOf(QStringLiteral("smtp"))},
                                                  {QStringLiteral("topic"), fromKafka()}};
    {
        const std::lock_guard guard(m_mutex);
        all.emplace_back(QStringLiteral("broker"), m_fromMqtt);
    }
    int repeats = 0, lost = 0;
    for (const auto &[route, receipts] : all) {
        QSet<QString> wanted;
        for (const QString &occurrence : occurrences)
            wanted.insert(occurrence + u'-' + route + QStringLiteral("-1"));
        const auto keys = receipts.keys();
        const QSet<QString> came(keys.begin(), keys.end());
        lost += static_cast<int>((wanted - came).size());
        QVERIFY2((wanted - came).isEmpty(), qPrintable(route + QStringLiteral(" lost ") + (wanted - came).values().join(u' ')));
        QVERIFY2((came - wanted).isEmpty(), qPrintable(route + QStringLiteral(" has new ") + (came - wanted).values().join(u' ')));
        for (const QList<Receipt> &same : receipts)
            for (qsizetype n = 1; n < same.size(); ++n) {
                ++repeats;
                QVERIFY2(same[n].attempt > 1, qPrintable(route + QStringLiteral(": a repetition that says it is none")));
                QCOMPARE(same[n].body, same[0].body);
            }
    }
    for (const QJsonObject &row : received()) {
        QVERIFY2(row[QLatin1String("kind")] != QLatin1String("trouble"), qPrintable(row[QLatin1String("why")].toString()));
        if (row[QLatin1String("kind")] == QLatin1String("http")) {
            QCOMPARE(row[QLatin1String("token")].toString(), QStringLiteral("Bearer hook-secret-4711"));
            const auto body = QJsonDocument::fromJson(row[QLatin1String("body")].toString().toUtf8()).object();
            QVERIFY(body[QLatin1String("text")].toString().endsWith(QStringLiteral(" is \"hot\": 90")));
            QCOMPARE(body[QLatin1String("n")].toDouble(), 90.0);
        } else if (row[QLatin1String("kind")] == QLatin1String("smtp")) {
            QCOMPARE(row[QLatin1String("to")].toArray().size(), 2);
            QVERIFY(row[QLatin1String("body")].toString().contains(QStringLiteral("Action: look")));
        }
    }
    int beats = 0, retries = 0;
    for (const QJsonObject &row : received())
        beats += row[QLatin1String("kind")] == QLatin1String("beat") ? 1 : 0;
    for (const QJsonObject &row : ask({QStringLiteral("routes")})) {
        QVERIFY(!QJsonDocument(row).toJson().contains("secret-4711"));
        if (row[QLatin1String("route")] == QLatin1String("mail")) // whom the server does not take hinders nobody, and is named
            QVERIFY(row[QLatin1String("why")].toString().contains(QStringLiteral("gone@plant.example")));
        retries += row[QLatin1String("attempts")].toInt() > 1 ? 1 : 0;
    }
    QVERIFY(beats >= 2);
    QVERIFY(retries > 0); // the receivers saw to it
    qInfo("figure: notify_lost %d messages", lost);
    qInfo("figure: notify_repeated %d of %d messages", repeats, 4 * Devices);
    qInfo("figure: notify_retried %d messages", retries);
    QFile file(m_folder.filePath(QStringLiteral("agent.err")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("secret-4711"));
}

void NotifyTest::cleanupTestCase()
{
    m_agent.kill();
    m_agent.waitForFinished();
    m_receivers.closeWriteChannel();
    m_receivers.waitForFinished();
    if (m_client && m_client->is_connected())
        m_client->disconnect()->wait_for(std::chrono::seconds(2));
}

QTEST_GUILESS_MAIN(NotifyTest)
#include "tst_notify.moc"
