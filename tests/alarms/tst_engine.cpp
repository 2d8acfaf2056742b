#include "plant.h"

#include <QtTest>

#include <ctime>
#include <random>
#include <sstream>

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

    // They have no key, so one alarm speaks for the source; by arrival, on the reference clock.
    void theShareOfMessagesThatCannotBeRead()
    {
        Plant plant;
        plant.rules->rules = {rule("id: press-unreadable\nseries: press/**\npriority: low\nper: []\nmin_samples: 50\n"
                                   "quality: { share: [errors], over: 10s }\nhigh: { limit: 0.02 }")};
        plant.apply();
        const auto state = [&](double t, std::uint64_t unreadable, std::uint64_t all, const char *source = "press") {
            plant.elapseTo(at(t));
            plant.engine->takeMessages(source, unreadable, all, plant.clock, plant.now);
            return project(plant.views().at(0).regions);
        };
        QCOMPARE(state(1, 5, 49), AlarmState::Normal); // too few
        QVERIFY(plant.views().at(0).why.plain().find("49 messages, 50 are needed") != std::string::npos);
        QCOMPARE(state(2, 100, 100, "other"), AlarmState::Normal); // not its source
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), at(2), 81)); // before, not one message could be read
        plant.send(plant.sample(plant.add("press/L1/P-07/load"), at(2), 81));
        QCOMPARE(state(3, 0, 201), AlarmState::Normal); // 5 of 250 are not above 2 %
        plant.restart(); // the window is kept
        QCOMPARE(state(4, 0, 0), AlarmState::Normal);
        QCOMPARE(state(5, 1, 1), AlarmState::Unacknowledged);
        QCOMPARE(plant.views().size(), std::size_t(1));
        plant.collect();
        QCOMPARE(plant.journal.back().value, 6.0 / 251);
        QCOMPARE(plant.journal.back().tEvent, at(5));
        plant.elapseTo(at(12)); // the first 49 have left: 1 of 202
        QCOMPARE(project(plant.views().at(0).regions), AlarmState::ReturnedUnacknowledged);
        plant.collect();
        QCOMPARE(plant.journal.back().tEvent, at(11));
        plant.elapseTo(at(60)); // nothing came: not known, and nothing is cleared or raised by that
        QCOMPARE(plant.views().at(0).regions.quality, QualityRegion::Unknown);
        QVERIFY(!plant.engine->due() || *plant.engine->due() > at(61));
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

    void aNoteWithoutAnAlarmIsTheJournals()
    {
        Plant plant;
        OperatorAction action;
        action.verb = Verb::Note;
        action.actor = "ann@desk-3";
        QCOMPARE(plant.engine->act(action, Start).says.plain(), std::string("a note needs a text"));
        action.reason = "sound muted";
        QVERIFY(plant.engine->act(action, Start).isDone);
        plant.collect();
        QCOMPARE(plant.journal.size(), std::size_t(1));
        const JournalRow &row = plant.journal.front();
        QVERIFY(row.event == "NOTE" && row.rule.empty() && row.actor == "ann@desk-3" && row.reason == "sound muted" && row.tEvent == Start);
        // One that was about an alarm that is gone is refused, as before.
        action.shown = {{42, 1}};
        QVERIFY(!plant.engine->act(action, Start).isDone);
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
        row("in service again without reason", Verb::InService, "", 0, "putting back into service needs a reason");
        row("in service again what is", Verb::InService, "x", 0, "press/L1/P-07/temp is not out of service");
        row("reset without reason", Verb::Reset, "", 0, "resetting needs a reason");
        row("disable without reason", Verb::Disable, "", 0, "disabling needs a reason");
        row("enable without reason", Verb::Enable, "", 0, "enabling needs a reason");
        row("enable what is not disabled", Verb::Enable, "x", 0, "press/L1/P-07/temp is not disabled, or its rule says enabled: false");
        row("out of service without permit", Verb::OutOfService, "x", 0,
            "taking out of service needs a permit: the number of the work permit, or who allowed it");
        row("reset what is not latched", Verb::Reset, "x", 0, "press/L1/P-07/temp is not latched, still active, or not acknowledged yet");
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

    void aSuppressionThatTheRuleLostEnds_data()
    {
        QTest::addColumn<bool>("isSettling"); // the cause has gone, and its settle time runs
        QTest::addColumn<QString>("kept"); // of its inputs
        QTest::addColumn<bool>("isDown"); // edited while the agent is down
        for (const bool isDown : {false, true})
            for (const bool isSettling : {false, true})
                for (const QString &kept : {QString(), QStringLiteral("low: { limit: { series: \"press/{line}/{device}/floor\" } }")})
                    QTest::addRow("%s, %s, %s", isSettling ? "settles" : "caused",
                                  kept.isEmpty() ? "no inputs left" : "a limit series stays", isDown ? "agent down" : "running")
                        << isSettling << kept << isDown;
    }

    void aSuppressionThatTheRuleLostEnds()
    {
        QFETCH(bool, isSettling);
        QFETCH(QString, kept);
        QFETCH(bool, isDown);
        const std::string text = "id: press-cold\nseries: press/*/*/temp\npriority: high\n"
            + (kept.isEmpty() ? std::string("low: { limit: 20 }") : kept.toStdString());
        Plant plant;
        plant.rules->rules = {rule(text + "\nsuppress_when: { series: \"press/{line}/{device}/run\", equals: 0, settle: 2min }")};
        plant.apply();
        const SeriesId run = plant.add("press/L1/P-07/run"), temp = plant.add("press/L1/P-07/temp");
        const SeriesId floor = plant.add("press/L1/P-07/floor");
        plant.send(plant.sample(floor, Start, 20));
        plant.send(plant.sample(run, Start, 0));
        plant.send(plant.sample(temp, Start, 10));
        plant.elapseTo(at(1));
        if (isSettling)
            plant.send(plant.sample(run, at(1), 1));
        plant.elapseTo(at(2));
        QCOMPARE(project(plant.views().at(0).regions), AlarmState::Suppressed);
        plant.rules->rules = {rule(text)};
        if (isDown)
            plant.restart();
        else
            plant.apply();
        QCOMPARE(project(plant.views().at(0).regions), AlarmState::Unacknowledged);
        plant.collect();
        QCOMPARE(plant.journal.back().event, std::string("RELEASED"));
        QVERIFY(plant.journal.back().isAnnunciated);
        plant.elapseTo(at(300)); // past the settle time
        plant.send(plant.sample(floor, at(300), 20));
        plant.send(plant.sample(temp, at(300), 30));
        plant.elapseTo(at(300));
        QCOMPARE(project(plant.views().at(0).regions), AlarmState::ReturnedUnacknowledged);
    }

    // Which source is read first, and how the steps are cut, changes nothing: inputs are merged by their times.
    void theOrderOfArrivalChangesNothing()
    {
        const auto seed = static_cast<unsigned>(qEnvironmentVariableIntValue("SIGHTGLASS_SEED"));
        std::mt19937 random(seed != 0 ? seed : std::random_device()());
        const unsigned first = static_cast<unsigned>(random());
        qInfo("SIGHTGLASS_SEED=%u", seed != 0 ? seed : first);
        random.seed(seed != 0 ? seed : first);
        const auto upTo = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
        for (int round = 0; round < 10; ++round) {
            std::array<std::vector<Sample>, 4> samples; // temp, ref, run, and temp of another press
            for (std::size_t s = 0; s < samples.size(); ++s) {
                double t = upTo(10) * 0.1;
                for (int n = 0; n < 60; ++n, t += 0.1 + upTo(20) * 0.1) {
                    Sample sample;
                    sample.series = SeriesId(static_cast<std::uint32_t>(s));
                    sample.t = sample.stamp = at(t);
                    sample.value = s == 2 ? upTo(2) : 60 + upTo(30);
                    if (s != 2 && upTo(15) == 0) {
                        sample.value = std::nan("");
                        sample.quality = Quality::Bad;
                    }
                    samples[s].push_back(sample);
                }
                samples[s].push_back(samples[s].back());
                samples[s].back().t = samples[s].back().stamp = at(1000); // everything before it is known then
            }
            std::vector<std::string> expected;
            for (int permutation = 0; permutation < 8; ++permutation) {
                Plant plant;
                plant.rules->rules = {
                    rule("id: hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 80, deadband: 3 }\non_delay: 2s\n"
                         "suppress_when: { series: \"press/{line}/{device}/run\", equals: 0, settle: 3s }"),
                    rule("id: off\nseries: press/*/*/temp\npriority: low\ndeviation: { from: \"press/{line}/{device}/ref\", within: 2s "
                         "}\nhigh: { limit: 12 }"),
                    rule("id: mean\nseries: press/*/*/temp\npriority: low\nwindow: { take: avg, over: 5s, coverage: 50% }\nhigh: { limit: "
                         "76 }\noff_delay: 1s"),
                    rule("id: peak\nseries: press/*/*/temp\npriority: low\nper: [line]\nwindow: { take: max, over: 2s, coverage: 0% "
                         "}\nhigh: { limit: 85 }"),
                    rule("id: trouble\npriority: high\nper: [line]\ninputs: { hot: { rule: hot }, mean: { rule: mean } }\nwhen: count(hot) "
                         ">= 2 or any(mean)"),
                };
                plant.clock.isBehind = true; // its clock is what came
                plant.apply();
                plant.add("press/L1/P-07/temp");
                plant.add("press/L1/P-07/ref");
                plant.add("press/L1/P-07/run");
                plant.add("press/L1/P-08/temp");
                for (std::uint32_t n = 0; n < 4; ++n)
                    plant.clock.newest[SeriesId(n)] = at(-1);
                std::array<std::size_t, 4> next{};
                while (true) {
                    std::vector<std::size_t> left;
                    for (std::size_t s = 0; s < samples.size(); ++s)
                        if (next[s] < samples[s].size())
                            left.push_back(s);
                    if (left.empty())
                        break;
                    const std::size_t s = left[static_cast<std::size_t>(upTo(static_cast<int>(left.size())))];
                    const Sample &sample = samples[s][next[s]++];
                    plant.now += Micros(upTo(300'000));
                    plant.send(sample);
                    if (upTo(5) == 0)
                        plant.send(sample); // an exact duplicate
                    if (upTo(7) == 0)
                        plant.engine->elapse(plant.clock, plant.now);
                }
                for (int n = 0; n < 5; ++n) {
                    plant.now += std::chrono::seconds(2);
                    plant.engine->elapse(plant.clock, plant.now);
                }
                plant.collect();
                // Alarms do not wait for each other; the records of each are in the order of their times.
                std::vector<std::string> is = compared(plant.journal);
                std::stable_sort(is.begin(), is.end(), [](const std::string &a, const std::string &b) {
                    return a.substr(0, a.find(' ')) < b.substr(0, b.find(' '));
                });
                std::sort(is.begin(), is.end());
                if (permutation == 0)
                    expected = is;
                QVERIFY(!is.empty());
                for (std::size_t n = 0; n < std::min(is.size(), expected.size()); ++n)
                    QVERIFY2(is[n] == expected[n], (is[n] + "\nexpected " + expected[n]).c_str());
                QCOMPARE(is.size(), expected.size());
            }
        }
    }

    // The rules of the design's example workspace, and how many alarms each of them has.
    void theExamplesBind()
    {
        const std::map<std::string, std::vector<std::string>> labels
            = {{"press", {"line", "device"}}, {"gateways", {"line", "gateway"}}, {"orders", {"line"}}};
        const std::string defaults = "area: Press shop\npriority: medium\non_delay: 5s\noff_delay: 10s\ndeadband: 1%";
        const std::pair<const char *, std::size_t> examples[] = {
            {"id: press-hot\nseries: press/*/*/temp\nhigh: { limit: 80 }\nhigh_high: { limit: 95, on_delay: 1s, priority: high }\n"
             "limits_from: limits/press.csv\nsuppress_when: { series: \"press/{line}/{device}/state\", equals: stopped, settle: 2min }",
             3},
            {"id: press-temp-deviation\nseries: press/*/*/temp\ndeviation: { from: \"press/{line}/{device}/temp_ref\", within: 2s }\nhigh: "
             "{ limit: 5, deadband: 0.5 }",
             3},
            {"id: press-load-average\nseries: press/*/*/load\nwindow: { take: avg, over: 10min, coverage: 80% }\nhigh: { limit: 90, "
             "deadband: 2 }",
             1},
            {"id: reject-ratio\nseries: orders/*/rejected\nratio: { to: \"orders/{line}/produced\", over: 15min, min_den: 50 }\nhigh: { "
             "limit: 0.03, deadband: 0.005 }",
             1},
            {"id: press-fault\nseries: press/*/*/state\nstate_change: { from: running, to: fault }", 1},
            {"id: line-in-trouble\nper: [line]\ninputs: { hot: { rule: press-hot }, silent: { rule: gateway-silent } }\n"
             "when: count(hot) >= 3 or (any(hot) and any(silent))",
             2},
            {"id: flink-lag\nlag: { use: plant-kafka, group: flink-press, topics: [\"plant.{line}.raw\"], in: time }\nhigh: { limit: 60s, "
             "deadband: 10s }\naudience: engineer",
             1},
            {"id: gateway-silent\nseries: gateways/**\nabsence: { timeout: 10s, expect: { file: limits/gateways.csv } }\npriority: high",
             2},
            {"id: order-view-old\nseries: orders/**\nper: []\nfreshness: { older_than: 5min }\naudience: engineer", 1},
        };
        RuleSurroundings around;
        around.pathLabels = &labels;
        around.readText = [](const std::string &path) -> Result<std::string> {
            return std::string(path == "limits/press.csv" ? "line,device,high,high_high\nL1,P-03,70,85\nL2,P-13,90,-\n"
                                                          : "line,gateway\nL1,G1\nL2,G2\n");
        };
        Plant plant;
        Tag tag;
        tag.range = {0, 120};
        plant.tagItems.push_back({*Selector::parse("press/*/*/temp"), tag});
        for (const auto &[text, count] : examples) {
            const auto made = ruleOf(text, defaults, around);
            QVERIFY2(bool(made), made ? "" : made.error().plain().c_str());
            plant.rules->rules.push_back(*made);
        }
        plant.apply();
        for (const char *path : {"press/L1/P-03/temp", "press/L1/P-07/temp", "press/L2/P-13/temp", "press/L1/P-03/load"})
            plant.add(path);
        plant.add("press/L1/P-03/state", ValueKind::State);
        for (const char *path : {"orders/L1/rejected", "orders/L1/produced"})
            plant.add(path, ValueKind::Number, {{"line", "L1"}});
        plant.add("lag/flink-press/plant.L1.raw/0/age", ValueKind::Number, {{"group", "flink-press"}});
        const auto watches = plant.engine->watches();
        for (std::size_t n = 0; n < watches.size(); ++n) {
            QVERIFY2(!watches[n].trouble, watches[n].trouble ? watches[n].trouble->plain().c_str() : "");
            QVERIFY2(watches[n].watched == examples[n].second,
                     (watches[n].rule->id + " watches " + std::to_string(watches[n].watched)).c_str());
        }
    }

    void floodChatterAndFirstOut()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        std::vector<SeriesId> presses;
        for (int n = 0; n < 11; ++n)
            presses.push_back(plant.add("press/L1/P-" + std::to_string(10 + n) + "/temp"));
        for (std::size_t n = 0; n < presses.size(); ++n) {
            plant.elapseTo(at(static_cast<double>(n)));
            plant.send(plant.sample(presses[n], plant.now, 81));
            plant.engine->elapse(plant.clock, plant.now);
            QCOMPARE(plant.engine->floods().size(), std::size_t(n == 10 ? 1 : 0));
        }
        QCOMPARE(plant.engine->floods()[0].firstOut, std::string("press/L1/P-10/temp"));
        QVERIFY(plant.views()[0].isFirstOut && !plant.views()[1].isFirstOut);
        QVERIFY(plant.engine->chattering().empty());
        for (int n = 0; n < 2; ++n) {
            plant.elapseTo(at(20 + 10 * n));
            plant.send(plant.sample(presses[3], plant.now, 70));
            plant.elapseTo(at(25 + 10 * n));
            plant.send(plant.sample(presses[3], plant.now, 81));
        }
        QCOMPARE(plant.engine->chattering().size(), std::size_t(1));
        QCOMPARE(plant.engine->chattering()[0].path, std::string("press/L1/P-13/temp"));
        QVERIFY(plant.views()[3].isChattering);
        plant.engine->takeChanged();
        plant.elapseTo(at(100));
        QVERIFY(plant.engine->chattering().empty());
        const auto changed = plant.engine->takeChanged(); // nothing else happened to it, and it would be shown as chattering for ever
        QVERIFY(std::find(changed.begin(), changed.end(), 3U) != changed.end() && !plant.views()[3].isChattering);
        QCOMPARE(plant.engine->floods().size(), std::size_t(1));
        plant.elapseTo(at(700));
        QVERIFY(plant.engine->floods().empty());
    }

    // A sample costs what the rules of its own series cost: the other 20,000 alarms are not looked at.
    void aSampleIsJudgedByItsOwnRulesOnly()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot + "\non_delay: 5s")};
        plant.apply();
        constexpr std::uint32_t Count = 20'000;
        for (std::uint32_t n = 0; n < Count; ++n)
            plant.engine->bind(SeriesId(n), "press/L1/P-" + std::to_string(n) + "/temp", ValueKind::Number,
                               {{"line", "L1"}, {"device", "P-" + std::to_string(n)}});
        std::vector<Sample> all;
        for (std::uint32_t n = 0; n < Count; ++n)
            all.push_back(plant.sample(SeriesId(n), Start, 81)); // 20,000 timers
        plant.engine->advance({all, {}, plant.clock, Start});
        plant.engine->takeChanged();
        const Sample one = plant.sample(SeriesId(7), at(1), 70);
        plant.engine->advance({{&one, 1}, {}, plant.clock, at(1)});
        QCOMPARE(plant.engine->takeChanged(), std::vector<std::uint32_t>{7});
        QCOMPARE(*plant.engine->due(), at(5));
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

    // Values within all limits are not compared after the first ones; whatever happens to the alarm or its series ends that.
    void aValueIsComparedAgainWhenSomethingHappened_data()
    {
        QTest::addColumn<std::string>("rules"); // from then on; empty: as they are
        QTest::addColumn<double>("between"); // a value that comes first; 50: nothing happens
        QTest::addColumn<QString>("action");
        QTest::addColumn<double>("value");
        QTest::addColumn<std::string>("events");
        const std::string second = "id: warm\nseries: press/*/*/temp\npriority: low\nhigh: { limit: 60 }";
        QTest::newRow("nothing") << std::string() << 50.0 << QString() << 79.0 << std::string();
        QTest::newRow("at the limit") << std::string() << 50.0 << QString() << 80.0 << std::string();
        QTest::newRow("beyond it") << std::string() << 50.0 << QString() << 80.5 << std::string("RAISED press-hot");
        QTest::newRow("far below") << std::string() << 50.0 << QString() << -1e300 << std::string();
        QTest::newRow("a bad value") << std::string() << std::nan("") << QString() << 79.0
                                     << std::string("QUALITY press-hot; QUALITY press-hot");
        QTest::newRow("raised and cleared") << std::string() << 81.0 << QString() << 79.0
                                            << std::string("RAISED press-hot; CLEARED press-hot");
        QTest::newRow("another limit") << std::string("id: press-hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 60 }") << 50.0
                                       << QString() << 79.0 << std::string("RULE_CHANGED press-hot; RAISED press-hot");
        QTest::newRow("a second rule") << Hot + "|" + second << 50.0 << QString() << 79.0 << std::string("RAISED warm");
        QTest::newRow("a second rule that compares it with another") << Hot
                + "|id: both\nseries: press/*/*/load\npriority: low\ninputs: { temp: { series: \"press/{line}/{device}/temp\" } }\n"
                  "when: value > 10 and temp > 70" << 50.0 << QString()
                                                                     << 79.0 << std::string("RAISED both");
        QTest::newRow("switched off") << std::string() << 50.0 << QStringLiteral("off") << 81.0 << std::string("DISABLED press-hot");
        QTest::newRow("switched off and on") << std::string() << 50.0 << QStringLiteral("off on") << 81.0
                                             << std::string("DISABLED press-hot; ENABLED press-hot; RAISED press-hot");
        QTest::newRow("retired and back") << std::string() << 50.0 << QStringLiteral("retire") << 81.0
                                          << std::string("RETIRED ; RAISED press-hot");
    }

    void aValueIsComparedAgainWhenSomethingHappened()
    {
        QFETCH(std::string, rules);
        QFETCH(double, between);
        QFETCH(QString, action);
        QFETCH(double, value);
        QFETCH(std::string, events);
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp"), load = plant.add("press/L1/P-07/load");
        for (int second = 0; second < 5; ++second)
            plant.send(plant.sample(temp, at(second), 50 + second));
        if (!rules.empty()) {
            plant.rules->rules.clear();
            std::istringstream texts(rules);
            for (std::string text; std::getline(texts, text, '|');)
                plant.rules->rules.push_back(rule(text));
            plant.apply();
        }
        for (const QString &verb : action.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
            OperatorAction what;
            what.verb = verb == QStringLiteral("off") ? Verb::Disable : verb == QStringLiteral("on") ? Verb::Enable : Verb::Retire;
            what.actor = "ann@desk-3";
            what.reason = "test";
            what.named = {{"press-hot", "press/L1/P-07", "temp"}};
            QVERIFY(plant.engine->act(what, plant.now).isDone);
        }
        if (between != 50)
            plant.send(plant.sample(temp, at(5), between));
        plant.send(plant.sample(load, at(6), 20));
        plant.send(plant.sample(temp, at(6), value));
        plant.elapseTo(at(20));
        plant.collect();
        std::string seen;
        for (const JournalRow &row : plant.journal)
            seen += (seen.empty() ? "" : "; ") + row.event + " " + row.rule;
        QCOMPARE(QString::fromStdString(seen), QString::fromStdString(events));
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
