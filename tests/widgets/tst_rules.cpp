#include "widgets/ruleplant.h"

#include "items/texts.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/desk.h"
#include "widgets/rules/limithandle.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/rules/rulelist.h"
#include "widgets/rules/templatedialog.h"
#include "widgets/theme/theme.h"

#include <QTemporaryDir>
#include <QSignalSpy>
#include <QTest>
#include <QtWidgets>

using namespace sg;
using namespace sg::test;

// The rule editor as an engineer meets it: a real workspace folder, real events, and files that say what was saved.
class TestRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void readsAsASentence();
    void faultsStandAtTheirField_data();
    void faultsStandAtTheirField();
    void aNewRuleIsAskedForByLabels();
    void expressionsPointAtTheCharacter();
    void countsWhatItWatches();
    void changesOneValueOnly();
    void aRuleByKeysAlone();
    void dragsTheLimitOfTheDraft();
    void movesTheLimitByKeys();
    void aNewRulesLimitStandsOnAChartThatIsThere();
    void theBacktestShowsTheLimitOfTheDraft();
    void duplicates();
    void disablesAndEnables();
    void takesATemplate();
    void editsLimitsAsAGrid();
    void editsExpectedKeys();
    void opensForNobody();
    void asksBeforeItDiscards();
    void keepsWhatWasTypedWhereSavingIsRefused();
    void endsWithItsDesk();
    void seriesAreRetiredMeanwhile();

private:
    template <class T> T *top(const char *name) const
    {
        for (auto *widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->objectName() == QLatin1String(name))
                return qobject_cast<T *>(widget);
        return nullptr;
    }
    template <class T> T *in(const char *name) const
    {
        auto *dialog = top<RuleDialog>("ruleDialog");
        return dialog == nullptr ? nullptr : dialog->findChild<T *>(QString::fromUtf8(name));
    }
    void type(const char *field, const QString &text) const
    {
        auto *line = in<QLineEdit>(field);
        QVERIFY2(line != nullptr, field);
        line->setFocus();
        QTest::keyClick(line, Qt::Key_A, Qt::ControlModifier);
        if (text.isEmpty())
            QTest::keyClick(line, Qt::Key_Delete);
        QTest::keyClicks(line, text);
    }
    [[nodiscard]] QString sentence() const { return in<QLabel>("ruleSentence")->text().replace(QChar(0x00A0), u' '); }
    void chooseKind(const char *kind) const
    {
        auto *box = in<QComboBox>("ruleKind");
        QVERIFY(box != nullptr);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        while (box->currentData().toString() != QLatin1String(kind) && box->currentIndex() + 1 < box->count())
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentData().toString(), QString::fromLatin1(kind));
    }
    void openNew(const QString &series = {})
    {
        RuleDialog::add(*m_desk, series, m_window.get());
        QTRY_VERIFY(top<RuleDialog>("ruleDialog") != nullptr);
    }
    QDialog *openList(const char *id)
    {
        (new RuleList(*m_desk, QString::fromLatin1(id), m_window.get()))->open();
        [this] { QTRY_VERIFY(top<QDialog>("ruleList") != nullptr); }();
        return top<QDialog>("ruleList");
    }
    static void typeCell(QTableView *grid, const QString &text) // into the current one
    {
        QTest::keyClicks(grid, text.left(1)); // opens the editor
        QTest::keyClicks(QApplication::focusWidget(), text.mid(1));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(grid->currentIndex().data().toString(), text);
        QTRY_COMPARE(QApplication::focusWidget(), static_cast<QWidget *>(grid));
    }
    QTableView *openTable()
    {
        auto *button = in<QPushButton>("editTable");
        [&] { QVERIFY(button != nullptr); }();
        QTest::mouseClick(button, Qt::LeftButton);
        [this] { QTRY_VERIFY(top<QDialog>("tableDialog") != nullptr); }();
        auto *dialog = top<QDialog>("tableDialog");
        if (dialog == nullptr)
            return nullptr;
        dialog->activateWindow(); // no window manager does it here
        [&] { QTRY_VERIFY(dialog->isActiveWindow()); }();
        return dialog->findChild<QTableView *>(QStringLiteral("tableGrid"));
    }
    void openRule(const char *id)
    {
        for (const auto &rule : m_desk->workspace()->rules->rules)
            if (rule->id == id)
                RuleDialog::change(*m_desk, rule, m_window.get());
        QTRY_VERIFY(top<RuleDialog>("ruleDialog") != nullptr);
    }
    void save()
    {
        auto *button = in<QPushButton>("ruleSave");
        QVERIFY(button != nullptr && button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(top<RuleDialog>("ruleDialog") == nullptr);
    }
    [[nodiscard]] QString file(const char *name = "rules/press.yaml") const
    {
        QFile out(m_folder->filePath(QString::fromLatin1(name)));
        return out.open(QIODevice::ReadOnly) ? QString::fromUtf8(out.readAll()) : QString();
    }
    void write(const char *name, const char *text) const
    {
        const auto path = m_folder->filePath(QString::fromLatin1(name));
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile out(path);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(text) >= 0);
    }
    void showPage(int number) const
    {
        auto *bar = in<QTabWidget>("rulePages")->tabBar();
        QTest::mouseClick(bar, Qt::LeftButton, {}, bar->tabRect(number).center());
    }
    void shoot(const char *name) const // a picture for people; no test hangs on it
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty()) {
            QTest::qWait(300);
            for (auto *widget : QApplication::topLevelWidgets())
                if (widget->isVisible() && widget->isWindow() && widget != m_window.get())
                    widget->grab().save(folder + u'/' + QString::fromLatin1(name) + QStringLiteral(".png"));
        }
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<FolderSession> m_session;
    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<QWidget> m_window;
};

void TestRules::initTestCase()
{
    QCoreApplication::setOrganizationName(QStringLiteral("test"));
    applyTheme(qEnvironmentVariable("SG_DARK") == QStringLiteral("1"));
}

void TestRules::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    write("workspace.yaml", PlantText);
    write("tags.yaml", TagsText);
    write("rules/press.yaml", RulesText);
    m_session = std::make_shared<FolderSession>(utf8Of(m_folder->path()));
    QVERIFY2(m_session->space->errors.empty(), m_session->space->errors.empty() ? "" : m_session->space->errors.front().plain().c_str());
    std::size_t n = 0;
    for (const auto *device : {"P-01", "P-02", "P-03", "P-04"})
        for (const auto *field : {"temp", "oil_pressure"}) {
            std::vector<Row> rows;
            for (int i = 0; i < 3600; ++i)
                rows.push_back({m_session->now - std::chrono::seconds(3600 - i),
                                field[0] == 't' ? 60 + 25 * std::sin(i * 0.01) : 4 + std::sin(i * 0.003), Quality::Good});
            m_session->put(n, std::string("press/") + (n < 4 ? "L1/" : "L2/") + device + "/" + field, rows);
            ++n;
        }
    m_session->publish();
    WindowContext context;
    context.catalog = &handCatalog();
    context.read = readFolder;
    m_desk = std::make_unique<Desk>(m_session, context);
    m_desk->feed().poll();
    m_window = std::make_unique<QWidget>();
    m_window->resize(400, 300);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestRules::cleanup()
{
    m_window.reset();
    m_desk.reset();
    m_session.reset();
    m_folder.reset();
}

void TestRules::readsAsASentence()
{
    openNew(QStringLiteral("press/*/*/oil_pressure"));
    type("field-low/limit", QStringLiteral("3.5"));
    type("field-low/on_delay", QStringLiteral("5s"));
    QCOMPARE(sentence(),
             QStringLiteral("When oil pressure of each press is below 3.5 bar for 5 s, an alarm of medium priority is raised."));
    QVERIFY(in<QPushButton>("ruleSave")->isEnabled());
    chooseKind("absence");
    type("field-absence/timeout", QStringLiteral("8s"));
    QCOMPARE(sentence(), QStringLiteral("When one press sends nothing for 8 s, an alarm of medium priority is raised."));
    chooseKind("levels");
    auto *measure = in<QComboBox>("ruleMeasure");
    measure->setFocus();
    QTest::keyClick(measure, Qt::Key_Down);
    type("field-window/take", QStringLiteral("avg"));
    type("field-window/over", QStringLiteral("10min"));
    type("field-low/limit", QStringLiteral("3.5"));
    QCOMPARE(sentence(),
             QStringLiteral("When the average of oil pressure of each press over 10 min is below 3.5 bar, "
                            "an alarm of medium priority is raised."));
    shoot("rule-sentence");
}

void TestRules::faultsStandAtTheirField_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("label"); // where it is said
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *field, const char *typed, const char *label, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(field) << QString::fromUtf8(typed) << QString::fromLatin1(label)
                            << QString::fromUtf8(says);
    };
    row("no number", "field-high/limit", "eighty", "fault-high", "limit: 'eighty' is not a number");
    row("decimal comma", "field-high/limit", "3,5", "fault-high", "the decimal sign is a point");
    row("no limit", "field-high/limit", "", "fault-high", "Limit: fill this in.");
    row("no duration", "field-high/on_delay", "10m", "fault-high", "10min");
    row("low above high", "field-low/limit", "90", "fault-low", "low 90 must be below high 80");
    row("deadband below 0", "field-high/deadband", "-1", "fault-high", "deadband: '-1' is below 0");
    row("unknown source", "ruleSeries", "pres/*/*/temp", "ruleSeriesFault", "did you mean 'press'?");
    row("wrong number of labels", "ruleSeries", "press/*/temp", "ruleSeriesFault", "press/*/*/temp");
    row("no such file", "field-limits_from", "limits/none.csv", "fault-limits_from", "limits/none.csv");
    row("a map that does not end", "field-on_missing", "{ clear_after: 5min", "fault-on_missing", "");
    row("suppressed by no rule", "field-suppress_when/rule", "nobody", "fault-suppress_when/rule", "does not exist");
}

void TestRules::faultsStandAtTheirField()
{
    QFETCH(QString, field);
    QFETCH(QString, typed);
    QFETCH(QString, label);
    QFETCH(QString, says);
    openRule("press-hot");
    if (!in<QWidget>(utf8Of(field).c_str())->isVisible())
        QTest::mouseClick(in<QToolButton>("ruleMore"), Qt::LeftButton);
    auto *said = in<QLabel>(utf8Of(label).c_str());
    QVERIFY(said != nullptr && said->isHidden());
    const auto before = in<QLineEdit>(utf8Of(field).c_str())->text();
    type(utf8Of(field).c_str(), typed);
    QTRY_VERIFY2(!said->isHidden() && said->text().contains(says), qPrintable(said->text() + in<QLabel>("ruleFaults")->text()));
    QVERIFY(!in<QPushButton>("ruleSave")->isEnabled());
    QVERIFY(top<RuleDialog>("ruleDialog")->draft().rule == nullptr);
    type(utf8Of(field).c_str(), before);
    QTRY_VERIFY(said->isHidden());
    QVERIFY(in<QPushButton>("ruleSave")->isEnabled());
}

// What an empty form wants is said in its own labels, not in the keys of a file that is not there yet.
void TestRules::aNewRuleIsAskedForByLabels()
{
    openNew({});
    const auto *said = in<QLabel>("ruleFaults");
    QTRY_COMPARE(said->text(), QStringLiteral("Fill in at least one of High high, High, Low and Low low."));
    chooseKind("equals");
    QTRY_COMPARE(said->text(), QStringLiteral("Fill in Equals."));
    type("field-equals", QStringLiteral("fault"));
    const auto *series = in<QLabel>("ruleSeriesFault");
    QTRY_VERIFY2(series->text().contains(QStringLiteral("fill this in")), qPrintable(series->text()));
}

void TestRules::expressionsPointAtTheCharacter()
{
    openNew(QStringLiteral("press/*/*/temp"));
    chooseKind("when");
    type("field-when", QStringLiteral("value > 80 nad value < 90"));
    const auto lines = in<QLabel>("fault-when")->text().split(u'\n');
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0], QStringLiteral("value > 80 nad value < 90"));
    QCOMPARE(lines[1].indexOf(QStringLiteral("▲")), lines[0].indexOf(QStringLiteral("nad")));
    QVERIFY2(lines[2].contains(QStringLiteral("character 12")), qPrintable(lines[2]));
    shoot("rule-expression");
}

void TestRules::countsWhatItWatches()
{
    openNew(QStringLiteral("press/*/*/temp"));
    auto *watches = in<QLabel>("ruleWatches");
    QVERIFY2(watches->text().startsWith(QStringLiteral("Watches 4 series")), qPrintable(watches->text()));
    type("ruleSeries", QStringLiteral("press/L1/*/temp"));
    QVERIFY2(watches->text().startsWith(QStringLiteral("Watches 2 series: Press P-01 temperature, Press P-02")),
             qPrintable(watches->text()));
    type("ruleSeries", QStringLiteral("press/**"));
    QVERIFY2(watches->text().contains(QStringLiteral("units are not the same")), qPrintable(watches->text()));
    type("ruleSeries", QStringLiteral("press/*/*/speed"));
    QVERIFY2(watches->text().startsWith(QStringLiteral("Watches nothing")), qPrintable(watches->text()));
    m_session->setSeries(20, "press/L9/P-09/speed", 1, m_session->now); // it comes while one types
    m_session->publish();
    QTRY_VERIFY2(watches->text().startsWith(QStringLiteral("Watches 1 series")), qPrintable(watches->text()));
}

void TestRules::changesOneValueOnly()
{
    openRule("press-hot");
    QCOMPARE(in<QLineEdit>("field-area")->placeholderText(), QStringLiteral("Press shop")); // of the file's defaults
    type("field-high/limit", QStringLiteral("82"));
    save();
    auto expected = QString::fromUtf8(RulesText);
    expected.replace(QStringLiteral("limit: 80"), QStringLiteral("limit: 82"));
    QTRY_COMPARE(file(), expected);
    QTRY_COMPARE(m_desk->edits().stack().count(), 1);
    m_desk->edits().stack().undo();
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
    m_desk->edits().stack().redo();
    QTRY_COMPARE(file(), expected);
}

void TestRules::aRuleByKeysAlone()
{
    openNew();
    const auto key = [](Qt::Key pressed) { QTest::keyClick(QApplication::focusWidget(), pressed); };
    const auto go = [&](const char *field) { // by the tab key, as it comes
        for (int i = 0; i < 80; ++i) {
            auto *at = QApplication::focusWidget();
            if (at != nullptr && at->objectName() == QLatin1String(field))
                return true;
            key(Qt::Key_Tab);
        }
        return false;
    };
    const auto write = [&](const char *field, const QString &text) {
        QVERIFY2(go(field), field);
        QTest::keyClicks(QApplication::focusWidget(), text);
    };
    QTRY_VERIFY(QApplication::focusWidget() != nullptr);
    write("ruleId", QStringLiteral("oil-low"));
    write("ruleSeries", QStringLiteral("press/*/*/oil_pressure"));
    write("field-low/limit", QStringLiteral("3.5"));
    write("field-low/on_delay", QStringLiteral("5s"));
    write("field-cause", QStringLiteral("A leak"));
    QVERIFY(go("ruleSave"));
    key(Qt::Key_Return);
    QTRY_VERIFY(top<RuleDialog>("ruleDialog") == nullptr);
    QTRY_VERIFY2(
        file().contains(QStringLiteral("  - id: oil-low\n    series: press/*/*/oil_pressure\n    low: { limit: 3.5, on_delay: 5s }\n")),
        qPrintable(file()));
    QVERIFY(file().startsWith(QString::fromUtf8(RulesText)));
    QTRY_COMPARE(m_desk->edits().stack().count(), 1);
    m_desk->edits().stack().undo();
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
}

void TestRules::dragsTheLimitOfTheDraft()
{
    openRule("press-hot");
    showPage(1);
    QTRY_VERIFY(in<LimitHandle>("limit-high") != nullptr && in<LimitHandle>("limit-high")->isVisible());
    auto *handle = in<LimitHandle>("limit-high");
    auto *view = in<QWidget>("rulePreview")->findChild<ChartView *>();
    QTRY_VERIFY(!view->layer().frame().image.isNull());
    shoot("rule-preview");
    const auto stack = m_desk->edits().stack().count();
    const auto start = handle->rect().center();
    const auto down = QPoint(0, 40);
    const auto wanted = view->layer().valueAt(handle->geometry().center().y() + 40);
    QTest::mousePress(handle, Qt::LeftButton, {}, start);
    QTest::mouseMove(handle, start + down / 2);
    QTest::mouseMove(handle, start + down / 2); // the line went along meanwhile: as much again from where it is now
    QTest::mouseRelease(handle, Qt::LeftButton, {}, start);
    const auto limit = in<QLineEdit>("field-high/limit")->text().toDouble();
    QVERIFY2(limit < 80 && std::abs(limit - wanted) < 3, qPrintable(QString::number(limit) + u' ' + QString::number(wanted)));
    QVERIFY(sentence().contains(QStringLiteral("above %1 °C").arg(limit)));
    // Neither the file nor the running rule knows of it before it is saved, which is one step.
    QCOMPARE(file(), QString::fromUtf8(RulesText));
    QCOMPARE(m_desk->edits().stack().count(), stack);
    save();
    auto expected = QString::fromUtf8(RulesText);
    expected.replace(QStringLiteral("limit: 80"), QStringLiteral("limit: %1").arg(limit));
    QTRY_COMPARE(file(), expected);
    QTRY_COMPARE(m_desk->edits().stack().count(), stack + 1);
    m_desk->edits().stack().undo();
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
}

void TestRules::aNewRulesLimitStandsOnAChartThatIsThere()
{
    TimeChart chart(*m_desk, m_window.get());
    chart.resize(400, 300);
    chart.setSelectors({QStringLiteral("press/L1/P-01/oil_pressure")});
    chart.setSpan(std::chrono::hours(1));
    chart.show();
    const auto &layer = chart.findChild<ChartView *>()->layer();
    QTRY_VERIFY(!layer.frame().image.isNull()); // it follows the present, as on a page
    QVERIFY(layer.limits().empty());
    for (const auto *limit : {"3.5", "6"}) { // among the values, and above them
        openNew(QStringLiteral("press/*/*/oil_pressure"));
        type("ruleId", QStringLiteral("oil-") + QString::fromLatin1(limit).left(1));
        type("field-high/limit", QString::fromLatin1(limit));
        save();
        const auto wanted = QString::fromLatin1(limit).toDouble();
        QTRY_VERIFY(std::ranges::any_of(layer.limits(), [&](const LimitLine &line) { return line.value == wanted; }));
        QTRY_VERIFY2(layer.yOf(wanted) > 0 && layer.yOf(wanted) < chart.height(), limit);
    }
}

void TestRules::theBacktestShowsTheLimitOfTheDraft()
{
    openRule("press-hot");
    showPage(2);
    auto *chart = in<TimeChart>("backtestChart");
    QTRY_VERIFY(chart->isVisible());
    const auto &layer = chart->findChild<ChartView *>()->layer();
    QTRY_COMPARE(layer.limits().size(), std::size_t{1});
    QCOMPARE(layer.limits().front().value, 80.0);
    showPage(0);
    type("field-high/limit", QStringLiteral("70"));
    type("field-low/limit", QStringLiteral("40"));
    QTRY_COMPARE(layer.limits().size(), std::size_t{2});
    QCOMPARE(layer.limits().front().value, 70.0);
}

void TestRules::movesTheLimitByKeys()
{
    openRule("press-hot");
    auto *pages = in<QTabWidget>("rulePages");
    pages->tabBar()->setFocus();
    QTest::keyClick(pages->tabBar(), Qt::Key_Right);
    QTRY_VERIFY(in<LimitHandle>("limit-high") != nullptr && in<LimitHandle>("limit-high")->isVisible());
    for (int i = 0; i < 20 && QApplication::focusWidget() != in<LimitHandle>("limit-high"); ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), in<LimitHandle>("limit-high"));
    const auto limit = [&] { return in<QLineEdit>("field-high/limit")->text().toDouble(); };
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up);
    const auto step = limit() - 80;
    QVERIFY(step > 0 && step < 2);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_PageDown);
    QVERIFY(std::abs(limit() - (80 - 10 * step)) < step);
}

void TestRules::duplicates()
{
    auto *list = openList("press-hot");
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listDuplicate")), Qt::LeftButton);
    QTRY_VERIFY(top<RuleDialog>("ruleDialog") != nullptr);
    QCOMPARE(in<QLineEdit>("ruleId")->text(), QStringLiteral("press-hot-copy"));
    QCOMPARE(in<QLineEdit>("field-high/limit")->text(), QStringLiteral("80"));
    QCOMPARE(in<QLineEdit>("field-action")->text(), QStringLiteral("Check the cooling water"));
    type("field-high/limit", QStringLiteral("70"));
    save();
    QTRY_VERIFY2(file().contains(QStringLiteral("  - id: press-hot-copy\n")) && file().contains(QStringLiteral("limit: 70, deadband: 2")),
                 qPrintable(file()));
    QVERIFY(file().startsWith(QString::fromUtf8(RulesText))); // the first one stands as it was
    auto *table = list->findChild<QTableView *>(QStringLiteral("ruleTable"));
    QTRY_COMPARE(table->model()->rowCount(), 3);
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listUndo")), Qt::LeftButton);
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
    list->activateWindow(); // no window manager does it here
    QTRY_VERIFY(list->isActiveWindow());
    QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(file().contains(QStringLiteral("press-hot-copy")));
    shoot("rule-list");
}

void TestRules::disablesAndEnables()
{
    auto *list = openList("gateway-silent");
    auto *table = list->findChild<QTableView *>(QStringLiteral("ruleTable"));
    const auto running = [this] { // without a restart: what the session was given
        for (const auto &watch : *m_session->next.watches)
            if (watch.rule->id == "gateway-silent")
                return watch.rule->isEnabled;
        return false;
    };
    QVERIFY(running());
    QTest::keyClick(table, Qt::Key_Space); // the tick of the chosen row
    auto disabled = QString::fromUtf8(RulesText) + QStringLiteral("    enabled: false\n");
    QTRY_COMPARE(file(), disabled);
    QTRY_VERIFY(!running());
    QTRY_COMPARE(table->model()->index(1, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
    QTRY_COMPARE(table->model()->index(1, 3).data().toString(), QStringLiteral("off"));
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listToggle")), Qt::LeftButton);
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
    QTRY_VERIFY(running());
    QTRY_COMPARE(m_desk->edits().stack().count(), 2);
    QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(file(), disabled);
    QTRY_VERIFY(!running());
    QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listRemove")), Qt::LeftButton);
    QTRY_VERIFY(!file().contains(QStringLiteral("gateway-silent")));
    QTRY_COMPARE(table->model()->rowCount(), 1);
    QTRY_COMPARE(m_desk->edits().stack().count(), 1);
    QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
}

void TestRules::takesATemplate()
{
    (new TemplateDialog(*m_desk, m_window.get()))->open();
    QTRY_VERIFY(top<QDialog>("templateDialog") != nullptr);
    auto *dialog = top<QDialog>("templateDialog");
    auto *list = dialog->findChild<QListWidget *>(QStringLiteral("templates"));
    // The first is for hydraulics, and the series whose name says so is proposed.
    QCOMPARE(dialog->findChild<QComboBox *>(QStringLiteral("templateSeries"))->currentText(), QStringLiteral("press/*/*/oil_pressure"));
    shoot("rule-template");
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(dialog->findChild<QComboBox *>(QStringLiteral("templateSeries"))->currentText(), QStringLiteral("press/*/*/temp"));
    QVERIFY(
        dialog->findChild<QLabel *>(QStringLiteral("templateSentence"))->text().startsWith(QStringLiteral("When temp of each press is")));
    QTest::keyClick(list, Qt::Key_Return);
    QTRY_VERIFY(top<RuleDialog>("ruleDialog") != nullptr);
    QVERIFY(in<QPushButton>("ruleSave")->isEnabled());
    save();
    QTRY_VERIFY2(file().contains(QStringLiteral("  - id: motor-hot\n    name: \"{device} motor hot\"\n    series: press/*/*/temp\n")),
                 qPrintable(file()));
    QVERIFY(m_desk->workspace()->errors.empty());
}

void TestRules::editsLimitsAsAGrid()
{
    const char *before = "\"line\",device,high\r\nL1,P-01,\"70\"\r\n\r\nL1,P-02,75\r\n";
    write("limits/press.csv", before);
    openRule("press-hot");
    type("field-limits_from", QStringLiteral("limits/press.csv"));
    QTRY_VERIFY2(in<QPushButton>("ruleSave")->isEnabled(), qPrintable(in<QLabel>("fault-limits_from")->text()));
    auto *grid = openTable();
    QVERIFY(grid != nullptr);
    auto *dialog = grid->window();
    QCOMPARE(grid->model()->rowCount(), 2);
    // A cell by the keyboard.
    grid->setCurrentIndex(grid->model()->index(1, 2));
    grid->setFocus();
    typeCell(grid, QStringLiteral("7x"));
    QVERIFY(!dialog->findChild<QPushButton *>(QStringLiteral("tableSave"))->isEnabled());
    QVERIFY2(grid->model()->index(1, 2).data(Qt::ToolTipRole).toString().contains(QStringLiteral("'7x' is not a number")),
             qPrintable(dialog->findChild<QLabel *>(QStringLiteral("tableFault"))->text()));
    shoot("rule-table");
    typeCell(grid, QStringLiteral("77"));
    // Two rows out of a spreadsheet.
    QGuiApplication::clipboard()->setText(QStringLiteral("L2\tP-03\t66\nL2\tP-04\t-\n"));
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("tableAdd")), Qt::LeftButton);
    QTest::keyClick(grid, Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(grid->model()->rowCount(), 4);
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("tableSave")), Qt::LeftButton);
    const auto after = QStringLiteral("\"line\",device,high\r\nL1,P-01,\"70\"\r\n\r\nL1,P-02,77\r\nL2,P-03,66\r\nL2,P-04,-\r\n");
    QTRY_COMPARE(file("limits/press.csv"), after);
    QTRY_VERIFY(top<QDialog>("tableDialog") == nullptr);
    QTRY_VERIFY(in<QPushButton>("ruleSave")->isEnabled());
    // The preview of P-02 shows the table's limit, which no line moves.
    save();
    QTRY_COMPARE(m_desk->edits().stack().count(), 2);
    m_desk->edits().stack().undo();
    m_desk->edits().stack().undo();
    QTRY_COMPARE(file("limits/press.csv"), QString::fromUtf8(before));
    QTRY_COMPARE(file(), QString::fromUtf8(RulesText));
}

void TestRules::editsExpectedKeys()
{
    openRule("gateway-silent");
    m_session->setSeries(30, "gateways/G1/beat", 1, m_session->now);
    m_session->setSeries(31, "gateways/G2/beat", 1, m_session->now);
    m_session->publish();
    QTRY_VERIFY2(in<QLabel>("ruleWatches")->text().startsWith(QStringLiteral("Watches 2 series")),
                 qPrintable(in<QLabel>("ruleWatches")->text()));
    auto *grid = openTable();
    QVERIFY(grid != nullptr);
    QCOMPARE(grid->model()->columnCount(), 1);
    QTest::mouseClick(grid->window()->findChild<QPushButton *>(QStringLiteral("tableKnown")), Qt::LeftButton);
    QCOMPARE(grid->model()->rowCount(), 2);
    QTest::mouseClick(grid->window()->findChild<QPushButton *>(QStringLiteral("tableSave")), Qt::LeftButton);
    QTRY_COMPARE(file("limits/gateway-silent-expected.csv"), QStringLiteral("gateway\nG1\nG2\n"));
    QTRY_COMPARE(in<QLineEdit>("field-absence/expect/file")->text(), QStringLiteral("limits/gateway-silent-expected.csv"));
    QTRY_VERIFY(in<QPushButton>("ruleSave")->isEnabled());
    QCOMPARE(top<RuleDialog>("ruleDialog")->draft().rule->expected.size(), std::size_t(2));
}

void TestRules::opensForNobody()
{
    QPointer<QDialog> list = openList("press-hot");
    m_session->isBusy = true;
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listChange")), Qt::LeftButton);
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("listDuplicate")), Qt::LeftButton);
    QCOMPARE(m_session->waiting.size(), std::size_t(2));
    QTest::keyClick(list, Qt::Key_Escape);
    QTRY_VERIFY(list.isNull());
    m_session->runWaiting();
    QCoreApplication::processEvents(); // what the work posted
    QVERIFY(top<RuleDialog>("ruleDialog") == nullptr);
}

void TestRules::asksBeforeItDiscards()
{
    openRule("press-hot");
    QPointer<RuleDialog> dialog = top<RuleDialog>("ruleDialog");
    QTest::keyClick(dialog, Qt::Key_Escape); // nothing was changed
    QTRY_VERIFY(dialog.isNull());
    openRule("press-hot");
    dialog = top<RuleDialog>("ruleDialog");
    auto *action = in<QLineEdit>("field-area");
    action->setFocus();
    QTest::keyClicks(action, QStringLiteral("x"));
    const auto typed = action->text();
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>("discardQuestion") != nullptr);
    QTest::keyClick(top<QDialog>("discardQuestion"), Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>("discardQuestion") == nullptr);
    QVERIFY(dialog && dialog->isVisible());
    QCOMPARE(in<QLineEdit>("field-area")->text(), typed);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(top<QDialog>("discardQuestion") != nullptr);
    const auto buttons = top<QDialog>("discardQuestion")->findChildren<QPushButton *>();
    for (auto *button : buttons)
        if (qobject_cast<QMessageBox *>(top<QDialog>("discardQuestion"))->standardButton(button) == QMessageBox::Discard) {
            QTest::mouseClick(button, Qt::LeftButton);
            break;
        }
    QTRY_VERIFY(dialog.isNull());
}

void TestRules::keepsWhatWasTypedWhereSavingIsRefused()
{
    openRule("press-hot");
    type("field-area", QStringLiteral("Hall 2"));
    const char *elsewhere = "format: 1\nrules: []\n"; // somebody took the rule out of the file meanwhile
    write("rules/press.yaml", elsewhere);
    QTest::mouseClick(in<QPushButton>("ruleSave"), Qt::LeftButton);
    QTRY_VERIFY(in<QLabel>("ruleFaults")->text().startsWith(QStringLiteral("Not saved.")));
    QVERIFY(in<QLabel>("ruleFaults")->isVisible());
    QCOMPARE(in<QLineEdit>("field-area")->text(), QStringLiteral("Hall 2"));
    QVERIFY(in<QPushButton>("ruleSave")->isEnabled());
    QCOMPARE(file(), QString::fromUtf8(elsewhere));
    QCOMPARE(m_desk->edits().stack().count(), 0);
}

void TestRules::endsWithItsDesk()
{
    openRule("press-hot");
    QPointer<RuleDialog> dialog = top<RuleDialog>("ruleDialog");
    m_desk.reset();
    QTRY_VERIFY(dialog.isNull());
}

void TestRules::seriesAreRetiredMeanwhile()
{
    openRule("press-hot");
    showPage(1);
    auto *choice = in<QComboBox>("previewSeries");
    QTRY_COMPARE(choice->count(), 4);
    QSignalSpy second(&m_desk->feed(), &SnapshotFeed::second);
    QVERIFY(second.wait()); // the next one, which judges the draft anew, is a second away
    m_session->setSeries(2, "", 0, m_session->now);
    m_session->publish();
    m_desk->feed().poll();
    choice->setCurrentIndex(1);
    QVERIFY(!in<QLabel>("previewNote")->text().isEmpty());
    showPage(0);
    auto *grid = openTable();
    QVERIFY(grid != nullptr);
    QTest::mouseClick(grid->window()->findChild<QPushButton *>(QStringLiteral("tableKnown")), Qt::LeftButton);
    QCOMPARE(grid->model()->rowCount(), 3);
}

QTEST_MAIN(TestRules)
#include "tst_rules.moc"
