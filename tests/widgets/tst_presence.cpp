#include "widgets/fakedesktop.h"
#include "widgets/plantsession.h"

#include "items/texts.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/alarms/attention.h"
#include "widgets/main/mainwindow.h"
#include "widgets/main/usersettings.h"
#include "widgets/main/workbench.h"
#include "widgets/tray/alarmnotices.h"
#include "widgets/tray/tray.h"

#include <QDBusInterface>
#include <QDBusReply>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

#include <unistd.h>

using namespace sg;
using namespace std::chrono_literals;

namespace {

#ifdef SG_NO_DESKTOP
constexpr bool HasDesktop = false;
#else
constexpr bool HasDesktop = true;
#endif

}

// The program beside its window: tray, notifications, the question when it is closed. The desktop is a process of its own on a session
// bus of its own; built with SG_NO_DESKTOP there is neither bus nor tray, and everything works without.
class TestPresence : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void tellsANewAlarmInPlainText();
    void opensWhatItTells();
    void acknowledgesWhatItShowed();
    void aNewerOccurrenceStaysUnacknowledged();
    void urgentIsNeverAcknowledgedFromANotice();
    void whatBecomesUrgentIsNotAcknowledged_data();
    void whatBecomesUrgentIsNotAcknowledged();
    void aStormIsFolded();
    void tellsOnlyWhoseAlarmsTheseAre();
    void theActiveWindowIsNotTold();
    void goesOnInTheTray();
    void remembersTheAnswer();
    void stops();
    void withoutATrayItMinimises();
    void aDemoOrAnAttachedWindowDoesNotAsk();
    void theTrayComesAndGoes();
    void theTrayShowsTheWorst();

private:
    struct Told
    {
        uint id = 0;
        QString title, body, actions;
        int urgency = 0;
    };
    [[nodiscard]] std::vector<Told> told() const
    {
        std::vector<Told> out;
        const QDBusReply<QStringList> reply = m_desktop->call(QStringLiteral("Open"));
        for (const auto &line : reply.value()) {
            const auto cells = line.split(u'|');
            out.push_back({cells[0].toUInt(), cells[1], cells[2], cells[3], cells[4].toInt()});
        }
        return out;
    }
    void act(uint id, const char *action) const { m_desktop->call(QStringLiteral("Act"), id, QString::fromLatin1(action)); }
    void raise(const std::string &path, double value) const
    {
        m_session->send(m_session->add(path), value);
        look();
    }
    void look() const
    {
        if (m_isAway && !m_other->isActiveWindow())
            leave(); // a window that was mapped late takes the focus where no window manager is
        m_session->show();
        auto &feed = m_window->workbench()->desk().feed();
        feed.poll();
        Q_EMIT feed.second();
    }
    void leave() const // another program is in front
    {
        m_other->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_other.get()));
    }
    [[nodiscard]] QMessageBox *question() const
    {
        for (auto *widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->objectName() == QStringLiteral("closeQuestion"))
                return qobject_cast<QMessageBox *>(widget);
        return nullptr;
    }
    void shut() const { m_window->QWidget::close(); } // what a window manager does
    QAction *action(const char *name) const { return m_window->findChild<QAction *>(QString::fromLatin1(name)); }
    [[nodiscard]] AlarmModel &model() const { return m_window->workbench()->alarms().model(); }

    QTemporaryDir m_home;
    PlantSession *m_session = nullptr; // the window's
    bool m_isAway = true; // nobody looks at the window
    bool m_isDemo = false, m_isAttached = false;
    std::unique_ptr<QDBusInterface> m_desktop;
    std::unique_ptr<QWidget> m_other;
    std::unique_ptr<MainWindow> m_window;
};

namespace {

class LinkedSession : public PlantSession
{
public:
    [[nodiscard]] SessionLink link() const override
    {
        SessionLink link;
        link.state = isAttached ? SessionLink::State::Attached : SessionLink::State::Own;
        return link;
    }
    bool isAttached = false;
};

}

void TestPresence::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    QApplication::setQuitOnLastWindowClosed(false);
    if (HasDesktop) {
        m_desktop = std::make_unique<QDBusInterface>(QStringLiteral("org.sightglass.Test"), QStringLiteral("/test"),
                                                     QStringLiteral("org.sightglass.Test"));
        QVERIFY(m_desktop->isValid());
    }
    QCOMPARE(Tray().isAvailable(), HasDesktop);
}

void TestPresence::init()
{
    if (!QByteArray(QTest::currentTestFunction()).contains("aDemo")) {
        m_isDemo = m_isAttached = false;
        userSettings().clear();
        userSettings().setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
        userSettings().setValue(QStringLiteral("alarms/sound"), false); // a machine without audio may take long to say so
    }
    m_other = std::make_unique<QWidget>();
    m_other->setGeometry(1500, 900, 200, 100);
    m_other->show();
    static SourceCatalog catalog;
    WindowContext context;
    context.catalog = &catalog;
    context.folder = "/nowhere";
    context.read = [](const std::string &) { return Result<std::shared_ptr<const Workspace>>(PlantSession().space); };
    context.start = [this](std::shared_ptr<const Workspace>) -> Result<std::unique_ptr<Session>> {
        auto session = std::make_unique<LinkedSession>();
        session->isAttached = m_isAttached;
        auto made = std::make_shared<Workspace>(*session->space);
        made->isDemo = m_isDemo;
        session->space = made;
        m_session = session.get();
        return std::unique_ptr<Session>(std::move(session));
    };
    m_window = std::make_unique<MainWindow>(context);
    QSignalSpy opened(m_window.get(), &MainWindow::opened);
    m_window->resize(1200, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    QTRY_VERIFY(m_window->workbench() != nullptr);
    m_window->workbench()->desk().feed().stop();
    m_isAway = true;
    leave();
}

void TestPresence::cleanup()
{
    delete question();
    m_window.reset();
    m_other.reset();
    if (HasDesktop)
        for (const auto &one : told())
            m_desktop->call(QStringLiteral("Dismiss"), one.id);
}

void TestPresence::tellsANewAlarmInPlainText()
{
    if (!HasDesktop)
        return;
    m_session->plant.rules->rules.push_back(*test::ruleOf("id: odd\nname: <b>Odd</b> & {device}\npriority: medium\n"
                                                          "series: press/*/*/odd\nhigh: { limit: 5 }\n"));
    m_session->plant.apply();
    raise("press/L1/<img src=x>/odd", 9);
    QTRY_COMPARE(told().size(), 1U);
    const auto one = told().front();
    QCOMPARE(one.title, QStringLiteral("Medium: <b>Odd</b> & <img src=x>")); // plain by the specification
    QVERIFY2(one.body.contains(QStringLiteral("press/L1/&lt;img src=x&gt;/odd")) && !one.body.contains(u'<'), qPrintable(one.body));
    QVERIFY2(one.body.contains(QStringLiteral("9 is above high 5")), qPrintable(one.body));
    QCOMPARE(one.actions, QStringLiteral("default,Open,open,Open,acknowledge,Acknowledge"));
    QCOMPARE(one.urgency, 1);
}

void TestPresence::opensWhatItTells()
{
    if (!HasDesktop)
        return;
    raise("press/L1/P-01/temp", 85);
    raise("press/L1/P-02/temp", 85);
    QTRY_COMPARE(told().size(), 2U);
    m_window->hide();
    act(told().back().id, "open");
    QTRY_VERIFY(m_window->isVisible());
    auto *view = m_window->workbench()->alarms().view();
    QTRY_COMPARE(view->currentIndex().data(AlarmModel::PathRole).toString(), QStringLiteral("press/L1/P-02/temp"));
}

void TestPresence::acknowledgesWhatItShowed()
{
    if (!HasDesktop)
        return;
    raise("press/L1/P-01/temp", 85);
    QTRY_COMPARE(told().size(), 1U);
    act(told().front().id, "acknowledge");
    QTRY_COMPARE(m_session->actions.size(), 1U);
    look();
    QCOMPARE(m_session->actions.back().actor, std::string("ann"));
    QCOMPARE(model().unacknowledged(), 0);
    QTRY_COMPARE(told().size(), 0U);
    // Without a name nobody acknowledges, so the button is not there.
    userSettings().remove(QStringLiteral("operator/name"));
    raise("press/L1/P-02/temp", 85);
    QTRY_COMPARE(told().size(), 1U);
    QVERIFY(!told().front().actions.contains(QStringLiteral("acknowledge")));
}

void TestPresence::aNewerOccurrenceStaysUnacknowledged()
{
    if (!HasDesktop)
        return;
    const auto id = m_session->add("press/L1/P-01/temp");
    m_session->send(id, 85);
    look();
    QTRY_COMPARE(told().size(), 1U);
    const auto first = model().shown(0);
    const auto old = told().front().id;
    for (const auto value : {70.0, 85.0}) { // between the look and the click
        m_session->wait(300ms);
        m_session->send(id, value);
    }
    m_window->workbench()->desk().feed().poll();
    QVERIFY(model().shown(0).occurrence != first.occurrence);
    act(old, "acknowledge");
    QTRY_COMPARE(m_session->actions.size(), 1U);
    QCOMPARE(m_session->actions.back().shown.front().occurrence, first.occurrence);
    look();
    QCOMPARE(model().unacknowledged(), 1);
    const auto isAnswered = [this] {
        const auto all = told();
        return std::any_of(all.begin(), all.end(), [](const Told &one) { return one.body.contains(QStringLiteral("raised again")); });
    };
    QTRY_VERIFY(isAnswered());
}

void TestPresence::urgentIsNeverAcknowledgedFromANotice()
{
    if (!HasDesktop)
        return;
    raise("press/L1/P-01/temp", 99);
    QTRY_COMPARE(told().size(), 1U);
    const auto one = told().front();
    QCOMPARE(one.urgency, 2);
    QVERIFY(!one.actions.contains(QStringLiteral("acknowledge")));
    act(one.id, "acknowledge"); // whatever a server invokes
    act(one.id, "open"); // comes behind it
    QTRY_VERIFY(m_window->isActiveWindow());
    QVERIFY(m_session->actions.empty());
}

void TestPresence::whatBecomesUrgentIsNotAcknowledged_data()
{
    QTest::addColumn<bool>("isTidied");
    QTest::newRow("the click comes first") << false;
    QTest::newRow("the notice is told anew") << true;
}

void TestPresence::whatBecomesUrgentIsNotAcknowledged()
{
    if (!HasDesktop)
        return;
    QFETCH(bool, isTidied);
    raise("press/L1/P-01/temp", 85);
    QTRY_COMPARE(told().size(), 1U);
    const auto first = told().front();
    QVERIFY(first.actions.contains(QStringLiteral("acknowledge")));
    const auto shown = model().shown(0);
    m_session->plant.rules->rules[0] = *test::ruleOf("id: hot\nname: Press {device} too hot\narea: Shop\npriority: urgent\n"
                                                     "series: press/*/*/temp\nhigh: { limit: 80 }\n"
                                                     "high_high: { limit: 95, priority: urgent }\naction: Cool {device}\n");
    m_session->plant.apply();
    m_session->show();
    m_window->workbench()->desk().feed().poll();
    QCOMPARE(model().shown(0).occurrence, shown.occurrence); // the same raise
    QCOMPARE(model().shown(0).seq, shown.seq);
    if (isTidied) {
        look();
        QTRY_VERIFY(told().size() == 1 && told().front().id != first.id);
        QVERIFY(!told().front().actions.contains(QStringLiteral("acknowledge")));
        QVERIFY2(told().front().title.startsWith(QStringLiteral("Urgent")), qPrintable(told().front().title));
        QCOMPARE(told().front().urgency, 2);
    } else {
        act(first.id, "acknowledge");
        QTRY_VERIFY(m_window->isActiveWindow()); // the list is opened instead
        QVERIFY(m_session->actions.empty());
        QCOMPARE(model().unacknowledged(), 1);
    }
}

void TestPresence::aStormIsFolded()
{
    if (!HasDesktop)
        return;
    std::vector<SeriesId> ids;
    for (int i = 0; i < 13; ++i)
        ids.push_back(m_session->add("press/L1/P-" + std::to_string(100 + i) + "/temp"));
    m_session->storm(ids, 85);
    look();
    look();
    QTRY_COMPARE(told().size(), 4U);
    const auto foldOf = [this] {
        const auto all = told();
        const auto found = std::find_if(all.begin(), all.end(), [](const Told &one) { return one.title.startsWith(u'+'); });
        return found == all.end() ? Told() : *found;
    };
    QTRY_VERIFY2(foldOf().title.startsWith(QStringLiteral("+10 more")), qPrintable(foldOf().title));
    QVERIFY2(foldOf().title.contains(QStringLiteral("High")) && !foldOf().actions.contains(QStringLiteral("acknowledge")),
             qPrintable(foldOf().actions));
    const QDBusReply<int> calls = m_desktop->call(QStringLiteral("Calls"));
    std::vector<SeriesId> more; // ten thousand more cost one notice
    for (int i = 0; i < 2000; ++i)
        more.push_back(m_session->add("press/L2/P-" + std::to_string(1000 + i) + "/temp"));
    m_session->storm(more, 85);
    look();
    look();
    QTRY_VERIFY2(foldOf().title.startsWith(QStringLiteral("+2010 more")) || foldOf().title.startsWith(QStringLiteral("+2,010 more")),
                 qPrintable(foldOf().title));
    QVERIFY(QDBusReply<int>(m_desktop->call(QStringLiteral("Calls"))).value() <= calls.value() + 3);
    OperatorAction action;
    action.actor = "bob"; // acknowledged elsewhere: nothing stays behind
    for (std::size_t i = 0; i < m_session->plant.engine->instances(); ++i) {
        const auto alarm = *m_session->plant.engine->view(static_cast<std::uint32_t>(i));
        action.shown.push_back({alarm.regions.occurrence, alarm.regions.seq});
    }
    QVERIFY(m_session->plant.engine->act(action, m_session->now).isDone);
    look();
    QTRY_COMPARE(told().size(), 0U);
}

void TestPresence::tellsOnlyWhoseAlarmsTheseAre()
{
    if (!HasDesktop)
        return;
    raise("press/L1/P-01/noise", 9); // the engineers'
    raise("press/L1/P-01/temp", 85);
    QTRY_COMPARE(told().size(), 1U);
    QVERIFY(told().front().title.contains(QStringLiteral("too hot")));
}

void TestPresence::theActiveWindowIsNotTold()
{
    if (!HasDesktop)
        return;
    m_isAway = false;
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    raise("press/L1/P-01/temp", 85); // is on the list, before somebody's eyes
    m_isAway = true;
    raise("press/L1/P-02/temp", 85);
    QTRY_COMPARE(told().size(), 1U);
    QVERIFY(told().front().body.contains(QStringLiteral("P-02")));
    // Switched off in the menu.
    action("notify")->trigger();
    raise("press/L1/P-03/temp", 85);
    action("notify")->trigger();
    raise("press/L1/P-04/temp", 85);
    QTRY_COMPARE(told().size(), 2U);
    QVERIFY(told().back().body.contains(QStringLiteral("P-04")));
}

void TestPresence::goesOnInTheTray()
{
    if (!HasDesktop)
        return;
    shut();
    QTRY_VERIFY(question() != nullptr);
    QVERIFY(m_window->isVisible());
    shut(); // impatience makes no second question
    QCOMPARE(m_window->findChildren<QMessageBox *>(QStringLiteral("closeQuestion")).size(), 1);
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(question() == nullptr && m_window->isVisible());
    shut();
    QTRY_VERIFY(question() != nullptr);
    QVERIFY(question()->informativeText().contains(QStringLiteral("tray")));
    QTest::keyClick(question(), Qt::Key_Return); // to go on is what Enter does
    QTRY_VERIFY(!m_window->isVisible());
    QVERIFY(!QApplication::quitOnLastWindowClosed());
    raise("press/L1/P-01/temp", 85); // it watches, and tells
    QCOMPARE(model().rowCount(), 1);
    QTRY_COMPARE(told().size(), 1U);
    const QDBusReply<bool> clicked = m_desktop->call(QStringLiteral("ClickTray"));
    QVERIFY(clicked.value());
    QTRY_VERIFY(m_window->isVisible());
    QVERIFY(QApplication::quitOnLastWindowClosed());
}

void TestPresence::theTrayComesAndGoes()
{
    if (!HasDesktop)
        return;
    const auto asked = [this] { return QDBusReply<int>(m_desktop->call(QStringLiteral("TrayAsked"))).value(); };
    const auto before = asked();
    QVERIFY(before > 0); // it was asked when the window was made
    for (int i = 0; i < 5; ++i) {
        look();
        Q_EMIT m_window->workbench()->desk().feed().second();
    }
    QCOMPARE(asked(), before); // and nobody waits for it every second
    userSettings().setValue(QStringLiteral("window/onClose"), QStringLiteral("keep"));
    shut();
    QVERIFY(!m_window->isVisible());
    m_desktop->call(QStringLiteral("SetTray"), false);
    const auto isFound = [this] {
        Q_EMIT m_window->workbench()->desk().feed().second();
        return m_window->isVisible();
    };
    QTRY_VERIFY(isFound()); // nobody could find the window again
    shut();
    QTRY_VERIFY(question() != nullptr);
    QVERIFY2(question()->informativeText().contains(QStringLiteral("no tray")), qPrintable(question()->informativeText()));
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(question() == nullptr);
    m_desktop->call(QStringLiteral("SetTray"), true);
    const auto isHidden = [this] {
        if (auto *asks = question())
            asks->reject();
        else
            shut();
        return !m_window->isVisible();
    };
    QTRY_VERIFY(isHidden());
    const QDBusReply<bool> clicked = m_desktop->call(QStringLiteral("ClickTray"));
    QVERIFY(clicked.value());
    QTRY_VERIFY(m_window->isVisible());
}

void TestPresence::remembersTheAnswer()
{
    if (!HasDesktop)
        return;
    shut();
    QTRY_VERIFY(question() != nullptr);
    question()->findChild<QCheckBox *>(QStringLiteral("closeRemember"))->setChecked(true);
    QTest::mouseClick(question()->findChild<QPushButton *>(QStringLiteral("closeKeep")), Qt::LeftButton);
    QTRY_VERIFY(!m_window->isVisible());
    m_window->show();
    shut();
    QVERIFY(question() == nullptr && !m_window->isVisible());
    m_window->show();
    action("quit")->trigger(); // to quit is another question, whatever is remembered of closing
    QTRY_VERIFY(question() != nullptr);
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(question() == nullptr);
    action("askAgain")->trigger();
    shut();
    QTRY_VERIFY(question() != nullptr);
    QVERIFY(m_window->isVisible());
}

void TestPresence::stops()
{
    shut();
    QTRY_VERIFY(question() != nullptr);
    QTest::mouseClick(question()->findChild<QPushButton *>(QStringLiteral("closeStop")), Qt::LeftButton);
    QTRY_VERIFY(!m_window->isVisible());
    QVERIFY(QApplication::quitOnLastWindowClosed());
    QApplication::setQuitOnLastWindowClosed(false);
}

void TestPresence::withoutATrayItMinimises()
{
    if (HasDesktop)
        return;
    raise("press/L1/P-01/temp", 85); // no bus, no tray: nothing happens, and nothing breaks
    raise("press/L1/P-02/temp", 99);
    shut();
    QTRY_VERIFY(question() != nullptr);
    QVERIFY2(question()->informativeText().contains(QStringLiteral("no tray")), qPrintable(question()->informativeText()));
    QVERIFY(!question()->findChild<QCheckBox *>(QStringLiteral("closeRemember"))->isVisible());
    QTest::keyClick(question(), Qt::Key_Return);
    QTRY_VERIFY(m_window->isMinimized());
    QCOMPARE(model().rowCount(), 2);
    // "Keep" remembered on a desktop that had a tray does not lose the window on one without.
    m_window->showNormal();
    userSettings().setValue(QStringLiteral("window/onClose"), QStringLiteral("keep"));
    shut();
    QTRY_VERIFY(question() != nullptr);
}

void TestPresence::aDemoOrAnAttachedWindowDoesNotAsk()
{
    for (const auto isDemo : {true, false}) {
        m_isDemo = isDemo;
        m_isAttached = !isDemo;
        m_window->open("/nowhere");
        QTRY_VERIFY(m_window->workbench() != nullptr);
        m_window->show();
        shut();
        QVERIFY(question() == nullptr && !m_window->isVisible());
    }
}

void TestPresence::theTrayShowsTheWorst()
{
    const auto state = [this] { return trayStateOf(*m_window->workbench()->desk().feed().current(), Whose::Operators); };
    std::vector<QImage> seen;
    const auto isNew = [&](const TrayState &one) {
        const auto image = trayIcon(one).pixmap(32, 32).toImage();
        const auto isOther = std::find(seen.begin(), seen.end(), image) == seen.end();
        seen.push_back(image);
        return isOther;
    };
    QVERIFY(isNew(TrayState()) && trayText(TrayState()).contains(QStringLiteral("nothing is known")));
    look();
    QVERIFY(isNew(state()) && trayText(state()).contains(QStringLiteral("no alarm")));
    raise("press/L1/V-01/valve", 9);
    QVERIFY(isNew(state()) && trayText(state()).contains(QStringLiteral("1 unacknowledged, worst Low")));
    raise("press/L1/P-01/noise", 9); // not theirs
    QCOMPARE(state().unacknowledged, 1);
    raise("press/L1/P-01/temp", 85);
    QVERIFY(isNew(state()) && trayText(state()).contains(QStringLiteral("2 unacknowledged, worst High")));
    OperatorAction action;
    action.actor = "ann";
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto alarm = *m_session->plant.engine->view(i);
        action.shown.push_back({alarm.regions.occurrence, alarm.regions.seq});
    }
    QVERIFY(m_session->plant.engine->act(action, m_session->now).isDone);
    look();
    QVERIFY(isNew(state()) && !state().isUnacknowledged && trayText(state()).contains(QStringLiteral("acknowledged")));
    raise("press/L1/P-02/temp", 99);
    QVERIFY(isNew(state()) && trayText(state()).contains(QStringLiteral("worst Urgent")));
    m_session->next.isLost = true;
    look();
    QVERIFY(state().isBlind);
}

int main(int argc, char **argv)
{
    if (argc > 1 && QByteArray(argv[1]) == "--desktop")
        return runFakeDesktop(argc, argv);
    if (!HasDesktop) {
        qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    } else if (!qEnvironmentVariableIsSet("SG_OWN_BUS")) { // a bus of its own around all of this
        qputenv("SG_OWN_BUS", "1");
        std::vector<char *> arguments{const_cast<char *>("dbus-run-session"), const_cast<char *>("--")};
        arguments.insert(arguments.end(), argv, argv + argc);
        arguments.push_back(nullptr);
        execvp(arguments[0], arguments.data());
        std::perror("dbus-run-session (of the package dbus-daemon)");
        return 1;
    } else {
        std::FILE *desktop = popen(("'" + std::string(argv[0]) + "' --desktop").c_str(), "r"); // ends with the bus
        char line[16] = "";
        if (desktop == nullptr || std::fgets(line, sizeof line, desktop) == nullptr || std::strcmp(line, "ready\n") != 0) {
            std::fputs("the desktop of the test did not start\n", stderr);
            return 1;
        }
    }
    QApplication app(argc, argv);
    TestPresence test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_presence.moc"
