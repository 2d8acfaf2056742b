#include "items/rulesentence.h"

#include "alarms/condition.h"
#include "alarms/measure.h"
#include "items/texts.h"
#include "workspace/workspace.h"

#include <QTest>

using namespace sg;

class TestRuleSentence : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void says_data();
    void says();
    void everyKindHasARow();
    void staysShort();
};

void TestRuleSentence::says_data()
{
    QTest::addColumn<QString>("item");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char *name, const char *item, const char *unit, const char *sentence) {
        QTest::newRow(name) << QString::fromUtf8(item) << QString::fromUtf8(unit) << QString::fromUtf8(sentence);
    };
    const char *raised = ", an alarm of high priority is raised.";
    const auto high = [&](const char *name, const std::string &item, const char *unit, const std::string &when) {
        row(name, (item + "\npriority: high").c_str(), unit, ("When " + when + raised).c_str());
    };
    high("levels", "series: press/*/*/oil_pressure\nlow: { limit: 3.5, on_delay: 5s }", "bar",
         "oil pressure of each press is below 3.5 bar for 5 s");
    high("levels without a unit", "series: pumps/*/*/vibration\nhigh: { limit: 4.5 }", "", "vibration of each pump is above 4.5");
    row("levels of several priorities",
        "series: press/*/*/temp\non_delay: 1s\ndeadband: 2\noff_delay: 3s\nhigh: { limit: 80 }\n"
        "high_high: { limit: 95, priority: urgent }\npriority: high",
        "°C",
        "When temp of each press is above 80 °C for 1 s or above 95 °C for 1 s (urgent), an alarm of high or urgent priority is raised. "
        "It clears when the value is back by 2 °C for 3 s.");
    row("a share of the range as deadband", "series: a/*/x\nhigh: { limit: 1, deadband: 5% }\npriority: low", "",
        "When x of each a is above 1, an alarm of low priority is raised. It clears when the value is back by 5% of the range.");
    high("a limit that is a series", "series: press/*/*/temp\nhigh: { limit: { series: \"press/{line}/{device}/max_temp\" } }", "°C",
         "temp of each press is above max temp (press/{line}/{device}/max_temp)");
    high("one line", "series: press/L1/*/temp\nhigh: { limit: 80 }", "", "temp of each press of line L1 is above 80");
    high("one machine", "series: press/L1/P-07/temp\nhigh: { limit: 80 }", "", "temp of press L1 / P-07 is above 80");
    high("only and except", "series: press/*/*/temp\nonly: { line: [L1, L2] }\nexcept: { device: P-13 }\nhigh: { limit: 80 }", "",
         "temp of each press of line L1 or L2 except device P-13 is above 80");
    high("equals", "series: press/*/*/state\nequals: [fault, stopped]\non_delay: 10s", "",
         "state of each press is fault or stopped for 10 s");
    high("not_equals", "series: press/*/*/state\nnot_equals: running", "", "state of each press is anything but running");
    high("absence", "series: gateways/**\nabsence: { timeout: 8s }", "", "one gateway sends nothing for 8 s");
    high("freshness", "series: orders/*/rate\nfreshness: { older_than: 5min }", "", "the newest data of each order is older than 5 min");
    high("state_change", "series: press/*/*/state\nstate_change: { from: running, to: [fault, stopped] }", "",
         "state of each press changes from running to fault or stopped");
    high("state_change from", "series: press/*/*/state\nstate_change: { from: running }", "",
         "state of each press changes from running to anything else");
    high("state_change illegal", "series: press/*/*/state\nstate_change: { illegal: { stopped: [fault] } }", "",
         "state of each press changes in a way that must not be: from stopped to fault");
    high("state_change stuck", "series: press/*/*/state\nstate_change: { stuck: 2h }", "", "state of each press does not change for 2 h");
    high("state_change toggles", "series: press/*/*/state\nstate_change: { toggles: 5, over: 1min }", "",
         "state of each press changes 5 times within 1 min");
    high("when", "series: press/*/*/temp\nwhen: value > 80 and run == \"yes\"", "",
         "value > 80 and run == \"yes\" is true of temp of each press");
    row("when of all", "per: [line]\nwhen: count(hot) >= 3\npriority: high", "",
        "When count(hot) >= 3 is true, an alarm of high priority is raised, one for each line.");
    high("window", "series: press/*/*/temp\nwindow: { take: avg, over: 10min }\nhigh: { limit: 70 }", "°C",
         "the average of temp of each press over 10 min is above 70 °C");
    high("window percentile", "series: press/*/*/temp\nwindow: { take: p95, over: 10min }\nhigh: { limit: 70 }", "°C",
         "the p95 of temp of each press over 10 min is above 70 °C");
    high("rate_of_change", "series: press/*/*/temp\nrate_of_change: { per: 1min, over: 5min }\nhigh: { limit: 3 }", "°C",
         "the change of temp of each press over 5 min is above 3 °C per 1 min");
    high("deviation",
         "series: press/*/*/temp\ndeviation: { from: \"press/{line}/{device}/set_temp\", within: 5s, in: percent }\nhigh: { limit: 4 }",
         "°C", "the distance of temp of each press from set temp (press/{line}/{device}/set_temp) is above 4 %");
    high("ratio", "series: orders/*/scrap\nratio: { to: \"orders/{line}/good\", over: 1h }\nhigh: { limit: 0.05 }", "",
         "the sum of scrap of each order divided by the sum of good (orders/{line}/good), over 1 h, is above 0.05");
    high("count", "series: press/*/*/temp\ncount: { above: 80, over: 10min }\nhigh: { limit: 3 }", "°C",
         "how often in 10 min it begins that temp of each press is above 80 °C, is above 3");
    high("quality", "series: press/*/*/temp\nquality: { share: [nan, late], over: 10min }\nhigh: { limit: 0.2 }", "°C",
         "the share of bad values (nan, late) of each press in 10 min is above 0.2");
    high("lag", "lag: { use: k, group: sink, topics: [\"plant.{line}\"], in: time }\nhigh: { limit: 5min }", "",
         "the age of the oldest unread message of group sink on topic plant.{line} is above 5 min");
    row("what holds it back",
        "series: a/*/x\nequals: 1\npriority: low\nlatch: until_ack\nsuppress_when: { series: \"a/{l}/run\", equals: stopped }\n"
        "hours: { days: [mon, tue], from: \"06:00\", to: \"22:00\" }\nenabled: false",
        "",
        "When x of each a is 1, an alarm of low priority is raised. It stays until somebody acknowledges it. "
        "It is silent while run (a/{l}/run) is stopped. It is silent outside of its hours: mon, tue, 06:00 to 22:00. "
        "The rule is disabled: nothing of it is evaluated now.");
    row("an event", "series: a/*/x\nequals: 1\npriority: low\naudience: event", "",
        "When x of each a is 1, an event is recorded; nothing sounds.");
    row("nothing yet", "id: x", "", "When … …, an alarm of … priority is raised.");
    row("a limit is missing", "series: a/*/x\nhigh: {}", "", "When x of each a is above …, an alarm of … priority is raised.");
    row("no number", "series: a/*/x\nhigh: { limit: eighty }\npriority: low", "bar",
        "When x of each a is above eighty, an alarm of low priority is raised.");
    row("hostile places stay text", "series: a/*/x\nequals: \"%1 %2 <b>\"\npriority: low", "",
        "When x of each a is %1 %2 <b>, an alarm of low priority is raised.");
}

void TestRuleSentence::says()
{
    QFETCH(QString, item);
    QFETCH(QString, unit);
    const auto node = parseYaml(utf8Of(item), "");
    QVERIFY2(bool(node), qPrintable(node ? QString() : errorText(node.error())));
    const std::vector<std::string> labels = item.contains(QStringLiteral("press/")) || item.contains(QStringLiteral("pumps/"))
        ? std::vector<std::string>{"line", "device"}
        : std::vector<std::string>{"line"};
    QTEST(ruleSentence(*node, {labels, unit, {}}).replace(QChar(0x00A0), u' '), "sentence"); // a number and its unit stay on one line
}

// A kind that somebody adds gets a sentence of its own, or this fails.
void TestRuleSentence::everyKindHasARow()
{
    Node low = Node::ofScalar("1");
    for (const auto &kind : conditionKinds()) {
        Node item;
        item.kind = Node::Kind::Map;
        item.map = {{"series", Node::ofScalar("a/*/x")}, {kind.fields.front().key, low}};
        QVERIFY2(!ruleSentence(item).contains(QStringLiteral("each a …")), kind.name);
    }
    for (const auto &kind : measureKinds()) {
        Node item;
        item.kind = Node::Kind::Map;
        item.map = {{"series", Node::ofScalar("a/*/x")}, {kind.name, low}, {"high", low}};
        QVERIFY2(!ruleSentence(item).startsWith(QStringLiteral("When x of each a is")), kind.name);
    }
}

void TestRuleSentence::staysShort()
{
    Node item;
    item.kind = Node::Kind::Map;
    Node list;
    list.kind = Node::Kind::List;
    for (int i = 0; i < 10'000; ++i)
        list.list.push_back(Node::ofScalar(std::string(1000, 'x')));
    item.map = {{"series", Node::ofScalar("a/*/x")}, {"equals", list}};
    QVERIFY(ruleSentence(item).size() < 3000);
}

QTEST_GUILESS_MAIN(TestRuleSentence)
#include "tst_rulesentence.moc"
