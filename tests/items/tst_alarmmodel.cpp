#include "items/alarmmodel.h"

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

QTEST_GUILESS_MAIN(TestAlarmModel)
#include "tst_alarmmodel.moc"
