#include "connectors/kafka/kafkasource.h"

#include "connectors/kafkaside.h"
#include "connectors/kafkaspec.h"
#include "core/browse.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

std::unique_ptr<Stack> stack;
std::unique_ptr<KafkaSide> side;

std::unique_ptr<Browser> browserOf(const SourceSpec &spec)
{
    return kafkaKind().browse(spec);
}

// As the first step of the wizard has it: a server and nothing else.
SourceSpec serverOnly(const std::string &brokers)
{
    SourceSpec spec;
    spec.id = "new";
    spec.kind = "kafka";
    spec.clientName = "sightglass-test";
    spec.settings = map({{"brokers", list({brokers})}});
    return spec;
}

const BrowsedTopic *topicOf(const std::vector<BrowsedTopic> &topics, const std::string &name)
{
    const auto found = std::ranges::find(topics, name, &BrowsedTopic::name);
    return found == topics.end() ? nullptr : &*found;
}

struct Looked
{
    Looked(const BrowseRequest &request, std::size_t enough = SIZE_MAX, std::stop_token stop = {})
    {
        const auto browser = browserOf(serverOnly((*stack)["SG_KAFKA_BROKERS"]));
        const Mono began = Mono::clock::now();
        result = browser->read(
            request,
            [&](BrowsedMessage message) {
                messages.push_back(std::move(message));
                return messages.size() < enough;
            },
            std::move(stop));
        took = std::chrono::duration_cast<Millis>(Mono::clock::now() - began);
    }
    // "3 4 5" of {"n":3} ...
    [[nodiscard]] std::string numbers() const
    {
        std::string text;
        for (const BrowsedMessage &message : messages)
            text += (text.empty() ? "" : " ") + message.payload.substr(5, message.payload.size() - 6);
        return text;
    }
    [[nodiscard]] std::string why() const { return result ? std::string() : result.error().plain(); }

    Result<Browser::Read> result = Browser::Read{};
    std::vector<BrowsedMessage> messages;
    Millis took{};
};

BrowseRequest requestOf(const std::string &topic, BrowseRequest::From from, std::size_t count = 20)
{
    BrowseRequest request;
    request.topics = {topic};
    request.from = from;
    request.count = count;
    return request;
}

using From = BrowseRequest::From;

}

class KafkaBrowseTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        side = std::make_unique<KafkaSide>((*stack)["SG_KAFKA_BROKERS"]);
    }
    void cleanupTestCase()
    {
        side.reset();
        stack.reset();
    }

    void listsTopics();
    void readsFromAPlace_data();
    void readsFromAPlace();
    void readsTheNewestBehindHoles();
    void showsAllOfARecord();
    void followsWhatComes();
    void passesOverWhatIsTooMuch();
    void waitsForWhatIsOlder();
    void endsWhenAsked();
    void namesWhatItCannotRead_data();
    void namesWhatItCannotRead();
    void leavesNoTrace();
};

void KafkaBrowseTest::listsTopics()
{
    side->createTopic("list-quiet", 3);
    side->createTopic("list-empty", 2);
    side->createTopic("list-busy", 1);
    side->createTopic("__list-internal", 1);
    const std::int64_t hourAgo = QDateTime::currentMSecsSinceEpoch() - 3'600'000;
    for (int i = 0; i < 30; ++i)
        side->send({"list-quiet", i % 3, std::string(95, 'x'), "key-0", {}, hourAgo + i});
    side->flush();
    std::jthread writer([](const std::stop_token &stop) {
        KafkaSide busy((*stack)["SG_KAFKA_BROKERS"]);
        for (int i = 0; !stop.stop_requested(); ++i) {
            busy.sendNumbers("list-busy", 1, 10, i * 10);
            std::this_thread::sleep_for(100ms);
        }
    });
    const auto browser = browserOf(serverOnly((*stack)["SG_KAFKA_BROKERS"]));
    std::string steps;
    const auto connected = browser->connect([&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    QVERIFY2(connected, connected ? "" : connected.error().plain().c_str());
    QVERIFY2(steps.find("takes connections") != std::string::npos && steps.find("announces 1 brokers") != std::string::npos, steps.c_str());
    const auto listed = browser->list(2s, {});
    writer.request_stop();
    QVERIFY2(listed, listed ? "" : listed.error().plain().c_str());
    const BrowsedTopic *quiet = topicOf(*listed, "list-quiet");
    QVERIFY(quiet != nullptr);
    QCOMPARE(quiet->partitions, 3);
    QCOMPARE(quiet->messages, 30);
    QCOMPARE(quiet->bytes, 3000);
    QCOMPARE(quiet->messagesPerSecond, 0.0);
    QCOMPARE(quiet->newest, Time(Millis(hourAgo + 29)));
    const BrowsedTopic *busy = topicOf(*listed, "list-busy");
    QVERIFY(busy != nullptr);
    QVERIFY2(busy->messagesPerSecond > 30 && busy->messagesPerSecond < 110, std::to_string(busy->messagesPerSecond).c_str());
    QVERIFY(std::chrono::system_clock::now() - busy->newest < 60s);
    const BrowsedTopic *empty = topicOf(*listed, "list-empty");
    QVERIFY(empty != nullptr && empty->messages == 0 && empty->bytes == 0 && empty->newest == NoTime);
    QCOMPARE(listed->back().name, std::string("__list-internal"));
    // The names and counts alone, when nobody waits.
    const Mono began = Mono::clock::now();
    const auto names = browser->list(0s, {});
    QVERIFY(names && names->size() >= listed->size()); // the brokers may have made one of their own
    QVERIFY(Mono::clock::now() - began < 2s);
    const BrowsedTopic *named = topicOf(*names, "list-quiet");
    QVERIFY(named != nullptr && named->messages == 30 && named->newest == NoTime && named->messagesPerSecond == -1);
}

void KafkaBrowseTest::readsFromAPlace_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("at"); // offset, or seconds of the stamp
    QTest::addColumn<int>("partition");
    QTest::addColumn<int>("count");
    QTest::addColumn<QString>("numbers"); // of 0 to 299, one a second, in three partitions
    const auto row = [](const char *name, From from, int at, int partition, int count, const char *numbers) {
        QTest::newRow(name) << static_cast<int>(from) << at << partition << count << numbers;
    };
    row("newest", From::Newest, 0, -1, 7, "293 294 295 296 297 298 299");
    row("beginning", From::Beginning, 0, -1, 5, "0 1 2 3 4");
    row("offset", From::Offset, 50, -1, 5, "150 151 152 153 154");
    row("offset of a partition", From::Offset, 50, 1, 3, "151 154 157");
    row("offset beyond the end", From::Offset, 4711, 1, 3, "");
    row("stamp", From::Stamp, 200, -1, 4, "200 201 202 203");
    row("stamp before all", From::Stamp, -500, -1, 2, "0 1");
    row("stamp after all", From::Stamp, 5000, -1, 2, "");
}

void KafkaBrowseTest::readsFromAPlace()
{
    QFETCH(int, from);
    QFETCH(int, at);
    QFETCH(int, partition);
    QFETCH(int, count);
    QFETCH(QString, numbers);
    static std::int64_t first = 0;
    if (first == 0) {
        side->createTopic("places", 3);
        first = QDateTime::currentMSecsSinceEpoch() - 1'000'000;
        for (int i = 0; i < 300; ++i)
            side->send({"places", i % 3, "{\"n\":" + std::to_string(i) + "}", {}, {}, first + i * 1000});
        side->flush();
    }
    BrowseRequest request = requestOf("places", static_cast<From>(from), static_cast<std::size_t>(count));
    request.offset = at;
    request.partition = partition;
    request.stamp = Time(Millis(first + at * 1000LL));
    const Looked looked(request);
    QVERIFY2(looked.result, looked.why().c_str());
    QCOMPARE(QString::fromStdString(looked.numbers()), numbers);
    QCOMPARE(looked.result->given, looked.messages.size());
    QVERIFY2(looked.took < 5s, std::to_string(looked.took.count()).c_str());
    QCOMPARE(looked.result->remarks.size(), at == 4711 ? 1U : 0U);
}

// A transaction that was given up leaves offsets without a record.
void KafkaBrowseTest::readsTheNewestBehindHoles()
{
    side->createTopic("holes", 1);
    side->sendNumbers("holes", 1, 10);
    {
        KafkaSide writer((*stack)["SG_KAFKA_BROKERS"], {{"transactional.id", "h"}, {"transaction.timeout.ms", "120000"}});
        QVERIFY(rd_kafka_init_transactions(writer.handle(), 60'000) == nullptr);
        QVERIFY(rd_kafka_begin_transaction(writer.handle()) == nullptr);
        writer.sendNumbers("holes", 1, 200, 100);
        QVERIFY(rd_kafka_abort_transaction(writer.handle(), 60'000) == nullptr);
    }
    const Looked looked(requestOf("holes", From::Newest, 3));
    QVERIFY2(looked.result, looked.why().c_str());
    QCOMPARE(looked.numbers(), std::string("7 8 9"));
}

void KafkaBrowseTest::showsAllOfARecord()
{
    side->createTopic("whole", 1);
    const std::int64_t now = QDateTime::currentMSecsSinceEpoch();
    side->send({"whole", 0, std::string("\0\x01\xFF", 3), "P-07", {{"ce_type", "alarm"}, {"empty", ""}}, now});
    side->send({"whole", 0, {}, "P-07", {}, now + 1, true});
    side->send({"whole", 0, std::string(100'000, 'x'), "", {}, now + 2});
    side->flush();
    const Looked looked(requestOf("whole", From::Newest));
    QCOMPARE(looked.messages.size(), 3U);
    const BrowsedMessage &first = looked.messages[0];
    QCOMPARE(first.topic, std::string("whole"));
    QCOMPARE(first.key, std::string("P-07"));
    QVERIFY(first.hasKey && !first.isTombstone && !first.isCut());
    QCOMPARE(first.payload, std::string("\0\x01\xFF", 3));
    QCOMPARE(first.headers, (std::vector<std::pair<std::string, std::string>>{{"ce_type", "alarm"}, {"empty", ""}}));
    QCOMPARE(first.partition, 0);
    QCOMPARE(first.offset, 0);
    QCOMPARE(first.brokerTime, std::optional(Time(Millis(now))));
    QVERIFY(std::chrono::abs(std::chrono::system_clock::now() - first.arrival) < 60s);
    QVERIFY(looked.messages[1].isTombstone && looked.messages[1].size == 0);
    QVERIFY(looked.messages[2].isCut());
    QCOMPARE(looked.messages[2].payload.size(), std::size_t(64) << 10U);
    QCOMPARE(looked.messages[2].size, 100'000U);
}

void KafkaBrowseTest::followsWhatComes()
{
    side->createTopic("follow", 2);
    const std::int64_t hourAgo = QDateTime::currentMSecsSinceEpoch() - 3'600'000;
    for (int i = 0; i < 6; ++i)
        side->send({"follow", i % 2, "{\"n\":" + std::to_string(i) + "}", {}, {}, hourAgo + i});
    side->flush();
    BrowseRequest request = requestOf("follow", From::Newest, 2);
    request.isFollowing = true;
    request.patience = 30s;
    std::jthread writer([] {
        std::this_thread::sleep_for(1s);
        KafkaSide later((*stack)["SG_KAFKA_BROKERS"]);
        later.sendNumbers("follow", 2, 2, 6);
    });
    const Looked looked(request, 4);
    QVERIFY2(looked.result, looked.why().c_str());
    QVERIFY2(looked.numbers() == "4 5 6 7" || looked.numbers() == "4 5 7 6", looked.numbers().c_str());
    QCOMPARE(looked.result->passedOver, 0U);
}

// More than anybody can read: so many a second are given, the others are counted, and little is fetched.
void KafkaBrowseTest::passesOverWhatIsTooMuch()
{
    side->createTopic("flood", 2);
    BrowseRequest request = requestOf("flood", From::End);
    request.isFollowing = true;
    request.patience = 4s;
    request.mostPerSecond = 50;
    request.mostBytes = 100;
    std::atomic<std::uint64_t> sent = 0;
    std::jthread writer([&sent](const std::stop_token &stop) {
        KafkaSide busy((*stack)["SG_KAFKA_BROKERS"], {{"compression.codec", "lz4"}});
        for (int i = 0; !stop.stop_requested(); ++i) {
            busy.send({"flood", i % 2, std::string(2000, 'x'), {}});
            ++sent;
            if (i % 1000 == 0)
                std::this_thread::sleep_for(20ms);
        }
        busy.flush();
    });
    std::this_thread::sleep_for(500ms);
    const Looked looked(request);
    writer.request_stop();
    writer.join();
    QVERIFY2(looked.result, looked.why().c_str());
    const std::string counts = std::to_string(looked.result->given) + " of " + std::to_string(sent) + ", passed over "
        + std::to_string(looked.result->passedOver);
    QVERIFY2(sent > 20'000, counts.c_str()); // 8 MB a second are 4,000 of them
    QVERIFY2(looked.result->given >= 50 && looked.result->given <= 50 * 5, counts.c_str());
    QVERIFY2(looked.result->passedOver > sent / 4, counts.c_str());
    QVERIFY(looked.took < 6s);
    QVERIFY(std::ranges::all_of(looked.messages, [](const BrowsedMessage &one) { return one.isCut() && one.size == 2000; }));
}

// What lies there already has time: none of it is passed over.
void KafkaBrowseTest::waitsForWhatIsOlder()
{
    side->createTopic("history", 1);
    side->sendNumbers("history", 1, 300);
    BrowseRequest request = requestOf("history", From::Beginning);
    request.isFollowing = true;
    request.patience = 20s;
    request.mostPerSecond = 100;
    const Looked looked(request, 300);
    QVERIFY2(looked.result, looked.why().c_str());
    QCOMPARE(looked.result->passedOver, 0U);
    QCOMPARE(looked.messages.back().offset, 299);
    QVERIFY2(looked.took > 1500ms, std::to_string(looked.took.count()).c_str());
}

void KafkaBrowseTest::endsWhenAsked()
{
    side->createTopic("ends", 1);
    BrowseRequest request = requestOf("ends", From::End);
    request.isFollowing = true;
    request.patience = 60s;
    std::stop_source stop;
    std::jthread stopper([&stop] {
        std::this_thread::sleep_for(1500ms);
        stop.request_stop();
    });
    const Looked stopped(request, SIZE_MAX, stop.get_token());
    QVERIFY(stopped.result);
    QVERIFY(stopped.took < 4s);
    request.patience = 1s;
    const Looked over(request);
    QVERIFY(over.result);
    QVERIFY(over.took < 3s);
}

void KafkaBrowseTest::namesWhatItCannotRead_data()
{
    QTest::addColumn<QString>("topic");
    QTest::addColumn<QString>("says");
    QTest::newRow("not there") << "no-such-topic"
                               << "topic 'no-such-topic' does not exist";
    QTest::newRow("no name") << "a/b c"
                             << "topic 'a/b c' does not exist";
}

void KafkaBrowseTest::namesWhatItCannotRead()
{
    QFETCH(QString, topic);
    QFETCH(QString, says);
    const Looked looked(requestOf(topic.toStdString(), From::Newest));
    QVERIFY(!looked.result);
    QVERIFY2(looked.why().find(says.toStdString()) != std::string::npos, looked.why().c_str());
}

// The watched cluster knows no group of ours, and nothing was made by looking.
void KafkaBrowseTest::leavesNoTrace()
{
    const rd_kafka_group_list *groups = nullptr;
    QCOMPARE(rd_kafka_list_groups(side->handle(), nullptr, &groups, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    QCOMPARE(groups->group_cnt, 0);
    rd_kafka_group_list_destroy(groups);
    const rd_kafka_metadata_t *metadata = nullptr;
    QCOMPARE(rd_kafka_metadata(side->handle(), 1, nullptr, &metadata, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    for (int i = 0; i < metadata->topic_cnt; ++i)
        QVERIFY(std::string_view(metadata->topics[i].topic) != "no-such-topic");
    rd_kafka_metadata_destroy(metadata);
}

QTEST_GUILESS_MAIN(KafkaBrowseTest)
#include "tst_kafkabrowse.moc"
