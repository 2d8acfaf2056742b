#include "workspace/workspace.h"

#include <QtTest>

using namespace sg;

// Rules that look at the alarms of other rules: these must exist, and there must be a first one.
class TestRuleLooks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void looks_data()
    {
        QTest::addColumn<std::string>("rules");
        QTest::addColumn<std::string>("says");
        QTest::addColumn<std::size_t>("left");
        const std::string hot = "  - { id: hot, priority: low, series: press/*/*/temp, high: { limit: 80 } }\n";
        const auto when = [](const std::string &id, const std::string &of) {
            return "  - { id: " + id + ", priority: low, per: [line], inputs: { x: { rule: " + of + " } }, when: any(x) }\n";
        };
        QTest::newRow("well") << hot + when("a", "hot") << std::string() << std::size_t(2);
        QTest::newRow("the order in the file does not matter") << when("a", "hot") + hot << std::string() << std::size_t(2);
        QTest::newRow("no such rule") << hot + when("a", "hott")
                                      << std::string("rules/a.yaml:4: rule 'a' looks at the rule 'hott', which does not exist")
                                      << std::size_t(1);
        QTest::newRow("a circle") << when("a", "b") + when("b", "a") + hot
                                  << std::string("rules/a.yaml:3: rule 'a' looks at itself by way of other rules\n"
                                                 "rules/a.yaml:4: rule 'b' looks at itself by way of other rules")
                                  << std::size_t(1);
    }

    void looks()
    {
        QFETCH(std::string, rules);
        QFETCH(std::string, says);
        QFETCH(std::size_t, left);
        static constexpr Field fields[] = {{.key = "broker", .type = FieldType::Text}, {.key = "topics", .type = FieldType::Texts}};
        SourceCatalog catalog;
        SourceKind kind;
        kind.name = "mqtt";
        kind.fields = fields;
        catalog["mqtt"] = kind;
        const auto workspace = readWorkspaceFiles(
            {{"workspace.yaml", "format: 1\nsources:\n  - id: press\n    mqtt: { broker: b, topics: [t] }\n    path: [line, device]\n"},
             {"rules/a.yaml", "format: 1\nrules:\n" + rules}},
            catalog);
        QVERIFY2(bool(workspace), workspace ? "" : workspace.error().plain().c_str());
        std::string said;
        for (const Error &error : workspace->errors)
            said += (said.empty() ? "" : "\n") + error.plain();
        QCOMPARE(said, says);
        QCOMPARE(workspace->rules->rules.size(), left);
    }
};

QTEST_GUILESS_MAIN(TestRuleLooks)
#include "tst_rulelooks.moc"
