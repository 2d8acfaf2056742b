#include "core/times.h"
#include "core/weburl.h"
#include "workspace/workspace.h"

#include <QtTest>

using namespace sg;

// routes.yaml as values, and what is said about its faults.
class TestRoutes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsARoute();
    void aSubjectIsInTheLanguageOfTheMachine();
    void readsAHeartbeat();
    void aUrlMayBeASecret();
    void faults_data();
    void faults();
    void aBrokenFileIsToldFromAnEmptyOne();
};

namespace {

constexpr Field KafkaFields[] = {
    {.key = "brokers", .type = FieldType::Texts, .isRequired = true},
    {.key = "topics", .type = FieldType::Texts, .isRequired = true},
    {.key = "properties", .type = FieldType::Map},
    {.key = "start", .type = FieldType::Text},
};

std::vector<Error> checkBrokers(const SourceSpec &spec)
{
    if (readTexts(spec.settings["topics"]).size() != 1 || spec.settings.has("topic"))
        return {spec.settings.error("not asked as a source")};
    if (spec.settings["properties"].has("sasl.kerberos.kinit.cmd"))
        return {spec.settings.error("refused property")};
    return {};
}

const SourceCatalog &catalog()
{
    static const SourceCatalog kinds{
        {"kafka", {.name = "kafka", .fields = KafkaFields, .check = checkBrokers}},
        {"demo", {.name = "demo"}},
    };
    return kinds;
}

Workspace read(const std::string &routes)
{
    const std::map<std::string, std::string> files{
        {"workspace.yaml",
         "format: 1\nname: Plant 3\nzone: Asia/Seoul\nconnections:\n"
         "  - id: mail\n    smtp: { host: mail.example, user: sg, password: { env: SG_MAIL }, from: sg@plant.example }\n"
         "  - id: plant-kafka\n    kafka: { brokers: [\"127.0.0.1:9092\"], start: earliest }\n"
         "sources:\n  - { id: press, demo: {}, path: [line] }\n"},
        {"rules/a.yaml", "format: 1\nrules:\n  - { id: hot, series: press/*/temp, high: { limit: 80 }, priority: high, action: look }\n"},
        {"routes.yaml", routes}};
    const auto workspace = readWorkspaceFiles(files, catalog());
    return workspace ? *workspace : Workspace();
}

QByteArray said(const Workspace &workspace)
{
    std::string all;
    for (const Error &error : workspace.errors)
        all += (all.empty() ? "" : "\n") + error.plain();
    return QByteArray::fromStdString(all);
}

}

void TestRoutes::readsARoute()
{
    const Workspace workspace = read(R"(format: 1
routes:
  - id: night-shift
    smtp: { use: mail, to: ["shift@plant.example"] }
    only: { area: [Press shop], priority: [high, urgent], rule: hot }
    after: 2min
    repeat: 15min
    hours: { days: [mon, tue], from: "20:00", to: "06:00" }
    audience: operator
  - id: log
    kafka: { use: plant-kafka, topic: alarms, body: { text: "{name} {value}", list: ["{key}"] } }
  - id: later
    pager: { number: 5 }
)");
    QCOMPARE(said(workspace),
             QByteArray("routes.yaml:13: route 'later': 'pager' is not in this version; it keeps its text and tells nobody"));
    QCOMPARE(workspace.routes.routes.size(), std::size_t(3));
    const RouteSpec &night = workspace.routes.routes[0];
    QCOMPARE(night.target.id, std::string("night-shift"));
    QCOMPARE(night.target.kind, std::string("smtp"));
    QCOMPARE(night.target.settings.text("host"), std::string("mail.example"));
    QCOMPARE(night.areas, std::vector<std::string>{"Press shop"});
    QCOMPARE(night.rules, std::vector<std::string>{"hot"});
    QCOMPARE(night.priorities, (std::vector<Priority>{Priority::High, Priority::Urgent}));
    QCOMPARE(night.audience, std::vector<Audience>{Audience::Operator});
    QCOMPARE(night.after, Micros(std::chrono::minutes(2)));
    QCOMPARE(night.repeat, Micros(std::chrono::minutes(15)));
    QCOMPARE(night.hours->zone, std::string("Asia/Seoul"));
    const RouteSpec &log = workspace.routes.routes[1];
    QVERIFY(!log.target.settings.has("start")); // of the connection, and only sources know it
    QCOMPARE(log.target.settings.text("topic"), std::string("alarms"));
    QVERIFY(!workspace.routes.routes[2].isKnown);
    QCOMPARE(workspace.routes.routes[2].target.settings.text("number"), std::string("5"));
}

void TestRoutes::aSubjectIsInTheLanguageOfTheMachine()
{
    const auto subject = [](const char *locale) {
        qputenv("LC_ALL", locale);
        const Workspace workspace
            = read("format: 1\nroutes:\n  - { id: r, smtp: { use: mail, to: [a@b], subject: { en: \"Alarm {name}\", ko: "
                   "\"경보 {name}\" } } }\n");
        qunsetenv("LC_ALL");
        return workspace.routes.routes.size() == 1 && workspace.errors.empty() ? workspace.routes.routes[0].target.settings.text("subject")
                                                                               : said(workspace).toStdString();
    };
    QCOMPARE(subject("ko_KR.UTF-8"), std::string("경보 {name}"));
    QCOMPARE(subject("C.UTF-8"), std::string("Alarm {name}"));
}

void TestRoutes::readsAHeartbeat()
{
    const Workspace workspace
        = read("format: 1\nheartbeats:\n  - { id: dog, every: 10s, http: { url: \"https://dog.example/ping\", method: GET } }\n");
    QCOMPARE(said(workspace), QByteArray());
    QCOMPARE(workspace.routes.heartbeats.size(), std::size_t(1));
    QCOMPARE(workspace.routes.heartbeats[0].every, Micros(std::chrono::seconds(10)));
}

// Chat services have their secret in the path.
void TestRoutes::aUrlMayBeASecret()
{
    const Workspace workspace = read("format: 1\nroutes:\n  - { id: r, http: { url: { env: SG_HOOK } } }\n"
                                     "  - { id: s, http: { url: \"https://chat.example:8443/T0/B0/xyzzy?k=plugh\" } }\n");
    QCOMPARE(said(workspace), QByteArray());
    QCOMPARE(workspace.routes.routes.size(), std::size_t(2));
    for (const char *url : {"https://", "http://a b", "https://a/b\r\nX: y", "https://me@a/b", "ftp://a"})
        QVERIFY2(!isWebUrl(url), url);
    QCOMPARE(placeOfUrl("https://chat.example:8443?k=plugh"), std::string("https://chat.example:8443"));
}

void TestRoutes::faults_data()
{
    QTest::addColumn<std::string>("item");
    QTest::addColumn<std::string>("error");
    const auto row
        = [](const char *name, const char *item, const char *error) { QTest::newRow(name) << std::string(item) << std::string(error); };
    row("no id", "{ http: { url: \"https://a/b\" } }", "route: 'id' is missing");
    row("no kind", "{ id: r, after: 2min }", "'r' does not say whom it tells: expected one of smtp, http, mqtt, kafka");
    row("a misspelt kind", "{ id: r, htpp: {}, http: { url: \"https://a/b\" } }", "unknown key 'htpp'; did you mean 'http'?");
    row("a misspelt key", "{ id: r, http: { url: \"https://a/b\" }, aftr: 2min }", "unknown key 'aftr'; did you mean 'after'?");
    row("two kinds", "{ id: r, http: { url: \"https://a/b\" }, kafka: {} }", "'r' has both http and kafka; it tells one receiver");
    row("a file as URL", "{ id: r, http: { url: \"file:///etc/passwd\" } }",
        "url is not https://host/path or http://host/path, or a secret's { env: SG_NAME } or { file: PATH }; a user or password has no "
        "place in it");
    row("a password in the URL", "{ id: r, http: { url: \"https://me:secret@a/b\" } }",
        "url is not https://host/path or http://host/path, or a secret's { env: SG_NAME } or { file: PATH }; a user or password has no "
        "place in it");
    row("a header in a header", "{ id: r, http: { url: \"https://a/b\", headers: { X-A: \"a\\nX-B: b\" } } }",
        "X-A takes one line without control characters");
    row("a name that is no header", "{ id: r, http: { url: \"https://a/b\", headers: { \"X A\": a } } }",
        "headers: 'X A' is no name with one text, or with { env: SG_NAME } or { file: PATH }");
    row("a literal token", "{ id: r, http: { url: \"https://a/b\", token: abc } }",
        "token is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }");
    row("a body with a name that nobody knows", "{ id: r, http: { url: \"https://a/b\", body: { a: [\"{valu}\"] } } }",
        "there is nothing that {valu} stands for; did you mean {value}?");
    row("GET", "{ id: r, http: { url: \"https://a/b\", method: GET } }", "method: a GET carries no message; GET is for heartbeats");
    row("injection in an address", "{ id: r, smtp: { use: mail, to: [\"a@b\\nBcc: c@d\"] } }",
        "to: 'a@b\\nBcc: c@d' is no address such as name@host");
    row("a language that there is not", "{ id: r, smtp: { use: mail, to: [a@b], subject: { fr: Alarme } } }",
        "subject takes a text, or one text per language: { en: TEXT, ko: TEXT, ja: TEXT }");
    row("a name that nobody knows in one language", "{ id: r, smtp: { use: mail, to: [a@b], subject: { en: \"{valu}\" } } }",
        "there is nothing that {valu} stands for; did you mean {value}?");
    row("injection in a subject", "{ id: r, smtp: { use: mail, to: [a@b], subject: \"a\\nBcc: c@d\" } }",
        "subject takes one line without control characters");
    row("password in clear text", "{ id: r, smtp: { use: mail, to: [a@b], security: none } }",
        "security: none would send the password to everybody on the way; use starttls or tls");
    row("connection of another kind", "{ id: r, smtp: { use: plant-kafka, to: [a@b] } }",
        "the connection 'plant-kafka' is of kind kafka, and smtp is needed here");
    row("nobody to tell", "{ id: r, smtp: { use: mail } }", "'to' is missing");
    row("topic with a wildcard", "{ id: r, mqtt: { broker: \"tcp://a:1\", topic: \"a/#\" } }",
        "topic: 'a/#' is none that can be published to; it holds no + and #");
    row("what a source may not have", "{ id: r, kafka: { use: plant-kafka, topic: a, properties: { sasl.kerberos.kinit.cmd: x } } }",
        "refused property");
    row("a time-out of nothing", "{ id: r, http: { url: \"https://a/b\", timeout: 0s } }", "timeout: '0s' is not within 1s and 5min");
    row("a rule that is none", "{ id: r, http: { url: \"https://a/b\" }, only: { rule: hott } }",
        "there is no rule 'hott'; did you mean 'hot'?");
    row("a priority that is none", "{ id: r, http: { url: \"https://a/b\" }, only: { priority: [top] } }",
        "'top' is not one of low, medium, high, urgent");
    row("hours of nowhere", "{ id: r, http: { url: \"https://a/b\" }, hours: { from: \"25:00\", to: \"06:00\" } }",
        "from: '25:00' is no time of the day; expected one such as 06:00");
    row("repeat without end", "{ id: r, http: { url: \"https://a/b\" }, repeat: 0s }", "repeat: '0s' is not within 1 s and 7 d");
    row("after that never comes", "{ id: r, http: { url: \"https://a/b\" }, after: 30d }", "after: '30d' is not within 0 s and 7 d");
}

void TestRoutes::faults()
{
    QFETCH(const std::string, item);
    QFETCH(const std::string, error);
    const Workspace workspace = read("format: 1\nroutes:\n  - " + item + "\n  - { id: well, http: { url: \"https://a/b\" } }\n");
    QVERIFY2(workspace.errors.size() == 1, said(workspace));
    QCOMPARE(QByteArray::fromStdString(Error({workspace.errors[0].text, workspace.errors[0].args, {}}).plain()),
             QByteArray::fromStdString(error));
    QVERIFY2(workspace.errors[0].place == "routes.yaml:3" || error == "'to' is missing" || error.find("clear text") != std::string::npos
                 || error.starts_with("security"),
             workspace.errors[0].place.c_str());
    QCOMPARE(workspace.routes.routes.size(), std::size_t(1)); // the other one is none the worse
}

void TestRoutes::aBrokenFileIsToldFromAnEmptyOne()
{
    QVERIFY(!read("format: 1\n").routes.isFileRefused);
    QVERIFY(read("format: 1\nroutes: { a: 1 }\n").routes.isFileRefused);
    QVERIFY(read("routes: [\n").routes.isFileRefused);
    QCOMPARE(read("format: 1\nroutes:\n  - { id: r, smtp: {} }\n").routes.refused, std::vector<std::string>{"r"});
    QCOMPARE(read("format: 1\nheartbeats:\n  - { id: dog, every: 1, mqtt: {} }\n").routes.refused, std::vector<std::string>{"dog"});
    QVERIFY(read("format: 1\nheartbeats:\n  - { every: 30s, http: { url: \"https://a/b\" } }\n").routes.isFileRefused);
    QVERIFY(read("format: 1\nroutes:\n  - { id: \"n?\", http: { url: \"https://a/b\" } }\n").routes.isFileRefused);
}

QTEST_APPLESS_MAIN(TestRoutes)
#include "tst_routes.moc"
