#include <QtTest>

#include "../alarms/plant.h"
#include "bench.h"
#include "core/times.h"

using namespace sg;
using namespace sg::test;

namespace {

const std::string Hot = "id: press-hot\nseries: press/*/*/temp\npriority: high\nhigh: { limit: 80 }\n";

std::shared_ptr<const Rule> rule(const std::string &text, const RuleSurroundings &around = {})
{
    auto read = ruleOf(text, {}, around);
    if (!read)
        qFatal("%s", read.error().plain().c_str());
    return *read;
}

OperatorAction action(Verb verb, const AlarmView &view, const std::string &reason = "because")
{
    OperatorAction out;
    out.verb = verb;
    out.named = {{view.rule->id, view.key, view.field}};
    out.actor = "ann@desk-3";
    out.reason = reason;
    out.permit = "WP-17";
    return out;
}

std::size_t count(const Plant &plant, const std::string &event)
{
    return static_cast<std::size_t>(
        std::count_if(plant.journal.begin(), plant.journal.end(), [&](const JournalRow &row) { return row.event == event; }));
}

const AlarmView &of(const std::vector<AlarmView> &views, const std::string &key)
{
    for (const AlarmView &view : views)
        if (view.key == key)
            return view;
    qFatal("no alarm of %s", key.c_str());
}

}

class TestOperating : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // What counts over many alarms is the same after a restart.
    void marksOutliveARestart_data()
    {
        QTest::addColumn<bool>("restarts");
        QTest::newRow("one run") << false;
        QTest::newRow("restarted") << true;
    }
    void marksOutliveARestart()
    {
        QFETCH(bool, restarts);
        Plant plant;
        plant.rules->rules = {rule(Hot + "area: Press shop")};
        plant.apply();
        std::vector<SeriesId> series;
        for (int n = 0; n < 12; ++n)
            series.push_back(plant.add("press/L1/P-" + std::to_string(10 + n) + "/temp"));
        const auto send = [&](std::size_t n, double t, double value) {
            plant.elapseTo(at(t));
            plant.send(plant.sample(series[n], at(t), value));
        };
        const auto restart = [&] {
            if (restarts)
                plant.restart();
        };
        send(7, 0, 81); // the first of the area
        for (std::size_t n = 0; n < 12; ++n)
            send(n, 1 + double(n), 82);
        restart();
        plant.elapseTo(at(20));
        QVERIFY(of(plant.views(), "press/L1/P-17").isFirstOut);
        QVERIFY(!of(plant.views(), "press/L1/P-10").isFirstOut);
        QCOMPARE(plant.engine->floods().size(), std::size_t(1));
        QCOMPARE(plant.engine->floods()[0].count, std::size_t(12));
        QCOMPARE(plant.engine->floods()[0].firstOut, std::string("press/L1/P-17/temp"));
        QCOMPARE(plant.engine->floods()[0].since, at(0));
        // Raised three times within a minute, the third time after the restart.
        send(0, 21, 70);
        send(0, 22, 82);
        restart();
        send(0, 23, 70);
        send(0, 24, 82);
        QVERIFY(of(plant.views(), "press/L1/P-10").isChattering);
        QCOMPARE(of(plant.views(), "press/L1/P-10").raisesInMinute, 3U);
        QCOMPARE(plant.engine->chattering().size(), std::size_t(1));
        // The first one is over: no other alarm becomes the first, after a restart either.
        send(7, 30, 70);
        plant.acknowledge({{of(plant.views(), "press/L1/P-17").regions.occurrence, of(plant.views(), "press/L1/P-17").regions.seq}});
        restart();
        for (const AlarmView &view : plant.views())
            QVERIFY2(!view.isFirstOut, view.key.c_str());
        plant.elapseTo(at(700)); // nothing sounded for 10 min
        restart();
        QVERIFY(plant.engine->floods().empty());
    }

    // 26 and 32: what is gone stays gone until it is heard of again.
    void whatIsForgottenStaysForgotten()
    {
        Plant plant;
        plant.rules->rules
            = {rule(Hot + "forget_after: 60s"), rule("id: quiet\nseries: press/**\npriority: low\nabsence: { timeout: 30s, grace: 1s }")};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        const SeriesId other = plant.add("press/L1/P-08/temp");
        plant.send(plant.sample(temp, Start, 70));
        plant.send(plant.sample(other, Start, 70));
        plant.elapseTo(at(20));
        plant.restart();
        plant.elapseTo(at(59));
        QCOMPARE(plant.views().size(), std::size_t(4));
        plant.engine->retire("press/L1/P-08", "ann@desk-3", "sold", plant.now);
        plant.elapseTo(at(61));
        const auto rulesLeft = [&] {
            std::string out;
            for (const AlarmView &view : plant.views())
                out += view.rule->id + " " + view.key + ",";
            return out;
        };
        QCOMPARE(rulesLeft(), std::string("quiet press/L1/P-07,"));
        plant.restart();
        plant.elapseTo(at(200));
        QCOMPARE(rulesLeft(), std::string("quiet press/L1/P-07,"));
        // Only the rule that forgot it takes no notice of it.
        QCOMPARE(plant.engine->watches()[0].watched, std::size_t(0));
        QCOMPARE(plant.engine->watches()[1].watched, std::size_t(1));
        plant.send(plant.sample(other, at(200), 90)); // there again
        QCOMPARE(project(of(plant.views(), "press/L1/P-08").regions), AlarmState::Unacknowledged);
    }

    // 26 of one rule leaves the others as they are, over a restart and an edit; and of a key with several fields none is left behind.
    void oneRuleForgetsForItselfOnly()
    {
        Plant plant;
        plant.rules->rules = {rule("id: odd\nseries: press/**\npriority: low\nabsence: { timeout: 90s, grace: 1s }\nforget_after: 60s"),
                              rule("id: quiet\nseries: press/**\npriority: low\nabsence: { timeout: 100s, grace: 1s }")};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp"), load = plant.add("press/L1/P-07/load");
        plant.send(plant.sample(temp, Start, 70));
        plant.send(plant.sample(load, Start, 70));
        const auto watched = [&] { return std::pair(plant.engine->watches()[0].watched, plant.engine->watches()[1].watched); };
        plant.elapseTo(at(61));
        QCOMPARE(watched(), std::pair(std::size_t(0), std::size_t(1)));
        plant.restart();
        plant.apply();
        QCOMPARE(watched(), std::pair(std::size_t(0), std::size_t(1)));
        plant.elapseTo(at(101));
        QCOMPARE(plant.views().size(), std::size_t(1));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Unacknowledged);
        plant.send(plant.sample(load, at(102), 70));
        QCOMPARE(watched(), std::pair(std::size_t(1), std::size_t(1)));
        plant.send(plant.sample(temp, at(103), 70));
        plant.elapseTo(at(104));
        QCOMPARE(watched(), std::pair(std::size_t(1), std::size_t(1)));
        QCOMPARE(project(of(plant.views(), "press/L1/P-07").regions), AlarmState::ReturnedUnacknowledged);
        plant.elapseTo(at(165)); // forgotten by a run that heard of it, and back in the same run
        QCOMPARE(watched(), std::pair(std::size_t(0), std::size_t(1)));
        plant.send(plant.sample(temp, at(166), 70));
        QCOMPARE(watched(), std::pair(std::size_t(1), std::size_t(1)));
    }

    // A dead source hides nothing, and what was acknowledged and never cleared is silent when it is back.
    void aLostSourceHidesNothing()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.send(plant.sample(temp, Start, 81));
        QVERIFY(!plant.views()[0].isStale);
        plant.acknowledge({{plant.views()[0].regions.occurrence, plant.views()[0].regions.seq}});
        plant.engine->takeChanged();
        plant.clock.lost.insert("press");
        plant.elapseTo(at(10));
        QCOMPARE(plant.engine->takeChanged().size(), std::size_t(1)); // the list is told
        const AlarmView stale = plant.views()[0];
        QVERIFY(stale.isStale);
        QCOMPARE(stale.regions.quality, QualityRegion::Stale);
        QCOMPARE(stale.lastSample, Start);
        QCOMPARE(project(stale.regions), AlarmState::Acknowledged);
        plant.elapseTo(at(3600));
        plant.collect();
        plant.journal.clear();
        plant.clock.lost.clear();
        plant.elapseTo(at(3601));
        plant.send(plant.sample(temp, at(3601), 83));
        plant.elapseTo(at(3700));
        plant.collect();
        QVERIFY(!plant.views()[0].isStale);
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Acknowledged);
        QCOMPARE(plant.views()[0].regions.quality, QualityRegion::Good);
        QVERIFY2(plant.journal.empty(), plant.journal.empty() ? "" : plant.journal[0].event.c_str());
    }

    void theListSaysWhy_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<bool>("isState");
        QTest::addColumn<double>("value");
        QTest::addColumn<std::string>("because");
        const std::string head = "id: r\nseries: press/*/*/temp\npriority: high\n";
        QTest::newRow("above") << head + "high: { limit: 80 }" << false << 83.0 << std::string("83 is above high 80");
        QTest::newRow("far below") << head + "low_low: { limit: 5 }" << false << 3.0 << std::string("3 is below low low 5");
        QTest::newRow("measured") << head + "quality: { share: [nan], over: 10s }\nhigh: { limit: 0.5 }" << false << std::nan("")
                                  << std::string("Share of bad samples: 1 is above high 0.5");
        QTest::newRow("equals") << head + "equals: fault" << true << 0.0 << std::string("it is fault");
        QTest::newRow("missing") << head + "high: { limit: 80 }\non_missing: raise" << false << std::nan("")
                                 << std::string("no value is received");
        QTest::newRow("normal") << head + "high: { limit: 80 }" << false << 70.0 << std::string();
    }
    void theListSaysWhy()
    {
        QFETCH(std::string, text);
        QFETCH(bool, isState);
        QFETCH(double, value);
        QFETCH(std::string, because);
        Plant plant;
        plant.rules->rules = {rule(text)};
        plant.apply();
        const SeriesId id = plant.add("press/L1/P-07/temp", isState ? ValueKind::State : ValueKind::Number);
        plant.send(plant.sample(id, Start, isState ? plant.codeOf("fault") : value));
        QVERIFY2(plant.views()[0].because.plain() == because, plant.views()[0].because.plain().c_str());
    }

    // Who did it, under which permit and why stands with the alarm, over a restart.
    void actionsStandWithTheAlarm()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 81));
        QVERIFY(plant.engine->act(action(Verb::Note, plant.views()[0], "pump is loud"), plant.now).isDone);
        QVERIFY(plant.engine->act(action(Verb::OutOfService, plant.views()[0], "new seals"), plant.now).isDone);
        plant.restart();
        const AlarmView view = plant.views()[0];
        QCOMPARE(view.permit, std::string("WP-17"));
        QCOMPARE(view.suppressedBy, std::string("ann@desk-3"));
        QCOMPARE(view.suppressedWhy, std::string("new seals"));
        QCOMPARE(view.note, std::string("pump is loud"));
        QCOMPARE(view.notedBy, std::string("ann@desk-3"));
        QCOMPARE(view.notedAt, Start);
        QCOMPARE(plant.journal.back().event, std::string("OUT_OF_SERVICE"));
        QCOMPARE(plant.journal.back().reason, std::string("permit WP-17: new seals"));
    }

    // 22 by an engineer: nothing is judged until it is enabled, over edits and restarts; both are journaled though nothing was open.
    void whatIsDisabledStaysSo()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        plant.send(plant.sample(temp, Start, 70));
        QVERIFY(plant.engine->act(action(Verb::Disable, plant.views()[0], "sensor is broken"), plant.now).isDone);
        QVERIFY(!plant.engine->act(action(Verb::Disable, plant.views()[0]), plant.now).isDone);
        plant.restart();
        plant.rules->rules = {rule(Hot + "action: Look at it")};
        plant.apply();
        plant.send(plant.sample(temp, at(1), 99));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Disabled);
        QCOMPARE(plant.views()[0].suppressedWhy, std::string("sensor is broken"));
        QVERIFY(plant.engine->act(action(Verb::Enable, plant.views()[0], "new sensor"), plant.now).isDone);
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Normal);
        QCOMPARE(plant.views()[0].regions.quality, QualityRegion::Unknown);
        plant.send(plant.sample(temp, at(2), 99));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Unacknowledged);
        plant.collect();
        QCOMPARE(count(plant, "DISABLED"), std::size_t(1));
        QCOMPARE(count(plant, "ENABLED"), std::size_t(1));
        QCOMPARE(count(plant, "RAISED"), std::size_t(1));
        // What is open when it is disabled is closed.
        QVERIFY(plant.engine->act(action(Verb::Disable, plant.views()[0]), plant.now).isDone);
        plant.collect();
        QCOMPARE(plant.journal.back().from, std::string(nameOf(AlarmState::Unacknowledged)));
        QCOMPARE(plant.journal.back().to, std::string(nameOf(AlarmState::Disabled)));
    }

    void rolesAreAsked_data()
    {
        QTest::addColumn<int>("verb");
        QTest::addColumn<std::string>("actor");
        QTest::addColumn<bool>("may");
        const auto row = [](const char *name, Verb verb, const char *actor, bool may) {
            QTest::newRow(name) << static_cast<int>(verb) << std::string(actor) << may;
        };
        row("anybody acknowledges", Verb::Acknowledge, "joe@desk-1", true);
        row("anybody shelves", Verb::Shelve, "joe@desk-1", true);
        row("an operator takes nothing out of service", Verb::OutOfService, "joe@desk-1", false);
        row("maintenance does", Verb::OutOfService, "mia@desk-1", true);
        row("an engineer does", Verb::OutOfService, "eve@desk-1", true);
        row("maintenance disables nothing", Verb::Disable, "mia@desk-1", false);
        row("an engineer disables", Verb::Disable, "eve@desk-1", true);
        row("an engineer at another desk does not", Verb::Disable, "eve@desk-2", false);
    }
    void rolesAreAsked()
    {
        QFETCH(int, verb);
        QFETCH(std::string, actor);
        QFETCH(bool, may);
        Bench bench("rules:\n  - id: hot\n    series: press/*/*/temp\n    high: { limit: 80 }\n    priority: high\n");
        bench.roles = {{"mia"}, {"eve@desk-1"}};
        bench.killAndRestart();
        bench.row("temp", 1, 1, 90);
        const AlarmView view = bench.snapshot(1)->alarms.at(0).alarm;
        OperatorAction wanted = action(static_cast<Verb>(verb), view);
        wanted.actor = actor;
        wanted.shown = {{view.regions.occurrence, view.regions.seq}};
        const Outcome outcome = bench.act(wanted, 2);
        QVERIFY2(outcome.isDone == may, outcome.says.plain().c_str());
        QVERIFY(may || outcome.says.plain().find("needs the role") != std::string::npos);
        QCOMPARE(bench.snapshot(3)->alarms.at(0).alarm.regions == view.regions, !may);
    }
    void rolesOfNobodyAreEverybodys()
    {
        QVERIFY(!Roles().refuses(Verb::OutOfService, "joe@desk-1"));
        QVERIFY(!Roles().refuses(Verb::Disable, "joe@desk-1"));
    }

    // Suppressed by design outside of its hours: evaluated and journaled all the same, and it sounds when they begin.
    void hoursSuppress_data()
    {
        QTest::addColumn<std::string>("hours");
        QTest::addColumn<std::string>("from"); // of the journey
        QTest::addColumn<std::string>("suppressed"); // hours of the journey, from the full hour on: "." within
        // 2026-03-27 is a Friday; the clocks of Berlin go forward on Sunday the 29th at 02:00.
        QTest::newRow("by day") << std::string("{ zone: Asia/Seoul, from: \"06:00\", to: \"10:00\" }")
                                << std::string("2026-03-27T03:00:00+09:00") << std::string("###....#####");
        QTest::newRow("over midnight") << std::string("{ zone: UTC, from: \"22:00\", to: \"02:00\" }")
                                       << std::string("2026-03-27T20:00:00Z") << std::string("##....######");
        QTest::newRow("of Fridays, over midnight") << std::string("{ zone: UTC, days: [fri], from: \"22:00\", to: \"02:00\" }")
                                                   << std::string("2026-03-26T20:00:00Z") << (std::string(26, '#') + "....####");
        QTest::newRow("whole days") << std::string("{ zone: UTC, days: [sat], from: \"00:00\", to: \"24:00\" }")
                                    << std::string("2026-03-27T20:00:00Z") << (std::string(4, '#') + std::string(24, '.') + "##");
        QTest::newRow("the clocks go forward") << std::string("{ zone: Europe/Berlin, from: \"04:00\", to: \"06:00\" }")
                                               << std::string("2026-03-28T23:00:00Z") << std::string("###..###");
    }
    void hoursSuppress()
    {
        QFETCH(std::string, hours);
        QFETCH(std::string, from);
        QFETCH(std::string, suppressed);
        const Time begin = *parseIso(from);
        for (const bool restarts : {false, true}) {
            Plant plant;
            plant.now = begin;
            plant.rules->rules = {rule(Hot + "hours: " + hours)};
            plant.apply();
            const SeriesId temp = plant.add("press/L1/P-07/temp");
            plant.elapseTo(begin);
            plant.send(plant.sample(temp, begin, 81));
            std::string is;
            for (std::size_t n = 0; n < suppressed.size(); ++n) {
                plant.elapseTo(begin + std::chrono::hours(n) + std::chrono::seconds(1));
                const AlarmView view = plant.views()[0];
                is += project(view.regions) == AlarmState::Suppressed ? '#' : '.';
                QCOMPARE(view.suppressedCause, is.back() == '#' ? std::string("hours") : std::string());
                if (restarts)
                    plant.restart();
            }
            QCOMPARE(is, suppressed);
            plant.collect();
            QCOMPARE(count(plant, "RAISED"), std::size_t(1));
            QCOMPARE(count(plant, "RELEASED"), std::size_t(1));
        }
    }

    // The hours go away with an edit.
    void hoursThatAreTakenAwayHideNothing()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot + "hours: { zone: UTC, days: [sun], from: \"00:00\", to: \"24:00\" }")};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 81)); // a Monday
        plant.elapseTo(at(1));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Suppressed);
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        plant.elapseTo(at(2));
        QCOMPARE(project(plant.views()[0].regions), AlarmState::Unacknowledged);
    }

    // 17: the flags are gone at once; one sound in 2 s, highest priority first.
    void shelvesThatEndTogetherSoundOneAfterTheOther()
    {
        Plant plant;
        plant.rules->rules = {rule("id: press-hot\nseries: press/*/*/temp\nhigh: { limit: 80, priority: low }\n"
                                   "high_high: { limit: 90, priority: urgent }\narea: Press shop")};
        plant.apply();
        std::vector<SeriesId> series;
        for (int n = 0; n < 5; ++n) {
            series.push_back(plant.add("press/L1/P-" + std::to_string(n) + "/temp"));
            plant.send(plant.sample(series.back(), Start, n % 2 == 0 ? 81 : 91));
            OperatorAction shelve = action(Verb::Shelve, plant.views().back());
            shelve.until = at(60);
            QVERIFY(plant.engine->act(shelve, plant.now).isDone);
        }
        plant.elapseTo(at(60));
        std::map<Time, Priority> order;
        for (const AlarmView &view : plant.views()) {
            QCOMPARE(project(view.regions), AlarmState::Unacknowledged);
            order[view.soundsFrom] = view.priority;
        }
        QCOMPARE(order.size(), std::size_t(5));
        int n = 0;
        for (const auto &[t, priority] : order) {
            QCOMPARE(t, at(60 + 2 * n));
            QCOMPARE(priority, n < 2 ? Priority::Urgent : Priority::Low);
            ++n;
        }
        // A new alarm does not wait for them.
        const SeriesId fresh = plant.add("press/L1/P-9/temp");
        plant.send(plant.sample(fresh, at(60), 81));
        QCOMPARE(plant.views().back().soundsFrom, NoTime);
    }

    // The past is silent, but not for ever: 10 s for the highest priority, 120 s for the others.
    void aLongCatchUpIsNotSilentForEver()
    {
        Plant plant;
        plant.rules->rules = {rule("id: press-hot\nseries: press/*/*/temp\nhigh: { limit: 80, priority: low }\n"
                                   "high_high: { limit: 90, priority: urgent }")};
        plant.apply();
        const SeriesId low = plant.add("press/L1/P-1/temp"), urgent = plant.add("press/L1/P-2/temp");
        plant.clock.isBehind = true;
        plant.elapseTo(Start);
        plant.send(plant.sample(low, at(-1000), 81));
        plant.send(plant.sample(urgent, at(-1000), 91));
        const auto sounds = [&](double t) {
            plant.elapseTo(at(t));
            std::string out;
            for (const AlarmView &view : plant.views())
                out += view.soundsFrom > plant.now ? '-' : '!';
            return out;
        };
        QCOMPARE(sounds(9), std::string("--"));
        QCOMPARE(sounds(10), std::string("-!"));
        QCOMPARE(sounds(119), std::string("-!"));
        QCOMPARE(sounds(120), std::string("!!"));
        plant.clock.isBehind = false;
        QCOMPARE(sounds(130), std::string("!!"));
        plant.collect();
        std::string summaries;
        for (const JournalRow &row : plant.journal)
            if (row.event == "CATCHUP_SUMMARY")
                summaries += row.priority + " " + row.reason + "\n";
        QCOMPARE(summaries,
                 std::string("urgent 2 raised, 2 still active, 0 cleared so far; it still catches up\n"
                             "low 2 raised, 2 still active, 0 cleared so far; it still catches up\n"
                             "urgent 2 raised, 2 still active, 0 cleared\n"));
    }

    // A chattering alarm sounds once a minute.
    void whatChattersSoundsOnceAMinute()
    {
        Plant plant;
        plant.rules->rules = {rule(Hot)};
        plant.apply();
        const SeriesId temp = plant.add("press/L1/P-07/temp");
        for (int n = 0; n < 4; ++n) {
            plant.elapseTo(at(2 * n));
            plant.send(plant.sample(temp, at(2 * n), 81));
            QCOMPARE(plant.views()[0].soundsFrom, n < 2 ? NoTime : at(62));
            plant.elapseTo(at(2 * n + 1));
            plant.send(plant.sample(temp, at(2 * n + 1), 70));
        }
        QCOMPARE(plant.views()[0].raisesInMinute, 4U);
    }

    // Rows of a table of limits, and keys of a list, that no series was ever seen of.
    void whatWasNeverSeenIsNamed()
    {
        Plant plant;
        const std::map<std::string, std::vector<std::string>> labels{{"press", {"line", "device"}}};
        RuleSurroundings around;
        around.pathLabels = &labels;
        around.readText = [](const std::string &path) -> Result<std::string> {
            return path == "limits.csv" ? std::string("line,device,high\nL1,P-07,70\nL1,P-O7,75\n")
                                        : std::string("line,device\nL1,P-07\nL1,P-99\n");
        };
        plant.rules->rules
            = {rule(Hot + "limits_from: limits.csv", around),
               rule("id: quiet\nseries: press/**\npriority: low\nabsence: { timeout: 30s, expect: { file: keys.csv } }", around)};
        plant.apply();
        plant.send(plant.sample(plant.add("press/L1/P-07/temp"), Start, 60));
        const auto watches = plant.engine->watches();
        QCOMPARE(watches.size(), std::size_t(2));
        QCOMPARE(watches[0].notSeenCount, std::size_t(1));
        QVERIFY2(watches[0].notSeen.at(0).find("P-O7") != std::string::npos, watches[0].notSeen[0].c_str());
        QCOMPARE(watches[1].notSeenCount, std::size_t(1));
        QCOMPARE(watches[1].notSeen.at(0), std::string("press/L1/P-99"));
        plant.add("press/L1/P-99/temp");
        plant.add("press/L1/P-O7/temp");
        QCOMPARE(plant.engine->watches()[0].notSeenCount, std::size_t(0));
        QCOMPARE(plant.engine->watches()[1].notSeenCount, std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(TestOperating)
#include "tst_operating.moc"
