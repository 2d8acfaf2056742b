#include "plant.h"

#include <QtTest>

#include <ctime>

using namespace sg;
using namespace sg::test;

namespace {

std::shared_ptr<const Rule> rule(const std::string &text)
{
    const auto made = ruleOf(text);
    if (!made)
        qFatal("%s", made.error().plain().c_str());
    return *made;
}

const std::string Hot = "id: press-hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 80 }";

std::string joined(const std::vector<std::string> &texts)
{
    std::string out;
    for (const std::string &text : texts)
        out += (out.empty() ? "" : "; ") + text;
    return out;
}

}

class TestEngine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRuleSaysWhatItWatches()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot), rule("id: nothing\nseries: press/*/*/tmep\npriority: low\nhigh: { limit: 1 }"),
                              rule("id: silent\nseries: gateways/**\npriority: low\nabsence: { timeout: 5s }"),
                              rule("id: no-range\nseries: press/*/*/oil\npriority: low\nlow: { limit: 1, deadband: 1% }"),
                              rule("id: no-number\nseries: press/*/*/temp\npriority: low\nequals: fault")};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.add("press/L1/P-08/temp");
        plant.add("press/L1/P-07/oil");
        plant.add("gateways/L1/G1/beat");
        plant.add("gateways/L1/G1/load");
        plant.send(plant.sample(temp, Start, 81));
        const auto watches = plant.engine->watches();
        QCOMPARE(watches.size(), std::size_t(5));
        QCOMPARE(watches[0].watched, std::size_t(2));
        QCOMPARE(watches[0].active, std::size_t(1));
        QCOMPARE(watches[0].unknown, std::size_t(1));
        QCOMPARE(watches[1].watched, std::size_t(0));
        QVERIFY(!watches[1].trouble);
        QCOMPARE(watches[2].watched, std::size_t(1)); // one key, two series
        QCOMPARE(watches[3].watched, std::size_t(0));
        QCOMPARE(watches[3].trouble->plain(),
                 std::string("rules/test.yaml:4: deadband 1% is a percentage, but tags.yaml gives this series no range"));
        QCOMPARE(watches[4].trouble->plain(),
                 std::string("rules/test.yaml:4: equals: this series holds numbers, and 'fault' is not a number"));
    }

    void editsThatCloseAlarmsAreNamedBefore_data()
    {
        QTest::addColumn<std::string>("next"); // empty: the rule is deleted
        QTest::addColumn<std::string>("closes");
        const std::string name = "press-hot: press/L1/P-07/temp";
        QTest::newRow("the same") << Hot << std::string();
        QTest::newRow("another text") << Hot + "\naction: Cool it" << std::string();
        QTest::newRow("another delay") << Hot + "\non_delay: 5s" << std::string();
        QTest::newRow("deleted") << std::string() << name + "; press-hot: press/L1/P-08/temp";
        QTest::newRow("disabled") << Hot + "\nenabled: false" << name + "; press-hot: press/L1/P-08/temp";
        QTest::newRow("another key") << Hot + "\nexcept: { device: [P-07] }" << name;
        QTest::newRow("another limit closes only what is active")
            << std::string("id: press-hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 90 }") << name;
    }

    void editsThatCloseAlarmsAreNamedBefore()
    {
        QFETCH(std::string, next);
        QFETCH(std::string, closes);
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId active = plant.add("press/L1/P-07/temp"), returned = plant.add("press/L1/P-08/temp");
        plant.add("press/L1/P-09/temp");
        plant.send(plant.sample(active, Start, 81));
        plant.send(plant.sample(returned, Start, 81));
        plant.send(plant.sample(returned, at(1), 70));
        RuleSet set;
        if (!next.empty())
            set.rules = {rule(next)};
        QCOMPARE(joined(plant.engine->wouldClose(set)), closes);
        plant.restart(); // and right after a restart
        QCOMPARE(joined(plant.engine->wouldClose(set)), closes);
    }

    void aBrokenEditChangesNothing()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 81));
        plant.collect();
        const auto records = plant.journal.size();
        for (const bool keeps : {false, true}) {
            plant.rules = std::make_shared<RuleSet>();
            plant.rules->refused.push_back({"press-hot", {}, keeps ? rule(Hot) : nullptr});
            QVERIFY(plant.engine->wouldClose(*plant.rules).empty());
            plant.apply();
            plant.collect();
            QCOMPARE(plant.journal.size(), records);
            QCOMPARE(project(plant.views().at(0).regions), AlarmState::Unacknowledged);
            QCOMPARE(plant.engine->watches().size(), std::size_t(1));
        }
    }

    void severalAreAcknowledgedHighestPriorityFirst()
    {
        Plant plant;
        plant.rules->rules = {
            rule("id: press-hot\nseries: press/*/*/temp\nhigh: { limit: 80, priority: low }\nhigh_high: { limit: 90, priority: urgent }")};
        plant.apply();
        const SeriesId a = plant.add("press/L1/P-07/temp"), b = plant.add("press/L1/P-08/temp");
        plant.send(plant.sample(a, Start, 81));
        plant.send(plant.sample(b, Start, 91));
        plant.collect();
        plant.journal.clear();
        std::vector<ShownOccurrence> shown;
        for (const AlarmView &view : plant.views())
            shown.push_back({view.regions.occurrence, view.regions.seq});
        shown.push_back({42, 1});
        const Outcome outcome = plant.acknowledge(shown);
        QVERIFY(outcome.isDone);
        QCOMPARE(outcome.says.plain(), std::string("1 of the 3 alarms are not known any more"));
        plant.collect();
        QCOMPARE(plant.journal.size(), std::size_t(2));
        QCOMPARE(plant.journal[0].priority, std::string("urgent"));
        QCOMPARE(plant.journal[1].priority, std::string("low"));
        QVERIFY(!plant.acknowledge({{42, 1}}).isDone);
        QVERIFY(!plant.acknowledge({}).isDone);
        // A seq that was never given out cannot acknowledge what is still to come.
        QVERIFY(!plant.acknowledge({{shown[0].occurrence, 99}}).isDone);
    }

    void actionsThatLackSomething_data()
    {
        QTest::addColumn<int>("verb");
        QTest::addColumn<std::string>("reason");
        QTest::addColumn<int>("until"); // seconds; 0: not given
        QTest::addColumn<std::string>("says");
        const auto row = [](const char *name, Verb verb, const char *reason, int until, const char *says) {
            QTest::newRow(name) << static_cast<int>(verb) << std::string(reason) << until << std::string(says);
        };
        row("shelve without reason", Verb::Shelve, "", 60, "shelving needs a reason");
        row("shelve into the past", Verb::Shelve, "x", -1, "the time until which to shelve has passed");
        row("shelve for too long", Verb::Shelve, "x", 90'000,
            "an alarm is shelved for 1 d 0 h at most; what must be silent longer is taken out of service");
        row("out of service without reason", Verb::OutOfService, "", 0, "taking out of service needs a reason");
        row("unacknowledge without reason", Verb::Unacknowledge, "", 0, "taking back an acknowledgement needs a reason");
        row("unacknowledge what is not acknowledged", Verb::Unacknowledge, "x", 0, "press/L1/P-07/temp is not acknowledged, or normal");
        row("unshelve what is not shelved", Verb::Unshelve, "", 0, "press/L1/P-07/temp is not shelved");
        row("in service again what is", Verb::InService, "", 0, "press/L1/P-07/temp is not out of service");
        row("reset what is not latched", Verb::Reset, "", 0, "press/L1/P-07/temp is not latched, still active, or not acknowledged yet");
        row("note without text", Verb::Note, "", 0, "a note needs a text");
        row("retire without reason", Verb::Retire, "", 0, "retiring a key needs a reason");
    }

    void actionsThatLackSomething()
    {
        QFETCH(int, verb);
        QFETCH(std::string, reason);
        QFETCH(int, until);
        QFETCH(std::string, says);
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 81));
        const AlarmView before = plant.views().at(0);
        OperatorAction action;
        action.verb = static_cast<Verb>(verb);
        action.shown = {{before.regions.occurrence, before.regions.seq}};
        action.reason = reason;
        if (until != 0)
            action.until = at(until);
        const Outcome outcome = plant.engine->act(action, Start);
        QVERIFY(!outcome.isDone);
        QCOMPARE(outcome.says.plain(), says);
        QVERIFY(plant.views().at(0).regions == before.regions);
    }

    void aRestoredAlarmIsShownBeforeItsSeriesIsKnown()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 81));
        plant.series.clear();
        plant.restart();
        const auto views = plant.views();
        QCOMPARE(views.size(), std::size_t(1));
        QCOMPARE(project(views[0].regions), AlarmState::Unacknowledged);
        QCOMPARE(views[0].regions.quality, QualityRegion::Unknown);
        QCOMPARE(views[0].limit, 80.0);
        QVERIFY(plant.acknowledge({{views[0].regions.occurrence, views[0].regions.seq}}).isDone);
        plant.elapseTo(at(60));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Acknowledged);
    }

    void aDamagedStateBeginsAfresh_data()
    {
        QTest::addColumn<int>("bytes");
        QTest::newRow("empty") << 0;
        QTest::newRow("cut") << 5;
        QTest::newRow("too long") << 500;
    }

    void aDamagedStateBeginsAfresh()
    {
        QFETCH(int, bytes);
        Plant plant;
        InstanceState state;
        state.rule = "press-hot";
        state.key = "press/L1/P-07";
        state.field = "temp";
        state.regions.condition = ConditionRegion::Active;
        state.regions.ack = AckRegion::Unacked;
        state.regions.level = Level::High;
        state.regions.occurrence = 9;
        state.condition.assign(static_cast<std::size_t>(bytes), std::byte{1});
        plant.engine->restore({state});
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.elapseTo(at(5));
        plant.send(plant.sample(temp, at(5), 85));
        QCOMPARE(plant.views().size(), std::size_t(1));
        QVERIFY(project(plant.views()[0].regions) == AlarmState::Unacknowledged);
        plant.send(plant.sample(temp, at(6), 70));
        QVERIFY(project(plant.views()[0].regions) == AlarmState::ReturnedUnacknowledged);
    }

    void lateSamplesAreNotCompared()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.send(plant.sample(temp, at(5), 70));
        const Sample late = plant.sample(temp, at(1), 99);
        plant.engine->advance({{}, {&late, 1}, plant.clock, at(6)});
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Normal);
    }

    void signsOfLife_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<bool>("isAbsent");
        QTest::newRow("in order") << QStringLiteral("inOrder") << false;
        QTest::newRow("a late stamp is alive as well") << QStringLiteral("late") << false;
        QTest::newRow("still waiting for order") << QStringLiteral("waiting") << false;
        QTest::newRow("retained is none") << QStringLiteral("retained") << true;
        QTest::newRow("none") << QString() << true;
    }

    void signsOfLife()
    {
        QFETCH(QString, how);
        QFETCH(bool, isAbsent);
        Plant plant;
        plant.rules->rules = {rule("id: silent\nseries: gateways/**\npriority: low\nabsence: { timeout: 10s, grace: 0s }")};
        plant.apply();
        const SeriesId beat = plant.add("gateways/L1/G1/beat");
        plant.elapseTo(at(5));
        Sample sample = plant.sample(beat, at(-3600), 1); // its own clock is an hour slow, which does not matter
        sample.isLive = how != QStringLiteral("retained");
        const std::span<const Sample> one(&sample, 1), none;
        if (how == QStringLiteral("late"))
            plant.engine->advance({none, one, plant.clock, plant.now});
        else if (how == QStringLiteral("waiting"))
            plant.engine->advance({none, none, plant.clock, plant.now, one});
        else if (!how.isEmpty())
            plant.engine->advance({one, none, plant.clock, plant.now});
        plant.elapseTo(at(12));
        QCOMPARE(project(plant.views()[0].regions) != AlarmState::Normal, isAbsent);
    }

    void aTimerIsAskedAgainOnlyWhenItCanBeOver()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot + "\non_delay: 5s")};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.send(plant.sample(temp, Start, 81));
        QVERIFY(plant.engine->due().has_value());
        QCOMPARE(*plant.engine->due(), at(5));
        plant.clock.isBehind = true; // the clock stands still: asking goes on, but not faster and faster
        plant.now = at(5);
        plant.engine->elapse(plant.clock, at(5));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Normal);
        QVERIFY(*plant.engine->due() > at(5));
        plant.send(plant.sample(temp, at(1), 70));
        plant.elapseTo(at(60));
        QVERIFY(!plant.engine->due().has_value());
    }

    void whatChangedIsTold()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId a = plant.add("press/L1/P-07/temp");
        plant.add("press/L1/P-08/temp");
        plant.send(plant.sample(a, Start, 70));
        plant.engine->takeChanged();
        plant.engine->collect();
        plant.send(plant.sample(a, at(1), 71));
        QVERIFY(plant.engine->takeChanged().empty()); // a normal value in a normal alarm is no news
        auto changes = plant.engine->collect();
        QVERIFY(changes.instances.empty() && changes.rows.empty() && !changes.isTransition);
        plant.send(plant.sample(a, at(2), 81));
        QCOMPARE(plant.engine->takeChanged(), std::vector<std::uint32_t>{0});
        changes = plant.engine->collect();
        QVERIFY(changes.instances.size() == 1 && changes.rows.size() == 1 && changes.isTransition);
        plant.send(plant.sample(a, at(3), 82)); // the list shows the newest value; nothing is saved for that
        QCOMPARE(plant.engine->takeChanged(), std::vector<std::uint32_t>{0});
        QCOMPARE(plant.engine->view(0)->value, 82.0);
        QVERIFY(plant.engine->collect().instances.empty());
    }

    void areaOfRuleTagAndDefaults()
    {
        for (const bool hasOwn : {true, false}) {
            Plant plant;
            const auto made = ruleOf(Hot + (hasOwn ? "\narea: Own" : ""), "area: Default");
            QVERIFY(made);
            plant.rules->rules = {*made};
            Tag tag;
            tag.area = "Tag";
            plant.tagItems.push_back({*Selector::parse("press/L1/**"), tag});
            plant.apply();
            plant.add("press/L1/P-07/temp");
            plant.add("press/L2/P-07/temp");
            QCOMPARE(plant.views()[0].area, std::string(hasOwn ? "Own" : "Tag"));
            QCOMPARE(plant.views()[1].area, std::string(hasOwn ? "Own" : "Default"));
        }
    }

    // 20,000 instances: what a sample costs when nothing changes, and a storm of 10,000 raises, in processor time, so that a busy
    // machine does not count. The bound is wide enough for a debug build with sanitizers; the figures are printed.
    void manyInstances()
    {
        constexpr std::uint32_t Count = 20'000;
        Plant plant;
        plant.rules->rules = {rule("id: press-hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 80, deadband: 2 }\n"
                                   "high_high: { limit: 95 }\nlow: { limit: 0 }\n")};
        plant.apply();
        auto lap = [last = std::clock()]() mutable { // seconds since the call before
            const auto before = std::exchange(last, std::clock());
            return static_cast<double>(last - before) / CLOCKS_PER_SEC;
        };
        for (std::uint32_t n = 0; n < Count; ++n)
            plant.engine->bind(SeriesId(n), "press/L1/P-" + std::to_string(n) + "/temp", ValueKind::Number,
                               {{"line", "L1"}, {"device", "P-" + std::to_string(n)}});
        const double bound = lap();
        std::vector<Sample> samples;
        for (std::uint32_t n = 0; n < Count; ++n)
            samples.push_back(plant.sample(SeriesId(n), Start, 50));
        plant.engine->advance({samples, {}, plant.clock, Start});
        plant.engine->collect();
        constexpr int Rounds = 20;
        double quiet = 0;
        for (int round = 1; round <= Rounds; ++round) {
            for (Sample &sample : samples) {
                sample.t = sample.stamp = at(round);
                sample.value = 50 + round;
            }
            lap();
            plant.engine->advance({samples, {}, plant.clock, at(round)});
            quiet += lap();
        }
        QVERIFY(plant.engine->collect().rows.empty());
        for (Sample &sample : samples) {
            sample.t = sample.stamp = at(Rounds + 1);
            sample.value = 85;
        }
        lap();
        plant.engine->advance({std::span(samples).first(10'000), {}, plant.clock, at(Rounds + 1)});
        const auto changes = plant.engine->collect();
        const double storm = lap();
        QCOMPARE(changes.rows.size(), std::size_t(10'000));
        qInfo("bind %.0f ms, %.1f M evaluations/s, storm of 10,000 in %.0f ms", bound * 1e3, Rounds * Count / quiet / 1e6, storm * 1e3);
        QVERIFY(storm < 2);
    }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
