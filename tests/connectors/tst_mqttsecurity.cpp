#include "connectors/mqtt/mqttsource.h"

#include "connectors/mqttside.h"

#include <QFile>
#include <QProcess>
#include <QtTest>

#include <filesystem>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

// Takes connections one by one, and answers the first bytes of each with what `answer` gives for them: a broker of another kind.
class OddServer
{
public:
    explicit OddServer(std::function<std::string(std::string_view)> answer)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
        , m_answer(std::move(answer))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(m_socket, reinterpret_cast<sockaddr *>(&address), size) == 0 && ::listen(m_socket, 16) == 0
            && ::getsockname(m_socket, reinterpret_cast<sockaddr *>(&address), &size) == 0)
            m_address = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        m_thread = std::jthread([this](const std::stop_token &stop) { serve(stop); });
    }
    ~OddServer()
    {
        m_thread.request_stop();
        m_thread.join();
        ::close(m_socket);
    }
    OddServer(const OddServer &) = delete;
    OddServer &operator=(const OddServer &) = delete;
    [[nodiscard]] const std::string &address() const { return m_address; }

private:
    void serve(const std::stop_token &stop)
    {
        while (!stop.stop_requested()) {
            pollfd wait{m_socket, POLLIN, 0};
            if (::poll(&wait, 1, 50) != 1)
                continue;
            const int fd = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
            char bytes[4096];
            const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
            const std::string answer = m_answer({bytes, n > 0 ? static_cast<std::size_t>(n) : 0});
            if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0)
                static_cast<void>(::recv(fd, bytes, sizeof bytes, 0)); // until the other side has seen it
            ::close(fd);
        }
    }

    const int m_socket;
    const std::function<std::string(std::string_view)> m_answer;
    std::string m_address;
    std::jthread m_thread;
};

// The level of a CONNECT: 3, 4 or 5; 0 for anything else.
int levelOf(std::string_view packet)
{
    const std::size_t name = packet.size() > 4 && packet[0] == '\x10' ? static_cast<unsigned char>(packet[3]) : 0;
    return packet.size() > 4 + name && name > 0 ? packet[4 + name] : 0;
}

}

class MqttSecurityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"mosquitto"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        states = std::make_unique<QTemporaryDir>();
        qputenv("SG_TEST_SECRET", (*stack)["SG_MQTT_PASSWORD"].c_str());
        qputenv("SG_TEST_DENIED", (*stack)["SG_MQTT_DENIED_PASSWORD"].c_str());
        qputenv("SG_TEST_WRONG", "not-the-password");
        // The files of TLS have to lie in the workspace.
        m_folder = states->path().toStdString();
        for (const char *name : {"SG_CA", "SG_WRONG_CA", "SG_CLIENT_CERT", "SG_CLIENT_KEY", "SG_EXPIRED_CLIENT_CERT",
                                 "SG_EXPIRED_CLIENT_KEY", "SG_WRONG_CLIENT_CERT", "SG_WRONG_CLIENT_KEY"})
            std::filesystem::copy_file((*stack)[name], m_folder + "/" + name);
        QCOMPARE(
            QProcess::execute(QStringLiteral("openssl"),
                              {QStringLiteral("ec"), QStringLiteral("-aes256"), QStringLiteral("-passout"), QStringLiteral("pass:x1234"),
                               QStringLiteral("-in"), QString::fromStdString(m_folder + "/SG_CLIENT_KEY"), QStringLiteral("-out"),
                               QString::fromStdString(m_folder + "/LOCKED")}),
            0);
    }
    void cleanupTestCase()
    {
        stack.reset();
        states.reset();
    }

    void namesTheStepThatFailed_data();
    void namesTheStepThatFailed();
    void tellsOtherServersApart_data();
    void tellsOtherServersApart();
    void readsWithACertificateOfItsOwn();
    void readsWhatIsAllowedAndNamesTheRest_data();
    void readsWhatIsAllowedAndNamesTheRest();

private:
    std::string m_folder;
};

// Row: settings as "key=value ..." in which values that begin with $ are the stack's; what is said, "" for success.
void MqttSecurityTest::namesTheStepThatFailed_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *settings, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(settings) << QString::fromLatin1(says);
    };
    row("in the open", "broker=$SG_MQTT_URL", "");
    row("in the open, 3.1.1", "broker=$SG_MQTT_URL version=4", "");
    row("in the open, 3.1", "broker=$SG_MQTT_URL version=3", "");
    row("with a password", "broker=$SG_MQTT_URL user=$SG_MQTT_USER password=SG_TEST_SECRET", "");
    row("with TLS", "broker=$SG_MQTT_TLS_URL ca=SG_CA user=$SG_MQTT_USER password=SG_TEST_SECRET", "");
    row("with a certificate", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_CLIENT_CERT key=SG_CLIENT_KEY", "");
    row("no such name", "broker=tcp://no-such-host.invalid:1883", "mqtt: resolve: no-such-host.invalid:1883 cannot be resolved here");
    row("nobody listens", "broker=tcp://127.0.0.1:9", "mqtt: TCP: 127.0.0.1:9 refuses connections");
    row("wrong password", "broker=$SG_MQTT_URL user=$SG_MQTT_USER password=SG_TEST_WRONG", "mqtt: login: %1 refuses this user or password");
    row("wrong password, 3.1.1", "broker=$SG_MQTT_URL version=4 user=$SG_MQTT_USER password=SG_TEST_WRONG",
        "mqtt: login: %1 refuses this user or password");
    row("wrong user, over TLS", "broker=$SG_MQTT_TLS_URL ca=SG_CA user=nobody password=SG_TEST_SECRET",
        "mqtt: login: %1 refuses this user or password");
    row("not authorised", "broker=$SG_MQTT_URL user=$SG_MQTT_DENIED_USER password=SG_TEST_DENIED topics=denied/{line}",
        "mqtt: authorisation: this user may not subscribe to 'denied/+'");
    row("not authorised, 3.1.1", "broker=$SG_MQTT_URL version=4 user=$SG_MQTT_DENIED_USER password=SG_TEST_DENIED topics=denied/{line}",
        "mqtt: authorisation: this user may not subscribe to 'denied/+'");
    row("other authority", "broker=$SG_MQTT_TLS_URL ca=SG_WRONG_CA",
        "mqtt: TLS: the certificate of %1 is not trusted: another authority than that in ca has signed it");
    row("no authority", "broker=$SG_MQTT_TLS_URL",
        "mqtt: TLS: the certificate of %1 is not trusted: no authority that this machine knows has signed it; give");
    row("expired", "broker=$SG_MQTT_EXPIRED_URL ca=SG_CA", "mqtt: TLS: the certificate of %1 has expired; it has to be renewed there");
    row("wrong name", "broker=$SG_MQTT_WRONG_NAME_URL ca=SG_CA",
        "mqtt: TLS: the certificate of %1 is not made out to this name, but to: elsewhere.invalid;");
    row("no certificate of ours", "broker=$SG_MQTT_MTLS_URL ca=SG_CA",
        "mqtt: TLS: %1 wants a certificate of its clients; give certificate and key");
    row("ours has expired", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_EXPIRED_CLIENT_CERT key=SG_EXPIRED_CLIENT_KEY",
        "mqtt: TLS: %1 refuses our certificate because it has expired; renew it");
    row("ours is of another authority", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_WRONG_CLIENT_CERT key=SG_WRONG_CLIENT_KEY",
        "mqtt: TLS: %1 refuses our certificate because no authority that it knows has signed it");
    row("key of another certificate", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_CLIENT_CERT key=SG_WRONG_CLIENT_KEY",
        "mqtt: TLS: the key does not belong to the certificate");
    row("locked key", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_CLIENT_CERT key=LOCKED",
        "mqtt: TLS: the key is protected by a pass phrase");
    row("no key", "broker=$SG_MQTT_MTLS_URL ca=SG_CA certificate=SG_CLIENT_CERT",
        "mqtt: TLS: the file of certificate holds no private key");
    row("ca is a key", "broker=$SG_MQTT_MTLS_URL ca=SG_CLIENT_KEY", "mqtt: TLS: the file of ca holds no certificate");
    row("in the open at a port of TLS", "broker=$SG_MQTT_TLS_URL scheme=tcp",
        "mqtt: login: %1 speaks TLS at this port; write ssl:// for tcp://");
    row("TLS at a port in the open", "broker=$SG_MQTT_URL scheme=ssl ca=SG_CA",
        "mqtt: TLS: %1 speaks MQTT without TLS at this port; write tcp:// for ssl://");
}

void MqttSecurityTest::namesTheStepThatFailed()
{
    QFETCH(QString, settings);
    QFETCH(QString, says);
    SourceSpec spec = specFor({"secured/{line}"});
    spec.folder = m_folder;
    for (const QString &part : settings.split(u' ')) {
        const std::string key = part.section(u'=', 0, 0).toStdString();
        std::string value = part.section(u'=', 1).toStdString();
        if (value.starts_with('$'))
            value = (*stack)[value.substr(1)];
        if (key == "scheme")
            setting(spec, "broker").scalar.replace(0, 3, value);
        else
            setting(spec, key) = key == "password" ? map({{"env", scalar(value)}}) : key == "topics" ? list({value}) : scalar(value);
    }
    says.replace(QStringLiteral("%1"), QString::fromStdString(spec.settings.text("broker")));
    std::string steps;
    const auto tried = mqttKind().test(spec, [&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    QVERIFY2(static_cast<bool>(tried) == says.isEmpty(), tried ? steps.c_str() : tried.error().plain().c_str());
    Reading reading(mqttKind(), spec);
    std::string said = steps;
    if (says.isEmpty()) {
        QVERIFY2(steps.find("subscribed to secured/+") != std::string::npos, steps.c_str());
        QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    } else {
        QVERIFY2(tried.error().plain().starts_with(says.toStdString()), tried.error().plain().c_str());
        QVERIFY2(reading.until([&] { return !reading.ends.empty(); }, 20s), reading.explain().c_str());
        QCOMPARE(QString::fromStdString(reading.ends.front()), QString::fromStdString(tried.error().plain()));
        said += tried.error().plain() + reading.ends.front();
    }
    for (const std::string &secret : {std::string("not-the-password"), (*stack)["SG_MQTT_PASSWORD"], (*stack)["SG_MQTT_DENIED_PASSWORD"]})
        QVERIFY(said.find(secret) == std::string::npos);
}

void MqttSecurityTest::tellsOtherServersApart_data()
{
    QTest::addColumn<QString>("server");
    QTest::addColumn<QString>("says");
    const auto row
        = [](const char *server, const char *says) { QTest::newRow(server) << QString::fromLatin1(server) << QString::fromLatin1(says); };
    row("only 3.1.1, and says so", "mqtt: login: %1 does not speak MQTT 5; write version: 4");
    row("only 3.1.1, and hangs up", "mqtt: login: %1 does not speak MQTT 5; write version: 4");
    row("wants a user", "mqtt: login: %1 lets nobody in without a user; give user and password");
    row("is full", "mqtt: login: %1 is not ready, or has no room for more clients");
    row("a web server", "mqtt: login: what answers at %1 is no MQTT broker (HTTP/1.1 400");
    row("hangs up", "mqtt: login: %1 takes connections and ends them before its first word");
    row("silent", "mqtt: login: %1 takes connections and says nothing");
}

void MqttSecurityTest::tellsOtherServersApart()
{
    QFETCH(QString, says);
    const std::string server = QTest::currentDataTag();
    const auto answer = [&server](std::string_view packet) -> std::string {
        const int level = levelOf(packet);
        const auto connack = [](char code) { return std::string("\x20\x02\0", 3) + code; };
        if (server.starts_with("only 3.1.1"))
            return level == 4 ? connack(0) : level == 5 && server.ends_with("says so") ? connack(1) : std::string();
        if (server == "wants a user")
            return level == 5 ? std::string("\x20\x03\0\x87\0", 5) : std::string();
        if (server == "is full")
            return level == 5 ? std::string("\x20\x03\0\x89\0", 5) : std::string();
        return server == "a web server" ? "HTTP/1.1 400 Bad Request\r\n\r\n" : "";
    };
    const OddServer other(answer);
    const SilentServer silent;
    SourceSpec spec = specFor({"a/{line}"});
    setting(spec, "broker") = scalar("tcp://" + (server == "silent" ? silent.address() : other.address()));
    says.replace(QStringLiteral("%1"), QString::fromStdString(spec.settings.text("broker")));
    const auto tried = mqttKind().test(spec, [](const Error &) {}, {});
    QVERIFY(!tried);
    QVERIFY2(tried.error().plain().starts_with(says.toStdString()), tried.error().plain().c_str());
}

void MqttSecurityTest::readsWithACertificateOfItsOwn()
{
    SourceSpec spec = specFor({"own/{line}"});
    spec.folder = m_folder;
    setting(spec, "broker") = scalar((*stack)["SG_MQTT_MTLS_URL"]);
    setting(spec, "ca") = scalar("SG_CA");
    setting(spec, "certificate") = scalar("SG_CLIENT_CERT");
    setting(spec, "key") = scalar("SG_CLIENT_KEY");
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher().sendNumbers("own/L1", 100, 1);
    QVERIFY2(reading.untilRows(100), reading.explain().c_str());
    QCOMPARE(reading.rows.back().value, 99.0);
}

void MqttSecurityTest::readsWhatIsAllowedAndNamesTheRest_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::addColumn<QByteArray>("topics");
    for (const char *version : {"5", "4"}) {
        QTest::addRow("denied first, version %s", version)
            << QByteArray(version) << QByteArray("denied/{line} granted/{line} other/{line}");
        QTest::addRow("denied last, version %s", version)
            << QByteArray(version) << QByteArray("a/{line} granted/{line} denied/{line}");
    }
}

void MqttSecurityTest::readsWhatIsAllowedAndNamesTheRest()
{
    QFETCH(QByteArray, version);
    QFETCH(QByteArray, topics);
    std::vector<std::string> names;
    for (const QByteArray &topic : topics.split(' '))
        names.push_back(topic.toStdString());
    SourceSpec spec = specFor(names, "1", version.constData());
    setting(spec, "user") = scalar((*stack)["SG_MQTT_DENIED_USER"]);
    setting(spec, "password") = map({{"env", scalar("SG_TEST_DENIED")}});
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    QCOMPARE(reading.status.notes.size(), 1U);
    QCOMPARE(QString::fromStdString(reading.status.notes.front().plain()),
             QStringLiteral("mqtt: authorisation: this user may not subscribe to 'denied/+'; ask who runs the broker"));
    Publisher().sendNumbers("granted/L1", 10, 1);
    QVERIFY2(reading.untilRows(10), reading.explain().c_str());
    reading.settle(200ms);
    QCOMPARE(reading.rows.size(), 10U);
}

QTEST_GUILESS_MAIN(MqttSecurityTest)
#include "tst_mqttsecurity.moc"
