#include "items/alarmmodel.h"

#include "items/alarmtexts.h"

#include "support/fakesession.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace sg;

class TestAlarmModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ordersByAcknowledgementPriorityAndTime();
    void leavesOutWhatIsNotOnTheList_data();
    void leavesOutWhatIsNotOnTheList();
    void holdsItsOrderWhileHeld();
    void acknowledgingMovesARow();
    void showsTheOccurrenceOfTheRow();
    void fillsLabelsIntoNames();
    void eachListHasItsOwn_data();
    void eachListHasItsOwn();
    void filters_data();
    void filters();
    void sortsByAColumnAndBack();
    void groups();
    void aStormIsOneInsertionAFrame();
    void aHeldListShowsNothingNew();
    void marks_data();
    void marks();
    void saysWhyWithItsUnit();

private:
    static QStringList names(const AlarmModel &model)
    {
        QStringList out;
        for (int row = 0; row < model.rowCount(); ++row)
            out << model.index(row, AlarmModel::NameColumn).data().toString();
        return out;
    }
    static Time at(int seconds) { return Time(std::chrono::hours(24 * 365 * 50)) + std::chrono::seconds(seconds); }
};

void TestAlarmModel::ordersByAcknowledgementPriorityAndTime()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    session.setAlarm(0, alarmOf("old-low", Priority::Low, at(1)));
    session.setAlarm(1, alarmOf("acked-urgent", Priority::Urgent, at(9), AckRegion::Acked));
    session.setAlarm(2, alarmOf("high", Priority::High, at(3)));
    session.setAlarm(3, alarmOf("new-low", Priority::Low, at(5)));
    session.publish();
    feed.poll();
    QCOMPARE(names(model),
             QStringList({QStringLiteral("high"), QStringLiteral("new-low"), QStringLiteral("old-low"), QStringLiteral("acked-urgent")}));
    QCOMPARE(model.unacknowledged(), 3);
}

void TestAlarmModel::leavesOutWhatIsNotOnTheList_data()
{
    QTest::addColumn<int>("condition");
    QTest::addColumn<int>("ack");
    QTest::addColumn<int>("suppression");
    QTest::addColumn<int>("rows");
    const auto row = [](const char *name, ConditionRegion condition, AckRegion ack, int suppression, int rows) {
        QTest::newRow(name) << static_cast<int>(condition) << static_cast<int>(ack) << suppression << rows;
    };
    row("normal", ConditionRegion::Normal, AckRegion::Acked, 0, 0);
    row("pending is not yet an alarm", ConditionRegion::PendingOn, AckRegion::Acked, 0, 0);
    row("active", ConditionRegion::Active, AckRegion::Unacked, 0, 1);
    row("acknowledged", ConditionRegion::Active, AckRegion::Acked, 0, 1);
    row("returned but not seen", ConditionRegion::Normal, AckRegion::Unacked, 0, 1);
    row("shelved", ConditionRegion::Active, AckRegion::Unacked, Shelved, 0);
}

void TestAlarmModel::leavesOutWhatIsNotOnTheList()
{
    QFETCH(int, condition);
    QFETCH(int, ack);
    QFETCH(int, suppression);
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    auto alarm = alarmOf("a", Priority::Low, at(1), static_cast<AckRegion>(ack), static_cast<ConditionRegion>(condition));
    alarm.regions.suppression = static_cast<std::uint8_t>(suppression);
    session.setAlarm(0, alarm);
    session.publish();
    feed.poll();
    QTEST(model.rowCount(), "rows");
}

void TestAlarmModel::holdsItsOrderWhileHeld()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    session.setAlarm(0, alarmOf("low", Priority::Low, at(1)));
    session.setAlarm(1, alarmOf("medium", Priority::Medium, at(1)));
    session.publish();
    feed.poll();
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    QSignalSpy waiting(&model, &AlarmModel::waitingChanged);
    model.hold(true);
    session.setAlarm(1, alarmOf("medium", Priority::Medium, at(1), AckRegion::Acked, ConditionRegion::Normal)); // goes
    session.setAlarm(2, alarmOf("urgent", Priority::Urgent, at(2))); // comes
    session.publish();
    feed.poll();
    QCOMPARE(names(model), QStringList({QStringLiteral("medium"), QStringLiteral("low")}));
    QCOMPARE(model.waiting(), 1);
    QCOMPARE(waiting.size(), 1);
    model.hold(false);
    QCOMPARE(names(model), QStringList({QStringLiteral("urgent"), QStringLiteral("low")}));
    QCOMPARE(model.waiting(), 0);
    QCOMPARE(reset.size(), 0);
}

void TestAlarmModel::acknowledgingMovesARow()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (int i = 0; i < 4; ++i)
        session.setAlarm(static_cast<std::size_t>(i), alarmOf("a" + std::to_string(i), Priority::Medium, at(i)));
    session.publish();
    feed.poll();
    const QPersistentModelIndex newest = model.index(0, AlarmModel::NameColumn);
    QCOMPARE(newest.data().toString(), QStringLiteral("a3"));
    session.setAlarm(3, alarmOf("a3", Priority::Medium, at(3), AckRegion::Acked));
    session.publish();
    feed.poll();
    QCOMPARE(newest.row(), 3); // a selection would have moved with it
    QCOMPARE(names(model).last(), QStringLiteral("a3"));
}

void TestAlarmModel::showsTheOccurrenceOfTheRow()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    const auto alarm = alarmOf("a", Priority::Medium, at(1));
    session.setAlarm(7, alarm);
    session.publish();
    feed.poll();
    QCOMPARE(model.shown(0).occurrence, alarm.regions.occurrence);
    QCOMPARE(model.shown(0).seq, 1U);
    QCOMPARE(model.shown(5).occurrence, 0U);
}

void TestAlarmModel::fillsLabelsIntoNames()
{
    FakeSession session;
    auto space = std::make_shared<Workspace>(*session.space);
    space->pathLabels["press"] = {"line"};
    session.space = space;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    session.setAlarm(0, alarmOf("Line {line} {field} {nothing}", Priority::Medium, at(1)));
    session.publish();
    feed.poll();
    QCOMPARE(names(model), QStringList(QStringLiteral("Line L1 temp {nothing}")));
}

void TestAlarmModel::eachListHasItsOwn_data()
{
    QTest::addColumn<int>("condition");
    QTest::addColumn<int>("ack");
    QTest::addColumn<int>("latch");
    QTest::addColumn<int>("suppression");
    QTest::addColumn<QString>("lists"); // first letters of those that it is on
    const auto row = [](const char *name, ConditionRegion condition, AckRegion ack, LatchRegion latch, int suppression, const char *lists) {
        QTest::newRow(name) << static_cast<int>(condition) << static_cast<int>(ack) << static_cast<int>(latch) << suppression
                            << QString::fromLatin1(lists);
    };
    const auto clear = LatchRegion::Clear, latched = LatchRegion::Latched;
    row("normal", ConditionRegion::Normal, AckRegion::Acked, clear, 0, "");
    row("active", ConditionRegion::Active, AckRegion::Unacked, clear, 0, "LUA");
    row("the off delay runs", ConditionRegion::PendingOff, AckRegion::Acked, clear, 0, "LA");
    row("returned", ConditionRegion::Normal, AckRegion::Unacked, clear, 0, "LUC"); // D of the design: no longer active
    row("latched", ConditionRegion::Normal, AckRegion::Unacked, latched, 0, "LUC");
    row("latched and acknowledged", ConditionRegion::Normal, AckRegion::Acked, latched, 0, "LC");
    row("shelved", ConditionRegion::Active, AckRegion::Unacked, clear, Shelved, "S");
    row("shelved while nothing is wrong", ConditionRegion::Normal, AckRegion::Acked, clear, Shelved, "S");
    row("suppressed by design", ConditionRegion::Active, AckRegion::Unacked, clear, SuppressedByDesign, "D");
    row("out of service", ConditionRegion::Active, AckRegion::Acked, clear, OutOfServiceFlag, "O");
    row("shelved and suppressed", ConditionRegion::Active, AckRegion::Acked, clear, Shelved | SuppressedByDesign, "SD");
}

void TestAlarmModel::eachListHasItsOwn()
{
    QFETCH(int, condition);
    QFETCH(int, ack);
    QFETCH(int, latch);
    QFETCH(int, suppression);
    QFETCH(QString, lists);
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    auto alarm = alarmOf("a", Priority::Low, at(1), static_cast<AckRegion>(ack), static_cast<ConditionRegion>(condition));
    alarm.regions.latch = static_cast<LatchRegion>(latch);
    alarm.regions.suppression = static_cast<std::uint8_t>(suppression);
    session.setAlarm(0, alarm);
    session.publish();
    feed.poll();
    QString on;
    for (const auto &[list, letter] : std::initializer_list<std::pair<AlarmList, char16_t>>{{AlarmList::Open, u'L'},
                                                                                            {AlarmList::Unacknowledged, u'U'},
                                                                                            {AlarmList::Active, u'A'},
                                                                                            {AlarmList::Cleared, u'C'},
                                                                                            {AlarmList::Shelved, u'S'},
                                                                                            {AlarmList::Suppressed, u'D'},
                                                                                            {AlarmList::OutOfService, u'O'}}) {
        model.setList(list);
        QCOMPARE(model.rowCount(), model.count(list));
        if (model.rowCount() == 1)
            on += letter;
    }
    QCOMPARE(on, lists);
    QCOMPARE(model.count(AlarmList::Open), model.count(AlarmList::Active) + model.count(AlarmList::Cleared)); // nobody counts twice
    // Back to normal, it is on none.
    session.setAlarm(0, alarmOf("a", Priority::Low, at(1), AckRegion::Acked, ConditionRegion::Normal));
    session.publish();
    feed.poll();
    for (std::size_t list = 0; list < AlarmLists; ++list)
        QCOMPARE(model.count(static_cast<AlarmList>(list)), 0);
}

void TestAlarmModel::filters_data()
{
    QTest::addColumn<QString>("area");
    QTest::addColumn<int>("least");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("shown");
    const auto low = static_cast<int>(Priority::Low), high = static_cast<int>(Priority::High);
    const auto hot = QStringLiteral("Press too hot"), slow = QStringLiteral("Line slow"), wide = QStringLiteral("밸브 WIDE");
    QTest::newRow("nothing chosen") << QString() << low << QString() << QStringList{hot, slow, wide};
    QTest::newRow("area") << QStringLiteral("Shop") << low << QString() << QStringList{hot, wide};
    QTest::newRow("priority") << QString() << high << QString() << QStringList{hot};
    QTest::newRow("a word of the name, any case") << QString() << low << QStringLiteral("PRESS TOO") << QStringList{hot};
    QTest::newRow("a word of the path") << QString() << low << QStringLiteral("l7") << QStringList{slow};
    QTest::newRow("words of both, any order") << QString() << low << QStringLiteral("l1 hot") << QStringList{hot};
    QTest::newRow("other writing") << QString() << low << QStringLiteral("밸브 wide") << QStringList{wide};
    QTest::newRow("one word is missing") << QString() << low << QStringLiteral("press cold") << QStringList{};
    QTest::newRow("area and text") << QStringLiteral("Shop") << low << QStringLiteral("slow") << QStringList{};
}

void TestAlarmModel::filters()
{
    QFETCH(QString, area);
    QFETCH(int, least);
    QFETCH(QString, text);
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto put = [&](std::size_t n, const char *name, Priority priority, const char *key, const char *in) {
        auto alarm = alarmOf(name, priority, at(static_cast<int>(10 - n)));
        alarm.key = key;
        alarm.path = std::string(key) + "/temp";
        alarm.area = in;
        session.setAlarm(n, alarm);
    };
    put(0, "Press too hot", Priority::High, "press/L1", "Shop");
    put(1, "Line slow", Priority::Low, "orders/L7", "Production");
    put(2, "밸브 WIDE", Priority::Low, "press/L2", "Shop");
    session.publish();
    feed.poll();
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setFilter({area, static_cast<Priority>(least), text});
    QTEST(names(model), "shown");
    QCOMPARE(model.count(AlarmList::Open), 3); // the tab counts what the filter hides, too
    model.setFilter({});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(reset.size(), 0); // a selection stays
}

void TestAlarmModel::sortsByAColumnAndBack()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const auto &[n, name, value] : std::initializer_list<std::tuple<std::size_t, const char *, double>>{
             {0, "b", 3}, {1, "c", std::numeric_limits<double>::quiet_NaN()}, {2, "a", 7}}) {
        auto alarm = alarmOf(name, Priority::Low, at(static_cast<int>(n)));
        alarm.value = value;
        session.setAlarm(n, alarm);
    }
    session.publish();
    feed.poll();
    const auto own = names(model);
    model.sort(AlarmModel::NameColumn);
    QCOMPARE(names(model), QStringList({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}));
    model.sort(AlarmModel::ValueColumn);
    QCOMPARE(names(model), QStringList({QStringLiteral("b"), QStringLiteral("a"), QStringLiteral("c")}));
    auto grown = alarmOf("b", Priority::Low, at(0));
    grown.value = 9;
    session.setAlarm(0, grown);
    session.publish();
    feed.poll();
    QCOMPARE(names(model).front(), QStringLiteral("a")); // values that move keep the order
    model.sort(-1);
    QCOMPARE(names(model), own);
}

void TestAlarmModel::groups()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const auto &[n, name, in] : std::initializer_list<std::tuple<std::size_t, const char *, const char *>>{
             {0, "one", "West"}, {1, "two", "East"}, {2, "three", "West"}}) {
        auto alarm = alarmOf(name, Priority::Low, at(static_cast<int>(n)));
        alarm.area = in;
        session.setAlarm(n, alarm);
    }
    session.publish();
    feed.poll();
    model.setGrouping(AlarmGrouping::Area);
    QCOMPARE(names(model), QStringList({QStringLiteral("two"), QStringLiteral("three"), QStringLiteral("one")}));
    QStringList groups;
    for (int row = 0; row < model.rowCount(); ++row)
        groups << model.index(row, AlarmModel::GroupColumn).data().toString();
    QCOMPARE(groups, QStringList({QStringLiteral("East"), QStringLiteral("West"), QString()}));
}

void TestAlarmModel::aStormIsOneInsertionAFrame()
{
    constexpr int Storm = 2000;
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    session.setAlarm(0, alarmOf("first", Priority::High, at(0)));
    session.publish();
    feed.poll();
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy ordered(&model, &QAbstractItemModel::layoutChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    const QPersistentModelIndex first = model.index(0, AlarmModel::NameColumn);
    for (int i = 1; i <= Storm; ++i)
        session.setAlarm(static_cast<std::size_t>(i), alarmOf("storm", i % 3 == 0 ? Priority::Urgent : Priority::Low, at(i)));
    session.publish();
    feed.poll();
    QCOMPARE(model.rowCount(), Storm + 1);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(ordered.size(), 1);
    QCOMPARE(first.data().toString(), QStringLiteral("first"));
    QCOMPARE(first.row(), Storm / 3);
    for (int i = 1; i <= Storm; ++i)
        session.setAlarm(static_cast<std::size_t>(i), alarmOf("storm", Priority::Low, at(i), AckRegion::Acked, ConditionRegion::Normal));
    session.publish();
    feed.poll();
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(reset.size(), 0);
}

void TestAlarmModel::aHeldListShowsNothingNew()
{
    FakeSession session;
    SnapshotFeed feed(session);
    AlarmModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.hold(true);
    // Comes, goes and comes again while the list is held: one row in the end.
    for (const auto condition : {ConditionRegion::Active, ConditionRegion::Normal, ConditionRegion::Active}) {
        const auto ack = condition == ConditionRegion::Normal ? AckRegion::Acked : AckRegion::Unacked;
        session.setAlarm(3, alarmOf("a", Priority::Low, at(1), ack, condition));
        session.publish();
        feed.poll();
        QCOMPARE(model.waiting(), condition == ConditionRegion::Normal ? 0 : 1);
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(model.unacknowledged(), condition == ConditionRegion::Normal ? 0 : 1);
    }
    model.hold(false);
    QCOMPARE(names(model), QStringList(QStringLiteral("a")));
}

void TestAlarmModel::marks_data()
{
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("mark");
    QTest::newRow("nothing to say") << 0 << QString();
    QTest::newRow("late") << 1 << QStringLiteral("LATE +03:12");
    QTest::newRow("first out") << 2 << QStringLiteral("first out");
    QTest::newRow("chatters") << 3 << QStringLiteral("chattering, 5 in 60 s");
    QTest::newRow("source lost") << 4 << QStringLiteral("source lost");
    QTest::newRow("shelved") << 5 << QStringLiteral("15 min left, until ");
    QTest::newRow("shelved by whom") << 5 << QStringLiteral(", by ann: pump test");
    QTest::newRow("out of service") << 6 << QStringLiteral("permit 4711, by bob");
    QTest::newRow("suppressed") << 7 << QStringLiteral("suppressed by press/L1/state");
    QTest::newRow("why it is not known") << 8 << QStringLiteral("the window is covered 40 %");
}

void TestAlarmModel::marks()
{
    QFETCH(int, which);
    QFETCH(QString, mark);
    auto alarm = alarmOf("a", Priority::Low, at(1));
    switch (which) {
    case 1:
        alarm.lateBy = std::chrono::seconds(192);
        break;
    case 2:
        alarm.isFirstOut = true;
        break;
    case 3:
        alarm.isChattering = true;
        alarm.raisesInMinute = 5;
        break;
    case 4:
        alarm.isStale = true;
        alarm.lastSample = at(0);
        break;
    case 5:
        alarm.regions.suppression = Shelved;
        alarm.shelvedUntil = at(900);
        alarm.suppressedBy = "ann";
        alarm.suppressedWhy = "pump test";
        break;
    case 6:
        alarm.regions.suppression = OutOfServiceFlag;
        alarm.permit = "4711";
        alarm.suppressedBy = "bob";
        break;
    case 7:
        alarm.regions.suppression = SuppressedByDesign;
        alarm.suppressedCause = "press/L1/state";
        break;
    case 8:
        alarm.why = {SG_TR("the window is covered %1 %"), {"40"}, {}};
        break;
    default:
        break;
    }
    const auto all = badgesOf(alarm, at(0)).join(u'|');
    QVERIFY2(mark.isEmpty() ? all.isEmpty() : all.contains(mark), qPrintable(all));
    QCOMPARE(shortBadgesOf(alarm, at(0)).size(), badgesOf(alarm, at(0)).size());
}

void TestAlarmModel::saysWhyWithItsUnit()
{
    Workspace space;
    Tag tag;
    tag.unit = "°C";
    space.tags = std::make_shared<const Tags>(std::vector<TagItem>{{*Selector::parse("press/*/temp"), tag}});
    auto alarm = alarmOf("a", Priority::Low, at(1));
    alarm.value = 83.5;
    alarm.limit = 80;
    alarm.because = {SG_TR("%1 is above %2 %3"), {"83", "high", "80"}, {}};
    QCOMPARE(valueOf(alarm, space), QStringLiteral("83.5 °C"));
    QCOMPARE(whyOf(alarm, space), QStringLiteral("83 is above high 80 °C"));
    alarm.because = {SG_TR("nothing arrived for %1"), {"8s"}, {}};
    QCOMPARE(whyOf(alarm, space), QStringLiteral("nothing arrived for 8s"));
    alarm.because = {};
    QCOMPARE(whyOf(alarm, space), QStringLiteral("limit 80 °C"));
}

QTEST_GUILESS_MAIN(TestAlarmModel)
#include "tst_alarmmodel.moc"
