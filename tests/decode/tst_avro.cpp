#include "decode/schemas.h"

#include "decode/avrobytes.h"
#include "decode/decoder.h"

#include <QtTest>

#include <cmath>

using namespace sg;
using avro::real;
using avro::text;
using avro::whole;

namespace {

SchemaText schemaOf(const QByteArray &text)
{
    return {"AVRO", text.toStdString(), {}};
}

// One field "v" of the type.
QByteArray record(const QByteArray &type)
{
    return R"({"type":"record","name":"R","fields":[{"name":"v","type":)" + type + "}]}";
}

}

class TestAvro : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesJson_data();
    void writesJson();
    void readsNamesAndReferences();
    void refusesBytes_data();
    void refusesBytes();
    void refusesSchemas_data();
    void refusesSchemas();
    void keepsHostileLengthsBounded_data();
    void keepsHostileLengthsBounded();
    void survivesAnyBytes();
    void survivesAnySchema();
};

void TestAvro::writesJson_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("json");
    const auto field = [](const char *name, const char *type, const QByteArray &bytes, const char *value) {
        QTest::newRow(name) << record(type) << bytes << QByteArray("{\"v\":") + value + "}";
    };
    field("null", R"("null")", "", "null");
    field("true", R"("boolean")", QByteArray(1, 1), "true");
    field("int", R"("int")", whole(-3), "-3");
    field("least int", R"("int")", whole(INT32_MIN), "-2147483648");
    field("long", R"("long")", whole(INT64_MAX), "9223372036854775807");
    field("least long", R"("long")", whole(INT64_MIN), "-9223372036854775808");
    field("float keeps its own digits", R"("float")", real(0.1F), "0.1");
    field("double", R"("double")", real(71.25), "71.25");
    field("large double", R"("double")", real(1e300), "1e+300");
    field("NaN is no number", R"("double")", real(std::nan("")), "null");
    field("infinity is no number", R"("float")", real(-INFINITY), "null");
    field("bytes", R"("bytes")", text(QByteArray("\x00\xFF\x10", 3)), R"("AP8Q")");
    field("bytes, one left", R"("bytes")", text(QByteArray("\x00\xFF\x10\x01", 4)), R"("AP8QAQ==")");
    field("string", R"("string")", text("P-07 \"x\"\n온도"), "\"P-07 \\\"x\\\"\\u000a온도\"");
    field("enum", R"({"type":"enum","name":"E","symbols":["OFF","RUN"]})", whole(1), R"("RUN")");
    field("fixed", R"({"type":"fixed","name":"F","size":2})", QByteArray("\x01\x02", 2), R"("AQI=")");
    field("a nullable double that is one", R"(["null","double"])", whole(1) + real(1.5), "1.5");
    field("a nullable double that is none", R"(["null","double"])", whole(0), "null");
    field("array", R"({"type":"array","items":"int"})", whole(2) + whole(7) + whole(8) + whole(0), "[7,8]");
    field("array in blocks with their size", R"({"type":"array","items":"int"})",
          whole(-1) + whole(1) + whole(7) + whole(1) + whole(8) + whole(0), "[7,8]");
    field("empty array", R"({"type":"array","items":"int"})", whole(0), "[]");
    field("map", R"({"type":"map","values":["null","long"]})",
          whole(2) + text("a/b") + whole(1) + whole(5) + text("c") + whole(0) + whole(0), R"({"a/b":5,"c":null})");
    field("a record inside", R"({"type":"record","name":"S","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]})",
          whole(1) + text("x"), R"({"a":1,"b":"x"})");
    field("decimal in bytes", R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", text(QByteArray("\x1D\xE7", 2)),
          "76.55");
    field("negative decimal", R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", text("\xFB"), "-0.05");
    field("decimal 0", R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", text(""), "0.00");
    field("decimal of 128", R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":0})", text(QByteArray("\x00\x80", 2)), "128");
    field("decimal of -128", R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":0})", text("\x80"), "-128");
    field("long decimal", R"({"type":"bytes","logicalType":"decimal","precision":40})", text(QByteArray("\x01\0\0\0\0\0\0\0\0", 9)),
          "18446744073709551616.0");
    field("decimal in a fixed", R"({"type":"fixed","name":"D","size":3,"logicalType":"decimal","precision":6,"scale":3})",
          QByteArray("\xFF\xFF\xFF", 3), "-0.001");
    field("timestamp-millis", R"({"type":"long","logicalType":"timestamp-millis"})", whole(1772583300250), R"("2026-03-04T00:15:00.25Z")");
    field("timestamp-micros", R"({"type":"long","logicalType":"timestamp-micros"})", whole(1772583300000001),
          R"("2026-03-04T00:15:00.000001Z")");
    field("before 1970", R"({"type":"long","logicalType":"timestamp-millis"})", whole(-1), R"("1969-12-31T23:59:59.999Z")");
    field("local-timestamp-millis", R"({"type":"long","logicalType":"local-timestamp-millis"})", whole(1772583300000),
          R"("2026-03-04T00:15:00")");
    field("a timestamp of no calendar", R"({"type":"long","logicalType":"timestamp-millis"})", whole(INT64_MIN), "-9223372036854775808");
    field("date", R"({"type":"int","logicalType":"date"})", whole(20516), R"("2026-03-04")");
    field("time-millis", R"({"type":"int","logicalType":"time-millis"})", whole(33300500), R"("09:15:00.5")");
    field("a logical type that does not fit", R"({"type":"int","logicalType":"timestamp-millis"})", whole(5), "5");
    field("a nullable timestamp", R"(["null",{"type":"long","logicalType":"timestamp-millis"}])", whole(1) + whole(0),
          R"("1970-01-01T00:00:00Z")");
    // The worked examples of the format's specification.
    QTest::newRow("specification: a record") << QByteArray(
        R"({"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]})")
                                             << QByteArray::fromHex("3606666f6f") << QByteArray(R"({"a":27,"b":"foo"})");
    QTest::newRow("specification: an array") << record(R"({"type":"array","items":"long"})") << QByteArray::fromHex("04063600")
                                             << QByteArray(R"({"v":[3,27]})");
    QTest::newRow("specification: a union") << record(R"(["null","string"])") << QByteArray::fromHex("020261")
                                            << QByteArray(R"({"v":"a"})");
    QTest::newRow("the logical type beside the type")
        << QByteArray(R"({"type":"record","name":"R","fields":[{"name":"v","type":"long","logicalType":"timestamp-millis"}]})") << whole(0)
        << QByteArray(R"({"v":"1970-01-01T00:00:00Z"})");
    QTest::newRow("no record: one value") << QByteArray(R"("double")") << real(81.5) << QByteArray(R"({"value":81.5})");
    QTest::newRow("a map is a document") << QByteArray(R"({"type":"map","values":"int"})") << whole(1) + text("n") + whole(3) + whole(0)
                                         << QByteArray(R"({"n":3})");
}

void TestAvro::writesJson()
{
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, json);
    const auto made = makeAvro(schemaOf(schema));
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    std::string out = "left from before";
    const auto done = (*made)->toJson(bytes.toStdString(), false, out);
    QVERIFY2(done, done ? "" : done.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(out), json);
    // Every byte counts: one less is an error, never a shorter record.
    if (!bytes.isEmpty())
        QVERIFY(!(*made)->toJson(bytes.chopped(1).toStdString(), false, out));
    QVERIFY(!(*made)->toJson(bytes.toStdString() + "x", false, out));
}

void TestAvro::readsNamesAndReferences()
{
    SchemaText schema
        = schemaOf(R"({"type":"record","name":"Reading","namespace":"plant","fields":[{"name":"asset","type":"common.Asset"},)"
                   R"({"name":"state","type":{"type":"enum","name":"State","symbols":["A","B"]}},{"name":"before","type":"State"},)"
                   R"({"name":"next","type":["null","plant.Reading"]}]})");
    QVERIFY(!makeAvro(schema));
    schema.references.push_back({"common.Asset", R"({"type":"record","name":"common.Asset","fields":[{"name":"id","type":"string"}]})"});
    const auto made = makeAvro(schema);
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    const QByteArray inner = text("P2") + whole(0) + whole(1) + whole(0);
    const QByteArray bytes = text("P1") + whole(1) + whole(0) + whole(1) + inner;
    std::string out;
    QVERIFY((*made)->toJson(bytes.toStdString(), false, out));
    QCOMPARE(
        out,
        std::string(R"({"asset":{"id":"P1"},"state":"B","before":"A","next":{"asset":{"id":"P2"},"state":"A","before":"B","next":null}})"));
    const auto key = makeAvro(schemaOf(R"("string")"));
    QVERIFY((*key)->toJson(text("P-07").toStdString(), true, out));
    QCOMPARE(out, std::string("P-07"));
    QVERIFY((*key)->toJson(text(QByteArray(200, 'x')).toStdString(), true, out));
    QCOMPARE(out, std::string(200, 'x'));
}

void TestAvro::refusesBytes_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("why");
    const auto row = [](const char *name, const char *type, const QByteArray &bytes, const char *why) {
        QTest::newRow(name) << QByteArray(type) << bytes << QString::fromUtf8(why);
    };
    row("truth value", R"("boolean")", QByteArray(1, 2), "neither 0 nor 1");
    row("int beyond", R"("int")", whole(std::int64_t{1} << 40U), "is no int");
    row("number without end", R"("long")", QByteArray(11, '\xFF'), "cut short");
    row("branch", R"(["null","int"])", whole(2), "branch 2 of a union that has 2");
    row("branch below 0", R"(["null","int"])", whole(-1), "branch -1");
    row("symbol", R"({"type":"enum","name":"E","symbols":["A"]})", whole(1), "symbol 1 of an enum that has 1");
    row("text that is none", R"("string")", text("\xFF\xFE"), "not UTF-8");
    row("name that is none", R"({"type":"map","values":"int"})", whole(1) + text("\xFF") + whole(1) + whole(0), "not UTF-8");
    row("negative length", R"("string")", whole(-5) + "abcde", "cut short");
    row("decimal beyond", R"({"type":"bytes","logicalType":"decimal","precision":9})", text(QByteArray(200, '\x01')),
        "a decimal of 200 bytes");
}

void TestAvro::refusesBytes()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, why);
    const auto made = makeAvro(schemaOf(record(type)));
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    std::string out;
    const auto done = (*made)->toJson(bytes.toStdString(), false, out);
    QVERIFY(!done);
    QVERIFY2(QString::fromStdString(done.error().plain()).contains(why), done.error().plain().c_str());
}

void TestAvro::refusesSchemas_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QString>("why");
    const auto row
        = [](const char *name, const QByteArray &schema, const char *why) { QTest::newRow(name) << schema << QString::fromUtf8(why); };
    row("no JSON", "record", "no JSON");
    row("empty", "", "no JSON");
    row("unknown type", record(R"("decimal")"), "'decimal', which is not defined");
    row("a number", "5", "no text, list or object");
    row("without type", R"({"name":"R"})", "without 'type'");
    row("without fields", R"({"type":"record","name":"R"})", "without fields");
    row("without name", R"({"type":"record","fields":[]})", "without a name");
    row("twice", R"([{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":1}])", "defines 'F' twice");
    row("without items", record(R"({"type":"array"})"), "without the type of its items");
    row("too deep", QByteArray(200, '[') + QByteArray(200, ']'), "too deep");
    row("too large", "\"" + QByteArray(2 << 20, 'x') + "\"", "at most 1048576");
}

void TestAvro::refusesSchemas()
{
    QFETCH(QByteArray, schema);
    QFETCH(QString, why);
    const auto made = makeAvro(schemaOf(schema));
    QVERIFY(!made);
    QVERIFY2(QString::fromStdString(made.error().plain()).contains(why), made.error().plain().c_str());
}

void TestAvro::keepsHostileLengthsBounded_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray huge = whole(INT64_MAX);
    QTest::newRow("text") << QByteArray(R"("string")") << huge + "abc";
    QTest::newRow("bytes") << QByteArray(R"("bytes")") << whole(std::int64_t{1} << 40U);
    QTest::newRow("array") << QByteArray(R"({"type":"array","items":"int"})") << huge + whole(1);
    QTest::newRow("array of nothing") << QByteArray(R"({"type":"array","items":"null"})") << huge + whole(0);
    QTest::newRow("array of empty records") << QByteArray(R"({"type":"array","items":{"type":"record","name":"E","fields":[]}})") << huge;
    QTest::newRow("array of least count") << QByteArray(R"({"type":"array","items":"null"})") << whole(INT64_MIN) + whole(0);
    QTest::newRow("map") << QByteArray(R"({"type":"map","values":"null"})") << huge;
    QTest::newRow("array of arrays of nothing") << QByteArray(R"({"type":"array","items":{"type":"fixed","name":"Z","size":0}})") << huge;
    QTest::newRow("a list of itself") << QByteArray(R"(["null",{"type":"array","items":"R"}])") << QByteArray(100'000, '\x02');
}

void TestAvro::keepsHostileLengthsBounded()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, bytes);
    const auto made = makeAvro(schemaOf(record(type)));
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    std::string out;
    QElapsedTimer clock;
    clock.start();
    QVERIFY(!(*made)->toJson(bytes.toStdString(), false, out));
    QVERIFY(out.capacity() < 3 * LargestPayload);
    QVERIFY(clock.elapsed() < 5'000);
}

void TestAvro::survivesAnyBytes()
{
    const auto made = makeAvro(schemaOf(
        R"({"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}},)"
        R"({"name":"v","type":["null","double",{"type":"array","items":{"type":"map","values":["R","bytes"]}}]},)"
        R"({"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":300}}]})"));
    QVERIFY(made);
    const QByteArray good = text("P1") + whole(1772583300000001) + whole(1) + real(1.5) + text("\x01");
    std::string out;
    std::uint32_t seed = 5;
    int read = 0;
    for (int i = 0; i < 200'000; ++i) {
        QByteArray bytes = good;
        for (int n = 0; n < 3; ++n) {
            seed = seed * 1664525U + 1013904223U;
            bytes[static_cast<int>((seed >> 8U) % static_cast<unsigned>(bytes.size()))] = static_cast<char>(seed >> 24U);
        }
        read += (*made)->toJson(bytes.toStdString(), false, out) ? 1 : 0;
        if (i % 1000 == 0 && !out.empty() && out.back() == '}')
            QVERIFY(!QJsonDocument::fromJson(QByteArray::fromStdString(out)).isNull());
    }
    QVERIFY(read > 1000);
}

void TestAvro::survivesAnySchema()
{
    const QByteArray good
        = R"({"type":"record","name":"a.R","namespace":"b","fields":[{"name":"v","type":["null",{"type":"map","values":"R"}]},)"
          R"({"name":"f","type":{"type":"fixed","name":"F","size":3,"logicalType":"decimal","scale":2}}]})";
    std::uint32_t seed = 9;
    int read = 0;
    std::string out;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray bytes = good;
        for (int n = 0; n < 2; ++n) {
            seed = seed * 1664525U + 1013904223U;
            bytes[static_cast<int>((seed >> 8U) % static_cast<unsigned>(bytes.size()))]
                = static_cast<char>("\"{}[],:abR0type"[seed >> 28U]);
        }
        if (const auto made = makeAvro(schemaOf(bytes))) {
            ++read;
            static_cast<void>((*made)->toJson(std::string(40, '\x02'), false, out));
        }
    }
    QVERIFY(read > 10);
}

QTEST_APPLESS_MAIN(TestAvro)
#include "tst_avro.moc"
