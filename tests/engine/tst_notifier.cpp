#include "engine/notifier.h"
#include "engine/notifytext.h"
#include "engine/routestates.h"

#include <QtTest>

using namespace sg;
using namespace std::chrono_literals;

// Who is told beyond the desk, when, how often and with which key; what a restart, an acknowledgement and a full outbox do to it.
class TestNotifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhoIsMeant_data();
    void tellsWhoIsMeant();
    void waitsAndRepeats_data();
    void waitsAndRepeats();
    void aFailureIsTriedAgainWithTheSameKey();
    void aRestartTriesAgainWhatWasOnItsWay();
    void aRefusalIsJournaled();
    void aFullOutboxIsJournaled();
    void whatACatchUpHoldsIsToldAfterIt_data();
    void whatACatchUpHoldsIsToldAfterIt();
    void aChatteringAlarmIsTold();
    void outsideOfItsHoursItWaits();
    void anEditThatIsRefusedChangesNothing();
    void aRefusedEditGoesOnWithWhatIsNotInIt_data();
    void aRefusedEditGoesOnWithWhatIsNotInIt();
    void aStopSchedulesAndBeginsNothing();
    void anEscalationFollowsTheMessageOnItsWay();
    void whatComesAgainDoesNotPutOff_data();
    void whatComesAgainDoesNotPutOff();
    void endsOfShelvesAreToldOneByOne();
    void noKeyIsGivenTwice();
    void aDeadHeartbeatKeepsItsTime();
    void oneTestAtATime();
    void whoWasNotReachedStands();
    void aReceiverIsShownWithoutItsSecret();
    void bodies_data();
    void bodies();
};

namespace {

constexpr Time Start = Time(std::chrono::seconds(1'800'000'000));

Node scalar(std::string text)
{
    return Node::ofScalar(std::move(text));
}

// A notifier driven by hand, with the alarms that it may ask about.
struct Hand
{
    Routes routes;
    std::map<std::uint64_t, AlarmView> alarms;
    Notifier::Limits limits;
    std::unique_ptr<Notifier> notifier;
    std::map<std::uint64_t, OutboxRow> file; // what was committed
    std::vector<JournalRow> journal;
    std::vector<Notifier::Attempt> attempts; // of all commits
    Time now = Start;
    std::size_t changes = 0; // rows of the last commit

    Hand()
    {
        RouteSpec route;
        route.target.id = "night";
        route.target.kind = "http";
        route.target.settings.kind = Node::Kind::Map;
        routes.routes.push_back(route);
    }
    RouteSpec &route() { return routes.routes.front(); }
    void apply()
    {
        auto workspace = std::make_shared<Workspace>();
        workspace->name = "Plant 3";
        workspace->routes = routes;
        auto rules = std::make_shared<RuleSet>();
        auto rule = std::make_shared<Rule>();
        rule->id = "engineers";
        rule->audience = Audience::Engineer;
        rules->rules.push_back(rule);
        workspace->rules = rules;
        notifier->apply(workspace, now);
    }
    void start()
    {
        notifier = std::make_unique<Notifier>(
            [this](std::uint64_t occurrence) -> std::optional<AlarmView> {
                const auto found = alarms.find(occurrence);
                return found == alarms.end() ? std::nullopt : std::optional(found->second);
            },
            limits);
        std::vector<OutboxRow> rows;
        for (const auto &[id, row] : file)
            rows.push_back(row);
        notifier->restore(std::move(rows));
        notifier->setSending(true);
        apply();
    }
    void commit(std::vector<JournalRow> rows = {})
    {
        notifier->take(rows, now);
        std::vector<OutboxRow> changed;
        notifier->collect(changed, journal, now);
        changes = changed.size();
        for (OutboxRow &row : changed)
            if (row.isGone)
                file.erase(row.id);
            else
                file[row.id] = std::move(row);
        for (Notifier::Attempt &attempt : notifier->takeAttempts())
            attempts.push_back(std::move(attempt));
    }
    void pass(Micros time)
    {
        now += time;
        notifier->elapse(now);
        commit();
    }
    void arrived() { notifier->note(attempts.back().id, {}, now); }
    void failed(Sent::How how) { notifier->note(attempts.back().id, {how, {"it says no"}}, now); }
    JournalRow raised(std::uint64_t occurrence, bool isAnnunciated = true)
    {
        AlarmView &alarm = alarms[occurrence];
        alarm.regions.occurrence = occurrence;
        alarm.regions.condition = ConditionRegion::Active;
        alarm.regions.ack = AckRegion::Unacked;
        return {.event = "RAISED",
                .rule = "hot",
                .key = "press/L1",
                .field = "temp",
                .occurrence = occurrence,
                .from = "Normal",
                .to = "Unacknowledged",
                .priority = "high",
                .area = "Press shop",
                .tEvent = now,
                .value = 83.5,
                .limit = 80,
                .isAnnunciated = isAnnunciated};
    }
    JournalRow again(const char *event, std::uint64_t occurrence)
    {
        JournalRow row = raised(occurrence);
        row.event = event;
        row.value = 95;
        return row;
    }
    JournalRow acknowledged(std::uint64_t occurrence)
    {
        alarms[occurrence].regions.ack = AckRegion::Acked;
        return {.event = "ACKNOWLEDGED", .rule = "hot", .occurrence = occurrence, .from = "Unacknowledged", .to = "Acknowledged"};
    }
    QByteArray keys() const
    {
        QByteArray all;
        for (const Notifier::Attempt &attempt : attempts)
            all += (all.isEmpty() ? "" : " ") + QByteArray::fromStdString(attempt.message.key.substr(13)) + "/"
                + QByteArray::number(attempt.message.attempt);
        return all;
    }
};

}

void TestNotifier::tellsWhoIsMeant_data()
{
    QTest::addColumn<QByteArray>("only"); // area, priority, rule, audience
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<bool>("isTold");
    QTest::newRow("all") << QByteArray("|||") << QByteArray("hot") << true;
    QTest::newRow("its area") << QByteArray("Press shop|||") << QByteArray("hot") << true;
    QTest::newRow("another area") << QByteArray("Hall|||") << QByteArray("hot") << false;
    QTest::newRow("its priority") << QByteArray("|high||") << QByteArray("hot") << true;
    QTest::newRow("another priority") << QByteArray("|urgent||") << QByteArray("hot") << false;
    QTest::newRow("its rule") << QByteArray("||hot|") << QByteArray("hot") << true;
    QTest::newRow("another rule") << QByteArray("||cold|") << QByteArray("hot") << false;
    QTest::newRow("engineers too") << QByteArray("|||") << QByteArray("engineers") << true;
    QTest::newRow("operators only") << QByteArray("|||operator") << QByteArray("engineers") << false;
    QTest::newRow("engineers only") << QByteArray("|||engineer") << QByteArray("engineers") << true;
}

void TestNotifier::tellsWhoIsMeant()
{
    QFETCH(const QByteArray, only);
    QFETCH(const QByteArray, rule);
    const auto parts = only.split('|');
    Hand hand;
    if (!parts[0].isEmpty())
        hand.route().areas = {parts[0].toStdString()};
    if (!parts[1].isEmpty())
        hand.route().priorities = {parts[1] == "high" ? Priority::High : Priority::Urgent};
    if (!parts[2].isEmpty())
        hand.route().rules = {parts[2].toStdString()};
    if (!parts[3].isEmpty())
        hand.route().audience = {parts[3] == "operator" ? Audience::Operator : Audience::Engineer};
    hand.start();
    JournalRow row = hand.raised(7);
    row.rule = rule.toStdString();
    hand.commit({row});
    QTEST(!hand.attempts.empty(), "isTold");
}

void TestNotifier::waitsAndRepeats_data()
{
    QTest::addColumn<int>("after"); // s
    QTest::addColumn<int>("repeat");
    QTest::addColumn<int>("acknowledged"); // s; -1: never
    QTest::addColumn<QByteArray>("told"); // key and attempt, of 100 s
    QTest::newRow("at once, once") << 0 << 0 << -1 << QByteArray("007-night-1/1");
    QTest::newRow("after a while") << 30 << 0 << -1 << QByteArray("007-night-1/1");
    QTest::newRow("acknowledged in time") << 30 << 0 << 20 << QByteArray("");
    QTest::newRow("again and again") << 0 << 40 << -1 << QByteArray("007-night-1/1 007-night-2/1 007-night-3/1");
    QTest::newRow("until acknowledged") << 10 << 40 << 60 << QByteArray("007-night-1/1 007-night-2/1");
}

void TestNotifier::waitsAndRepeats()
{
    QFETCH(const int, after);
    QFETCH(const int, repeat);
    QFETCH(const int, acknowledged);
    QFETCH(const QByteArray, told);
    Hand hand;
    hand.route().after = std::chrono::seconds(after);
    hand.route().repeat = std::chrono::seconds(repeat);
    hand.start();
    hand.commit({hand.raised(7)});
    for (int second = 0; second <= 100; ++second) {
        if (second == acknowledged)
            hand.commit({hand.acknowledged(7)});
        hand.pass(1s);
        if (!hand.attempts.empty())
            hand.arrived();
    }
    QCOMPARE(hand.keys(), told);
}

void TestNotifier::aFailureIsTriedAgainWithTheSameKey()
{
    Hand hand;
    hand.start();
    hand.commit({hand.raised(7)});
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1"));
    hand.failed(Sent::How::Later);
    hand.pass(100ms);
    QCOMPARE(hand.attempts.size(), std::size_t(1)); // not at once
    hand.pass(1s);
    hand.failed(Sent::How::Later);
    QCOMPARE(hand.notifier->troubles().size(), std::size_t(1));
    hand.pass(2s);
    hand.arrived();
    hand.pass(1h);
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1 007-night-1/2 007-night-1/3"));
    QVERIFY(hand.file.begin()->second.state == OutboxRow::State::Delivered);
    QVERIFY(hand.notifier->troubles().empty());
    QVERIFY(hand.journal.empty());
}

void TestNotifier::aRestartTriesAgainWhatWasOnItsWay()
{
    Hand hand;
    hand.limits.inFlight = 1;
    hand.start();
    hand.commit({hand.raised(7), hand.raised(8)});
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1"));
    hand.start(); // killed
    hand.pass(0s);
    hand.arrived();
    hand.pass(0s);
    // What may have arrived is known as a retry, what never left is none.
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1 007-night-1/2 008-night-1/1"));
    hand.arrived();
    hand.pass(0s);
    hand.start();
    hand.pass(1h);
    QCOMPARE(hand.attempts.size(), std::size_t(3)); // and what arrived is told once
}

void TestNotifier::aRefusalIsJournaled()
{
    Hand hand;
    hand.start();
    hand.commit({hand.raised(7)});
    hand.failed(Sent::How::Refused);
    hand.pass(1h);
    QCOMPARE(hand.attempts.size(), std::size_t(1));
    QCOMPARE(hand.journal.size(), std::size_t(1));
    QCOMPARE(hand.journal[0].event, std::string("NOTIFY_FAILED"));
    QCOMPARE(hand.journal[0].occurrence, std::uint64_t(7));
    QVERIFY(hand.file.begin()->second.state == OutboxRow::State::Failed);
}

void TestNotifier::aFullOutboxIsJournaled()
{
    Hand hand;
    hand.limits.live = 10;
    hand.limits.over = 5;
    hand.limits.inFlight = 2;
    hand.start();
    std::vector<JournalRow> rows;
    for (std::uint64_t n = 1; n <= 30; ++n)
        rows.push_back(hand.raised(n));
    hand.commit(rows);
    QCOMPARE(hand.journal.size(), std::size_t(1));
    QCOMPARE(hand.journal[0].event, std::string("NOTIFY_DROPPED"));
    QVERIFY(hand.journal[0].reason.find("oldest 20 messages") != std::string::npos);
    QCOMPARE(hand.file.size(), std::size_t(15)); // ten that wait, five that say what became of others
}

void TestNotifier::whatACatchUpHoldsIsToldAfterIt_data()
{
    QTest::addColumn<bool>("isActive");
    QTest::addColumn<bool>("isRestarted");
    QTest::addColumn<bool>("isShort"); // it ends in the commit in which the alarm is raised
    QTest::newRow("still active") << true << false << false;
    QTest::newRow("over meanwhile") << false << false << false;
    QTest::newRow("killed meanwhile") << true << true << false;
    QTest::newRow("a short one") << true << false << true;
    QTest::newRow("a short one, over meanwhile") << false << false << true;
}

void TestNotifier::whatACatchUpHoldsIsToldAfterIt()
{
    QFETCH(const bool, isActive);
    QFETCH(const bool, isRestarted);
    QFETCH(const bool, isShort);
    Hand hand;
    hand.start();
    const JournalRow row = hand.raised(7, false);
    hand.alarms[7].soundsFrom = Time::max();
    if (!isShort) {
        hand.commit({row});
        hand.pass(60s);
    }
    QVERIFY(hand.attempts.empty());
    hand.alarms[7].soundsFrom = NoTime; // it ended, and the summary let the sound out; a restart forgets it as well
    if (!isActive)
        hand.alarms[7].regions.condition = ConditionRegion::Normal;
    if (isRestarted)
        hand.start();
    else if (isShort)
        hand.commit({row, JournalRow{.event = "CATCHUP_SUMMARY", .source = "press"}});
    else
        hand.commit({JournalRow{.event = "CATCHUP_SUMMARY", .source = "press"}});
    hand.pass(isRestarted ? 121s : 0s);
    QCOMPARE(hand.keys(), QByteArray(isActive ? "007-night-1/1" : ""));
}

void TestNotifier::aChatteringAlarmIsTold()
{
    Hand hand;
    hand.route().after = 2min;
    hand.start();
    hand.commit({hand.raised(1)});
    for (std::uint64_t n = 2; n < 12; ++n) {
        hand.pass(30s);
        JournalRow over{.event = "SUPERSEDED", .rule = "hot", .occurrence = n - 1, .to = "Unacknowledged"};
        hand.alarms.erase(n - 1);
        const JournalRow row = hand.raised(n, n % 2 == 0);
        hand.alarms[n].soundsFrom = hand.now + 60s;
        hand.commit({over, row});
    }
    // Nobody acknowledged for two minutes, whichever occurrence it is by then.
    QVERIFY(hand.attempts.size() >= 1);
    QVERIFY(hand.attempts.size() <= 3);
}

void TestNotifier::outsideOfItsHoursItWaits()
{
    Hand hand;
    hand.route().hours = Hours{"UTC", 0x7F, 20 * 60, 6 * 60};
    hand.now = std::chrono::floor<std::chrono::days>(Start) + 19h;
    hand.start();
    hand.commit({hand.raised(7)});
    for (int minute = 0; minute < 59; ++minute)
        hand.pass(1min);
    QVERIFY(hand.attempts.empty());
    for (int minute = 0; minute < 16; ++minute)
        hand.pass(1min);
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1"));
}

void TestNotifier::anEditThatIsRefusedChangesNothing()
{
    Hand hand;
    hand.route().after = 1min;
    hand.start();
    hand.commit({hand.raised(7)});
    const Routes before = std::exchange(hand.routes, Routes());
    hand.routes.isFileRefused = true;
    hand.apply();
    hand.pass(1min);
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1"));
    hand.routes = Routes(); // the route is gone for good
    hand.failed(Sent::How::Later);
    hand.apply();
    hand.pass(1h);
    QCOMPARE(hand.attempts.size(), std::size_t(1));
    QCOMPARE(hand.journal.size(), std::size_t(1));
    QVERIFY(hand.journal[0].reason.find("no longer in routes.yaml") != std::string::npos);
}

void TestNotifier::aRefusedEditGoesOnWithWhatIsNotInIt_data()
{
    QTest::addColumn<bool>("isFileRefused"); // otherwise each by its id
    QTest::newRow("an item that cannot be told") << true;
    QTest::newRow("items by their ids") << false;
}

void TestNotifier::aRefusedEditGoesOnWithWhatIsNotInIt()
{
    QFETCH(const bool, isFileRefused);
    Hand hand;
    hand.routes.routes.push_back(hand.route());
    hand.routes.routes.back().target.id = "day";
    hand.routes.heartbeats.emplace_back().target.id = "dog";
    hand.routes.heartbeats.emplace_back().target.id = "cat";
    hand.start();
    hand.routes.routes.pop_back();
    hand.route().after = 1min;
    hand.routes.heartbeats.pop_back();
    hand.routes.heartbeats.back() = {};
    hand.routes.heartbeats.back().target.id = "fox";
    hand.routes.isFileRefused = isFileRefused;
    if (!isFileRefused)
        hand.routes.refused = {"day", "dog", "cat"};
    hand.apply();
    std::set<std::string> ids;
    for (const RouteSpec &route : hand.notifier->routes().routes) {
        QVERIFY(ids.insert(route.target.id).second);
        QCOMPARE(route.after, Micros(route.target.id == "night" ? 1min : 0min)); // what is well is the new one
    }
    for (const HeartbeatSpec &heartbeat : hand.notifier->routes().heartbeats)
        QVERIFY(ids.insert(heartbeat.target.id).second);
    QCOMPARE(ids, (std::set<std::string>{"night", "day", "dog", "cat", "fox"}));
}

void TestNotifier::aStopSchedulesAndBeginsNothing()
{
    Hand hand;
    hand.start();
    hand.commit({hand.raised(6)});
    hand.notifier->setBeginning(false);
    hand.arrived(); // during the stop
    hand.commit({hand.raised(7)});
    QCOMPARE(hand.keys(), QByteArray("006-night-1/1"));
    hand.start();
    hand.pass(0s);
    QCOMPARE(hand.keys(), QByteArray("006-night-1/1 007-night-1/1"));
}

void TestNotifier::anEscalationFollowsTheMessageOnItsWay()
{
    Hand hand;
    hand.route().repeat = 15min;
    hand.start();
    hand.commit({hand.raised(7)});
    hand.commit({hand.again("ESCALATED", 7)});
    hand.pass(20s);
    hand.arrived();
    hand.pass(0s);
    QCOMPARE(hand.keys(), QByteArray("007-night-1/1 007-night-2/1"));
    hand.pass(10min);
    QCOMPARE(hand.attempts.size(), std::size_t(2));
}

void TestNotifier::whatComesAgainDoesNotPutOff_data()
{
    QTest::addColumn<QByteArray>("event");
    QTest::addColumn<bool>("isAnnunciated");
    QTest::newRow("escalated") << QByteArray("ESCALATED") << true;
    QTest::newRow("alarms again") << QByteArray("REALARMED") << true;
    QTest::newRow("escalated, chattering") << QByteArray("ESCALATED") << false;
}

void TestNotifier::whatComesAgainDoesNotPutOff()
{
    QFETCH(const QByteArray, event);
    QFETCH(const bool, isAnnunciated);
    Hand hand;
    hand.route().after = 10min;
    hand.start();
    hand.commit({hand.raised(7)});
    for (int minute = 1; minute <= 10; ++minute) {
        hand.pass(1min);
        if (minute % 3 == 0) {
            JournalRow row = hand.again(event.constData(), 7);
            row.isAnnunciated = isAnnunciated;
            hand.alarms[7].soundsFrom = isAnnunciated ? NoTime : hand.now + 60s;
            hand.commit({row});
        }
        QCOMPARE(hand.attempts.empty(), minute < 10);
    }
    QCOMPARE(hand.attempts.size(), std::size_t(1));
}

void TestNotifier::endsOfShelvesAreToldOneByOne()
{
    Hand hand;
    hand.start();
    std::vector<JournalRow> rows;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        rows.push_back(hand.again(n == 3 ? "RELEASED" : "SHELF_OVER", n));
        hand.alarms[n].soundsFrom = hand.now + 10s * static_cast<int>(n - 1);
    }
    hand.commit(rows);
    QCOMPARE(hand.keys(), QByteArray("001-night-1/1"));
    hand.pass(9s);
    QCOMPARE(hand.attempts.size(), std::size_t(1));
    hand.pass(1s);
    QCOMPARE(hand.attempts.size(), std::size_t(2));
    hand.commit({hand.acknowledged(3)});
    hand.pass(20s);
    QCOMPARE(hand.keys(), QByteArray("001-night-1/1 002-night-1/1"));
}

void TestNotifier::noKeyIsGivenTwice()
{
    Hand hand;
    hand.limits.over = 2;
    hand.start();
    for (std::uint64_t n = 1; n <= 4; ++n) {
        hand.commit({hand.raised(n)});
        hand.arrived();
        hand.pass(0s);
    }
    hand.start(); // and a restart knows no more than the file
    for (const char *event : {"ESCALATED", "REALARMED"}) {
        hand.commit({hand.again(event, 1)});
        hand.arrived();
        hand.pass(0s);
    }
    std::set<std::string> keys;
    for (const Notifier::Attempt &attempt : hand.attempts)
        QVERIFY2(keys.insert(attempt.message.key).second, attempt.message.key.c_str());
    QCOMPARE(keys.size(), std::size_t(6));
}

void TestNotifier::aDeadHeartbeatKeepsItsTime()
{
    Hand hand;
    hand.routes.heartbeats.emplace_back().target.id = "dog";
    hand.start();
    const auto fails = [&](const char *why) { hand.notifier->noteHeartbeat("dog", {Sent::How::Later, {why}}, hand.now); };
    fails("refused after 3 ms");
    hand.commit();
    QCOMPARE(hand.changes, std::size_t(1));
    const std::string before = hand.notifier->troubles().at(0).args.at(1);
    hand.now += 30s;
    fails("refused after 5 ms");
    hand.commit();
    QCOMPARE(hand.changes, std::size_t(0)); // no commit for each beat
    QCOMPARE(hand.notifier->troubles().at(0).args.at(1), before);
    fails("no such host");
    hand.commit();
    QCOMPARE(hand.changes, std::size_t(1));
    QCOMPARE(hand.notifier->troubles().at(0).args.at(1), before);
}

void TestNotifier::oneTestAtATime()
{
    Hand hand;
    hand.start();
    QVERIFY(hand.notifier->test("night", hand.now).isDone);
    hand.commit();
    hand.failed(Sent::How::Later);
    QVERIFY(!hand.notifier->test("night", hand.now).isDone);
    hand.commit();
    QCOMPARE(hand.file.size(), std::size_t(1));
    hand.pass(1s);
    hand.arrived();
    QVERIFY(hand.notifier->test("night", hand.now).isDone);
}

void TestNotifier::whoWasNotReachedStands()
{
    Hand hand;
    hand.start();
    hand.commit({hand.raised(7)});
    hand.notifier->note(hand.attempts.back().id, {Sent::How::Delivered, {"not to b@c"}}, hand.now);
    QCOMPARE(hand.notifier->troubles().size(), std::size_t(1));
    hand.commit();
    QVERIFY(hand.file.begin()->second.state == OutboxRow::State::Delivered);
    QCOMPARE(hand.file.begin()->second.why, std::string("not to b@c"));
    hand.commit({hand.raised(8)});
    hand.arrived();
    QVERIFY(hand.notifier->troubles().empty());
}

void TestNotifier::aReceiverIsShownWithoutItsSecret()
{
    Hand hand;
    Node reference;
    reference.kind = Node::Kind::Map;
    reference.map.emplace_back("env", scalar("SG_HOOK"));
    hand.route().target.settings.map.emplace_back("url", reference);
    HeartbeatSpec &dog = hand.routes.heartbeats.emplace_back();
    dog.target.settings.kind = Node::Kind::Map;
    dog.target.settings.map.emplace_back("url", scalar("https://chat.example:8443/T0/xyzzy?k=plugh"));
    const auto states = routeStates(hand.routes, {});
    QCOMPARE(states.at(0).receiver, std::string("environment variable SG_HOOK"));
    QCOMPARE(states.at(1).receiver, std::string("https://chat.example:8443"));
}

void TestNotifier::bodies_data()
{
    QTest::addColumn<QByteArray>("fact");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("text") << QByteArray("hot") << QByteArray("{name}!") << QByteArray(R"({"text":"hot!"})");
    QTest::newRow("quote") << QByteArray(R"(a","admin":"yes)") << QByteArray("{name}") << QByteArray(R"({"text":"a\",\"admin\":\"yes"})");
    QTest::newRow("line") << QByteArray("a\nb\\") << QByteArray("{name}") << QByteArray(R"({"text":"a\u000ab\\"})");
    QTest::newRow("no UTF-8") << QByteArray("\xFF") << QByteArray("{name}") << QByteArray(R"({"text":"\\xFF"})");
    QTest::newRow("a name in a value is no name") << QByteArray("{value}") << QByteArray("{name}") << QByteArray(R"({"text":"{value}"})");
    QTest::newRow("a number stays one") << QByteArray("hot") << QByteArray("{value}") << QByteArray(R"({"text":83.5})");
    QTest::newRow("a number in a text") << QByteArray("hot") << QByteArray("{value} C") << QByteArray(R"({"text":"83.5 C"})");
}

void TestNotifier::bodies()
{
    QFETCH(const QByteArray, fact);
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, json);
    OutboxRow row;
    row.route = "night";
    row.occurrence = row.number = 1;
    row.facts = {{"name", fact.toStdString()}, {"value", "83.5"}};
    SourceSpec target;
    target.kind = "http";
    target.settings.kind = Node::Kind::Map;
    Node body;
    body.kind = Node::Kind::Map;
    body.map.emplace_back("text", scalar(text.toStdString()));
    target.settings.map.emplace_back("body", body);
    QCOMPARE(QByteArray::fromStdString(messageOf(row, target).body), json);
}

QTEST_APPLESS_MAIN(TestNotifier)
#include "tst_notifier.moc"
