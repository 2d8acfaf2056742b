#include "connectors/kafka/kafkasource.h"

#include "connectors/kafkaside.h"
#include "connectors/kafkaspec.h"
#include "core/text.h"
#include "core/times.h"
#include "decode/flow.h"

#include <QtTest>

#include <set>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

// Topics as others write them, on a real broker, read by declarations of workspace.md. Each payload is made for its test.
namespace {

std::unique_ptr<Stack> stack;
std::unique_ptr<KafkaSide> side;

// A source as it stands in a workspace: {id: press, kafka: {...}, path: ...}; the kafka map without brokers.
SourceSpec sourceOf(std::string_view item)
{
    SourceSpec spec;
    spec.kind = "kafka";
    spec.clientName = "sightglass-test";
    spec.declaration = flow::node(item);
    spec.id = spec.declaration.text("id");
    spec.settings = spec.declaration["kafka"];
    spec.settings.map.emplace_back("brokers", list({(*stack)["SG_KAFKA_BROKERS"]}));
    spec.settings.map.emplace_back("start", scalar("earliest"));
    spec.registry = {};
    return spec;
}

// The newest value of each series as text, and what else came.
class Told
{
public:
    explicit Told(std::string_view item)
        : m_reading(kafkaKind(), sourceOf(item))
    {
        m_reading.onBatch = [this](const Batch &batch) { take(batch); };
    }
    // Until it has read so many messages.
    bool untilMessages(std::uint64_t count)
    {
        return m_reading.until([&] { return m_reading.status.messages >= count && m_reading.status.state == SourceStatus::State::Live; },
                               30s);
    }
    [[nodiscard]] std::string explain() const
    {
        std::string text = m_reading.explain();
        for (const auto &[series, value] : newest)
            text += "\n" + series + " = " + value;
        for (const Error &note : m_reading.status.notes)
            text += "\n" + note.plain();
        return text;
    }
    [[nodiscard]] std::string notes() const
    {
        std::string text;
        for (const Error &note : m_reading.status.notes)
            text += note.plain() + '\n';
        return text;
    }
    [[nodiscard]] const SourceStatus &status() const { return m_reading.status; }

    std::map<std::string, std::string> newest;
    std::map<std::string, Time> stamps;
    std::map<std::string, std::string> noted; // "press/L1/P-07 lot" -> "A-1"
    std::vector<std::string> retired;
    std::vector<std::string> order; // "press/L1/P-07/temp=71.5"

private:
    void take(const Batch &batch)
    {
        for (const NewSeries &series : batch.newSeries)
            m_series[number(series.id)] = series;
        for (const NewText &text : batch.newTexts)
            m_texts[text.code] = text.text;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const NewSeries &series = m_series.at(number(batch.series[i]));
            const std::string value = batch.quality[i] == Quality::Bad ? "bad"
                : series.kind == ValueKind::State                      ? m_texts.at(static_cast<std::uint32_t>(batch.value[i]))
                                                                       : formatNumber(batch.value[i]);
            newest[series.path] = value;
            stamps[series.path] = batch.stamp[i];
            order.push_back(series.path + '=' + value);
        }
        for (const auto &[row, mark] : batch.marks) {
            if (const auto *gone = std::get_if<Retired>(&mark))
                retired.push_back(gone->key);
        }
        for (const Note &note : batch.notes)
            noted[note.key + ' ' + note.name] = note.text;
    }

    std::map<std::uint32_t, NewSeries> m_series;
    std::map<std::uint32_t, std::string> m_texts;
    Reading m_reading; // the last, so that it ends first
};

using Values = std::map<std::string, std::string>;

std::string textOf(const Values &values)
{
    std::string text;
    for (const auto &[series, value] : values)
        text += series + '=' + value + '\n';
    return text;
}

std::string bigEndian(std::int64_t number)
{
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>((static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift)) & 0xFFU);
    return bytes;
}

// A Connect schema in front of a payload.
std::string wrapped(const std::string &payload)
{
    return R"({"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"x"}],"optional":false,"name":"it"},"payload":)"
        + payload + "}";
}

std::int64_t residentKilobytes()
{
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray text = file.readAll();
    const auto at = text.indexOf("VmRSS:");
    return at < 0 ? -1 : text.mid(at + 6).simplified().split(' ').front().toLongLong();
}

}

class YourDataTest : public QObject
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

    void readsConnectJson();
    void followsATableByItsChanges();
    void readsChangesBySchema();
    void readsThreeKindsOfMessages();
    void readsNumbersAsTextBesideAvro();
    void readsWindows();
    void readsIntegerKeys();
    void boundsAnExplodingLabel();
};

// examples/cases/01-connect.yaml
void YourDataTest::readsConnectJson()
{
    side->createTopic("plant.L1.processed", 2);
    const auto send = [](int partition, const char *device, const char *lot, const char *temp, int state) {
        side->send({"plant.L1.processed",
                    partition,
                    wrapped(std::string(R"({"asset":{"id":")") + device + R"("},"ts":1790000000123,"data":{"temp":)" + temp
                            + R"(,"vib/x":0.25,"unused":"z"},"state":)" + std::to_string(state) + "}"),
                    wrapped(std::string(R"({"lot":")") + lot + "\"}"),
                    {{"site", "north"}}});
    };
    send(0, "P-07", "A-1", "71.5", 1);
    send(0, "P-07", "A-2", "72.25", 0);
    send(1, "P-08", "B-1", "-3", 7); // no meaning is given for 7
    side->flush();
    Told told(R"({id: press, kafka: {topics: ["plant.{line}.processed"]}, path: [line, device], labels: {device: /asset/id},
        notes: {lot: "key:/lot", site: "header:site"}, time: {basis: message, at: /ts, unit: ms},
        decode: {json: {unwrap: auto, fields: {temp: {at: /data/temp}, vib_x: {at: "/data/vib~1x"},
                                               state: {at: /state, map: {"0": stopped, "1": running}}}}}})");
    QVERIFY2(told.untilMessages(3), told.explain().c_str());
    QCOMPARE(textOf(told.newest),
             textOf({{"press/L1/P-07/temp", "72.25"},
                     {"press/L1/P-07/vib_x", "0.25"},
                     {"press/L1/P-07/state", "stopped"},
                     {"press/L1/P-08/temp", "-3"},
                     {"press/L1/P-08/vib_x", "0.25"},
                     {"press/L1/P-08/state", "7"}}));
    QCOMPARE(
        told.noted,
        (Values{
            {"press/L1/P-07 lot", "A-2"}, {"press/L1/P-07 site", "north"}, {"press/L1/P-08 lot", "B-1"}, {"press/L1/P-08 site", "north"}}));
    QCOMPARE(told.stamps.at("press/L1/P-07/temp"), Time(Millis(1'790'000'000'123)));
    QCOMPARE(told.status().decodeErrors, 0U);
}

namespace {

struct Machine
{
    std::string status;
    std::int64_t hundredths = 0; // numeric(10,2)
    std::int64_t micros = 0; // timestamp(6)
};

// As Debezium writes a numeric: big-endian two's complement, as few bytes as hold it.
std::string decimalBytes(std::int64_t unscaled)
{
    std::string bytes = bigEndian(unscaled);
    const auto isSpare = [&] {
        const bool isNegative = (static_cast<unsigned char>(bytes[1]) & 0x80U) != 0;
        return bytes[0] == (isNegative ? '\xFF' : '\0');
    };
    while (bytes.size() > 1 && isSpare())
        bytes.erase(0, 1);
    return QByteArray::fromStdString(bytes).toBase64().toStdString();
}

std::string rowText(int id, const Machine &machine)
{
    return "{\"machine_id\":" + std::to_string(id) + ",\"status\":\"" + machine.status + R"(","temp":")" + decimalBytes(machine.hundredths)
        + R"(","changed":)" + std::to_string(machine.micros) + "}";
}

// The changes of a table as a connector writes them, with the table as it stands afterwards.
class Changes
{
public:
    explicit Changes(std::string topic, std::string schema = {})
        : m_topic(std::move(topic))
        , m_schema(std::move(schema))
    {
        side->createTopic(m_topic, 1);
    }
    void put(int id, const Machine &machine)
    {
        const auto before = table.find(id);
        const std::string old = before == table.end() ? "null" : rowText(id, before->second);
        change(id, before == table.end() ? "c" : "u", old, rowText(id, machine));
        table[id] = machine;
    }
    void remove(int id)
    {
        change(id, "d", rowText(id, table.at(id)), "null");
        side->send({m_topic, 0, {}, keyOf(id), {}, 0, true}); // and its tombstone
        ++count;
        table.erase(id);
    }

    std::map<int, Machine> table;
    std::uint64_t count = 0;
    static constexpr std::int64_t FirstMillis = 1'790'000'000'000;

private:
    [[nodiscard]] std::string keyOf(int id) const { return framed("{\"machine_id\":" + std::to_string(id) + "}"); }
    [[nodiscard]] std::string framed(const std::string &payload) const
    {
        return m_schema.empty() ? payload : "{\"schema\":" + m_schema + ",\"payload\":" + payload + "}";
    }
    void change(int id, const std::string &op, const std::string &before, const std::string &after)
    {
        const std::string millis = std::to_string(FirstMillis + static_cast<std::int64_t>(count));
        side->send({m_topic, 0,
                    framed("{\"before\":" + before + ",\"after\":" + after + R"(,"source":{"connector":"postgresql","ts_ms":)" + millis
                           + R"(},"op":")" + op + R"(","ts_ms":1})"),
                    keyOf(id)});
        ++count;
    }

    const std::string m_topic;
    const std::string m_schema;
};

// Values that a careless reader gets wrong: negative, one byte, bytes that look like another sign, many digits.
void change(Changes &changes)
{
    const std::int64_t numbers[] = {7257, -1, 0, 127, 128, -128, -129, 32768, 99'999'999'99, -99'999'999'99, 25, 8140};
    int id = 1;
    for (const std::int64_t number : numbers) {
        changes.put(id, {"idle", number / 2, 1'741'079'700'000'000 + id});
        changes.put(id, {id % 2 == 0 ? "run" : "stop", number, 1'741'079'700'123'456 + id});
        ++id;
    }
    changes.remove(3);
    changes.remove(9);
    side->flush();
}

}

// examples/cases/02-debezium.yaml
void YourDataTest::followsATableByItsChanges()
{
    Changes changes("erp.public.machine");
    change(changes);
    Told told(R"({id: cdc, kafka: {topics: ["erp.public.machine"]}, path: [machine], labels: {machine: "key:/machine_id"},
        time: {basis: message, at: "envelope:/source/ts_ms", unit: ms},
        decode: {json: {unwrap: debezium, fields: {status: {at: /status}, temp: {at: /temp, as: decimal, digits: 2}}}}})");
    QVERIFY2(told.untilMessages(changes.count), told.explain().c_str());
    const std::set<std::string> retired(told.retired.begin(), told.retired.end());
    QCOMPARE(retired, (std::set<std::string>{"cdc/3", "cdc/9"}));
    Values expected;
    for (const auto &[id, machine] : changes.table) {
        const std::string key = "cdc/" + std::to_string(id);
        expected[key + "/status"] = machine.status;
        expected[key + "/temp"] = formatNumber(static_cast<double>(machine.hundredths) / 100);
    }
    Values is = told.newest;
    std::erase_if(is, [](const auto &one) { return one.first.starts_with("cdc/3/") || one.first.starts_with("cdc/9/"); });
    QCOMPARE(textOf(is), textOf(expected));
    QCOMPARE(told.stamps.at("cdc/1/temp"), Time(Millis(Changes::FirstMillis + 1)));
    QCOMPARE(told.status().decodeErrors, 0U);
}

// The same with its schema in the messages: nothing is said of decimals, and the column's own time is the time.
void YourDataTest::readsChangesBySchema()
{
    const std::string row = R"({"type":"struct","optional":true,"fields":[{"type":"int32","optional":false,"field":"machine_id"},
        {"type":"string","optional":true,"field":"status"},
        {"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,
         "parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"temp"},
        {"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"field":"changed"}],"field":)";
    Changes changes("erp.public.schemed",
                    R"({"type":"struct","fields":[)" + row + R"("before"},)" + row
                        + R"("after"},{"type":"string","field":"op"}],"optional":false,"name":"erp.Envelope"})");
    change(changes);
    Told told(R"({id: cdc, kafka: {topics: ["erp.public.schemed"]}, path: [machine], labels: {machine: "key:/machine_id"},
        time: {basis: message, at: /changed, zone: UTC}, decode: {json: {unwrap: debezium, learn: true}}})");
    QVERIFY2(told.untilMessages(changes.count), told.explain().c_str());
    for (const auto &[id, machine] : changes.table) {
        const std::string key = "cdc/" + std::to_string(id);
        QVERIFY2(told.newest.contains(key + "/temp"), told.explain().c_str());
        QCOMPARE(told.newest.at(key + "/temp"), formatNumber(static_cast<double>(machine.hundredths) / 100));
        QCOMPARE(told.newest.at(key + "/status"), machine.status);
        QCOMPARE(told.stamps.at(key + "/temp"), Time(Micros(machine.micros)));
    }
    QCOMPARE(told.status().decodeErrors, 0U);
}

// examples/cases/06-log.yaml
void YourDataTest::readsThreeKindsOfMessages()
{
    side->createTopic("plant.events", 1);
    for (int i = 0; i < 30; ++i) {
        side->send({"plant.events",
                    0,
                    R"({"type":"telemetry","asset":{"line":"L1","id":"P-0)" + std::to_string(i % 3) + R"("},"data":{"temp":)"
                        + std::to_string(i) + "}}",
                    {}});
        if (i % 10 == 0)
            side->send(
                {"plant.events", 0, R"({"type":"alarm","machine":"P-01","code":)" + std::to_string(i) + "}", {}, {{"ce_type", "alarm"}}});
        if (i % 10 == 5)
            side->send({"plant.events", 0, R"({"type":"audit","who":"x"})", {}, {{"ce_type", "audit"}}});
    }
    side->flush();
    Told told(R"({id: ev, kafka: {topics: ["plant.events"]}, path: [line, device], labels: {line: /asset/line, device: /asset/id},
        time: {basis: broker}, decode: {json: {count_by: /type, cases: [
            {when: {/type: telemetry}, fields: {temp: {at: /data/temp}}},
            {when: {"header:ce_type": [alarm, event]}, labels: {line: {value: "-"}, device: /machine}, fields: {code: {at: /code}}},
            {else: ignore}]}}})");
    QVERIFY2(told.untilMessages(36), told.explain().c_str());
    QCOMPARE(textOf(told.newest),
             textOf({{"ev/L1/P-00/temp", "27"}, {"ev/L1/P-01/temp", "28"}, {"ev/L1/P-02/temp", "29"}, {"ev/-/P-01/code", "20"}}));
    QCOMPARE(told.status().decodeErrors, 0U);
    QVERIFY2(told.notes().find("3 kinds of messages by /type: telemetry 30, alarm 3, audit 3") != std::string::npos, told.notes().c_str());
}

// Numbers as text, and one message of a hundred framed for a schema registry: named once with its id, never bad JSON.
void YourDataTest::readsNumbersAsTextBesideAvro()
{
    side->createTopic("mixed", 1);
    for (int i = 0; i < 1000; ++i) {
        if (i % 100 == 99)
            side->send({"mixed", 0, std::string("\0\0\0\0\x2A", 5) + "\x06\x0CP-07\x02", {}});
        else
            side->send({"mixed", 0, R"({"line":"L1","temp":")" + std::to_string(i) + R"(,5","count":"007"})", {}});
    }
    side->flush();
    Told told(R"({id: mixed, kafka: {topics: [mixed]}, path: [line], labels: {line: /line}, time: {basis: broker},
        decode: {json: {fields: {temp: {at: /temp, as: number, decimal: ","}, count: {at: /count, as: text}}}}})");
    QVERIFY2(told.untilMessages(1000), told.explain().c_str());
    QCOMPARE(textOf(told.newest), textOf({{"mixed/L1/temp", "998.5"}, {"mixed/L1/count", "007"}}));
    QCOMPARE(told.order.size(), 2U * 990);
    QVERIFY2(told.notes().find("schema id 42") != std::string::npos && told.notes().find("10 messages") != std::string::npos,
             told.notes().c_str());
    QCOMPARE(told.status().decodeErrors, 0U);
}

// examples/cases/07-windowed.yaml
void YourDataTest::readsWindows()
{
    side->createTopic("agg.minute", 1);
    side->createTopic("KSQL_AGG", 1);
    for (int revision = 1; revision <= 3; ++revision) // the same window again, with more in it
        side->send({"agg.minute",
                    0,
                    R"({"line":"L1","window_end":"2025-03-04 09:15:00","cnt":)" + std::to_string(revision * 10) + R"(,"bad":1})",
                    {}});
    const std::int64_t start = 1'741'079'640'000; // 2025-03-04T09:14:00Z
    side->send({"KSQL_AGG", 0, R"({"N":42})", "L1" + bigEndian(start)});
    side->flush();
    const Time end(Millis(start + 60'000));
    Told flink(R"({id: flink, kafka: {topics: ["agg.minute"]}, path: [line], labels: {line: /line},
        time: {basis: message, at: /window_end, unit: iso, zone: UTC, correct: none, revisions: replace},
        decode: {json: {fields: {cnt: {at: /cnt}, bad: {at: /bad}}}}})");
    QVERIFY2(flink.untilMessages(3), flink.explain().c_str());
    QCOMPARE(textOf(flink.newest), textOf({{"flink/L1/cnt", "30"}, {"flink/L1/bad", "1"}}));
    QCOMPARE(flink.stamps.at("flink/L1/cnt"), end);
    Told ksql(R"({id: ksql, kafka: {topics: ["KSQL_AGG"], key: {text: {window: 60s}}}, path: [line], labels: {line: "key:"},
        time: {basis: message, at: "window:end", correct: none, revisions: replace}, decode: {json: {learn: true}}})");
    QVERIFY2(ksql.untilMessages(1), ksql.explain().c_str());
    QCOMPARE(textOf(ksql.newest), textOf({{"ksql/L1/N", "42"}}));
    QCOMPARE(ksql.stamps.at("ksql/L1/N"), end);
    const auto faults = kafkaKind().check(
        sourceOf("{id: x, kafka: {topics: [t], key: {text: {window: 60s}}}, path: [], time: {basis: message, at: \"window:end\"},"
                 " decode: {json: {learn: true}}}"));
    QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().plain().c_str());
}

void YourDataTest::readsIntegerKeys()
{
    side->createTopic("by-number", 1);
    side->send({"by-number", 0, R"({"n":1})", bigEndian(4711)});
    side->send({"by-number", 0, R"({"n":2})", bigEndian(-5)});
    side->flush();
    Told told(R"({id: n, kafka: {topics: ["by-number"], key: int64}, path: [machine], labels: {machine: "key:"}, time: {basis: broker},
        decode: {json: {fields: {n: {at: /n}}}}})");
    QVERIFY2(told.untilMessages(2), told.explain().c_str());
    QCOMPARE(textOf(told.newest), textOf({{"n/4711/n", "1"}, {"n/-5/n", "2"}}));
}

// A million lots as identity, beside a topic that is all right.
void YourDataTest::boundsAnExplodingLabel()
{
    constexpr int Lots = 1'000'000;
    {
        KafkaSide fast((*stack)["SG_KAFKA_BROKERS"], {{"compression.codec", "lz4"}, {"linger.ms", "50"}});
        fast.createTopic("lots", 4);
        for (int i = 0; i < Lots; ++i)
            fast.send({"lots", i % 4, R"({"line":"L1","lot":")" + std::to_string(5'000'000 + i) + R"(","n":1})", {}});
        fast.flush();
    }
    side->createTopic("healthy", 1);
    Told healthy(R"({id: ok, kafka: {topics: [healthy]}, path: [line], labels: {line: /line}, time: {basis: broker},
        decode: {json: {fields: {n: {at: /n}}}}})");
    QVERIFY2(healthy.untilMessages(0), healthy.explain().c_str());
    const std::int64_t before = residentKilobytes();
    SourceSpec spec = sourceOf(R"({id: bad, kafka: {topics: [lots]}, path: [line, lot], labels: {line: /line, lot: /lot},
        time: {basis: broker}, decode: {json: {fields: {n: {at: /n}}}}})");
    Reading exploding(kafkaKind(), spec);
    std::set<std::string> series;
    Millis slowest{0};
    std::int64_t most = 0;
    int sent = 0;
    const auto isDone = [&] {
        for (const Row &row : exploding.rows)
            series.insert(row.series);
        exploding.rows.clear();
        return exploding.status.messages >= Lots;
    };
    // One healthy record after another, each timed from the broker's own stamp to us.
    do {
        QVERIFY2(sent < 1200, exploding.explain().c_str());
        side->send({"healthy", 0, R"({"line":"L1","n":)" + std::to_string(++sent) + "}", {}});
        side->flush();
        const Mono began = Mono::clock::now();
        QVERIFY2(healthy.untilMessages(static_cast<std::uint64_t>(sent)), healthy.explain().c_str());
        slowest = std::max(slowest, std::chrono::duration_cast<Millis>(Mono::clock::now() - began));
        most = std::max(most, residentKilobytes());
    } while (!exploding.until(isDone, 100ms));
    std::string notes;
    const auto isNamed = [&] {
        notes.clear();
        for (const Error &note : exploding.status.notes)
            notes += note.plain() + '\n';
        return notes.find("lot: ") != std::string::npos;
    };
    const bool isLabelNamed = exploding.until(isNamed, 5s);
    qInfo("1,000,000 keys: %lld MB before, at most %lld MB while they were read; %d healthy records, the slowest after %lld ms; %zu series",
          static_cast<long long>(before / 1024), static_cast<long long>(most / 1024), sent, static_cast<long long>(slowest.count()),
          series.size());
    qInfo("%s", notes.c_str());
    QCOMPARE(series.size(), 100'000U);
    QVERIFY2(isLabelNamed, notes.c_str());
    QVERIFY(most - before < 500 * 1024);
    QVERIFY(slowest < 3s); // a status is told once a second
    QCOMPARE(healthy.newest.at("ok/L1/n"), std::to_string(sent));
    QCOMPARE(healthy.status().decodeErrors, 0U);
}

QTEST_GUILESS_MAIN(YourDataTest)
#include "tst_yourdata.moc"
