#include "decode/intake.h"

#include "decode/flow.h"
#include "decode/rows.h"

#include <QtTest>

using namespace sg;
using namespace rows;

// Kinds of messages in one topic, items of arrays, and the places that only they have.
class TestCases : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFirstCaseThatHoldsReads_data();
    void theFirstCaseThatHoldsReads();
    void readsItems_data();
    void readsItems();
    void aMessageIsAppliedWholeOrNotAtAll();
    void stampsAndNotesAreOfTheirItem();
    void kindsOfMessagesAreCounted();
    void casesLearnApart();
    void readingsAreBounded();
    void placesBesideThePayloadAreFields();
    void textsThatLookLikeNumbersAreToldOnce();
};

namespace {

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

// Rows as words, or the error with "!" in front, which must have left nothing behind.
QString told(Intake &intake, Reader &reader, const Message &message)
{
    const std::size_t before = intake.rows();
    const auto done = intake.add(message);
    if (!done)
        return (intake.rows() == before ? QStringLiteral("!") : QStringLiteral("applied in part: "))
            + QString::fromStdString(done.error().plain());
    return reader.rows(intake.seal({}, {})).join(QLatin1Char(' '));
}

void compare(const QString &is, const QString &wanted)
{
    if (wanted.startsWith(QLatin1Char('!')))
        QVERIFY2(is.startsWith(QLatin1Char('!')) && is.contains(wanted.mid(1)), qPrintable(is));
    else
        QCOMPARE(is, wanted);
}

const char *const mixed
    = "{path: [line, device], labels: {line: /asset/line, device: /asset/id}, decode: {json: {cases: ["
      "{when: {/type: telemetry}, fields: {temp: {at: /data/temp}}},"
      "{when: {\"header:ce_type\": [alarm, event]}, labels: {line: {value: \"-\"}, device: /machine}, fields: {code: {at: "
      "/code}}},"
      "{else: ignore}]}}}";

const char *const plc = "{path: [line, device], labels: {line: \"split:line\", device: \"split:device\"}, decode: {json: {cases: ["
                        "{when: {/batch: present}, each: /batch, split: {at: \"item:/tag\", as: \"{line}.{device}.{point}\"},"
                        " reading: {field: \"split:point\", value: \"item:/v\", quality: {at: \"item:/q\", good: [192]}},"
                        " fields: {Temp: {scale: 0.1}, Run: {as: bool}}}, {else: ignore}]}}}";

}

void TestCases::theFirstCaseThatHoldsReads_data()
{
    QTest::addColumn<QByteArray>("declaration");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QByteArray>("header"); // ce_type
    QTest::addColumn<QString>("rows");
    const auto row = [](const char *name, const QByteArray &declaration, const char *payload, const char *header, const char *rows) {
        QTest::newRow(name) << declaration << QByteArray(payload) << QByteArray(header) << QString::fromUtf8(rows);
    };
    const auto cases = [](const char *list) { return QByteArray("{path: [line], decode: {json: {cases: [") + list + "]}}}"; };
    row("text", mixed, R"({"type":"telemetry","asset":{"line":"L1","id":"P"},"data":{"temp":7}})", "alarm", "press/L1/P/temp=7");
    row("one of several texts of a header", mixed, R"({"type":"x","machine":"M","code":4})", "event", "press/-/M/code=4");
    row("else: ignore", mixed, R"({"type":"x","machine":"M","code":4})", "audit", "");
    row("else: ignore reads nothing, so it refuses nothing", mixed, R"({"type":"x","machine":{}})", "", "");
    row("a missing label of the case", mixed, R"({"type":"x","code":4})", "event", "!label device missing");
    row("no case", cases("{when: {/a: b}, learn: true}"), R"({"x":1})", "", "!no case reads this message");
    row("all conditions", cases("{when: {/a: b, /c: present}, fields: {x: {at: /x}}}, {else: ignore}"), R"({"a":"b","x":1})", "", "");
    row("present and null", cases("{when: {/a: present}, fields: {x: {at: /x}}}, {else: {fields: {y: {at: /x}}}}"), R"({"a":null,"x":1})",
        "", "press/L1/y=1");
    row("present and an object", cases("{when: {/a: present}, fields: {x: {at: /x}}}"), R"({"a":{},"x":1})", "", "press/L1/x=1");
    row("a text that says present", cases("{when: {/a: [present]}, fields: {x: {at: /x}}}, {else: ignore}"), R"({"a":"no","x":1})", "", "");
    row("a number as text", cases("{when: {/a: \"3\"}, fields: {x: {at: /x}}}"), R"({"a":3,"x":1})", "", "press/L1/x=1");
    row("true as text", cases("{when: {/a: \"true\"}, fields: {x: {at: /x}}}"), R"({"a":true,"x":1})", "", "press/L1/x=1");
    row("item of an array", cases("{when: {/a/1: b}, fields: {x: {at: /x}}}"), R"({"a":["c","b"],"x":1})", "", "press/L1/x=1");
    row("topic", cases("{when: {\"topic:line\": L1}, fields: {x: {at: /x}}}"), R"({"x":1})", "", "press/L1/x=1");
    row("the first wins", cases("{when: {/a: present}, fields: {x: {at: /x}}}, {when: {/b: present}, fields: {y: {at: /x}}}"),
        R"({"b":1,"a":1,"x":1})", "", "press/L1/x=1");
    row("a duplicate name is refused by whoever reads it", cases("{when: {/a: b}, fields: {x: {at: /x}}}"), R"({"a":"b","x":1,"a":"c"})",
        "", "!'a' stands twice");
}

void TestCases::theFirstCaseThatHoldsReads()
{
    QFETCH(QByteArray, declaration);
    QFETCH(QByteArray, payload);
    QFETCH(QByteArray, header);
    QFETCH(QString, rows);
    Intake intake(flow::source(view(declaration)));
    Reader reader;
    Message message = json(view(payload), line1);
    const Pairs headers{{"ce_type", view(header)}};
    message.headers = headers;
    compare(told(intake, reader, message), rows);
}

void TestCases::readsItems_data()
{
    QTest::addColumn<QByteArray>("declaration");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("rows");
    const auto row = [](const char *name, const QByteArray &declaration, const char *payload, const char *rows) {
        QTest::newRow(name) << declaration << QByteArray(payload) << QString::fromUtf8(rows);
    };
    const auto each = [](const char *body) { return QByteArray("{path: [line], decode: {json: {each: ") + body + "}}}"; };
    row("a gateway's batch", plc,
        R"({"batch":[{"tag":"L1.P.Temp","v":705,"q":192},{"tag":"L2.Q.Run","v":true,"q":192},{"tag":"L1.P.Speed","v":3,"q":192}]})",
        "press/L1/P/Temp=70.5 press/L2/Q/Run=1");
    row("bad quality of a known and of a new series", plc,
        R"({"batch":[{"tag":"L1.P.Temp","v":705,"q":192},{"tag":"L1.P.Temp","v":706,"q":0},{"tag":"L1.Q.Temp","v":1,"q":24}]})",
        "press/L1/P/Temp=70.5 press/L1/P/Temp=bad");
    row("no quality is not good", plc, R"({"batch":[{"tag":"L1.P.Temp","v":1,"q":192},{"tag":"L1.P.Temp","v":2}]})",
        "press/L1/P/Temp=0.10000000000000001 press/L1/P/Temp=bad");
    row("the last part takes the rest",
        "{path: [device], labels: {device: \"split:d\"}, decode: {json: {split: {at: /t, as: \"{d}.{p}\"}, reading: {field: \"split:p\", "
        "value: /v}}}}",
        R"({"t":"P.axis.x","v":1})", "press/P/axis.x=1");
    row("text around the parts",
        "{path: [device], labels: {device: \"split:d\"}, decode: {json: {split: {at: /t, as: \"ns=2;s={d}/{p}!\"}, reading: {field: "
        "\"split:p\", value: /v}}}}",
        R"({"t":"ns=2;s=P/x!","v":1})", "press/P/x=1");
    row("another form", plc, R"({"batch":[{"tag":"L1.P","v":1,"q":192}]})", "!'L1.P' is not of the form {line}.{device}.{point}");
    row("an empty part", plc, R"({"batch":[{"tag":"L1..Temp","v":1,"q":192}]})", "!is not of the form");
    row("no text to split", plc, R"({"batch":[{"v":1,"q":192}]})", "!nothing stands at its place");
    row("empty array", plc, R"({"batch":[]})", "");
    row("no array", each("/a, fields: {x: {at: \"item:/x\"}}"), R"({"a":{"x":1}})", "!each: /a is an object; expected an array");
    row("missing array", each("/a, fields: {x: {at: \"item:/x\"}}"), R"({"b":1})", "!each: /a is missing");
    row("learned from the items", each("/a, learn: true"), R"({"y":5,"a":[{"x":1,"s":{"t":2}},{"x":3}]})",
        "press/L1/x=1 press/L1/s.t=2 press/L1/x=3");
    row("what stands outside the items", each("/a, fields: {x: {at: \"item:/x\"}, y: {at: /y}}"), R"({"y":5,"a":[{"x":1},{"x":3}]})",
        "press/L1/x=1 press/L1/y=5 press/L1/x=3 press/L1/y=5");
    row("nothing is left of the item before", each("/a, fields: {x: {at: \"item:/x\"}, y: {at: \"item:/y\"}}"),
        R"({"a":[{"x":1,"y":2},{"x":3}]})", "press/L1/x=1 press/L1/y=2 press/L1/x=3");
    row("the document is the array", each("\"\", fields: {x: {at: \"item:/x\"}}"), R"([{"x":1},{"x":2}])", "press/L1/x=1 press/L1/x=2");
    row("items that are values", each("/a, fields: {x: {at: \"item:\"}}"), R"({"a":[1,2]})", "press/L1/x=1 press/L1/x=2");
    row("nested array", each("/a/0/b, fields: {x: {at: \"item:/x\"}}"), R"({"a":[{"b":[{"x":1}]}]})", "press/L1/x=1");
    row("a name and a value", "{path: [line], decode: {json: {each: /m, reading: {field: \"item:/n\", value: \"item:/v\"}}}}",
        R"({"m":[{"n":"temp","v":1},{"n":"state","v":"run"},{"n":"temp","v":null}]})",
        "press/L1/temp=1 press/L1/state=run press/L1/temp=bad");
    row("one name for all", "{path: [line], decode: {json: {reading: {field: temp, value: /v}}}}", R"({"v":1})", "press/L1/temp=1");
    row("a reading without a name", "{path: [line], decode: {json: {reading: {field: /n, value: /v}}}}", R"({"v":1})",
        "!the name of the field is missing");
    row("learn: true adds the names that no field gives",
        "{path: [line], decode: {json: {each: /m, learn: true, reading: {field: \"item:/n\", value: \"item:/v\"}, fields: {a: {scale: "
        "2}}}}}",
        R"({"m":[{"n":"a","v":1},{"n":"b","v":1}]})", "press/L1/a=2 press/L1/b=1");
    row("a duplicate name in an item", each("/a, fields: {x: {at: \"item:/x\"}}"), R"({"a":[{"x":1,"x":2}]})", "!'x' stands twice");
}

void TestCases::readsItems()
{
    QFETCH(QByteArray, declaration);
    QFETCH(QByteArray, payload);
    QFETCH(QString, rows);
    Intake intake(flow::source(view(declaration)));
    Reader reader;
    compare(told(intake, reader, json(view(payload), line1)), rows);
}

void TestCases::aMessageIsAppliedWholeOrNotAtAll()
{
    Intake intake(flow::source(plc));
    Reader reader;
    const char *const good = R"({"batch":[{"tag":"L1.P.Temp","v":10,"q":192},{"tag":"L1.P.Run","v":1,"q":192}]})";
    const std::initializer_list<const char *> broken{
        R"({"batch":[{"tag":"L9.P.Temp","v":10,"q":192},{"tag":"L9","v":1,"q":192}]})", // form
        R"({"batch":[{"tag":"L9.P.Temp","v":10,"q":192},{"tag":"L9.P.Run","v":7,"q":192}]})", // type
        R"({"batch":[{"tag":"L9.P.Temp","v":10,"q":192},{"tag":"L9.P.Temp","v":"hot","q":192}]})", // number
    };
    for (const char *payload : broken) {
        QVERIFY2(told(intake, reader, json(payload, line1)).startsWith(QLatin1Char('!')), payload);
        const Batch batch = intake.seal({}, {});
        QVERIFY(batch.rows() == 0 && batch.newSeries.empty() && batch.runs.empty());
    }
    QCOMPARE(told(intake, reader, json(good, line1)), QStringLiteral("press/L1/P/Temp=1 press/L1/P/Run=1"));
    SourceStatus status;
    intake.describe(status);
    QCOMPARE(status.decodeErrors, std::uint64_t(3));
}

void TestCases::stampsAndNotesAreOfTheirItem()
{
    Intake intake(flow::source("{path: [device], labels: {device: \"item:/d\"}, notes: {lot: \"item:/lot\", gateway: \"topic:line\"},"
                               " time: {basis: message, at: \"item:/t\", unit: iso, zone: Asia/Seoul},"
                               " decode: {json: {each: /b, fields: {x: {at: \"item:/x\"}}}}}"));
    Message message
        = json(R"({"b":[{"d":"P","x":1,"t":"2026-10-12 17:00:00.5","lot":7},{"d":"Q","x":2,"t":"2026-10-12T08:00:02Z"}]})", line1);
    message.offset = 41;
    QVERIFY(intake.add(message));
    const Batch batch = intake.seal({}, {});
    QCOMPARE(batch.stamp, (std::vector<Time>{Time(Micros(1791792000500000)), Time(Micros(1791792002000000))}));
    QCOMPARE(batch.offset, (std::vector<std::int64_t>{41, 41}));
    QCOMPARE(batch.messages, std::uint64_t(1));
    QCOMPARE(batch.notes.size(), std::size_t(3));
    QCOMPARE(batch.notes[0].key + " " + batch.notes[0].name + " " + batch.notes[0].text, std::string("press/P lot 7"));
    QCOMPARE(batch.notes[2].key + " " + batch.notes[2].name + " " + batch.notes[2].text, std::string("press/Q gateway L1"));
    // One item without a stamp refuses all of it.
    QVERIFY(!intake.add(json(R"({"b":[{"d":"P","x":1,"t":"2026-10-12 17:00:00"},{"d":"P","x":1}]})", line1)));
    QCOMPARE(intake.rows(), std::size_t(0));
}

void TestCases::kindsOfMessagesAreCounted()
{
    Intake intake(
        flow::source("{path: [line], decode: {json: {count_by: /type, cases: [{when: {/type: a}, learn: true}, {else: ignore}]}}}"));
    const auto notes = [&] {
        SourceStatus status;
        intake.describe(status);
        QStringList out;
        for (const Error &note : status.notes)
            out << QString::fromStdString(note.plain());
        return out;
    };
    for (const char *payload : {R"({"type":"a","x":1})", R"({"type":"b"})", R"({"type":"a","x":2})", R"({"x":2})"})
        QVERIFY(intake.add(json(payload, line1)));
    QCOMPARE(notes(), (QStringList{QStringLiteral("2 kinds of messages by /type: a 2, b 1"), QStringLiteral("1 messages without /type")}));
    for (int i = 0; i < 1000; ++i) {
        const std::string payload = R"({"type":")" + std::string(200, 'k') + std::to_string(i) + "\"}";
        QVERIFY(intake.add(json(payload, line1)));
    }
    QVERIFY2(notes()[0].startsWith(QStringLiteral("3 kinds")), qPrintable(notes()[0])); // cut off where they differ
    for (int i = 0; i < 1000; ++i) {
        const std::string payload = R"({"type":)" + std::to_string(i) + "}";
        QVERIFY(intake.add(json(payload, line1)));
    }
    QVERIFY2(notes()[0].startsWith(QStringLiteral("more than 100 kinds of messages by /type: k")), qPrintable(notes()[0]));
    QVERIFY(notes()[0].size() < 1000);
}

void TestCases::casesLearnApart()
{
    Intake intake(flow::source("{path: [line], decode: {json: {cases: [{when: {/t: a}, learn: true}, {else: {learn: true}}]}}}"));
    Reader reader;
    QCOMPARE(told(intake, reader, json(R"({"t":"a","x":1})", line1)), QStringLiteral("press/L1/t=a press/L1/x=1"));
    QCOMPARE(told(intake, reader, json(R"({"y":1,"x":2})", line1)), QStringLiteral("press/L1/y=1 press/L1/x=2")); // the same series
    QCOMPARE(told(intake, reader, json(R"({"t":"a","x":"hot"})", line1)).left(1), QStringLiteral("!"));
    QCOMPARE(told(intake, reader, json(R"({"x":"hot"})", line1)).left(1), QStringLiteral("!"));
}

void TestCases::readingsAreBounded()
{
    Intake intake(flow::source("{path: [line], decode: {json: {each: /m, reading: {field: \"item:/n\", value: \"item:/v\"}}}}"));
    std::string payload = R"({"m":[)";
    for (int i = 0; i < 1500; ++i)
        payload += (i ? "," : "") + std::string(R"({"n":"f)") + std::to_string(i) + R"(","v":1})";
    payload += "]}";
    QVERIFY(intake.add(json(payload, line1)));
    QCOMPARE(intake.rows(), std::size_t(1000));
    SourceStatus status;
    intake.describe(status);
    QCOMPARE(status.notes.size(), std::size_t(1));
    QVERIFY2(status.notes[0].plain().find("'f1000' is not read") != std::string::npos, status.notes[0].plain().c_str());
    payload = R"({"m":[)";
    for (int i = 0; i < 200'000; ++i)
        payload += (i ? "," : "") + std::string(R"({"n":"f0","v":1})");
    payload += "]}";
    const auto done = intake.add(json(payload, line1));
    QVERIFY(!done);
    QVERIFY2(done.error().plain().find("more than 100000 values") != std::string::npos, done.error().plain().c_str());
    QCOMPARE(intake.rows(), std::size_t(1000));
}

void TestCases::placesBesideThePayloadAreFields()
{
    Intake intake(
        flow::source("{path: [line], decode: {json: {fields: {x: {at: /x}, site: {at: \"header:site\"}, part: {at: \"key:\"}}}}}"));
    Reader reader;
    Message message = json(R"({"x":1})", line1);
    const Pairs headers{{"site", "north"}};
    message.headers = headers;
    message.key = "P-7";
    QCOMPARE(told(intake, reader, message), QStringLiteral("press/L1/x=1 press/L1/site=north press/L1/part=P-7"));
    message.headers = {};
    QCOMPARE(told(intake, reader, message), QStringLiteral("press/L1/x=1 press/L1/part=P-7"));
}

void TestCases::textsThatLookLikeNumbersAreToldOnce()
{
    Intake intake(flow::source("{path: [device], labels: {device: /id}, decode: {json: {learn: true, fields: {a: {at: /a}, b: {at: /b, as: "
                               "text}, c: {at: /c, as: number}}}}}"));
    for (int i = 0; i < 100; ++i) {
        const std::string n = std::to_string(i);
        const std::string payload = R"({"id":"P)" + n + R"(","a":")" + n + R"(","b":")" + n + R"(","c":")" + n + R"(","d":")" + n + "\"}";
        QVERIFY(intake.add(json(payload, line1)));
    }
    Reader reader;
    QVERIFY(reader.rows(intake.seal({}, {})).contains(QStringLiteral("press/P7/a=7"))); // still a text, as it came
    SourceStatus status;
    intake.describe(status);
    QCOMPARE(status.notes.size(), std::size_t(2));
    QVERIFY(status.notes[0].plain().find("field 'a' holds texts that look like numbers ('0')") != std::string::npos);
    QVERIFY(status.notes[1].plain().find("field 'd' holds") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestCases)
#include "tst_cases.moc"
