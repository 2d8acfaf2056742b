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
        for (const char *key :
             {"window",       "rate_of_change", "deviation", "ratio",   "count",        "quality", "lag",           "freshness",
              "state_change", "when",           "inputs",    "per",     "limits_from",  "latch",   "ack",           "on_missing",
              "warmup",       "min_samples",    "hours",     "realarm", "forget_after", "late",    "suppress_when", "respond_within"})
            QTest::newRow(key) << Head + "high: { limit: 80 }\n" + key + ": { a: b }\n"
                               << "rules/test.yaml:5: " + std::string(key) + " is not in this version";
        row("limit of a series", Head + "high: { limit: { series: press/a/b/c } }",
            "rules/test.yaml:4: limit as { series } is not in this version");
        row("unlisted", Silent + "absence: { timeout: 5s, unlisted: event }", "rules/test.yaml:4: unlisted is not in this version");
        row("no test", Head,
            "rules/test.yaml:1: rule 'hot' has no test; expected one of high_high, high, low, low_low, equals, not_equals, absence");
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
