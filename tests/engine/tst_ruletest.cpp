#include "engine/ruletest.h"

#include <QtTest>

using namespace sg;

namespace {

// A workspace of one source without a kind: rule tests open no source.
Workspace workspaceOf(const std::string &rulesYaml)
{
    Workspace workspace;
    workspace.pathLabels = {{"press", {"line", "device"}}};
    workspace.tags = std::make_shared<Tags>();
    auto rules = std::make_shared<RuleSet>();
    const auto root = parseYaml(rulesYaml, "rules/press.yaml");
    if (!root)
        qFatal("%s", root.error().plain().c_str());
    RuleSurroundings around;
    around.pathLabels = &workspace.pathLabels;
    for (const Node &item : (*root)["rules"].list) {
        auto rule = readRule(item, Node(), item.text("id"), around);
        if (!rule)
            qFatal("%s", rule.error().plain().c_str());
        rules->rules.push_back(*rule);
    }
    workspace.rules = rules;
    return workspace;
}

const char *const Rules = R"(
rules:
  - { id: hot, series: "press/*/*/temp", high: { limit: 80, on_delay: 5s }, priority: high }
  - { id: fault, series: "press/*/*/state", equals: fault, priority: high }
)";

std::string run(const std::string &tests, const char *rules = Rules)
{
    const RuleTests read = readRuleTests("format: 1\ntests:\n" + tests, "tests/press.yaml");
    std::string out;
    for (const Error &error : read.errors)
        out += error.plain() + "\n";
    const Workspace workspace = workspaceOf(rules);
    for (const RuleTest &test : read.tests)
        for (const std::string &failure : runRuleTest(workspace, test).failures)
            out += failure + "\n";
    return out;
}

}

class TestRuleTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void outcomes_data()
    {
        QTest::addColumn<std::string>("tests");
        QTest::addColumn<std::string>("says");
        const auto row = [](const char *name, const std::string &tests, const std::string &says) { QTest::newRow(name) << tests << says; };
        const std::string hot = "  - name: hot\n    series: { press/L1/P-1/temp: \"70x3 81x10 70x3\" }\n";
        row("a full journal", hot + "    journal: [8s RAISED hot press/L1/P-1/temp high, 13s CLEARED hot press/L1/P-1/temp high]\n", "");
        row("a restart while the delay runs",
            hot + "    restarts: [5s]\n    journal: [8s RAISED hot press/L1/P-1/temp high, 13s CLEARED hot press/L1/P-1/temp high]\n", "");
        row("a wrong journal", hot + "    journal: [9s RAISED hot press/L1/P-1/temp high, 13s CLEARED hot press/L1/P-1/temp high]\n",
            "tests/press.yaml:5: the journal is another one (- expected, + is):\n  - 9s RAISED hot press/L1/P-1/temp high\n"
            "  + 8s RAISED hot press/L1/P-1/temp high\n    13s CLEARED hot press/L1/P-1/temp high\n");
        row("states",
            hot
                + "    states:\n      - { at: 7s, rule: hot, state: Normal }\n"
                  "      - { at: 8s, rule: hot, alarm: press/L1/P-1/temp, state: Unacknowledged, level: high }\n",
            "");
        row("a wrong state", hot + "    states: [{ at: 7s, rule: hot, alarm: press/L1/P-1/temp, state: Unacknowledged }]\n",
            "tests/press.yaml:5: at 7s hot press/L1/P-1/temp: expected 'Unacknowledged', is 'Normal'\n");
        row("an acknowledgement",
            hot
                + "    actions: [{ at: 9s, do: ack, by: ann }]\n    states: [{ at: 10s, rule: hot, state: Acknowledged }, { at: 14s, rule: "
                  "hot, "
                  "state: Normal }]\n",
            "");
        row("texts",
            "  - name: fault\n    rules: [fault]\n    series: { press/L1/P-1/state: \"running fault _x2 running\" }\n"
            "    journal: [1s RAISED fault press/L1/P-1/state, 4s CLEARED fault press/L1/P-1/state]\n",
            "");
        row("a sample comes later",
            "  - name: fault\n    series: { press/L1/P-1/state: \"running fault@2s\" }\n"
            "    journal: [3s RAISED fault press/L1/P-1/state]\n",
            "");
        row("an unknown rule", "  - { name: a, rules: [cold], series: { press/L1/P-1/temp: \"1\" } }\n",
            "tests/press.yaml:3: there is no rule 'cold'\n");
        row("a path of another shape", "  - { name: a, series: { press/L1/temp: \"1\" } }\n",
            "tests/press.yaml:3: series press/L1/temp: source 'press' has source + 2 labels + field\n");
        row("a bad token", "  - { name: a, series: { press/L1/P-1/temp: \"5s,1,good,2\" } }\n",
            "tests/press.yaml:3: series press/L1/P-1/temp: '5s,1,good,2' is not understood; write VALUE, VALUExCOUNT, VALUE@DELAY, _ for "
            "no "
            "sample, or TIME,VALUE,QUALITY\n");
    }

    void outcomes()
    {
        QFETCH(std::string, tests);
        QFETCH(std::string, says);
        QCOMPARE(QString::fromStdString(run(tests)), QString::fromStdString(says));
    }

    // A suite of 1,000 rules, each with its test.
    void suite()
    {
        std::string rules = "rules:\n", tests;
        for (int i = 0; i < 1000; ++i) {
            const std::string id = "hot" + std::to_string(i);
            rules += "  - { id: " + id + ", series: \"press/*/*/temp\", high: { limit: 80, on_delay: 5s }, priority: high }\n";
            tests += "  - { name: " + id + ", rules: [" + id + "], series: { press/L1/P-1/temp: \"70x3 81x10 70x3\" }, journal: [8s RAISED "
                + id + " press/L1/P-1/temp high, 13s CLEARED " + id + " press/L1/P-1/temp high] }\n";
        }
        QElapsedTimer timer;
        timer.start();
        const std::string says = run(tests, rules.c_str());
        qInfo("figure: test_rules_1000_s %.3f s", static_cast<double>(timer.elapsed()) / 1000);
        QVERIFY2(says.empty(), says.c_str());
    }
};

QTEST_GUILESS_MAIN(TestRuleTest)
#include "tst_ruletest.moc"
