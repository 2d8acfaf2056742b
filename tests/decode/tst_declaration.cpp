#include "decode/intake.h"
#include "decode/topicpattern.h"

#include "decode/flow.h"

#include <QtTest>

using namespace sg;

class TestDeclaration : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void refusesByName_data();
    void refusesByName();
    void readsKeyForms_data();
    void readsKeyForms();
    void matchesTopics_data();
    void matchesTopics();
    void refusesPatterns_data();
    void refusesPatterns();
    void matchesHostilePatternsInTime();
};

void TestDeclaration::refusesByName_data()
{
    QTest::addColumn<QByteArray>("declaration");
    QTest::addColumn<QString>("fault"); // empty: none
    const auto row = [](const char *name, const QByteArray &declaration, const char *fault) {
        QTest::newRow(name) << declaration << QString::fromUtf8(fault);
    };
    const auto json
        = [](const char *body) { return QByteArray("{id: press, kafka: {topics: [t]}, path: [line], decode: {json: ") + body + "}}"; };
    const auto timed = [](const char *time) { return QByteArray("{path: [line], time: ") + time + ", decode: {json: {learn: true}}}"; };
    row("good", json("{learn: true}"), "");
    row("item's own keys", "{id: press, kafka: {}, path: [line], lateness: 2s, decode: {json: {learn: true}}}", "");
    row("debezium", json("{unwrap: debezium, learn: true}"), "");
    row("no such unwrap", json("{unwrap: maxwell, learn: true}"), "not one of none, auto, debezium");
    row("cases", json("{cases: [{when: {/type: telemetry}, fields: {x: {at: /x}}}, {else: ignore}], count_by: /type}"), "");
    row("cases with a decode for the rest", json("{cases: [{when: {/a: present}, learn: true}, {else: {fields: {x: {at: /x}}}}]}"), "");
    row("a case's own labels and time",
        json("{cases: [{when: {\"header:t\": [a, b]}, labels: {line: /l}, time: {basis: message, at: /t}, learn: true}]}"), "");
    row("cases is no list", json("{cases: {else: ignore}}"), "cases takes a list");
    row("no cases", json("{cases: []}"), "cases takes a list");
    row("fields beside cases", json("{learn: true, cases: [{else: ignore}]}"), "'learn' stands beside cases");
    row("else is not the last", json("{cases: [{else: ignore}, {when: {/a: b}, learn: true}]}"), "else is the last");
    row("else with more", json("{cases: [{else: ignore, learn: true}]}"), "else stands alone");
    row("else of another word", json("{cases: [{else: skip}]}"), "else takes ignore");
    row("no when", json("{cases: [{learn: true}]}"), "begins with 'when'");
    row("unknown key of a case", json("{cases: [{wen: {/a: b}, learn: true}]}"), "unknown key 'wen'; did you mean 'when'?");
    row("unknown key of else", json("{cases: [{else: {lern: true}}]}"), "unknown key 'lern'; did you mean 'learn'?");
    row("unknown key of a field in a case", json("{cases: [{when: {/a: b}, fields: {x: {at: /x, scal: 2}}}]}"), "did you mean 'scale'?");
    row("empty when", json("{cases: [{when: {}, learn: true}]}"), "when takes places");
    row("when is no place", json("{cases: [{when: {type: a}, learn: true}]}"), "no place in a message");
    row("when of an item", json("{cases: [{when: {\"item:/a\": b}, each: /x, learn: true}]}"), "is of one item");
    row("when takes no map", json("{cases: [{when: {/a: {b: c}}, learn: true}]}"), "takes a text, a list of texts, or present");
    row("a case reads nothing", json("{cases: [{when: {/a: b}}]}"), "nothing is read");
    row("a case's label not in path", json("{cases: [{when: {/a: b}, labels: {lot: /x}, learn: true}]}"), "'lot' is not in path");
    row("a case's time has no lateness", json("{cases: [{when: {/a: b}, time: {basis: arrival, lateness: 2s}, learn: true}]}"),
        "unknown key 'lateness'");
    row("count_by is no place", json("{count_by: type, learn: true}"), "no place in a message");
    row("count_by of an item", json("{count_by: \"item:/t\", each: /a, learn: true}"), "is of one item");
    row("each", json("{each: /a, fields: {x: {at: \"item:/x\"}}}"), "");
    row("each of the document", json("{each: \"\", learn: true}"), "");
    row("each is no pointer", json("{each: a, learn: true}"), "no pointer");
    row("item: without each", json("{fields: {x: {at: \"item:/x\"}}}"), "there is no 'each'");
    row("split", json("{split: {at: /tag, as: \"{line}.{device}\"}, learn: true}"), "");
    row("split without a divider", json("{split: {at: /tag, as: \"{a}{b}\"}, learn: true}"), "a text that divides them");
    row("split that names twice", json("{split: {at: /tag, as: \"{a}.{a}\"}, learn: true}"), "names {a} twice");
    row("split of nothing", json("{split: {at: /tag, as: abc}, learn: true}"), "names no part");
    row("split that does not end", json("{split: {at: /tag, as: \"{a\"}, learn: true}"), "written as {name}");
    row("split: without a split", "{path: [line], labels: {line: \"split:line\"}, decode: {json: {learn: true}}}", "no 'split' here names");
    row("split: of another part",
        "{path: [line], labels: {line: \"split:lines\"}, decode: {json: {split: {at: /tag, as: \"{line}\"}, learn: true}}}",
        "names a part 'lines'");
    row("reading", json("{each: /a, reading: {field: \"item:/n\", value: \"item:/v\", quality: {at: \"item:/q\", good: [192]}}}"), "");
    row("reading of one name", json("{reading: {field: temp, value: /v}, fields: {temp: {scale: 0.1}}}"), "");
    row("reading without value", json("{reading: {field: temp}}"), "'value' is missing");
    row("quality without good", json("{reading: {field: temp, value: /v, quality: {at: /q}}}"), "'good' is missing");
    row("field without a place and no reading", json("{fields: {temp: {scale: 0.1}}}"), "'at' is missing");
    row("bit", json("{fields: {x: {at: /x, bit: 3}}}"), "");
    row("bit with a map", json("{fields: {x: {at: /x, bit: 3, map: {\"1\": open}}}}"), "");
    row("bit out of range", json("{fields: {x: {at: /x, bit: 63}}}"), "bit takes a whole number from 0 to 62");
    row("bit and scale", json("{fields: {x: {at: /x, bit: 1, scale: 2}}}"), "a bit is 0 or 1");
    row("decimal", json("{fields: {x: {at: /x, as: decimal, digits: 2}}}"), "");
    row("digits of no decimal", json("{fields: {x: {at: /x, digits: 2}}}"), "belongs to as: decimal");
    row("digits out of range", json("{fields: {x: {at: /x, as: decimal, digits: 99}}}"), "from 0 to 38");
    row("window: without its length", timed("{basis: message, at: \"window:end\"}"), "needs the length of the windows");
    row("window: of what", timed("{basis: message, at: \"window:middle\"}"), "no place in a message");
    row("column of a document", "{path: [line], decode: {row: {fields: {x: {at: \"column:c/p\"}}}}}", "");
    row("column without a name", "{path: [line], decode: {row: {fields: {x: {at: \"column:/p\"}}}}}", "lacks a name");
    row("avro", "{path: [line], decode: {avro: {learn: true}}}", "'use' is missing");
    row("protobuf", "{path: [line], decode: {protobuf: {use: r, mesage: a.B, learn: true}}}", "did you mean 'message'");
    row("sparkplug", "{path: [line], decode: {sparkplug: {}}}", "sparkplug is not in this version");
    row("correct: auto", timed("{basis: message, at: /t, correct: auto, delay: 2s, clock: [line]}"), "");
    row("correct: auto of arrivals", timed("{basis: arrival, correct: auto}"), "correct: auto goes with basis message");
    row("clock of arrivals", timed("{basis: arrival, clock: [line]}"), "'clock' is of the clocks of devices");
    row("clock of no label", timed("{basis: message, at: /t, clock: [gateway]}"), "neither the path nor the notes have a label 'gateway'");
    row("clock of a note",
        "{path: [line], notes: {gateway: \"topic:g\"}, time: {basis: message, at: /t, clock: [gateway]}, decode: {json: {learn: true}}}",
        "");
    row("delay of nothing", timed("{basis: message, at: /t, delay: 0s}"), "delay: '0s' is not longer than 0");
    row("revisions: replace", timed("{basis: arrival, revisions: replace}"), "");
    row("revisions: conflict", timed("{basis: arrival, revisions: conflict, correct: none}"), "");
    row("max_rate", "{path: [line], max_rate: 5000/s, max_backlog: 500MB, decode: {json: {learn: true}}}", "");
    row("max_rate of bytes", "{path: [line], max_rate: 2MB/s, decode: {json: {learn: true}}}", "");
    row("max_rate without a second", "{path: [line], max_rate: 5, decode: {json: {learn: true}}}", "'5' is no rate");
    row("max_rate of nothing", "{path: [line], max_rate: 0/s, decode: {json: {learn: true}}}", "'0/s' is no rate");
    row("max_backlog without a unit", "{path: [line], max_backlog: 500, decode: {json: {learn: true}}}", "'500' is no size");
    row("unknown key", json("{lern: true}"), "unknown key 'lern'; did you mean 'learn'?");
    row("unknown key of the item", "{path: [line], labls: {}, decode: {json: {learn: true}}}", "did you mean 'labels'?");
    row("unknown key of a field", json("{fields: {x: {at: /x, scal: 2}}}"), "did you mean 'scale'?");
    row("no path", "{decode: {json: {learn: true}}}", "'path' is missing");
    row("no decode", "{path: [line]}", "'decode' is missing");
    row("two formats", "{path: [line], decode: {json: {learn: true}, row: {learn: true}}}", "exactly one of");
    row("nothing to read", json("{unwrap: none}"), "nothing is read");
    row("label not in path", "{path: [line], labels: {lot: /lot}, decode: {json: {learn: true}}}", "'lot' is not in path");
    row("label twice", "{path: [line, line], decode: {json: {learn: true}}}", "path holds 'line' twice");
    row("label name", "{path: [Line], decode: {json: {learn: true}}}", "no label name");
    row("no place", json("{fields: {x: {at: temp}}}"), "no place in a message");
    row("tilde", json("{fields: {x: {at: /a~2}}}"), "~0");
    row("pointer into a row", "{path: [line], decode: {row: {fields: {x: {at: /x}}}}}", "points into JSON");
    row("column of JSON", json("{fields: {x: {at: \"column:x\"}}}"), "neither csv nor row");
    row("no such column", "{path: [line], decode: {csv: {columns: [line, x], fields: {x: {at: \"column:y\"}}}}}", "not one of the columns");
    row("separator", "{path: [line], decode: {csv: {columns: [line, x], separator: \"; \", learn: true}}}", "one character");
    row("message without at", timed("{basis: message, unit: ms}"), "needs 'at'");
    row("arrival with at", timed("{basis: arrival, at: /ts}"), "no place in the message");
    row("zone", timed("{basis: message, at: /ts, zone: Mars/Base}"), "not a known time zone");
    row("unit", timed("{basis: message, at: /ts, unit: min}"), "not one of");
    row("map to a text and scale", json("{fields: {x: {at: /x, map: {a: b}, scale: 2}}}"), "as: number");
    row("map to numbers", json("{fields: {x: {at: /x, as: number, map: {a: b}}}}"), "'b' is not a number");
    row("scaled text", json("{fields: {x: {at: /x, as: text, scale: 2}}}"), "belong to numbers");
    row("decimal sign", json("{fields: {x: {at: /x, decimal: \";\"}}}"), "decimal takes");
    row("max_series", "{path: [line], max_series: 0, decode: {json: {learn: true}}}", "max_series");
    row("lateness in minutes", "{path: [line], lateness: 10m, decode: {json: {learn: true}}}", "10min?");
}

void TestDeclaration::refusesByName()
{
    QFETCH(QByteArray, declaration);
    QFETCH(QString, fault);
    const SourceSpec spec = flow::source(declaration.toStdString());
    const auto faults = Intake::check(spec);
    if (fault.isEmpty()) {
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().plain().c_str());
        const Intake intake(spec);
        return;
    }
    QVERIFY(!faults.empty());
    const bool isNamed
        = std::any_of(faults.begin(), faults.end(), [&](const Error &e) { return QString::fromStdString(e.plain()).contains(fault); });
    QVERIFY2(isNamed, faults.front().plain().c_str());
    for (const Error &error : faults)
        QVERIFY2(error.place.starts_with("workspace.yaml:7") || error.text == std::string_view("'%1' is missing"), error.plain().c_str());
    try {
        const Intake intake(spec);
        QFAIL("a faulty declaration was built");
    } catch (const Refusal &refusal) {
        QCOMPARE(refusal.error.plain(), faults.front().plain());
    }
}

void TestDeclaration::readsKeyForms_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("label");
    QTest::addColumn<QString>("fault"); // empty: none
    const auto row = [](const char *name, const char *key, const char *label, const char *fault) {
        QTest::newRow(name) << QByteArray(key) << QByteArray(label) << QString::fromUtf8(fault);
    };
    row("text", "text", "key:", "");
    row("json", "json", "key:/id", "");
    row("int32", "int32", "key:", "");
    row("int64", "int64", "key:", "");
    row("windowed text", "{text: {window: 60s}}", "window:start", "");
    row("windowed number", "{int64: {window: 1h}}", "window:end", "");
    row("another word", "avro", "key:", "key takes text, json, int32 or int64");
    row("pointer into a number", "int64", "key:/id", "the record key is a number");
    row("window of nothing", "{text: {window: 0s}}", "key:", "no length of a window");
    row("window in minutes", "{text: {window: 10m}}", "key:", "10min?");
    row("no window", "{text: {widow: 60s}}", "key:", "key takes the length of its window");
    row("window without its length", "text", "window:start", "needs the length of the windows");
}

void TestDeclaration::readsKeyForms()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, label);
    QFETCH(QString, fault);
    SourceSpec spec = flow::source("{path: [line], labels: {line: \"" + label.toStdString() + "\"}, decode: {json: {learn: true}}}");
    spec.settings = flow::node("{key: " + key.toStdString() + "}");
    const auto faults = Intake::check(spec);
    QCOMPARE(faults.empty(), fault.isEmpty());
    if (!fault.isEmpty())
        QVERIFY2(QString::fromStdString(faults.front().plain()).contains(fault), faults.front().plain().c_str());
}

void TestDeclaration::matchesTopics_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<char>("separator");
    QTest::addColumn<QString>("topic");
    QTest::addColumn<QString>("captures"); // "-": no match
    const auto row = [](const char *pattern, char separator, const char *topic, const char *captures) {
        QTest::addRow("%s of %s", topic, pattern)
            << QString::fromUtf8(pattern) << separator << QString::fromUtf8(topic) << QString::fromUtf8(captures);
    };
    row("plant.{line}.processed", '.', "plant.L1.processed", "line=L1");
    row("plant.{line}.processed", '.', "plant..processed", "-");
    row("plant.{line}.processed", '.', "plant.L1.raw", "-");
    row("plant.{line}.processed", '.', "plant.L1.a.processed", "-");
    row("plant.{line}.processed", '.', "plant.L1.processed.x", "-");
    row("plant.{line}.processed", '.', "plant.L1", "-");
    row("plant-{line}-x.{device}", '.', "plant-7-x.P", "line=7 device=P");
    row("plant-{line}-x.{device}", '.', "plant--x.P", "-");
    row("orders", '.', "orders", "");
    row("orders", '.', "orders.dlq", "-");
    row("^plant\\.(\\w+)\\.(raw|processed)$", '.', "plant.L1.raw", "1=L1 2=raw");
    row("^plant\\.", '.', "plant.x", "");
    row("^plant\\.", '.', "a.plant.x", "-");
    row("plant/{line}/+/beat", '/', "plant/L1/G1/beat", "line=L1");
    row("plant/{line}/+/beat", '/', "plant/L1/beat", "-");
    row("plant/{line}/#", '/', "plant/L1", "line=L1");
    row("plant/{line}/#", '/', "plant/L1/a/b", "line=L1");
    row("plant/{line}/#", '/', "plant", "-");
    row("plant/+", '/', "plant/", "");
}

void TestDeclaration::matchesTopics()
{
    QFETCH(QString, pattern);
    QFETCH(char, separator);
    QFETCH(QString, topic);
    QFETCH(QString, captures);
    const auto parsed = TopicPattern::parse(pattern.toStdString(), separator);
    QVERIFY2(parsed, parsed ? "" : parsed.error().plain().c_str());
    const auto found = parsed->match(topic.toStdString());
    QStringList seen;
    if (found)
        for (const auto &[name, text] : *found)
            seen << QString::fromStdString(name + "=" + text);
    QCOMPARE(found ? seen.join(QLatin1Char(' ')) : QStringLiteral("-"), captures);
    QCOMPARE(parsed->isPlain(), !pattern.contains(QRegularExpression(QStringLiteral("[{^+#]"))));
    if (separator == '/')
        QCOMPARE(parsed->mqttFilter(), pattern.replace(QStringLiteral("{line}"), QStringLiteral("+")).toStdString());
}

void TestDeclaration::refusesPatterns_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<char>("separator");
    const auto row = [](const char *pattern, char separator) { QTest::addRow("%s", pattern) << QString::fromUtf8(pattern) << separator; };
    row("", '.');
    row("plant.{line", '.');
    row("plant.line}", '.');
    row("plant.{}", '.');
    row("plant.{Line}", '.');
    row("plant.{a}{b}", '.');
    row("plant.{a}.{a}", '.');
    row("^plant(", '.');
    row("^a{1000}{1000}{1000}", '.');
    row("plant/x{line}", '/');
    row("plant/#/x", '/');
    row("plant/x+", '/');
}

void TestDeclaration::refusesPatterns()
{
    QFETCH(QString, pattern);
    QFETCH(char, separator);
    QVERIFY(!TopicPattern::parse(pattern.toStdString(), separator));
}

void TestDeclaration::matchesHostilePatternsInTime()
{
    const auto pattern = TopicPattern::parse("^(a+)+(a|aa)*(a|a?)+$", '.');
    QVERIFY(pattern);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!pattern->match(std::string(248, 'a') + "!"));
    QVERIFY2(timer.elapsed() < 5000, "a backtracking matcher never comes back from this one");
}

QTEST_GUILESS_MAIN(TestDeclaration)
#include "tst_declaration.moc"
