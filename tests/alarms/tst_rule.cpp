#include "alarms/rule.h"

#include "ruletext.h"

#include <QtTest>

using namespace sg;
using sg::test::nodeOf;
using sg::test::ruleOf;

namespace {

const std::map<std::string, std::vector<std::string>> Labels = {{"press", {"line", "device"}}, {"gateways", {"line", "gateway"}}};

RuleSurroundings around(const std::string &csv = "line,gateway\nL1,G1\nL2,G2\n")
{
    RuleSurroundings out;
    out.pathLabels = &Labels;
    out.readText = [csv](const std::string &path) -> Result<std::string> {
        if (path != "limits/g.csv")
            return Error{"'%1' does not exist", {path}, {}};
        return csv;
    };
    return out;
}

const std::string Head = "id: hot\nseries: press/*/*/temp\npriority: high\n"; // three lines
const std::string Silent = "id: silent\nseries: gateways/**\npriority: high\n";

}

class TestRule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refused_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<std::string>("error");
        const auto row
            = [](const char *name, const std::string &text, const char *error) { QTest::newRow(name) << text << std::string(error); };
        row("hours without a time", Head + "high: { limit: 80 }\nhours: { from: \"06:00\" }", "rules/test.yaml:5: 'to' is missing");
        row("hours that are none", Head + "high: { limit: 80 }\nhours: { from: \"6:00\", to: \"22:00\" }",
            "rules/test.yaml:5: from: '6:00' is no time of the day; expected one such as 06:00");
        row("hours of no day", Head + "high: { limit: 80 }\nhours: { days: [monday], from: \"06:00\", to: \"22:00\" }",
            "rules/test.yaml:5: days: 'monday' is not one of mon, tue, wed, thu, fri, sat, sun");
        row("hours of no zone", Head + "high: { limit: 80 }\nhours: { zone: Nowhere/Land, from: \"06:00\", to: \"22:00\" }",
            "rules/test.yaml:5: ");
        row("errors of a key", Head + "high: { limit: 1 }\nquality: { share: [errors], over: 5min }",
            "rules/test.yaml:5: share: a message that cannot be read has no key; write per: [] for one alarm of the source");
        row("errors of a group", Head + "high: { limit: 1 }\nquality: { share: [errors], over: 5min }\nper: [line]",
            "rules/test.yaml:5: share: a message that cannot be read has no key; write per: [] for one alarm of the source");
        row("errors beside others", Head + "high: { limit: 1 }\nquality: { share: [errors, nan], over: 5min }\nper: []",
            "rules/test.yaml:5: share: errors counts messages, the others count samples; give errors a rule of its own");
        row("two measures", Head + "high: { limit: 1 }\nwindow: { take: avg, over: 5min }\ncount: { above: 3, over: 5min }",
            "rules/test.yaml:6: a rule has at most one measure; 'count' stands beside 'window'");
        row("measure without levels", Head + "equals: 3\nwindow: { take: avg, over: 5min }",
            "rules/test.yaml:5: window goes with high_high, high, low and low_low, not with equals");
        row("window of nothing", Head + "high: { limit: 1 }\nwindow: { take: avg, over: 0s }",
            "rules/test.yaml:5: over: '0s' is not longer than 0");
        row("unknown aggregate", Head + "high: { limit: 1 }\nwindow: { take: median, over: 5min }",
            "rules/test.yaml:5: take: 'median' is not one of avg, twa, min, max, sum, count, rate, stddev, last, p1 to p99");
        row("coverage above 100 %", Head + "high: { limit: 1 }\nwindow: { take: p95, over: 5min, coverage: 120% }",
            "rules/test.yaml:5: coverage: '120%' is not between 0% and 100%");
        row("misspelt measure", Head + "high: { limit: 1 }\nwindw: { take: avg, over: 5min }", "rules/test.yaml:5: unknown key 'windw'");
        row("count of two tests", Head + "high: { limit: 1 }\ncount: { above: 3, below: 2, over: 5min }",
            "rules/test.yaml:5: count takes exactly one of equals, above and below");
        row("per with levels", Head + "high: { limit: 1 }\nper: [line]", "rules/test.yaml:5: per does not go with levels");
        row("per with an unknown label", Silent + "absence: { timeout: 5s }\nper: [lane]",
            "rules/test.yaml:5: per: the source's path has no label 'lane'");
        row("star in another selector", Head + "high: { limit: 1 }\ndeviation: { from: press/*/*/ref, within: 2s }",
            "rules/test.yaml:5: 'press/*/*/ref' must be exactly one series for each alarm: write {line} for the alarm's own line instead "
            "of *");
        row("another selector with an unknown label",
            Head + "high: { limit: 1 }\ndeviation: { from: \"press/{line}/{gateway}/ref\", within: 2s }",
            "rules/test.yaml:5: 'press/{line}/{gateway}/ref': the alarm has no label 'gateway'");
        row("another selector with too few segments", Head + "high: { limit: 1 }\ndeviation: { from: \"press/{line}/ref\", within: 2s }",
            "rules/test.yaml:5: selector 'press/*/ref' has 3 segments");
        row("another selector of no source", Head + "high: { limit: { series: \"nowhere/{line}/x\" } }",
            "rules/test.yaml:4: there is no source 'nowhere'");
        row("limit with another key", Head + "high: { limit: { serie: \"press/{line}/{device}/max\" } }",
            "rules/test.yaml:4: unknown key 'serie'");
        row("suppressed by nothing", Head + "high: { limit: 1 }\nsuppress_when: { settle: 5s }",
            "rules/test.yaml:5: suppress_when takes either series or rule");
        row("suppressed by any value", Head + "high: { limit: 1 }\nsuppress_when: { series: \"press/{line}/{device}/state\" }",
            "rules/test.yaml:5: suppress_when: { series } takes exactly one of equals and not_equals");
        row("suppressed by itself", Head + "high: { limit: 1 }\nsuppress_when: { rule: hot }",
            "rules/test.yaml:5: the rule 'hot' cannot look at itself");
        row("when without series", "id: x\npriority: low\nwhen: any(hot)\ninputs: { hot: { rule: y } }",
            "rules/test.yaml:1: 'series' is missing; without it, write per: [] for one alarm, or per: [line] for one a line");
        row("when with a fault", "id: x\npriority: low\nper: []\nwhen: any(hott)\ninputs: { hot: { rule: y } }",
            "rules/test.yaml:4: character 5: 'hott' is not one of the inputs; did you mean 'hot'?");
        row("an input that is a word", "id: x\npriority: low\nper: []\nwhen: any(any)\ninputs: { any: { rule: y } }",
            "rules/test.yaml:5: inputs: 'any' is no name for an input");
        row("an input of both", "id: x\npriority: low\nper: []\nwhen: any(a)\ninputs: { a: { rule: y, series: press/L1/P1/x } }",
            "rules/test.yaml:5: inputs: 'a' takes either { series: SELECTOR } or { rule: ID }");
        row("inputs without when", Head + "high: { limit: 1 }\ninputs: { a: { rule: y } }",
            "rules/test.yaml:5: inputs goes with when only");
        row("lag with a series", Head + "high: { limit: 60s }\nlag: { use: k, group: g, topics: [t], in: time }",
            "rules/test.yaml:2: lag says itself which series it watches; leave out 'series'");
        row("freshness of nothing", Silent + "freshness: { older_than: 0s }", "rules/test.yaml:4: older_than: '0s' is not longer than 0");
        row("toggles without over", Head + "state_change: { toggles: 3 }", "rules/test.yaml:4: toggles and over go together");
        row("two kinds of change", Head + "state_change: { to: fault, stuck: 5min }",
            "rules/test.yaml:4: state_change takes from and to, or illegal, or stuck");
        row("limits_from of equals", Head + "equals: 3\nlimits_from: limits/g.csv",
            "rules/test.yaml:5: limits_from does not go with equals");
        row("limits_from with another column", Head + "high: { limit: 80 }\nlimits_from: limits/g.csv",
            "limits/g.csv:1: column 'gateway' is neither a label of the rule's keys nor a level such as high or high.deadband");
        row("on_missing of nothing", Head + "high: { limit: 80 }\non_missing: ignore",
            "rules/test.yaml:5: on_missing: 'ignore' is not one of hold, raise, separate, { clear_after: 5min }");
        row("no test", Head,
            "rules/test.yaml:1: rule 'hot' has no test; expected one of high_high, high, low, low_low, equals, not_equals, absence, "
            "freshness, "
            "state_change, when");
        row("two tests", Head + "high: { limit: 80 }\nequals: 3",
            "rules/test.yaml:5: a rule has exactly one test; 'equals' stands beside 'levels'");
        row("misspelt level", Head + "hiigh: { limit: 80 }", "rules/test.yaml:4: unknown key 'hiigh'; did you mean 'high'?");
        row("misspelt key beside a test", Head + "high: { limit: 80 }\nactoin: run",
            "rules/test.yaml:5: unknown key 'actoin'; did you mean 'action'?");
        row("misspelt key in a level", Head + "high: { limit: 80, deadbnd: 1 }",
            "rules/test.yaml:4: unknown key 'deadbnd'; did you mean 'deadband'?");
        row("limit is no number", Head + "high: { limit: hot }", "rules/test.yaml:4: limit: 'hot' is not a number");
        row("limit is missing", Head + "high: { deadband: 2 }", "rules/test.yaml:4: 'limit' is missing");
        row("levels out of order", Head + "high: { limit: 80 }\nhigh_high: { limit: 70 }",
            "rules/test.yaml:4: high 80 must be below high_high 70");
        row("deadband below 0", Head + "high: { limit: 80, deadband: -1 }", "rules/test.yaml:4: deadband: '-1' is below 0");
        row("delay without unit", Head + "high: { limit: 80 }\non_delay: 10m", "rules/test.yaml:5: on_delay: ");
        row("delay of an absence", Silent + "absence: { timeout: 5s }\non_delay: 5s",
            "rules/test.yaml:5: on_delay does not go with absence");
        row("deadband of equals", Head + "equals: fault\ndeadband: 5", "rules/test.yaml:5: deadband does not go with equals");
        row("equals nothing", Head + "equals: []", "rules/test.yaml:4: equals: a value or a list of values is expected");
        row("priority nowhere", "id: hot\nseries: press/*/*/temp\nhigh: { limit: 80 }",
            "rules/test.yaml:1: rule 'hot' has no priority: low, medium, high or urgent, here or in defaults");
        row("priority unknown", "id: hot\nseries: press/*/*/temp\nhigh: { limit: 80 }\npriority: huge",
            "rules/test.yaml:4: priority: 'huge' is not one of low, medium, high, urgent");
        row("id with a capital", "id: Hot\nseries: press/*/*/temp\nhigh: { limit: 80 }\npriority: low",
            "rules/test.yaml:1: id 'Hot': expected small letters, digits, - and _, beginning with a letter");
        row("too few segments", "id: hot\npriority: low\nseries: press/*/temp\nhigh: { limit: 80 }",
            "rules/test.yaml:3: selector 'press/*/temp' has 3 segments; press has line, device: write press/*/*/temp");
        row("another label", "id: hot\npriority: low\nseries: \"press/{line}/{machine}/temp\"\nhigh: { limit: 80 }",
            "rules/test.yaml:3: selector ");
        row("no such source", "id: hot\npriority: low\nseries: pres/*/*/temp\nhigh: { limit: 80 }",
            "rules/test.yaml:3: there is no source 'pres'; did you mean 'press'?");
        row("only with an unknown label", Head + "high: { limit: 80 }\nonly: { lien: [L1] }",
            "rules/test.yaml:5: only: the source's path has no label 'lien', only line, device");
        row("timeout of nothing", Silent + "absence: { timeout: 0s }", "rules/test.yaml:4: timeout: '0s' is not longer than 0");
        row("no such file", Silent + "absence: { timeout: 5s, expect: { file: limits/x.csv } }",
            "rules/test.yaml:4: 'limits/x.csv' does not exist");
    }

    void refused()
    {
        QFETCH(std::string, text);
        QFETCH(std::string, error);
        const auto rule = ruleOf(text, {}, around());
        QVERIFY(!rule);
        const std::string said = rule.error().plain();
        QVERIFY2(said.starts_with(error), said.c_str());
        QVERIFY(!checkRule(nodeOf(text), Node(), around()).empty());
    }

    void limitTables_data()
    {
        QTest::addColumn<std::string>("csv");
        QTest::addColumn<std::string>("says"); // empty: it is taken
        const auto row
            = [](const char *name, const char *csv, const char *says) { QTest::newRow(name) << std::string(csv) << std::string(says); };
        row("well", "line,device,high,high_high.deadband\nL1,P-07,70,2%\nL2,P-08,-,\n", "");
        row("semicolons", "line;device;high\nL1;P-07;70\n",
            "limits/g.csv:1: the columns are separated by ';', as Excel writes it in some countries; expected ','");
        row("a label is missing", "line,high\nL1,70\n",
            "limits/g.csv:1: column 'device' must stand there once: without it a row does not say which key it means");
        row("twice", "line,device,high\nL1,P-07,70\nL1,P-07,71\n", "limits/g.csv:3: the key stands there twice, first in line 2");
        row("no number", "line,device,high\nL1,P-07,hot\n",
            "limits/g.csv:2: high: 'hot' is not a number; empty means the rule's own, - no such level");
        row("a cell too few", "line,device,high\nL1,P-07\n", "limits/g.csv:2: 2 cells, expected 3");
    }

    void limitTables()
    {
        QFETCH(std::string, csv);
        QFETCH(std::string, says);
        const auto rule = ruleOf(Head + "high: { limit: 80 }\nlimits_from: limits/g.csv", {}, around(csv));
        QCOMPARE(rule ? std::string() : rule.error().plain(), says);
    }

    void expectedKeys_data()
    {
        QTest::addColumn<std::string>("csv");
        QTest::addColumn<std::string>("says"); // the error, or the keys
        const auto row
            = [](const char *name, const char *csv, const char *says) { QTest::newRow(name) << std::string(csv) << std::string(says); };
        row("as in the path", "line,gateway\nL1,G1\nL2,G2\n", "L1/G1 L2/G2 ");
        row("columns in another order, CRLF, BOM, quotes", "\xEF\xBB\xBFgateway,line\r\nG1,\"L,1\"\r\n\r\n", "L,1/G1 ");
        row("no line end", "line,gateway\nL1,G1", "L1/G1 ");
        row("header only", "line,gateway\n", "");
        row("semicolons", "line;gateway\nL1;G1\n",
            "limits/g.csv:1: the columns are separated by ';', as Excel writes it in some countries; expected ','");
        row("another column", "line,device\nL1,G1\n", "limits/g.csv:1: column 'gateway' is missing; expected the columns line,gateway");
        row("a column too many", "line,gateway,x\nL1,G1,1\n",
            "limits/g.csv:1: 3 columns where the source's path has 2; expected line,gateway");
        row("a cell too few", "line,gateway\nL1\n", "limits/g.csv:2: 1 cells, expected 2");
        row("twice", "line,gateway\nL1,G1\nL1,G1\n", "limits/g.csv:3: key 'gateways/L1/G1' stands there twice");
        row("empty label", "line,gateway\n,G1\n", "limits/g.csv:2: label 'line' is empty");
        row("empty file", "", "limits/g.csv: the file is empty; expected a line of column names");
        row("not UTF-8", "line,gateway\nL1,G\xFF\n", "limits/g.csv: the file is not UTF-8");
    }

    void expectedKeys()
    {
        QFETCH(std::string, csv);
        QFETCH(std::string, says);
        const auto rule = ruleOf(Silent + "absence: { timeout: 5s, expect: { file: limits/g.csv } }", {}, around(csv));
        std::string said;
        if (!rule)
            said = rule.error().plain();
        else
            for (const KeyLabels &key : (*rule)->expected)
                said += key[0].second + "/" + key[1].second + " ";
        QCOMPARE(said, says);
    }

    void defaultsGoWhereTheyBelong()
    {
        const std::string defaults = "area: Press shop\npriority: medium\non_delay: 5s\noff_delay: 10s\ndeadband: 1%";
        const auto hot = ruleOf("id: hot\nseries: press/*/*/temp\nhigh: { limit: 80 }\noff_delay: 3s", defaults, around());
        QVERIFY2(bool(hot), hot ? "" : hot.error().plain().c_str());
        QCOMPARE((*hot)->onDelay, Micros(5'000'000));
        QCOMPARE((*hot)->offDelay, Micros(3'000'000));
        QCOMPARE((*hot)->area, std::string("Press shop"));
        QVERIFY(!(*hot)->isAreaOwn);
        QCOMPARE((*hot)->priority, Priority::Medium);
        QCOMPARE((*hot)->settings.text("deadband"), std::string("1%"));
        const auto silent = ruleOf("id: silent\nseries: gateways/**\nabsence: { timeout: 5s }\npriority: urgent", defaults, around());
        QVERIFY2(bool(silent), silent ? "" : silent.error().plain().c_str());
        QCOMPARE((*silent)->onDelay, Micros(0));
        QVERIFY(!(*silent)->settings.has("deadband"));
        QCOMPARE((*silent)->priority, Priority::Urgent);
        const auto wrong = ruleOf("id: hot\nseries: press/*/*/temp\nhigh: { limit: 80 }", "on_dely: 5s", around());
        QVERIFY(!wrong);
    }

    void hashesSeeWhatMatters_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<bool>("isOtherVersion");
        QTest::addColumn<bool>("isOtherCondition");
        const std::string series = "id: hot\nseries: press/*/*/temp\n";
        QTest::newRow("layout and order") << "priority: high\n" + series + "high: {deadband: \"2\",limit: 80}" << false << false;
        QTest::newRow("priority") << series + "high: { limit: 80, deadband: 2 }\npriority: low" << true << false;
        QTest::newRow("delay of a level") << series + "high: { limit: 80, deadband: 2, on_delay: 5s }\npriority: high" << true << false;
        QTest::newRow("action") << series + "high: { limit: 80, deadband: 2 }\npriority: high\naction: Cool it" << true << false;
        QTest::newRow("limit") << series + "high: { limit: 81, deadband: 2 }\npriority: high" << true << true;
        QTest::newRow("deadband") << series + "high: { limit: 80, deadband: 3 }\npriority: high" << true << true;
    }

    void hashesSeeWhatMatters()
    {
        QFETCH(std::string, text);
        QFETCH(bool, isOtherVersion);
        QFETCH(bool, isOtherCondition);
        const auto before = ruleOf(Head + "high: { limit: 80, deadband: 2 }");
        const auto after = ruleOf(text);
        QVERIFY(before && after);
        QCOMPARE((*before)->hash != (*after)->hash, isOtherVersion);
        QCOMPARE((*before)->conditionHash != (*after)->conditionHash, isOtherCondition);
    }

    void everyFaultIsTold()
    {
        const auto errors = checkRule(nodeOf("id: Hot\nseries: press/*/temp\nhigh: { limit: hot }"), Node(), around());
        QVERIFY(errors.size() >= 4); // limit, id, selector, priority
    }
};

QTEST_GUILESS_MAIN(TestRule)
#include "tst_rule.moc"
