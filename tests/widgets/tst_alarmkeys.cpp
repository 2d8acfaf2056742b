#include "widgets/consoledesk.h"

#include "widgets/alarms/listtabs.h"

#include <QSettings>
#include <QTemporaryDir>

using namespace sg;
using namespace std::chrono_literals;

// The console with no mouse at all, while it moves: what a pointer can do is in tst_alarms.
class TestAlarmKeys : public QObject, private ConsoleDesk
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { open({1250, 480}); }
    void cleanup() { close(); }
    void aStorm();
    void aListThatMoves();
    void raisedAgainBetweenKeyDownAndKeyUp();
    void chattersWhileItIsAcknowledged();
    void shelvedAndBackByItsTime();

private:
    void chooseList(int tab) const
    {
        auto *tabs = child<QTabBar>("alarmLists");
        tabs->setFocus(Qt::TabFocusReason);
        while (tabs->currentIndex() != tab)
            QTest::keyClick(tabs, tabs->currentIndex() < tab ? Qt::Key_Right : Qt::Key_Left);
        view().setFocus(Qt::TabFocusReason);
    }
    [[nodiscard]] QString pathOf(int row) const { return model().index(row, 0).data(AlarmModel::PathRole).toString(); }

    QTemporaryDir m_home;
};

void TestAlarmKeys::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sightglass"), QStringLiteral("sightglass"));
    settings.setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
}

void TestAlarmKeys::aStorm()
{
    makeStorm(500);
    QCOMPARE(model().rowCount(), 500);
    int left = 500;
    for (int page = 0; page < 3; ++page) { // page after page, each as it is seen
        key(Qt::Key_Down);
        key(Qt::Key_A, Qt::ShiftModifier);
        QTRY_COMPARE(m_session->actions.size(), static_cast<std::size_t>(page + 1));
        const auto taken = static_cast<int>(m_session->actions.back().shown.size());
        QVERIFY2(taken > 5 && taken < 30, qPrintable(QString::number(taken)));
        left -= taken;
        QTRY_COMPARE(model().unacknowledged(), left);
        painted();
    }
    // Filtered to one of them by words, without leaving the keyboard.
    key(Qt::Key_Slash);
    auto *filter = child<QLineEdit>("alarmFilter");
    QTRY_VERIFY(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("p-1400"));
    QTRY_COMPARE(model().rowCount(), 1);
    QVERIFY(child<QTabBar>("alarmLists")->tabText(0).contains(QStringLiteral("500"))); // the count hides nothing
}

void TestAlarmKeys::aListThatMoves()
{
    makeStorm(5);
    key(Qt::Key_Down);
    key(Qt::Key_Down);
    const auto row = view().currentIndex().row();
    const auto wanted = model().shown(row);
    const auto path = pathOf(row);
    for (int i = 0; i < 30; ++i) { // each of these would go above it
        m_session->wait(10ms);
        m_session->send(m_session->add("press/L9/P-" + std::to_string(2000 + i) + "/temp"), 99);
        painted();
    }
    QCOMPARE(view().currentIndex().row(), row); // it did not move under the eye
    QCOMPARE(pathOf(row), path);
    QVERIFY(child<QPushButton>("newAbove")->text().contains(QStringLiteral("30")));
    key(Qt::Key_A);
    QTRY_COMPARE(m_session->actions.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.front().occurrence, wanted.occurrence);
    QTRY_COMPARE(model().rowCount(), 35); // the hold ended with it
}

void TestAlarmKeys::raisedAgainBetweenKeyDownAndKeyUp()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    key(Qt::Key_Down);
    const auto before = model().shown(0);
    auto *button = child<QPushButton>("ackButton");
    QTRY_VERIFY(button->isEnabled());
    button->setFocus(Qt::TabFocusReason);
    QTest::keyPress(button, Qt::Key_Space);
    for (const auto value : {70.0, 85.0}) {
        m_session->wait(200ms);
        m_session->send(id, value);
        painted();
    }
    QVERIFY(model().shown(0).occurrence != before.occurrence);
    QTest::keyRelease(button, Qt::Key_Space);
    QTRY_VERIFY2(answer().contains(QStringLiteral("raised again")), qPrintable(answer()));
    QCOMPARE(m_session->actions.back().shown.front().occurrence, before.occurrence);
    QTRY_COMPARE(model().unacknowledged(), 1);
}

void TestAlarmKeys::chattersWhileItIsAcknowledged()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    for (int i = 0; i < 4; ++i) {
        m_session->send(id, 85);
        m_session->wait(2s);
        m_session->send(id, 70);
        m_session->wait(2s);
    }
    m_session->send(id, 85);
    painted();
    const auto mark = model().index(0, AlarmModel::BadgesColumn).data().toString();
    QVERIFY2(mark.contains(QStringLiteral("chattering, 5 in 60 s")), qPrintable(mark));
    key(Qt::Key_Down);
    QVERIFY(child<QPlainTextEdit>("actionText")->toPlainText().contains(QStringLiteral("It chatters: shelve it")));
    key(Qt::Key_A);
    QTRY_COMPARE(model().unacknowledged(), 0);
    m_session->wait(1s);
    m_session->send(id, 70);
    m_session->wait(1s);
    m_session->send(id, 85); // again: what was acknowledged is not this one
    painted();
    QCOMPARE(model().unacknowledged(), 1);
}

void TestAlarmKeys::shelvedAndBackByItsTime()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    key(Qt::Key_Down);
    key(Qt::Key_S);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    QTRY_VERIFY(QApplication::focusWidget() != nullptr && QApplication::focusWidget()->window() == top<QDialog>("actionDialog"));
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("pump test"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QTRY_COMPARE(model().count(AlarmList::Shelved), 1);
    QTRY_VERIFY(top<QDialog>("actionDialog") == nullptr);
    activate();
    chooseList(static_cast<int>(AlarmList::Shelved));
    painted();
    QCOMPARE(model().rowCount(), 1);
    for (const auto &[wait, left] : std::initializer_list<std::pair<Micros, QString>>{
             {0s, QStringLiteral("15 min left")}, {5min, QStringLiteral("10 min left")}, {9min + 30s, QStringLiteral("30 s left")}}) {
        m_session->wait(wait);
        painted();
        const auto mark = model().index(0, AlarmModel::BadgesColumn).data().toString();
        QVERIFY2(mark.contains(left) && mark.contains(QStringLiteral("ann: pump test")), qPrintable(mark));
    }
    m_session->wait(31s);
    painted();
    QCOMPARE(model().count(AlarmList::Shelved), 0);
    chooseList(static_cast<int>(AlarmList::Unacknowledged));
    painted();
    QTRY_COMPARE(model().rowCount(), 1);
    chooseList(ListTabs::Journal);
    auto *journal = child<QTableView>("journalView");
    QTRY_VERIFY(journal->isVisible() && journal->model()->rowCount() >= 3);
    QStringList events;
    for (int row = 0; row < journal->model()->rowCount(); ++row)
        events << journal->model()->index(row, 1).data().toString();
    QVERIFY2(events.contains(QStringLiteral("SHELVED")), qPrintable(events.join(u',')));
    QCOMPARE(events.front(), QStringLiteral("SHELF OVER")); // by its time, nobody did it
    // Found by the name that the lists show, and not only by the rule's id.
    const auto all = journal->model()->rowCount();
    child<QLineEdit>("alarmFilter")->setFocus();
    QTest::keyClicks(child<QLineEdit>("alarmFilter"), QStringLiteral("too hot"));
    QTRY_VERIFY(journal->model()->rowCount() > 0 && journal->model()->rowCount() <= all);
    child<QLineEdit>("alarmFilter")->clear();
    QTest::keyClicks(child<QLineEdit>("alarmFilter"), QStringLiteral("too cold"));
    QTRY_COMPARE(journal->model()->rowCount(), 0);
}

QTEST_MAIN(TestAlarmKeys)
#include "tst_alarmkeys.moc"
