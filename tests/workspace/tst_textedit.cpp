#include "core/platform.h"
#include "workspace/textedit.h"
#include "workspace/workspace.h"

#include <QtTest>

#include <filesystem>

using namespace sg;

// Every row: a file, an edit, the file afterwards. Bytes the edit has nothing to do with stay as they are.
class TestTextEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void edits_data();
    void edits();
    void refuses_data();
    void refuses();
    void itemText_data();
    void itemText();
    void isWritten();
    void isRefusedWhenTheFileChanged();
    void staysInsideTheWorkspace();
};

namespace {

// "set ID KEY VALUE", "remove ID KEY", "add YAML", "append YAML", "replace ID YAML", "drop ID", all on the list `rules`.
Result<TextEdit> made(const std::string &text, const std::string &edit)
{
    std::vector<std::string> words;
    std::size_t begin = 0;
    const auto rest = [&] { return edit.substr(begin); };
    const auto word = [&] {
        const std::size_t end = std::min(edit.find(' ', begin), edit.size());
        std::string out = edit.substr(begin, end - begin);
        begin = std::min(end + 1, edit.size());
        return out;
    };
    const std::string verb = word();
    if (verb == "add")
        return addItem("rules/a.yaml", text, "rules", rest());
    if (verb == "append")
        return addEntry("rules/a.yaml", text, "rules", rest());
    const std::string id = word();
    if (verb == "drop")
        return removeItem("rules/a.yaml", text, "rules", id);
    if (verb == "replace")
        return replaceItem("rules/a.yaml", text, "rules", id, rest());
    const std::string key = word();
    if (verb == "remove")
        return removeKey("rules/a.yaml", text, "rules", id, key);
    return setValue("rules/a.yaml", text, "rules", id, key, rest());
}

std::string applied(std::string text, const TextEdit &edit)
{
    return text.replace(edit.at, edit.before.size(), edit.after);
}

const char *Press = "format: 1\n"
                    "# the press shop\n"
                    "rules:\n"
                    "  # forty presses\n"
                    "  - id: hot            # the exceptions in the table\n"
                    "    series: press/*/*/temp\n"
                    "    # limit by the maker\n"
                    "    high: { limit: 80, deadband: 2 }   # was 75\n"
                    "    action: Check the water\n"
                    "  # between\n"
                    "  - id: cold\n"
                    "    series: press/*/*/temp\n"
                    "    low:\n"
                    "      limit: 5 # frost\n"
                    "      on_delay: 5s\n"
                    "# the end\n";

std::string pressWith(std::string from, const std::string &to)
{
    std::string text = Press;
    const std::size_t at = text.find(from);
    Q_ASSERT(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}

void TestTextEdit::edits_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("edit");
    QTest::addColumn<QByteArray>("after");
    const auto row = [](const char *name, const std::string &before, const std::string &edit, const std::string &after) {
        QTest::newRow(name) << QByteArray::fromStdString(before) << QByteArray::fromStdString(edit) << QByteArray::fromStdString(after);
    };

    row("value in a flow map", Press, "set hot high/limit 82.5", pressWith("limit: 80,", "limit: 82.5,"));
    row("value on a line of its own, comment behind it", Press, "set cold low/limit 6", pressWith("limit: 5 # frost", "limit: 6 # frost"));
    row("text at the end of an item", Press, "set hot action \"Call 112: now\"", pressWith("Check the water", "\"Call 112: now\""));
    row("whole flow map", Press, "set hot high { limit: 3 }", pressWith("{ limit: 80, deadband: 2 }", "{ limit: 3 }"));
    row("block map becomes a flow map", Press, "set cold low { limit: 3 }",
        pressWith("low:\n      limit: 5 # frost\n      on_delay: 5s", "low: { limit: 3 }"));
    row("new key in a flow map", Press, "set hot high/on_delay 5s", pressWith("deadband: 2 }", "deadband: 2, on_delay: 5s }"));
    row("new key in a block map", Press, "set cold low/deadband 1", pressWith("on_delay: 5s\n", "on_delay: 5s\n      deadband: 1\n"));
    row("new key at the end of an item", Press, "set hot priority high", pressWith("water\n", "water\n    priority: high\n"));
    row("new map in an item", Press, "set hot high_high/limit 95", pressWith("water\n", "water\n    high_high: { limit: 95 }\n"));
    row("key removed, comment of its line too", Press, "remove hot high",
        pressWith("    high: { limit: 80, deadband: 2 }   # was 75\n", ""));
    row("key removed from a flow map, last", Press, "remove hot high/deadband", pressWith("limit: 80, deadband: 2", "limit: 80"));
    row("key removed from a flow map, first", Press, "remove hot high/limit", pressWith("limit: 80, deadband: 2", "deadband: 2"));
    row("key removed from a block map", Press, "remove cold low/on_delay", pressWith("      on_delay: 5s\n", ""));
    row("the last key of a map takes the map", "rules:\n  - id: a\n    high: { limit: 3 }\n    name: x\n", "remove a high/limit",
        "rules:\n  - id: a\n    name: x\n");
    row("the key on the line of the dash", "rules:\n  - name: x # c\n    id: a\n    on: 1\n", "remove a name",
        "rules:\n  - id: a\n    on: 1\n");
    row("item added", Press, "add id: new\nseries: press/**\nhigh:\n  limit: 3\n",
        pressWith("5s\n# the end", "5s\n  - id: new\n    series: press/**\n    high:\n      limit: 3\n# the end"));
    row("item replaced", Press, "replace hot id: hot # rewritten\nseries: press/**\nlow: { limit: 1 }",
        std::string(Press).replace(std::string(Press).find("id: hot"),
                                   std::string(Press).find("  # between") - 1 - std::string(Press).find("id: hot"),
                                   "id: hot # rewritten\n    series: press/**\n    low: { limit: 1 }"));
    row("item removed", Press, "drop hot",
        std::string(Press).erase(std::string(Press).find("  - id: hot"),
                                 std::string(Press).find("  # between") - std::string(Press).find("  - id: hot")));
    row("last item removed", Press, "drop cold",
        std::string(Press).erase(std::string(Press).find("  - id: cold"),
                                 std::string(Press).find("# the end") - std::string(Press).find("  - id: cold")));

    row("CRLF value", "rules:\r\n  - id: a\r\n    high: 3\r\n    low: 1\r\n", "set a high 4",
        "rules:\r\n  - id: a\r\n    high: 4\r\n    low: 1\r\n");
    row("CRLF new key", "rules:\r\n  - id: a\r\n    high: 3\r\n", "set a low 1", "rules:\r\n  - id: a\r\n    high: 3\r\n    low: 1\r\n");
    row("CRLF removed key", "rules:\r\n  - id: a\r\n    high: 3\r\n    low: 1\r\n", "remove a high",
        "rules:\r\n  - id: a\r\n    low: 1\r\n");
    row("CRLF new item", "rules:\r\n  - id: a\r\n", "add id: b\nhigh: 1", "rules:\r\n  - id: a\r\n  - id: b\r\n    high: 1\r\n");
    row("CRLF removed item", "rules:\r\n  - id: a\r\n  - id: b\r\n", "drop b", "rules:\r\n  - id: a\r\n");
    row("CRLF only item removed", "rules: # c\r\n  # d\r\n  - id: a\r\n    b: 1\r\n", "drop a", "rules: [] # c\r\n  # d\r\n");
    row("BOM and wide letters", "\xEF\xBB\xBF# 온도\nrules:\n  - id: a\n    name: 압력 # 높음\n    high: 3 # 한계\n", "set a high 4",
        "\xEF\xBB\xBF# 온도\nrules:\n  - id: a\n    name: 압력 # 높음\n    high: 4 # 한계\n");
    row("BOM and CRLF", "\xEF\xBB\xBFrules:\r\n  - id: a\r\n    n: 온\r\n    high: 3\r\n", "remove a high",
        "\xEF\xBB\xBFrules:\r\n  - id: a\r\n    n: 온\r\n");
    row("no final newline, value", "rules:\n  - id: a\n    high: 3", "set a high 4", "rules:\n  - id: a\n    high: 4");
    row("no final newline, new key", "rules:\n  - id: a\n    high: 3", "set a low 1", "rules:\n  - id: a\n    high: 3\n    low: 1");
    row("no final newline, removed key", "rules:\n  - id: a\n    high: 3", "remove a high", "rules:\n  - id: a");
    row("no final newline, new item", "rules:\n  - id: a", "add id: b", "rules:\n  - id: a\n  - id: b");
    row("no final newline, removed item", "rules:\n  - id: a\n  - id: b", "drop b", "rules:\n  - id: a");

    row("flow item", "rules:\n  - { id: x, high: {limit: 3} }\n", "set x high/limit 4", "rules:\n  - { id: x, high: {limit: 4} }\n");
    row("flow item, new key", "rules:\n  - { id: x, high: {limit: 3} }\n", "set x name \"a, b\"",
        "rules:\n  - { id: x, high: {limit: 3}, name: \"a, b\" }\n");
    row("flow item, new key in its map", "rules:\n  - { id: x, high: {limit: 3} }\n", "set x high/deadband 1",
        "rules:\n  - { id: x, high: {limit: 3, deadband: 1} }\n");
    row("flow item, empty map", "rules:\n  - { id: x, high: {} }\n", "set x high/limit 1", "rules:\n  - { id: x, high: { limit: 1 } }\n");
    row("flow item, removed key", "rules:\n  - { id: x, high: {limit: 3} }\n", "remove x high", "rules:\n  - { id: x }\n");
    row("flow item over lines", "rules:\n  - { id: x, # one\n      high: 3, # two\n      low: 1 } # three\n", "set x high 4",
        "rules:\n  - { id: x, # one\n      high: 4, # two\n      low: 1 } # three\n");
    row("flow item replaced", "rules:\n  - { id: x, high: 3 } # c\n", "replace x id: x\nlow: 1", "rules:\n  - id: x\n    low: 1 # c\n");
    row("flow list", "rules: [{ id: x }, { id: y }]\n", "set y high 3", "rules: [{ id: x }, { id: y, high: 3 }]\n");
    row("flow list, new item", "rules: [{ id: x }]\n", "add id: z\nseries: \"a/{b}/c\"\nhigh:\n  limit: 3",
        "rules: [{ id: x }, { id: z, series: \"a/{b}/c\", high: { limit: \"3\" } }]\n");
    row("flow list, first item removed", "rules: [{ id: x }, { id: y }]\n", "drop x", "rules: [{ id: y }]\n");
    row("flow list, last item removed", "rules: [{ id: x }, { id: y }]\n", "drop y", "rules: [{ id: x }]\n");
    row("flow list, only item removed", "rules: [{ id: x }]\n", "drop x", "rules: []\n");

    row("block text replaced", "rules:\n  - id: a\n    action: |\n      one\n\n      two\n\n    high: 3\n", "set a action \"three\"",
        "rules:\n  - id: a\n    action: \"three\"\n\n    high: 3\n");
    row("block text stays", "rules:\n  - id: a\n    action: |\n      one # no comment\n      two\n    high: 3\n", "set a high 4",
        "rules:\n  - id: a\n    action: |\n      one # no comment\n      two\n    high: 4\n");
    row("new key behind block text", "rules:\n  - id: a\n    action: |\n      one\n      two\n\n# end\n", "set a high 4",
        "rules:\n  - id: a\n    action: |\n      one\n      two\n    high: 4\n\n# end\n");
    row("new key behind block text that has no line end", "rules:\n  - id: a\n    action: |\n      one", "set a high 4",
        "rules:\n  - id: a\n    high: 4\n    action: |\n      one");
    row("new key behind block text that keeps its empty lines", "rules:\n  - id: a\n    action: |+\n      one\n\n", "set a high 4",
        "rules:\n  - id: a\n    high: 4\n    action: |+\n      one\n\n");
    row("block text removed", "rules:\n  - id: a\n    action: >-\n      one\n      two\n    high: 3\n", "remove a action",
        "rules:\n  - id: a\n    high: 3\n");
    row("text over two lines", "rules:\n  - id: a\n    name: one\n      two\n    high: 3\n", "set a name x",
        "rules:\n  - id: a\n    name: x\n    high: 3\n");

    row("value that was nothing", "rules:\n  - id: a\n    name: # to come\n    high: 3\n", "set a name x",
        "rules:\n  - id: a\n    name: x # to come\n    high: 3\n");
    row("map that was nothing", "rules:\n  - id: a\n    high:\n", "set a high/limit 3", "rules:\n  - id: a\n    high: { limit: 3 }\n");
    row("empty list", "format: 1\nrules: []\n", "add id: a\nhigh: 1", "format: 1\nrules:\n  - id: a\n    high: 1\n");
    row("empty list with a comment", "rules: []   # none yet\nz: 1\n", "add id: a", "rules:   # none yet\n  - id: a\nz: 1\n");
    row("list of nothing", "rules: # none\n", "add id: a", "rules: # none\n  - id: a\n");
    row("missing list", "format: 1\ndefaults: {}\n", "add id: a", "format: 1\ndefaults: {}\nrules:\n  - id: a\n");
    row("missing list, no final newline", "format: 1", "add id: a", "format: 1\nrules:\n  - id: a\n");
    row("empty file", "", "add id: a\nhigh: 1\n", "format: 1\nrules:\n  - id: a\n    high: 1\n");
    row("only a comment", "# mine\n", "add id: a", "# mine\nformat: 1\nrules:\n  - id: a\n");
    row("dashes without indent", "rules:\n- id: a\n  high: 1\n- id: b\n", "add id: c\nlow: 2",
        "rules:\n- id: a\n  high: 1\n- id: b\n- id: c\n  low: 2\n");
    row("dashes without indent, new key", "rules:\n- id: a\n  high: 1\nz: 1\n", "set a low 2",
        "rules:\n- id: a\n  high: 1\n  low: 2\nz: 1\n");
    row("wide dashes", "rules:\n  -   id: a\n      high: 1\n", "set a low 2", "rules:\n  -   id: a\n      high: 1\n      low: 2\n");
    row("quoted id and keys", "rules:\n  - \"id\": \"a\"\n    'high': 3\n", "set a high 4", "rules:\n  - \"id\": \"a\"\n    'high': 4\n");
    row("an entry without an id", "rules:\n  - series: a/b\n    unit: m # new\nz: 1\n", "append series: a/b\nname: x",
        "rules:\n  - series: a/b\n    unit: m # new\n  - series: a/b\n    name: x\nz: 1\n");
    row("an entry into an empty file", "", "append series: a/b\nname: x", "format: 1\nrules:\n  - series: a/b\n    name: x\n");
    row("only item removed", "rules:\n  - id: a\n    high: 1\n", "drop a", "rules: []\n");
    row("list as a value", "rules:\n  - id: a\n    per:\n      - x\n      - y\n    high: 1\n", "set a per [z]",
        "rules:\n  - id: a\n    per: [z]\n    high: 1\n");
}

void TestTextEdit::edits()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, edit);
    QFETCH(QByteArray, after);
    const std::string text = before.toStdString();
    const auto made_ = made(text, edit.toStdString());
    QVERIFY2(made_, made_ ? "" : made_.error().plain().c_str());
    const std::string changed = applied(text, *made_);
    QCOMPARE(QByteArray::fromStdString(changed), after);
    QCOMPARE(QByteArray::fromStdString(applied(changed, made_->inverse())), before);
    QVERIFY(parseYaml(changed, "f"));
    QVERIFY(!made_->title.empty());
}

void TestTextEdit::refuses_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("edit");
    QTest::addColumn<QByteArray>("error");
    const auto row = [](const char *name, const char *before, const char *edit, const char *error) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(edit) << QByteArray(error);
    };
    row("no such item", Press, "set warm high/limit 1", "rules/a.yaml: there is no 'warm' in the list 'rules'");
    row("no such key", Press, "remove hot low", "rules/a.yaml: there is no 'low' in 'hot'");
    row("the id", Press, "remove hot id", "rules/a.yaml: the id of 'hot' cannot be removed");
    row("known id", Press, "add id: hot", "rules/a.yaml: 'hot' is in the list 'rules' already");
    row("item without id", Press, "add name: x", "rules/a.yaml: the new item is no map with an 'id'");
    row("key below a text", Press, "set hot action/x 1", "rules/a.yaml: 'action/x' is no map in 'hot'");
    row("value that is none", Press, "set hot high { limit: ", "rules/a.yaml: the new value of 'high' is not a YAML value on one line");
    row("value on two lines", Press, "set hot action |\n  x", "rules/a.yaml: the new value of 'action' is not a YAML value on one line");
    row("value that breaks out of a flow map", Press, "set hot high/limit 3, low: 4",
        "rules/a.yaml: 'hot' cannot be changed here without changing something else in the file; please edit the file itself");
    row("file with an anchor", "rules:\n  - &x id: a\n", "set a high 1",
        "rules/a.yaml:2: an anchor (&) is not allowed; put the text in quotes if it begins with &");
    row("list that is none", "rules: x\n", "add id: a", "rules/a.yaml: 'rules' is no list");
}

void TestTextEdit::refuses()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, edit);
    QFETCH(QByteArray, error);
    const auto made_ = made(before.toStdString(), edit.toStdString());
    QVERIFY2(!made_, made_ ? applied(before.toStdString(), *made_).c_str() : "");
    QCOMPARE(QByteArray::fromStdString(made_.error().plain()), error);
}

void TestTextEdit::itemText_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<QByteArray>("item");
    QTest::newRow("block item with comments")
        << QByteArray(Press) << QByteArray("hot")
        << QByteArray("id: hot            # the exceptions in the table\nseries: press/*/*/temp\n# limit by the maker\n"
                      "high: { limit: 80, deadband: 2 }   # was 75\naction: Check the water");
    QTest::newRow("nested block") << QByteArray(Press) << QByteArray("cold")
                                  << QByteArray("id: cold\nseries: press/*/*/temp\nlow:\n  limit: 5 # frost\n  on_delay: 5s");
    QTest::newRow("flow item") << QByteArray("rules:\n  - { id: x, high: {limit: 3} } # c\n") << QByteArray("x")
                               << QByteArray("{ id: x, high: {limit: 3} }");
    QTest::newRow("block text, CRLF") << QByteArray("rules:\r\n  - id: x\r\n    a: |\r\n      1\r\n\r\n      2\r\n\r\n# c\r\n")
                                      << QByteArray("x") << QByteArray("id: x\na: |\n  1\n\n  2");
}

void TestTextEdit::itemText()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, id);
    QFETCH(QByteArray, item);
    const auto text = textOfItem(file.toStdString(), "rules", id.toStdString());
    QVERIFY2(text, text ? "" : text.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(*text), item);
    // Put back it says the same.
    const auto edit = replaceItem("f", file.toStdString(), "rules", id.toStdString(), *text);
    QVERIFY2(edit, edit ? "" : edit.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(applied(file.toStdString(), *edit)), file);
}

void TestTextEdit::isWritten()
{
    const QTemporaryDir dir;
    const std::string folder = dir.path().toStdString();
    const auto first = addItem("rules/a.yaml", "", "rules", "id: a\nhigh: 1");
    QVERIFY(first);
    QVERIFY(applyEdit(folder, *first));
    const auto text = readFile(folder + "/rules/a.yaml");
    QVERIFY(text);
    QCOMPARE(*text, std::string("format: 1\nrules:\n  - id: a\n    high: 1\n"));
    const auto second = setValue("rules/a.yaml", *text, "rules", "a", "high", "2");
    QVERIFY(second);
    QVERIFY(applyEdit(folder, *second));
    QCOMPARE(*readFile(folder + "/rules/a.yaml"), std::string("format: 1\nrules:\n  - id: a\n    high: 2\n"));
    QVERIFY(applyEdit(folder, second->inverse()));
    QCOMPARE(*readFile(folder + "/rules/a.yaml"), *text);
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder + "/rules"), {}), 1); // nothing temporary stays
}

void TestTextEdit::isRefusedWhenTheFileChanged()
{
    const QTemporaryDir dir;
    const std::string folder = dir.path().toStdString();
    QVERIFY(writeFileAtomically(folder + "/tags.yaml", "abc"));
    const auto refused = applyEdit(folder, {"tags.yaml", 1, "x", "y", {}});
    QVERIFY(!refused);
    QCOMPARE(refused.error().plain(), std::string("tags.yaml: the file was changed meanwhile; nothing was written"));
    QVERIFY(!applyEdit(folder, {"tags.yaml", 9, "", "y", {}}));
    QVERIFY(!applyEdit(folder, {"new.yaml", 0, "x", "y", {}}));
    QCOMPARE(*readFile(folder + "/tags.yaml"), std::string("abc"));
}

void TestTextEdit::staysInsideTheWorkspace()
{
    const QTemporaryDir dir, outside;
    const std::string folder = dir.path().toStdString();
    QVERIFY(writeFileAtomically(outside.path().toStdString() + "/x.yaml", "abc"));
    std::filesystem::create_symlink(outside.path().toStdString() + "/x.yaml", folder + "/link.yaml");
    std::filesystem::create_symlink(outside.path().toStdString() + "/new.yaml", folder + "/dangling.yaml");
    std::filesystem::create_directory_symlink(outside.path().toStdString(), folder + "/rules");
    for (const char *file : {"link.yaml", "dangling.yaml", "rules/x.yaml", "rules/new.yaml", "../new.yaml", "/tmp/sightglass-new.yaml",
                             "rules/../../new.yaml", "", ".", "a/b/c.yaml"})
        QVERIFY2(!applyEdit(folder, {file, 0, "", "y", {}}), file);
    QCOMPARE(std::distance(std::filesystem::directory_iterator(outside.path().toStdString()), {}), 1);
    QCOMPARE(*readFile(outside.path().toStdString() + "/x.yaml"), std::string("abc"));
}

QTEST_GUILESS_MAIN(TestTextEdit)
#include "tst_textedit.moc"
