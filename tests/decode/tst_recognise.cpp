#include "decode/recognise.h"

#include "decode/browsed.h"
#include "decode/flow.h"
#include "decode/intake.h"

#include <QtTest>

using namespace sg;
using browsed::many;
using browsed::message;

namespace {

using Messages = std::vector<BrowsedMessage>;

QString said(const Recognition &found)
{
    QStringList out;
    for (const PayloadFinding &finding : found.findings)
        out << QString::fromStdString(finding.says.plain());
    return out.join(QLatin1String("; "));
}

QString setting(const ItemSettings &settings, const char *key)
{
    for (const auto &[name, value] : settings)
        if (name == key)
            return QString::fromStdString(value);
    return {};
}

const PlaceGuess *placeAt(const Recognition &found, std::string_view where)
{
    const auto at = std::find_if(found.places.begin(), found.places.end(), [&](const PlaceGuess &place) { return place.where == where; });
    return at == found.places.end() ? nullptr : &*at;
}

QByteArray framed(const QByteArray &rest, char id = 42)
{
    return QByteArray("\0\0\0\0", 4) + id + rest;
}

Messages together(Messages first, const Messages &second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// The same stamp in every message, `seconds` after it came.
Messages stamped(const QByteArray &stamp)
{
    return many(12, "{\"id\":\"%2\",\"n\":%1,\"ts\":" + stamp + "}");
}

BrowsedMessage row(int i)
{
    BrowsedMessage out;
    out.topic = "reporting.line_status";
    out.arrival = browsed::noon();
    out.cells = {{"line", "L" + std::to_string(i % 2), false, false},
                 {"n", std::to_string(i), true, false},
                 {"kpi", R"({"oee": 0.8})", false, false},
                 {"at", "2026-03-04 00:14:58+00", false, false},
                 {"gone", std::nullopt, true, false}};
    return out;
}

}

class TestRecognise : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhatItIs_data();
    void saysWhatItIs();
    void proposesTime_data();
    void proposesTime();
    void readsTheSchemaOfConnect();
    void proposesKeysAndTheirTime();
    void guessesPlaces();
    void proposesWhatTheSourceReads_data();
    void proposesWhatTheSourceReads();
    void looksIntoRows();
    void isBounded();
    void survivesHostileBytes();
    void writesFlowTexts_data();
    void writesFlowTexts();
};

void TestRecognise::saysWhatItIs_data()
{
    QTest::addColumn<Messages>("messages");
    QTest::addColumn<QString>("says");
    QTest::addColumn<QString>("decode");
    const auto add = [](const char *name, const Messages &messages, const char *says, const char *decode) {
        QTest::newRow(name) << messages << QString::fromUtf8(says) << QString::fromUtf8(decode);
    };
    add("JSON", many(10, R"({"id":"%2","temp":%1})"), "JSON", "{ json: { learn: true } }");
    add("Connect", many(10, R"({"schema":{"type":"struct"},"payload":{"id":"%2","temp":%1}})"), "Kafka Connect JSON with schema",
        "{ json: { unwrap: auto, learn: true } }");
    add("schema and payload and more is no Connect", many(10, R"({"schema":1,"payload":{"a":%1},"x":2})"), "JSON",
        "{ json: { learn: true } }");
    add("Debezium", many(10, R"({"op":"u","before":null,"after":{"id":"%2","temp":%1},"source":{"ts_ms":1}})"), "Debezium",
        "{ json: { unwrap: debezium, learn: true } }");
    add("Debezium with schema",
        many(10, R"({"schema":{},"payload":{"op":"u","before":null,"after":{"id":"%2","temp":%1},"source":{"ts_ms":1}}})"), "Debezium",
        "{ json: { unwrap: debezium, learn: true } }");
    add("numbers as text", many(10, R"({"id":"%2","temp":"7%1.5","n":%1,"p":"%1"})"), "numbers as text: temp, p",
        "{ json: { learn: true, fields: { temp: { at: /temp, as: number }, p: { at: /p, as: number } } } }");
    add("decimal comma in a text", many(10, R"({"id":"%2","temp":"7%1,5"})"), "numbers as text: temp",
        "{ json: { learn: true, fields: { temp: { at: /temp, as: number, decimal: \",\" } } } }");
    add("a bare number", many(10, "8%1.4\n"), "each message is one number, '89.4", "{ scalar: { field: value, as: number } }");
    add("a bare number with a comma", many(10, "8%1,4"), "each message is one number with a decimal comma, '89,4'",
        "{ scalar: { field: value, as: number, decimal: \",\" } }");
    add("a bare state", many(10, "running"), "each message is one value, 'running'", "{ scalar: { field: value } }");
    add("CSV", many(10, "2026-03-04T00:15:00Z;%2;7%1,5;2"), "CSV lines of 4 columns, separated by ';'",
        "{ csv: { columns: [c1, c2, c3, c4], separator: \";\", learn: true, fields: { c3: { at: \"column:c3\", as: number, decimal: \",\" "
        "} } } }");
    add("CSV with commas", many(10, "%2,7%1.5,3"), "CSV lines of 3 columns, separated by ','",
        "{ csv: { columns: [c1, c2, c3], learn: true } }");
    add("Avro", many(10, framed("\x04P1\x02")), "Avro, schema id 42", "");
    add("Protobuf", many(10, framed(QByteArray("\x00\x0A\x02P1\x10\x05", 7))), "Protobuf, schema id 42", "");
    add("JSON Schema", many(10, framed(R"({"id":"%2","temp":%1})")), "JSON Schema framing, schema id 42", "{ json: { learn: true } }");
    add("1 % Avro", together(many(99, R"({"id":"%2","temp":%1})"), {message(framed("\x04P1\x02"))}),
        "1 of 100 messages are Avro, schema id 42", "{ json: { learn: true } }");
    add("cut gzip", many(10, QByteArray("\x1F\x8B\x08\x00", 4) + "%1"),
        "payloads compressed with gzip; the payloads are compressed and cannot be unpacked", "");
    add("cut zstd", many(10, "\x28\xB5\x2F\xFD%1"), "payloads compressed with zstd", "");
    // gzip of {"id":"P-01","temp":1}
    add("gzip", many(3, QByteArray::fromHex("1f8b0800000000000203ab56ca4c51b2520ad0353054d2512a49cd2d50b232ac05003f9fd10a16000000")),
        "payloads compressed with gzip; JSON", "{ json: { learn: true } }");
    add("XML", many(10, "<m><t>%1</t></m>"), "the payloads are XML", "");
    add("binary", many(10, "\x81\xA1\x61%1\xFF"), "the payloads are unknown bytes", "");
    add("a sentence with commas", many(10, "a, b, and c"), "each message is one value", "{ scalar: { field: value } }");
    BrowsedMessage tombstone = message({}, "P-01");
    tombstone.isTombstone = true;
    add("tombstones", together(many(9, R"({"id":"%2","temp":%1})"), {tombstone}), "1 of 10 messages are tombstones",
        "{ json: { learn: true } }");
    BrowsedMessage retained = message(R"({"id":"P-01","temp":1})");
    retained.isRetained = true;
    add("retained", {retained}, "1 of 1 messages were kept by the broker", "{ json: { learn: true } }");
    Messages kinds;
    for (int i = 0; i < 12; ++i)
        kinds.push_back(message(i % 3 == 0       ? R"({"type":"telemetry","id":"P-1","temp":7})"
                                    : i % 3 == 1 ? R"({"type":"alarm","id":"P-1","code":3})"
                                                 : R"({"type":"hello","id":"P-1"})"));
    add("kinds", kinds, "3 kinds of messages by /type",
        "{ json: { count_by: /type, cases: [{ when: { /type: alarm }, fields: { code: { at: /code } } }, "
        "{ when: { /type: telemetry }, fields: { temp: { at: /temp } } }, { else: ignore }] } }");
    add("JSON keys", {message(R"({"temp":1})", R"({"id":7})")}, "record keys are JSON", "{ json: { learn: true } }");
    add("text keys", {message(R"({"temp":1})", "P-01")}, "record keys are text", "{ json: { learn: true } }");
    BrowsedMessage whole = message(R"({"temp":1})", "");
    whole.key = std::string("\0\0\0\7", 4);
    add("integer keys", {whole}, "record keys are big-endian integers of 4 bytes", "{ json: { learn: true } }");
    Messages windowed;
    for (int i = 0; i < 10; ++i) {
        BrowsedMessage one = message(R"({"cnt":1,"ts":1772583300000})", "");
        const std::int64_t start = 1772583240000 - (i % 2) * 30'000;
        one.key = "L1";
        for (int byte = 7; byte >= 0; --byte)
            one.key += static_cast<char>(start >> (8 * byte));
        windowed.push_back(one);
    }
    add("windowed keys", windowed, "record keys end in the start of a window, 30s after the one before", "{ json: { learn: true } }");
    add("a list of readings", many(10, R"({"ts":1772583300000,"batch":[{"tag":"L1.P1.temp","v":%1},{"tag":"L1.P1.run","v":true}]})"),
        "/batch is a list of objects", R"({ json: { each: /batch, reading: { field: "item:/tag", value: "item:/v" } } })");
    add("a list beside a value", many(10, R"({"temp":%1,"batch":[{"n":1}]})"), "/batch is a list of objects", "{ json: { learn: true } }");
    add("a list of rows", many(10, R"({"rows":[{"temp":%1,"id":"a"},{"temp":2,"id":"b"}]})"), "/rows is a list of objects",
        R"({ json: { each: /rows, fields: { temp: { at: "item:/temp" }, id: { at: "item:/id" } } } })");
    add("nothing", {}, "", "");
}

void TestRecognise::saysWhatItIs()
{
    QFETCH(Messages, messages);
    QFETCH(QString, says);
    QFETCH(QString, decode);
    const Recognition found = recognise(messages);
    QVERIFY2(said(found).contains(says), qPrintable(said(found)));
    QCOMPARE(setting(found.settings, "decode"), decode);
}

void TestRecognise::proposesTime_data()
{
    QTest::addColumn<QByteArray>("stamp");
    QTest::addColumn<QString>("says");
    QTest::addColumn<QString>("time");
    const auto add = [](const char *name, const char *stamp, const char *says, const char *time) {
        QTest::newRow(name) << QByteArray(stamp) << QString::fromUtf8(says) << QString::fromUtf8(time);
    };
    add("seconds", "1772583300", "/ts: epoch seconds", "{ basis: message, at: /ts, unit: s }");
    add("seconds with a fraction", "1772583299.25", "/ts: epoch seconds", "{ basis: message, at: /ts, unit: s }");
    add("milliseconds", "1772583300000", "/ts: epoch milliseconds", "{ basis: message, at: /ts, unit: ms }");
    add("milliseconds as text", "\"1772583300000\"", "/ts: epoch milliseconds", "{ basis: message, at: /ts, unit: ms }");
    add("microseconds", "1772583300000000", "/ts: epoch microseconds", "{ basis: message, at: /ts, unit: us }");
    add("nanoseconds", "1772583300000000000", "/ts: epoch nanoseconds", "{ basis: message, at: /ts, unit: ns }");
    add("ISO", "\"2026-03-04T00:14:59Z\"", "/ts: ISO stamps with their zone", "{ basis: message, at: /ts, unit: iso }");
    add("Seoul", "\"2026-03-04 09:14:58\"", "9 h ahead of arrival: Asia/Tokyo?",
        "{ basis: message, at: /ts, unit: iso, zone: Asia/Tokyo }");
    add("Kolkata", "\"2026-03-04 05:44:58,25\"", "5 h 30 min ahead of arrival: Asia/Kolkata?",
        "{ basis: message, at: /ts, unit: iso, zone: Asia/Kolkata }");
    add("New York", "\"2026-03-03T19:13:00\"", "5 h behind arrival: America/New_York?",
        "{ basis: message, at: /ts, unit: iso, zone: America/New_York }");
    add("bare and UTC", "\"2026-03-04T00:14:58\"", "UTC?", "{ basis: message, at: /ts, unit: iso, zone: UTC }");
    add("bare, of last year", "\"2025-03-04T00:15:00\"", "cannot be told", "{ basis: message, at: /ts, unit: iso }");
    add("no stamp", "17", "", "{ basis: broker }");
}

void TestRecognise::proposesTime()
{
    QFETCH(QByteArray, stamp);
    QFETCH(QString, says);
    QFETCH(QString, time);
    const Recognition found = recognise(stamped(stamp));
    QVERIFY2(said(found).contains(says), qPrintable(said(found)));
    QCOMPARE(setting(found.settings, "time"), time);
}

// What a Connect schema says to be a decimal is a number, although it is text.
void TestRecognise::readsTheSchemaOfConnect()
{
    const QByteArray schema
        = R"({"type":"struct","fields":[{"type":"string","field":"id"},{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",)"
          R"("parameters":{"scale":"2"},"field":"price"}]})";
    const Recognition plain = recognise(many(10, "{\"schema\":" + schema + R"(,"payload":{"id":"%2","price":"AfQ="}})"));
    QCOMPARE(static_cast<int>(placeAt(plain, "/price")->kind), static_cast<int>(PlaceGuess::Kind::Number));
    QCOMPARE(static_cast<int>(placeAt(plain, "/price")->role), static_cast<int>(PlaceGuess::Role::Field));
    QByteArray after = schema;
    after.chop(1);
    const Recognition change = recognise(many(10,
                                              R"({"schema":{"type":"struct","fields":[)" + after
                                                  + R"(,"field":"after"}]},"payload":{"op":"u",)"
                                                    R"("after":{"id":"%2","price":"AfQ="},"source":{"ts_ms":1}}})"));
    QCOMPARE(static_cast<int>(placeAt(change, "/price")->role), static_cast<int>(PlaceGuess::Role::Field));
}

void TestRecognise::proposesKeysAndTheirTime()
{
    BrowsedMessage whole = message(R"({"temp":1})", "");
    whole.key = std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF9", 8);
    const Recognition numbers = recognise(Messages{whole});
    QCOMPARE(setting(numbers.settings, "key"), QStringLiteral("int64"));
    QCOMPARE(placeAt(numbers, "key:")->sample, std::string("-7"));
    BrowsedMessage windowed = message(R"({"cnt":1})", "");
    windowed.key = std::string("L1\0\0\x01\x9C\xB6\x10\x1E\x20", 10);
    windowed.brokerTime = std::chrono::time_point_cast<Micros>(*fromEpoch(std::int64_t{0x019CB6101E20}, "ms"));
    const Recognition window = recognise(Messages{windowed});
    QCOMPARE(setting(window.settings, "key"), QStringLiteral("{ text: { window: 60s } }"));
    QCOMPARE(setting(window.settings, "time"), QStringLiteral("{ basis: message, at: \"window:end\", revisions: replace }"));
    QCOMPARE(placeAt(window, "key:")->sample, std::string("L1"));
    const Recognition change
        = recognise(many(10, R"({"op":"u","before":null,"after":{"id":"%2","temp":%1},"source":{"ts_ms":1772583300000}})"));
    QCOMPARE(setting(change.settings, "time"), QStringLiteral("{ basis: message, at: \"envelope:/source/ts_ms\", unit: ms }"));
}

void TestRecognise::guessesPlaces()
{
    const Messages messages = many(30,
                                   R"({"asset":{"id":"%2","line":"L1"},"lot":"K%1","ts":1772583300000,"loaded_at":1772583300000,)"
                                   R"("data":{"temp":7%1,"state":"run","ok":true,"note":"text %1","a/b":1},"list":[1,2]})");
    const Recognition found = recognise(messages);
    const auto role = [&](const char *where) {
        const PlaceGuess *place = placeAt(found, where);
        return place ? static_cast<int>(place->role) : -1;
    };
    using Role = PlaceGuess::Role;
    QCOMPARE(role("/asset/id"), static_cast<int>(Role::Label));
    QCOMPARE(role("/asset/line"), static_cast<int>(Role::Label));
    QCOMPARE(role("/lot"), static_cast<int>(Role::Note));
    QCOMPARE(role("/ts"), static_cast<int>(Role::Stamp));
    QCOMPARE(role("/loaded_at"), static_cast<int>(Role::None));
    QCOMPARE(role("/data/temp"), static_cast<int>(Role::Field));
    QCOMPARE(role("/data/state"), static_cast<int>(Role::Field));
    QCOMPARE(role("/data/ok"), static_cast<int>(Role::Field));
    QCOMPARE(role("/data/note"), static_cast<int>(Role::None));
    QCOMPARE(role("/data/a~1b"), static_cast<int>(Role::Field));
    QCOMPARE(role("/list/1"), static_cast<int>(Role::Field));
    QCOMPARE(placeAt(found, "/lot")->distinct, std::size_t{30});
    QCOMPARE(placeAt(found, "/asset/id")->distinct, std::size_t{3});
    QCOMPARE(placeAt(found, "/data/temp")->sample, std::string("729"));
    QCOMPARE(placeAt(found, "/data/temp")->name, std::string("data.temp"));
    QCOMPARE(setting(found.settings, "path"), QStringLiteral("[asset, line]"));
    QCOMPARE(setting(found.settings, "labels"), QStringLiteral("{ asset: /asset/id, line: /asset/line }"));
    QCOMPARE(setting(found.settings, "notes"), QStringLiteral("{ lot: /lot }"));
}

// What is proposed is not only said: the source itself reads the messages with it.
void TestRecognise::proposesWhatTheSourceReads_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::newRow("JSON") << QByteArray(R"({"id":"%2","temp":%1,"ts":1772583300000})");
    QTest::newRow("Connect") << QByteArray(R"({"schema":{},"payload":{"device":"%2","temp":"%1.5","ts":"2026-03-04 09:14:58"}})");
    QTest::newRow("scalar with comma") << QByteArray("8%1,4");
    QTest::newRow("CSV") << QByteArray("1772583300000;%2;7%1,5;2");
}

void TestRecognise::proposesWhatTheSourceReads()
{
    QFETCH(QByteArray, payload);
    const Messages messages = many(20, payload);
    const Recognition found = recognise(messages);
    std::string item = "{";
    for (const auto &[key, value] : found.settings)
        item += (item.size() > 1 ? ", " : "") + key + ": " + value;
    const SourceSpec spec = flow::source(item + "}");
    for (const Error &fault : Intake::check(spec))
        QFAIL(qPrintable(QString::fromStdString(fault.plain() + " in " + item)));
    Intake intake(spec);
    for (const BrowsedMessage &message : messages) {
        Message given;
        given.topic = message.topic;
        given.payload = message.payload;
        given.brokerTime = message.brokerTime;
        const auto done = intake.add(given);
        QVERIFY2(done, done ? "" : done.error().plain().c_str());
    }
    QVERIFY(intake.rows() >= messages.size());
}

void TestRecognise::looksIntoRows()
{
    Messages rows;
    for (int i = 0; i < 10; ++i)
        rows.push_back(row(i));
    const Recognition found = recognise(rows);
    QCOMPARE(setting(found.settings, "decode"), QStringLiteral("{ row: { learn: true } }"));
    QCOMPARE(setting(found.settings, "path"), QStringLiteral("[line]"));
    QCOMPARE(setting(found.settings, "labels"), QString());
    QCOMPARE(setting(found.settings, "time"), QStringLiteral("{ basis: database, at: \"column:at\", unit: iso }"));
    QVERIFY(placeAt(found, "column:kpi/oee"));
    QCOMPARE(static_cast<int>(placeAt(found, "column:n")->role), static_cast<int>(PlaceGuess::Role::Field));
}

void TestRecognise::isBounded()
{
    QByteArray wide = "{\"id\":\"%2\"";
    for (int i = 0; i < 5000; ++i)
        wide += ",\"n" + QByteArray::number(i) + "\":%1";
    const Recognition found = recognise(many(20, wide + "}"));
    QVERIFY(found.places.size() <= Recognition::MostPlaces);
    QVERIFY(found.hiddenPlaces > 0);
    const Recognition deep = recognise(Messages{message("{\"a\":" + QByteArray(500, '[') + QByteArray(500, ']') + "}")});
    QVERIFY(deep.places.empty());
    Messages labels = many(3000, R"({"id":"x%1","temp":1})");
    const Recognition several = recognise(labels);
    QCOMPARE(placeAt(several, "/id")->distinct, Recognition::MostDistinct);
}

void TestRecognise::survivesHostileBytes()
{
    Messages messages;
    std::uint32_t seed = 7;
    const QByteArray base = framed(R"({"op":"u","after":{"a":"1,5","ts":"2026-03-04 09:14:58"},"source":{},"list":[{"x":1}]})");
    for (int i = 0; i < 3000; ++i) {
        QByteArray bytes = base;
        for (int n = 0; n < 5; ++n) {
            seed = seed * 1664525U + 1013904223U;
            bytes[static_cast<int>((seed >> 8U) % static_cast<unsigned>(bytes.size()))] = static_cast<char>(seed >> 24U);
        }
        messages.push_back(message(bytes.mid(i % 7), "\xFF\x01"));
    }
    const Recognition found = recognise(messages);
    QVERIFY(!found.findings.empty());
    for (const PayloadFinding &finding : found.findings)
        QVERIFY(QString::fromStdString(finding.says.plain()).toUtf8().size() < 2000);
}

void TestRecognise::writesFlowTexts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("flow");
    const auto add = [](const char *text, const char *flow) { QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(flow); };
    add("temp", "temp");
    add("/data/temp", "/data/temp");
    add("/data/vib~1x", "\"/data/vib~1x\"");
    add("key:/id", "\"key:/id\"");
    add("no", "\"no\"");
    add("Null", "\"Null\"");
    add("1e3", "\"1e3\"");
    add("", "\"\"");
    add("a b", "\"a b\"");
    add("a\"},x: {", "\"a\\\"},x: {\"");
    add("온도", "\"온도\"");
}

void TestRecognise::writesFlowTexts()
{
    QFETCH(QString, text);
    QFETCH(QString, flow);
    QCOMPARE(QString::fromStdString(flowText(text.toStdString())), flow);
}

QTEST_APPLESS_MAIN(TestRecognise)
#include "tst_recognise.moc"
