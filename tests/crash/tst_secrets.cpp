#include "stack/stack.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <librdkafka/rdkafka.h>
#include <mqtt/client.h>
#include <pqxx/pqxx>

// One search over everything that the agent leaves behind when it reads all three servers with right and with wrong passwords:
// what it prints, its state folder while it runs and afterwards, its exports, and the sentences of `check`.
namespace {

QString fill(QString text, const sg::test::Stack &stack)
{
    static const QRegularExpression name(QStringLiteral("\\{(SG_[A-Z_]+)\\}"));
    for (auto found = name.match(text); found.hasMatch(); found = name.match(text))
        text.replace(found.captured(0), QString::fromStdString(stack[found.captured(1).toStdString()]));
    return text;
}

// Each server twice: {PASSWORD} and {ID} stand for the right and the wrong one.
constexpr const char *Sources = R"(  - id: kafka-{ID}
    kafka: { brokers: ["{SG_KAFKA_SASL_BROKERS}"], topics: [secrets], start: earliest, properties: { security.protocol: SASL_SSL,
             sasl.mechanism: "{SG_KAFKA_SASL_MECHANISM}", sasl.username: "{SG_KAFKA_USER}", sasl.password: {PASSWORD}, ssl.ca.location: ca.crt } }
    path: [id]
    labels: { id: /id }
    time: { basis: arrival }
    decode: { json: { learn: true } }
  - id: mqtt-{ID}
    mqtt: { broker: "{SG_MQTT_TLS_URL}", topics: ["secrets/{id}"], user: "{SG_MQTT_USER}", password: {PASSWORD}, ca: ca.crt }
    path: [id]
    time: { basis: arrival }
    decode: { json: { learn: true } }
  - id: postgres-{ID}
    postgres: { host: "{SG_PG_HOST}", port: {SG_PG_PORT}, user: "{SG_PG_TLS_USER}", password: {PASSWORD}, dbname: "{SG_PG_DB}", view: secrets,
                mode: cursor, cursor: ts, overlap: 1s, row_key: [id], every: 200ms, start: earliest, sslmode: verify-full, ca: ca.crt }
    path: [id]
    time: { basis: database, at: "column:ts" }
    decode: { row: { learn: true } }
)";

void feedKafka(const sg::test::Stack &stack)
{
    char why[256] = {};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    QCOMPARE(rd_kafka_conf_set(conf, "bootstrap.servers", stack["SG_KAFKA_BROKERS"].c_str(), why, sizeof why), RD_KAFKA_CONF_OK);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    QVERIFY2(producer != nullptr, why);
    std::string value = R"({"id":"k","v":1})";
    QCOMPARE(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("secrets"), RD_KAFKA_V_VALUE(value.data(), value.size()),
                               RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
             RD_KAFKA_RESP_ERR_NO_ERROR);
    QCOMPARE(rd_kafka_flush(producer, 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

void feedMosquitto(const sg::test::Stack &stack)
{
    mqtt::client client(stack["SG_MQTT_URL"], "secrets-feeder");
    client.connect();
    client.publish(mqtt::make_message("secrets/m", R"({"v":1})", 1, true)); // retained: whoever comes gets it
    client.disconnect();
}

void feedPostgres(const sg::test::Stack &stack)
{
    pqxx::connection connection("host=" + stack["SG_PG_HOST"] + " port=" + stack["SG_PG_PORT"] + " dbname=" + stack["SG_PG_DB"]
                                + " user=" + stack["SG_PG_USER"]);
    pqxx::work work(connection);
    work.exec("CREATE TABLE secrets (id text, ts timestamptz, v float8)");
    work.exec("INSERT INTO secrets VALUES ('p', now(), 1)");
    work.exec("GRANT SELECT ON secrets TO " + connection.quote_name(stack["SG_PG_TLS_USER"]));
    work.commit();
}

QByteArray everythingIn(const QString &folder, QStringList &files)
{
    QByteArray bytes;
    QDirIterator all(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        QFile file(all.next());
        if (file.open(QIODevice::ReadOnly))
            bytes += file.readAll() + '\n';
        files.append(file.fileName());
    }
    return bytes;
}

}

class SecretsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void areFoundByNoSearch();

private:
    QByteArray run(const QStringList &arguments, const QStringList &more = {}) const
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(
            QStringLiteral(SG_AGENT),
            arguments
                + QStringList{QStringLiteral("--workspace"), m_home.filePath(QStringLiteral("plant")), QStringLiteral("--state"), state()}
                + more);
        process.waitForFinished(60'000);
        return process.readAll();
    }
    QString state() const { return m_home.filePath(QStringLiteral("state")); }

    sg::test::Stack m_stack{{"kafka", "mosquitto", "postgres"}};
    QTemporaryDir m_home;
};

void SecretsTest::initTestCase()
{
    QVERIFY2(m_stack.ok(), m_stack.error().c_str());
    feedKafka(m_stack);
    feedMosquitto(m_stack);
    feedPostgres(m_stack);
    for (const auto &[name, value] :
         {std::pair("SG_S_KAFKA", "SG_KAFKA_PASSWORD"), {"SG_S_MQTT", "SG_MQTT_PASSWORD"}, {"SG_S_POSTGRES", "SG_PG_TLS_PASSWORD"}})
        qputenv(name, QByteArray::fromStdString(m_stack[value]));
    qputenv("SG_S_WRONG", "wrong-7f3c2b-word");
    qputenv("XDG_RUNTIME_DIR", m_home.path().toUtf8());
    const QString plant = m_home.filePath(QStringLiteral("plant"));
    QVERIFY(QDir().mkpath(plant) && QFile::copy(QString::fromStdString(m_stack["SG_CA"]), plant + QStringLiteral("/ca.crt")));
    QString text = QStringLiteral("format: 1\nname: Secrets\nsources:\n");
    for (const char *id : {"right", "wrong"}) {
        QString part = QString::fromUtf8(Sources);
        part.replace(QStringLiteral("{ID}"), QString::fromUtf8(id));
        for (const char *kind : {"KAFKA", "MQTT", "POSTGRES"}) {
            const auto at = part.indexOf(QStringLiteral("{PASSWORD}"));
            part.replace(at, 10, QStringLiteral("{ env: SG_S_%1 }").arg(QString::fromUtf8(*id == 'r' ? kind : "WRONG")));
        }
        text += fill(part, m_stack);
    }
    QFile file(plant + QStringLiteral("/workspace.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) > 0);
}

void SecretsTest::areFoundByNoSearch()
{
    QByteArray said = run({QStringLiteral("check")});
    QProcess agent;
    agent.setProcessChannelMode(QProcess::MergedChannels);
    agent.start(QStringLiteral(SG_AGENT),
                {QStringLiteral("run"), QStringLiteral("--workspace"), m_home.filePath(QStringLiteral("plant")), QStringLiteral("--state"),
                 state(), QStringLiteral("--for"), QStringLiteral("120s")});
    QVERIFY(agent.waitForStarted());
    // The right passwords open all three servers, or the search would prove nothing.
    const auto has = [this](const char *series) { return run({QStringLiteral("series")}).contains(series); };
    for (const char *series : {"kafka-right/k/v", "mqtt-right/m/v", "postgres-right/p/v"})
        QTRY_VERIFY2_WITH_TIMEOUT(has(series), qPrintable(QString::fromUtf8(series) + QString::fromUtf8(agent.readAll())), 30'000);
    const QByteArray series = run({QStringLiteral("series")});
    QVERIFY2(!series.contains("-wrong/"), series.constData());
    // Each wrong password was refused and journaled.
    const auto journal = [this] { return run({QStringLiteral("journal")}); };
    for (const char *source : {"kafka-wrong", "mqtt-wrong", "postgres-wrong"})
        QTRY_VERIFY2_WITH_TIMEOUT(journal().contains(source), journal().constData(), 40'000);
    QStringList files;
    said += everythingIn(state(), files);
    said += run({QStringLiteral("export"), m_home.filePath(QStringLiteral("all.csv"))});
    agent.terminate();
    QVERIFY(agent.waitForFinished(20'000));
    said += agent.readAll() + series + journal() + run({QStringLiteral("journal"), QStringLiteral("--json")})
        + run({QStringLiteral("alarms"), QStringLiteral("--all")});
    said += everythingIn(m_home.path(), files);
    QVERIFY2(files.filter(QStringLiteral("state.db")).size() >= 2 && files.filter(QStringLiteral("all.csv")).size() >= 1,
             qPrintable(files.join(u' ')));
    QVERIFY(said.contains("kafka-right") && said.contains("SG_S_WRONG")); // the search sees what is there
    for (const char *name : {"SG_S_KAFKA", "SG_S_MQTT", "SG_S_POSTGRES", "SG_S_WRONG"}) {
        const QByteArray secret = qgetenv(name);
        QVERIFY(secret.size() >= 12);
        for (const QByteArray &form : {secret, secret.toBase64(QByteArray::OmitTrailingEquals), secret.toHex(), secret.toPercentEncoding()})
            QVERIFY2(!said.contains(form), name);
    }
}

QTEST_GUILESS_MAIN(SecretsTest)
#include "tst_secrets.moc"
