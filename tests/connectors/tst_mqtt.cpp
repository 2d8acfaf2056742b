#include "connectors/mqtt/mqttlink.h"
#include "connectors/mqtt/mqttposition.h"
#include "connectors/mqtt/mqttsource.h"

#include "connectors/harness.h"
#include "connectors/killingdisk.h"
#include "connectors/mqttside.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

std::string wrongOf(const std::vector<Row> &rows, int count, int from = 0)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].value != from + static_cast<double>(i))
            return "row " + std::to_string(i) + " is " + std::to_string(rows[i].value);
    }
    return rows.size() == static_cast<std::size_t>(count) ? std::string() : std::to_string(rows.size()) + " rows";
}

// As the last commit of a process that was killed would have it.
Positions unsettled(Positions positions, const std::string &machine = {})
{
    auto position = MqttPosition::parse(positions["mqtt"]);
    position->isSettled = false;
    if (!machine.empty())
        position->machine = machine;
    return {{"mqtt", position->bytes()}};
}

// The part of a source that receives, in a process of its own that dies inside paho's callback. Returns only when it could not.
// arguments: broker, state folder, state name, version, n, where
int receiveAndDie(const std::vector<std::string> &arguments)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    SourceSpec spec;
    spec.id = "s";
    spec.stateFolder = arguments.at(1);
    spec.stateName = arguments.at(2);
    spec.settings = map({{"broker", scalar(arguments.at(0))}, {"topics", list({"killed/{line}"})}, {"version", scalar(arguments.at(3))}});
    MqttSettings settings;
    if (!readMqttSettings(spec, MqttSecrets::Skip, settings).empty())
        return 2;
    auto disk = openSpoolFolder(settings.spoolFolder(spec));
    if (!disk)
        return 3;
    MqttSeen seen;
    auto spool = MqttSpool::open(std::make_unique<KillingDisk>(*std::move(disk), std::stoi(arguments.at(4)), arguments.at(5)),
                                 settings.clientId, std::nullopt, {}, seen);
    if (!spool)
        return 4;
    MqttInbox inbox(1U << 20U);
    inbox.setSpool(*spool, std::move(seen));
    MqttLink link(settings, inbox);
    if (!link.connect(true, 20s, {}))
        return 5;
    MqttArrivals arrivals;
    for (int i = 0; i < 300; ++i)
        inbox.take(arrivals, 100ms);
    return 6;
}

std::string whyGap(const Reading &reading)
{
    for (const Mark &mark : reading.marks) {
        if (const Gap *gap = std::get_if<Gap>(&mark))
            return gap->why.plain();
    }
    return {};
}

}

class MqttTest : public QObject
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

    void refusesByName_data();
    void refusesByName();
    void storesPlaces();
    void saysThatItConnectsBeforeItDoes();
    void readsEachMessageOnce_data();
    void readsEachMessageOnce();
    void takesPatternsAndLeavesOut();
    void knowsRetainedFromLive();
    void keepsItsSession_data();
    void keepsItsSession();
    void losesNothingWhenKilledInTheCallback_data();
    void losesNothingWhenKilledInTheCallback();
    void survivesABrokerRestart_data();
    void survivesABrokerRestart();
    void disconnectsOnPurposeWhenTheLaneIsFull();
    void stopsSoonWhenTheBrokerHangs();
    void waitsShortlyForRoom();
};

void MqttTest::refusesByName_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("no such scheme") << "broker"
                                    << "http://127.0.0.1"
                                    << "neither tcp";
    QTest::newRow("a password in the address") << "broker"
                                               << "tcp://me:hunter2@127.0.0.1:1883"
                                               << "neither tcp";
    QTest::newRow("qos") << "qos"
                         << "3"
                         << "qos: '3'";
    QTest::newRow("version") << "version"
                             << "6"
                             << "version: '6'";
    QTest::newRow("keep alive") << "keep_alive"
                                << "100ms"
                                << "keep_alive";
    QTest::newRow("password in the open") << "password"
                                          << "hunter2"
                                          << "by reference only";
    QTest::newRow("ca outside") << "ca"
                                << "../../../etc/passwd"
                                << "ca:";
    QTest::newRow("nothing wrong") << "keep_alive"
                                   << "30s"
                                   << "";
}

void MqttTest::refusesByName()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, says);
    SourceSpec spec = specFor({"a"});
    spec.folder = std::filesystem::temp_directory_path();
    setting(spec, key.toStdString()) = scalar(value.toStdString());
    const auto faults = mqttKind().check(spec);
    const QString said = faults.empty() ? QString() : QString::fromStdString(faults.front().plain());
    QCOMPARE(said.isEmpty(), says.isEmpty());
    QVERIFY2(said.contains(says), qPrintable(said));
    QVERIFY(key == u"broker" || !said.contains(QStringLiteral("hunter2")));
}

void MqttTest::storesPlaces()
{
    MqttPosition position;
    position.isSettled = true;
    position.qos = 2;
    position.newest = Time(1'760'000'000'123'456us);
    position.received = 77;
    position.filters = {"a/+/b", "c/#"};
    position.isSpooled = true;
    position.next = 123;
    position.machine = "m";
    const auto back = MqttPosition::parse(position.bytes());
    QVERIFY(back);
    QCOMPARE(back->bytes(), position.bytes());
    QVERIFY(back->isSettled && back->filters == position.filters && back->newest == position.newest);
    QVERIFY(back->isSpooled && back->next == 123 && back->machine == "m");
    const auto older = MqttPosition::parse("1\n1\n1\n5\n7\na/+\n"); // before there was a spool
    QVERIFY(older && !older->isSpooled && older->received == 7 && older->filters.size() == 1);
    for (const char *bad :
         {"", "1", "1\n1\n1\n", "2\n1\n1\n5\n5\n", "3\n1\n1\n5\n5\n1\n1\nm\n", "1\nx\n1\n5\n5\n", "1\n1\n1\n5\n5\nfilter without end"})
        QVERIFY2(!MqttPosition::parse(bad), bad);
}

// A process that is killed right after it connected has confirmed messages that are nowhere; what is stored must tell the next one.
void MqttTest::saysThatItConnectsBeforeItDoes()
{
    MqttPosition before;
    before.isSettled = true;
    before.newest = Time(1'760'000'000'123'456us);
    before.filters = {"a/+"};
    SourceSpec spec = specFor({"a/{line}"});
    setting(spec, "broker") = scalar("tcp://127.0.0.1:9"); // nobody there
    Reading reading(mqttKind(), spec, {{"mqtt", before.bytes()}});
    const auto isSettled = [&reading] {
        const auto position = MqttPosition::parse(reading.positions["mqtt"]);
        return position ? std::optional(position->isSettled) : std::nullopt;
    };
    QVERIFY2(reading.until([&] { return isSettled() == false; }, 10s), reading.explain().c_str());
    QVERIFY(reading.ends.empty()); // it waits until that is durable
    // It did not come to it: nothing was confirmed, and there is no gap.
    QVERIFY2(reading.until([&] { return isSettled() == true; }, 20s), reading.explain().c_str());
    reading.stop();
    QCOMPARE(reading.positions["mqtt"], before.bytes());
    QCOMPARE(reading.gaps(), 0U);
}

void MqttTest::readsEachMessageOnce_data()
{
    QTest::addColumn<QByteArray>("qos");
    QTest::addColumn<QByteArray>("version");
    for (const char *version : {"5", "4", "3"}) {
        for (const char *qos : {"0", "1", "2"})
            QTest::addRow("QoS %s, version %s", qos, version) << QByteArray(qos) << QByteArray(version);
    }
}

void MqttTest::readsEachMessageOnce()
{
    QFETCH(QByteArray, qos);
    QFETCH(QByteArray, version);
    const std::string topic = "once" + qos.toStdString() + version.toStdString() + "/L1/temp";
    Reading reading(mqttKind(), specFor({topic.substr(0, 6) + "/{line}/temp"}, qos.constData(), version.constData()));
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher().sendNumbers(topic, 2000, qos.toInt());
    QVERIFY2(reading.untilRows(2000), reading.explain().c_str());
    QVERIFY(reading.stop() < 2s);
    QCOMPARE(wrongOf(reading.rows, 2000), std::string());
    QCOMPARE(reading.rows.front().series, std::string("s/L1/n"));
    QVERIFY(reading.rows.front().isLive);
    QCOMPARE(reading.gaps(), 0U);
    QCOMPARE(reading.status.messages, 2000U);
}

void MqttTest::takesPatternsAndLeavesOut()
{
    SourceSpec spec = specFor({"plant/{line}/+/temp", "hall/{line}/#"});
    setting(spec, "except") = list({"plant/L9/+/temp"});
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher;
    publisher.send("plant/L1/a/temp", "{\"n\":1}");
    publisher.send("plant/L9/a/temp", "{\"n\":2}");
    publisher.send("plant/L1/a/pressure", "{\"n\":3}");
    publisher.send("hall/H1/x/y/z", "{\"n\":4}");
    QVERIFY2(reading.untilRows(2), reading.explain().c_str());
    reading.stop();
    QCOMPARE(reading.rows.size(), 2U);
    QCOMPARE(reading.rows[0].series, std::string("s/L1/n"));
    QCOMPARE(reading.rows[1].series, std::string("s/H1/n"));
}

void MqttTest::knowsRetainedFromLive()
{
    Publisher publisher;
    publisher.send("retained/L1", "{\"n\":1}", 1, true);
    const SourceSpec spec = specFor({"retained/{line}"});
    Reading first(mqttKind(), spec);
    QVERIFY2(first.untilRows(1), first.explain().c_str());
    publisher.send("retained/L1", "{\"n\":2}", 1, true);
    QVERIFY2(first.untilRows(2), first.explain().c_str());
    QVERIFY(!first.rows[0].isLive);
    QVERIFY(first.rows[1].isLive); // it was there when it was sent
    first.stop();
    Reading second(mqttKind(), spec, first.positions); // the session is there, so nothing is subscribed and sent again
    QVERIFY2(second.until([&] { return isLive(second); }), second.explain().c_str());
    publisher.send("retained/L1", "{\"n\":3}");
    QVERIFY2(second.untilRows(1), second.explain().c_str());
    QCOMPARE(wrongOf(second.rows, 1, 3), std::string());
}

void MqttTest::keepsItsSession_data()
{
    QTest::addColumn<QByteArray>("qos");
    QTest::addColumn<QString>("end");
    QTest::addColumn<int>("kept");
    QTest::addColumn<QString>("gap");
    const auto row = [](const char *name, const char *qos, const char *end, int kept, const char *gap) {
        QTest::newRow(name) << QByteArray(qos) << QString::fromLatin1(end) << kept << QString::fromLatin1(gap);
    };
    row("QoS 1", "1", "in order", 1000, "");
    row("QoS 2", "2", "in order", 1000, "");
    row("QoS 0", "0", "in order", 0, "QoS 0");
    row("QoS 1 after an unclean end", "1", "unclean", 1000, "");
    row("QoS 2 after an unclean end", "2", "unclean", 1000, "");
    row("QoS 1, nothing saved since it was live", "1", "early", 1100, "");
    row("QoS 1 without a spool", "1", "no spool", 1000, "ended unexpectedly");
    row("QoS 1 after a power cut", "1", "power cut", 1000, "machine went down");
}

void MqttTest::keepsItsSession()
{
    QFETCH(QByteArray, qos);
    QFETCH(QString, end);
    QFETCH(int, kept);
    QFETCH(QString, gap);
    const std::string topic = "session-" + end.left(2).toStdString() + qos.toStdString() + "/L1";
    SourceSpec spec = specFor({topic.substr(0, topic.size() - 2) + "{line}"}, qos.constData());
    if (end == u"no spool")
        spec.stateFolder.clear();
    Publisher publisher;
    Reading first(mqttKind(), spec);
    QVERIFY2(first.until([&] { return isLive(first) && !first.positions.empty(); }), first.explain().c_str());
    const Positions live = first.positions;
    publisher.sendNumbers(topic, 100, 1);
    QVERIFY2(first.untilRows(100), first.explain().c_str());
    const Positions running = first.positions; // as a kill would leave them
    first.stop();
    QVERIFY(first.positions != running);
    publisher.sendNumbers(topic, 1000, 1, 100);
    Positions from = end == u"in order" ? first.positions : end == u"early" ? live : running;
    if (end == u"power cut")
        from = unsettled(running, "another start of it");
    Reading second(mqttKind(), spec, from);
    QVERIFY2(second.until([&] { return isLive(second); }), second.explain().c_str());
    QVERIFY2(second.untilRows(static_cast<std::size_t>(kept)), second.explain().c_str());
    publisher.sendNumbers(topic, 1, 1, 1100);
    QVERIFY2(second.untilRows(static_cast<std::size_t>(kept) + 1), second.explain().c_str());
    QCOMPARE(wrongOf(second.rows, kept + 1, 1100 - kept), std::string());
    QCOMPARE(second.gaps(), gap.isEmpty() ? 0U : 1U);
    QVERIFY2(whyGap(second).find(gap.toStdString()) != std::string::npos, whyGap(second).c_str());
    // The event clocks wait while the broker delivers what it kept.
    std::string catchUp;
    for (const Mark &mark : second.marks)
        catchUp += std::holds_alternative<Behind>(mark) ? "behind " : std::holds_alternative<CaughtUp>(mark) ? "caught up " : "";
    QCOMPARE(catchUp, std::string(qos == "0" ? "caught up " : "behind caught up "));
}

void MqttTest::losesNothingWhenKilledInTheCallback_data()
{
    QTest::addColumn<QByteArray>("where");
    QTest::addColumn<int>("record");
    QTest::addColumn<QByteArray>("version");
    for (const char *where : {"before", "amid", "after"}) {
        for (const int record : {1, 7}) {
            for (const char *version : {"5", "4"})
                QTest::addRow("%s the write of record %d, version %s", where, record, version)
                    << QByteArray(where) << record << QByteArray(version);
        }
    }
}

void MqttTest::losesNothingWhenKilledInTheCallback()
{
    QFETCH(QByteArray, where);
    QFETCH(int, record);
    QFETCH(QByteArray, version);
    const SourceSpec spec = specFor({"killed/{line}"}, "1", version.constData());
    Reading first(mqttKind(), spec);
    QVERIFY2(first.until([&] { return isLive(first); }), first.explain().c_str());
    first.stop();
    std::vector<std::string> arguments{"self", "--receive-and-die", (*stack)["SG_MQTT_URL"], spec.stateFolder, spec.stateName};
    arguments.insert(arguments.end(), {version.toStdString(), std::to_string(record), where.toStdString()});
    std::vector<char *> argv;
    for (std::string &argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execv("/proc/self/exe", argv.data());
        ::_exit(127);
    }
    Publisher publisher;
    publisher.sendNumbers("killed/L1", 20, 1); // the broker keeps them until the child is there
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY2(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, std::to_string(status).c_str());
    {
        MqttSettings settings;
        QVERIFY(readMqttSettings(spec, MqttSecrets::Skip, settings).empty());
        MqttSeen seen;
        auto disk = openSpoolFolder(settings.spoolFolder(spec));
        QVERIFY(bool(disk));
        const auto spool = MqttSpool::open(*std::move(disk), settings.clientId, std::nullopt, {}, seen);
        QVERIFY(bool(spool));
        const std::uint64_t kept = (*spool)->end() - MqttPosition::parse(first.positions["mqtt"])->next;
        QCOMPARE(kept, static_cast<std::uint64_t>(where == "after" ? record : record - 1));
    }
    Reading second(mqttKind(), spec, unsettled(first.positions));
    QVERIFY2(second.untilRows(20), second.explain().c_str());
    publisher.sendNumbers("killed/L1", 1, 1, 20); // what comes twice came before this
    QVERIFY2(second.untilRows(21), second.explain().c_str());
    second.stop();
    QCOMPARE(wrongOf(second.rows, 21), std::string());
    QCOMPARE(second.gaps(), 0U);
}

void MqttTest::survivesABrokerRestart_data()
{
    QTest::addColumn<int>("how");
    QTest::addColumn<bool>("isKept");
    QTest::newRow("SIGTERM: the broker writes its sessions") << static_cast<int>(End::Term) << true;
    QTest::newRow("SIGKILL: the broker forgets, which is a gap") << static_cast<int>(End::Kill) << false;
}

void MqttTest::survivesABrokerRestart()
{
    QFETCH(int, how);
    QFETCH(bool, isKept);
    const std::string topic = std::string("restart") + (isKept ? "1" : "0") + "/L1";
    Reading reading(mqttKind(), specFor({topic.substr(0, 9) + "{line}"}));
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher().sendNumbers(topic, 500, 1);
    QVERIFY2(reading.untilRows(500), reading.explain().c_str());
    QVERIFY2(stack->stop("mosquitto", static_cast<End>(how)), stack->error().c_str());
    QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Lost; }, 10s), reading.explain().c_str());
    QVERIFY2(stack->start("mosquitto"), stack->error().c_str());
    const std::size_t ends = reading.ends.size();
    QVERIFY(ends > 0);
    QVERIFY2(reading.until([&] { return isLive(reading); }, 30s), reading.explain().c_str());
    Publisher().sendNumbers(topic, 500, 1, 500);
    QVERIFY2(reading.untilRows(1000), reading.explain().c_str());
    reading.stop();
    QCOMPARE(wrongOf(reading.rows, 1000), std::string());
    QCOMPARE(reading.gaps(), isKept ? 0U : 1U);
    QVERIFY2(isKept || whyGap(reading).find("kept no session") != std::string::npos, whyGap(reading).c_str());
}

void MqttTest::disconnectsOnPurposeWhenTheLaneIsFull()
{
    SourceSpec spec = specFor({"full/{line}"});
    setting(spec, "spool_mb") = scalar("8");
    Reading reading(mqttKind(), spec, {}, 20'000);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    reading.isDraining = false;
    Publisher publisher;
    publisher.sendNumbers("full/L1", 2000, 1, 0, std::string(16'000, 'x')); // 32 MB, more than the spool holds
    reading.settle(3s);
    reading.isDraining = true;
    QVERIFY2(reading.untilRows(2000), reading.explain().c_str());
    reading.stop();
    QCOMPARE(wrongOf(reading.rows, 2000), std::string()); // the broker kept what came meanwhile
    QVERIFY(!reading.ends.empty());
    QVERIFY2(reading.ends.front().find("the spool is full") != std::string::npos, reading.ends.front().c_str());
    QCOMPARE(reading.gaps(), 0U);
}

void MqttTest::stopsSoonWhenTheBrokerHangs()
{
    const SilentServer server;
    SourceSpec spec = specFor({"a/{line}"});
    setting(spec, "broker") = scalar("tcp://" + server.address());
    Reading reading(mqttKind(), spec);
    reading.settle(1s);
    const auto took = reading.stop();
    QVERIFY2(took < 2s, std::to_string(took.count()).c_str());
}

void MqttTest::waitsShortlyForRoom()
{
    MqttInbox inbox(1000);
    const auto message = mqtt::make_message("a", std::string(600, 'x'));
    inbox.put(*message, 0, 10ms);
    inbox.put(*message, 0, 10ms);
    QVERIFY(!inbox.isOverfull());
    inbox.put(*message, 0, 10ms); // past the bound: it is kept, and the source is told to disconnect
    QVERIFY(inbox.isOverfull());
    QCOMPARE(inbox.takeDropped(), 0U);
    MqttArrivals arrivals;
    inbox.take(arrivals, 0ms);
    QCOMPARE(arrivals.size(), 3U);
    for (int i = 0; i < 10; ++i)
        inbox.put(*message, 0, 10ms);
    QVERIFY(inbox.takeDropped() > 0); // far past it
}

int main(int argc, char **argv)
{
    if (argc == 8 && std::string_view(argv[1]) == "--receive-and-die")
        return receiveAndDie({argv + 2, argv + argc});
    QCoreApplication app(argc, argv);
    MqttTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_mqtt.moc"
