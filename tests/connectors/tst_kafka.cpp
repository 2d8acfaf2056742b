#include "connectors/kafka/kafkaclient.h"
#include "connectors/kafka/kafkapartition.h"
#include "connectors/kafka/kafkaproperties.h"
#include "connectors/kafka/kafkasettings.h"
#include "connectors/kafka/kafkasource.h"

#include "connectors/kafkaside.h"
#include "connectors/kafkaspec.h"
#include "core/times.h"

#include <QtTest>

#include <filesystem>
#include <set>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

std::unique_ptr<Stack> stack;
std::unique_ptr<KafkaSide> side;

SourceSpec specFor(const std::vector<std::string> &topics, const std::string &start, bool hasLine = false)
{
    return kafkaSpec(stack ? (*stack)["SG_KAFKA_BROKERS"] : "127.0.0.1:1", topics, start, hasLine);
}

// Every number from 0 once, and each partition's in order; otherwise what is wrong.
std::string wrongOf(const std::vector<Row> &rows, int count)
{
    std::vector<int> seen(static_cast<std::size_t>(count));
    std::map<std::string, double> newest;
    for (const Row &row : rows) {
        if (row.value < 0 || row.value >= count)
            return "unknown number " + std::to_string(row.value);
        if (++seen[static_cast<std::size_t>(row.value)] > 1)
            return std::to_string(row.value) + " came twice";
        const auto [before, isFirst] = newest.try_emplace(row.stream, row.value);
        if (!isFirst && before->second >= row.value)
            return std::to_string(row.value) + " came after " + std::to_string(before->second) + " in " + row.stream;
        before->second = row.value;
    }
    const auto missing = std::ranges::find(seen, 0);
    return missing == seen.end() ? std::string() : std::to_string(missing - seen.begin()) + " is missing";
}

// The one gap; only to be asked for where there is one.
Gap gapOf(const Reading &reading)
{
    const auto gap = std::ranges::find_if(reading.marks, [](const Mark &mark) { return std::holds_alternative<Gap>(mark); });
    return gap == reading.marks.end() ? Gap{} : std::get<Gap>(*gap);
}

bool isLive(const Reading &reading)
{
    return reading.status.state == SourceStatus::State::Live;
}

}

class KafkaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
        QVERIFY2(stack->ok(), stack->error().c_str());
        qputenv("SG_TEST_SECRET", (*stack)["SG_KAFKA_PASSWORD"].c_str());
        qputenv("SG_TEST_WRONG", "not-the-password");
        side = std::make_unique<KafkaSide>((*stack)["SG_KAFKA_BROKERS"]);
    }
    void cleanupTestCase()
    {
        side.reset();
        stack.reset();
    }

    void knowsEveryPropertyOfTheLibrary();
    void refusesByName_data();
    void refusesByName();
    void storesPlaces();
    void readsEachRecordOnce_data();
    void readsEachRecordOnce();
    void beginsWhereAsked_data();
    void beginsWhereAsked();
    void goesOnWhereItStopped();
    void findsNewTopicsAndPartitions();
    void readsKeysHeadersAndTombstones();
    void showsNoAbortedTransaction();
    void waitsForRoomInTheLane();
    void reportsTrimmedOffsets_data();
    void reportsTrimmedOffsets();
    void reportsATopicMadeAnew_data();
    void reportsATopicMadeAnew();
    void readsOlderRecordsBack_data();
    void readsOlderRecordsBack();
    void readsBackBesideALiveReader();
    void tellsWhyTlsFails_data();
    void tellsWhyTlsFails();
    void explainsTls();
    void triesWithSteps();
    void stopsSoonWhenTheBrokerHangs();
    void survivesABrokerRestart_data();
    void survivesABrokerRestart();
};

void KafkaTest::knowsEveryPropertyOfTheLibrary()
{
    std::size_t count = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *topicConf = rd_kafka_topic_conf_new();
    std::set<std::string> names{"sasl.password", "sasl.username", "ssl.ca.location", "ssl.key.password",
                                "group.instance.id"}; // unset, so not dumped
    for (const bool isTopic : {false, true}) {
        const char **dump = isTopic ? rd_kafka_topic_conf_dump(topicConf, &count) : rd_kafka_conf_dump(conf, &count);
        for (std::size_t i = 0; i < count; i += 2)
            names.insert(dump[i]);
        rd_kafka_conf_dump_free(dump, count);
    }
    rd_kafka_conf_destroy(conf);
    rd_kafka_topic_conf_destroy(topicConf);
    QVERIFY(names.size() > 80);
    for (const std::string &name : names)
        QVERIFY2(kafkaProperty(name) != KafkaProperty::Unknown, name.c_str());
}

void KafkaTest::refusesByName_data()
{
    QTest::addColumn<QString>("property");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says"); // empty: accepted
    QTest::newRow("runs a shell") << "sasl.kerberos.kinit.cmd"
                                  << "touch /tmp/x"
                                  << "'sasl.kerberos.kinit.cmd' is not allowed";
    QTest::newRow("loads a library") << "plugin.library.paths"
                                     << "/tmp/x.so"
                                     << "'plugin.library.paths' is not allowed";
    QTest::newRow("joins a group") << "group.id"
                                   << "orders"
                                   << "'group.id' is not allowed";
    QTest::newRow("mistyped") << "security.protokol"
                              << "SSL"
                              << "did you mean 'security.protocol'";
    QTest::newRow("kerberos by value") << "sasl.mechanism"
                                       << "GSSAPI"
                                       << "'GSSAPI' is not in this version";
    QTest::newRow("kerberos by default") << "security.protocol"
                                         << "SASL_SSL"
                                         << "needs sasl.mechanism";
    QTest::newRow("secret in the open") << "sasl.password"
                                        << "hunter2"
                                        << "'sasl.password' is a secret";
    QTest::newRow("file outside") << "ssl.ca.location"
                                  << "../../etc/passwd"
                                  << "ssl.ca.location";
    QTest::newRow("absolute file") << "ssl.ca.location"
                                   << "/etc/passwd"
                                   << "relative";
    QTest::newRow("config of oauth") << "sasl.oauthbearer.config"
                                     << "x"
                                     << "'sasl.oauthbearer.config' is not allowed";
    QTest::newRow("fetching is allowed") << "fetch.wait.max.ms"
                                         << "100"
                                         << "";
    QTest::newRow("plain is allowed") << "security.protocol"
                                      << "PLAINTEXT"
                                      << "";
}

void KafkaTest::refusesByName()
{
    QFETCH(QString, property);
    QFETCH(QString, value);
    QFETCH(QString, says);
    SourceSpec spec = specFor({"orders"}, "latest");
    spec.folder = std::filesystem::temp_directory_path();
    spec.settings.map.emplace_back("properties", map({{property.toStdString(), scalar(value.toStdString())}}));
    const std::vector<Error> faults = kafkaKind().check(spec);
    const QString said = faults.empty() ? QString() : QString::fromStdString(faults.front().plain());
    QCOMPARE(said.isEmpty(), says.isEmpty());
    QVERIFY2(said.contains(says), qPrintable(said));
    QVERIFY(!said.contains(QStringLiteral("hunter2")));
}

void KafkaTest::storesPlaces()
{
    const auto back = KafkaPosition::parse(KafkaPosition{4711, 1'760'000'000'000, 4709, -1, 0xFEDC'BA98'7654'3210}.bytes());
    QVERIFY(back);
    QCOMPARE(back->next, 4711);
    QCOMPARE(back->newest, 1'760'000'000'000);
    QCOMPARE(back->last, 4709);
    QCOMPARE(back->lastStamp, -1);
    QCOMPARE(back->lastDigest, 0xFEDC'BA98'7654'3210);
    const auto old = KafkaPosition::parse("1 4711 1760000000000"); // of version 0.1.0
    QVERIFY(old && old->next == 4711 && old->newest == 1'760'000'000'000 && old->last == -1);
    for (const char *bad : {"", "1", "1 ", "1 x 3", "1 -5 3", "1 5", "1 5 3 4", "2 5 3", "2 5 3 4 3", "2 5 3 4 3 xyz", "2 5 3 5 3 1f",
                            "2 5 3 4 3 1f 0", "3 5 3"})
        QVERIFY2(!KafkaPosition::parse(bad), bad);
}

void KafkaTest::readsEachRecordOnce_data()
{
    QTest::addColumn<QString>("codec");
    QTest::addColumn<int>("count");
    QTest::newRow("lz4") << "lz4" << 100'000;
    QTest::newRow("none") << "none" << 20'000;
    QTest::newRow("zstd") << "zstd" << 20'000;
    QTest::newRow("gzip") << "gzip" << 20'000;
    QTest::newRow("snappy") << "snappy" << 20'000;
}

void KafkaTest::readsEachRecordOnce()
{
    QFETCH(QString, codec);
    QFETCH(int, count);
    const std::string topic = "once-" + codec.toStdString();
    KafkaSide writer((*stack)["SG_KAFKA_BROKERS"], {{"compression.codec", codec.toStdString()}});
    writer.createTopic(topic, 4);
    writer.sendNumbers(topic, 4, count / 2);
    Reading reading(kafkaKind(), specFor({topic}, "earliest"));
    QVERIFY2(reading.untilRows(static_cast<std::size_t>(count / 2)), reading.explain().c_str());
    writer.sendNumbers(topic, 4, count / 2, count / 2);
    QVERIFY2(reading.untilRows(static_cast<std::size_t>(count)), reading.explain().c_str());
    // A status is told once a second: the one that says so may be of before the second half.
    const auto isAllTold
        = [&] { return isLive(reading) && reading.status.lag == 0 && reading.status.messages >= static_cast<std::uint64_t>(count); };
    QVERIFY2(reading.until(isAllTold, 10s), reading.explain().c_str());
    QVERIFY(reading.stop() < 2500ms);
    QCOMPARE(wrongOf(reading.rows, count), std::string());
    QCOMPARE(reading.positions.size(), 4U);
    // Behind before the first record, caught up after what was there at the connect.
    QVERIFY(std::holds_alternative<Behind>(reading.marks.at(0)));
    QCOMPARE(reading.markRows.at(0), 0U);
    QVERIFY(std::holds_alternative<CaughtUp>(reading.marks.at(1)));
    QVERIFY(reading.markRows.at(1) >= static_cast<std::size_t>(count / 2));
    QCOMPARE(reading.status.messages, static_cast<std::uint64_t>(count));
    QVERIFY(reading.rows.front().stamp > Time{} + 1000h);
}

void KafkaTest::beginsWhereAsked_data()
{
    QTest::addColumn<QString>("start");
    QTest::addColumn<int>("first"); // of 0..29, ten each three hours, one hour, a minute old
    const auto ago
        = [](std::chrono::minutes time) { return QDateTime::currentDateTimeUtc().addSecs(-time.count() * 60).toString(Qt::ISODate); };
    QTest::newRow("earliest") << "earliest" << 0;
    QTest::newRow("a duration ago") << "-2h" << 10;
    QTest::newRow("a time") << ago(30min) << 20;
    QTest::newRow("latest") << "latest" << 30;
}

void KafkaTest::beginsWhereAsked()
{
    QFETCH(QString, start);
    QFETCH(int, first);
    const std::string topic = std::string("begins-") + std::to_string(first);
    side->createTopic(topic, 1);
    const std::int64_t now = QDateTime::currentMSecsSinceEpoch();
    for (int i = 0; i < 30; ++i) {
        const std::int64_t age = (i < 10 ? 180 : i < 20 ? 60 : 1) * 60'000LL;
        side->send({topic, 0, "{\"n\":" + std::to_string(i) + "}", {}, {}, now - age + i});
    }
    side->flush();
    Reading reading(kafkaKind(), specFor({topic}, start.toStdString()));
    QVERIFY2(reading.until([&] { return isLive(reading) && !reading.positions.empty(); }), reading.explain().c_str());
    side->sendNumbers(topic, 1, 1, 30);
    const auto expected = static_cast<std::size_t>(31 - first);
    QVERIFY2(reading.untilRows(expected), reading.explain().c_str());
    QCOMPARE(reading.rows.size(), expected);
    QCOMPARE(reading.rows.front().value, first);
    QCOMPARE(reading.rows.front().offset, first);
    QCOMPARE(reading.rows.front().stream, topic + "/0");
}

void KafkaTest::goesOnWhereItStopped()
{
    const std::string topic = "goes-on";
    side->createTopic(topic, 2);
    side->sendNumbers(topic, 2, 1000);
    Reading first(kafkaKind(), specFor({topic}, "earliest"));
    QVERIFY2(first.untilRows(1000), first.explain().c_str());
    first.stop();
    side->sendNumbers(topic, 2, 1000, 1000);
    Reading second(kafkaKind(), specFor({topic}, "latest"), first.positions); // what is stored is stronger than start
    QVERIFY2(second.untilRows(1000), second.explain().c_str());
    second.stop();
    std::vector<Row> rows = first.rows;
    rows.insert(rows.end(), second.rows.begin(), second.rows.end());
    QCOMPARE(wrongOf(rows, 2000), std::string());
    QCOMPARE(second.gaps(), 0U);
}

void KafkaTest::findsNewTopicsAndPartitions()
{
    side->createTopic("plant.L1.processed", 1);
    side->createTopic("plant.L9.processed", 1);
    SourceSpec spec = specFor({"plant.{line}.processed"}, "latest", true);
    spec.settings.map.emplace_back("except", list({"plant.L9.processed"}));
    Reading reading(kafkaKind(), spec);
    QVERIFY2(reading.until([&] { return isLive(reading) && !reading.positions.empty(); }), reading.explain().c_str());
    side->sendNumbers("plant.L1.processed", 1, 1, 0);
    side->sendNumbers("plant.L9.processed", 1, 1, 5);
    side->createTopic("plant.L2.processed", 1);
    side->sendNumbers("plant.L2.processed", 1, 1, 1); // before anybody knows the topic; nothing of it may be skipped
    side->growTopic("plant.L1.processed", 2);
    KafkaSide writer((*stack)["SG_KAFKA_BROKERS"]); // the other one would not look for the new partition for minutes
    writer.send({"plant.L1.processed", 1, "{\"n\":2}", {}});
    writer.flush();
    QVERIFY2(reading.untilRows(3, 30s), reading.explain().c_str());
    std::set<std::pair<std::string, double>> seen;
    for (const Row &row : reading.rows)
        seen.emplace(row.series, row.value);
    QCOMPARE(seen, (std::set<std::pair<std::string, double>>{{"s/L1/n", 0}, {"s/L2/n", 1}, {"s/L1/n", 2}}));
}

void KafkaTest::readsKeysHeadersAndTombstones()
{
    side->createTopic("keyed", 1);
    SourceSpec spec = specFor({"keyed"}, "earliest");
    for (auto &[key, value] : spec.declaration.map) {
        if (key == "path")
            value = list({"device", "plant"});
    }
    spec.declaration.map.emplace_back("labels", map({{"device", scalar("key:")}, {"plant", scalar("header:plant")}}));
    side->send({"keyed", 0, "{\"n\":1}", "P-07", {{"plant", "north"}, {"empty", ""}}});
    side->send({"keyed", 0, {}, "P-07", {{"plant", "north"}}, 0, true});
    side->send({"keyed", 0, "{\"n\":2}", "P-08", {{"plant", "south"}}});
    side->flush();
    Reading reading(kafkaKind(), spec);
    QVERIFY2(reading.untilRows(2), reading.explain().c_str());
    QCOMPARE(reading.rows[0].series, std::string("s/P-07/north/n"));
    QCOMPARE(reading.rows[1].series, std::string("s/P-08/south/n"));
    QCOMPARE(reading.rows[1].offset, 2);
}

void KafkaTest::showsNoAbortedTransaction()
{
    side->createTopic("transactions", 1);
    {
        KafkaSide writer((*stack)["SG_KAFKA_BROKERS"], {{"transactional.id", "t"}, {"transaction.timeout.ms", "120000"}});
        const auto check = [](rd_kafka_error_t *error) {
            const std::string text = error == nullptr ? "" : rd_kafka_error_string(error);
            rd_kafka_error_destroy(error);
            return text;
        };
        QCOMPARE(check(rd_kafka_init_transactions(writer.handle(), 60'000)), std::string());
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(check(rd_kafka_begin_transaction(writer.handle())), std::string());
            writer.sendNumbers("transactions", 1, 10, i * 10);
            QCOMPARE(
                check(i == 1 ? rd_kafka_abort_transaction(writer.handle(), 60'000) : rd_kafka_commit_transaction(writer.handle(), 60'000)),
                std::string());
        }
    }
    Reading reading(kafkaKind(), specFor({"transactions"}, "earliest"));
    // The last record is a marker that no consumer sees; it must not look like a lag for ever.
    QVERIFY2(reading.until([&] { return isLive(reading) && reading.status.lag == 0; }), reading.explain().c_str());
    QCOMPARE(reading.rows.size(), 20U);
    QCOMPARE(reading.rows[10].value, 20.0);
}

void KafkaTest::waitsForRoomInTheLane()
{
    side->createTopic("full", 2);
    side->sendNumbers("full", 2, 200'000);
    Reading reading(kafkaKind(), specFor({"full"}, "earliest"), {}, 200'000);
    reading.isDraining = false;
    QVERIFY2(reading.until([&] { return reading.reported().messages > 0 && reading.reported().lag > 1000; }, 20s),
             reading.explain().c_str());
    reading.isDraining = true;
    QVERIFY2(reading.until([&] { return reading.status.lag > 1000; }, 5s), reading.explain().c_str());
    QVERIFY2(reading.untilRows(200'000), reading.explain().c_str());
    reading.stop();
    QCOMPARE(wrongOf(reading.rows, 200'000), std::string());
}

void KafkaTest::reportsTrimmedOffsets_data()
{
    QTest::addColumn<int>("before"); // of 200 records, 100 of them read
    QTest::addColumn<int>("gaps");
    QTest::newRow("some not read") << 150 << 1;
    QTest::newRow("all that were read") << 100 << 0;
    QTest::newRow("some that were read") << 50 << 0;
    QTest::newRow("all") << 200 << 1;
}

void KafkaTest::reportsTrimmedOffsets()
{
    QFETCH(int, before);
    QFETCH(int, gaps);
    const std::string topic = "trimmed-" + std::to_string(before);
    side->createTopic(topic, 1);
    side->sendNumbers(topic, 1, 100);
    Reading first(kafkaKind(), specFor({topic}, "earliest"));
    QVERIFY2(first.untilRows(100), first.explain().c_str());
    first.stop();
    side->sendNumbers(topic, 1, 100, 100);
    side->deleteBefore(topic, 0, before);
    Reading second(kafkaKind(), specFor({topic}, "earliest"), first.positions);
    const auto expected = static_cast<std::size_t>(200 - std::max(before, 100));
    QVERIFY2(second.until([&] { return second.rows.size() >= expected && second.gaps() >= static_cast<std::size_t>(gaps); }),
             second.explain().c_str());
    QVERIFY2(second.until([&] { return isLive(second) && second.status.lag == 0; }), second.explain().c_str());
    second.stop();
    QCOMPARE(second.rows.size(), expected);
    QCOMPARE(second.gaps(), static_cast<std::size_t>(gaps));
    if (gaps > 0) {
        const Gap gap = gapOf(second);
        const std::string said = gap.why.plain();
        QVERIFY2(said.find("100 to " + std::to_string(before - 1)) != std::string::npos, said.c_str());
        QVERIFY2(said.find("goes on at offset " + std::to_string(before)) != std::string::npos, said.c_str());
        QCOMPARE(gap.from, first.rows.back().stamp);
        QCOMPARE(gap.to, second.rows.empty() ? NoTime : second.rows.front().stamp);
    }
    // Told once: with the position of the gap, nothing is missing.
    Reading third(kafkaKind(), specFor({topic}, "earliest"), second.positions);
    QVERIFY2(third.until([&] { return isLive(third) && third.status.lag == 0; }), third.explain().c_str());
    side->sendNumbers(topic, 1, 1, 200);
    QVERIFY2(third.untilRows(1), third.explain().c_str());
    QCOMPARE(third.rows.front().value, 200.0);
    QCOMPARE(third.gaps(), 0U);
}

void KafkaTest::reportsATopicMadeAnew_data()
{
    QTest::addColumn<int>("records"); // of the new topic; the old one had 100
    QTest::addColumn<bool>("isWatched"); // all the time
    QTest::addColumn<bool>("isOldPosition"); // of version 0.1.0
    QTest::addColumn<QString>("says");
    QTest::newRow("shorter") << 10 << false << false << "ends at offset 10 and reading was at 100";
    QTest::newRow("as long") << 100 << false << false << "another record stands at offset 99";
    QTest::newRow("longer") << 300 << false << false << "another record stands at offset 99";
    QTest::newRow("shorter, old position") << 10 << false << true << "ends at offset 10 and reading was at 100";
    QTest::newRow("longer, while it is watched") << 300 << true << false << "another record stands at offset 99";
}

void KafkaTest::reportsATopicMadeAnew()
{
    QFETCH(int, records);
    QFETCH(bool, isWatched);
    QFETCH(bool, isOldPosition);
    QFETCH(QString, says);
    const std::string topic = "anew-" + std::to_string(records) + (isWatched ? "w" : "") + (isOldPosition ? "o" : "");
    KafkaSide writer((*stack)["SG_KAFKA_BROKERS"]); // one that has not seen the topic would look for it in vain for a while
    writer.createTopic(topic, 1);
    writer.sendNumbers(topic, 1, 100);
    auto first = std::make_unique<Reading>(kafkaKind(), specFor({topic}, "earliest"));
    QVERIFY2(first->untilRows(100), first->explain().c_str());
    const Time newest = first->rows.back().stamp;
    if (!isWatched)
        first->stop();
    writer.deleteTopic(topic);
    if (isWatched) // its reader has to see that it was away
        QVERIFY2(first->until([&] { return !first->status.notes.empty() || !first->why().empty(); }, 40s), first->explain().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            try {
                writer.createTopic(topic, 1);
                return true;
            } catch (const std::runtime_error &) {
                return false; // still being deleted
            }
        }(),
        20'000);
    KafkaSide again((*stack)["SG_KAFKA_BROKERS"]);
    again.sendNumbers(topic, 1, records, 200);
    Positions positions = first->positions;
    if (isOldPosition) {
        const auto position = KafkaPosition::parse(positions.at(topic + "/0"));
        positions[topic + "/0"] = "1 " + std::to_string(position->next) + ' ' + std::to_string(position->newest);
    }
    const std::size_t before = isWatched ? 100 : 0;
    if (!isWatched)
        first = std::make_unique<Reading>(kafkaKind(), specFor({topic}, "latest"), positions);
    Reading &second = *first;
    QVERIFY2(second.untilRows(before + static_cast<std::size_t>(records)), second.explain().c_str());
    second.stop();
    QCOMPARE(second.rows.size(), before + static_cast<std::size_t>(records));
    for (std::size_t i = before; i < second.rows.size(); ++i)
        QCOMPARE(second.rows[i].value, 200.0 + static_cast<double>(i - before));
    QCOMPARE(second.gaps(), 1U);
    const Gap gap = gapOf(second);
    QVERIFY2(gap.why.plain().find(says.toStdString()) != std::string::npos, gap.why.plain().c_str());
    QCOMPARE(gap.from, newest);
    QCOMPARE(gap.to, second.rows[before].stamp);
}

void KafkaTest::readsOlderRecordsBack_data()
{
    QTest::addColumn<int>("from"); // seconds of 3000, one record each
    QTest::addColumn<int>("to");
    QTest::addColumn<int>("live"); // records that live reading has of each partition; -1: it has none of them
    QTest::newRow("the middle") << 1000 << 2000 << 1500;
    QTest::newRow("all") << -1000 << 4000 << 1500;
    QTest::newRow("as if nobody read live") << -1000 << 4000 << -1;
    QTest::newRow("never beyond live reading") << 500 << 3000 << 500;
    QTest::newRow("before the first") << -1000 << -100 << 1500;
    QTest::newRow("one record") << 1234 << 1235 << 1500;
}

void KafkaTest::readsOlderRecordsBack()
{
    QFETCH(int, from);
    QFETCH(int, to);
    QFETCH(int, live);
    static std::int64_t first = 0;
    if (first == 0) {
        side->createTopic("older", 2);
        first = QDateTime::currentMSecsSinceEpoch() - 4'000'000;
        for (int i = 0; i < 3000; ++i) // a little out of order, as several writers make it
            side->send({"older", i % 2, "{\"n\":" + std::to_string(i) + "}", {}, {}, first + i * 1000 - (i % 10 == 0 ? 1500 : 0)});
        side->flush();
    }
    Reading whole(kafkaKind(), specFor({"older"}, "earliest"));
    QVERIFY2(whole.untilRows(3000), whole.explain().c_str());
    whole.stop();
    Positions positions;
    if (live >= 0) {
        for (const char *stream : {"older/0", "older/1"})
            positions[stream] = KafkaPosition{live}.bytes();
    }
    const Time begin{Millis(first + from * 1000LL)}, end{Millis(first + to * 1000LL)};
    const Older older(kafkaKind(), specFor({"older"}, "earliest"), begin, end, positions);
    QVERIFY2(older.result, older.result ? "" : older.result.error().plain().c_str());
    QVERIFY(older.isOnlyHistory);
    // In the range exactly what a full reading brings, as far as live reading has come; beside it no more than a margin.
    const auto textOf
        = [](const Row &row) { return row.stream + " " + std::to_string(row.offset) + " " + row.series + " " + std::to_string(row.value); };
    std::multiset<std::string> expected, got;
    for (const Row &row : whole.rows) {
        if (row.stamp >= begin && row.stamp < end && (live < 0 || row.offset < live))
            expected.insert(textOf(row) + formatUtc(row.stamp));
    }
    for (const Row &row : older.rows) {
        QVERIFY(row.stamp >= begin - 10s && row.stamp < end + 10s);
        QVERIFY(live < 0 || row.offset < live);
        if (row.stamp >= begin && row.stamp < end)
            got.insert(textOf(row) + formatUtc(row.stamp));
    }
    QCOMPARE(got.size(), expected.size());
    QVERIFY(got == expected);
}

void KafkaTest::readsBackBesideALiveReader()
{
    side->createTopic("beside", 2);
    side->sendNumbers("beside", 2, 60'000);
    const Time now{Millis(QDateTime::currentMSecsSinceEpoch())};
    Reading live(kafkaKind(), specFor({"beside"}, "latest"));
    QVERIFY2(live.until([&] { return isLive(live) && live.positions.size() == 2; }), live.explain().c_str());
    std::jthread later([&] { side->sendNumbers("beside", 2, 10'000, 60'000); });
    const Older older(kafkaKind(), specFor({"beside"}, "latest"), now - 1h, now, live.positions);
    QVERIFY(older.result);
    QCOMPARE(wrongOf(older.rows, 60'000), std::string());
    QVERIFY2(live.untilRows(10'000), live.explain().c_str());
    QCOMPARE(live.rows.size(), std::size_t{10'000});
    const auto least = std::ranges::min(live.rows, {}, &Row::value); // either partition may come first
    QCOMPARE(least.value, 60'000.0);
    later.join();
    // Stopped, it ends soon and says so.
    std::stop_source stop;
    stop.request_stop();
    const Older stopped(kafkaKind(), specFor({"beside"}, "latest"), now - 1h, now, live.positions, stop.get_token());
    QVERIFY(!stopped.result);
    QCOMPARE(stopped.result.error().plain(), std::string("stopped"));
}

void KafkaTest::tellsWhyTlsFails_data()
{
    QTest::addColumn<QString>("ca");
    QTest::addColumn<QString>("secret");
    QTest::addColumn<QString>("says");
    QTest::newRow("all right") << "SG_CA"
                               << "SG_TEST_SECRET"
                               << "";
    QTest::newRow("wrong CA") << "SG_WRONG_CA"
                              << "SG_TEST_SECRET"
                              << "certificate is not trusted";
    QTest::newRow("another name") << "SG_CA"
                                  << "SG_TEST_SECRET"
                                  << "broker's host name";
    QTest::newRow("wrong password") << "SG_CA"
                                    << "SG_TEST_WRONG"
                                    << "refuses this user or password";
}

void KafkaTest::tellsWhyTlsFails()
{
    QFETCH(QString, ca);
    QFETCH(QString, secret);
    QFETCH(QString, says);
    const std::string topic = "secured";
    if (says.isEmpty()) {
        side->createTopic(topic, 1);
        side->sendNumbers(topic, 1, 10);
    }
    SourceSpec spec = specFor({topic}, "earliest");
    useSasl(spec, *stack, ca.toStdString());
    setKafkaProperty(spec, "sasl.password", secretOf(secret.toStdString()));
    // The same machine by a name that the certificate does not hold.
    if (says.contains(QStringLiteral("name")))
        setKey(spec.settings, "brokers", list({"127.1" + (*stack)["SG_KAFKA_SASL_BROKERS"].substr(9)}));
    std::string steps;
    const auto tried = kafkaKind().test(spec, [&steps](const Error &step) { steps += step.plain() + '\n'; }, {});
    QCOMPARE(static_cast<bool>(tried), says.isEmpty());
    Reading reading(kafkaKind(), spec);
    if (says.isEmpty()) {
        QVERIFY2(reading.untilRows(10), reading.explain().c_str());
        return;
    }
    QVERIFY2(tried.error().plain().find(says.toStdString()) != std::string::npos, tried.error().plain().c_str());
    QVERIFY2(reading.until([&] { return !reading.ends.empty(); }, 20s), reading.explain().c_str());
    QVERIFY2(reading.ends.front().find(says.toStdString()) != std::string::npos, reading.ends.front().c_str());
    for (const std::string &text : {steps, tried.error().plain(), reading.ends.front()}) {
        QVERIFY(text.find("not-the-password") == std::string::npos);
        QVERIFY(text.find((*stack)["SG_KAFKA_PASSWORD"]) == std::string::npos);
    }
}

// librdkafka tells the same fault in several ways, as its threads come to it.
void KafkaTest::explainsTls()
{
    for (const char *reason :
         {"sasl_ssl://127.0.0.1:9093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed",
          "sasl_ssl://127.0.0.1:9093/bootstrap: error:0A000086:SSL routines::certificate verify failed (after 12ms in "
          "state SSL_HANDSHAKE)"}) {
        const Error error = explainKafka({}, RD_KAFKA_RESP_ERR__TRANSPORT, reason);
        QVERIFY2(error.plain().find("certificate is not trusted") != std::string::npos, error.plain().c_str());
    }
    const Error error = explainKafka({}, RD_KAFKA_RESP_ERR__TRANSPORT, "127.0.0.1:9093/bootstrap: Connect failed: Connection refused");
    QVERIFY2(error.plain().find("no broker answers") != std::string::npos, error.plain().c_str());
}

void KafkaTest::triesWithSteps()
{
    side->createTopic("a-tried", 2);
    side->sendNumbers("a-tried", 2, 7);
    std::string steps;
    const auto say = [&steps](const Error &step) { steps += step.plain() + '\n'; };
    QVERIFY(kafkaKind().test(specFor({"a-tried"}, "latest"), say, {}));
    QVERIFY2(steps.find("1 topics with 2 partitions") != std::string::npos && steps.find("7 messages") != std::string::npos, steps.c_str());
    const auto missing = kafkaKind().test(specFor({"no-such-topic"}, "latest"), say, {});
    QVERIFY(!missing);
    QVERIFY(missing.error().plain().find("'no-such-topic' does not exist") != std::string::npos);
    const auto nothing = kafkaKind().test(specFor({"^no-such-.*"}, "latest"), say, {});
    QVERIFY(!nothing);
    QVERIFY2(nothing.error().plain().find("the broker has: a-tried") != std::string::npos, nothing.error().plain().c_str());
    // Nobody listens there. A person waits for the answer.
    SourceSpec refused = specFor({"a-tried"}, "latest");
    refused.settings.map.front().second = list({"127.0.0.1:1"});
    const Mono began = Mono::clock::now();
    const auto no = kafkaKind().test(refused, say, {});
    QVERIFY(!no);
    QVERIFY2(no.error().plain().find("127.0.0.1:1 refuses connections") != std::string::npos, no.error().plain().c_str());
    QVERIFY2(Mono::clock::now() - began < 3s, "the test of a refused connection took long");
}

void KafkaTest::stopsSoonWhenTheBrokerHangs()
{
    const SilentServer server;
    SourceSpec spec = specFor({"orders"}, "latest");
    spec.settings.map.front().second = list({server.address()});
    Reading reading(kafkaKind(), spec);
    QVERIFY(server.isCalled(20s)); // it has a connection, and waits for the first word
    QVERIFY(reading.stop() < 2s);
}

void KafkaTest::survivesABrokerRestart_data()
{
    QTest::addColumn<int>("how");
    QTest::addColumn<QString>("topic");
    QTest::newRow("SIGTERM") << static_cast<int>(End::Term) << "restart-term";
    QTest::newRow("SIGKILL") << static_cast<int>(End::Kill) << "restart-kill";
}

void KafkaTest::survivesABrokerRestart()
{
    QFETCH(int, how);
    QFETCH(QString, topic);
    constexpr int Count = 30'000;
    const std::string name = topic.toStdString();
    side->createTopic(name, 4);
    Reading reading(kafkaKind(), specFor({name}, "earliest"));
    QVERIFY2(reading.until([&] { return isLive(reading) && !reading.positions.empty(); }), reading.explain().c_str());
    std::string failed;
    std::jthread writer([&] {
        try {
            for (int i = 0; i < Count; ++i) {
                side->send({name, i % 4, "{\"n\":" + std::to_string(i) + "}", {}});
                if (i % 100 == 0)
                    std::this_thread::sleep_for(20ms); // so that data flows before, during and after
            }
            side->flush();
        } catch (const std::exception &error) {
            failed = error.what();
        }
    });
    QVERIFY2(reading.untilRows(2000), reading.explain().c_str());
    QVERIFY2(stack->stop("kafka", static_cast<End>(how)), stack->error().c_str());
    QVERIFY2(reading.until([&] { return reading.status.state == SourceStatus::State::Lost; }, 10s), reading.explain().c_str());
    QVERIFY2(reading.why().find("no broker answers") != std::string::npos, reading.why().c_str());
    QVERIFY2(stack->start("kafka"), stack->error().c_str());
    QVERIFY2(reading.untilRows(Count, 90s), reading.explain().c_str());
    writer.join();
    QCOMPARE(failed, std::string());
    QVERIFY2(reading.until([&] { return isLive(reading); }, 10s), reading.explain().c_str());
    reading.stop();
    QCOMPARE(wrongOf(reading.rows, Count), std::string());
    QCOMPARE(reading.gaps(), 0U);
}

QTEST_GUILESS_MAIN(KafkaTest)
#include "tst_kafka.moc"
