#include "decode/schemas.h"

#include "decode/avrobytes.h"
#include "decode/decoder.h"

#include <QtTest>

using namespace sg;

namespace {

const char *const proto = R"(syntax = "proto3";
package plant;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/duration.proto";
import "confluent/type/decimal.proto";
message Reading {
  message Inner { string id = 1; }
  enum State { OFF = 0; RUN = 1; }
  int32 a = 1;
  string b = 2;
  double temp = 3;
  optional double maybe = 4;
  State state = 5;
  repeated int32 many = 6;
  Inner inner = 7;
  map<string, int64> counts = 8;
  google.protobuf.Timestamp at = 9;
  google.protobuf.DoubleValue wrapped = 10;
  bytes raw = 11;
  uint64 big = 12;
  float small = 13;
  bool on = 14;
  oneof choice { int32 x = 15; string y = 16; }
  google.protobuf.Struct free = 17;
  confluent.type.Decimal price = 18;
  google.protobuf.Duration lasted = 19;
  sint64 zig = 20;
  repeated Inner list = 21;
  Reading itself = 22;
}
message Other { int32 n = 1; })";

// What every reading holds, set or not.
const QByteArray defaults = R"("temp":0,"state":"OFF","many":[],"counts":{},"raw":"","big":0,"small":0,"on":false,"zig":0,"list":[]})";

QByteArray varint(std::uint64_t number)
{
    QByteArray out;
    for (; number >= 0x80; number >>= 7U)
        out += static_cast<char>((number & 0x7FU) | 0x80U);
    return out + static_cast<char>(number);
}

QByteArray sized(int field, const QByteArray &bytes)
{
    return varint(static_cast<std::uint64_t>(field) << 3U | 2U) + varint(static_cast<std::uint64_t>(bytes.size())) + bytes;
}

QByteArray number(int field, std::uint64_t value)
{
    return varint(static_cast<std::uint64_t>(field) << 3U) + varint(value);
}

QByteArray real(int field, double value)
{
    return varint(static_cast<std::uint64_t>(field) << 3U | 1U) + avro::real(value);
}

const QByteArray first(1, '\0'); // the index of the first type

SchemaText schemaOf(const char *text)
{
    return {"PROTOBUF", text, {}};
}

}

class TestProtobuf : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesJson_data();
    void writesJson();
    void readsTheTypeThatIsMeant();
    void readsReferences();
    void refusesSchemas_data();
    void refusesSchemas();
    void refusesBytes_data();
    void refusesBytes();
    void survivesAnyBytes();
};

void TestProtobuf::writesJson_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *name, const QByteArray &bytes, const char *json) { QTest::newRow(name) << bytes << QByteArray(json); };
    // The first three are the worked examples of the format's documentation.
    row("documentation: a number", QByteArray::fromHex("089601"), R"("a":150,"b":"",)");
    row("documentation: a text", QByteArray::fromHex("120774657374696e67"), R"("a":0,"b":"testing",)");
    row("documentation: packed numbers", QByteArray::fromHex("3206038e029ea705"), R"("many":[3,270,86942])");
    row("a negative number", number(1, static_cast<std::uint64_t>(std::int64_t{-2})), R"("a":-2,)");
    row("a double", real(3, 71.5), R"("temp":71.5,)");
    row("an optional that is 0", real(4, 0), R"("maybe":0,)");
    row("an enum", number(5, 1), R"("state":"RUN")");
    row("an enum of a newer schema", number(5, 9), R"("state":9)");
    row("not packed", number(6, 7) + number(6, 8), R"("many":[7,8])");
    row("a message", sized(7, sized(1, "P-07")), R"("inner":{"id":"P-07"})");
    row("a map", sized(8, sized(1, "a/b") + number(2, 5)), R"("counts":{"a/b":5})");
    row("a timestamp", sized(9, number(1, 1772583300) + number(2, 250'000'000)), R"("at":"2026-03-04T00:15:00.25Z")");
    row("a wrapped double", sized(10, real(1, 2.5)), R"("wrapped":2.5)");
    row("a wrapped 0", sized(10, ""), R"("wrapped":0)");
    row("bytes", sized(11, QByteArray("\x00\xFF\x10", 3)), R"("raw":"AP8Q")");
    row("largest", number(12, UINT64_MAX), R"("big":18446744073709551615)");
    row("a float", QByteArray::fromHex("6dcdcccc3d"), R"("small":0.1)");
    row("a choice", sized(16, "z"), R"("y":"z")");
    row("a free structure", sized(17, sized(1, sized(1, "k") + sized(2, real(2, 3)))), R"("free":{"k":3})");
    row("a decimal", sized(18, sized(1, QByteArray("\x1D\xE7", 2)) + number(3, 2)), R"("price":76.55)");
    row("a duration", sized(19, number(1, 3) + number(2, 500'000'000)), R"("lasted":3.5)");
    row("zigzag", number(20, 5), R"("zig":-3)");
    row("a list of messages", sized(21, sized(1, "a")) + sized(21, ""), R"("list":[{"id":"a"},{"id":""}])");
    row("a field of a newer schema", number(900, 1) + number(1, 4), R"("a":4,)");
    row("nothing set", "", R"({"a":0,"b":"",)");
}

void TestProtobuf::writesJson()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, json);
    const auto made = makeProtobuf(schemaOf(proto), {});
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    std::string out = "left from before";
    const auto done = (*made)->toJson((first + bytes).toStdString(), false, out);
    QVERIFY2(done, done ? "" : done.error().plain().c_str());
    QVERIFY2(out.find(json.toStdString()) != std::string::npos, out.c_str());
    QVERIFY(!QJsonDocument::fromJson(QByteArray::fromStdString(out)).isNull());
    if (bytes.isEmpty())
        QCOMPARE(QByteArray::fromStdString(out), R"({"a":0,"b":"",)" + defaults);
}

void TestProtobuf::readsTheTypeThatIsMeant()
{
    const auto any = makeProtobuf(schemaOf(proto), {});
    std::string out;
    const QByteArray other = avro::whole(1) + avro::whole(1) + number(1, 5);
    QVERIFY((*any)->toJson(other.toStdString(), false, out));
    QCOMPARE(out, std::string(R"({"n":5})"));
    const QByteArray inner = avro::whole(2) + avro::whole(0) + avro::whole(0) + sized(1, "P1");
    QVERIFY((*any)->toJson(inner.toStdString(), false, out));
    QCOMPARE(out, std::string(R"({"id":"P1"})"));
    const auto one = makeProtobuf(schemaOf(proto), "plant.Other");
    QVERIFY((*one)->toJson(other.toStdString(), false, out));
    const auto refused = (*one)->toJson(inner.toStdString(), false, out);
    QVERIFY(!refused);
    QCOMPARE(refused.error().plain(), std::string("Protobuf: a message 'plant.Reading.Inner', and this source reads 'plant.Other'"));
}

void TestProtobuf::readsReferences()
{
    SchemaText schema = schemaOf(
        R"(syntax = "proto2"; import "common/asset.proto"; message R { required common.Asset asset = 1; optional group G = 2 { optional int32 n = 1; } })");
    QVERIFY(!makeProtobuf(schema, {}));
    schema.references.push_back({"common/asset.proto", R"(syntax = "proto3"; package common; message Asset { string id = 1; })"});
    const auto made = makeProtobuf(schema, {});
    QVERIFY2(made, made ? "" : made.error().plain().c_str());
    std::string out;
    const QByteArray group = varint(2U << 3U | 3U) + number(1, 7) + varint(2U << 3U | 4U);
    QVERIFY((*made)->toJson((first + sized(1, sized(1, "P1")) + group).toStdString(), false, out));
    QCOMPARE(out, std::string(R"({"asset":{"id":"P1"},"g":{"n":7}})"));
    QVERIFY((*made)->toJson(first.toStdString(), false, out)); // what is required and missing is missing
    QCOMPARE(out, std::string("{}"));
}

void TestProtobuf::refusesSchemas_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QString>("why");
    QTest::newRow("no schema") << QByteArray("{\"type\":\"record\"}") << QStringLiteral("line 1");
    QTest::newRow("unknown type") << QByteArray("syntax = \"proto3\"; message R { Foo a = 1; }")
                                  << QStringLiteral("\"Foo\" is not defined");
    QTest::newRow("missing import") << QByteArray("syntax = \"proto3\"; import \"x.proto\"; message R {}") << QStringLiteral("x.proto");
    QTest::newRow("too large") << QByteArray(2 << 20, ' ') << QStringLiteral("at most 1048576");
    QTest::newRow("too deep") << QByteArray("syntax = \"proto3\";") + QByteArray("message A {").repeated(2000) + QByteArray(2000, '}')
                              << QStringLiteral("cannot be read");
}

void TestProtobuf::refusesSchemas()
{
    QFETCH(QByteArray, schema);
    QFETCH(QString, why);
    const auto made = makeProtobuf({"PROTOBUF", schema.toStdString(), {}}, {});
    QVERIFY(!made);
    QVERIFY2(QString::fromStdString(made.error().plain()).contains(why), made.error().plain().c_str());
}

void TestProtobuf::refusesBytes_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("why");
    const auto row
        = [](const char *name, const QByteArray &bytes, const char *why) { QTest::newRow(name) << bytes << QString::fromUtf8(why); };
    row("nothing at all", "", "does not begin with the index");
    row("a type that is not there", avro::whole(1) + avro::whole(7), "type 7 of a schema that has 2");
    row("indexes without end", avro::whole(INT64_MAX) + "\x01", "does not begin with the index");
    row("cut", first + QByteArray::fromHex("1207746573"), "are no message");
    row("a length beyond the payload", first + QByteArray::fromHex("12ffffffff07"), "are no message");
    row("a text that is none", first + sized(2, "\xFF\xFE"), "are no message");
    QByteArray deep;
    for (int i = 0; i < 80; ++i)
        deep = sized(22, deep);
    row("too deep", first + deep, "are no message");
    row("very many empty messages", first + sized(21, "").repeated(50'000), "hold more than 20000");
}

void TestProtobuf::refusesBytes()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, why);
    const auto made = makeProtobuf(schemaOf(proto), {});
    std::string out;
    const auto done = (*made)->toJson(bytes.toStdString(), false, out);
    QVERIFY2(!done, out.c_str());
    QVERIFY2(QString::fromStdString(done.error().plain()).contains(why), done.error().plain().c_str());
}

void TestProtobuf::survivesAnyBytes()
{
    const auto made = makeProtobuf(schemaOf(proto), {});
    const QByteArray good = first + number(1, 150) + sized(2, "testing") + real(3, 71.5) + sized(7, sized(1, "P"))
        + sized(8, sized(1, "a") + number(2, 5)) + sized(9, number(1, 1772583300))
        + sized(17, sized(1, sized(1, "k") + sized(2, real(2, 3)))) + sized(18, sized(1, "\x1D") + number(3, 2))
        + sized(22, sized(22, sized(2, "x")));
    std::string out;
    std::uint32_t seed = 3;
    int read = 0;
    for (int i = 0; i < 100'000; ++i) {
        QByteArray bytes = good;
        for (int n = 0; n < 3; ++n) {
            seed = seed * 1664525U + 1013904223U;
            bytes[static_cast<int>((seed >> 8U) % static_cast<unsigned>(bytes.size()))] = static_cast<char>(seed >> 24U);
        }
        read += (*made)->toJson(bytes.toStdString(), false, out) ? 1 : 0;
    }
    QVERIFY(read > 1000);
}

QTEST_APPLESS_MAIN(TestProtobuf)
#include "tst_protobuf.moc"
