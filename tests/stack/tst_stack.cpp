#include "stack/stack.h"

#include <librdkafka/rdkafka.h>
#include <mqtt/client.h>
#include <pqxx/pqxx>

#include <QtTest>

#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;
using sg::test::End;
using sg::test::Stack;

namespace {

const std::vector<std::string> allServers{"kafka", "mosquitto", "postgres"};

int portOf(const std::string &address)
{
    return std::stoi(address.substr(address.rfind(':') + 1));
}

sockaddr_in loopback(int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    return address;
}

bool isListening(int port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    close(fd);
    return connected;
}

bool isListening(const Stack &stack)
{
    return isListening(portOf(stack["SG_KAFKA_BROKERS"])) && isListening(portOf(stack["SG_MQTT_URL"]))
        && isListening(std::stoi(stack["SG_PG_PORT"]));
}

// The next three return nothing when the server answered, and otherwise what the client library said.

rd_kafka_t *kafkaClient(const Stack &stack, rd_kafka_type_t type, bool isSecured, const std::string &ca, const std::string &user,
                        const std::string &password, const char *mechanism, std::string &wrong)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char error[512] = "";
    const auto set = [&](const char *name, const std::string &value) {
        if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK)
            wrong = error;
    };
    set("bootstrap.servers", stack[isSecured ? "SG_KAFKA_SASL_BROKERS" : "SG_KAFKA_BROKERS"]);
    set("log_level", "0");
    if (isSecured) {
        set("security.protocol", "SASL_SSL");
        set("sasl.mechanisms", mechanism ? mechanism : stack["SG_KAFKA_SASL_MECHANISM"]);
        set("sasl.username", user);
        set("sasl.password", password);
        set("ssl.ca.location", ca);
        set("ssl.endpoint.identification.algorithm", "https");
    }
    if (type == RD_KAFKA_CONSUMER) {
        set("group.id", "stack"); // assign() wants one as well
        set("allow.auto.create.topics", "true");
    }
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t *, int, const char *, void *) {});
    rd_kafka_t *client = wrong.empty() ? rd_kafka_new(type, conf, error, sizeof error) : nullptr;
    if (!client) {
        rd_kafka_conf_destroy(conf);
        wrong = wrong.empty() ? error : wrong;
    }
    return client;
}

std::string askKafka(const Stack &stack, bool isSecured, const std::string &ca = {}, const std::string &password = {},
                     const char *mechanism = nullptr)
{
    std::string wrong;
    rd_kafka_t *client = kafkaClient(stack, RD_KAFKA_PRODUCER, isSecured, ca, stack["SG_KAFKA_USER"], password, mechanism, wrong);
    if (!client)
        return wrong;
    const rd_kafka_metadata_t *metadata = nullptr;
    const rd_kafka_resp_err_t outcome = rd_kafka_metadata(client, 1, nullptr, &metadata, isSecured ? 4000 : 10000);
    std::string answer = outcome == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string() : rd_kafka_err2str(outcome);
    if (metadata) {
        if (metadata->broker_cnt != 1)
            answer = std::to_string(metadata->broker_cnt) + " brokers instead of one";
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_destroy(client);
    return answer;
}

// What asking for the topic, and then reading it, ends with for the user whom the broker's rules deny something.
std::string readDenied(const Stack &stack, const char *topic)
{
    std::string wrong;
    rd_kafka_t *client = kafkaClient(stack, RD_KAFKA_CONSUMER, true, stack["SG_CA"], stack["SG_KAFKA_DENIED_USER"],
                                     stack["SG_KAFKA_DENIED_PASSWORD"], nullptr, wrong);
    if (!client)
        return wrong;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, nullptr);
    const rd_kafka_metadata_t *metadata = nullptr;
    rd_kafka_metadata(client, 0, handle, &metadata, 10000);
    const bool isHidden = metadata && metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    if (isHidden) {
        rd_kafka_destroy(client);
        return "hidden";
    }
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(partitions, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client, partitions);
    std::string answer;
    for (int i = 0; i < 100 && answer.empty(); ++i) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 100);
        // Until the topic is made by being asked for, it is not known.
        if (message && message->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            answer = message->err ? rd_kafka_err2name(message->err) : "a message";
        if (message)
            rd_kafka_message_destroy(message);
    }
    rd_kafka_topic_partition_list_destroy(partitions);
    rd_kafka_destroy(client);
    return answer;
}

// What openssl says of a server's certificate when it is asked by the name "localhost".
QString askTls(const Stack &stack, const std::string &port, const QStringList &more)
{
    QProcess openssl;
    openssl.setProcessChannelMode(QProcess::MergedChannels);
    openssl.start(QStringLiteral("openssl"),
                  QStringList{QStringLiteral("s_client"), QStringLiteral("-connect"),
                              QStringLiteral("127.0.0.1:") + QString::fromStdString(port), QStringLiteral("-CAfile"),
                              QString::fromStdString(stack["SG_CA"]), QStringLiteral("-verify_return_error"),
                              QStringLiteral("-verify_hostname"), QStringLiteral("localhost"), QStringLiteral("-tls1_2")}
                      + more);
    openssl.closeWriteChannel();
    return openssl.waitForFinished(20000) ? QString::fromLocal8Bit(openssl.readAll()) : QStringLiteral("openssl did not end");
}

std::string askMosquitto(const Stack &stack, bool isSecured, const std::string &ca = {}, const std::string &password = {})
{
    try {
        mqtt::client client(stack[isSecured ? "SG_MQTT_TLS_URL" : "SG_MQTT_URL"], "");
        mqtt::connect_options options;
        options.set_clean_session(true);
        options.set_connect_timeout(5);
        if (isSecured) {
            mqtt::ssl_options ssl;
            ssl.set_trust_store(ca);
            ssl.set_verify(true);
            options.set_ssl(ssl);
            options.set_user_name(stack["SG_MQTT_USER"]);
            options.set_password(password);
        }
        client.connect(options);
        client.disconnect();
        return {};
    } catch (const std::exception &e) {
        return e.what();
    }
}

std::string askPostgres(const Stack &stack, bool isSecured, const std::string &ca = {}, const std::string &password = {})
{
    try {
        std::string target
            = "connect_timeout=5 host=" + stack["SG_PG_HOST"] + " port=" + stack["SG_PG_PORT"] + " dbname=" + stack["SG_PG_DB"];
        if (isSecured)
            target += " sslmode=verify-full sslrootcert=" + ca + " user=" + stack["SG_PG_TLS_USER"] + " password=" + password;
        else
            target += " user=" + stack["SG_PG_USER"];
        pqxx::connection connection(target);
        pqxx::nontransaction query(connection);
        return query.exec("SELECT 6 * 7")[0][0].as<int>() == 42 ? "" : "a wrong answer";
    } catch (const std::exception &e) {
        return *e.what() ? e.what() : "refused";
    }
}

std::string ask(const Stack &stack, const QString &server, bool isSecured = false, const std::string &ca = {},
                const std::string &password = {})
{
    if (server == QLatin1String("kafka"))
        return askKafka(stack, isSecured, ca, password);
    if (server == QLatin1String("mosquitto"))
        return askMosquitto(stack, isSecured, ca, password);
    return askPostgres(stack, isSecured, ca, password);
}

const char *passwordName(const QString &server)
{
    if (server == QLatin1String("kafka"))
        return "SG_KAFKA_PASSWORD";
    return server == QLatin1String("mosquitto") ? "SG_MQTT_PASSWORD" : "SG_PG_TLS_PASSWORD";
}

void addServerRows()
{
    QTest::addColumn<QString>("server");
    for (const std::string &name : allServers)
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

}

class StackTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyServerAnswers_data() { addServerRows(); }
    void everyServerAnswers();
    void securedListenersTakeOnlyTheRightOnes_data() { addServerRows(); }
    void securedListenersTakeOnlyTheRightOnes();
    void kafkaTakesScramFromAClientThatCan();
    void certificatesFailAsTheirNamesSay_data();
    void certificatesFailAsTheirNamesSay();
    void postgresTakesAnotherCertificate();
    void oneUserIsDeniedSomething();
    void restartsKeepAddressesAndData_data() { addServerRows(); }
    void restartsKeepAddressesAndData();
    void aStoppedServerIsGoneUntilItIsStarted_data() { addServerRows(); }
    void aStoppedServerIsGoneUntilItIsStarted();
    void aServerThatCannotStartShowsItsLog();
    void wrongCommandsAreNamed();
    void aSecondStackStandsBeside();
    void theEndOfTheParentIsTheEndOfTheServers();
    void theEndOfTheSupervisorIsTheEndOfTheServers();

private:
    std::unique_ptr<Stack> m_stack;
};

void StackTest::initTestCase()
{
    QElapsedTimer timer;
    timer.start();
    m_stack = std::make_unique<Stack>(allServers);
    QVERIFY2(m_stack->ok(), m_stack->error().c_str());
    qInfo("three servers answered after %lld ms", static_cast<long long>(timer.elapsed()));
}

void StackTest::everyServerAnswers()
{
    QFETCH(QString, server);
    QCOMPARE(ask(*m_stack, server), std::string());
}

void StackTest::securedListenersTakeOnlyTheRightOnes()
{
    QFETCH(QString, server);
    const Stack &stack = *m_stack;
    const std::string password = stack[passwordName(server)];
    QVERIFY(!password.empty());
    QCOMPARE(ask(stack, server, true, stack["SG_CA"], password), std::string());
    QVERIFY2(!ask(stack, server, true, stack["SG_WRONG_CA"], password).empty(), "a certificate of an unknown authority was accepted");
    QVERIFY2(!ask(stack, server, true, stack["SG_CA"], "wrong").empty(), "a wrong password was accepted");
}

void StackTest::kafkaTakesScramFromAClientThatCan()
{
    const Stack &stack = *m_stack;
    // librdkafka repeated its own half of the nonce until 2.6.1, and Kafka 4 no longer overlooks it.
    constexpr int firstThatCan = 0x02060100;
    const std::string outcome = askKafka(stack, true, stack["SG_CA"], stack["SG_KAFKA_PASSWORD"], "SCRAM-SHA-512");
    QCOMPARE(outcome.empty(), rd_kafka_version() >= firstThatCan);
    QVERIFY(!askKafka(stack, true, stack["SG_CA"], "wrong", "SCRAM-SHA-512").empty());
}

void StackTest::certificatesFailAsTheirNamesSay_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("client");
    QTest::addColumn<QString>("said");
    const QString fine = QStringLiteral("Verify return code: 0 (ok)");
    const QString refused = QStringLiteral("alert");
    for (const auto &[server, addresses] :
         {std::pair{QStringLiteral("SG_KAFKA_%1_BROKERS"), "kafka"}, {QStringLiteral("SG_MQTT_%1_URL"), "mosquitto"}}) {
        const auto row = [&, name = QByteArray(addresses), pattern = server](const char *kind, const char *client, const QString &said) {
            QTest::newRow((name + ' ' + kind + ' ' + client).constData())
                << pattern.arg(QLatin1String(kind)) << QString::fromLatin1(client) << said;
        };
        row("EXPIRED", "", QStringLiteral("certificate has expired"));
        row("WRONG_NAME", "", QStringLiteral("ostname mismatch")); // with a capital by some versions
        row("MTLS", "SG_CLIENT", fine);
        row("MTLS", "", refused);
        row("MTLS", "SG_WRONG_CLIENT", refused);
        row("MTLS", "SG_EXPIRED_CLIENT", refused);
    }
}

void StackTest::certificatesFailAsTheirNamesSay()
{
    QFETCH(QString, address);
    QFETCH(QString, client);
    QFETCH(QString, said);
    const Stack &stack = *m_stack;
    QStringList more;
    if (!client.isEmpty())
        more << QStringLiteral("-cert") << QString::fromStdString(stack[(client + QStringLiteral("_CERT")).toStdString()])
             << QStringLiteral("-key") << QString::fromStdString(stack[(client + QStringLiteral("_KEY")).toStdString()]);
    const QString answer = askTls(stack, std::to_string(portOf(stack[address.toStdString()])), more);
    QVERIFY2(answer.contains(said), qPrintable(answer));
}

void StackTest::postgresTakesAnotherCertificate()
{
    const Stack &stack = *m_stack;
    const QStringList starttls{QStringLiteral("-starttls"), QStringLiteral("postgres")};
    pqxx::connection admin("host=127.0.0.1 port=" + stack["SG_PG_PORT"] + " user=" + stack["SG_PG_USER"] + " dbname=" + stack["SG_PG_DB"]);
    pqxx::nontransaction query(admin);
    const auto give = [&](const std::string &name) {
        query.exec("ALTER SYSTEM SET ssl_cert_file = '" + stack["SG_PG_CERTS"] + "/" + name + ".crt'");
        query.exec("ALTER SYSTEM SET ssl_key_file = '" + stack["SG_PG_CERTS"] + "/" + name + ".key'");
        query.exec("SELECT pg_reload_conf()");
    };
    give("expired");
    QTRY_VERIFY(askTls(stack, stack["SG_PG_PORT"], starttls).contains(QStringLiteral("certificate has expired")));
    give("wrong-name");
    QTRY_VERIFY(askTls(stack, stack["SG_PG_PORT"], starttls).contains(QStringLiteral("ostname mismatch")));
    give("server");
    QTRY_VERIFY(askTls(stack, stack["SG_PG_PORT"], starttls).contains(QStringLiteral("Verify return code: 0 (ok)")));
}

void StackTest::oneUserIsDeniedSomething()
{
    const Stack &stack = *m_stack;
    QCOMPARE(QString::fromStdString(readDenied(stack, "denied.press")), QStringLiteral("TOPIC_AUTHORIZATION_FAILED"));
    QCOMPARE(QString::fromStdString(readDenied(stack, "hidden.press")), QStringLiteral("hidden"));
    mqtt::client client(stack["SG_MQTT_URL"], "");
    mqtt::connect_options options;
    options.set_user_name(stack["SG_MQTT_DENIED_USER"]);
    options.set_password(stack["SG_MQTT_DENIED_PASSWORD"]);
    client.connect(options);
    client.subscribe("open/#", 1);
    QVERIFY_EXCEPTION_THROWN(client.subscribe("denied/#", 1), mqtt::exception);
    client.disconnect();
}

void StackTest::restartsKeepAddressesAndData()
{
    QFETCH(QString, server);
    Stack &stack = *m_stack;
    const std::string target
        = "host=127.0.0.1 port=" + stack["SG_PG_PORT"] + " user=" + stack["SG_PG_USER"] + " dbname=" + stack["SG_PG_DB"];
    if (server == QLatin1String("postgres")) {
        pqxx::connection connection(target);
        pqxx::nontransaction(connection).exec("CREATE TABLE kept AS SELECT generate_series(1, 1000)");
    }
    for (const End how : {End::Term, End::Kill, End::Term}) {
        QVERIFY2(stack.restart(server.toStdString(), how), stack.error().c_str());
        QCOMPARE(ask(stack, server), std::string());
        // The password lives in the server's data, too.
        QCOMPARE(ask(stack, server, true, stack["SG_CA"], stack[passwordName(server)]), std::string());
    }
    if (server == QLatin1String("postgres")) {
        pqxx::connection connection(target);
        pqxx::nontransaction query(connection);
        QCOMPARE(query.exec("SELECT count(*) FROM kept")[0][0].as<int>(), 1000);
    }
}

void StackTest::aStoppedServerIsGoneUntilItIsStarted()
{
    QFETCH(QString, server);
    Stack &stack = *m_stack;
    const int port = server == QLatin1String("kafka") ? portOf(stack["SG_KAFKA_BROKERS"])
        : server == QLatin1String("mosquitto")        ? portOf(stack["SG_MQTT_URL"])
                                                      : std::stoi(stack["SG_PG_PORT"]);
    QVERIFY2(stack.stop(server.toStdString(), End::Term), stack.error().c_str());
    QVERIFY(!isListening(port));
    QVERIFY2(stack.start(server.toStdString()), stack.error().c_str());
    QVERIFY(isListening(port));
}

void StackTest::aServerThatCannotStartShowsItsLog()
{
    Stack &stack = *m_stack;
    const int port = portOf(stack["SG_MQTT_URL"]);
    QVERIFY2(stack.stop("mosquitto", End::Term), stack.error().c_str());
    const int intruder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(intruder, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in address = loopback(port);
    QCOMPARE(::bind(intruder, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    QCOMPARE(::listen(intruder, 1), 0);
    const bool started = stack.start("mosquitto");
    close(intruder);
    QVERIFY(!started);
    QVERIFY(!stack.ok());
    QVERIFY2(stack.error().find("Address already in use") != std::string::npos, stack.error().c_str());
    QVERIFY2(stack.start("mosquitto"), stack.error().c_str());
    QVERIFY(stack.ok());
}

void StackTest::wrongCommandsAreNamed()
{
    Stack &stack = *m_stack;
    QVERIFY(!stack.start("rabbit"));
    QVERIFY2(stack.error().find("no server 'rabbit'") != std::string::npos, stack.error().c_str());
    QVERIFY(!stack.start("kafka"));
    QVERIFY2(stack.error().find("runs already") != std::string::npos, stack.error().c_str());
    QVERIFY(stack["SG_NOTHING"].empty());
}

void StackTest::aSecondStackStandsBeside()
{
    std::string folder;
    {
        Stack second(allServers);
        QVERIFY2(second.ok(), second.error().c_str());
        QVERIFY(second["SG_KAFKA_BROKERS"] != (*m_stack)["SG_KAFKA_BROKERS"]);
        for (const std::string &server : allServers)
            QCOMPARE(ask(second, QString::fromStdString(server)), std::string());
        QVERIFY(isListening(*m_stack));
        folder = second["SG_STACK_FOLDER"];
        QVERIFY(std::filesystem::exists(folder));
    }
    QVERIFY(!std::filesystem::exists(folder));
    QVERIFY(isListening(*m_stack));
}

void StackTest::theEndOfTheParentIsTheEndOfTheServers()
{
    QProcess parent;
    parent.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    parent.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--hold")});
    QVERIFY(parent.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(parent.waitForReadyRead(100) || parent.bytesAvailable() > 0, 90000);
    QTRY_VERIFY_WITH_TIMEOUT(parent.canReadLine() || parent.waitForReadyRead(100), 5000);
    const QList<QByteArray> words = parent.readLine().trimmed().split(' ');
    QCOMPARE(words.size(), 4);
    const std::string folder = words[0].toStdString();
    const QList<int> ports{words[1].toInt(), words[2].toInt(), words[3].toInt()};
    for (const int port : ports)
        QVERIFY(isListening(port));
    parent.kill();
    QVERIFY(parent.waitForFinished());
    QTRY_VERIFY_WITH_TIMEOUT(!std::filesystem::exists(folder), 15000);
    for (const int port : ports)
        QVERIFY(!isListening(port));
}

void StackTest::theEndOfTheSupervisorIsTheEndOfTheServers()
{
    const int kafka = portOf((*m_stack)["SG_KAFKA_BROKERS"]);
    const int mosquitto = portOf((*m_stack)["SG_MQTT_URL"]);
    const int postgres = std::stoi((*m_stack)["SG_PG_PORT"]);
    const std::string folder = (*m_stack)["SG_STACK_FOLDER"];
    ::kill(m_stack->supervisor(), SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(!std::filesystem::exists(folder), 15000);
    QVERIFY(!isListening(kafka) && !isListening(mosquitto) && !isListening(postgres));
    QVERIFY(!m_stack->start("kafka"));
    QVERIFY(!m_stack->error().empty());
    m_stack.reset();
}

// With --hold: a parent that holds a stack until somebody kills it.
static int hold()
{
    const Stack stack(allServers);
    if (!stack.ok()) {
        std::cerr << stack.error() << std::endl;
        return 1;
    }
    std::cout << stack["SG_STACK_FOLDER"] << ' ' << portOf(stack["SG_KAFKA_BROKERS"]) << ' ' << portOf(stack["SG_MQTT_URL"]) << ' '
              << stack["SG_PG_PORT"] << std::endl;
    while (true)
        pause();
}

int main(int argc, char **argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "--hold")
        return hold();
    QCoreApplication app(argc, argv);
    StackTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_stack.moc"
