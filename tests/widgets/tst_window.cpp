#include "catalog/catalog.h"
#include "connectors/demo/plant.h"
#include "items/alarmmodel.h"
#include "items/texts.h"
#include "widgets/main/mainwindow.h"

#include <QApplication>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;

// The window as a person meets it: everything is found by name and driven by events on visible widgets.
class TestWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void opensTheDemoWithoutConfiguration();
    void showsValuesWithinTenSeconds();
    void filtersTheTree();
    void putsASeriesOnAChartByEnter();
    void putsASeriesOnAChartByDrag();
    void undoesAndRedoesTheEdit();
    void zoomsWithTheWheelAndGoesLiveAgain();
    void freezesWhileIngestGoesOn();
    void asksWhoAcknowledges();
    void acknowledgesAnAlarm();
    void theAlarmsMenuHasTheDeeds();
    void changesARule();
    void exportsTheChart();
    void exportsTheJournal();
    void everyMenuEntryHasAKey();
    void showsTheOverlay();
    void changesAStyleFromTheMenu();
    void switchesTheme();
    void namedWorkspaceNeverFallsBackToTheDemo();

private:
    template <class T> T *find(const QString &name) const
    {
        const auto all = m_window->findChildren<T *>(name);
        for (auto *one : all)
            if (one->isVisible())
                return one;
        return nullptr;
    }
    template <class T> T *top(const QString &name) const // a dialog
    {
        for (auto *widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->objectName() == name)
                return qobject_cast<T *>(widget);
        return nullptr;
    }
    void press(const QString &action) const
    {
        auto *found = m_window->findChild<QAction *>(action);
        QVERIFY2(found != nullptr, qPrintable(action));
        QVERIFY(found->isEnabled());
        found->trigger();
    }
    void shoot(const QString &name) const
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty()) {
            QTest::qWait(300); // a picture for people; no test hangs on it
            auto *dialog = QApplication::activeModalWidget();
            m_window->grab().save(folder + u'/' + name + QStringLiteral(".png"));
            if (dialog != nullptr)
                dialog->grab().save(folder + u'/' + name + QStringLiteral("-dialog.png"));
        }
    }
    void isWhatThePlantSaid(const QStringList &lines, const QString &press) const;
    QString fileText(const QString &path) const
    {
        QFile file(textOf(m_folder) + u'/' + path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    QTableView *alarmView() const
    {
        return m_window->findChild<QWidget *>(QStringLiteral("alarmPanel"))->findChild<QTableView *>(QStringLiteral("alarmView"));
    }
    QWidget *panelChild(const QString &name) const
    {
        return m_window->findChild<QWidget *>(QStringLiteral("alarmPanel"))->findChild<QWidget *>(name);
    }
    QWidget *chartOf(const QString &tile) const { return m_window->findChild<QWidget *>(QStringLiteral("chart-") + tile); }
    QAbstractScrollArea *viewOf(const QString &tile) const
    {
        return chartOf(tile)->findChild<QAbstractScrollArea *>(QStringLiteral("chartView"));
    }

    QTemporaryDir m_home;
    std::string m_folder;
    std::unique_ptr<MainWindow> m_window;
};

void TestWindow::initTestCase()
{
    QVERIFY(m_home.isValid());
    qputenv("XDG_STATE_HOME", m_home.filePath(QStringLiteral("state")).toUtf8());
    qputenv("XDG_RUNTIME_DIR", m_home.filePath(QStringLiteral("run")).toUtf8());
    QVERIFY(QDir().mkpath(m_home.filePath(QStringLiteral("run"))));
    QFile::setPermissions(m_home.filePath(QStringLiteral("run")), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.filePath(QStringLiteral("config")));
    const auto folder = demoFolder();
    QVERIFY(folder);
    m_folder = *folder;

    WindowContext context;
    context.catalog = &sourceCatalog();
    context.start
        = [](std::shared_ptr<const Workspace> workspace) { return startSession(std::move(workspace), sourceCatalog(), SessionOptions()); };
    context.read = [](const std::string &path) { return openWorkspace(path); };
    context.demoFolder = [] { return demoFolder(); };
    m_window = std::make_unique<MainWindow>(context);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestWindow::cleanupTestCase()
{
    m_window.reset();
}

void TestWindow::opensTheDemoWithoutConfiguration()
{
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>(QStringLiteral("seriesTree")) != nullptr, 10'000);
    QVERIFY(m_window->windowTitle().contains(QStringLiteral("DEMO")));
    QVERIFY(qobject_cast<QLabel *>(panelChild(QStringLiteral("alarmTitle")))->text().contains(QStringLiteral("DEMO")));
    QVERIFY(!m_window->findChild<QAction *>(QStringLiteral("sound"))->isChecked());
}

void TestWindow::showsValuesWithinTenSeconds()
{
    auto *tree = find<QTreeView>(QStringLiteral("seriesTree"));
    QTRY_VERIFY_WITH_TIMEOUT(tree->model()->rowCount() >= 3, 10'000);
    auto *watch = find<QLabel>(QStringLiteral("watchLine"));
    QTRY_VERIFY_WITH_TIMEOUT(watch->text().contains(QStringLiteral("rules watch")), 10'000);
    shoot(QStringLiteral("open"));
}

void TestWindow::filtersTheTree()
{
    auto *filter = find<QLineEdit>(QStringLiteral("seriesFilter"));
    auto *tree = find<QTreeView>(QStringLiteral("seriesTree"));
    QTest::mouseClick(filter, Qt::LeftButton);
    QTest::keyClicks(filter, QStringLiteral("p-02 temp"));
    QTRY_COMPARE(tree->model()->rowCount(), 1);
    const auto source = tree->model()->index(0, 0);
    QCOMPARE(tree->model()->rowCount(source), 1);
    QCOMPARE(tree->model()->rowCount(tree->model()->index(0, 0, source)), 1);
}

void TestWindow::putsASeriesOnAChartByEnter()
{
    auto *tree = find<QTreeView>(QStringLiteral("seriesTree"));
    const auto key = tree->model()->index(0, 0, tree->model()->index(0, 0));
    tree->setFocus();
    tree->setCurrentIndex(tree->model()->index(0, 0, key));
    QTest::keyClick(tree, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(chartOf(QStringLiteral("chart-1")) != nullptr, 10'000);
    QVERIFY(fileText(QStringLiteral("dashboards/overview.yaml")).contains(QStringLiteral("press/L1/P-02/temp")));
    QVERIFY(fileText(QStringLiteral("dashboards/overview.yaml")).contains(QStringLiteral("press/*/*/temp"))); // all else stayed
}

void TestWindow::putsASeriesOnAChartByDrag()
{
    auto *tree = find<QTreeView>(QStringLiteral("seriesTree"));
    const auto key = tree->model()->index(0, 0, tree->model()->index(0, 0));
    const std::unique_ptr<QMimeData> data(tree->model()->mimeData({tree->model()->index(0, 0, key)}));
    auto *chart = chartOf(QStringLiteral("press-pressure"));
    QVERIFY(chart != nullptr && chart->isVisible());
    // A real drag needs a window manager's help; what it ends in are these two events on the widget under the pointer.
    QDragEnterEvent enter(chart->rect().center(), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
    QVERIFY(QApplication::sendEvent(chart, &enter) && enter.isAccepted());
    QDropEvent drop(chart->rect().center(), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(chart, &drop);
    QTRY_VERIFY_WITH_TIMEOUT(fileText(QStringLiteral("dashboards/overview.yaml")).count(QStringLiteral("press/L1/P-02/temp")) == 2, 10'000);
}

void TestWindow::undoesAndRedoesTheEdit()
{
    const auto path = QStringLiteral("dashboards/overview.yaml");
    auto *undo = m_window->findChild<QAction *>(QStringLiteral("undo"));
    QTRY_VERIFY(undo->text().contains(QStringLiteral("Change series")));
    const auto edited = fileText(path);
    press(QStringLiteral("undo"));
    QTRY_COMPARE_WITH_TIMEOUT(fileText(path).count(QStringLiteral("press/L1/P-02/temp")), 1, 10'000);
    press(QStringLiteral("redo"));
    QTRY_COMPARE_WITH_TIMEOUT(fileText(path), edited, 10'000);
}

void TestWindow::zoomsWithTheWheelAndGoesLiveAgain()
{
    auto *view = viewOf(QStringLiteral("press-temps"));
    auto *viewport = view->viewport();
    const auto at = viewport->rect().center();
    QTest::mouseClick(viewport, Qt::LeftButton, {}, at);
    QTest::keyClick(view, Qt::Key_Left); // history
    auto *banner = chartOf(QStringLiteral("press-temps"))->findChild<QLabel *>(QStringLiteral("chartBanner"));
    QTRY_VERIFY(banner->isVisible() && banner->text().contains(QStringLiteral("HISTORY")));
    QWheelEvent wheel(at, viewport->mapToGlobal(QPointF(at)), {}, QPoint(0, 240), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QVERIFY(QApplication::sendEvent(viewport, &wheel));
    QTest::mouseDClick(viewport, Qt::LeftButton, {}, at);
    QTRY_VERIFY(!banner->isVisible());
}

void TestWindow::freezesWhileIngestGoesOn()
{
    auto *view = viewOf(QStringLiteral("press-temps"));
    auto *banner = chartOf(QStringLiteral("press-temps"))->findChild<QLabel *>(QStringLiteral("chartBanner"));
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Space);
    QTRY_VERIFY(banner->isVisible() && banner->text().startsWith(QStringLiteral("FROZEN")));
    QTRY_VERIFY_WITH_TIMEOUT(!banner->text().contains(QStringLiteral(", 0 new")), 10'000);
    QTest::mouseMove(view->viewport(), view->viewport()->rect().center() + QPoint(80, 0));
    shoot(QStringLiteral("frozen"));
    QTest::keyClick(view, Qt::Key_Space);
    QTRY_VERIFY(!banner->isVisible());
}

void TestWindow::asksWhoAcknowledges()
{
    auto *view = alarmView();
    QTRY_VERIFY_WITH_TIMEOUT(view->model()->rowCount() > 0 && view->model()->index(0, 0).data(AlarmModel::IsUnacknowledgedRole).toBool(),
                             90'000);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(0, AlarmModel::NameColumn)).center());
    auto *action = qobject_cast<QPlainTextEdit *>(panelChild(QStringLiteral("actionText")));
    QTRY_VERIFY(action->toPlainText().contains(QStringLiteral("Do:")));
    shoot(QStringLiteral("alarm"));
    auto *button = panelChild(QStringLiteral("ackButton"));
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(qobject_cast<QLabel *>(panelChild(QStringLiteral("ackAnswer")))->text().contains(QStringLiteral("Who are you?")));
}

void TestWindow::acknowledgesAnAlarm()
{
    auto *view = alarmView();
    const auto unacknowledged = [view] {
        int count = 0;
        for (int row = 0; row < view->model()->rowCount(); ++row)
            count += view->model()->index(row, 0).data(AlarmModel::IsUnacknowledgedRole).toBool() ? 1 : 0;
        return count;
    };
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(0, AlarmModel::NameColumn)).center());
    const auto occurrence = view->model()->index(0, 0).data(AlarmModel::OccurrenceRole);
    QVERIFY(unacknowledged() > 0);
    auto *name = qobject_cast<QLineEdit *>(panelChild(QStringLiteral("ackName")));
    QTest::mouseClick(name, Qt::LeftButton);
    QTest::keyClicks(name, QStringLiteral("ann"));
    auto *note = qobject_cast<QLineEdit *>(panelChild(QStringLiteral("ackNote")));
    QTest::mouseClick(note, Qt::LeftButton);
    QTest::keyClicks(note, QStringLiteral("looking at it"));
    auto *button = panelChild(QStringLiteral("ackButton"));
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    auto *answer = qobject_cast<QLabel *>(panelChild(QStringLiteral("ackAnswer")));
    QTRY_VERIFY_WITH_TIMEOUT(answer->text().startsWith(QStringLiteral("Acknowledged")), 10'000);
    const auto isStillWaiting = [view, occurrence] {
        for (int row = 0; row < view->model()->rowCount(); ++row)
            if (const auto index = view->model()->index(row, 0);
                index.data(AlarmModel::OccurrenceRole) == occurrence && index.data(AlarmModel::IsUnacknowledgedRole).toBool())
                return true;
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(!isStillWaiting(), 10'000);
}

void TestWindow::theAlarmsMenuHasTheDeeds()
{
    auto *view = alarmView();
    QTRY_VERIFY_WITH_TIMEOUT(view->model()->rowCount() > 0, 90'000);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(0, AlarmModel::NameColumn)).center());
    QMenu *alarms = nullptr;
    for (auto *entry : m_window->menuBar()->actions())
        if (entry->text() == QStringLiteral("&Alarms"))
            alarms = entry->menu();
    QVERIFY(alarms != nullptr);
    for (const auto &[deed, opens] :
         std::initializer_list<std::pair<QString, QString>>{{QStringLiteral("deedShelve"), QStringLiteral("actionDialog")},
                                                            {QStringLiteral("deedNote"), QStringLiteral("actionDialog")},
                                                            {QStringLiteral("deedExplain"), QStringLiteral("explainDialog")}}) {
        alarms->popup(m_window->mapToGlobal(QPoint(200, 30)));
        QTRY_VERIFY(alarms->isVisible());
        QAction *wanted = nullptr;
        for (auto *action : alarms->actions())
            if (action->objectName() == deed)
                wanted = action;
        QVERIFY2(wanted != nullptr && wanted->isEnabled(), qPrintable(deed));
        QTest::mouseClick(alarms, Qt::LeftButton, {}, alarms->actionGeometry(wanted).center());
        QTRY_VERIFY2(top<QDialog>(opens) != nullptr, qPrintable(deed));
        QTest::keyClick(top<QDialog>(opens), Qt::Key_Escape);
        QTRY_VERIFY(top<QDialog>(opens) == nullptr);
    }
}

void TestWindow::changesARule()
{
    press(QStringLiteral("changeRule"));
    QTRY_VERIFY(top<QDialog>(QStringLiteral("ruleList")) != nullptr);
    auto *list = top<QDialog>(QStringLiteral("ruleList"));
    auto *table = list->findChild<QTableView *>(QStringLiteral("ruleTable"));
    for (int row = 0; row < table->model()->rowCount(); ++row)
        if (table->model()->index(row, 1).data().toString() == QStringLiteral("press-hot"))
            table->setCurrentIndex(table->model()->index(row, 0));
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_VERIFY(top<QDialog>(QStringLiteral("ruleDialog")) != nullptr);
    auto *dialog = top<QDialog>(QStringLiteral("ruleDialog"));
    auto *limit = dialog->findChild<QLineEdit *>(QStringLiteral("field-high/limit"));
    QVERIFY(limit != nullptr);
    QCOMPARE(limit->text(), QStringLiteral("80"));
    shoot(QStringLiteral("rule"));
    limit->setFocus();
    limit->selectAll();
    QTest::keyClicks(limit, QStringLiteral("eighty"));
    QVERIFY(!dialog->findChild<QPushButton *>(QStringLiteral("ruleSave"))->isEnabled());
    limit->selectAll();
    QTest::keyClicks(limit, QStringLiteral("82"));
    const auto before = fileText(QStringLiteral("rules/press.yaml"));
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("ruleSave")), Qt::LeftButton);
    auto expected = before;
    expected.replace(QStringLiteral("high: { limit: 80 }"), QStringLiteral("high: { limit: 82 }"));
    QVERIFY(expected != before);
    QTRY_COMPARE_WITH_TIMEOUT(fileText(QStringLiteral("rules/press.yaml")), expected, 10'000);
    QTest::keyClick(list, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>(QStringLiteral("ruleList")) == nullptr);
}

// The exported values of a press are a stretch without hole of what the plant, asked again here, says that its sensor showed.
void TestWindow::isWhatThePlantSaid(const QStringList &lines, const QString &press) const
{
    std::vector<double> exported, said;
    QDateTime before;
    for (const auto &line : lines.mid(1)) {
        const auto cells = line.split(u',');
        if (cells[1] != QStringLiteral("press/L1/%1/pressure").arg(press))
            continue;
        const auto at = QDateTime::fromString(cells[0], Qt::ISODateWithMs);
        QVERIFY2(at.isValid() && (before.isNull() || before < at), qPrintable(line));
        before = at;
        exported.push_back(cells[3].toDouble());
    }
    const Plant plant(1); // the seed of the demo workspace
    for (std::int64_t step = -6000; step < 6000; ++step)
        for (const auto &message : plant.step(PlantPart::Press, step))
            for (const auto &reading : message.readings)
                if (QString::fromStdString(message.thing) == press && reading.field == "pressure")
                    said.push_back(reading.value);
    QVERIFY2(exported.size() >= 50, qPrintable(press + u' ' + QString::number(exported.size())));
    QVERIFY2(std::search(said.begin(), said.end(), exported.begin(), exported.end()) != said.end(), qPrintable(press));
}

void TestWindow::exportsTheChart()
{
    QTest::mouseClick(viewOf(QStringLiteral("press-pressure"))->viewport(), Qt::LeftButton);
    press(QStringLiteral("exportChart"));
    QTRY_VERIFY(top<QDialog>(QStringLiteral("exportDialog")) != nullptr);
    auto *dialog = top<QDialog>(QStringLiteral("exportDialog"));
    const auto path = m_home.filePath(QStringLiteral("chart.csv"));
    dialog->findChild<QLineEdit *>(QStringLiteral("exportPath"))->setText(path);
    shoot(QStringLiteral("export"));
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("exportStart")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(dialog->findChild<QLabel *>(QStringLiteral("exportAnswer"))->text().contains(QStringLiteral("rows written")),
                             20'000);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto lines = QString::fromUtf8(file.readAll()).split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
    QVERIFY(lines.size() > 10);
    QVERIFY(lines[0].startsWith(QStringLiteral("time,series,name,value,unit,quality")));
    for (const auto &line : lines.mid(1))
        QVERIFY2(line.contains(QStringLiteral("press/L1/P-0")) && line.contains(QStringLiteral("DEMO")), qPrintable(line));
    isWhatThePlantSaid(lines, QStringLiteral("P-01"));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>(QStringLiteral("exportDialog")) == nullptr);
}

void TestWindow::exportsTheJournal()
{
    press(QStringLiteral("exportJournal"));
    QTRY_VERIFY(top<QDialog>(QStringLiteral("exportDialog")) != nullptr);
    auto *dialog = top<QDialog>(QStringLiteral("exportDialog"));
    const auto path = m_home.filePath(QStringLiteral("journal.csv"));
    dialog->findChild<QLineEdit *>(QStringLiteral("exportPath"))->setText(path);
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("exportStart")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(dialog->findChild<QLabel *>(QStringLiteral("exportAnswer"))->text().contains(QStringLiteral("rows written")),
                             20'000);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto text = QString::fromUtf8(file.readAll());
    const auto row = text.split(QStringLiteral("\r\n")).filter(QStringLiteral("ACKNOWLEDGED"));
    QVERIFY2(!row.isEmpty() && row[0].contains(QStringLiteral("ann@")) && row[0].contains(QStringLiteral("looking at it")),
             qPrintable(text));
    QTest::keyClick(dialog, Qt::Key_Escape);
}

void TestWindow::everyMenuEntryHasAKey()
{
    for (const auto *menu : m_window->menuBar()->findChildren<QMenu *>())
        for (const auto *action : menu->actions())
            QVERIFY2(action->isSeparator() || action->menu() != nullptr || !action->shortcut().isEmpty() || action->text().contains(u'\t'),
                     qPrintable(action->text()));
}

void TestWindow::showsTheOverlay()
{
    press(QStringLiteral("overlay"));
    auto *overlay = find<QLabel>(QStringLiteral("overlay"));
    QVERIFY(overlay != nullptr);
    const QRegularExpression samples(QStringLiteral("samples +([1-9][0-9,.]*)/s"));
    QTRY_VERIFY2_WITH_TIMEOUT(samples.match(overlay->text()).hasMatch(), qPrintable(overlay->text()), 10'000);
    QVERIFY(m_window->rect().contains(overlay->geometry()));
    shoot(QStringLiteral("overlay"));
    press(QStringLiteral("overlay"));
    QVERIFY(find<QLabel>(QStringLiteral("overlay")) == nullptr);
}

void TestWindow::changesAStyleFromTheMenu()
{
    auto *viewport = viewOf(QStringLiteral("press-pressure"))->viewport();
    const auto at = viewport->rect().center();
    QContextMenuEvent event(QContextMenuEvent::Mouse, at, viewport->mapToGlobal(at));
    QApplication::sendEvent(viewport, &event);
    auto *menu = chartOf(QStringLiteral("press-pressure"))->findChild<QMenu *>(QStringLiteral("chartMenu"));
    QTRY_VERIFY(menu != nullptr && menu->isVisible());
    for (auto *action : menu->findChildren<QAction *>())
        if (action->text() == QStringLiteral("&Area"))
            action->trigger();
    menu->close();
    QTRY_VERIFY_WITH_TIMEOUT(fileText(QStringLiteral("dashboards/overview.yaml")).contains(QStringLiteral("style: area")), 10'000);
    shoot(QStringLiteral("area"));
}

void TestWindow::switchesTheme()
{
    const auto before = m_window->palette().color(QPalette::Window);
    press(QStringLiteral("toggleTheme"));
    QTRY_VERIFY(m_window->palette().color(QPalette::Window) != before);
    shoot(QStringLiteral("dark"));
    press(QStringLiteral("addSource"));
    QTRY_VERIFY(top<QDialog>(QStringLiteral("connectDialog")) != nullptr);
    shoot(QStringLiteral("source"));
    QTest::keyClick(top<QDialog>(QStringLiteral("connectDialog")), Qt::Key_Escape);
}

void TestWindow::namedWorkspaceNeverFallsBackToTheDemo()
{
    QSignalSpy failed(m_window.get(), &MainWindow::openFailed);
    m_window->open("/nowhere/at/all");
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
    QVERIFY(find<QLabel>(QStringLiteral("noteTitle"))->text().contains(QStringLiteral("/nowhere/at/all")));
    QVERIFY(!find<QLabel>(QStringLiteral("noteText"))->text().isEmpty());
    QVERIFY(!m_window->windowTitle().contains(QStringLiteral("DEMO")));
    QVERIFY(find<QTreeView>(QStringLiteral("seriesTree")) == nullptr);
    shoot(QStringLiteral("error"));
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
