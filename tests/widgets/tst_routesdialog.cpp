#include "support/fakesession.h"

#include "items/texts.h"
#include "state/statefile.h"
#include "widgets/main/mainwindow.h"
#include "widgets/main/workbench.h"
#include "widgets/notify/routesdialog.h"
#include "widgets/theme/theme.h"
#include "widgets/tune/resulttable.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;

namespace {

Time at(int minute)
{
    return Time(std::chrono::hours(24 * 365 * 50) + std::chrono::minutes(minute));
}

OutboxRow message(std::uint64_t id, const char *route, OutboxRow::State state, std::uint32_t attempts, const char *why = "")
{
    OutboxRow row;
    row.id = id;
    row.route = route;
    row.occurrence = 100 + id;
    row.number = 1;
    row.state = state;
    row.attempts = attempts;
    row.made = at(static_cast<int>(id));
    if (row.isOver())
        row.ended = at(static_cast<int>(id) + 1);
    row.why = why;
    row.facts = {{"name", "Press <b>too hot</b>"}, {"path", "press/L1/P-07/temp"}, {"event", "RAISED"}};
    return row;
}

}

// Who is told beyond the desk, as an operator looks at it: by the menu and the keyboard, on an outbox that an evaluator wrote.
class TestRoutesDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void showsWhatArrivesAndWhatDoesNot();
    void anErrorGoesWithItsCause();
    void sendsATestByKeys();
    void nobodyIsTold();
    void cleanup() { m_window.reset(); }

private:
    RoutesDialog *open(bool hasRoutes = true);
    static QString cell(const QTableView &view, int row, int column) { return view.model()->index(row, column).data().toString(); }

    QTemporaryDir m_home, m_state;
    SourceCatalog m_catalog;
    FakeSession *m_session = nullptr; // the window's
    std::unique_ptr<StateFile> m_file;
    std::unique_ptr<MainWindow> m_window;
};

void TestRoutesDialog::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    setDisplayZone(QTimeZone::utc());
    auto file = StateFile::open(m_state.path().toStdString());
    QVERIFY(file);
    m_file = std::move(*file);
    Commit commit;
    commit.reference = at(0);
    commit.outbox = {message(1, "hook", OutboxRow::State::Delivered, 1), message(2, "hook", OutboxRow::State::Delivered, 3),
                     message(3, "mail", OutboxRow::State::Waiting, 2, "mail.example refuses this user or password"),
                     message(4, "mail", OutboxRow::State::Waiting, 0)};
    QVERIFY(m_file->write(commit));
}

RoutesDialog *TestRoutesDialog::open(bool hasRoutes)
{
    auto session = std::make_shared<std::unique_ptr<FakeSession>>(std::make_unique<FakeSession>());
    m_session = session->get();
    auto workspace = std::make_shared<Workspace>(*m_session->space);
    if (hasRoutes) {
        for (const char *id : {"hook", "mail"}) {
            RouteSpec route;
            route.target.id = id;
            route.target.kind = std::string_view(id) == "hook" ? "http" : "smtp";
            workspace->routes.routes.push_back(route);
        }
        m_session->folder = m_state.path().toStdString();
    } else {
        m_session->folder = m_home.path().toStdString();
    }
    m_session->space = workspace;
    WindowContext context;
    context.catalog = &m_catalog;
    context.folder = "/nowhere";
    context.read = [workspace](const std::string &) { return Result<std::shared_ptr<const Workspace>>(workspace); };
    context.start = [session](const auto &) { return Result<std::unique_ptr<Session>>(std::move(*session)); };
    m_window = std::make_unique<MainWindow>(context);
    m_window->show();
    if (!QTest::qWaitFor([this] { return m_window->workbench() != nullptr; }))
        return nullptr;
    if (auto *action = m_window->findChild<QAction *>(QStringLiteral("routes")))
        action->trigger();
    RoutesDialog *dialog = nullptr;
    const bool isThere = QTest::qWaitFor([&] {
        for (auto *widget : QApplication::topLevelWidgets())
            if (auto *one = qobject_cast<RoutesDialog *>(widget); one != nullptr && one->isVisible())
                dialog = one;
        return dialog != nullptr;
    });
    return isThere && QTest::qWaitForWindowExposed(dialog) ? dialog : nullptr;
}

void TestRoutesDialog::showsWhatArrivesAndWhatDoesNot()
{
    auto *dialog = open();
    QVERIFY(dialog != nullptr);
    const auto *routes = dialog->findChild<ResultTable *>(QStringLiteral("routesTable"));
    const auto *messages = dialog->findChild<ResultTable *>(QStringLiteral("messagesTable"));
    QTRY_COMPARE(cell(*routes, 0, 3), QStringLiteral("delivers"));
    QVERIFY2(cell(*routes, 1, 3).startsWith(QLatin1String("fails, 2")), qPrintable(cell(*routes, 1, 3)));
    QCOMPARE(cell(*routes, 1, 5), QStringLiteral("mail.example refuses this user or password"));
    QCOMPARE(messages->model()->rowCount(), 2); // of the first route
    QCOMPARE(cell(*messages, 0, 4), QStringLiteral("3, a retry"));
    QCOMPARE(cell(*messages, 0, 3), QStringLiteral("Press <b>too hot</b>"));
    if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty())
        dialog->grab().save(folder + QStringLiteral("/routes.png"));
}

void TestRoutesDialog::anErrorGoesWithItsCause()
{
    auto *dialog = open();
    QVERIFY(dialog != nullptr);
    const auto *said = dialog->findChild<QLabel *>(QStringLiteral("routesSaid"));
    const auto *routes = dialog->findChild<ResultTable *>(QStringLiteral("routesTable"));
    QTRY_COMPARE(cell(*routes, 0, 3), QStringLiteral("delivers"));
    const auto folder = std::exchange(m_session->folder, "/nowhere/at/all");
    QTRY_VERIFY2(!said->text().isEmpty(), "it is read again by itself");
    m_session->folder = folder; // the same rows as before
    QTRY_COMPARE(said->text(), QString());
}

void TestRoutesDialog::sendsATestByKeys()
{
    auto *dialog = open();
    QVERIFY(dialog != nullptr);
    auto *routes = dialog->findChild<ResultTable *>(QStringLiteral("routesTable"));
    QTRY_COMPARE(routes->model()->rowCount(), 2);
    dialog->activateWindow();
    routes->setFocus();
    QTest::keyClick(routes, Qt::Key_Down);
    QTRY_COMPARE(routes->currentRow(), 1);
    m_session->answer = {true, {SG_TR("a test message to '%1' is on its way"), {"mail"}, {}}};
    auto *button = dialog->findChild<QPushButton *>(QStringLiteral("routesTest"));
    QVERIFY(button->isEnabled());
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    QTRY_VERIFY(!m_session->submitted.empty());
    const auto *test = std::get_if<TestRoute>(&m_session->submitted.back().what);
    QVERIFY(test != nullptr);
    QCOMPARE(test->route, std::string("mail"));
    QTRY_VERIFY(dialog->findChild<QLabel *>(QStringLiteral("routesSaid"))->text().contains(QLatin1String("on its way")));
    QTRY_VERIFY(button->isEnabled());
}

void TestRoutesDialog::nobodyIsTold()
{
    auto *dialog = open(false);
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->findChild<QLabel *>(QStringLiteral("routesEmpty"))->isVisible());
    QVERIFY(!dialog->findChild<ResultTable *>(QStringLiteral("routesTable"))->isVisible());
    QVERIFY(!dialog->findChild<QPushButton *>(QStringLiteral("routesTest"))->isEnabled());
}

QTEST_MAIN(TestRoutesDialog)
#include "tst_routesdialog.moc"
