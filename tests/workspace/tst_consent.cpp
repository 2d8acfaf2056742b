#include "core/platform.h"
#include "workspace/consent.h"

#include <QtTest>

#include <filesystem>

using namespace sg;

// What a workspace would reach, and what was agreed to: per workspace, server and secret, kept outside of it.
class TestConsent : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void listsServersAndSecrets_data();
    void listsServersAndSecrets();
    void whatIsAgreedToCovers_data();
    void whatIsAgreedToCovers();
    void lessProtectionAsksAnew_data();
    void lessProtectionAsksAnew();
    void isKeptForOneWorkspace();
    void isKeptPrivately();
    void theHashIsOfExactlyThisList_data();
    void theHashIsOfExactlyThisList();
    void theEnvironmentMayAgree();

private:
    Workspace workspace() const;

    std::unique_ptr<QTemporaryDir> m_home;
    std::string m_folder;
};

namespace {

SourceSpec specOf(const std::string &kind, const std::string &settings)
{
    const auto node = parseYaml("s: " + settings + "\n", "");
    if (!node)
        qFatal("%s", node.error().plain().c_str());
    SourceSpec spec;
    spec.id = "press";
    spec.kind = kind;
    spec.settings = (*node)["s"];
    return spec;
}

QString textOf(const std::vector<Access> &accesses)
{
    QStringList out;
    for (const Access &access : accesses)
        out << QString::fromStdString(sentenceOf(access).plain());
    return out.join(QStringLiteral("; "));
}

}

void TestConsent::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    qputenv("XDG_STATE_HOME", m_home->filePath(QStringLiteral("state")).toUtf8());
    qunsetenv("SIGHTGLASS_TRUST");
    m_folder = m_home->filePath(QStringLiteral("plant")).toStdString();
    std::filesystem::create_directories(m_folder);
}

Workspace TestConsent::workspace() const
{
    Workspace out;
    out.folder = m_folder;
    out.sources.push_back(specOf("kafka", "{ brokers: [\"k:9092\"], properties: { sasl.password: { env: SG_KAFKA } } }"));
    RouteSpec route;
    route.target = specOf("smtp", "{ host: mail.example, port: 465, password: { env: SG_MAIL } }");
    route.target.id = "night";
    out.routes.routes.push_back(route);
    HeartbeatSpec beat;
    beat.target = specOf("http", "{ url: \"https://watch.example/ping/1234\" }");
    beat.target.id = "alive";
    out.routes.heartbeats.push_back(beat);
    return out;
}

void TestConsent::listsServersAndSecrets_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("list");
    QTest::newRow("the demo plant reaches nothing") << "demo"
                                                    << "{}"
                                                    << "";
    QTest::newRow("kafka, each broker") << "kafka"
                                        << R"({ brokers: ["a:1", "b:2"], topics: [t] })"
                                        << "a:1, without a secret, not encrypted; b:2, without a secret, not encrypted";
    QTest::newRow("kafka, one broker as a text") << "kafka"
                                                 << R"({ brokers: "a:1" })"
                                                 << "a:1, without a secret, not encrypted";
    QTest::newRow("kafka, a secret of a property")
        << "kafka"
        << R"({ brokers: ["a:1", "b:2"], properties: { sasl.username: u, sasl.password: { env: SG_K } } })"
        << "a:1 with environment variable SG_K, not encrypted; b:2 with environment variable SG_K, not encrypted";
    QTest::newRow("kafka, the server that gives tokens")
        << "kafka"
        << R"({ brokers: ["a:1"], properties: { sasl.oauthbearer.token.endpoint.url: "https://id.example/token?x=1", sasl.oauthbearer.client.secret: { file: /run/id } } })"
        << "a:1 with file /run/id, not encrypted; https://id.example with file /run/id";
    QTest::newRow("kafka, a private key outside") << "kafka"
                                                  << R"({ brokers: ["a:1"], properties: { ssl.key.location: /etc/own.key } })"
                                                  << "a:1 with file /etc/own.key, not encrypted";
    QTest::newRow("kafka, a private key inside") << "kafka"
                                                 << R"({ brokers: ["a:1"], properties: { ssl.key.location: own.key } })"
                                                 << "a:1, without a secret, not encrypted";
    QTest::newRow("mqtt") << "mqtt"
                          << R"({ broker: "ssl://m:8883", user: sg, password: { env: SG_M }, key: /etc/m.key })"
                          << "ssl://m:8883 with environment variable SG_M; ssl://m:8883 with file /etc/m.key";
    QTest::newRow("postgres") << "postgres"
                              << R"({ host: db, port: 5433, dbname: plant, password: { file: /run/db } })"
                              << "db:5433 with file /run/db, not encrypted";
    QTest::newRow("postgres without port") << "postgres"
                                           << R"({ host: db })"
                                           << "db, without a secret, not encrypted";
    QTest::newRow("a path may be a secret and is no server") << "http"
                                                             << R"({ url: "https://hook.example/T0/B1/secret" })"
                                                             << "https://hook.example, without a secret";
    QTest::newRow("an address that is a secret")
        << "http"
        << R"({ url: { env: SG_URL }, headers: { X-Key: { env: SG_KEY } } })"
        << "the address in environment variable SG_URL with environment variable SG_KEY; the address in "
           "environment variable SG_URL with environment variable SG_URL";
    const auto guard = [](const char *name, const char *kind, const char *settings, const char *list) {
        QTest::newRow(name) << QString::fromUtf8(kind) << QString::fromUtf8(settings) << QString::fromUtf8(list);
    };
    guard("kafka with TLS", "kafka", R"({ brokers: [b], properties: { security.protocol: SASL_SSL } })", "b, without a secret");
    guard("kafka with TLS of anybody", "kafka",
          R"({ brokers: [b], properties: { security.protocol: ssl, enable.ssl.certificate.verification: "false" } })",
          "b, without a secret, its certificate not checked");
    guard("kafka, a switch for TLS that is not used", "kafka",
          R"({ brokers: [b], properties: { security.protocol: sasl_plaintext, enable.ssl.certificate.verification: "true" } })",
          "b, without a secret, not encrypted");
    guard("mqtt without TLS", "mqtt", R"({ broker: "tcp://m:1883" })", "tcp://m:1883, without a secret, not encrypted");
    guard("a registry without TLS", "http", R"({ url: "http://r:8081/x" })", "http://r:8081, without a secret, not encrypted");
    guard("verify-full", "postgres", "{ host: db, sslmode: verify-full }", "db, without a secret");
    guard("a ca is verify-full", "postgres", "{ host: db, ca: ca.pem }", "db, without a secret");
    guard("a ca that is not used", "postgres", "{ host: db, ca: ca.pem, sslmode: prefer }", "db, without a secret, not encrypted");
    guard("verify-ca", "postgres", "{ host: db, sslmode: verify-ca }", "db, without a secret, the name in its certificate not checked");
    guard("require", "postgres", "{ host: db, sslmode: require }", "db, without a secret, its certificate not checked");
    guard("a socket of this machine", "postgres", "{ host: /run/postgresql }", "/run/postgresql, without a secret");
    guard("smtp that is sent in the clear", "smtp", "{ host: mail, security: none }", "mail, without a secret, not encrypted");
    QTest::newRow("smtp") << "smtp"
                          << R"({ host: mail, port: 587, user: u, password: { env: SG_P } })"
                          << "mail:587 with environment variable SG_P";
}

void TestConsent::listsServersAndSecrets()
{
    QFETCH(QString, kind);
    QFETCH(QString, settings);
    QTEST(textOf(accessesOf(specOf(kind.toStdString(), settings.toStdString()))), "list");
    if (kind != QLatin1String("http"))
        return;
    SourceSpec withRegistry = specOf("demo", "{}"); // its registry has a URL as well
    withRegistry.registry = specOf("registry", settings.toStdString()).settings;
    QTEST(textOf(accessesOf(withRegistry)), "list");
}

void TestConsent::whatIsAgreedToCovers_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("secret");
    QTest::addColumn<bool>("isCovered");
    QTest::newRow("the same") << "a:1"
                              << "environment variable SG_A" << true;
    QTest::newRow("without the secret") << "a:1"
                                        << "" << true;
    QTest::newRow("another secret") << "a:1"
                                    << "environment variable SG_B" << false;
    QTest::newRow("another server") << "a:2"
                                    << "environment variable SG_A" << false;
    QTest::newRow("another server without") << "a:2"
                                            << "" << false;
    QTest::newRow("only the beginning") << "a"
                                        << "" << false;
    QTest::newRow("agreed to without") << "b:1"
                                       << "" << true;
    QTest::newRow("with where without was agreed to") << "b:1"
                                                      << "environment variable SG_A" << false;
    QTest::newRow("a line break is none of the list's") << "c:1\na:9"
                                                        << "" << true;
    QTest::newRow("what stands behind it") << "a:9"
                                           << "" << false;
    QTest::newRow("before it") << "c:1"
                               << "" << false;
    QTest::newRow("a tab is none of the list's") << "d:1\tenvironment variable SG_D"
                                                 << "" << true;
    QTest::newRow("what stands behind that") << "d:1"
                                             << "environment variable SG_D" << false;
}

void TestConsent::whatIsAgreedToCovers()
{
    QFETCH(QString, host);
    QFETCH(QString, secret);
    QVERIFY(trust(m_folder, {{"a:1", "environment variable SG_A"}}));
    QVERIFY(trust(m_folder, {{"b:1", ""}, {"c:1\na:9", ""}, {"d:1\tenvironment variable SG_D", ""}})); // beside the first
    Workspace mine;
    mine.folder = m_folder;
    QTEST(Consents::keptFor(mine).covers({host.toStdString(), secret.toStdString()}), "isCovered");
}

// A protection that goes away is a new question: with the same server and secret, whoever is in between would get the secret.
void TestConsent::lessProtectionAsksAnew_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("agreed");
    QTest::addColumn<QString>("now");
    QTest::addColumn<bool>("isCovered");
    const auto sslmode = [](const char *name, const char *agreed, const char *now, bool isCovered) {
        const QString settings = QStringLiteral("{ host: db, password: { env: SG_P }, sslmode: %1 }");
        QTest::newRow(name) << "postgres" << settings.arg(QLatin1String(agreed)) << settings.arg(QLatin1String(now)) << isCovered;
    };
    sslmode("the same", "verify-full", "verify-full", true);
    sslmode("the name no more", "verify-full", "verify-ca", false);
    sslmode("the certificate no more", "verify-ca", "require", false);
    sslmode("prefer may fall back", "require", "prefer", false);
    sslmode("not at all", "verify-full", "disable", false);
    sslmode("more than before", "require", "verify-full", true);
    sslmode("a little more", "disable", "require", true);
    QTest::newRow("the ca taken away") << "postgres"
                                       << "{ host: db, ca: ca.pem }"
                                       << "{ host: db }" << false;
    const QString kafka = QStringLiteral("{ brokers: [k], properties: { sasl.password: { env: SG_K }, security.protocol: %1 } }");
    const QString unchecked = QStringLiteral("SASL_SSL, enable.ssl.certificate.verification: \"%1\"");
    QTest::newRow("kafka, no TLS") << "kafka" << kafka.arg(QStringLiteral("SASL_SSL")) << kafka.arg(QStringLiteral("SASL_PLAINTEXT"))
                                   << false;
    QTest::newRow("kafka, no check") << "kafka" << kafka.arg(QStringLiteral("SASL_SSL"))
                                     << kafka.arg(unchecked.arg(QStringLiteral("False"))) << false;
    QTest::newRow("kafka, no check by a number")
        << "kafka" << kafka.arg(QStringLiteral("SASL_SSL")) << kafka.arg(unchecked.arg(QStringLiteral("0"))) << false;
    QTest::newRow("kafka, a check again") << "kafka" << kafka.arg(unchecked.arg(QStringLiteral("false")))
                                          << kafka.arg(QStringLiteral("sasl_ssl")) << true;
    QTest::newRow("smtp") << "smtp"
                          << "{ host: m, password: { env: SG_P } }"
                          << "{ host: m, password: { env: SG_P }, security: none }" << false;
}

void TestConsent::lessProtectionAsksAnew()
{
    QFETCH(QString, kind);
    QFETCH(QString, agreed);
    QFETCH(QString, now);
    Workspace mine;
    mine.folder = m_folder;
    mine.sources.push_back(specOf(kind.toStdString(), agreed.toStdString()));
    QVERIFY(trust(m_folder, accessesOf(mine.sources.front())));
    QVERIFY(!Consents::keptFor(mine).whyItWaits(mine.sources.front()));
    const std::string hash = trustHash(demandsOf(mine));
    mine.sources.front() = specOf(kind.toStdString(), now.toStdString());
    QTEST(!Consents::keptFor(mine).whyItWaits(mine.sources.front()), "isCovered");
    QCOMPARE(trustHash(demandsOf(mine)) == hash, agreed == now); // --trust agrees to exactly what it showed
}

void TestConsent::isKeptForOneWorkspace()
{
    Workspace mine = workspace();
    const auto missing = Consents::keptFor(mine).missing(mine);
    QCOMPARE(missing.size(), std::size_t(3));
    QCOMPARE(missing.front().by, std::vector<std::string>{"heartbeat alive"});
    QVERIFY(Consents::keptFor(mine).whyItWaits(mine.sources.front()));
    std::vector<Access> all;
    for (const Demand &demand : missing)
        all.push_back(demand.access);
    QVERIFY(trust(m_folder, all));
    QVERIFY(Consents::keptFor(mine).missing(mine).empty());
    QVERIFY(!Consents::keptFor(mine).whyItWaits(mine.sources.front()));

    Workspace other = workspace(); // a clone of it, elsewhere
    other.folder = m_home->filePath(QStringLiteral("clone")).toStdString();
    std::filesystem::create_directories(other.folder);
    QCOMPARE(Consents::keptFor(other).missing(other).size(), std::size_t(3));

    mine.routes.routes.front().target = specOf("smtp", "{ host: elsewhere.example, password: { env: SG_MAIL } }");
    QCOMPARE(textOf({Consents::keptFor(mine).missing(mine).front().access}),
             QStringLiteral("elsewhere.example with environment variable SG_MAIL"));
}

void TestConsent::isKeptPrivately()
{
    QVERIFY(trust(m_folder, {{"a:1", ""}}));
    QVERIFY(std::filesystem::is_empty(m_folder)); // nothing of it in the workspace
    QDirIterator files(m_home->filePath(QStringLiteral("state")), QDir::Files, QDirIterator::Subdirectories);
    int count = 0;
    while (files.hasNext()) {
        files.next();
        ++count;
        QCOMPARE(files.fileInfo().permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
                 QFile::Permissions());
    }
    QCOMPARE(count, 1);
}

void TestConsent::theHashIsOfExactlyThisList_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<bool>("isSame");
    QTest::newRow("the same") << R"({ brokers: ["k:9092"], properties: { sasl.password: { env: SG_KAFKA } } })" << true;
    QTest::newRow("other topics") << R"({ brokers: ["k:9092"], topics: [x], properties: { sasl.password: { env: SG_KAFKA } } })" << true;
    QTest::newRow("another server") << R"({ brokers: ["k:9093"], properties: { sasl.password: { env: SG_KAFKA } } })" << false;
    QTest::newRow("another secret") << R"({ brokers: ["k:9092"], properties: { sasl.password: { env: SG_KAFKA2 } } })" << false;
    QTest::newRow("one server more") << R"({ brokers: ["k:9092", "l:1"], properties: { sasl.password: { env: SG_KAFKA } } })" << false;
    QTest::newRow("no secret") << R"({ brokers: ["k:9092"] })" << false;
}

void TestConsent::theHashIsOfExactlyThisList()
{
    QFETCH(QString, settings);
    const Workspace before = workspace();
    Workspace after = workspace();
    after.sources.front() = specOf("kafka", settings.toStdString());
    QCOMPARE(trustHash(demandsOf(before)).size(), std::size_t(40));
    QTEST(trustHash(demandsOf(before)) == trustHash(demandsOf(after)), "isSame");
}

void TestConsent::theEnvironmentMayAgree()
{
    const Workspace mine = workspace();
    for (const std::string &said : {std::string("any"), trustHash(demandsOf(mine))}) {
        qputenv("SIGHTGLASS_TRUST", said.c_str());
        QVERIFY(Consents::keptFor(mine).missing(mine).empty());
    }
    qputenv("SIGHTGLASS_TRUST", std::string(40, '0').c_str());
    QCOMPARE(Consents::keptFor(mine).missing(mine).size(), std::size_t(3));
}

QTEST_GUILESS_MAIN(TestConsent)
#include "tst_consent.moc"
