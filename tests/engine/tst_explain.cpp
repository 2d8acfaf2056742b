#include "bench.h"

#include "alarms/judgedunit.h"
#include "core/times.h"
#include "engine/explain.h"

#include <QtTest>

using namespace sg;
using sg::test::Bench;

namespace {

const char *const Hot = R"(
rules:
  - { id: hot, series: "press/*/*/temp", high: { limit: 80 }, high_high: { limit: 95 }, priority: high }
)";

AlarmView alarmOf(Bench &bench, double at)
{
    return bench.snapshot(at)->alarms.at(0).alarm;
}

QString fact(const AlarmView &alarm, const char *what)
{
    const ExplainWords words{[](Time t) { return formatUtc(t); }, [](const Error &error) { return error.plain(); }, "°C"};
    QStringList out;
    for (const ExplainedFact &one : explainAlarm(alarm, Bench::time(100), words))
        if (std::string_view(one.what) == what)
            out << QString::fromStdString(one.text);
    return out.join(QStringLiteral(" | "));
}

Rule ruleOf(const char *item)
{
    const auto node = parseYaml(item, "rules/bench.yaml");
    if (!node)
        qFatal("%s", node.error().plain().c_str());
    const auto rule = readRule(*node, Node(), "r", {});
    if (!rule)
        qFatal("%s", rule.error().plain().c_str());
    return **rule;
}

}

// Why an alarm is as it is, in words, also when it is over.
class TestExplain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itsReasonStaysWhenItIsOver();
    void whatItJudgesHasAUnit_data();
    void whatItJudgesHasAUnit();
    void recordsThatNeedWordsHaveThem();
};

void TestExplain::itsReasonStaysWhenItIsOver()
{
    Bench bench(Hot);
    bench.row("temp", 1, 1, 70);
    QCOMPARE(fact(alarmOf(bench, 1), "because"), QString());
    QCOMPARE(fact(alarmOf(bench, 1), "limit"), QStringLiteral("high 80 °C, high_high 95 °C"));
    bench.row("temp", 2, 2, 83);
    QCOMPARE(fact(alarmOf(bench, 2), "because"), QStringLiteral("83 is above high 80 °C"));
    QCOMPARE(fact(alarmOf(bench, 2), "value").left(5), QStringLiteral("83 °C"));
    bench.row("temp", 3, 3, 97); // a higher level, by another value
    QCOMPARE(fact(alarmOf(bench, 3), "because"), QStringLiteral("97 is above high high 95 °C"));
    OperatorAction shelve;
    shelve.verb = Verb::Shelve;
    shelve.actor = "ann";
    shelve.reason = "works";
    shelve.named = {{"hot", "press/L1/P-01", "temp"}};
    QVERIFY(bench.act(shelve, 4).isDone);
    QCOMPARE(fact(alarmOf(bench, 4), "because"), QStringLiteral("97 is above high high 95 °C"));
    bench.row("temp", 5, 5, 70);
    const auto over = QStringLiteral("97 is above high high 95 °C (then; it is over)");
    QCOMPARE(fact(alarmOf(bench, 5), "because"), over);
    QVERIFY(bench.commit(6));
    bench.killAndRestart();
    bench.row("temp", 7, 7, 71);
    QCOMPARE(fact(alarmOf(bench, 7), "because"), over);
    bench.row("temp", 8, 8, 85); // another occurrence has another reason
    QCOMPARE(fact(alarmOf(bench, 8), "because"), QStringLiteral("85 is above high 80 °C"));
}

void TestExplain::whatItJudgesHasAUnit_data()
{
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<QString>("unit");
    const auto row = [](const char *name, const char *measure, const char *unit) {
        QTest::newRow(name) << QByteArray("{ id: r, series: \"press/*/*/temp\", priority: low, ") + measure + "high: { limit: 5 } }"
                            << QString::fromUtf8(unit);
    };
    row("the value itself", "", "°C");
    row("an average", "window: { take: avg, over: 1min }, ", "°C");
    row("a number of values", "window: { take: count, over: 1min }, ", "");
    row("a change", "rate_of_change: { per: 1min, over: 5min }, ", "°C per 1min");
    row("a distance", "deviation: { from: \"press/L1/P-01/set\", within: 5s }, ", "°C");
    row("a distance in percent", "deviation: { from: \"press/L1/P-01/set\", within: 5s, in: percent }, ", "%");
    row("how often", "count: { above: 3, of: edges, over: 1min }, ", "");
}

void TestExplain::whatItJudgesHasAUnit()
{
    QFETCH(QByteArray, rule);
    QFETCH(QString, unit);
    QCOMPARE(QString::fromStdString(judgedUnit(ruleOf(rule.constData()), "°C")), unit);
}

void TestExplain::recordsThatNeedWordsHaveThem()
{
    QVERIFY(std::string_view(meaningOf("SUPERSEDED")).find("raised again before anybody acknowledged") != std::string_view::npos);
    QVERIFY(*meaningOf("RAISED") == 0);
    QVERIFY(*meaningOf("") == 0);
}

QTEST_GUILESS_MAIN(TestExplain)
#include "tst_explain.moc"
