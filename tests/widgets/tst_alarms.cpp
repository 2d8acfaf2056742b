#include "widgets/consoledesk.h"

#include "items/texts.h"
#include "widgets/alarms/ackbar.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/theme/theme.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;

// The console as an operator meets it: one list, a real engine behind it, and nothing but events.
class TestAlarms : public QObject, private ConsoleDesk
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aStormIsListedAndAcknowledgedByThePage();
    void nobodyAcknowledgesWhatNobodySaw();
    void urgentOnesGoOneByOne();
    void theListStandsStillUnderThePointer();
    void raisedAgainWhileTheButtonIsDown();
    void shelvedAndBack();
    void outOfServiceAsksForThePermit();
    void unacknowledgesAndResets();
    void theJournalTellsIt();
    void explains();
    void explainsWhatIsOver();
    void filtersByWords();
    void keysAlone();
    void theFloodSaysWhatBeganIt();
    void pictures();

private:
    [[nodiscard]] QPoint centre(int row) const { return view().visualRect(model().index(row, AlarmModel::NameColumn)).center(); }
    void click(int row, Qt::KeyboardModifiers modifiers = {}) const
    {
        QTest::mouseClick(view().viewport(), Qt::LeftButton, modifiers, centre(row));
    }
    void chooseList(AlarmList list) const
    {
        auto *tabs = child<QTabBar>("alarmLists");
        QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(static_cast<int>(list)).center());
    }
    void typeInto(QWidget *dialog, const char *name, const QString &text) const
    {
        auto *field = dialog->findChild<QLineEdit *>(QString::fromLatin1(name));
        QVERIFY(field != nullptr);
        field->setFocus();
        QTest::keyClicks(field, text);
    }

    QTemporaryDir m_home;
};

void TestAlarms::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sightglass"), QStringLiteral("sightglass"));
    settings.setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
}

void TestAlarms::init()
{
    open({1250, 480});
}

void TestAlarms::cleanup()
{
    close();
}

void TestAlarms::aStormIsListedAndAcknowledgedByThePage()
{
    makeStorm(500);
    QCOMPARE(model().rowCount(), 500);
    QVERIFY(child<QTabBar>("alarmLists")->tabText(0).contains(QStringLiteral("500")));
    click(0);
    key(Qt::Key_A, Qt::ShiftModifier);
    QTRY_VERIFY2(answer().contains(QStringLiteral("acknowledged")), qPrintable(answer()));
    const auto &shown = m_session->actions.back().shown;
    QVERIFY(shown.size() > 5 && shown.size() < 30); // a page, and nothing below it
    QTRY_COMPARE(model().unacknowledged(), 500 - static_cast<int>(shown.size()));
}

void TestAlarms::nobodyAcknowledgesWhatNobodySaw()
{
    makeStorm(300);
    key(Qt::Key_A, Qt::ControlModifier); // selects all 300
    const auto page = view().viewport()->height() / view().rowHeight(0);
    key(Qt::Key_A);
    QTRY_VERIFY2(answer().contains(QStringLiteral("nobody has seen")), qPrintable(answer()));
    QCOMPARE(static_cast<int>(m_session->actions.back().shown.size()), page);
}

void TestAlarms::urgentOnesGoOneByOne()
{
    std::vector<SeriesId> ids;
    for (const auto *name : {"press/L1/P-01/temp", "press/L1/P-02/temp", "press/L1/P-03/temp"})
        ids.push_back(m_session->add(name));
    m_session->storm({ids[0], ids[1]}, 99);
    m_session->send(ids[2], 85);
    painted();
    key(Qt::Key_A, Qt::ControlModifier);
    key(Qt::Key_A);
    QTRY_VERIFY2(answer().contains(QStringLiteral("one by one")), qPrintable(answer()));
    QCOMPARE(m_session->actions.back().shown.size(), 1U);
    QTRY_COMPARE(model().unacknowledged(), 2);
    painted();
    click(0);
    key(Qt::Key_A);
    QTRY_COMPARE(model().unacknowledged(), 1);
}

void TestAlarms::theListStandsStillUnderThePointer()
{
    const auto low = m_session->add("press/L1/P-01/temp");
    const auto late = m_session->add("press/L1/P-02/temp");
    m_session->send(low, 85);
    painted();
    click(0);
    m_session->wait(std::chrono::seconds(1));
    m_session->send(late, 99); // urgent: it would go above
    painted();
    QCOMPARE(model().rowCount(), 1);
    QVERIFY(child<QPushButton>("newAbove")->isVisible());
    key(Qt::Key_A);
    QTRY_VERIFY(!m_session->actions.empty());
    const auto acknowledged = m_session->actions.back().shown;
    QCOMPARE(acknowledged.size(), 1U);
    QTRY_COMPARE(model().unacknowledged(), 1); // the one under the pointer, not the one that came
    QTest::mouseMove(view().viewport(), QPoint(5, view().viewport()->height() - 5));
    QTest::mouseClick(child<QPushButton>("newAbove"), Qt::LeftButton);
    QTRY_COMPARE(model().rowCount(), 2);
    QCOMPARE(model().index(0, 0).data(AlarmModel::PathRole).toString(), QStringLiteral("press/L1/P-02/temp"));
}

void TestAlarms::raisedAgainWhileTheButtonIsDown()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    click(0);
    auto *button = child<QPushButton>("ackButton");
    QTRY_VERIFY(button->isEnabled());
    const auto before = model().shown(0);
    QTest::mousePress(button, Qt::LeftButton);
    m_session->wait(Millis(300));
    m_session->send(id, 70);
    m_session->wait(Millis(100));
    m_session->send(id, 85);
    painted();
    QVERIFY(model().shown(0).occurrence != before.occurrence);
    QTest::mouseRelease(button, Qt::LeftButton);
    QTRY_VERIFY2(answer().contains(QStringLiteral("raised again")), qPrintable(answer()));
    QCOMPARE(m_session->actions.back().shown.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.front().occurrence, before.occurrence);
    QTRY_COMPARE(model().unacknowledged(), 1);
}

void TestAlarms::shelvedAndBack()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    click(0);
    QTest::mouseClick(child<QToolButton>("buttonShelve"), Qt::LeftButton);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    auto *dialog = top<QDialog>("actionDialog");
    auto *shelve = dialog->findChild<QPushButton *>(QStringLiteral("actionDo"));
    QVERIFY(!shelve->isEnabled()); // without a reason nothing is shelved
    QVERIFY(dialog->findChild<QLabel *>(QStringLiteral("actionAlarms"))->text().contains(QStringLiteral("Press P-01 too hot")));
    typeInto(dialog, "actionReason", QStringLiteral("pump test"));
    QVERIFY(shelve->isEnabled());
    QTest::mouseClick(shelve, Qt::LeftButton);
    QTRY_COMPARE(model().count(AlarmList::Shelved), 1);
    QTRY_COMPARE(model().count(AlarmList::Open), 0);
    chooseList(AlarmList::Shelved);
    QTRY_COMPARE(model().rowCount(), 1);
    const auto mark = model().index(0, AlarmModel::BadgesColumn).data().toString();
    QVERIFY2(mark.contains(QStringLiteral("15 min left")) && mark.contains(QStringLiteral("ann: pump test")), qPrintable(mark));
    m_session->wait(std::chrono::minutes(14));
    painted();
    QCOMPARE(model().count(AlarmList::Shelved), 1);
    m_session->wait(std::chrono::minutes(2));
    painted();
    QCOMPARE(model().count(AlarmList::Shelved), 0);
    chooseList(AlarmList::Unacknowledged);
    QTRY_COMPARE(model().rowCount(), 1); // it is back, and wants an answer
}

void TestAlarms::outOfServiceAsksForThePermit()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    click(0);
    key(Qt::Key_O);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    auto *dialog = top<QDialog>("actionDialog");
    auto *button = dialog->findChild<QPushButton *>(QStringLiteral("actionDo"));
    typeInto(dialog, "actionReason", QStringLiteral("sensor is changed"));
    QVERIFY(!button->isEnabled());
    typeInto(dialog, "actionPermit", QStringLiteral("4711"));
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_COMPARE(model().count(AlarmList::OutOfService), 1);
    chooseList(AlarmList::OutOfService);
    QTRY_COMPARE(model().rowCount(), 1);
    QVERIFY(model().index(0, AlarmModel::BadgesColumn).data().toString().contains(QStringLiteral("permit 4711")));
    painted();
    click(0);
    QTest::mouseClick(child<QToolButton>("buttonInService"), Qt::LeftButton);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    dialog = top<QDialog>("actionDialog");
    typeInto(dialog, "actionReason", QStringLiteral("done"));
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_COMPARE(model().count(AlarmList::OutOfService), 0);
    QCOMPARE(model().unacknowledged(), 1);
}

void TestAlarms::unacknowledgesAndResets()
{
    const auto id = m_session->add("press/L1/V-01/valve");
    m_session->send(id, 9);
    painted();
    click(0);
    key(Qt::Key_A);
    QTRY_COMPARE(model().unacknowledged(), 0);
    painted();
    click(0);
    key(Qt::Key_U);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    typeInto(top<QDialog>("actionDialog"), "actionReason", QStringLiteral("too early"));
    QTest::keyClick(top<QDialog>("actionDialog"), Qt::Key_Return);
    QTRY_COMPARE(model().unacknowledged(), 1);
    m_session->wait(Millis(10));
    m_session->send(id, 1); // over, but latched
    painted();
    QTRY_COMPARE(model().count(AlarmList::Cleared), 1);
    click(0);
    key(Qt::Key_A);
    QTRY_COMPARE(model().unacknowledged(), 0);
    painted();
    click(0);
    key(Qt::Key_R);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    typeInto(top<QDialog>("actionDialog"), "actionReason", QStringLiteral("valve moved by hand"));
    QTest::keyClick(top<QDialog>("actionDialog"), Qt::Key_Return);
    QTRY_COMPARE(model().count(AlarmList::Open), 0);
}

void TestAlarms::theJournalTellsIt()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    auto *tabs = child<QTabBar>("alarmLists");
    QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(ListTabs::Journal).center());
    auto *journal = child<QTableView>("journalView");
    QTRY_VERIFY(journal->isVisible());
    QTRY_COMPARE(journal->model()->rowCount(), 1);
    QCOMPARE(journal->model()->index(0, 1).data().toString(), QStringLiteral("RAISED"));
    m_session->wait(Millis(10));
    m_session->send(id, 70);
    QTRY_COMPARE_WITH_TIMEOUT(journal->model()->rowCount(), 2, 10'000);
    QCOMPARE(journal->model()->index(0, 1).data().toString(), QStringLiteral("CLEARED")); // newest first
    QTest::keyClicks(child<QLineEdit>("alarmFilter"), QStringLiteral("raised"));
    QTRY_COMPARE(journal->model()->rowCount(), 1);
}

void TestAlarms::explains()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    painted();
    click(0);
    QTest::mouseClick(child<QToolButton>("buttonExplain"), Qt::LeftButton);
    QTRY_VERIFY(top<QDialog>("explainDialog") != nullptr);
    auto *dialog = top<QDialog>("explainDialog");
    QTRY_COMPARE(dialog->findChild<QTableWidget *>(QStringLiteral("explainChain"))->rowCount(), 1);
    QString all;
    for (const auto *label : dialog->findChildren<QLabel *>())
        all += label->text() + u'\n';
    for (const auto *word : {"85 is above high 80", "none runs", "good", "Cool P-01", "Press P-01 too hot"})
        QVERIFY2(all.contains(QLatin1String(word)), qPrintable(all));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>("explainDialog") == nullptr);
}

// Over and raised again before anybody acknowledged: the reason stands there still, and every word is one that an operator knows.
void TestAlarms::explainsWhatIsOver()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    SeriesStore store;
    const auto say = [&](double value) {
        m_session->wait(std::chrono::seconds(1));
        const Row row{m_session->now, value, Quality::Good};
        store.append(id, {&row, 1});
        m_session->send(id, value);
    };
    for (int i = 0; i < 20; ++i)
        say(60 + i);
    for (const double value : {85.0, 70.0, 88.0, 71.0, 72.0, 73.0, 74.0, 75.0, 76.0})
        say(value);
    SeriesRow row;
    row.path = std::make_shared<const std::string>("press/L1/P-01/temp");
    row.view = store.view(id);
    m_session->next.series.set(number(id), std::move(row), m_session->next.version);
    m_session->publish();
    painted();
    click(0);
    QTest::mouseClick(child<QToolButton>("buttonExplain"), Qt::LeftButton);
    QTRY_VERIFY(top<QDialog>("explainDialog") != nullptr);
    auto *dialog = top<QDialog>("explainDialog");
    QString all;
    for (const auto *label : dialog->findChildren<QLabel *>())
        all += label->text() + u'\n';
    QVERIFY2(all.contains(QStringLiteral("88 is above high 80")) && all.contains(QStringLiteral("it is over")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("All times: ") + zoneText()), qPrintable(all));
    auto *samples = dialog->findChild<QTableWidget *>(QStringLiteral("explainSamples"));
    QTRY_VERIFY(samples->currentRow() >= 0);
    QVERIFY(samples->item(samples->currentRow(), 2)->text().contains(QStringLiteral("this one raised it")));
    QTRY_VERIFY(samples->viewport()->rect().contains(samples->visualItemRect(samples->currentItem())));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>("explainDialog") == nullptr);
}

void TestAlarms::filtersByWords()
{
    makeStorm(40);
    key(Qt::Key_Slash);
    auto *filter = child<QLineEdit>("alarmFilter");
    QTRY_VERIFY(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("press 1007"));
    QTRY_COMPARE(model().rowCount(), 1);
    QVERIFY(child<QLabel>("alarmTitle")->text().contains(QStringLiteral("1 of 40")));
    QVERIFY(child<QTabBar>("alarmLists")->tabText(0).contains(QStringLiteral("40")));
    filter->selectAll();
    QTest::keyClicks(filter, QStringLiteral("nothing like it"));
    QTRY_VERIFY(child<QLabel>("alarmsEmpty")->isVisible());
    QVERIFY(child<QLabel>("alarmsEmpty")->text().contains(QStringLiteral("filter hides")));
}

void TestAlarms::keysAlone()
{
    makeStorm(3);
    key(Qt::Key_Down);
    key(Qt::Key_PageUp);
    key(Qt::Key_A);
    QTRY_VERIFY2(answer().startsWith(QStringLiteral("Acknowledged")), qPrintable(answer()));
    QTRY_COMPARE(model().unacknowledged(), 2);
    painted();
    key(Qt::Key_PageUp);
    key(Qt::Key_S);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    auto *dialog = top<QDialog>("actionDialog");
    QTRY_VERIFY(QApplication::focusWidget() != nullptr && QApplication::focusWidget()->window() == dialog);
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("by keys")); // the reason has the focus
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QTRY_COMPARE(model().count(AlarmList::Shelved), 1);
    QCOMPARE(m_session->actions.back().reason, std::string("by keys"));
    QTRY_VERIFY(top<QDialog>("actionDialog") == nullptr);
    activate();
    auto *tabs = child<QTabBar>("alarmLists");
    tabs->setFocus();
    for (int i = 0; i < static_cast<int>(AlarmList::Shelved); ++i)
        QTest::keyClick(tabs, Qt::Key_Right);
    QTRY_COMPARE(model().list(), AlarmList::Shelved);
    painted();
    view().setFocus();
    key(Qt::Key_Down);
    QTRY_VERIFY(view().selectionModel()->hasSelection());
    key(Qt::Key_S, Qt::ShiftModifier);
    QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
    QTest::keyClick(top<QDialog>("actionDialog"), Qt::Key_Return); // no reason is needed to bring it back
    QTRY_COMPARE(model().count(AlarmList::Shelved), 0);
}

void TestAlarms::theFloodSaysWhatBeganIt()
{
    makeStorm(30);
    auto *banner = child<QLabel>("floodText");
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 10'000);
    QVERIFY2(banner->text().contains(QStringLiteral("ALARM FLOOD Shop: ")), qPrintable(banner->text()));
    QVERIFY2(banner->text().contains(QStringLiteral("hot 30")), qPrintable(banner->text()));
    QTest::mouseClick(child<QToolButton>("floodFirstOut"), Qt::LeftButton);
    QTRY_VERIFY(view().selectionModel()->hasSelection());
    QCOMPARE(view().currentIndex().data(AlarmModel::PathRole).toString(), textOf(m_session->next.floods.front().firstOut));
}

// For people, where SG_SHOTS names a folder: each list, both themes, two widths.
void TestAlarms::pictures()
{
    const auto folder = qEnvironmentVariable("SG_SHOTS");
    if (folder.isEmpty())
        return;
    auto made = std::make_shared<Workspace>(*m_session->space);
    Tag tag;
    tag.unit = "°C";
    made->tags = std::make_shared<const Tags>(std::vector<TagItem>{{*Selector::parse("press/*/*/temp"), tag}});
    m_session->space = made;
    std::vector<SeriesId> ids;
    for (int i = 1; i <= 16; ++i)
        ids.push_back(m_session->add("press/L" + std::to_string(i % 3 + 1) + "/P-" + std::to_string(100 + i) + "/temp"));
    const auto valve = m_session->add("press/L1/V-01/valve");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        m_session->send(ids[i], i % 5 == 0 ? 97.25 : 83.5);
        m_session->wait(std::chrono::seconds(7));
    }
    for (int i = 0; i < 4; ++i) {
        m_session->send(ids[1], i % 2 == 0 ? 70 : 84);
        m_session->wait(std::chrono::seconds(5));
    }
    m_session->send(valve, 9);
    m_session->wait(std::chrono::seconds(5));
    m_session->send(valve, 1);
    m_session->send(ids[2], 60); // returned
    const auto act = [&](Verb verb, std::size_t first, std::size_t last) {
        OperatorAction action;
        action.verb = verb;
        action.actor = "ann@desk-3";
        action.reason = "sensor is being changed, see the shift book";
        action.permit = "WP-4711";
        for (auto n = first; n <= last; ++n) {
            const auto view = *m_session->plant.engine->view(static_cast<std::uint32_t>(n));
            action.named.push_back({view.rule->id, view.key, view.field});
            action.shown.push_back({view.regions.occurrence, view.regions.seq});
        }
        if (verb == Verb::Shelve)
            action.until = m_session->now + std::chrono::minutes(45);
        m_session->plant.engine->act(action, m_session->plant.now);
    };
    act(Verb::Acknowledge, 5, 8);
    act(Verb::Shelve, 9, 10);
    act(Verb::OutOfService, 11, 11);
    act(Verb::Note, 3, 3);
    for (const auto isDark : {false, true})
        for (const auto width : {1220, 1060, 900, 400}) {
            applyTheme(isDark);
            m_panel->resize(width, width == 400 ? 420 : 300);
            for (int tab = 0; tab <= ListTabs::Journal; ++tab) {
                m_panel->showList(tab);
                painted();
                if (tab < ListTabs::Journal && model().rowCount() > 1)
                    click(1);
                QTest::qWait(1200);
                m_panel->grab().save(QStringLiteral("%1/%2-%3-%4.png")
                                         .arg(folder, isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                                         .arg(width)
                                         .arg(tab));
                key(Qt::Key_Escape);
                view().clearSelection();
            }
            if (width != 1220)
                continue;
            m_panel->showList(0);
            painted();
            click(1);
            key(Qt::Key_S);
            QTRY_VERIFY(top<QDialog>("actionDialog") != nullptr);
            top<QDialog>("actionDialog")->grab().save(QStringLiteral("%1/shelve-%2.png").arg(folder).arg(isDark));
            QTest::keyClick(top<QDialog>("actionDialog"), Qt::Key_Escape);
            key(Qt::Key_E);
            QTRY_VERIFY(top<QDialog>("explainDialog") != nullptr);
            QTest::qWait(300);
            top<QDialog>("explainDialog")->grab().save(QStringLiteral("%1/explain-%2.png").arg(folder).arg(isDark));
            QTest::keyClick(top<QDialog>("explainDialog"), Qt::Key_Escape);
        }
    applyTheme(false);
}

QTEST_MAIN(TestAlarms)
#include "tst_alarms.moc"
