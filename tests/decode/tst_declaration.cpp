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
    row("debezium", json("{unwrap: debezium, learn: true}"), "unwrap: debezium is not in this version");
    row("cases", json("{cases: [{else: ignore}]}"), "cases is not in this version");
    row("each", json("{each: /a, learn: true}"), "each is not in this version");
    row("split", json("{split: {at: /a, as: x}, learn: true}"), "split is not in this version");
    row("reading", json("{reading: {field: x}, learn: true}"), "reading is not in this version");
    row("count_by", json("{count_by: /t, learn: true}"), "count_by is not in this version");
    row("bit", json("{fields: {x: {at: /x, bit: 3}}}"), "bit is not in this version");
    row("digits", json("{fields: {x: {at: /x, as: decimal, digits: 2}}}"), "digits is not in this version");
    row("decimal", json("{fields: {x: {at: /x, as: decimal}}}"), "as: decimal is not in this version");
    row("item:", json("{fields: {x: {at: \"item:/x\"}}}"), "item: is not in this version");
    row("split:", "{path: [line], labels: {line: \"split:line\"}, decode: {json: {learn: true}}}", "split: is not in this version");
    row("window:", timed("{basis: message, at: \"window:end\"}"), "window: is not in this version");
    row("column of a document", "{path: [line], decode: {row: {fields: {x: {at: \"column:c/p\"}}}}}", "column:c/p is not in this version");
    row("avro", "{path: [line], decode: {avro: {}}}", "avro is not in this version");
    row("protobuf", "{path: [line], decode: {protobuf: {}}}", "protobuf is not in this version");
    row("sparkplug", "{path: [line], decode: {sparkplug: {}}}", "sparkplug is not in this version");
    row("correct: auto", timed("{basis: message, at: /t, correct: auto, delay: 2s, clock: [line]}"), "");
    row("correct: auto of arrivals", timed("{basis: arrival, correct: auto}"), "correct: auto goes with basis message");
    row("clock of arrivals", timed("{basis: arrival, clock: [line]}"), "'clock' is of the clocks of devices");
    row("clock of no label", timed("{basis: message, at: /t, clock: [gateway]}"), "clock: the path has no label 'gateway'");
    row("delay of nothing", timed("{basis: message, at: /t, delay: 0s}"), "delay: '0s' is not longer than 0");
    row("revisions: replace", timed("{basis: arrival, revisions: replace}"), "revisions: replace is not in this version");
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
