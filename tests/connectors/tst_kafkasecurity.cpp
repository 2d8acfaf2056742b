#include "connectors/kafka/kafkareach.h"
#include "connectors/kafka/kafkasource.h"
#include "connectors/kafka/kafkatoken.h"

#include "connectors/kafkaside.h"
#include "connectors/kafkaspec.h"
#include "core/browse.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

std::unique_ptr<Stack> stack;

const char *const Topic = "secured";

bool canScram()
{
    return rd_kafka_version() >= 0x020601FF; // before, librdkafka repeats its nonce
}

std::string fileOf(const std::string &variable)
{
    return std::filesystem::path((*stack)[variable]).filename();
}

// TLS and PLAIN, as it works.
SourceSpec securedSpec()
{
    SourceSpec spec = kafkaSpec({}, {Topic}, "earliest");
    useSasl(spec, *stack, "SG_CA");
    return spec;
}

void setBrokers(SourceSpec &spec, const std::string &variable)
{
    setKey(spec.settings, "brokers", list({(*stack)[variable]}));
}

// A token without a signature, as the test's broker takes it.
std::string tokenOf(std::chrono::system_clock::time_point expires)
{
    const auto coded = [](const QByteArray &text) {
        return text.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals).toStdString();
    };
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
    return coded(R"({"alg":"none"})") + '.'
        + coded(R"({"sub":"sightglass","iat":)" + QByteArray::number(qint64(seconds - 3600)) + R"(,"exp":)"
                + QByteArray::number(qint64(seconds)) + "}")
        + '.';
}

void write(const std::string &path, const std::string &text)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), qint64(text.size())) != qint64(text.size()))
        throw std::runtime_error("cannot write " + path);
}

struct Way
{
    const char *name;
    std::function<void(SourceSpec &spec)> change;
    std::string says; // empty: it works
};

std::vector<Way> ways()
{
    const auto mechanism = [](const char *name, const char *secret = "SG_TEST_SECRET") {
        return [=](SourceSpec &spec) {
            setKafkaProperty(spec, "sasl.mechanism", scalar(name));
            setKafkaProperty(spec, "sasl.password", secretOf(secret));
        };
    };
    const auto brokers = [](const char *variable) { return [=](SourceSpec &spec) { setBrokers(spec, variable); }; };
    const auto client = [](const char *variable) { // by certificate alone
        return [=](SourceSpec &spec) {
            setBrokers(spec, "SG_KAFKA_MTLS_BROKERS");
            setKafkaProperty(spec, "security.protocol", scalar("SSL"));
            for (const char *login : {"sasl.mechanism", "sasl.username", "sasl.password"})
                setKafkaProperty(spec, login, {});
            if (variable == nullptr)
                return;
            setKafkaProperty(spec, "ssl.certificate.location", scalar(fileOf(std::string(variable) + "_CERT")));
            setKafkaProperty(spec, "ssl.key.location", scalar(fileOf(std::string(variable) + "_KEY")));
        };
    };
    const auto protocol = [](const char *name, const char *variable) {
        return [=](SourceSpec &spec) {
            setKafkaProperty(spec, "security.protocol", scalar(name));
            setBrokers(spec, variable);
        };
    };
    const char *const scram = canScram() ? "" : "before 2.6.1, cannot log in to Kafka 4 with SCRAM, because it repeats";
    return {
        {"PLAIN over TLS", [](SourceSpec &) {}, {}},
        {"SCRAM-SHA-256", mechanism("SCRAM-SHA-256"), scram},
        {"SCRAM-SHA-512", mechanism("SCRAM-SHA-512"), scram},
        {"client certificate", client("SG_CLIENT"), {}},
        {"wrong password", mechanism("PLAIN", "SG_TEST_WRONG"), "login: the broker refuses this user or password"},
        {"wrong password, SCRAM", mechanism("SCRAM-SHA-512", "SG_TEST_WRONG"), "login: the broker refuses this user or password"},
        {"unknown authority", [](SourceSpec &spec) { setKafkaProperty(spec, "ssl.ca.location", scalar(fileOf("SG_WRONG_CA"))); },
         "certificate is not trusted, for no authority known here has signed it"},
        {"expired", brokers("SG_KAFKA_EXPIRED_BROKERS"), "TLS: the broker's certificate has expired"},
        {"another name", brokers("SG_KAFKA_WRONG_NAME_BROKERS"), "TLS: the broker's certificate is for another name"},
        {"TLS to a port without", protocol("SASL_SSL", "SG_KAFKA_BROKERS"), "TLS: this port of the broker speaks no TLS"},
        {"no TLS to a port with", protocol("SASL_PLAINTEXT", "SG_KAFKA_SASL_BROKERS"), "if this is its TLS port"},
        {"no login where one is wanted", protocol("SSL", "SG_KAFKA_SASL_BROKERS"), "as a port does that wants a login"},
        {"login where none is wanted", protocol("SASL_PLAINTEXT", "SG_KAFKA_BROKERS"), "login: the broker asks for no login on this port"},
        {"no client certificate", client(nullptr), "TLS: the broker refuses our certificate, or wants one"},
        {"expired client certificate", client("SG_EXPIRED_CLIENT"), "TLS: the broker refuses our certificate"},
        {"client certificate of another authority", client("SG_WRONG_CLIENT"), "TLS: the broker refuses our certificate"},
        {"unknown name", [](SourceSpec &spec) { setKey(spec.settings, "brokers", list({"kafka-9.invalid:9092"})); },
         "resolve: kafka-9.invalid:9092 cannot be resolved here"},
        {"refused", [](SourceSpec &spec) { setKey(spec.settings, "brokers", list({"127.0.0.1:1"})); },
         "TCP: 127.0.0.1:1 refuses connections"},
    };
}

}

class KafkaSecurityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        qputenv("SG_TEST_SECRET", (*stack)["SG_KAFKA_PASSWORD"].c_str());
        qputenv("SG_TEST_DENIED", (*stack)["SG_KAFKA_DENIED_PASSWORD"].c_str());
        qputenv("SG_TEST_WRONG", "not-the-password");
        KafkaSide side((*stack)["SG_KAFKA_BROKERS"]);
        for (const char *topic : {Topic, "denied.orders", "hidden.orders"}) {
            side.createTopic(topic, 1);
            side.sendNumbers(topic, 1, 10);
        }
    }
    void cleanupTestCase() { stack.reset(); }

    void namesTheStep_data();
    void namesTheStep();
    void saysThatNothingIsChecked();
    void knowsASilentPort();
    void readsAddresses();
    void namesAnAddressThatIsAnnounced();
    void namesAMissingRight_data();
    void namesAMissingRight();
    void readsClaims();
    void readsATokenAgain();
    void namesAnExpiredToken();
    void refusesTokensByName_data();
    void refusesTokensByName();
};

void KafkaSecurityTest::namesTheStep_data()
{
    QTest::addColumn<int>("way");
    int number = 0;
    for (const Way &way : ways())
        QTest::newRow(way.name) << number++;
}

void KafkaSecurityTest::namesTheStep()
{
    QFETCH(int, way);
    const Way wanted = ways()[static_cast<std::size_t>(way)];
    SourceSpec spec = securedSpec();
    wanted.change(spec);
    std::string steps;
    const auto say = [&steps](const Error &step) { steps += step.plain() + '\n'; };
    const Mono began = Mono::clock::now();
    const auto tried = kafkaKind().test(spec, say, {});
    QVERIFY(Mono::clock::now() - began < 15s);
    const auto browsed = kafkaKind().browse(spec)->connect(say, {});
    if (wanted.says.empty()) {
        QVERIFY2(tried, (steps + (tried ? "" : tried.error().plain())).c_str());
        QVERIFY2(browsed, browsed ? "" : browsed.error().plain().c_str());
        QVERIFY2(steps.find("TLS: the broker's certificate is trusted") != std::string::npos
                     && steps.find("they can be read") != std::string::npos,
                 steps.c_str());
        Reading reading(kafkaKind(), spec);
        QVERIFY2(reading.untilRows(10), reading.explain().c_str());
        return;
    }
    for (const auto &failed : {tried, browsed}) {
        QVERIFY2(!failed, steps.c_str());
        const std::string said = failed.error().plain();
        QVERIFY2(said.find(wanted.says) != std::string::npos, said.c_str());
        for (const std::string &text : {steps, said}) {
            QVERIFY(text.find("not-the-password") == std::string::npos);
            QVERIFY(text.find((*stack)["SG_KAFKA_PASSWORD"]) == std::string::npos);
        }
    }
}

void KafkaSecurityTest::saysThatNothingIsChecked()
{
    SourceSpec spec = securedSpec();
    setBrokers(spec, "SG_KAFKA_EXPIRED_BROKERS");
    setKafkaProperty(spec, "enable.ssl.certificate.verification", scalar("false"));
    std::string steps;
    const auto tried = kafkaKind().test(spec, [&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    QVERIFY2(tried, tried ? "" : tried.error().plain().c_str());
    QVERIFY2(steps.find("the broker's certificate is not checked") != std::string::npos, steps.c_str());
    Reading reading(kafkaKind(), spec);
    QVERIFY2(reading.untilRows(10), reading.explain().c_str());
    const auto isNoted = [&] {
        return std::ranges::any_of(reading.status.notes,
                                   [](const Error &note) { return note.plain() == "the broker's certificate is not checked"; });
    };
    QVERIFY2(reading.until(isNoted, 5s), reading.explain().c_str());
}

// A port whose connections nobody takes, as behind a firewall that drops them.
void KafkaSecurityTest::knowsASilentPort()
{
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    QVERIFY(bind(server, reinterpret_cast<sockaddr *>(&address), size) == 0 && listen(server, 0) == 0);
    QCOMPARE(getsockname(server, reinterpret_cast<sockaddr *>(&address), &size), 0);
    std::vector<int> waiting; // more than it keeps for later
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        static_cast<void>(::connect(waiting.back(), reinterpret_cast<sockaddr *>(&address), size));
    }
    SourceSpec spec = kafkaSpec("127.0.0.1:" + std::to_string(ntohs(address.sin_port)), {Topic}, "latest");
    const Mono began = Mono::clock::now();
    const auto tried = kafkaKind().test(spec, [](const Error &) {}, {});
    QVERIFY(!tried);
    QVERIFY2(tried.error().plain().find("does not answer within 3 s") != std::string::npos, tried.error().plain().c_str());
    QVERIFY(Mono::clock::now() - began < 5s);
    for (const int one : waiting)
        ::close(one);
    ::close(server);
}

void KafkaSecurityTest::readsAddresses()
{
    QCOMPARE(kafkaAddress("kafka-2:9093").text(), std::string("kafka-2:9093"));
    QCOMPARE(kafkaAddress("kafka-2").text(), std::string("kafka-2:9092"));
    QCOMPARE(kafkaAddress("SASL_SSL://kafka-2:9093").text(), std::string("kafka-2:9093"));
    QCOMPARE(kafkaAddress("[::1]:9093").host, std::string("::1"));
    QCOMPARE(kafkaAddress("[::1]:9093").text(), std::string("[::1]:9093"));
    QCOMPARE(kafkaAddress("::1").text(), std::string("[::1]:9092"));
}

void KafkaSecurityTest::namesAnAddressThatIsAnnounced()
{
    SourceSpec spec = kafkaSpec((*stack)["SG_KAFKA_FAR_BROKERS"], {Topic}, "latest");
    const auto tried = kafkaKind().test(spec, [](const Error &) {}, {});
    QVERIFY(!tried);
    const std::string said = tried.error().plain();
    const std::string port = kafkaAddress((*stack)["SG_KAFKA_FAR_BROKERS"]).port;
    QVERIFY2(said.find("bootstrap answers, broker 1 announces kafka-2.invalid:" + port + ", which cannot be resolved here")
                 != std::string::npos,
             said.c_str());
}

void KafkaSecurityTest::namesAMissingRight_data()
{
    QTest::addColumn<QString>("topic");
    QTest::addColumn<QString>("says");
    QTest::newRow("may be seen") << "denied.orders"
                                 << "authorisation: this user may not read the topic";
    QTest::newRow("may not be seen") << "hidden.orders"
                                     << "authorisation: this user may not see topic 'hidden.orders'";
}

void KafkaSecurityTest::namesAMissingRight()
{
    QFETCH(QString, topic);
    QFETCH(QString, says);
    SourceSpec spec = securedSpec();
    setKey(spec.settings, "topics", list({topic.toStdString()}));
    setKafkaProperty(spec, "sasl.username", scalar((*stack)["SG_KAFKA_DENIED_USER"]));
    setKafkaProperty(spec, "sasl.password", secretOf("SG_TEST_DENIED"));
    const auto tried = kafkaKind().test(spec, [](const Error &) {}, {});
    QVERIFY(!tried);
    QVERIFY2(tried.error().plain().find(says.toStdString()) != std::string::npos, tried.error().plain().c_str());

    BrowseRequest request;
    request.topics = {topic.toStdString()};
    const auto browser = kafkaKind().browse(spec);
    const auto looked = browser->read(request, [](const BrowsedMessage &) { return true; }, {});
    QVERIFY(!looked);
    QVERIFY2(looked.error().plain().find(says.toStdString()) != std::string::npos, looked.error().plain().c_str());
    const auto listed = browser->list(0s, {});
    QVERIFY2(listed, listed ? "" : listed.error().plain().c_str());
    const bool isListed = std::ranges::find(*listed, topic.toStdString(), &BrowsedTopic::name) != listed->end();
    QCOMPARE(isListed, topic.startsWith(QStringLiteral("denied")));

    Reading reading(kafkaKind(), spec); // what stands at the source
    QVERIFY2(reading.until([&] { return reading.why().find("authorisation: this user may not") != std::string::npos; }, 20s),
             reading.explain().c_str());
}

void KafkaSecurityTest::readsClaims()
{
    const auto expires = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const KafkaTokenClaims claims = kafkaTokenClaims(tokenOf(expires));
    QCOMPARE(claims.expires, std::optional(Time(expires)));
    QCOMPARE(claims.subject, std::string("sightglass"));
    for (const char *opaque : {"", "opaque", "a.b.c", "a.e30.c", "..", "a.*.c"}) {
        QVERIFY(!kafkaTokenClaims(opaque).expires);
        QVERIFY(kafkaTokenClaims(opaque).subject.empty());
    }
}

// The first token has expired when the broker comes back; what stands in the file by then is taken.
void KafkaSecurityTest::readsATokenAgain()
{
    const QTemporaryDir folder;
    const std::string file = folder.filePath(QStringLiteral("token")).toStdString();
    const auto began = std::chrono::system_clock::now();
    write(file, tokenOf(began + 12s) + "\n");
    SourceSpec spec = securedSpec();
    setKafkaProperty(spec, "sasl.mechanism", scalar("OAUTHBEARER"));
    setKafkaProperty(spec, "sasl.username", {});
    setKafkaProperty(spec, "sasl.password", {});
    setKey(spec.settings, "token", map({{"file", scalar(file)}}));
    std::string steps;
    const auto tried = kafkaKind().test(spec, [&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    QVERIFY2(tried, tried ? "" : tried.error().plain().c_str());
    QVERIFY2(steps.find("logged in with OAUTHBEARER") != std::string::npos, steps.c_str());
    Reading reading(kafkaKind(), spec);
    QVERIFY2(reading.untilRows(10, 10s), reading.explain().c_str());
    write(file, tokenOf(began + 3600s));
    QVERIFY2(stack->stop("kafka", End::Term), stack->error().c_str());
    reading.until([&] { return std::chrono::system_clock::now() > began + 13s; });
    QVERIFY2(stack->start("kafka"), stack->error().c_str());
    KafkaSide side((*stack)["SG_KAFKA_BROKERS"]);
    side.sendNumbers(Topic, 1, 5, 10);
    QVERIFY2(reading.untilRows(15, 30s), reading.explain().c_str());
    QVERIFY2(reading.ends.empty(), reading.ends.empty() ? "" : reading.ends.front().c_str()); // the same client all the time
}

void KafkaSecurityTest::namesAnExpiredToken()
{
    const QTemporaryDir folder;
    const std::string file = folder.filePath(QStringLiteral("token")).toStdString();
    const std::string token = tokenOf(std::chrono::system_clock::now() - 60s);
    write(file, token);
    SourceSpec spec = securedSpec();
    setKafkaProperty(spec, "sasl.mechanism", scalar("OAUTHBEARER"));
    setKey(spec.settings, "token", map({{"file", scalar(file)}}));
    const auto tried = kafkaKind().test(spec, [](const Error &) {}, {});
    QVERIFY(!tried);
    const std::string said = tried.error().plain();
    QVERIFY2(said.find("login: there is no valid token") != std::string::npos && said.find("has expired at 20") != std::string::npos,
             said.c_str());
    QVERIFY(said.find(token.substr(0, 30)) == std::string::npos);
}

void KafkaSecurityTest::refusesTokensByName_data()
{
    QTest::addColumn<QString>("mechanism");
    QTest::addColumn<bool>("hasToken");
    QTest::addColumn<bool>("isReference");
    QTest::addColumn<QString>("says");
    QTest::newRow("good") << "OAUTHBEARER" << true << true << "";
    QTest::newRow("none") << "OAUTHBEARER" << false << true << "sasl.mechanism OAUTHBEARER needs token";
    QTest::newRow("of another mechanism") << "PLAIN" << true << true << "token belongs to sasl.mechanism OAUTHBEARER";
    QTest::newRow("in the open") << "OAUTHBEARER" << true << false << "token is a secret";
}

void KafkaSecurityTest::refusesTokensByName()
{
    QFETCH(QString, mechanism);
    QFETCH(bool, hasToken);
    QFETCH(bool, isReference);
    QFETCH(QString, says);
    SourceSpec spec = securedSpec();
    setKafkaProperty(spec, "sasl.mechanism", scalar(mechanism.toStdString()));
    if (hasToken)
        setKey(spec.settings, "token", isReference ? map({{"file", scalar("/run/secrets/token")}}) : scalar("eyJhbGciOi"));
    const auto faults = kafkaKind().check(spec); // reads no secret
    QCOMPARE(faults.empty(), says.isEmpty());
    if (!faults.empty())
        QVERIFY2(faults.front().plain().find(says.toStdString()) != std::string::npos, faults.front().plain().c_str());
}

QTEST_GUILESS_MAIN(KafkaSecurityTest)
#include "tst_kafkasecurity.moc"
