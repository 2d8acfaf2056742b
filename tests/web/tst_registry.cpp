#include "connectors/web/registry.h"

#include "decode/flow.h"
#include "support/registryside.h"

#include <QtTest>

#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sg;
using How = Schemas::Fetched::How;

// The client of a schema registry against one of our own on loopback, which speaks Confluent's interface: the distribution has none.
namespace {

constexpr const char *Password = "registry-secret-4711";

SourceSpec specOf(const std::string &settings, const QString &folder = {})
{
    SourceSpec spec;
    spec.id = "press";
    spec.folder = folder.toStdString();
    spec.clientName = "sightglass-test";
    spec.registry = flow::node("{" + settings + "}");
    return spec;
}

std::string urlOf(const test::RegistrySide &side, const char *scheme = "http")
{
    return "url: \"" + side.url(scheme) + "\"";
}

std::string login(const char *name)
{
    return ", user: sg, password: {env: " + std::string(name) + "}";
}

QString why(const Schemas::Fetched &fetched)
{
    return QString::fromStdString(fetched.why.plain());
}

}

class TestRegistry : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("SG_TEST_RIGHT", Password);
        qputenv("SG_TEST_WRONG", "wrong-secret-0815");
    }
    void fetchesOnceAndForEver();
    void fetchesWhatASchemaRefersTo();
    void namesWhatItDoesNotKnow();
    void saysThatTheLoginIsWrong();
    void waitsWhileItCannotBeReached();
    void tellsAnotherServer();
    void checksTheCertificate();
    void endsSoonAfterStop();
    void refusesSettings();
};

void TestRegistry::fetchesOnceAndForEver()
{
    test::RegistrySide side;
    side.add(42, R"({"type":"long"})");
    side.add(43, "syntax = \"proto3\";", "PROTOBUF");
    side.setLogin(QStringLiteral("sg"), QString::fromLatin1(Password));
    QVERIFY(side.start());
    const auto registry = makeRegistry(specOf(urlOf(side) + login("SG_TEST_RIGHT")));
    const auto first = registry->fetch(42, {});
    QVERIFY2(first.how == How::Known, qPrintable(why(first)));
    QCOMPARE(first.schema.type, std::string("AVRO"));
    QCOMPARE(first.schema.text, std::string(R"({"type":"long"})"));
    QCOMPARE(registry->fetch(43, {}).schema.type, std::string("PROTOBUF"));
    QCOMPARE(side.asked(), (QStringList{QStringLiteral("/schemas/ids/42"), QStringLiteral("/schemas/ids/43")}));
    side.stop();
    QVERIFY(registry->fetch(42, {}).how == How::Known);
    // Another source of the program, or this one opened again.
    const auto again = makeRegistry(specOf(urlOf(side) + login("SG_TEST_RIGHT")));
    QVERIFY(again->fetch(42, {}).how == How::Known);
    QVERIFY(again->fetch(44, {}).how == How::Later);
}

void TestRegistry::fetchesWhatASchemaRefersTo()
{
    test::RegistrySide side;
    const auto reference = [](const char *name, const char *subject) {
        return QJsonObject{{QStringLiteral("name"), QString::fromUtf8(name)},
                           {QStringLiteral("subject"), QString::fromUtf8(subject)},
                           {QStringLiteral("version"), 1}};
    };
    side.add(1, "c");
    side.add(2, "b", nullptr, {reference("C", "c/über")});
    side.add(3, "a", nullptr, {reference("B", "b"), reference("C", "c/über")});
    side.add(4, "lost", nullptr, {reference("D", "d")});
    side.addSubject(QStringLiteral("c/über"), 1, 1);
    side.addSubject(QStringLiteral("b"), 1, 2);
    QVERIFY(side.start());
    const auto registry = makeRegistry(specOf(urlOf(side)));
    const auto fetched = registry->fetch(3, {});
    QVERIFY2(fetched.how == How::Known, qPrintable(why(fetched)));
    QStringList texts;
    for (const auto &its : fetched.schema.references)
        texts << QString::fromStdString(its.name + "=" + its.text);
    QCOMPARE(texts, (QStringList{QStringLiteral("C=c"), QStringLiteral("B=b")})); // what is needed stands in front
    const auto lost = registry->fetch(4, {});
    QVERIFY(lost.how == How::Unknown);
    QVERIFY2(why(lost).contains(QStringLiteral("lacks version 1 of 'd'")), qPrintable(why(lost)));
}

void TestRegistry::namesWhatItDoesNotKnow()
{
    test::RegistrySide side;
    QVERIFY(side.start());
    const auto registry = makeRegistry(specOf(urlOf(side)));
    const auto fetched = registry->fetch(99, {});
    QVERIFY(fetched.how == How::Unknown);
    QCOMPARE(why(fetched), QStringLiteral("the schema registry %1 has no schema with id 99").arg(QString::fromStdString(side.url())));
    QVERIFY(registry->fetch(99, {}).how == How::Unknown);
    QCOMPARE(side.asked().size(), 1); // within a minute it is not asked again
}

void TestRegistry::saysThatTheLoginIsWrong()
{
    test::RegistrySide side;
    side.add(42, "\"long\"");
    side.setLogin(QStringLiteral("sg"), QString::fromLatin1(Password));
    QVERIFY(side.start());
    const auto registry = makeRegistry(specOf(urlOf(side) + login("SG_TEST_WRONG")));
    const auto wrong = registry->fetch(42, {});
    QVERIFY(wrong.how == How::Later);
    QVERIFY(registry->fetch(42, {}).how == How::Later); // at once: nobody is asked before a pause is over
    QCOMPARE(side.asked(), QStringList{QStringLiteral("refused")});
    QVERIFY2(why(wrong).contains(QStringLiteral("answers 401: are user 'sg' and the password right?")), qPrintable(why(wrong)));
    QVERIFY(!why(wrong).contains(QStringLiteral("0815")));
    const auto none = makeRegistry(specOf(urlOf(side)))->fetch(42, {});
    QVERIFY2(why(none).contains(QStringLiteral("wants a user and a password")), qPrintable(why(none)));
}

void TestRegistry::waitsWhileItCannotBeReached()
{
    test::RegistrySide side;
    side.add(42, "\"long\"");
    QVERIFY(side.reserve());
    const auto registry = makeRegistry(specOf(urlOf(side)));
    const auto down = registry->fetch(42, {});
    QVERIFY(down.how == How::Later);
    QVERIFY2(why(down).contains(QStringLiteral("cannot be reached")), qPrintable(why(down)));
    QVERIFY(side.start());
    QTRY_VERIFY_WITH_TIMEOUT(registry->fetch(42, {}).how == How::Known, 5'000);
    QCOMPARE(side.asked(), QStringList{QStringLiteral("/schemas/ids/42")});
}

void TestRegistry::tellsAnotherServer()
{
    test::RegistrySide side;
    QVERIFY(side.start());
    const auto other = makeRegistry(specOf("url: \"" + side.url() + "/somewhere/\""))->fetch(42, {});
    QVERIFY(other.how == How::Later);
    QVERIFY2(why(other).contains(QStringLiteral("is the url right?")), qPrintable(why(other)));
}

void TestRegistry::checksTheCertificate()
{
    QTemporaryDir folder;
    const QString certificate = folder.filePath(QStringLiteral("ca.pem")), key = folder.filePath(QStringLiteral("key.pem"));
    QProcess openssl;
    openssl.start(QStringLiteral("openssl"),
                  {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("rsa:2048"),
                   QStringLiteral("-nodes"), QStringLiteral("-days"), QStringLiteral("2"), QStringLiteral("-subj"),
                   QStringLiteral("/CN=localhost"), QStringLiteral("-addext"), QStringLiteral("subjectAltName=DNS:localhost"),
                   QStringLiteral("-keyout"), key, QStringLiteral("-out"), certificate});
    QVERIFY(openssl.waitForFinished() && openssl.exitCode() == 0);
    test::RegistrySide side;
    side.add(42, "\"long\"");
    side.setLogin(QStringLiteral("sg"), QString::fromLatin1(Password));
    side.setTls(certificate, key);
    QVERIFY(side.start());
    const auto known = makeRegistry(specOf(urlOf(side, "https") + login("SG_TEST_RIGHT") + ", ca: ca.pem", folder.path()))->fetch(42, {});
    QVERIFY2(known.how == How::Known, qPrintable(why(known)));
    const auto unknown = makeRegistry(specOf(urlOf(side, "https") + login("SG_TEST_RIGHT")))->fetch(43, {});
    QVERIFY(unknown.how == How::Later);
    QVERIFY2(why(unknown).contains(QStringLiteral("certificate")), qPrintable(why(unknown)));
}

void TestRegistry::endsSoonAfterStop()
{
    const int silent = ::socket(AF_INET, SOCK_STREAM, 0); // takes connections and says nothing
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    QVERIFY(::bind(silent, reinterpret_cast<sockaddr *>(&address), size) == 0 && ::listen(silent, 8) == 0
            && ::getsockname(silent, reinterpret_cast<sockaddr *>(&address), &size) == 0);
    const auto registry = makeRegistry(specOf("url: \"http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "\""));
    std::stop_source stop;
    std::jthread ender([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        stop.request_stop();
    });
    QElapsedTimer clock;
    clock.start();
    QVERIFY(registry->fetch(42, stop.get_token()).how == How::Later);
    QVERIFY2(clock.elapsed() < 3'000, qPrintable(QString::number(clock.elapsed())));
    ::close(silent);
}

void TestRegistry::refusesSettings()
{
    for (const char *settings : {"url: \"ftp://host\"", "url: \"http://user@host\"", "url: \"http://host\", ca: \"../x.pem\"",
                                 "url: \"http://host\", user: a, password: {env: SG_TEST_NOT_THERE}"}) {
        try {
            makeRegistry(specOf(settings));
            QFAIL(settings);
        } catch (const Refusal &refusal) {
            QVERIFY(!refusal.error.plain().empty());
        }
    }
}

QTEST_GUILESS_MAIN(TestRegistry)
#include "tst_registry.moc"
