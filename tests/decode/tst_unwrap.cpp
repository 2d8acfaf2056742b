#include "decode/intake.h"

#include "decode/flow.h"
#include "decode/rows.h"

#include <QtTest>

#include <zlib.h>
#include <zstd.h>

using namespace sg;
using namespace rows;

// What is wrapped around values and keys: Kafka Connect, Debezium, windows, a registry's framing, compression.
class TestUnwrap : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsChanges_data();
    void readsChanges();
    void deletionsRetireTheKey_data();
    void deletionsRetireTheKey();
    void readsTypesOfTheSchema_data();
    void readsTypesOfTheSchema();
    void readsStampsOfTheSchema_data();
    void readsStampsOfTheSchema();
    void aKnownSchemaChangesNothing();
    void readsKeys_data();
    void readsKeys();
    void readsWindows();
    void aWindowsTombstoneRetiresNothing();
    void readsCompressedPayloads();
    void boundsCompressedPayloads();
    void readsJsonBehindFraming();
    void readsDecimalsWithoutSchema_data();
    void readsDecimalsWithoutSchema();
};

namespace {

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

QString told(Intake &intake, Reader &reader, const Message &message)
{
    const auto done = intake.add(message);
    const Batch batch = intake.seal({}, {});
    if (!done)
        return QLatin1Char('!') + QString::fromStdString(done.error().plain());
    QStringList out = reader.rows(batch);
    for (const auto &[row, mark] : batch.marks)
        if (const auto *retired = std::get_if<Retired>(&mark))
            out << QStringLiteral("retired:") + QString::fromStdString(retired->key);
    return out.join(QLatin1Char(' '));
}

void compare(const QString &is, const QString &wanted)
{
    if (wanted.startsWith(QLatin1Char('!')))
        QVERIFY2(is.startsWith(QLatin1Char('!')) && is.contains(wanted.mid(1)), qPrintable(is));
    else
        QCOMPARE(is, wanted);
}

const char *const cdc
    = "{path: [machine], labels: {machine: \"key:/machine_id\"}, time: {basis: message, at: \"envelope:/source/ts_ms\", unit: ms},"
      " decode: {json: {unwrap: debezium, fields: {status: {at: /status}, temp: {at: /temp, as: decimal, digits: 2}}}}}";

// A row of Debezium's with a column `x` of this type, its schema in front.
QByteArray change(const QByteArray &type, const QByteArray &value)
{
    const QByteArray row = R"({"type":"struct","fields":[{"type":"int32","field":"id"},)" + type + "],\"field\":\"";
    return R"({"schema":{"type":"struct","fields":[)" + row + "before\"}," + row
        + R"(after"},{"type":"string","field":"op"}],"name":"erp.Envelope"},"payload":{"before":null,"after":{"id":7,"x":)" + value
        + R"(},"source":{"ts_ms":1790000000123},"op":"u"}})";
}

QByteArray named(const char *type, const char *name)
{
    return QByteArray(R"({"type":")") + type + R"(","name":")" + name + R"(","version":1,"field":"x"})";
}

QByteArray decimal(const char *scale)
{
    return QByteArray(R"({"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":")") + scale
        + R"(","connect.decimal.precision":"10"},"field":"x"})";
}

QByteArray gzip(const QByteArray &bytes)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    QByteArray out(bytes.size() + 1000, 0);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.constData()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return out;
}

QByteArray zstd(const QByteArray &bytes)
{
    QByteArray out(static_cast<qsizetype>(ZSTD_compressBound(static_cast<std::size_t>(bytes.size()))), 0);
    out.resize(static_cast<qsizetype>(
        ZSTD_compress(out.data(), static_cast<std::size_t>(out.size()), bytes.constData(), static_cast<std::size_t>(bytes.size()), 3)));
    return out;
}

}

void TestUnwrap::readsChanges_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("rows");
    const auto row = [](const char *name, const char *payload, const char *rows) {
        QTest::newRow(name) << QByteArray(payload) << QString::fromUtf8(rows);
    };
    row("created", R"({"before":null,"after":{"machine_id":7,"status":"run","temp":"H8w="},"source":{"ts_ms":1790000000123},"op":"c"})",
        "press/7/status=run press/7/temp=81.400000000000006");
    row("updated", R"({"before":{"status":"x"},"after":{"status":"run"},"source":{"ts_ms":1790000000123},"op":"u","ts_ms":1})",
        "press/7/status=run");
    row("read by a snapshot", R"({"after":{"status":"run"},"source":{"ts_ms":1790000000123},"op":"r"})", "press/7/status=run");
    row("wrapped", R"({"schema":null,"payload":{"after":{"status":"run"},"source":{"ts_ms":1790000000123},"op":"r"}})",
        "press/7/status=run");
    row("truncated table", R"({"source":{"ts_ms":1790000000123},"op":"t"})", "");
    row("message of the log", R"({"source":{"ts_ms":1790000000123},"op":"m","message":{}})", "");
    row("no change", R"({"status":"run"})", "!'op' is missing");
    row("another op", R"({"op":"z"})", "!op 'z' is none of");
    row("op is a number", R"({"op":1})", "!'op' is missing");
    row("no row", R"({"op":"u","after":null})", "!op 'u' without 'after'");
    row("a list", R"([1])", "!'op' is missing");
    row("no stamp", R"({"op":"u","after":{"status":"run"}})", "!the stamp is missing");
}

void TestUnwrap::readsChanges()
{
    QFETCH(QByteArray, payload);
    QFETCH(QString, rows);
    Intake intake(flow::source(cdc));
    Reader reader;
    Message message = json(view(payload), {});
    message.key = R"({"schema":{"type":"struct"},"payload":{"machine_id":7}})";
    compare(told(intake, reader, message), rows);
}

void TestUnwrap::deletionsRetireTheKey_data()
{
    QTest::addColumn<QByteArray>("label");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("payload"); // empty: a tombstone
    QTest::addColumn<QString>("rows");
    const auto row = [](const char *name, const char *label, const char *key, const char *payload, const char *rows) {
        QTest::newRow(name) << QByteArray(label) << QByteArray(key) << QByteArray(payload) << QString::fromUtf8(rows);
    };
    const char *const plain = R"({"id":7})";
    const char *const wrapped = R"({"schema":{},"payload":{"id":7}})";
    const char *const deleted = R"({"before":{"id":7,"x":1},"after":null,"op":"d"})";
    row("by the key", "key:/id", plain, deleted, "retired:press/7");
    row("by the wrapped key", "key:/id", wrapped, deleted, "retired:press/7");
    row("by the row that was", "/id", plain, deleted, "retired:press/7");
    row("the row that was is not told", "/id", plain, R"({"before":null,"after":null,"op":"d"})", "!label device missing");
    row("wrapped", "key:/id", wrapped, R"({"schema":{"type":"struct","fields":[]},"payload":{"before":null,"after":null,"op":"d"}})",
        "retired:press/7");
    row("wrapped null", "key:/id", wrapped, R"({"schema":null,"payload":null})", "retired:press/7");
    row("tombstone", "key:/id", wrapped, "", "retired:press/7");
    row("tombstone, label in the value", "/id", wrapped, "", "");
}

void TestUnwrap::deletionsRetireTheKey()
{
    QFETCH(QByteArray, label);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, payload);
    QFETCH(QString, rows);
    Intake intake(flow::source("{path: [device], labels: {device: \"" + label.toStdString()
                               + "\"}, decode: {json: {unwrap: debezium, learn: "
                                 "true}}}"));
    Reader reader;
    Message message = json(view(payload), {});
    message.key = view(key);
    message.isTombstone = payload.isEmpty();
    compare(told(intake, reader, message), rows);
}

void TestUnwrap::readsTypesOfTheSchema_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("x"); // learned: empty: nothing is
    QTest::addColumn<QString>("text"); // as: text
    const auto row = [](const char *name, const QByteArray &type, const char *value, const char *x, const char *text) {
        QTest::newRow(name) << change(type, value) << QString::fromUtf8(x) << QString::fromUtf8(text);
    };
    row("decimal", decimal("2"), "\"H8w=\"", "81.400000000000006", "81.40");
    row("negative decimal", decimal("2"), "\"4DQ=\"", "-81.400000000000006", "-81.40");
    row("small decimal", decimal("3"), "\"Bw==\"", "0.0070000000000000001", "0.007");
    row("decimal zero", decimal("2"), "\"AA==\"", "0", "0.00");
    row("whole decimal", decimal("0"), "\"fw==\"", "127", "127");
    row("least of two bytes", decimal("0"), "\"gAA=\"", "-32768", "-32768");
    row("decimal beyond 64 bits", decimal("5"), "\"AQAAAAAAAAAA\"", "184467440737095.53", "184467440737095.51616");
    row("decimal that is no base64", decimal("2"), "\"81,40\"", "81,40", "81,40");
    row("decimal with bits over", decimal("2"), "\"H8x=\"", "H8x=", "H8x=");
    row("decimal without scale", decimal(""), "\"H8w=\"", "H8w=", "H8w=");
    row("decimal that came as a number", decimal("2"), "81.4", "81.400000000000006", "81.4");
    row("variable decimal", named("struct", "io.debezium.data.VariableScaleDecimal"), R"({"scale":1,"value":"Ag=="})",
        "0.20000000000000001", "0.2");
    row("date", named("int32", "io.debezium.time.Date"), "20738", "", "2026-10-12");
    row("date of Kafka Connect", named("int32", "org.apache.kafka.connect.data.Date"), "-1", "", "1969-12-31");
    row("leap day", named("int32", "io.debezium.time.Date"), "19782", "", "2024-02-29");
    row("time of day", named("int64", "io.debezium.time.MicroTime"), "28800500000", "", "08:00:00.5");
    row("time of day in ms", named("int32", "org.apache.kafka.connect.data.Time"), "86399999", "", "23:59:59.999");
    row("timestamp", named("int64", "io.debezium.time.Timestamp"), "1791792000500", "", "2026-10-12T08:00:00.500");
    row("micro timestamp", named("int64", "io.debezium.time.MicroTimestamp"), "1791792000500001", "", "2026-10-12T08:00:00.500001");
    row("nano timestamp", named("int64", "io.debezium.time.NanoTimestamp"), "1791792000500001999", "", "2026-10-12T08:00:00.500001");
    row("timestamp of Kafka Connect", named("int64", "org.apache.kafka.connect.data.Timestamp"), "1791792000500", "",
        "2026-10-12T08:00:00.500Z");
    row("timestamp with zone", named("string", "io.debezium.time.ZonedTimestamp"), "\"2026-10-12T08:00:00.5Z\"", "",
        "2026-10-12T08:00:00.5Z");
    row("infinite timestamp", named("int64", "io.debezium.time.MicroTimestamp"), "9223371331200000000", "9.2233713312000000e+18",
        "9223371331200000000");
    row("null", decimal("2"), "null", "", "");
    row("an enum", named("string", "io.debezium.data.Enum"), "\"run\"", "run", "run");
}

void TestUnwrap::readsTypesOfTheSchema()
{
    QFETCH(QByteArray, payload);
    QFETCH(QString, x);
    QFETCH(QString, text);
    Intake learning(flow::source("{path: [id], labels: {id: /id}, decode: {json: {unwrap: debezium, learn: true}}}"));
    Reader reader;
    QString rows = told(learning, reader, json(view(payload), {}));
    if (x.contains(QLatin1Char('e'))) {
        QVERIFY2(rows.contains(QStringLiteral("press/7/x=9.22337133")), qPrintable(rows));
    } else {
        QCOMPARE(rows, x.isEmpty() ? QString() : QStringLiteral("press/7/x=") + x);
    }
    Intake given(flow::source("{path: [id], labels: {id: /id}, decode: {json: {unwrap: debezium, fields: {x: {at: /x, as: text}}}}}"));
    Reader texts;
    for (int again = 0; again < 2; ++again) {
        rows = told(given, texts, json(view(payload), {}));
        QCOMPARE(rows, text.isEmpty() ? QString() : QStringLiteral("press/7/x=") + text);
    }
}

void TestUnwrap::readsStampsOfTheSchema_data()
{
    QTest::addColumn<QByteArray>("time");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<qint64>("micros"); // 0: refused
    const auto row = [](const char *name, const char *time, const char *type, const char *value, qint64 micros) {
        QTest::newRow(name) << QByteArray(time) << change(named("int64", type), value) << micros;
    };
    row("in the unit that the declaration says", "unit: us", "io.debezium.time.MicroTimestamp", "1791792000500001", 1791792000500001);
    row("in the schema's unit whatever the declaration says", "unit: s", "io.debezium.time.MicroTimestamp", "1791792000500001",
        1791792000500001);
    row("no unit and no zone", "unit: iso", "io.debezium.time.MicroTimestamp", "1791792000500001", 0);
    row("of a zone", "zone: Asia/Seoul", "io.debezium.time.MicroTimestamp", "1791824400500001", 1791792000500001);
    row("an instant needs no zone", "unit: iso", "org.apache.kafka.connect.data.Timestamp", "1791792000500", 1791792000500000);
}

void TestUnwrap::readsStampsOfTheSchema()
{
    QFETCH(QByteArray, time);
    QFETCH(QByteArray, payload);
    QFETCH(qint64, micros);
    Intake intake(flow::source("{path: [id], labels: {id: /id}, time: {basis: message, at: /x, " + time.toStdString()
                               + "}, decode: {json: {unwrap: debezium, fields: {id: {at: /id}}}}}"));
    const auto done = intake.add(json(view(payload), {}));
    QCOMPARE(static_cast<bool>(done), micros != 0);
    const Batch batch = intake.seal({}, {});
    if (micros != 0)
        QCOMPARE(batch.stamp[0], Time(Micros(micros)));
    else
        QVERIFY2(done.error().plain().find("has no zone") != std::string::npos, done.error().plain().c_str());
}

// The text in front of a payload is kept and not parsed again; what stands behind it still has to be the rest of one document.
void TestUnwrap::aKnownSchemaChangesNothing()
{
    const QByteArray prefix = R"({"schema":{"type":"struct","fields":[{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",)"
                              R"("parameters":{"scale":"1"},"field":"x"}],"name":"a\"}],\"payload\":{"} , "payload" : )";
    const QByteArray other = QByteArray(prefix).replace("\"1\"", "\"2\"");
    const char *const source = "{path: [line], decode: {json: {unwrap: auto, learn: true}}}";
    const auto check = [&](Intake &intake, Reader &reader) {
        compare(told(intake, reader, json(view(prefix + R"({"x":"Cg=="}})"), line1)), QStringLiteral("press/L1/x=1"));
        compare(told(intake, reader, json(view(prefix + "{\"x\":\"Cg==\"} } \n"), line1)), QStringLiteral("press/L1/x=1"));
        compare(told(intake, reader, json(view(other + R"({"x":"Cg=="}})"), line1)), QStringLiteral("press/L1/x=0.10000000000000001"));
        compare(told(intake, reader, json(view(prefix + R"({"x":"Cg=="})"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + R"({"x":"Cg=="}}})"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + R"({"x":"Cg=="},{}})"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + R"({"x":"Cg=="}]})"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + "}"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + "\xFF\"}"), line1)), QStringLiteral("!no JSON"));
        compare(told(intake, reader, json(view(prefix + "7}"), line1)), QStringLiteral("!the document is a number"));
        // A third member: the document is no wrapper, so it is read as it is.
        compare(
            told(intake, reader, json(view(prefix + R"({"x":"Cg=="},"y":5})"), line1)),
            QStringLiteral("press/L1/schema.type=struct press/L1/schema.name=a\"}],\"payload\":{ press/L1/payload.x=Cg== press/L1/y=5"));
        compare(told(intake, reader, json(view(prefix + R"({"x":"FA=="}})"), line1)), QStringLiteral("press/L1/x=2"));
    };
    Intake intake(flow::source(source));
    Reader reader;
    check(intake, reader);
    for (int i = 0; i < 20; ++i) // more schemas than are kept
        compare(
            told(intake, reader, json(view(QByteArray(prefix).replace("struct", "s" + QByteArray::number(i)) + R"({"x":"Cg=="}})"), line1)),
            QStringLiteral("press/L1/x=1"));
    compare(told(intake, reader, json(view(other + R"({"x":"Cg=="}})"), line1)), QStringLiteral("press/L1/x=0.10000000000000001"));
}

void TestUnwrap::readsKeys_data()
{
    QTest::addColumn<QByteArray>("form");
    QTest::addColumn<QByteArray>("where");
    QTest::addColumn<QByteArray>("unwrap");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("rows");
    const auto row
        = [](const char *name, const char *form, const char *where, const char *unwrap, const QByteArray &key, const char *rows) {
              QTest::newRow(name) << QByteArray(form) << QByteArray(where) << QByteArray(unwrap) << key << QString::fromUtf8(rows);
          };
    row("text", "text", "key:", "none", "P-7", "press/P-7/x=1");
    row("text that is JSON", "text", "key:", "none", R"({"a":1})", "press/%7B\"a\":1%7D/x=1");
    row("pointer", "text", "key:/a", "none", R"({"a":1})", "press/1/x=1");
    row("pointer into no JSON", "text", "key:/a", "none", "P-7", "!record key: no JSON");
    row("duplicate name", "text", "key:/a", "none", R"({"a":1,"a":2})", "!'a' stands twice");
    row("JSON text", "json", "key:", "none", "\"P-7\"", "press/P-7/x=1");
    row("JSON number", "json", "key:", "none", "7", "press/7/x=1");
    row("JSON that is none", "json", "key:", "none", "P-7", "!record key: no JSON");
    row("wrapped text", "text", "key:", "auto", R"({"schema":{},"payload":"P-7"})", "press/P-7/x=1");
    row("wrapped decimal", "text", "key:/a", "auto",
        R"({"schema":{"type":"struct","fields":[{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"0"},"field":"a"}]},"payload":{"a":"fw=="}})",
        "press/127/x=1");
    row("not unwrapped", "text", "key:/a", "none", R"({"schema":{},"payload":{"a":1}})", "!label device missing");
    row("int32", "int32", "key:", "none", QByteArray("\xFF\xFF\xFF\xFE", 4), "press/-2/x=1");
    row("int64", "int64", "key:", "none", QByteArray("\0\0\0\1\0\0\0\0", 8), "press/4294967296/x=1");
    row("int64 of four bytes", "int64", "key:", "none", QByteArray("\0\0\0\1", 4), "!4 bytes; an int64 has 8");
    row("no key", "int64", "key:", "none", "", "!label device missing");
    row("framed JSON", "json", "key:/a", "none", QByteArray("\0\0\0\0\7{\"a\":1}", 12), "press/1/x=1");
}

void TestUnwrap::readsKeys()
{
    QFETCH(QByteArray, form);
    QFETCH(QByteArray, where);
    QFETCH(QByteArray, unwrap);
    QFETCH(QByteArray, key);
    QFETCH(QString, rows);
    SourceSpec spec = flow::source("{path: [device], labels: {device: \"" + where.toStdString()
                                   + "\"}, decode: {json: {unwrap: " + unwrap.toStdString() + ", fields: {x: {at: /x}}}}}");
    spec.settings = flow::node("{key: " + form.toStdString() + "}");
    Intake intake(spec);
    Reader reader;
    Message message = json(R"({"x":1})", {});
    message.key = view(key);
    compare(told(intake, reader, message), rows);
}

void TestUnwrap::readsWindows()
{
    SourceSpec spec = flow::source("{path: [line], labels: {line: \"key:\"}, notes: {from: \"window:start\"}, time: {basis: message, at: "
                                   "\"window:end\", correct: none, revisions: replace}, decode: {json: {learn: true}}}");
    spec.settings = flow::node("{key: {text: {window: 60s}}}");
    Intake intake(spec);
    const QByteArray key("L1\0\0\x01\xA1\x2E\xD3\x36\x00", 10);
    Message message = json(R"({"n":5})", {});
    message.key = view(key);
    QVERIFY(intake.add(message));
    const Batch batch = intake.seal({}, {});
    QCOMPARE(batch.newSeries.at(0).path, std::string("press/L1/n"));
    QCOMPARE(batch.stamp.at(0), Time(Millis(0x1A12ED33600) + std::chrono::seconds(60)));
    QCOMPARE(batch.notes.at(0).text.substr(0, 10), std::string("2026-10-12"));
    message.key = "L1";
    QVERIFY(!intake.add(message));
    message.key = std::string_view("L1\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10);
    QVERIFY(!intake.add(message));
}

void TestUnwrap::aWindowsTombstoneRetiresNothing()
{
    SourceSpec spec = flow::source("{path: [line], labels: {line: \"key:\"}, decode: {json: {learn: true}}}");
    spec.settings = flow::node("{key: {text: {window: 60s}}}");
    Intake intake(spec);
    Message message = json({}, {});
    message.key = std::string_view("L1\0\0\x01\xA1\x2E\xD3\x36\x00", 10);
    message.isTombstone = true;
    QVERIFY(intake.add(message));
    QVERIFY(intake.seal({}, {}).marks.empty());
}

void TestUnwrap::readsCompressedPayloads()
{
    const QByteArray document = R"({"x":1,"s":")" + QByteArray(200'000, 'a') + "\"}";
    Intake intake(flow::source("{path: [line], decode: {json: {fields: {x: {at: /x}}}}}"));
    Reader reader;
    for (const QByteArray &payload : {gzip(document), zstd(document), gzip(document.left(7)) + gzip(document.mid(7)),
                                      zstd(document.left(7)) + zstd(document.mid(7)), gzip("{\"x\":1}"), zstd("{\"x\":1}")}) {
        compare(told(intake, reader, json(view(payload), line1)), QStringLiteral("press/L1/x=1"));
        compare(told(intake, reader, json(view(payload.left(payload.size() - 1)), line1)),
                QStringLiteral("!")); // cut off
        QByteArray damaged = payload;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
        (void)told(intake, reader, json(view(damaged), line1)); // read or refused
    }
    compare(told(intake, reader, json(view(gzip("{\"x\":1}") + "junk"), line1)), QStringLiteral("!gzip: the payload is damaged"));
    compare(told(intake, reader, json(view(zstd("{\"x\":1}") + "junk"), line1)), QStringLiteral("!zstd: "));
    compare(told(intake, reader, json(view(gzip("")), line1)), QStringLiteral("!empty payload"));
    Intake scalar(flow::source("{path: [line], decode: {scalar: {field: beat}}}", "mqtt"));
    Reader beats;
    compare(told(scalar, beats, json(view(gzip("12")), line1)), QStringLiteral("press/L1/beat=12"));
    Intake csv(flow::source("{path: [line], decode: {csv: {columns: [line, x], learn: true}}}"));
    Reader lines;
    compare(told(csv, lines, json(view(zstd("L1,12")), line1)), QStringLiteral("press/L1/x=12"));
}

void TestUnwrap::boundsCompressedPayloads()
{
    Intake intake(flow::source("{path: [line], decode: {json: {fields: {x: {at: /x}}}}}"));
    Reader reader;
    const QByteArray large(8 << 20, ' ');
    const QByteArray bomb = zstd(QByteArray(64 << 20, ' '));
    compare(told(intake, reader, json(view(gzip(large + " ")), line1)), QStringLiteral("!more than 8388608 bytes"));
    compare(told(intake, reader, json(view(bomb), line1)), QStringLiteral("!more than 8388608 bytes"));
    compare(told(intake, reader, json(view(gzip(large.left(large.size() - 7) + "{\"x\":1}")), line1)), QStringLiteral("press/L1/x=1"));
}

void TestUnwrap::readsJsonBehindFraming()
{
    Intake intake(flow::source("{path: [line], decode: {json: {learn: true}}}"));
    Reader reader;
    const auto framed = [](const QByteArray &body) { return QByteArray("\0\0\0\0\x2A", 5) + body; };
    compare(told(intake, reader, json(view(framed("{\"x\":1}")), line1)), QStringLiteral("press/L1/x=1"));
    compare(told(intake, reader, json(view(framed(" {\"x\":2}")), line1)), QStringLiteral("press/L1/x=2"));
    compare(told(intake, reader, json(view(gzip(framed("{\"x\":3}"))), line1)), QStringLiteral("press/L1/x=3"));
    compare(told(intake, reader, json(view(framed("\x02\x06")), line1)), QStringLiteral("!schema id 42"));
    compare(told(intake, reader, json(view(framed("{\x06")), line1)), QStringLiteral("!schema id 42"));
    compare(told(intake, reader, json(view(QByteArray("\0\0\0\0", 4)), line1)), QStringLiteral("!no JSON"));
    SourceStatus status;
    intake.describe(status);
    QCOMPARE(status.decodeErrors, std::uint64_t(1));
    QCOMPARE(status.notes.size(), std::size_t(1));
}

void TestUnwrap::readsDecimalsWithoutSchema_data()
{
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("x"); // or the error with "!"
    const auto row = [](const char *name, const char *rule, const char *value, const char *x) {
        QTest::newRow(name) << QByteArray(rule) << QByteArray(value) << QString::fromUtf8(x);
    };
    row("base64", "as: decimal, digits: 2", "\"H8w=\"", "81.400000000000006");
    row("a text with a point", "as: decimal, digits: 2", "\"81.40\"", "81.400000000000006");
    row("a number", "as: decimal, digits: 2", "81.4", "81.400000000000006");
    row("text of a number", "as: decimal", "\"8140\"", "8140");
    row("base64 that is none", "as: decimal, digits: 2", "\"8140!\"", "!is not a decimal in base64");
    row("decimal scaled", "as: decimal, digits: 2, scale: 10", "\"H8w=\"", "814");
    row("decimal comma", "as: decimal, decimal: \",\"", "\"81,4\"", "81.400000000000006");
    row("bit 0", "bit: 0", "5", "1");
    row("bit 1", "bit: 1", "5", "0");
    row("bit of a text", "bit: 2", "\"5\"", "1");
    row("bit 62", "bit: 62", "-1", "1");
    row("bit as bool", "bit: 2, as: bool", "5", "1");
    row("bit with a map", "bit: 2, map: {\"1\": open, \"0\": shut}", "5", "open");
    row("bit of a whole number with a point", "bit: 2", "5.0", "1");
    row("bit of a fraction", "bit: 2", "5.5", "!is not a whole number");
    row("bit of a text that is none", "bit: 2", "\"five\"", "!is not a whole number");
    row("the whole is bad, not its bit", "bit: 0, bad: [1]", "3", "1");
}

void TestUnwrap::readsDecimalsWithoutSchema()
{
    QFETCH(QByteArray, rule);
    QFETCH(QByteArray, value);
    QFETCH(QString, x);
    Intake intake(flow::source("{path: [line], decode: {json: {fields: {x: {at: /x, " + rule.toStdString() + "}}}}}"));
    Reader reader;
    const QString rows = told(intake, reader, json(view("{\"x\":" + value + "}"), line1));
    compare(rows, x.startsWith(QLatin1Char('!')) ? x : QStringLiteral("press/L1/x=") + x);
}

QTEST_GUILESS_MAIN(TestUnwrap)
#include "tst_unwrap.moc"
