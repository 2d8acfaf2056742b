#include "widgets/consoledesk.h"

#include "items/texts.h"
#include "widgets/alarms/alarmsounds.h"
#include "widgets/alarms/attention.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/alarms/mutedialog.h"
#include "widgets/alarms/soundline.h"
#include "widgets/main/usersettings.h"

#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;
using namespace std::chrono_literals;

namespace {

QString played(Priority priority)
{
    return QString::fromLatin1(nameOf(priority));
}

}

// One desk: whose alarms it lists and sounds, when a sound comes again, mutes, and the filters that somebody saved. The clock is the
// test's, the alarms are those of a real engine.
class TestAlarmDesk : public QObject, private ConsoleDesk
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void listsAndSoundsAreApart();
    void anEventSoundsNowhere();
    void repeatsUntilAcknowledged_data();
    void repeatsUntilAcknowledged();
    void silenceEndsByItselfAndByANewAlarm();
    void chatterSoundsOnceAMinute();
    void aMuteIsNamedJournaledAndNeverCoversUrgent();
    void aMuteThatIsNotJournaledDoesNotBegin();
    void sharedShelvesComeBackOneByOne();
    void aFilterIsSavedChosenAndDeletedByKeys();
    void aDamagedFilterIsLeftOut();
    void groupsByAreaAndSource();
    void theJournalPagesByWhatIsOlder();
    void noStateIsCut_data();
    void noStateIsCut();

private:
    void look() const // what the engine has is in the window
    {
        m_session->show();
        m_desk->feed().poll();
        Q_EMIT m_desk->feed().second();
        view().viewport()->repaint();
    }
    void elapse(Micros span) const // in steps of a second, as the window lives it
    {
        for (Micros done{0}; done < span; done += 1s) {
            m_session->wait(1s);
            look();
        }
    }
    void chooseIn(QMenu *menu, const QString &text) const // by keys
    {
        for (int i = 0; i < 40 && (menu->activeAction() == nullptr || menu->activeAction()->text().remove(u'&') != text); ++i)
            QTest::keyClick(menu, Qt::Key_Down);
        QVERIFY2(menu->activeAction() != nullptr, qPrintable(text));
        QCOMPARE(menu->activeAction()->text().remove(u'&'), text);
    }

    QTemporaryDir m_home;
    std::unique_ptr<AlarmSounds> m_sounds;
    QStringList m_played; // "" for a stop
};

void TestAlarmDesk::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
}

void TestAlarmDesk::init()
{
    userSettings().clear();
    userSettings().setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
    open({1250, 480});
    m_desk->feed().stop(); // a second passes when the test says so
    m_played.clear();
    m_sounds = std::make_unique<AlarmSounds>(m_desk->feed(), m_desk->attention(), [this](std::optional<Priority> priority) {
        m_played << (priority ? played(*priority) : QString());
    });
    m_sounds->setEnabled(true);
    m_played.clear();
}

void TestAlarmDesk::cleanup()
{
    m_sounds.reset();
    close();
}

void TestAlarmDesk::listsAndSoundsAreApart()
{
    const auto noise = m_session->add("press/L1/P-01/noise"), hot = m_session->add("press/L1/P-01/temp");
    m_session->send(noise, 9);
    look();
    QCOMPARE(model().rowCount(), 0);
    QCOMPARE(m_played, QStringList());
    auto *whose = child<QToolButton>("whose");
    QVERIFY(whose->isVisible());
    QCOMPARE(whose->text(), QStringLiteral("Operators (1 wait for engineers)"));
    m_session->send(hot, 85);
    look();
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(m_played, QStringList{played(Priority::High)});
    // The engineers' desk, by the menu's keys.
    QTimer::singleShot(0, this, [&] {
        auto *menu = whose->menu();
        QTRY_VERIFY(menu->isVisible());
        chooseIn(menu, QStringLiteral("Engineers"));
        QTest::keyClick(menu, Qt::Key_Return);
    });
    whose->setFocus();
    QTest::keyClick(whose, Qt::Key_Space);
    QTRY_COMPARE(m_desk->attention().whose(), Whose::Engineers);
    look();
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(model().index(0, 0).data(AlarmModel::RuleRole).toString(), QStringLiteral("stream"));
    QCOMPARE(whose->text(), QStringLiteral("Engineers (1 wait for operators)"));
    m_session->wait(2s);
    look();
    QCOMPARE(m_played.back(), played(Priority::Medium));
    m_desk->attention().setWhose(Whose::Everybody);
    look();
    QCOMPARE(model().rowCount(), 2);
    QCOMPARE(model().othersWaiting(), 0);
    // Kept for the person.
    QCOMPARE(Attention(*m_session, m_desk->feed()).whose(), Whose::Everybody);
}

void TestAlarmDesk::anEventSoundsNowhere()
{
    m_session->plant.rules->rules.push_back(
        *test::ruleOf("id: told\narea: Shop\npriority: urgent\naudience: event\nseries: press/*/*/door\nhigh: { limit: 5 }\n"));
    m_session->plant.apply();
    m_session->send(m_session->add("press/L1/P-01/door"), 9);
    look();
    QCOMPARE(model().rowCount(), 1);
    elapse(6s);
    QCOMPARE(m_played, QStringList());
    m_desk->attention().setWhose(Whose::Engineers);
    QCOMPARE(model().rowCount(), 1);
}

void TestAlarmDesk::repeatsUntilAcknowledged_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("priority");
    QTest::addColumn<int>("pause"); // seconds
    QTest::newRow("high") << 85.0 << static_cast<int>(Priority::High) << 8;
    QTest::newRow("urgent") << 99.0 << static_cast<int>(Priority::Urgent) << 4;
}

void TestAlarmDesk::repeatsUntilAcknowledged()
{
    QFETCH(double, value);
    QFETCH(int, priority);
    QFETCH(int, pause);
    const auto name = played(static_cast<Priority>(priority));
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, value);
    look();
    QCOMPARE(m_played, QStringList{name});
    elapse(std::chrono::seconds(pause - 1));
    QCOMPARE(m_played.size(), 1);
    elapse(1s);
    QCOMPARE(m_played, QStringList({name, name}));
    elapse(std::chrono::seconds(10 * pause));
    QCOMPARE(m_played.size(), 12);
    OperatorAction action;
    action.shown = {model().shown(0)};
    action.actor = "ann";
    QVERIFY(m_session->plant.engine->act(action, m_session->now).isDone);
    look();
    QVERIFY(!m_sounds->isSounding());
    elapse(2min);
    QCOMPARE(m_played.size(), 12);
}

void TestAlarmDesk::silenceEndsByItselfAndByANewAlarm()
{
    const auto first = m_session->add("press/L1/P-01/temp"), second = m_session->add("press/L1/P-02/temp");
    m_session->send(first, 85);
    look();
    m_sounds->silence();
    QCOMPARE(m_played, QStringList({played(Priority::High), QString()}));
    QVERIFY(!m_sounds->isSounding());
    elapse(1min);
    QCOMPARE(m_played.size(), 2);
    m_session->send(second, 85); // a new one sounds
    look();
    QCOMPARE(m_played.size(), 3);
    m_sounds->silence();
    elapse(3min);
    QCOMPARE(m_played.size(), 4);
    elapse(2min + 5s); // both are unacknowledged still, and nobody answered
    QVERIFY2(m_played.size() >= 5, qPrintable(QString::number(m_played.size())));
    QVERIFY(m_sounds->isSounding());
}

void TestAlarmDesk::chatterSoundsOnceAMinute()
{
    const auto id = m_session->add("press/L1/P-01/temp");
    for (int i = 0; i < 30; ++i) { // raised every four seconds for two minutes
        m_session->send(id, 85);
        look();
        elapse(2s);
        m_session->send(id, 70);
        look();
        elapse(2s);
    }
    QVERIFY(m_session->plant.engine->view(0)->isChattering);
    // Before it is known to chatter it may sound as often as it was raised.
    QVERIFY2(m_played.size() >= 3 && m_played.size() <= 5, qPrintable(QString::number(m_played.size())));
    m_played.clear();
    for (int i = 0; i < 60; ++i) { // and now stays active: still no more than once a minute while it counts as chattering
        m_session->send(id, i % 2 == 0 ? 85 : 70);
        look();
        elapse(1s);
    }
    QVERIFY2(m_played.size() <= 1, qPrintable(m_played.join(u',')));
}

void TestAlarmDesk::aMuteIsNamedJournaledAndNeverCoversUrgent()
{
    SoundLine line(m_desk->attention(), *m_sounds);
    QVERIFY(line.isHidden());
    const auto warm = m_session->add("press/L1/P-01/temp"), hot = m_session->add("press/L1/P-02/temp");
    auto *dialog = new MuteDialog(m_desk->attention(), m_panel.get());
    dialog->open();
    auto *button = dialog->findChild<QPushButton *>(QStringLiteral("muteDo"));
    QVERIFY(!button->isEnabled()); // without a reason there is no mute
    QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("muteReason")), QStringLiteral("visitors in the room"));
    QVERIFY(button->isEnabled());
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY(m_desk->attention().isMuted());
    const auto &note = m_session->plant.journal.back();
    QCOMPARE(note.event, std::string("NOTE"));
    QVERIFY2(note.actor == "ann" && note.reason.find("muted until") != std::string::npos
                 && note.reason.find("visitors in the room") != std::string::npos,
             note.reason.c_str());
    QVERIFY(!line.isHidden());
    QVERIFY2(line.text().startsWith(QStringLiteral("Muted until")) && line.text().contains(QStringLiteral("ann")), qPrintable(line.text()));
    m_session->send(warm, 85);
    look();
    QCOMPARE(m_played, QStringList());
    QCOMPARE(model().rowCount(), 1); // the list goes on
    m_session->send(hot, 99);
    look();
    QCOMPARE(m_played, QStringList{played(Priority::Urgent)});
    m_session->send(hot, 70);
    look();
    m_played.clear();
    elapse(4min);
    QCOMPARE(m_played, QStringList());
    elapse(1min + 1s); // it is over, and what waits sounds
    QVERIFY(!m_desk->attention().isMuted());
    QVERIFY(m_played.contains(played(Priority::High)));
    QVERIFY(line.isHidden());
    // Ended by hand, by its line in the status bar.
    m_desk->attention().mute(10min, QStringLiteral("ann"), QStringLiteral("again"), [](const Outcome &) {});
    QTRY_VERIFY(m_desk->attention().isMuted());
    QTest::mouseClick(&line, Qt::LeftButton);
    QVERIFY(!m_desk->attention().isMuted());
    QVERIFY(m_session->plant.journal.back().reason.find("on again") != std::string::npos);
}

void TestAlarmDesk::aMuteThatIsNotJournaledDoesNotBegin()
{
    std::optional<Outcome> answer;
    m_desk->attention().mute(10min, QStringLiteral("ann"), QStringLiteral("x"), [&](const Outcome &outcome) { answer = outcome; });
    QTRY_VERIFY(answer);
    QVERIFY(m_desk->attention().isMuted());
    // Never longer than the longest, whatever is asked.
    m_desk->attention().mute(100h, QStringLiteral("ann"), QStringLiteral("x"), [](const Outcome &) {});
    QTRY_VERIFY(m_desk->attention().mutedUntil() == m_session->now + Attention::LongestMute);
    m_desk->attention().unmute(QStringLiteral("ann"));

    m_session->refusal = Outcome{false, {"the journal cannot be written", {}, {}}};
    answer.reset();
    m_desk->attention().mute(10min, QStringLiteral("ann"), QStringLiteral("x"), [&](const Outcome &outcome) { answer = outcome; });
    QTRY_VERIFY(answer);
    QVERIFY(!answer->isDone && !m_desk->attention().isMuted());
}

void TestAlarmDesk::sharedShelvesComeBackOneByOne()
{
    OperatorAction action;
    action.verb = Verb::Shelve;
    action.actor = "ann";
    action.reason = "test";
    action.until = m_session->now + 60s;
    for (int i = 0; i < 4; ++i) {
        m_session->send(m_session->add("press/L1/P-0" + std::to_string(i + 1) + "/temp"), 85);
        const auto alarm = *m_session->plant.engine->view(static_cast<std::uint32_t>(i));
        action.named.push_back({alarm.rule->id, alarm.key, alarm.field});
    }
    QVERIFY(m_session->plant.engine->act(action, m_session->now).isDone);
    look();
    QCOMPARE(model().count(AlarmList::Shelved), 4);
    QCOMPARE(model().count(AlarmList::Unacknowledged), 0);
    m_session->wait(60s);
    look();
    QCOMPARE(model().count(AlarmList::Unacknowledged), 4); // they are back at once, and their sounds follow
    int waiting = 0;
    for (int row = 0; row < 4; ++row)
        waiting += model().index(row, AlarmModel::BadgesColumn).data().toString().contains(QStringLiteral("sounds in")) ? 1 : 0;
    QCOMPARE(waiting, 3);
    elapse(7s);
    waiting = 0;
    for (int row = 0; row < 4; ++row)
        waiting += model().index(row, AlarmModel::BadgesColumn).data().toString().contains(QStringLiteral("sounds in")) ? 1 : 0;
    QCOMPARE(waiting, 0);
}

void TestAlarmDesk::aFilterIsSavedChosenAndDeletedByKeys()
{
    for (int i = 0; i < 6; ++i)
        m_session->send(m_session->add("press/L1/P-0" + std::to_string(i + 1) + "/temp"), i == 0 ? 99 : 85);
    look();
    auto *words = child<QLineEdit>("alarmFilter");
    auto *more = child<QToolButton>("alarmFilterMore");
    auto *menu = child<QMenu>("alarmFilterMenu");
    QTest::keyClick(&view(), Qt::Key_Slash);
    QTest::keyClicks(words, QStringLiteral("p-01"));
    QCOMPARE(model().rowCount(), 1);
    const auto inMenu = [&](const QString &text) {
        QTimer::singleShot(0, this, [this, menu, text] {
            QTRY_VERIFY(menu->isVisible());
            chooseIn(menu, text);
            QTest::keyClick(menu, Qt::Key_Return);
        });
        view().setFocus();
        QTest::keyClick(&view(), Qt::Key_F); // blocks until the menu is closed
    };
    inMenu(QStringLiteral("Save this filter …"));
    QTRY_VERIFY(top<QInputDialog>("saveFilterName") != nullptr);
    auto *name = top<QInputDialog>("saveFilterName")->findChild<QLineEdit *>();
    QTest::keyClicks(name, QStringLiteral("  My & press "));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(more->text(), QStringLiteral("My && press"));
    activate();
    words->clear();
    QTRY_COMPARE(model().rowCount(), 6);
    QCOMPARE(more->text(), QStringLiteral("All areas"));
    inMenu(QStringLiteral("My  press")); // its ampersand is taken out above
    QCOMPARE(model().rowCount(), 1);
    QCOMPARE(words->text(), QStringLiteral("p-01"));
    // Another list, another day: it is still there.
    AlarmPanel other(*m_desk, QString());
    Q_EMIT other.findChild<QMenu *>(QStringLiteral("alarmFilterMenu"))->aboutToShow();
    QVERIFY(other.findChild<QAction *>(QStringLiteral("savedFilter")) != nullptr);
    QTimer::singleShot(0, this, [this, menu] {
        QTRY_VERIFY(menu->isVisible());
        chooseIn(menu, QStringLiteral("Delete a saved filter"));
        QTest::keyClick(menu, Qt::Key_Right);
        auto *sub = menu->findChild<QMenu *>(QStringLiteral("deleteFilterMenu"));
        QTRY_VERIFY(sub->isVisible());
        QTest::keyClick(sub, Qt::Key_Return);
        menu->close();
    });
    view().setFocus();
    QTest::keyClick(&view(), Qt::Key_F);
    Q_EMIT menu->aboutToShow();
    QVERIFY(menu->findChild<QAction *>(QStringLiteral("savedFilter")) == nullptr);
    QCOMPARE(model().rowCount(), 1); // what is chosen stays chosen
}

void TestAlarmDesk::aDamagedFilterIsLeftOut()
{
    auto settings = userSettings();
    settings.beginWriteArray(QStringLiteral("alarms/filters"), 3);
    for (int i = 0; i < 3; ++i) {
        settings.setArrayIndex(i);
        settings.setValue(QStringLiteral("name"), i == 0 ? QString(500, u'x') : i == 1 ? QStringLiteral("good") : QString());
        settings.setValue(QStringLiteral("least"), i == 0 ? 99 : 2);
        settings.setValue(QStringLiteral("grouping"), 1);
    }
    settings.endArray();
    Q_EMIT child<QMenu>("alarmFilterMenu")->aboutToShow();
    const auto found = m_panel->findChildren<QAction *>(QStringLiteral("savedFilter"));
    QCOMPARE(found.size(), 1);
    QCOMPARE(found.front()->text(), QStringLiteral("good"));
}

void TestAlarmDesk::groupsByAreaAndSource()
{
    m_session->plant.rules->rules.push_back(
        *test::ruleOf("id: pump\narea: Annex\npriority: low\nseries: pumps/*/*/temp\nhigh: { limit: 5 }\n"));
    m_session->plant.apply();
    m_session->send(m_session->add("press/L1/P-01/temp"), 99);
    m_session->send(m_session->add("pumps/L1/U-01/temp"), 9);
    m_session->send(m_session->add("press/L1/P-02/temp"), 85);
    look();
    const auto groups = [this] {
        QStringList out;
        for (int row = 0; row < model().rowCount(); ++row)
            out << model().index(row, AlarmModel::GroupColumn).data().toString();
        return out;
    };
    QVERIFY(view().isColumnHidden(AlarmModel::GroupColumn));
    const auto choose = [&](const QString &text) {
        auto *menu = child<QMenu>("alarmFilterMenu");
        QTimer::singleShot(0, this, [this, menu, text] {
            QTRY_VERIFY(menu->isVisible());
            chooseIn(menu, text);
            QTest::keyClick(menu, Qt::Key_Return);
        });
        view().setFocus();
        QTest::keyClick(&view(), Qt::Key_F);
    };
    choose(QStringLiteral("By area"));
    QVERIFY(!view().isColumnHidden(AlarmModel::GroupColumn));
    QCOMPARE(groups(), QStringList({QStringLiteral("Annex"), QStringLiteral("Shop"), QString()}));
    choose(QStringLiteral("By source"));
    QCOMPARE(groups(), QStringList({QStringLiteral("press"), QString(), QStringLiteral("pumps")}));
    choose(QStringLiteral("No groups"));
    QVERIFY(view().isColumnHidden(AlarmModel::GroupColumn));
}

void TestAlarmDesk::theJournalPagesByWhatIsOlder()
{
    for (int i = 0; i < 2500; ++i) {
        JournalRow row;
        row.event = "NOTE";
        row.reason = "note " + std::to_string(i + 1);
        row.tEvent = m_session->now;
        m_session->plant.journal.push_back(std::move(row));
    }
    look();
    auto *tabs = child<QTabBar>("alarmLists");
    QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(ListTabs::Journal).center());
    auto *journal = child<QTableView>("journalView");
    auto *rows = journal->model();
    QTRY_COMPARE(rows->rowCount(), 1000);
    m_session->asked.clear();
    journal->setFocus();
    QTest::keyClick(journal, Qt::Key_Down); // the first key chooses a row to begin at
    for (const auto expected : {2000, 2500}) {
        journal->setFocus();
        QTest::keyClick(journal, Qt::Key_End, Qt::ControlModifier);
        QTRY_COMPARE(rows->rowCount(), expected);
    }
    QVERIFY(m_session->asked.size() >= 2);
    for (const auto &query : m_session->asked) // one page each, never from the newest on
        QVERIFY2(query.limit == 1000 && query.beforeSeq > 0, qPrintable(QString::number(query.limit)));
    QCOMPARE(rows->index(2499, 7).data().toString(), QStringLiteral("note 1"));
    for (int i = 0; i < 2500; i += 499)
        QCOMPARE(rows->index(i, 7).data().toString(), QStringLiteral("note %1").arg(2500 - i));
}

void TestAlarmDesk::noStateIsCut_data()
{
    QTest::addColumn<int>("width");
    for (const auto width : {1590, 1440, 1250, 1080, 900, 700, 400})
        QTest::addRow("%d", width) << width;
}

void TestAlarmDesk::noStateIsCut()
{
    QFETCH(int, width);
    m_panel->resize(width, 400);
    const auto temp = m_session->add("press/L1/P-01/temp"), valve = m_session->add("press/L1/V-01/valve");
    for (const auto value : {90.0, 60.0}) {
        m_session->send(temp, value);
        m_session->send(valve, value / 5 - 10);
        m_session->wait(1s);
    }
    look();
    QCOMPARE(model().rowCount(), 2);
    auto font = view().font();
    font.setBold(true);
    for (int row = 0; row < 2; ++row) {
        const auto index = model().index(row, AlarmModel::StateColumn);
        const auto shortest = std::min(QFontMetrics(font).horizontalAdvance(index.data().toString()),
                                       QFontMetrics(font).horizontalAdvance(index.data(AlarmModel::ShortStateRole).toString()));
        QVERIFY2(shortest + 32 <= view().columnWidth(AlarmModel::StateColumn), qPrintable(index.data().toString()));
    }
}

QTEST_MAIN(TestAlarmDesk)
#include "tst_alarmdesk.moc"
