#include "workspace/csvtext.h"

#include <QtTest>

using namespace sg;

// Editing a table keeps the file: only the lines that change are written anew.
class TestCsvText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keeps_data();
    void keeps();
    void edits_data();
    void edits();
};

void TestCsvText::keeps_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("plain") << QByteArray("a,b\n1,2\n");
    QTest::newRow("no final newline") << QByteArray("a,b\n1,2");
    QTest::newRow("CRLF") << QByteArray("a,b\r\n1,2\r\n");
    QTest::newRow("BOM") << QByteArray("\xEF\xBB\xBF"
                                       "a,b\n1,2\n");
    QTest::newRow("quotes that were not needed") << QByteArray("\"a\",b\n\"1\", 2 \n");
    QTest::newRow("blank lines") << QByteArray("\n\na,b\n\n1,2\n\n\n3,4\n\n");
    QTest::newRow("lines of several kinds") << QByteArray("a,b\r\n1,2\n3,4\r\n");
    QTest::newRow("too few and too many cells") << QByteArray("a,b\n1\n1,2,3\n");
}

void TestCsvText::keeps()
{
    QFETCH(QByteArray, text);
    QCOMPARE(QByteArray::fromStdString(CsvText::read(text.toStdString()).text()), text);
}

void TestCsvText::edits_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("edit"); // "set LINE CELL TEXT", "insert LINE A,B", "remove LINE"
    QTest::addColumn<QByteArray>("after");
    const auto row = [](const char *name, const char *text, const char *edit, const char *after) {
        QTest::newRow(name) << QByteArray(text) << QString::fromLatin1(edit) << QByteArray(after);
    };
    row("one cell", "\"a\",b\n\"1\",2\n3,\"4\"\n", "set 1 1 9", "\"a\",b\n1,9\n3,\"4\"\n");
    row("a cell that needs quotes", "a,b\r\n1,2\r\n", "set 1 0 x,\"y", "a,b\r\n\"x,\"\"y\",2\r\n");
    row("a row at the end", "a,b\r\n1,2\r\n", "insert 2 3,4", "a,b\r\n1,2\r\n3,4\r\n");
    row("a row behind a last line without an end", "a,b\n1,2", "insert 2 3,4", "a,b\n1,2\n3,4");
    row("a row in the middle", "a,b\n\n1,2\n\n3,4\n", "insert 2 5,6", "a,b\n\n1,2\n\n5,6\n3,4\n");
    row("removed", "a,b\n1,2\n\n3,4\n", "remove 1", "a,b\n\n3,4\n");
    row("the last removed", "a,b\n1,2", "remove 1", "a,b\n");
    row("an empty row is not written", "a,b\n1,2\n", "insert 2 ,", "a,b\n1,2\n");
    row("the first of a file", "", "insert 0 a,b", "a,b\n");
}

void TestCsvText::edits()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, edit);
    auto csv = CsvText::read(text.toStdString());
    const auto words = edit.split(u' ');
    const auto line = words[1].toUInt();
    if (words[0] == QStringLiteral("set"))
        csv.lines[line].cells[words[2].toUInt()] = words[3].toStdString();
    else if (words[0] == QStringLiteral("insert"))
        csv.insert(line, {words[2].section(u',', 0, 0).toStdString(), words[2].section(u',', 1, 1).toStdString()});
    else
        csv.remove(line);
    QTEST(QByteArray::fromStdString(csv.text()), "after");
}

QTEST_APPLESS_MAIN(TestCsvText)
#include "tst_csvtext.moc"
