#include "storedsession.h"

#include "export/kpiexport.h"
#include "items/texts.h"
#include "state/historyreader.h"
#include "state/kpireader.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/mainwindow.h"
#include "widgets/main/workbench.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/theme/theme.h"
#include "widgets/tune/advicechart.h"
#include "widgets/tune/advisorpanel.h"
#include "widgets/tune/backtestpanel.h"
#include "widgets/tune/kpidialog.h"
#include "widgets/tune/periodbar.h"
#include "widgets/tune/recordsdialog.h"
#include "widgets/tune/resulttable.h"

#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;
using test::Bench;
using test::StoredSession;

namespace {

constexpr double Length = 7200; // seconds of the plant's day

const char *const Rules = "rules:\n"
                          "  - id: hot\n    name: Press {device} too hot\n    series: press/*/*/temp\n    priority: high\n    area: Shop\n"
                          "    high: { limit: 80 }\n    respond_within: 5min\n    action: Cool it\n"
                          "  - id: slow\n    series: press/*/*/flow\n    priority: low\n    area: Yard\n    low: { limit: 5 }\n";

// Every ten minutes one raise of 2 s, one of 8 s and one of 100 s, of which somebody acknowledges the middle one; and a gap.
void fill(StoredSession &session, double length = Length)
{
    auto &bench = session.bench;
    bench.evaluator().noteStarted(Bench::mono(0), "test");
    for (int t = 0; t < static_cast<int>(length); t += 2) {
        const int in = t % 600;
        const bool isHot = (in >= 60 && in < 62) || (in >= 120 && in < 128) || (in >= 300 && in < 400);
        bench.row("temp", t, t, isHot ? 90 : 70 + std::sin(t * 0.01));
        bench.row("flow", t, t, t >= 4000 && t < 4500 ? 3 : 9);
        bench.elapse(t + 0.5);
        if (in == 124) {
            OperatorAction ack;
            ack.verb = Verb::Acknowledge;
            ack.actor = "ann@desk-3";
            const auto snapshot = bench.snapshot(t + 0.5);
            for (std::size_t n = 0; n < snapshot->alarms.size(); ++n)
                if (const auto &alarm = snapshot->alarms.at(n).alarm; alarm.rule && alarm.rule->id == "hot") {
                    ack.named.push_back({alarm.rule->id, alarm.key, alarm.field});
                    ack.shown.push_back({alarm.regions.occurrence, alarm.regions.seq});
                }
            QVERIFY(bench.act(ack, t + 0.6).isDone);
        }
        if (t == 5000)
            bench.mark(Gap{Bench::time(4900), Bench::time(5000), {SG_TR("lost"), {}, {}}}, t);
    }
    session.show(length);
}

}

// KPI report, backtest and advisor as an engineer uses them, on a state that an evaluator wrote.
class TestTune : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void theLastShift_data();
    void theLastShift();
    void theReportIsThatOfTheEngine_data();
    void theReportIsThatOfTheEngine();
    void aNumberLeadsToItsRecords();
    void aBadActorLeadsToItsTuning();
    void everyTableLeadsToItsRecords();
    void theReportIsExported();
    void emptyOnesSaySo();
    void kpiByKeysAlone();
    void theBacktestIsThatOfTheEngine_data();
    void theBacktestIsThatOfTheEngine();
    void bothVersionsEndWhereOneHasTooMany_data();
    void bothVersionsEndWhereOneHasTooMany();
    void aBacktestIsCancelledAndRunAgain();
    void whatABacktestCannotDoIsSaid();
    void aPointOfTheAdviceGoesIntoTheDraft();
    void tunedByKeysAlone();
    void pictures();

private:
    void open(bool isAttached = false, bool isFilled = true);
    template <class T> T *top(const char *name) const // the newest of this name
    {
        T *out = nullptr;
        for (auto *widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->objectName() == QLatin1String(name))
                out = qobject_cast<T *>(widget);
        return out;
    }
    template <class T> T *child(QWidget *of, const char *name) const { return of->findChild<T *>(QString::fromLatin1(name)); }
    KpiDialog *openKpi()
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        KpiDialog *dialog = nullptr;
        if (!QTest::qWaitFor([&] { return (dialog = top<KpiDialog>("kpiDialog")) != nullptr && dialog->report() != nullptr; }))
            return nullptr;
        return isReady(dialog) ? dialog : nullptr;
    }
    static bool isReady(QWidget *window) // no window manager gives the focus to a new window here
    {
        if (!QTest::qWaitForWindowExposed(window))
            return false;
        return QTest::qWaitFor([window] {
            if (QApplication::activeWindow() != window)
                window->activateWindow();
            return QApplication::focusWidget() != nullptr && QApplication::focusWidget()->window() == window;
        });
    }
    RuleDialog *openRule() // the first, "hot"
    {
        QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
        QDialog *list = nullptr;
        if (!QTest::qWaitFor([&] { return (list = top<QDialog>("ruleList")) != nullptr; }) || !isReady(list))
            return nullptr;
        auto *rules = child<QTableView>(list, "ruleTable");
        rules->setFocus();
        QTest::keyClick(rules, Qt::Key_Home, Qt::ControlModifier);
        QTest::keyClick(rules, Qt::Key_Return);
        RuleDialog *dialog = nullptr;
        if (!QTest::qWaitFor([&] { return (dialog = top<RuleDialog>("ruleDialog")) != nullptr; }) || !isReady(dialog))
            return nullptr;
        return dialog;
    }
    // Its page, by a click on its tab.
    template <class T> T *openPage(RuleDialog &dialog, const char *name) const
    {
        auto *pages = child<QTabWidget>(&dialog, "rulePages");
        auto *page = child<T>(&dialog, name);
        QTest::mouseClick(pages->tabBar(), Qt::LeftButton, {}, pages->tabBar()->tabRect(pages->indexOf(page)).center());
        return QTest::qWaitFor([&] { return page->isVisible(); }) ? page : nullptr;
    }
    void typeInto(QWidget &dialog, const char *field, const QString &text) const
    {
        auto *edit = child<QLineEdit>(&dialog, field);
        QVERIFY2(edit != nullptr, field);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }
    // What the engine itself says of the last 24 hours.
    std::vector<Occurrence> engineOccurrences(const std::shared_ptr<const Rule> &rule) const
    {
        const auto space = withRule(*m_session->space, rule);
        BacktestDataOptions where;
        where.stateFolder = m_session->folder;
        const auto data = readBacktestData(space, where);
        BacktestOptions options;
        options.from = m_session->now - std::chrono::hours(24);
        options.to = m_session->now;
        options.rule = rule->id;
        auto result = runBacktest(space, *data, options);
        if (!result)
            qFatal("%s", result.error().plain().c_str());
        return std::move(result->occurrences);
    }
    void choosePage(KpiDialog &dialog, int page) const
    {
        auto *pages = child<QListWidget>(&dialog, "kpiPages");
        pages->scrollToItem(pages->item(page));
        QTest::mouseClick(pages->viewport(), Qt::LeftButton, {}, pages->visualItemRect(pages->item(page)).center());
    }
    static QPoint centre(const QTableView &view, int row, int column) { return view.visualRect(view.model()->index(row, column)).center(); }
    KpiReport engineReport(Time from, Time to) const
    {
        KpiOptions options;
        options.from = from;
        options.to = to;
        options.rules = m_session->space->rules;
        auto report = readKpi(m_session->folder, options);
        if (!report)
            qFatal("%s", report.error().plain().c_str());
        return std::move(*report);
    }
    void shoot(QWidget &widget, const QString &name) const // a picture for people; no test hangs on it
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty())
            widget.grab().save(folder + u'/' + name + QStringLiteral(".png"));
    }

    QTemporaryDir m_home;
    SourceCatalog m_catalog;
    StoredSession *m_session = nullptr; // the window's
    std::unique_ptr<MainWindow> m_window;
};

void TestTune::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    setDisplayZone(QTimeZone::utc());
    QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sightglass"), QStringLiteral("sightglass"));
    settings.setValue(QStringLiteral("window/zone"), QStringLiteral("UTC"));
    settings.setValue(QStringLiteral("operator/name"), QStringLiteral("ann"));
}

void TestTune::open(bool isAttached, bool isFilled)
{
    auto session = std::make_shared<std::unique_ptr<StoredSession>>(std::make_unique<StoredSession>(Rules, isAttached));
    m_session = session->get();
    if (isFilled)
        fill(*m_session);
    WindowContext context;
    context.catalog = &m_catalog;
    context.folder = "/nowhere";
    context.read = [space = m_session->space](const std::string &) { return Result<std::shared_ptr<const Workspace>>(space); };
    context.start = [session](const auto &) { return Result<std::unique_ptr<Session>>(std::move(*session)); };
    m_window = std::make_unique<MainWindow>(context);
    m_window->show();
    QTRY_VERIFY(m_window->workbench() != nullptr);
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    m_window->workbench()->desk().feed().poll();
}

void TestTune::cleanup()
{
    m_window.reset();
    m_session = nullptr;
}

void TestTune::theLastShift_data()
{
    QTest::addColumn<QString>("now");
    QTest::addColumn<int>("begins");
    QTest::addColumn<int>("hours");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("early shift is over") << "2026-11-21T14:30" << 6 << 8 << "2026-11-21T06:00"
                                         << "2026-11-21T14:00";
    QTest::newRow("at its very end") << "2026-11-21T14:00" << 6 << 8 << "2026-11-21T06:00"
                                     << "2026-11-21T14:00";
    QTest::newRow("night shift was yesterday's") << "2026-11-21T06:01" << 6 << 8 << "2026-11-20T22:00"
                                                 << "2026-11-21T06:00";
    QTest::newRow("in the night") << "2026-11-21T02:00" << 6 << 8 << "2026-11-20T14:00"
                                  << "2026-11-20T22:00";
    QTest::newRow("twelve hours") << "2026-11-21T02:00" << 7 << 12 << "2026-11-20T07:00"
                                  << "2026-11-20T19:00";
    QTest::newRow("begins late in the day") << "2026-11-21T02:00" << 22 << 8 << "2026-11-20T14:00"
                                            << "2026-11-20T22:00";
}

void TestTune::theLastShift()
{
    QFETCH(QString, now);
    QFETCH(int, begins);
    QFETCH(int, hours);
    QFETCH(QString, from);
    QFETCH(QString, to);
    const auto at = [](const QString &text) {
        const auto wall = QDateTime::fromString(text, Qt::ISODate);
        return Time(Millis(QDateTime(wall.date(), wall.time(), QTimeZone::utc()).toMSecsSinceEpoch()));
    };
    const auto shift = lastShift(at(now), begins, hours);
    QCOMPARE(shift.from, at(from));
    QCOMPARE(shift.to, at(to));
}

void TestTune::theReportIsThatOfTheEngine_data()
{
    QTest::addColumn<bool>("isAttached");
    QTest::newRow("own session") << false;
    QTest::newRow("attached") << true;
}

void TestTune::theReportIsThatOfTheEngine()
{
    QFETCH(bool, isAttached);
    open(isAttached);
    auto *dialog = openKpi();
    QVERIFY(dialog != nullptr && dialog->report());
    const auto wanted = engineReport(m_session->now - std::chrono::hours(24), m_session->now);
    const auto &shown = *dialog->report();
    QCOMPARE(shown.annunciated, wanted.annunciated);
    QVERIFY(shown.annunciated >= 36);
    QCOMPARE(shown.excluded.size(), std::size_t(1));
    auto *table = child<ResultTable>(dialog, "kpiTable");
    QCOMPARE(table->model()->rowCount(), static_cast<int>(wanted.scorecard.size()));
    for (std::size_t i = 0; i < wanted.scorecard.size(); ++i) {
        const auto &kpi = wanted.scorecard[i];
        QCOMPARE(shown.scorecard[i].id, kpi.id);
        QVERIFY(shown.scorecard[i].value == kpi.value || std::isnan(kpi.value));
        const auto records = table->model()->index(static_cast<int>(i), 3).data().toString();
        QCOMPARE(records, kpi.rows && !kpi.rows->empty() ? QLocale().toString(static_cast<qulonglong>(kpi.rows->size())) : QString());
    }
    const auto head = child<QLabel>(dialog, "kpiHead")->text();
    QVERIFY2(head.contains(QStringLiteral("were not watched")), qPrintable(head));
    QVERIFY2(head.contains(QStringLiteral("too short to grade")), qPrintable(head)); // two hours
    QCOMPARE(table->model()->index(0, 5).data().toString(), QStringLiteral("too short to grade"));
    QVERIFY2(head.contains(QStringLiteral("times in ") + zoneText()), qPrintable(head));
    choosePage(*dialog, 1); // what is excluded, and why
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, 4).data().toString(), QStringLiteral("GAP"));
}

void TestTune::aNumberLeadsToItsRecords()
{
    open();
    auto *dialog = openKpi();
    QVERIFY(dialog != nullptr && dialog->report());
    auto *table = child<ResultTable>(dialog, "kpiTable");
    const auto &report = *dialog->report();
    const auto kpi = std::find_if(report.scorecard.begin(), report.scorecard.end(), [](const Kpi &one) { return one.id == "ack_p50"; });
    const auto row = static_cast<int>(kpi - report.scorecard.begin());
    table->scrollTo(table->model()->index(row, 0));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, centre(*table, row, 3));
    RecordsDialog *records = nullptr;
    QTRY_VERIFY((records = top<RecordsDialog>("recordsDialog")) != nullptr);
    QVERIFY(isReady(records));
    auto *view = child<QTableView>(records, "recordsView");
    QTRY_COMPARE(view->model()->rowCount(), 12); // each was acknowledged once in ten minutes
    for (int i = 0; i < 12; ++i)
        QCOMPARE(view->model()->index(i, 1).data().toString(), QStringLiteral("RAISED"));
    QSignalSpy wanted(&m_window->workbench()->desk(), &Desk::showSeriesAtWanted);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, centre(*view, 1, 0));
    QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, centre(*view, 1, 0));
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted.front().front().toString(), QStringLiteral("press/L1/P-01/temp"));
    QCOMPARE(wanted.front().at(1).value<Time>(), Bench::time(10 * 600 + 120 - 600)); // the newest but one, 10 min before
    // Nothing lies on the chart, and the report comes back as it was.
    QTRY_VERIFY(top<RecordsDialog>("recordsDialog") == nullptr && top<KpiDialog>("kpiDialog") == nullptr);
    QVERIFY(isReady(m_window.get())); // shortcuts are the active window's
    const auto computed = dialog->report();
    QCOMPARE(openKpi(), dialog);
    QCOMPARE(dialog->report(), computed);
}

void TestTune::aBadActorLeadsToItsTuning()
{
    open();
    auto *dialog = openKpi();
    QVERIFY(dialog != nullptr && dialog->report());
    auto *tune = child<QPushButton>(dialog, "kpiTune");
    QVERIFY(!tune->isEnabled()); // a number of the scorecard is of no rule
    const auto &tables = dialog->report()->tables;
    const auto actors = std::ranges::find(tables, std::string("bad_actors"), &KpiTable::id);
    choosePage(*dialog, static_cast<int>(actors - tables.begin()) + 1);
    QTRY_VERIFY(tune->isEnabled());
    QTest::mouseClick(tune, Qt::LeftButton);
    RuleDialog *editor = nullptr;
    QTRY_VERIFY((editor = top<RuleDialog>("ruleDialog")) != nullptr);
    QCOMPARE(editor->draft().id, std::get<std::string>(actors->rows.front().front()));
    QCOMPARE(child<QTabWidget>(editor, "rulePages")->currentWidget()->objectName(), QStringLiteral("advisorPanel"));
}

// Whatever table: each of its rows is made of records that are there, or of none.
void TestTune::everyTableLeadsToItsRecords()
{
    open();
    const auto report = engineReport(NoTime, Time::max());
    const auto reader = StateReader::open(m_session->folder);
    QVERIFY(bool(reader));
    std::size_t rows = 0;
    for (const auto &table : report.tables) {
        QCOMPARE(table.records.size(), table.rows.size());
        for (const auto &records : table.records) {
            QVERIFY(records != nullptr && std::is_sorted(records->begin(), records->end()));
            const auto read = recordsOf(**reader, *records);
            QVERIFY(bool(read));
            QCOMPARE(read->size(), std::set<std::uint64_t>(records->begin(), records->end()).size());
            rows += read->size();
        }
    }
    QVERIFY(rows > 100);
    // One of them by its own meaning: the busiest rule's raises.
    const auto actors = std::find_if(report.tables.begin(), report.tables.end(), [](const KpiTable &t) { return t.id == "bad_actors"; });
    const auto raises = recordsOf(**reader, *actors->records.front());
    QCOMPARE(static_cast<double>(raises->size()), std::get<double>(actors->rows.front()[1]));
    for (const auto &raise : *raises)
        QCOMPARE(raise.rule, std::get<std::string>(actors->rows.front()[0]));
}

void TestTune::theReportIsExported()
{
    open();
    auto *dialog = openKpi();
    QVERIFY(dialog != nullptr && dialog->report());
    QTest::mouseClick(child<QPushButton>(dialog, "kpiExport"), Qt::LeftButton);
    auto *exporting = top<QDialog>("exportDialog");
    QVERIFY(exporting != nullptr);
    auto *path = child<QLineEdit>(exporting, "exportPath");
    const QTemporaryDir folder;
    path->selectAll();
    QTest::keyClicks(path, folder.filePath(QStringLiteral("kpi")));
    QTest::mouseClick(child<QPushButton>(exporting, "exportStart"), Qt::LeftButton);
    auto *answer = child<QLabel>(exporting, "exportAnswer");
    QTRY_VERIFY2(answer->text().contains(QStringLiteral("rows written")), qPrintable(answer->text()));
    QFile file(folder.filePath(QStringLiteral("kpi/scorecard.csv")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto lines = file.readAll().split('\n');
    QCOMPARE(static_cast<std::size_t>(lines.size()), dialog->report()->scorecard.size() + 2); // its head, and nothing behind the last
    QVERIFY(lines[1].startsWith("alarms_per_day,"));
    QCOMPARE(QDir(folder.filePath(QStringLiteral("kpi"))).entryList({QStringLiteral("*.csv")}).size(),
             static_cast<qsizetype>(dialog->report()->tables.size() + 1));
    exporting->close();
}

void TestTune::emptyOnesSaySo()
{
    open(false, false);
    m_session->now = Bench::time(60);
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
    KpiDialog *dialog = nullptr;
    QTRY_VERIFY((dialog = top<KpiDialog>("kpiDialog")) != nullptr);
    auto *empty = child<QLabel>(dialog, "kpiEmpty");
    QTRY_VERIFY(empty->text().contains(QStringLiteral("nothing to count")));
    QVERIFY(empty->isVisible());
    QVERIFY(!child<QPushButton>(dialog, "kpiExport")->isEnabled());
    m_session->folder = "/nowhere/at/all";
    QTest::mouseClick(child<QPushButton>(dialog, "kpiAgain"), Qt::LeftButton);
    QTRY_VERIFY2(empty->text().contains(QStringLiteral("/nowhere/at/all")), qPrintable(empty->text()));
}

void TestTune::kpiByKeysAlone()
{
    open();
    auto *dialog = openKpi();
    QVERIFY(dialog != nullptr && dialog->report());
    const auto press
        = [](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(QApplication::focusWidget(), key, modifiers); };
    const auto tabTo = [&](const char *name) {
        for (int i = 0; i < 20 && QApplication::focusWidget()->objectName() != QLatin1String(name); ++i)
            press(Qt::Key_Tab);
        return QApplication::focusWidget()->objectName() == QLatin1String(name);
    };
    QVERIFY(tabTo("period"));
    press(Qt::Key_End); // from ... to ...
    QVERIFY(tabTo("periodFrom"));
    const auto words = [](double at) {
        return QDateTime::fromMSecsSinceEpoch(Bench::time(at).time_since_epoch().count() / 1000, QTimeZone::utc())
            .toString(QStringLiteral("yyyy-MM-dd HH:mm"));
    };
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), words(0));
    QVERIFY(tabTo("periodTo"));
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), words(3600));
    QVERIFY(tabTo("kpiPages"));
    const auto minute = [](Time t) { return Time(std::chrono::floor<std::chrono::minutes>(t.time_since_epoch())); };
    const auto wanted = engineReport(minute(Bench::time(0)), minute(Bench::time(3600)));
    QTRY_COMPARE(dialog->report()->annunciated, wanted.annunciated);
    QCOMPARE(dialog->report()->to, wanted.to);
    QVERIFY(tabTo("kpiTable"));
    press(Qt::Key_Home, Qt::ControlModifier);
    press(Qt::Key_Return);
    RecordsDialog *records = nullptr;
    QTRY_VERIFY((records = top<RecordsDialog>("recordsDialog")) != nullptr);
    QVERIFY(isReady(records));
    auto *view = child<QTableView>(records, "recordsView");
    QTRY_COMPARE(view->model()->rowCount(), static_cast<int>(wanted.scorecard.front().rows->size()));
    QSignalSpy chart(&m_window->workbench()->desk(), &Desk::showSeriesAtWanted);
    QTest::keyClick(view, Qt::Key_Down);
    QTest::keyClick(view, Qt::Key_Return);
    QCOMPARE(chart.size(), 1);
    QTRY_VERIFY(top<RecordsDialog>("recordsDialog") == nullptr); // the chart is in sight
}

void TestTune::theBacktestIsThatOfTheEngine_data()
{
    QTest::addColumn<bool>("isAttached");
    QTest::newRow("own session") << false;
    QTest::newRow("attached") << true;
}

void TestTune::theBacktestIsThatOfTheEngine()
{
    QFETCH(bool, isAttached);
    open(isAttached);
    auto *dialog = openRule();
    QVERIFY(dialog != nullptr);
    typeInto(*dialog, "field-on_delay", QStringLiteral("4s"));
    auto *panel = openPage<BacktestPanel>(*dialog, "backtestPanel");
    QVERIFY(panel != nullptr);
    QTest::mouseClick(child<QPushButton>(panel, "backtestRun"), Qt::LeftButton);
    QTRY_VERIFY(panel->answer() != nullptr);
    const auto &answer = *panel->answer();
    const auto live = occurrencesOf(m_session->bench.rows());
    const auto saved = engineOccurrences(dialog->draft().saved), draft = engineOccurrences(dialog->draft().rule);
    QCOMPARE(saved.size(), std::size_t(36));
    QCOMPARE(draft.size(), std::size_t(24)); // those of 2 s are gone
    QVERIFY(differences(answer.saved->occurrences, saved).empty());
    QVERIFY(differences(answer.draft.occurrences, draft).empty());
    auto ofHot = live;
    std::erase_if(ofHot, [](const Occurrence &one) { return one.rule != "hot"; });
    QVERIFY(differences(ofHot, answer.saved->occurrences).empty()); // and so it was journaled
    const auto changes = differences(saved, draft);
    QCOMPARE(answer.changes.size(), changes.size());
    auto *rows = child<ResultTable>(panel, "backtestRows");
    QCOMPARE(rows->model()->rowCount(), static_cast<int>(changes.size()));
    const auto count = [&](const char *kind) {
        int n = 0;
        for (int row = 0; row < rows->model()->rowCount(); ++row)
            n += rows->model()->index(row, 0).data().toString() == QLatin1String(kind) ? 1 : 0;
        return n;
    };
    QCOMPARE(count("removed"), 12);
    QCOMPARE(count("added"), 0);
    auto *sums = child<ResultTable>(panel, "backtestSums");
    QCOMPARE(sums->model()->index(0, 1).data().toString(), QStringLiteral("36"));
    QCOMPARE(sums->model()->index(1, 1).data().toString(), QStringLiteral("24"));
    QCOMPARE(sums->model()->index(1, 4).data().toString(), ageText(std::chrono::seconds(54))); // of 8 s and of 100 s
    const auto said = child<QLabel>(panel, "backtestSaid")->text();
    QVERIFY2(said.contains(QStringLiteral("adds 0, removes 12")), qPrintable(said));
    // The chart goes where a row is.
    auto *chart = child<TimeChart>(panel, "backtestChart");
    rows->scrollTo(rows->model()->index(4, 0));
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, centre(*rows, 4, 1));
    const auto begin = changes[4].kind == OccurrenceChange::Kind::Added ? changes[4].after.begin : changes[4].before.begin;
    QTRY_VERIFY(chart->window().from() < begin && chart->window().to() > begin);
    QVERIFY(!chart->window().isFollowing());
    // And the draft's raises are what it shows, not those that were.
    auto *list = child<QComboBox>(panel, "backtestList");
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(rows->model()->rowCount(), 24);
}

void TestTune::bothVersionsEndWhereOneHasTooMany_data()
{
    QTest::addColumn<bool>("isSavedLonger");
    QTest::newRow("the saved version has too many") << true;
    QTest::newRow("the draft has too many") << false;
}

void TestTune::bothVersionsEndWhereOneHasTooMany()
{
    QFETCH(bool, isSavedLonger);
    open(false, false);
    fill(*m_session, 4 * Length);
    const auto &many = m_session->space->rules->rules.front();
    auto few = std::make_shared<Rule>(*many);
    few->onDelay = std::chrono::seconds(4); // no raise of 2 s
    BacktestJob job{m_session->space, isSavedLonger ? few : many, isSavedLonger ? many : few, m_session->folder, NoTime, Time::max()};
    const auto whole = runVersions(job, {}, [](double, const std::string &) {});
    QVERIFY(whole && *whole);
    job.mostOccurrences = 60; // of 144 and 96
    const auto cut = runVersions(job, {}, [](double, const std::string &) {});
    QVERIFY(cut && *cut);
    const auto &answer = **cut;
    QVERIFY(answer.to < (*whole)->to);
    QCOMPARE(answer.troubles.size(), std::size_t(1));
    QVERIFY(answer.troubles.front().plain().find("both versions end") != std::string::npos);
    for (const auto &[mine, all] : {std::pair(&*answer.saved, &*(*whole)->saved), std::pair(&answer.draft, &(*whole)->draft)}) {
        const auto before
            = std::count_if(all->occurrences.begin(), all->occurrences.end(), [&](const Occurrence &one) { return one.begin < answer.to; });
        QCOMPARE(static_cast<std::ptrdiff_t>(mine->occurrences.size()), before);
        QCOMPARE(mine->sums.occurrences, mine->occurrences.size());
    }
    // Only what is before the cut differs, and as it differs over the whole.
    using Kind = OccurrenceChange::Kind;
    for (const auto &change : answer.changes)
        QCOMPARE(change.kind, isSavedLonger ? Kind::Removed : Kind::Added);
    const auto expected = std::count_if((*whole)->changes.begin(), (*whole)->changes.end(), [&](const OccurrenceChange &change) {
        return (isSavedLonger ? change.before : change.after).begin < answer.to;
    });
    QVERIFY(expected >= 8);
    QCOMPARE(static_cast<std::ptrdiff_t>(answer.changes.size()), expected);
}

void TestTune::aBacktestIsCancelledAndRunAgain()
{
    open();
    auto *dialog = openRule();
    QVERIFY(dialog != nullptr);
    typeInto(*dialog, "field-on_delay", QStringLiteral("4s"));
    auto *panel = openPage<BacktestPanel>(*dialog, "backtestPanel");
    QVERIFY(panel != nullptr);
    auto *run = child<QPushButton>(panel, "backtestRun"), *cancel = child<QPushButton>(panel, "backtestCancel");
    // No thread is free before it was cancelled, however quick the machine is.
    QSemaphore gate;
    const int threads = LongWork::threads().maxThreadCount();
    for (int i = 0; i < threads; ++i)
        LongWork::threads().start([&gate] { gate.acquire(); });
    auto letThrough = qScopeGuard([&] {
        gate.release(threads);
        LongWork::threads().waitForDone();
    });
    QTest::mouseClick(run, Qt::LeftButton);
    QVERIFY(cancel->isVisible());
    QVERIFY(!run->isEnabled());
    QTest::mouseClick(cancel, Qt::LeftButton);
    letThrough.dismiss();
    gate.release(threads);
    auto *said = child<QLabel>(panel, "backtestSaid");
    QTRY_VERIFY2(said->text().contains(QStringLiteral("Cancelled")), qPrintable(said->text()));
    QVERIFY(panel->answer() == nullptr);
    QVERIFY(!cancel->isVisible());
    QTest::mouseClick(run, Qt::LeftButton);
    QTRY_VERIFY(panel->answer() != nullptr);
    QCOMPARE(panel->answer()->draft.occurrences.size(), std::size_t(24));
    // What changes afterwards makes it old.
    dialog->setText("on_delay", QStringLiteral("9s"));
    QVERIFY2(said->text().contains(QStringLiteral("run it again")), qPrintable(said->text()));
    // It ends with its window, and nobody waits for it.
    QTest::mouseClick(run, Qt::LeftButton);
    dialog->reject(); // its draft was changed
    auto *question = top<QMessageBox>("discardQuestion");
    QVERIFY(question != nullptr);
    QTest::mouseClick(question->button(QMessageBox::Discard), Qt::LeftButton);
    QTRY_VERIFY(top<RuleDialog>("ruleDialog") == nullptr);
}

void TestTune::whatABacktestCannotDoIsSaid()
{
    open(false, false);
    auto *dialog = openRule();
    QVERIFY(dialog != nullptr);
    auto *panel = child<BacktestPanel>(dialog, "backtestPanel");
    auto *said = child<QLabel>(panel, "backtestSaid");
    typeInto(*dialog, "field-on_delay", QStringLiteral("soon"));
    QVERIFY(openPage<BacktestPanel>(*dialog, "backtestPanel") != nullptr);
    QVERIFY2(said->text().contains(QStringLiteral("has faults")), qPrintable(said->text()));
    QVERIFY(!child<QPushButton>(panel, "backtestRun")->isEnabled());
    dialog->setText("on_delay", QStringLiteral("1s"));
    m_session->folder = "/nowhere/at/all";
    QTest::mouseClick(child<QPushButton>(panel, "backtestRun"), Qt::LeftButton);
    QTRY_VERIFY2(said->text().contains(QStringLiteral("/nowhere/at/all")), qPrintable(said->text()));
}

void TestTune::aPointOfTheAdviceGoesIntoTheDraft()
{
    open();
    auto *dialog = openRule();
    QVERIFY(dialog != nullptr);
    auto *panel = openPage<AdvisorPanel>(*dialog, "advisorPanel");
    QVERIFY(panel != nullptr);
    QTest::mouseClick(child<QPushButton>(panel, "adviceRun"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(panel->advice() != nullptr, 30'000);
    const auto &rows = panel->advice()->rows;
    QVERIFY(rows.size() > 8);
    QCOMPARE(panel->advice()->mostDelay, Micros(std::chrono::minutes(1))); // a fifth of 5 min
    for (const auto &row : rows)
        QVERIFY(row.onDelay <= panel->advice()->mostDelay);
    // The engine, asked by itself.
    BacktestDataOptions where;
    where.stateFolder = m_session->folder;
    const auto data = readBacktestData(*m_session->space, where);
    const auto acts = actsOn("hot", m_session->folder);
    AdviceOptions options;
    options.from = m_session->now - std::chrono::hours(24);
    options.to = m_session->now;
    const auto wanted = advise(*m_session->space, *data, *acts, "hot", options);
    QVERIFY(bool(wanted));
    QCOMPARE(rows.size(), wanted->rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        QCOMPARE(rows[i].raises, wanted->rows[i].raises);
        QCOMPARE(rows[i].cost, wanted->rows[i].cost);
        QCOMPARE(rows[i].lost.size(), wanted->rows[i].lost.size());
    }
    // A delay of 10 s takes away the ones of 8 s, and those were acknowledged: they are named.
    const auto ten = std::find_if(rows.begin(), rows.end(),
                                  [](const AdviceRow &row) { return row.onDelay == std::chrono::seconds(10) && !row.deadband; });
    QVERIFY(ten != rows.end());
    QCOMPARE(ten->lost.size(), std::size_t(12));
    const auto n = static_cast<int>(ten - rows.begin());
    auto *chart = child<AdviceChart>(panel, "adviceChart");
    QTest::mouseClick(chart, Qt::LeftButton, {}, chart->placeOf(n).toPoint());
    QVERIFY(chart->current() >= 0);
    QCOMPARE(rows[static_cast<std::size_t>(chart->current())].cost, ten->cost);
    auto *table = child<ResultTable>(panel, "adviceRows");
    QCOMPARE(table->currentRow(), chart->current()); // the table goes along
    QCOMPARE(child<ResultTable>(panel, "adviceLost")->model()->rowCount(),
             static_cast<int>(rows[static_cast<std::size_t>(chart->current())].lost.size()));
    table->setCurrentRow(n);
    QCOMPARE(chart->current(), n);
    auto *lost = child<ResultTable>(panel, "adviceLost");
    QVERIFY(lost->isVisible());
    QCOMPARE(lost->model()->index(0, 2).data().toString(), QStringLiteral("ACKNOWLEDGED"));
    QCOMPARE(lost->model()->index(0, 3).data().toString(), QStringLiteral("ann@desk-3"));
    QTest::mouseClick(child<QPushButton>(panel, "adviceTake"), Qt::LeftButton);
    QVERIFY(dialog->draft().rule != nullptr);
    QCOMPARE(dialog->draft().rule->onDelay, Micros(std::chrono::seconds(10)));
    QVERIFY(child<QLabel>(panel, "adviceSaid")->text().contains(QStringLiteral("was changed since")));
    QCOMPARE(engineOccurrences(dialog->draft().rule).size(), ten->raises);
}

void TestTune::tunedByKeysAlone()
{
    open();
    auto *dialog = openRule();
    QVERIFY(dialog != nullptr);
    const auto press
        = [](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(QApplication::focusWidget(), key, modifiers); };
    const auto tabTo = [&](const char *name) {
        for (int i = 0; i < 60 && QApplication::focusWidget()->objectName() != QLatin1String(name); ++i)
            press(Qt::Key_Tab);
        return QApplication::focusWidget()->objectName() == QLatin1String(name);
    };
    QVERIFY(tabTo("field-on_delay"));
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("4s"));
    const auto nextPage = [&](const char *name) {
        for (int i = 0; i < 8 && !child<QWidget>(dialog, name)->isVisible(); ++i)
            press(Qt::Key_Tab, Qt::ControlModifier);
        return child<QWidget>(dialog, name)->isVisible();
    };
    QVERIFY(nextPage("backtestPanel"));
    QVERIFY(tabTo("backtestRun"));
    press(Qt::Key_Space);
    auto *backtest = child<BacktestPanel>(dialog, "backtestPanel");
    QTRY_VERIFY(backtest->answer() != nullptr);
    QCOMPARE(backtest->answer()->draft.occurrences.size(), std::size_t(24));
    QVERIFY(tabTo("backtestRows"));
    press(Qt::Key_Down);
    QCOMPARE(child<ResultTable>(backtest, "backtestRows")->currentRow(), 1);
    QVERIFY(nextPage("advisorPanel"));
    QVERIFY(tabTo("adviceRun"));
    press(Qt::Key_Space);
    auto *advisor = child<AdvisorPanel>(dialog, "advisorPanel");
    QTRY_VERIFY_WITH_TIMEOUT(advisor->advice() != nullptr, 30'000);
    QVERIFY(tabTo("adviceChart"));
    press(Qt::Key_End); // the longest
    const auto &row = advisor->advice()->rows[static_cast<std::size_t>(child<AdviceChart>(advisor, "adviceChart")->current())];
    press(Qt::Key_Return);
    QVERIFY(dialog->draft().rule != nullptr);
    QCOMPARE(dialog->draft().rule->onDelay, row.onDelay);
    QVERIFY(row.onDelay > std::chrono::seconds(4));
}

void TestTune::pictures()
{
    if (qEnvironmentVariable("SG_SHOTS").isEmpty())
        return;
    for (const bool isDark : {false, true}) {
        open();
        applyTheme(isDark);
        const auto suffix = isDark ? QStringLiteral("-dark") : QStringLiteral("-light");
        auto *dialog = openKpi();
        QVERIFY(dialog != nullptr);
        QCoreApplication::processEvents();
        shoot(*dialog, QStringLiteral("kpi") + suffix);
        choosePage(*dialog, 2);
        shoot(*dialog, QStringLiteral("kpi-hours") + suffix);
        auto *table = child<ResultTable>(dialog, "kpiTable");
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, centre(*table, 0, 3));
        QTRY_VERIFY(top<RecordsDialog>("recordsDialog") != nullptr);
        auto *records = top<RecordsDialog>("recordsDialog");
        QTRY_VERIFY(child<QTableView>(records, "recordsView")->model()->rowCount() > 0);
        shoot(*records, QStringLiteral("kpi-records") + suffix);
        dialog->close();
        QTRY_VERIFY(top<KpiDialog>("kpiDialog") == nullptr);
        QVERIFY(isReady(m_window.get()));
        auto *rule = openRule();
        QVERIFY(rule != nullptr);
        typeInto(*rule, "field-on_delay", QStringLiteral("4s"));
        auto *backtest = openPage<BacktestPanel>(*rule, "backtestPanel");
        shoot(*rule, QStringLiteral("backtest-empty") + suffix);
        QTest::mouseClick(child<QPushButton>(backtest, "backtestRun"), Qt::LeftButton);
        QTRY_VERIFY(backtest->answer() != nullptr);
        QTest::qWait(300); // for the picture of the chart
        shoot(*rule, QStringLiteral("backtest") + suffix);
        rule->setText("on_delay", QString());
        auto *advisor = openPage<AdvisorPanel>(*rule, "advisorPanel");
        QTest::mouseClick(child<QPushButton>(advisor, "adviceRun"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(advisor->advice() != nullptr, 30'000);
        child<ResultTable>(advisor, "adviceRows")->setCurrentRow(20);
        QCoreApplication::processEvents();
        shoot(*rule, QStringLiteral("advice") + suffix);
        cleanup();
    }
}

QTEST_MAIN(TestTune)
#include "tst_tune.moc"
