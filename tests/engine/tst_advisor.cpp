#include <QtTest>

#include "bench.h"

#include "engine/advisor.h"

using namespace sg;
using sg::test::Bench;

namespace {

std::string ruleOf(const std::string &more)
{
    return "rules:\n  - id: hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: 80 }\n" + more;
}

Advice adviceOf(Bench &bench, const std::vector<JournalRow> &journal)
{
    BacktestDataOptions where;
    where.stateFolder = bench.folder();
    const auto workspace = bench.workspace();
    const auto data = readBacktestData(*workspace, where);
    if (!data)
        qFatal("%s", data.error().plain().c_str());
    auto advice = advise(*workspace, *data, journal, "hot", {});
    if (!advice)
        qFatal("%s", advice.error().plain().c_str());
    return std::move(*advice);
}

const AdviceRow *rowOf(const Advice &advice, int seconds, std::optional<double> deadband = {})
{
    for (const AdviceRow &row : advice.rows)
        if (row.onDelay == std::chrono::seconds(seconds) && row.deadband == deadband)
            return &row;
    return nullptr;
}

// A value a second: two raises of 2 s, one of 8 s, one of 40 s.
void plant(Bench &bench)
{
    for (int t = 0; t < 200; ++t) {
        const bool isHot = (t >= 10 && t < 12) || (t >= 30 && t < 32) || (t >= 50 && t < 58) || (t >= 100 && t < 140);
        bench.row("temp", t, t, isHot ? 90 : 70);
    }
    bench.commit(200);
}

}

class TestAdvisor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Counted by hand: delays of up to 2 s keep what lasts 2 s (its clear comes at the end of the delay, first), 5 s keep two, 10 s one.
    void delaysRemoveWhatIsShort_data()
    {
        QTest::addColumn<int>("delay");
        QTest::addColumn<int>("raises");
        QTest::addColumn<double>("removed");
        QTest::addColumn<int>("cost"); // seconds, of those that stay
        QTest::newRow("as it is") << 0 << 4 << 0.0 << 0;
        QTest::newRow("1 s") << 1 << 4 << 0.0 << 1;
        QTest::newRow("5 s") << 5 << 2 << 0.5 << 5;
        QTest::newRow("10 s") << 10 << 1 << 0.75 << 10;
        QTest::newRow("30 s") << 30 << 1 << 0.75 << 30;
    }
    void delaysRemoveWhatIsShort()
    {
        QFETCH(int, delay);
        QFETCH(int, raises);
        QFETCH(double, removed);
        QFETCH(int, cost);
        Bench bench(ruleOf("    respond_within: 5min\n"));
        plant(bench);
        const Advice advice = adviceOf(bench, {});
        QCOMPARE(advice.occurrences.size(), std::size_t(4));
        const AdviceRow *row = rowOf(advice, delay);
        QVERIFY(row != nullptr);
        QCOMPARE(row->raises, std::size_t(raises));
        QCOMPARE(row->removed, removed);
        QCOMPARE(row->cost, Micros(std::chrono::seconds(cost)));
        QCOMPARE(row->mostCost, Micros(std::chrono::seconds(cost)));
    }

    void noDelayIsLongerThanAFifthOfTheResponse_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<int>("most"); // seconds
        QTest::newRow("25 s") << "    respond_within: 25s\n" << 5;
        QTest::newRow("24 s") << "    respond_within: 24s\n" << 2;
        QTest::newRow("not said") << "" << 60;
    }
    void noDelayIsLongerThanAFifthOfTheResponse()
    {
        QFETCH(QString, rule);
        QFETCH(int, most);
        Bench bench(ruleOf(rule.toStdString()));
        plant(bench);
        Micros longest{0};
        for (const AdviceRow &row : adviceOf(bench, {}).rows)
            longest = std::max(longest, row.onDelay);
        QCOMPARE(longest, Micros(std::chrono::seconds(most)));
    }

    // The raise of 8 s was acknowledged, and so was one after it had cleared; a note of nobody counts for nothing.
    void whatAnOperatorActedOnIsNamed()
    {
        Bench bench(ruleOf("    respond_within: 5min\n"));
        plant(bench);
        std::vector<JournalRow> journal = bench.rows();
        std::vector<Occurrence> live = occurrencesOf(journal);
        QCOMPARE(live.size(), std::size_t(4));
        const auto act = [&](const char *event, std::size_t n, double at, const char *actor, bool isById) {
            JournalRow row;
            row.event = event;
            row.rule = live[n].rule;
            row.key = live[n].key;
            row.field = live[n].field;
            row.occurrence = isById ? live[n].id : 0;
            row.tEvent = row.tDetect = Bench::time(at);
            row.actor = actor;
            journal.push_back(std::move(row));
        };
        act("ACKNOWLEDGED", 2, 55, "ann@desk", true);
        act("ACKNOWLEDGED", 0, 20, "ann@desk", true); // after it had cleared
        act("SHELVED", 3, 120, "bob@desk", false); // by its time
        act("NOTE", 1, 31, "", false);
        const Advice advice = adviceOf(bench, journal);
        QCOMPARE(advice.acted.size(), std::size_t(3));
        QCOMPARE(rowOf(advice, 0)->lost.size(), std::size_t(0));
        QCOMPARE(rowOf(advice, 5)->lost.size(), std::size_t(1));
        QCOMPARE(rowOf(advice, 5)->lost[0].occurrence.begin, Bench::time(10));
        QCOMPARE(rowOf(advice, 10)->lost.size(), std::size_t(2));
        QCOMPARE(rowOf(advice, 10)->lost[0].by, std::string("ann@desk"));
    }

    // A value that hops by 1 around its limit: a deadband of twice its noise makes one raise of all, and the later ones are merged.
    void aDeadbandMergesWhatHopsAroundTheLimit()
    {
        Bench bench(ruleOf(""));
        for (int t = 0; t < 100; ++t)
            bench.row("temp", t, t, t < 10 ? 60 : t >= 90 ? 60 : t % 2 == 0 ? 80.5 : 79.5);
        bench.commit(100);
        std::vector<JournalRow> journal = bench.rows();
        const auto live = occurrencesOf(journal);
        QCOMPARE(live.size(), std::size_t(40));
        JournalRow ack;
        ack.event = "ACKNOWLEDGED";
        ack.rule = live[5].rule;
        ack.key = live[5].key;
        ack.field = live[5].field;
        ack.occurrence = live[5].id;
        ack.actor = "ann@desk";
        ack.tDetect = live[5].begin;
        journal.push_back(ack);
        const Advice advice = adviceOf(bench, journal);
        // 79 steps of 1, two of 19.5 and 20.5 (60 to 80.5, 79.5 to 60), over 99 steps of which 18 are 0; by 1.128.
        QVERIFY(std::abs(advice.noise - (79 + 20.5 + 19.5) / 99 / 1.128) < 1e-9);
        const AdviceRow *row = rowOf(advice, 0, 2.1);
        QVERIFY(row != nullptr);
        QCOMPARE(row->raises, std::size_t(1));
        QCOMPARE(row->removed, 1 - 1 / 40.0);
        QCOMPARE(row->lost.size(), std::size_t(1));
        QVERIFY(row->lost[0].isMerged);
    }

    // The rule has 3 already, three times the noise: what is narrower would be no advice.
    void noDeadbandIsNarrowerThanThePresentOne_data()
    {
        QTest::addColumn<QString>("deadband");
        QTest::newRow("of the rule") << "    deadband: 3\n";
        QTest::newRow("of a level") << "    low: { limit: 10, deadband: 3 }\n";
    }
    void noDeadbandIsNarrowerThanThePresentOne()
    {
        QFETCH(QString, deadband);
        Bench bench(ruleOf(deadband.toStdString()));
        for (int t = 0; t < 100; ++t)
            bench.row("temp", t, t, t % 2 == 0 ? 80.5 : 79.5);
        bench.commit(100);
        std::set<double> tried;
        for (const AdviceRow &row : adviceOf(bench, {}).rows)
            if (row.deadband)
                tried.insert(*row.deadband);
        QVERIFY(tried == (std::set<double>{6, 12, 24}));
    }
};

QTEST_GUILESS_MAIN(TestAdvisor)
#include "tst_advisor.moc"
