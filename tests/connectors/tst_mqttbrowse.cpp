#include "connectors/mqtt/mqttbrowser.h"
#include "connectors/mqtt/mqttlistener.h"
#include "connectors/mqtt/mqttsource.h"

#include "connectors/mqttside.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

// Publishes while somebody looks.
class Traffic
{
public:
    explicit Traffic(std::function<void(Publisher &, int)> each, std::chrono::milliseconds pause = 10ms)
        : m_thread([each = std::move(each), pause](const std::stop_token &stop) {
            Publisher publisher;
            for (int i = 0; !stop.stop_requested(); ++i) {
                each(publisher, i);
                std::this_thread::sleep_for(pause);
            }
        })
    {
    }

private:
    std::jthread m_thread;
};

const BrowsedTopic *find(const std::vector<BrowsedTopic> &topics, std::string_view name)
{
    const auto at = std::ranges::find(topics, name, &BrowsedTopic::name);
    return at == topics.end() ? nullptr : &*at;
}

std::unique_ptr<Browser> connected(const SourceSpec &spec)
{
    auto browser = mqttKind().browse(spec);
    std::string steps;
    const auto done = browser->connect([&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    return done ? std::move(browser) : nullptr;
}

SourceSpec anyTopic()
{
    SourceSpec spec = specFor({});
    std::erase_if(spec.settings.map, [](const auto &one) { return one.first == "topics"; });
    return spec;
}

Time wallClock()
{
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

}

class MqttBrowseTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"mosquitto"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        states = std::make_unique<QTemporaryDir>();
        qputenv("SG_TEST_DENIED", (*stack)["SG_MQTT_DENIED_PASSWORD"].c_str());
    }
    void cleanupTestCase()
    {
        stack.reset();
        states.reset();
    }

    void saysEachStep();
    void listsWhatComesWhileItListens();
    void listsWhatMayBeReadWhenNotAllMay();
    void boundsWhatItListsAndSaysSo();
    void readsTheNewest_data();
    void readsTheNewest();
    void followsWithinItsRate();
    void readsNoHistory();
    void disturbsNoSource();
    void stopsSoon();
    void tellsThatTheBrokerWent();
};

void MqttBrowseTest::saysEachStep()
{
    auto browser = mqttKind().browse(specFor({"steps/{line}", "more/{line}"}));
    QStringList steps;
    const auto done = browser->connect([&steps](const Error &step) { steps << QString::fromStdString(step.plain()); }, {});
    QVERIFY2(bool(done), done ? "" : done.error().plain().c_str());
    QCOMPARE(steps.size(), 3);
    QVERIFY2(steps[0].endsWith(QStringLiteral("is 127.0.0.1 and takes connections")), qPrintable(steps[0]));
    QCOMPARE(steps[1], QStringLiteral("logged in without a user"));
    QCOMPARE(steps[2], QStringLiteral("subscribed to more/+ and 1 more"));
}

void MqttBrowseTest::listsWhatComesWhileItListens()
{
    Publisher publisher;
    publisher.send("seen/old/temp", "17.25", 1, true);
    publisher.send("seen/both", "1", 1, true);
    const auto browser = connected(anyTopic());
    QVERIFY(browser);
    const Time began = wallClock();
    const Traffic traffic([](Publisher &to, int i) {
        to.send("seen/L1/P-07/temp", std::string(100, 'x'), 0);
        if (i % 10 == 0)
            to.send("seen/both", "22", 0);
    });
    const auto topics = browser->list(2s, {});
    QVERIFY2(bool(topics), topics ? "" : topics.error().plain().c_str());
    const BrowsedTopic *fast = find(*topics, "seen/L1/P-07/temp");
    const BrowsedTopic *old = find(*topics, "seen/old/temp");
    const BrowsedTopic *both = find(*topics, "seen/both");
    QVERIFY(fast != nullptr && old != nullptr && both != nullptr);
    QVERIFY2(fast->messages > 20 && fast->bytes == 100 * fast->messages, std::to_string(fast->messages).c_str());
    QVERIFY(std::abs(fast->messagesPerSecond * 2 - static_cast<double>(fast->messages)) < 0.2 * static_cast<double>(fast->messages));
    QVERIFY(!fast->isRetained && fast->newest > began && fast->newest <= wallClock());
    QVERIFY(old->isRetained && old->newest == NoTime); // how old it is, nobody tells
    QCOMPARE(old->messages, 1);
    QCOMPARE(old->bytes, 5);
    QCOMPARE(old->messagesPerSecond, 0.0);
    QVERIFY(!both->isRetained && both->newest > began);
    QVERIFY(std::ranges::none_of(*topics, [](const BrowsedTopic &topic) { return topic.name.starts_with('$'); }));
    QVERIFY(browser->remarks().empty());
}

void MqttBrowseTest::listsWhatMayBeReadWhenNotAllMay()
{
    SourceSpec spec = specFor({"granted/{line}", "denied/{line}"});
    setting(spec, "user") = scalar((*stack)["SG_MQTT_DENIED_USER"]);
    setting(spec, "password") = map({{"env", scalar("SG_TEST_DENIED")}});
    auto browser = mqttKind().browse(spec);
    const auto done = browser->connect([](const Error &) {}, {});
    QVERIFY(!done);
    QVERIFY2(done.error().plain().find("may not subscribe to 'denied/+'") != std::string::npos, done.error().plain().c_str());
    // It may be looked at all the same, as far as it goes.
    Publisher().send("granted/L1", "1", 1, true);
    const auto topics = browser->list(500ms, {});
    QVERIFY2(bool(topics), topics ? "" : topics.error().plain().c_str());
    QVERIFY(find(*topics, "granted/L1") != nullptr);
}

void MqttBrowseTest::boundsWhatItListsAndSaysSo()
{
    MqttListener listener;
    listener.countTopics();
    for (int i = 0; i < 30'000; ++i)
        listener.put(*mqtt::make_message("t/" + std::to_string(i), "1"));
    auto counted = listener.counted(1s);
    QCOMPARE(counted.topics.size(), 20'000U);
    QCOMPARE(counted.beyond, 10'000U);
    listener.countTopics();
    for (int i = 0; i < 100; ++i)
        listener.put(*mqtt::make_message(std::string(60'000, 'x') + std::to_string(i), "1"));
    counted = listener.counted(1s);
    QVERIFY(counted.topics.size() < 71 && counted.topics.size() + counted.beyond == 100);
    // Messages nobody takes.
    listener.takeMessages(1e9, 1000, 64U << 10U, true);
    for (int i = 0; i < 1000; ++i)
        listener.put(*mqtt::make_message("t", std::string(100'000, 'x')));
    QVERIFY(listener.passedOver() > 700);
    const auto first = listener.next(std::chrono::steady_clock::now());
    QVERIFY(first && first->isCut() && first->size == 100'000 && first->payload.size() == 64U << 10U);
}

void MqttBrowseTest::readsTheNewest_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::newRow("version 5") << QByteArray("5");
    QTest::newRow("version 3.1.1") << QByteArray("4");
}

void MqttBrowseTest::readsTheNewest()
{
    QFETCH(QByteArray, version);
    const std::string root = "newest" + version.toStdString();
    Publisher publisher(MQTTVERSION_5);
    mqtt::properties properties;
    properties.add(mqtt::property(mqtt::property::CONTENT_TYPE, "text/plain"));
    properties.add(mqtt::property(mqtt::property::PAYLOAD_FORMAT_INDICATOR, 1));
    properties.add(mqtt::property(mqtt::property::USER_PROPERTY, "unit", "degC"));
    publisher.send(root + "/L1", std::string("81.4\0more", 9), properties, true);
    publisher.send(root + "/L2", "2", 1, true);
    SourceSpec spec = anyTopic();
    setting(spec, "version") = scalar(version.toStdString());
    const auto browser = connected(spec);
    QVERIFY(browser);
    for (int round = 0; round < 2; ++round) { // what is retained comes again
        BrowseRequest request;
        request.topics = {root + "/#"};
        request.count = 3;
        request.patience = 5s;
        std::vector<BrowsedMessage> seen;
        const Traffic traffic([&root](Publisher &to, int) { to.send(root + "/live", "x", 0); }, 200ms);
        const auto read = browser->read(request,
                                        [&seen](BrowsedMessage message) {
                                            seen.push_back(std::move(message));
                                            return true;
                                        },
                                        {});
        QVERIFY2(bool(read), read ? "" : read.error().plain().c_str());
        QCOMPARE(read->given, 3U);
        QCOMPARE(seen.size(), 3U);
        const auto first = std::ranges::find(seen, root + "/L1", &BrowsedMessage::topic);
        QVERIFY(first != seen.end() && first->isRetained && first->size == 9 && !first->isCut());
        QCOMPARE(first->payload, std::string("81.4\0more", 9));
        const auto live = std::ranges::find(seen, root + "/live", &BrowsedMessage::topic);
        QVERIFY(live != seen.end() && !live->isRetained);
        using Headers = std::vector<std::pair<std::string, std::string>>;
        QCOMPARE(first->headers,
                 version == "5" ? (Headers{{"content-type", "text/plain"}, {"payload-format-indicator", "1"}, {"unit", "degC"}})
                                : Headers());
    }
    BrowseRequest onlyLive;
    onlyLive.topics = {root + "/#"};
    onlyLive.from = BrowseRequest::From::End;
    onlyLive.patience = 500ms;
    const auto read = browser->read(onlyLive, [](const BrowsedMessage &) { return true; }, {});
    QVERIFY(bool(read));
    QCOMPARE(read->given, 0U);
}

void MqttBrowseTest::followsWithinItsRate()
{
    const auto browser = connected(anyTopic());
    QVERIFY(browser);
    BrowseRequest request;
    request.topics = {"flood/+"};
    request.isFollowing = true;
    request.patience = 6s; // connecting has its part in it
    request.mostPerSecond = 20;
    std::uint64_t sent = 0;
    std::uint64_t given = 0;
    const auto began = std::chrono::steady_clock::now();
    Result<Browser::Read> read = Browser::Read();
    {
        const Traffic traffic(
            [&sent](Publisher &to, int) {
                to.sendNumbers("flood/L1", 50, 0);
                sent += 50;
            },
            5ms);
        read = browser->read(request,
                             [&given](const BrowsedMessage &) {
                                 ++given;
                                 return true;
                             },
                             {});
    }
    QVERIFY2(bool(read), read ? "" : read.error().plain().c_str());
    const auto took = std::chrono::steady_clock::now() - began;
    QVERIFY(took >= 5900ms && took < 12s);
    QCOMPARE(read->given, given);
    QVERIFY2(given >= 20 && given <= 160, std::to_string(given).c_str());
    QVERIFY2(read->passedOver > 100 && read->passedOver + given <= sent, std::to_string(read->passedOver).c_str());
}

void MqttBrowseTest::readsNoHistory()
{
    const auto browser = connected(anyTopic());
    QVERIFY(browser);
    for (const auto from : {BrowseRequest::From::Beginning, BrowseRequest::From::Offset, BrowseRequest::From::Stamp}) {
        BrowseRequest request;
        request.from = from;
        const auto read = browser->read(request, [](const BrowsedMessage &) { return true; }, {});
        QVERIFY(!read);
        QVERIFY2(read.error().plain().find("keeps no history") != std::string::npos, read.error().plain().c_str());
    }
}

void MqttBrowseTest::disturbsNoSource()
{
    const SourceSpec spec = specFor({"calm/{line}"});
    Reading reading(mqttKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading); }), reading.explain().c_str());
    Publisher publisher;
    publisher.sendNumbers("calm/L1", 100, 1);
    const auto browser = connected(spec);
    QVERIFY(browser);
    QVERIFY(bool(browser->list(500ms, {})));
    const auto tried = mqttKind().test(spec, [](const Error &) {}, {});
    QVERIFY(bool(tried));
    publisher.sendNumbers("calm/L1", 100, 1, 100);
    QVERIFY2(reading.untilRows(200), reading.explain().c_str());
    QVERIFY(reading.ends.empty());
    for (std::size_t i = 0; i < 200; ++i)
        QCOMPARE(reading.rows[i].value, static_cast<double>(i));
}

void MqttBrowseTest::stopsSoon()
{
    const auto browser = connected(anyTopic());
    QVERIFY(browser);
    for (const bool isList : {true, false}) {
        std::stop_source source;
        const std::jthread stopper([&source] {
            std::this_thread::sleep_for(300ms);
            source.request_stop();
        });
        const auto began = std::chrono::steady_clock::now();
        BrowseRequest request;
        request.isFollowing = true;
        request.patience = 1min;
        if (isList)
            QVERIFY(bool(browser->list(1min, source.get_token())));
        else
            QVERIFY(bool(browser->read(
                request, [](const BrowsedMessage &) { return true; }, source.get_token())));
        QVERIFY(std::chrono::steady_clock::now() - began < 1500ms);
    }
    const SilentServer silent;
    SourceSpec spec = anyTopic();
    setting(spec, "broker") = scalar("tcp://" + silent.address());
    std::stop_source source;
    const std::jthread stopper([&source] {
        std::this_thread::sleep_for(300ms);
        source.request_stop();
    });
    const auto began = std::chrono::steady_clock::now();
    QVERIFY(!mqttKind().browse(spec)->connect([](const Error &) {}, source.get_token()));
    QVERIFY(std::chrono::steady_clock::now() - began < 1500ms);
}

void MqttBrowseTest::tellsThatTheBrokerWent()
{
    const auto browser = connected(anyTopic());
    QVERIFY(browser);
    const std::jthread ender([] {
        std::this_thread::sleep_for(500ms);
        static_cast<void>(stack->stop("mosquitto", End::Kill));
    });
    const auto topics = browser->list(20s, {});
    QVERIFY(!topics);
    QVERIFY2(topics.error().plain().find("was lost") != std::string::npos, topics.error().plain().c_str());
}

QTEST_GUILESS_MAIN(MqttBrowseTest)
#include "tst_mqttbrowse.moc"
