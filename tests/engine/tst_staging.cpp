#include <QtTest>

#include "bench.h"

using namespace sg;
using sg::test::Bench;

namespace {

using Files = std::map<std::string, std::string>;

constexpr const char *Sources = "format: 1\n"
                                "name: Plant\n"
                                "sources:\n"
                                "  - id: press\n"
                                "    demo: {}\n"
                                "    path: [line, device]\n"
                                "  - id: oven\n"
                                "    demo: {}\n"
                                "    path: [line, device]\n";
constexpr const char *Rules = "format: 1\n"
                              "defaults: { priority: medium }\n"
                              "rules:\n"
                              "  - id: hot\n"
                              "    series: press/*/*/temp\n"
                              "    only: { line: [L1] }\n"
                              "    high: { limit: 80, on_delay: 0s }\n"
                              "  - id: cold\n"
                              "    series: press/*/*/temp\n"
                              "    low: { limit: 10, on_delay: 0s }\n";

std::string with(std::string text, const std::string &what, const std::string &by)
{
    const std::size_t at = text.find(what);
    if (at == std::string::npos)
        qFatal("'%s' is not in the text", what.c_str());
    return text.replace(at, what.size(), by);
}

SourceCatalog catalog()
{
    SourceKind kind;
    kind.name = "demo";
    return {{"demo", kind}};
}

// The folder as the program reads it: with the texts that ran last, out of the state.
std::shared_ptr<const Workspace> read(const Files &files, const std::string &stateFolder)
{
    std::map<std::string, std::string> lastValid;
    if (const auto reader = StateReader::open(stateFolder))
        if (const auto texts = (*reader)->ruleTexts())
            lastValid = *texts;
    auto workspace = readWorkspaceFiles(files, catalog(), lastValid);
    if (!workspace)
        qFatal("%s", workspace.error().plain().c_str());
    return std::make_shared<const Workspace>(std::move(*workspace));
}

QStringList liveAlarms(Bench &bench)
{
    QStringList out;
    const auto snapshot = bench.snapshot(50);
    for (std::size_t i = 0; i < snapshot->alarms.size(); ++i) {
        const AlarmView &alarm = snapshot->alarms.at(i).alarm;
        if (alarm.rule && alarm.regions.condition == ConditionRegion::Active)
            out << QString::fromStdString(alarm.rule->id);
    }
    return out;
}

QString ruleText(Bench &bench, const char *id)
{
    const auto snapshot = bench.snapshot(50);
    for (const RuleWatch &watch : *snapshot->watches)
        if (watch.rule->id == id)
            return QString::fromStdString(watch.rule->text);
    return {};
}

}

class TestStaging : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // An edit that would close a live alarm waits for Apply, in the running process, after a restart, and after a bare `agent ack`.
    void whatClosesAnAlarmWaits_data()
    {
        QTest::addColumn<QString>("workspace");
        QTest::addColumn<QString>("rules");
        QTest::addColumn<bool>("waits");
        const auto row = [](const char *name, const std::string &workspace, const std::string &rules, bool waits) {
            QTest::newRow(name) << QString::fromStdString(workspace) << QString::fromStdString(rules) << waits;
        };
        const std::string hot
            = "  - id: hot\n    series: press/*/*/temp\n    only: { line: [L1] }\n    high: { limit: 80, on_delay: 0s }\n";
        row("nothing changed", Sources, Rules, false);
        row("another priority", Sources, with(Rules, "priority: medium", "priority: urgent"), false);
        row("another rule changed", Sources, with(Rules, "limit: 10", "limit: 5"), false);
        row("the rule is gone", Sources, with(Rules, hot, ""), true);
        row("the whole file is gone", Sources, "", true);
        row("its limit is raised", Sources, with(Rules, "limit: 80", "limit: 95"), true);
        row("it is disabled", Sources, with(Rules, "only: { line: [L1] }", "enabled: false"), true);
        row("it watches another line", Sources, with(Rules, "[L1]", "[L2]"), true);
        row("it cannot be read", Sources, with(Rules, "limit: 80", "limit: eighty"), false); // and stays as it is by itself
        const std::string renamed = with(Sources, "path: [line, device]", "path: [hall, device]");
        row("labels are renamed, the rule follows", renamed, with(Rules, "line:", "hall:"), false);
        row("labels are renamed, the rule does not follow", renamed, Rules, true);
        row("labels are renamed, the rule means another hall", renamed, with(Rules, "line: [L1]", "hall: [L2]"), true);
        row("labels of another source are renamed",
            with(Sources, "oven\n    demo: {}\n    path: [line", "oven\n    demo: {}\n    path: [hall"), Rules, false);
    }
    void whatClosesAnAlarmWaits()
    {
        QFETCH(QString, workspace);
        QFETCH(QString, rules);
        QFETCH(bool, waits);
        Files files{{"workspace.yaml", Sources}, {"rules/press.yaml", Rules}};
        Bench bench("rules: []");
        bench.workspaceMaker = [&files](const std::string &folder) { return read(files, folder); };
        bench.closesAlarmsAtStart = false;
        bench.killAndRestart();
        bench.row("temp", 1, 1, 90);
        QVERIFY(bench.commit(2));
        QCOMPARE(liveAlarms(bench), QStringList{QStringLiteral("hot")});
        const QString before = ruleText(bench, "hot");

        files["workspace.yaml"] = workspace.toStdString();
        if (rules.isEmpty())
            files.erase("rules/press.yaml");
        else
            files["rules/press.yaml"] = rules.toStdString();
        const auto apply = [&](bool closes) {
            return bench.evaluator().apply(read(files, bench.folder()), closes, "ann@desk-3", "edit", Bench::mono(3));
        };
        const auto staged = apply(false);
        QCOMPARE(!staged.empty(), waits);
        QCOMPARE(liveAlarms(bench), QStringList{QStringLiteral("hot")});
        if (waits)
            QCOMPARE(ruleText(bench, "hot"), before);
        QVERIFY(bench.commit(4));

        for (int restart = 0; restart < 2; ++restart) {
            bench.killAndRestart();
            QCOMPARE(!bench.snapshot(0)->staged.empty(), waits);
            QCOMPARE(liveAlarms(bench), QStringList{QStringLiteral("hot")});
            if (waits)
                QCOMPARE(ruleText(bench, "hot"), before);
            QVERIFY(bench.commit(5));
        }
        apply(true);
        QVERIFY(bench.snapshot(6)->staged.empty());
        QCOMPARE(liveAlarms(bench).isEmpty(), waits);
        QVERIFY(bench.commit(6));
        bench.killAndRestart();
        QCOMPARE(liveAlarms(bench).isEmpty(), waits);
        QVERIFY(bench.snapshot(0)->staged.empty());
    }
};

QTEST_GUILESS_MAIN(TestStaging)
#include "tst_staging.moc"
