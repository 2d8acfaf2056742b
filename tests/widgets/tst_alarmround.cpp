#include "widgets/consoledesk.h"

#include "items/texts.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/main/usersettings.h"

#include <QTemporaryDir>

using namespace sg;
using namespace std::chrono_literals;

// What people stumbled over who met the console for the first time: a list that jumps under the mouse, marks that hide one another, a
// question that Enter does not answer, counts that say the same twice.
class TestAlarmRound : public QObject, private ConsoleDesk
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path()); }
    void init();
    void cleanup() { close(); }
    void noRowMovesWhileAnythingComesAndGoes_data();
    void noRowMovesWhileAnythingComesAndGoes();
    void enterCarriesOutWhatWasBegun();
    void enterForgetsWhatWasBegunOnceOthersAreSelected();
    void theAnswerNamesTheAlarms();
    void theHoldSaysWhyAndEscEndsIt();
    void everyMarkIsShown();
    void marksGiveWayInOrder();
    void whatChattersIsAListOfItsOwn();
    void noAlarmIsActiveAndCleared();
    void theFloodCountsOneSpan();
    void columnsShowWhatTheySay_data();
    void columnsShowWhatTheySay();
    void aDeedSaysWhatItDidToWhich();

private:
    void look() const
    {
        painted();
        Q_EMIT m_desk->feed().second();
        QCoreApplication::processEvents(); // layouts settle
        view().viewport()->repaint();
    }
    [[nodiscard]] QString pathOf(int row) const { return model().index(row, 0).data(AlarmModel::PathRole).toString(); }
    [[nodiscard]] QString selected() const
    {
        const auto rows = view().selectionModel()->selectedRows();
        return rows.size() == 1 ? pathOf(rows.front().row()) : QString();
    }
    [[nodiscard]] QPoint at(int row) const { return view().visualRect(model().index(row, AlarmModel::NameColumn)).center(); }
    void click(int row) const { QTest::mouseClick(view().viewport(), Qt::LeftButton, {}, at(row)); }
    void chooseList(AlarmList list) const
    {
        auto *tabs = child<QTabBar>("alarmLists");
        QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(static_cast<int>(list)).center());
    }
    SeriesId chatter(const std::string &path, int times) const
    {
        const auto id = m_session->add(path);
        for (int i = 0; i < times; ++i) {
            m_session->send(id, 70);
            m_session->wait(1s);
            m_session->send(id, 85);
            m_session->wait(1s);
        }
        return id;
    }

    QTemporaryDir m_home;
};

void TestAlarmRound::init()
{
    userSettings().clear();
    open({1250, 480});
}

void TestAlarmRound::noRowMovesWhileAnythingComesAndGoes_data()
{
    QTest::addColumn<int>("width");
    QTest::addRow("a dock") << 1250;
    QTest::addRow("a tile") << 640;
}

// One point of the screen, clicked again and again.
void TestAlarmRound::noRowMovesWhileAnythingComesAndGoes()
{
    QFETCH(int, width);
    m_panel->resize(width, 480);
    makeStorm(6);
    look();
    const auto point = view().viewport()->mapToGlobal(at(3));
    const auto wanted = pathOf(3);
    const auto button = child<QPushButton>("ackButton")->mapToGlobal(QPoint());
    const auto height = view().viewport()->height();
    const auto clickThere = [&] {
        auto *below = QApplication::widgetAt(point);
        QCOMPARE(below, view().viewport());
        view().clearSelection();
        QTest::mouseClick(below, Qt::LeftButton, {}, below->mapFromGlobal(point));
        QCOMPARE(selected(), wanted);
        QCOMPARE(child<QPushButton>("ackButton")->mapToGlobal(QPoint()), button); // nor does what stands below
        QCOMPARE(view().viewport()->height(), height); // or a list that is scrolled to its end moves
    };
    QTest::mouseMove(view().viewport(), at(3));
    QTRY_VERIFY(view().viewport()->underMouse());
    clickThere();
    key(Qt::Key_A); // it asks for a name
    look();
    QVERIFY(answer().contains(QStringLiteral("Who are you?")) && child<QLabel>("ackAnswer")->isVisible());
    view().setFocus();
    clickThere();
    std::vector<SeriesId> more;
    for (int i = 0; i < 12; ++i)
        more.push_back(m_session->add("press/L2/P-" + std::to_string(20 + i) + "/temp"));
    m_session->storm(more, 99); // urgent ones, which belong above, and a flood
    look();
    if (width > 760) // else the answer is read first
        QVERIFY(child<QWidget>("floodBanner")->isVisible());
    QVERIFY(child<QLabel>("floodText")->text().contains(QStringLiteral("FLOOD")));
    QVERIFY(child<QPushButton>("newAbove")->isVisible());
    clickThere();
    m_session->wait(std::chrono::minutes(11));
    look();
    QVERIFY(!child<QWidget>("floodBanner")->isVisible());
    clickThere();
}

void TestAlarmRound::enterCarriesOutWhatWasBegun()
{
    makeStorm(3);
    click(1);
    const auto wanted = model().shown(1);
    const auto name = model().index(1, AlarmModel::NameColumn).data().toString();
    QTest::mouseClick(child<QPushButton>("ackButton"), Qt::LeftButton);
    QVERIFY2(answer().contains(QStringLiteral("Who are you?")) && answer().contains(name), qPrintable(answer()));
    QVERIFY(m_session->actions.empty());
    QTRY_VERIFY(child<QLineEdit>("ackName")->hasFocus());
    QTest::keyClicks(child<QLineEdit>("ackName"), QStringLiteral("ann"));
    QTest::keyClick(child<QLineEdit>("ackName"), Qt::Key_Return);
    QTRY_COMPARE(m_session->actions.size(), 1U);
    QCOMPARE(m_session->actions.back().actor, std::string("ann"));
    QCOMPARE(m_session->actions.back().shown.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.front().occurrence, wanted.occurrence);
    QTRY_COMPARE(model().unacknowledged(), 2);
    QVERIFY2(answer().startsWith(QStringLiteral("Acknowledged: ") + name), qPrintable(answer()));
}

void TestAlarmRound::enterForgetsWhatWasBegunOnceOthersAreSelected()
{
    makeStorm(3);
    click(1);
    key(Qt::Key_A);
    click(2);
    const auto wanted = model().shown(2);
    auto *name = child<QLineEdit>("ackName");
    QTest::mouseClick(name, Qt::LeftButton);
    QTest::keyClicks(name, QStringLiteral("ann"));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(m_session->actions.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.front().occurrence, wanted.occurrence);
}

void TestAlarmRound::theAnswerNamesTheAlarms()
{
    userSettings().setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
    close();
    open({1250, 480});
    makeStorm(5);
    key(Qt::Key_A, Qt::ControlModifier);
    key(Qt::Key_A);
    QTRY_VERIFY2(answer().startsWith(QStringLiteral("5 acknowledged: ")), qPrintable(answer()));
    QVERIFY2(answer().contains(QStringLiteral("Press P-1000 too hot")) && answer().contains(QStringLiteral(" and 2 more")),
             qPrintable(answer()));
}

void TestAlarmRound::theHoldSaysWhyAndEscEndsIt()
{
    makeStorm(2);
    look();
    auto *why = child<QLabel>("holdText");
    QVERIFY2(why->isVisible() && !why->text().contains(QStringLiteral("Held")), qPrintable(why->text()));
    QTest::mouseMove(view().viewport(), at(0));
    QTRY_VERIFY(view().viewport()->underMouse());
    click(0);
    m_session->wait(1s);
    m_session->send(m_session->add("press/L1/P-01/temp"), 99);
    look();
    QCOMPARE(model().rowCount(), 2);
    QVERIFY2(why->isVisible() && why->text().contains(QStringLiteral("Held while rows are selected: 1 new")), qPrintable(why->text()));
    QVERIFY(why->text().contains(QStringLiteral("Esc")));
    view().clearSelection();
    look();
    QVERIFY2(why->text().contains(QStringLiteral("Held while you point at the list: 1 new")), qPrintable(why->text()));
    key(Qt::Key_Escape); // the pointer is still there
    QTRY_COMPARE(model().rowCount(), 3);
    look();
    QVERIFY2(!why->text().contains(QStringLiteral("Held")), qPrintable(why->text()));
}

void TestAlarmRound::everyMarkIsShown()
{
    chatter("press/L1/P-01/temp", 4); // the first of its area, too; not heard again within its minute
    const auto alarm = *m_session->plant.engine->view(0);
    OperatorAction note;
    note.verb = Verb::Note;
    note.actor = "ann";
    note.reason = "the fitter is on his way, see the shift book";
    note.shown.push_back({alarm.regions.occurrence, alarm.regions.seq});
    m_session->plant.engine->act(note, m_session->plant.now);
    look();
    const auto index = model().index(0, AlarmModel::BadgesColumn);
    const auto full = index.data(AlarmModel::BadgesRole).toStringList(), words = index.data(AlarmModel::ShortBadgesRole).toStringList();
    QCOMPARE(words, QStringList({QStringLiteral("1st"), QStringLiteral("chatter ×4"), QStringLiteral("silent"), QStringLiteral("note")}));
    for (const auto width : {1250, 1080, 900}) {
        m_panel->resize(width, 480);
        look();
        const auto drawn = AlarmDelegate::fitted(full, words, view().fontMetrics(), view().columnWidth(AlarmModel::BadgesColumn));
        QCOMPARE(drawn.size(), full.size());
        for (qsizetype i = 0; i < drawn.size(); ++i)
            QVERIFY2(drawn[i] == full[i] || drawn[i] == words[i], qPrintable(drawn.join(u'|')));
    }
    const auto tip = index.data(Qt::ToolTipRole).toString();
    for (const auto &mark : full)
        QVERIFY2(tip.contains(mark), qPrintable(tip));
}

void TestAlarmRound::marksGiveWayInOrder()
{
    const QFontMetrics metrics(view().font());
    const QStringList full{QStringLiteral("LATE +03:12"), QStringLiteral("first out"), QStringLiteral("chattering, 5 in 60 s")},
        words{QStringLiteral("LATE"), QStringLiteral("1st"), QStringLiteral("chatter ×5")};
    const auto fitted = [&](int room) { return AlarmDelegate::fitted(full, words, metrics, room).join(u'|'); };
    const auto widthOf = [&](const QStringList &marks) { return AlarmDelegate::marksWidth(marks, metrics); };
    QCOMPARE(fitted(widthOf(full)), full.join(u'|'));
    QCOMPARE(fitted(widthOf(full) - 1), QStringLiteral("LATE +03:12|first out|chatter ×5"));
    QCOMPARE(fitted(widthOf({full[0], full[1], words[2]}) - 1), QStringLiteral("LATE +03:12|1st|chatter ×5"));
    QCOMPARE(fitted(widthOf(words)), words.join(u'|'));
    QCOMPARE(fitted(widthOf(words) - 1), QStringLiteral("LATE|1st|+1"));
    QCOMPARE(fitted(10), QStringLiteral("+3"));
    QCOMPARE(AlarmDelegate::fitted({}, {}, metrics, 100), QStringList());
    // A long one is cut where that says more than its word, a short one is not.
    const QStringList again{QStringLiteral("raised again ×2")}, word{QStringLiteral("again ×2")};
    QCOMPARE(AlarmDelegate::fitted(again, word, metrics, widthOf(again) - 8), word);
    const QStringList shelf{QStringLiteral("45 min left, until 15:00:00, by ann: the sensor is being changed")},
        left{QStringLiteral("45 min left")};
    QVERIFY(AlarmDelegate::fitted(shelf, left, metrics, 250).front().startsWith(QStringLiteral("45 min left, until 15:00:00, by")));
    QCOMPARE(AlarmDelegate::fitted(shelf, left, metrics, 120), left);
}

void TestAlarmRound::whatChattersIsAListOfItsOwn()
{
    const auto id = chatter("press/L1/P-01/temp", 4);
    m_session->send(m_session->add("press/L1/P-02/temp"), 85);
    look();
    auto *tabs = child<QTabBar>("alarmLists");
    const auto tab = static_cast<int>(AlarmList::Chattering);
    QVERIFY2(tabs->tabText(tab).endsWith(QStringLiteral(" 1")), qPrintable(tabs->tabText(tab)));
    chooseList(AlarmList::Chattering);
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(pathOf(0), QStringLiteral("press/L1/P-01/temp"));
    m_session->send(id, 70); // over for now: it is what chatters all the same
    look();
    QCOMPARE(model().rowCount(), 1);
    QCursor::setPos(1900, 1060);
    m_session->wait(2min); // nothing happens to it, and it is no longer said to chatter
    look();
    QTRY_COMPARE(model().count(AlarmList::Chattering), 0);
    QTRY_COMPARE(model().rowCount(), 0);
    QTRY_VERIFY(child<QLabel>("alarmsEmpty")->isVisible());
    QVERIFY(child<QLabel>("alarmsEmpty")->text().contains(QStringLiteral("KPI report")));
}

void TestAlarmRound::noAlarmIsActiveAndCleared()
{
    const auto returned = m_session->add("press/L1/P-01/temp");
    m_session->send(returned, 85);
    m_session->send(m_session->add("press/L1/P-02/temp"), 85);
    m_session->wait(1s);
    m_session->send(returned, 60);
    look();
    auto *tabs = child<QTabBar>("alarmLists");
    const auto count = [&](AlarmList list) { return tabs->tabText(static_cast<int>(list)).section(u' ', -1).toInt(); };
    QCOMPARE(count(AlarmList::Open), 2);
    QCOMPARE(count(AlarmList::Unacknowledged), 2);
    QCOMPARE(count(AlarmList::Active), 1);
    QCOMPARE(count(AlarmList::Cleared), 1);
    chooseList(AlarmList::Active);
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(pathOf(0), QStringLiteral("press/L1/P-02/temp"));
    QCOMPARE(child<QLabel>("holdText")->text(), ListTabs::meaning(static_cast<int>(AlarmList::Active)));
    chooseList(AlarmList::Cleared);
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(pathOf(0), QStringLiteral("press/L1/P-01/temp"));
}

void TestAlarmRound::theFloodCountsOneSpan()
{
    makeStorm(12);
    chatter("press/L1/P-01/temp", 4); // raised four times, one alarm
    look();
    const auto text = child<QLabel>("floodText")->text();
    for (const auto *part : {"ALARM FLOOD Shop: 16 raises in 10 min (peak 16)", "first: Press P-1000 too hot",
                             "alarms of these 10 min: hot 13 (1 chattering)"})
        QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
}

void TestAlarmRound::columnsShowWhatTheySay_data()
{
    QTest::addColumn<int>("width");
    for (const auto width : {1580, 1250})
        QTest::addRow("%d", width) << width;
}

void TestAlarmRound::columnsShowWhatTheySay()
{
    QFETCH(int, width);
    m_panel->resize(width, 480);
    chatter("press/L1/P-01/temp", 4);
    m_session->send(m_session->add("press/L12/P-127/temp"), 97.25);
    look();
    auto bold = view().font();
    bold.setBold(true);
    for (const auto column : {AlarmModel::NameColumn, AlarmModel::KeyColumn, AlarmModel::ValueColumn, AlarmModel::WhyColumn,
                              AlarmModel::TimeColumn, AlarmModel::AgeColumn}) {
        QVERIFY(!view().isColumnHidden(column));
        if (column == AlarmModel::KeyColumn && width < 1500)
            continue; // gives way first: the name says most of it
        for (int row = 0; row < model().rowCount(); ++row) {
            const auto text = model().index(row, column).data().toString();
            const auto needed = QFontMetrics(column == AlarmModel::NameColumn ? bold : view().font()).horizontalAdvance(text);
            QVERIFY2(needed + 6 <= view().columnWidth(column), qPrintable(text));
        }
    }
    QVERIFY(!view().horizontalScrollBar()->isVisible());
}

void TestAlarmRound::aDeedSaysWhatItDidToWhich()
{
    makeStorm(2);
    click(0);
    key(Qt::Key_S);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    auto *dialog = top<QDialog>("actionDialog");
    auto *says = dialog->findChild<QLabel *>(QStringLiteral("actionAnswer"));
    QVERIFY2(says->text().contains(QStringLiteral("reason")), qPrintable(says->text()));
    QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("actionReason")), QStringLiteral("pump test"));
    QVERIFY2(says->text().contains(QStringLiteral("name")), qPrintable(says->text()));
    QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("actionName")), QStringLiteral("ann"));
    QVERIFY2(says->text().startsWith(QStringLiteral("Back by itself at ")), qPrintable(says->text()));
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_COMPARE(model().count(AlarmList::Shelved), 1);
    QTRY_VERIFY2(answer().startsWith(QStringLiteral("Shelved: Press P-1")), qPrintable(answer()));
}

QTEST_MAIN(TestAlarmRound)
#include "tst_alarmround.moc"
