#include "alarms/limitstable.h"
#include "items/rulesentence.h"
#include "items/texts.h"
#include "widgets/rules/draftlimits.h"
#include "widgets/rules/gridmodel.h"
#include "widgets/rules/ruletemplates.h"
#include "workspace/workspace.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace sg;

// What the rule editor is made of, without a window.
class TestRuleParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void templatesAreRules_data();
    void templatesAreRules();
    void cellsSayTheirFault_data();
    void cellsSayTheirFault();
    void manyCellsAreJudgedOnce();
    void steps_data();
    void steps();
    void drawsWhatIsMeant_data();
    void drawsWhatIsMeant();
};

void TestRuleParts::templatesAreRules_data()
{
    QTest::addColumn<int>("number");
    QVERIFY(ruleTemplates().size() >= 8);
    for (std::size_t i = 0; i < ruleTemplates().size(); ++i)
        QTest::newRow(ruleTemplates()[i].id.c_str()) << static_cast<int>(i);
}

void TestRuleParts::templatesAreRules()
{
    QFETCH(int, number);
    const auto &one = ruleTemplates()[static_cast<std::size_t>(number)];
    auto item = filledIn(one, "press/*/*/value", "press/*/*/total", {"line", "device"});
    QVERIFY(!one.title.empty() && item.has("action"));
    item.map.emplace_back("id", Node::ofScalar(one.id));
    RuleSurroundings around;
    const std::map<std::string, std::vector<std::string>> labels{{"press", {"line", "device"}}};
    around.pathLabels = &labels;
    const auto faults = checkRule(item, {}, around);
    QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().plain().c_str());
    QVERIFY(!ruleSentence(item).contains(u'…'));
}

void TestRuleParts::cellsSayTheirFault_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("row"); // -1: the header
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *text, int at, int column, const char *says) {
        QTest::newRow(name) << QString::fromUtf8(text) << at << column << QString::fromUtf8(says);
    };
    row("all is well", "line,device,high\nL1,P-01,5\n", 0, -1, "");
    row("no number", "line,device,high,low\nL1,P-01,5,x\n", 0, 3, "low: 'x' is not a number");
    row("no deadband", "line,device,high,high.deadband\nL1,P-01,5,wide\n", 0, 3, "high: 'wide' is not a number");
    row("no label", "line,device,high\nL1,,5\n", 0, 1, "label 'device' is empty");
    row("twice", "line,device,high\nL1,P-01,5\nL1,P-02,5\nL1,P-01,6\n", 2, 0, "first in line 2");
    row("too few cells", "line,device,high\nL1,P-01\n", 0, 0, "2 cells, expected 3");
    row("a column of no meaning", "line,device,hihg\nL1,P-01,5\n", -1, -1, "column 'hihg'");
    row("a column is missing", "line,high\nL1,5\n", -1, -1, "column 'device'");
}

void TestRuleParts::cellsSayTheirFault()
{
    QFETCH(QString, text);
    QFETCH(int, row);
    QFETCH(int, column);
    QFETCH(QString, says);
    GridModel model(CsvText::read(utf8Of(text)), [](const std::string &csv) -> std::optional<Error> {
        const auto read = LimitsTable::read(csv, "limits.csv", {"line", "device"});
        return read ? std::nullopt : std::optional(read.error());
    });
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.fault().isEmpty(), says.isEmpty());
    QVERIFY2(model.fault().contains(says), qPrintable(model.fault()));
    for (int c = 0; row >= 0 && c < model.columnCount(); ++c)
        QCOMPARE(!model.index(row, c).data(Qt::ToolTipRole).toString().isEmpty(), c == column);
    model.insertRows(1, 2); // empty rows are no fault and are not written
    QCOMPARE(model.fault().isEmpty(), says.isEmpty());
    QCOMPARE(textOf(model.text()), text);
}

void TestRuleParts::manyCellsAreJudgedOnce()
{
    std::string text = "line,device,high\n", odd = text, cleared = text;
    for (int i = 0; i < 200; ++i) {
        const auto key = "L1,P-" + std::to_string(i) + ",";
        text += key + "5\n";
        odd += i % 2 == 1 ? key + "5\n" : "";
        cleared += i % 2 == 1 ? key + "\n" : "";
    }
    int judged = 0;
    GridModel model(CsvText::read(text), [&judged](const std::string &csv) -> std::optional<Error> {
        ++judged;
        const auto read = LimitsTable::read(csv, "limits.csv", {"line", "device"});
        return read ? std::nullopt : std::optional(read.error());
    });
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QModelIndexList cells;
    for (int row = 0; row < 200; row += 2)
        cells << model.index(row, 0) << model.index(row, 2);
    judged = 0;
    model.removeRowsOf(cells);
    QCOMPARE(model.text(), odd);
    QVERIFY2(judged <= 101, qPrintable(QString::number(judged))); // the header and each row that is left
    cells.clear();
    for (int row = 0; row < 100; ++row)
        cells << model.index(row, 2);
    judged = 0;
    model.clear(cells);
    QCOMPARE(model.text(), cleared);
    QVERIFY2(judged <= 101, qPrintable(QString::number(judged)));
    cells.clear();
    for (int row = 0; row < 100; ++row)
        cells << model.index(row, 1);
    model.removeRowsOf(cells);
    QCOMPARE(model.rowCount(), 0);
}

void TestRuleParts::steps_data()
{
    QTest::addColumn<double>("least");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("tenths") << 0.08 << 80.3333 << QStringLiteral("80.3");
    QTest::newRow("fives") << 0.3 << 80.3333 << QStringLiteral("80.5");
    QTest::newRow("ones") << 0.7 << 80.3333 << QStringLiteral("80");
    QTest::newRow("hundreds") << 130.0 << 12'345.0 << QStringLiteral("12400");
    QTest::newRow("minus nothing") << 1.0 << -0.2 << QStringLiteral("0");
    QTest::newRow("small") << 0.0000011 << 0.0000123 << QStringLiteral("0.000012");
}

void TestRuleParts::steps()
{
    QFETCH(double, least);
    QFETCH(double, value);
    QTEST(textOf(roundedTo(value, niceStep(least))), "text");
}

void TestRuleParts::drawsWhatIsMeant_data()
{
    QTest::addColumn<QString>("item");
    QTest::addColumn<QString>("lines"); // level limit band on off
    QTest::addColumn<bool>("isOfAnotherValue");
    const auto row = [](const char *name, const char *item, const char *lines, bool isOther = false) {
        QTest::newRow(name) << QString::fromUtf8(item) << QString::fromUtf8(lines) << isOther;
    };
    row("one level", "high: { limit: 80, deadband: 2, on_delay: 5s }", "high 80 2 5000000 0");
    row("common keys", "deadband: 3\non_delay: 1s\noff_delay: 2s\nhigh_high: { limit: 95 }\nlow: { limit: 5, deadband: 1 }",
        "high_high 95 3 1000000 2000000; low 5 1 1000000 2000000");
    row("a share of the range", "low: { limit: 10, deadband: 5% }", "low 10 6 0 0");
    row("a limit that is a series", "high: { limit: { series: \"press/{line}/{device}/max\" } }", "press/L1/P-01/max");
    row("no number", "high: { limit: eighty }", "");
    row("an average", "window: { take: avg, over: 1min }\nhigh: { limit: 80 }", "high 80 - 0 0");
    row("a rate", "rate_of_change: { per: 1min, over: 1min }\nhigh: { limit: 3 }", "high 3 - 0 0", true);
    row("no levels", "equals: 5", "");
}

void TestRuleParts::drawsWhatIsMeant()
{
    QFETCH(QString, item);
    QFETCH(bool, isOfAnotherValue);
    const auto node = parseYaml(utf8Of(item), "");
    QVERIFY(node);
    Tag tag;
    tag.range = std::pair(0.0, 120.0);
    const auto limits = draftLimits(*node, nullptr, "press/L1/P-01/temp", {"line", "device"}, tag);
    QStringList said;
    for (const auto &line : limits.lines)
        said << QStringLiteral("%1 %2 %3 %4 %5")
                    .arg(textOf(line.level), QString::number(line.limit), line.band ? QString::number(*line.band) : QStringLiteral("-"),
                         QString::number(line.onDelay.count()), QString::number(line.offDelay.count()));
    for (const auto &path : limits.series)
        said << textOf(path);
    QTEST(said.join(QStringLiteral("; ")), "lines");
    QCOMPARE(limits.isOfAnotherValue, isOfAnotherValue);
}

QTEST_MAIN(TestRuleParts)
#include "tst_ruleparts.moc"
