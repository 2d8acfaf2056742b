#include "workspace/textedit.h"
#include "workspace/workspace.h"

#include <QtTest>

using namespace sg;

// What the reader says to files that YAML would read as something else, or not at all.
class TestYaml : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refuses_data();
    void refuses();
    void reads_data();
    void reads();
    void quotedTextReadsBack_data();
    void quotedTextReadsBack();
    void placesAndLimits();
};

namespace {

// One line for one node: {key: value}, [item], scalars in quotes.
std::string flat(const Node &node)
{
    std::string out;
    switch (node.kind) {
    case Node::Kind::Missing:
        return "-";
    case Node::Kind::Scalar:
        return "\"" + node.scalar + "\"";
    case Node::Kind::Map:
        for (const auto &[key, value] : node.map)
            out += (out.empty() ? "" : ", ") + key + ": " + flat(value);
        return "{" + out + "}";
    case Node::Kind::List:
        for (const Node &item : node.list)
            out += (out.empty() ? "" : ", ") + flat(item);
        return "[" + out + "]";
    }
    return out;
}

}

void TestYaml::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("error");
    const auto row
        = [](const char *name, const char *text, const char *error) { QTest::newRow(name) << QByteArray(text) << QByteArray(error); };

    const char *anchor = "an anchor (&) is not allowed; put the text in quotes if it begins with &";
    const char *alias = "an alias (*) is not allowed; put the text in quotes if it begins with *";
    const char *tag = "a tag (!) is not allowed; put the text in quotes if it begins with !";
    const char *tab = "a tab stands in the indentation; use spaces";
    const char *brace = "a text with { } must stand in quotes";
    const char *comma = "a decimal comma divides the number here; write a point";
    const char *colon = "a full-width colon follows the key; write ': '";
    const char *cut = "the text is cut at ' #': quote it, or put a space behind # if a comment is meant";
    const char *second = "a second document begins here (after '---' or behind the end of the first); a file holds one";
    const auto at = [](int line, const char *error) { return QByteArray("f.yaml:") + QByteArray::number(line) + ": " + error; };

    row("anchor on a map", "a: 1\nb: &x { c: 1 }\n", at(2, anchor));
    row("anchor on a text", "a: &x text\n", at(1, anchor));
    row("anchor on an item", "a:\n  - &x b\n", at(2, anchor));
    row("anchor on nothing", "a: &x\nb: 1\n", at(1, anchor));
    row("alias", "a: &x 1\nb: *x\n", at(1, anchor));
    row("alias of nothing", "a: 1\nb: *x\n", at(2, alias));
    row("selector that begins with *", "series: */temp\n", at(1, alias));
    row("merge key", "a:\n  <<: { b: 1 }\n", at(2, "a merge key (<<) is not allowed"));
    row("tag", "a: !!str 5\n", at(1, tag));
    row("own tag", "a: !secret x\n", at(1, tag));
    row("tag on a map", "a: !x { b: 1 }\n", at(1, tag));
    row("second document", "a: 1\n---\nb: 2\n", at(2, second));
    row("second document, empty", "a: 1\n---\n", at(2, second));
    row("equal keys", "a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' stands here twice");
    row("equal keys in a flow map", "x: { limit: 3, limit: 4 }\n", "f.yaml:1: the key 'limit' stands here twice");
    row("equal keys, one quoted", "a: 1\n\"a\": 3\n", "f.yaml:2: the key 'a' stands here twice");
    row("tab before a key", "a:\n\tb: 1\n", at(2, tab));
    row("tab before a dash", "a:\n\t- 1\n", at(2, tab));
    row("spaces and a tab", "a:\n  b: 1\n \tc: 2\n", at(3, tab));
    row("brace alone", "a: {line}\n", at(1, brace));
    row("brace and more", "a: 1\nseries: {line}/x\n", at(2, brace));
    row("brace inside a flow list", "topics: [plant.{line}.raw]\n", at(1, brace));
    row("brace inside a flow map", "kafka: { topics: plant.{line}.raw, start: 1 }\n", at(1, brace));
    row("decimal comma in a flow map", "high: { limit: 3,5 }\n", at(1, comma));
    row("decimal comma before another key", "high: { limit: 3,5, deadband: 1 }\n", at(1, comma));
    row("full-width colon in a map", "id: a\nseries：press\n", at(2, colon));
    row("full-width colon first", "- id：press\n", at(1, colon));
    row("full-width colon, nested", "a:\n  - id: x\n    limit： 5\n", at(3, colon));
    row("text cut at #", "name: Press #3\n", at(1, cut));
    row("text cut at # in a list", "a: [one #1, two]\n", at(1, cut));
    row("glued comment behind a word", "name: Press #comment\n", at(1, cut));
    row("quote never closed", "a: 1\nb: \"x\nc: 2\n", "f.yaml:2: a quote opens here and is never closed");
    row("single quote never closed", "a: 'it''s\n", "f.yaml:1: a quote opens here and is never closed");
    row("map as a key", "{ a: 1 }: 2\n",
        "f.yaml:1: a key must be a text, not a map or a list; a text with { } or [ ] must stand in quotes");
    row("UTF-16",
        "\xFF\xFE"
        "a",
        "f.yaml:1: the file is UTF-16; save it as UTF-8");
    row("not UTF-8",
        "name: \xB0"
        "C\n",
        "f.yaml:1: the file is not valid UTF-8; save it as UTF-8");
    row("Ctrl-D ends nothing", "a: 1\nb: \x04\nc: 2\n", "f.yaml:2: a control character stands in the text");
    row("lone CR", "a: 1\rb: 2\n", "f.yaml:1: a carriage return stands without a line feed; lines end with LF or CRLF");
}

void TestYaml::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, error);
    const auto node = parseYaml(text.toStdString(), "f.yaml");
    QVERIFY2(!node, node ? flat(*node).c_str() : "");
    QCOMPARE(QByteArray::fromStdString(node.error().plain()), error);
}

void TestYaml::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("node");
    const auto row
        = [](const char *name, const char *text, const char *node) { QTest::newRow(name) << QByteArray(text) << QByteArray(node); };
    row("scalars stay as written", "a: 007\nb: yes\nc: 1e3\nd: 2026-01-01\n", R"({a: "007", b: "yes", c: "1e3", d: "2026-01-01"})");
    row("words for nothing stay", "a: null\nb: ~\nc: Null\n", R"({a: "null", b: "~", c: "Null"})");
    row("nothing is an empty text", "a:\nnull: x\n", R"({a: "", null: "x"})");
    row("list of null", "a: [null, ~, x]\n", R"({a: ["null", "~", "x"]})");
    row("BOM and CRLF",
        "\xEF\xBB\xBF"
        "a: 1\r\nb:\r\n  - x\r\n",
        R"({a: "1", b: ["x"]})");
    row("comments", "# first\na: 1   # 40 presses\nb: 2 # two\nc: 3 #glued\n", R"({a: "1", b: "2", c: "3"})");
    row("quoted #", "a: \"Press #3\"\nb: Press#3\n", R"({a: "Press #3", b: "Press#3"})");
    row("braces in a block text", "series: press/{line}/*/temp\n", R"({series: "press/{line}/*/temp"})");
    row("quoted braces in flow", "a: [\"plant.{line}.raw\"]\n", R"({a: ["plant.{line}.raw"]})");
    row("tab inside a block text", "a: |\n  \tx\nb: 1\n", "{a: \"\tx\n\", b: \"1\"}");
    row("tab behind a colon", "a:\t1\n", R"({a: "1"})");
    row("full-width colon inside a text", "name: 온도：높음\n", R"({name: "온도：높음"})");
    row("numbers in a flow list", "range: [0,5]\n", R"({range: ["0", "5"]})");
    row("keys that are digits", "map: { \"0\": stopped, 1: running }\n", R"({map: {0: "stopped", 1: "running"}})");
    row("one document with its sign", "---\na: 1\n", R"({a: "1"})");
    row("an empty file", "", R"("")");
    row("comments only", "# nothing\n", R"("")");
}

void TestYaml::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, node);
    const auto read = parseYaml(text.toStdString(), "f.yaml");
    QVERIFY2(read, read ? "" : read.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(flat(*read)), node);
}

void TestYaml::quotedTextReadsBack_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("written");
    const auto row = [](const char *text, const char *written) { QTest::newRow(written) << QByteArray(text) << QByteArray(written); };
    for (const char *plain : {"Press shop", "press/*/*/temp", "5s", "10min", "250ms", "°C", "/asset/id", "key:/lot", "on_delay", "P-13",
                              "a#b", "nothing", "-2x"})
        row(plain, plain[0] == '-' ? (std::string("\"") + plain + "\"").c_str() : plain);
    for (const char *word : {"on",
                             "Off",
                             "YES",
                             "no",
                             "y",
                             "N",
                             "true",
                             "False",
                             "null",
                             "~",
                             "",
                             "=",
                             "80",
                             "-2h",
                             "1e5",
                             "0x1F",
                             "0o17",
                             "1_000",
                             "1:30",
                             "12:30:45",
                             ".5",
                             ".inf",
                             "2026-11-21",
                             "2026-11-21T08:00:00Z",
                             "press/{line}/temp",
                             "a, b",
                             "[x]",
                             "a: b",
                             "ends:",
                             "Press #3",
                             "- x",
                             "?x",
                             "&a",
                             "*a",
                             "!a",
                             "|",
                             ">",
                             "%a",
                             "@a",
                             "#a",
                             " lead",
                             "trail ",
                             "id：x",
                             "<<"})
        row(word, (std::string("\"") + word + "\"").c_str());
    row("it's", "\"it's\"");
    row("say \"no\"", R"("say \"no\"")");
    row("C:\\x", R"("C:\\x")");
    row("two\nlines\tand a tab", R"("two\nlines\tand a tab")");
    row("\x1B[0m", R"("\x1B[0m")");
    row("a\xC2\x85"
        "b\xE2\x80\xA8"
        "c\xE2\x80\xA9"
        "d\xEF\xBB\xBF",
        R"("a\u0085b\u2028c\u2029d\uFEFF")");
}

void TestYaml::quotedTextReadsBack()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, written);
    const std::string out = sg::quoted(text.toStdString());
    QCOMPARE(QByteArray::fromStdString(out), written);
    for (const std::string &place : {"a: " + out + "\n", "a: { b: [" + out + "], c: 1 }\n", "a:\n  - " + out + "\n"}) {
        const auto node = parseYaml(place, "f.yaml");
        QVERIFY2(node, node ? "" : (place + node.error().plain()).c_str());
        const Node &a = (*node)["a"];
        const Node &back = a.kind == Node::Kind::Scalar ? a : a.kind == Node::Kind::List ? a.list.at(0) : a["b"].list.at(0);
        QCOMPARE(QByteArray::fromStdString(back.scalar), text);
    }
}

void TestYaml::placesAndLimits()
{
    const auto node = parseYaml("\xEF\xBB\xBF# 온도\r\na:\r\n  - { b: 1,\r\n      c: 2 }\r\nd:\r\ne: 1\r\n", "rules/press.yaml");
    QVERIFY(node);
    QCOMPARE((*node)["a"].list.at(0)["c"].place(), std::string("rules/press.yaml:4"));
    QCOMPARE((*node)["d"].place(), std::string("rules/press.yaml:5"));
    QCOMPARE((*node)["e"].place(), std::string("rules/press.yaml:6"));

    QVERIFY(parseYaml(std::string(60, '[') + std::string(60, ']'), "f"));
    QCOMPARE(parseYaml(std::string(65, '[') + std::string(65, ']'), "f").error().plain(),
             std::string("f:1: more than 64 levels inside each other"));
    QVERIFY(!parseYaml(std::string(100'000, '['), "f"));
    QVERIFY(!parseYaml(std::string(100'000, '{'), "f"));
    QCOMPARE(parseYaml(std::string((16U << 20U) + 1, '#'), "f").error().plain(),
             std::string("f: the file has 16777217 bytes; at most 16777216 are read"));

    // A secret that makes a file unreadable is not repeated by the error.
    for (const char *text : {"password: hunter2 #x\n", "password: {hunter2}\n", "password: [hunter2\n", "password: &hunter2 x\n",
                             "password: *hunter2\n", "password: \"hunter2\n"}) {
        const auto refused = parseYaml(text, "f");
        QVERIFY2(!refused, text);
        QVERIFY2(refused.error().plain().find("hunter2") == std::string::npos, refused.error().plain().c_str());
    }
}

QTEST_GUILESS_MAIN(TestYaml)
#include "tst_yaml.moc"
