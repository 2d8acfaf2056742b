#include "workspace/consent.h"

#include <QtTest>

using namespace sg;

// Secrets stand by reference only, and their names are checked where nothing is read yet.
class TestSecretNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void ofSources_data();
    void ofSources();
    void ofRoutes_data();
    void ofRoutes();
    void filesAreNamedFromTheWorkspaceOn();
};

namespace {

constexpr Field KafkaFields[] = {
    {.key = "brokers", .type = FieldType::Texts, .isRequired = true},
    {.key = "properties", .type = FieldType::Map},
    {.key = "password", .type = FieldType::Secret},
};

Workspace read(const std::string &kafka, const std::string &http = "url: \"https://r/x\"")
{
    const SourceCatalog catalog{{"kafka", {.name = "kafka", .fields = KafkaFields}}};
    auto workspace = readWorkspaceFiles(
        {{"workspace.yaml", "format: 1\nsources:\n  - { id: a, path: [x], kafka: { brokers: [\"k:1\"], " + kafka + " } }\n"},
         {"routes.yaml", "format: 1\nroutes:\n  - { id: r, http: { " + http + " } }\n"}},
        catalog, {}, "/plant");
    if (!workspace)
        qFatal("%s", workspace.error().plain().c_str());
    return std::move(*workspace);
}

QString faultsOf(const Workspace &workspace)
{
    QStringList out;
    for (const Error &error : workspace.errors)
        out << QString::fromStdString(error.plain());
    return out.join(QLatin1Char('\n'));
}

}

void TestSecretNames::initTestCase()
{
    qputenv("HOME_OF_SECRETS", "top secret text");
}

void TestSecretNames::ofSources_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("says");
    QTest::newRow("by the environment") << "password: { env: SG_X }"
                                        << "";
    QTest::newRow("by a file") << "password: { file: /run/x }"
                               << "";
    QTest::newRow("as a text")
        << "password: top secret text"
        << "workspace.yaml:3: password is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }";
    QTest::newRow("of another program")
        << "password: { env: HOME_OF_SECRETS }"
        << "workspace.yaml:3: password: the environment variable 'HOME_OF_SECRETS' of a secret must begin with SG_";
    QTest::newRow("in a property") << "properties: { sasl.password: { env: SG_X } }"
                                   << "";
    QTest::newRow("in a property, of another program")
        << "properties: { sasl.password: { env: HOME_OF_SECRETS } }"
        << "workspace.yaml:3: the environment variable 'HOME_OF_SECRETS' of a secret must begin with SG_";
    QTest::newRow("of a keychain")
        << "password: { keychain: x }"
        << "workspace.yaml:3: password: a secret from a keychain is not in this version; { env: SG_NAME } or { file: PATH }";
    QTest::newRow("both") << "password: { env: SG_X, file: /run/x }"
                          << "workspace.yaml:3: password is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }";
    QTest::newRow("no name") << "properties: { sasl.password: { env: } }"
                             << "workspace.yaml:3: a secret is given by reference only: { env: SG_NAME } or { file: PATH }";
}

void TestSecretNames::ofSources()
{
    QFETCH(QString, settings);
    QFETCH(QString, says);
    const QString faults = faultsOf(read(settings.toStdString()));
    QCOMPARE(faults, says);
    QVERIFY(!faults.contains(QStringLiteral("top secret text")));
}

void TestSecretNames::ofRoutes_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("says");
    QTest::newRow("a token") << R"(url: "https://r/x", token: { env: SG_X })"
                             << "";
    QTest::newRow("of another program") << R"(url: "https://r/x", token: { env: HOME_OF_SECRETS })"
                                        << "routes.yaml:3: the environment variable 'HOME_OF_SECRETS' of a secret must begin with SG_";
    QTest::newRow("a header") << R"(url: "https://r/x", headers: { X-Key: { env: HOME_OF_SECRETS } })"
                              << "routes.yaml:3: the environment variable 'HOME_OF_SECRETS' of a secret must begin with SG_";
    QTest::newRow("an address") << "url: { env: HOME_OF_SECRETS }"
                                << "routes.yaml:3: the environment variable 'HOME_OF_SECRETS' of a secret must begin with SG_";
    QTest::newRow("the receiver's own words") << R"(url: "https://r/x", body: { env: HOME_OF_SECRETS })"
                                              << "";
}

void TestSecretNames::ofRoutes()
{
    QFETCH(QString, settings);
    QTEST(faultsOf(read("password: { env: SG_X }", settings.toStdString())), "says");
}

void TestSecretNames::filesAreNamedFromTheWorkspaceOn()
{
    const Workspace workspace = read("password: { file: ../secrets/kafka }, properties: { sasl.password: { file: /run/x } }");
    QCOMPARE(faultsOf(workspace), QString());
    QCOMPARE(workspace.sources.at(0).settings["password"].text("file"), std::string("/secrets/kafka"));
    QCOMPARE(workspace.sources.at(0).settings["properties"]["sasl.password"].text("file"), std::string("/run/x"));
    QCOMPARE(workspace.sources.at(0).declaration["kafka"]["password"].text("file"), std::string("../secrets/kafka"));
}

QTEST_GUILESS_MAIN(TestSecretNames)
#include "tst_secretnames.moc"
