#include "catalog/catalog.h"
#include "connectors/kafkaside.h"
#include "items/texts.h"
#include "stack/stack.h"
#include "widgets/chart/timechart.h"
#include "widgets/hands.h"
#include "widgets/main/mainwindow.h"

#include <mqtt/async_client.h>
#include <pqxx/pqxx>

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

#include <thread>

using namespace sg;
using namespace sg::test;

// Somebody's own topic, broker and views, whose messages nobody prepared, become series on a chart, saved sources and an alarm: the real
// window, by events, on real servers.
class TestConnectServers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();
    void kafkaToAChart();
    void theMessagesOfIt();
    void mqttToAChart();
    void viewWithACursorToAChart();
    void viewWithoutOneToAChart();
    void aRuleRaisesOnTheNewData();
    void aSourceIsStoppedAndStarted();

private:
    template <class T> T *in(const char *name) const
    {
        auto *dialog = topWidget<QDialog>("connectDialog");
        return dialog == nullptr ? nullptr : dialog->findChild<T *>(QString::fromUtf8(name));
    }
    void press(const char *action) const
    {
        auto *found = m_window->findChild<QAction *>(QString::fromUtf8(action));
        QVERIFY2(found != nullptr && found->isEnabled(), action);
        found->trigger();
    }
    void click(const char *name, int patience = 10'000) const { clickOn(in<QAbstractButton>(name), patience); }
    void choose(const char *box, const QString &data) const { chooseIn(in<QComboBox>(box), data); }
    void type(const char *field, const QString &text) const { typeInto(in<QLineEdit>(field), text); }
    void check(const QString &name) const
    {
        auto *table = in<QTableView>("topicTable");
        const auto rowOf = [&] {
            for (int row = 0; row < table->model()->rowCount(); ++row)
                if (table->model()->index(row, 0).data().toString() == name)
                    return row;
            return -1;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(rowOf() >= 0, qPrintable(name + u' ' + in<QLabel>("topicSaid")->text()), 30'000);
        table->setFocus();
        table->setCurrentIndex(table->model()->index(rowOf(), 0));
        QTest::keyClick(table, Qt::Key_Space);
        QTRY_VERIFY(table->model()->index(rowOf(), 0).data(Qt::CheckStateRole).toInt() == Qt::Checked);
    }
    [[nodiscard]] QString yaml() const { return in<QPlainTextEdit>("connectYaml")->toPlainText(); }
    [[nodiscard]] QString file(const char *name) const
    {
        QFile out(m_folder.filePath(QString::fromLatin1(name)));
        return out.open(QIODevice::ReadOnly) ? QString::fromUtf8(out.readAll()) : QString();
    }
    [[nodiscard]] bool hasSeries(const QString &text) const
    {
        auto *tree = m_window->findChild<QTreeView *>(QStringLiteral("seriesTree"));
        return tree != nullptr
            && !tree->model()->match(tree->model()->index(0, 0), Qt::DisplayRole, text, 1, Qt::MatchRecursive | Qt::MatchExactly).isEmpty();
    }
    void shoot(const char *name) const
    {
        const auto folder = qEnvironmentVariable("SG_SHOTS");
        auto *dialog = topWidget<QDialog>("connectDialog");
        if (folder.isEmpty())
            return;
        QTest::qWait(300); // a picture for people; no test hangs on it
        (dialog != nullptr ? static_cast<QWidget *>(dialog) : m_window.get())
            ->grab()
            .save(folder + u'/' + QString::fromUtf8(name) + QStringLiteral(".png"));
    }
    [[nodiscard]] bool isOnAChart(const std::string &series) const
    {
        const auto charts = m_window->findChildren<TimeChart *>();
        return std::any_of(charts.begin(), charts.end(), [&](const TimeChart *chart) {
            return std::any_of(chart->series().begin(), chart->series().end(), [&](const auto &one) { return one.path == series; });
        });
    }
    void begin(const char *kind) const
    {
        press("addSource");
        QTRY_VERIFY(topWidget<QDialog>("connectDialog") != nullptr);
        choose("connectKind", QString::fromLatin1(kind));
    }
    // From the messages, which the page has read, to the saved source.
    void save() const
    {
        QTRY_VERIFY2_WITH_TIMEOUT(in<QTableView>("sampleTable")->model()->rowCount() > 0, qPrintable(in<QLabel>("sampleSaid")->text()),
                                  30'000);
        shoot(qPrintable(QString::fromLatin1(QTest::currentTestFunction()) + QStringLiteral("-3")));
        click("connectNext");
        QTRY_VERIFY2_WITH_TIMEOUT(in<QLabel>("seriesSaid")->text().contains(QStringLiteral("Live.")),
                                  qPrintable(in<QLabel>("seriesSaid")->text() + in<QLabel>("decodedSaid")->text() + yaml()), 30'000);
        shoot(qPrintable(QString::fromLatin1(QTest::currentTestFunction()) + QStringLiteral("-4")));
        const auto shownText = yaml();
        click("connectSave");
        QTRY_VERIFY2_WITH_TIMEOUT(in<QLabel>("savedSaid")->text().contains(QStringLiteral("it reads")),
                                  qPrintable(in<QLabel>("savedSaid")->text()), 30'000);
        QVERIFY2(file("workspace.yaml").contains(QString(shownText).remove(QStringLiteral("# workspace.yaml\n"))),
                 qPrintable(file("workspace.yaml")));
    }
    void saveToAChart(const QString &series) const
    {
        save();
        auto *box = in<QComboBox>("savedSeries");
        QTRY_VERIFY2_WITH_TIMEOUT(box->findData(series) >= 0, qPrintable(series), 30'000);
        choose("savedSeries", series);
        click("savedChart");
        QTRY_VERIFY(topWidget<QDialog>("connectDialog") == nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(isOnAChart(utf8Of(series)), 20'000);
        shoot(QTest::currentTestFunction());
    }
    // Levels and pressures of two tanks as bare numbers, and beside them a text that nobody asked for.
    void sendYard()
    {
        auto client = std::make_shared<mqtt::async_client>((*m_stack)["SG_MQTT_URL"], "yard");
        client->connect()->wait();
        keepSending([client](int i) {
            for (const auto *gateway : {"G1", "G2"}) {
                const auto topic = std::string("yard/") + gateway;
                client->publish(topic + "/level", std::to_string(80 + i % 5) + ".4", 0, false)->wait();
                client->publish(topic + "/pressure", std::to_string(5 + i % 3), 0, false)->wait();
                client->publish(topic + "/label", "tank", 0, false)->wait();
            }
        });
    }
    void run(const std::string &sql) const
    {
        pqxx::connection c("host=" + (*m_stack)["SG_PG_HOST"] + " port=" + (*m_stack)["SG_PG_PORT"] + " user=" + (*m_stack)["SG_PG_USER"]
                           + " dbname=" + (*m_stack)["SG_PG_DB"]);
        pqxx::nontransaction(c).exec(sql);
    }
    void beginView(const QString &view) const
    {
        begin("postgres");
        for (const auto &[field, value] : {std::pair("field-host", "SG_PG_HOST"),
                                           {"field-port", "SG_PG_PORT"},
                                           {"field-dbname", "SG_PG_DB"},
                                           {"field-user", "SG_PG_USER"}})
            type(field, textOf((*m_stack)[value]));
        click("connectNext");
        check(view);
    }
    // Runs `send` five times a second until the test function ends.
    void keepSending(std::function<void(int)> send)
    {
        m_sender = std::jthread([send = std::move(send)](const std::stop_token &stop) {
            for (int i = 0; !stop.stop_requested(); ++i) {
                send(i);
                std::this_thread::sleep_for(std::chrono::milliseconds(200));
            }
        });
    }

    std::unique_ptr<Stack> m_stack;
    QTemporaryDir m_home, m_folder;
    std::unique_ptr<MainWindow> m_window;
    std::jthread m_sender;
};

void TestConnectServers::initTestCase()
{
    m_stack = std::make_unique<Stack>(std::vector<std::string>{"kafka", "mosquitto", "postgres"});
    QVERIFY2(m_stack->ok(), m_stack->error().c_str());
    QVERIFY(m_home.isValid() && m_folder.isValid());
    QLocale::setDefault(QLocale::c());
    qputenv("XDG_STATE_HOME", m_home.filePath(QStringLiteral("state")).toUtf8());
    qputenv("XDG_RUNTIME_DIR", m_home.filePath(QStringLiteral("run")).toUtf8());
    QVERIFY(QDir().mkpath(m_home.filePath(QStringLiteral("run"))));
    QFile::setPermissions(m_home.filePath(QStringLiteral("run")), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.filePath(QStringLiteral("config")));
    QFile workspace(m_folder.filePath(QStringLiteral("workspace.yaml")));
    QVERIFY(workspace.open(QIODevice::WriteOnly) && workspace.write("format: 1\nname: Own\nsources: []\n") > 0);
    workspace.close();
    WindowContext context;
    context.catalog = &sourceCatalog();
    context.start = [](std::shared_ptr<const Workspace> read) { return startSession(std::move(read), sourceCatalog(), SessionOptions()); };
    context.read = [](const std::string &path) { return openWorkspace(path); };
    context.demoFolder = [] { return demoFolder(); };
    context.folder = utf8Of(m_folder.path());
    m_window = std::make_unique<MainWindow>(context);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<QTreeView *>(QStringLiteral("seriesTree")) != nullptr, 20'000);
}

void TestConnectServers::cleanupTestCase()
{
    m_window.reset();
}

void TestConnectServers::cleanup()
{
    m_sender = {};
    for (const auto *name : {"connectDialog", "sourceList", "ruleDialog"})
        if (auto *dialog = topWidget<QDialog>(name))
            dialog->done(QDialog::Rejected);
}

void TestConnectServers::kafkaToAChart()
{
    const auto side = std::make_shared<KafkaSide>((*m_stack)["SG_KAFKA_BROKERS"]); // of the thread that sends, which outlives this function
    for (const auto *topic : {"mill.A.readings", "mill.B.readings", "unrelated"})
        side->createTopic(topic, 2);
    keepSending([side](int i) {
        for (const auto *line : {"A", "B"})
            side->send({std::string("mill.") + line + ".readings", i % 2,
                        R"({"machine":{"no":"M)" + std::to_string(i % 3) + R"("},"at":)"
                            + std::to_string(QDateTime::currentMSecsSinceEpoch()) + R"(,"bearing":{"temperature":)"
                            + std::to_string(40 + i % 20) + R"(.25},"batch":"B)" + std::to_string(i) + R"("})",
                        "k" + std::to_string(i % 3)});
        side->flush();
    });
    press("addSource");
    QTRY_VERIFY(topWidget<QDialog>("connectDialog") != nullptr);
    choose("connectKind", QStringLiteral("kafka"));
    type("field-brokers", textOf((*m_stack)["SG_KAFKA_BROKERS"]));
    click("connectTest");
    QTRY_VERIFY2_WITH_TIMEOUT(in<QPlainTextEdit>("connectSteps")->toPlainText().contains(QStringLiteral("It works.")),
                              qPrintable(in<QPlainTextEdit>("connectSteps")->toPlainText()), 30'000);
    shoot("real-kafka-1");
    click("connectNext");
    check(QStringLiteral("mill.A.readings"));
    check(QStringLiteral("mill.B.readings"));
    click("patternCommon");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("mill.{part2}.readings")), qPrintable(yaml()));
    type("part-0-1", QStringLiteral("line"));
    QTest::keyClick(in<QLineEdit>("part-0-1"), Qt::Key_Return);
    QTRY_VERIFY(yaml().contains(QStringLiteral("mill.{line}.readings")));
    shoot("real-kafka-2");
    click("connectNext");
    QTRY_VERIFY2_WITH_TIMEOUT(in<QTableView>("sampleTable")->model()->rowCount() > 0, qPrintable(in<QLabel>("sampleSaid")->text()), 30'000);
    QTRY_VERIFY(yaml().contains(QStringLiteral("at: /at, unit: ms")));
    shoot("real-kafka-3");
    click("connectNext");
    QTRY_VERIFY_WITH_TIMEOUT(in<QLabel>("seriesSaid")->text().contains(QStringLiteral("Live.")), 30'000);
    shoot("real-kafka-4");
    click("connectSave");
    QTRY_VERIFY2_WITH_TIMEOUT(in<QLabel>("savedSaid")->text().contains(QStringLiteral("it reads")),
                              qPrintable(in<QLabel>("savedSaid")->text()), 30'000);
    shoot("real-kafka-5");
    click("savedChart");
    QTRY_VERIFY(topWidget<QDialog>("connectDialog") == nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<QWidget *>(QStringLiteral("chart-chart-1")) != nullptr, 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(hasSeries(QStringLiteral("bearing.temperature")), 10'000);
    QVERIFY(file("workspace.yaml").contains(QStringLiteral("mill.{line}.readings")));
    shoot("real-kafka-6");
}

void TestConnectServers::theMessagesOfIt()
{
    const auto side = std::make_shared<KafkaSide>((*m_stack)["SG_KAFKA_BROKERS"]);
    keepSending([side](int i) {
        side->send({"mill.A.readings", 0, "{\"bearing\":{\"temperature\":" + std::to_string(i) + "},\"machine\":{\"no\":\"M1\"},\"at\":1}",
                    "tail"});
        side->flush();
    });
    press("messages");
    const auto page = [this] { return m_window->findChild<QDialog *>(QStringLiteral("messages-mill")); };
    QTRY_VERIFY(page() != nullptr && page()->isVisible());
    auto *table = page()->findChild<QTableView *>(QStringLiteral("messageTable"));
    QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() >= 100, 30'000);
    const auto before = table->model()->rowCount();
    QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > before + 3, 30'000); // live
    auto *from = page()->findChild<QComboBox *>(QStringLiteral("messagesFrom"));
    from->setFocus();
    QTest::keyClick(from, Qt::Key_End);
    auto *offset = page()->findChild<QLineEdit *>(QStringLiteral("messagesOffset"));
    offset->setFocus();
    QTest::keyClicks(offset, QStringLiteral("3"));
    auto *partition = page()->findChild<QLineEdit *>(QStringLiteral("messagesPartition"));
    partition->setFocus();
    QTest::keyClicks(partition, QStringLiteral("0"));
    QTest::keyClick(partition, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > 0 && table->model()->index(0, 2).data().toString() == QStringLiteral("0 / 3"),
                             30'000);
    page()->close();
}

void TestConnectServers::mqttToAChart()
{
    sendYard();
    begin("mqtt");
    type("field-broker", textOf((*m_stack)["SG_MQTT_URL"]));
    click("connectNext");
    QTRY_VERIFY_WITH_TIMEOUT(in<QLabel>("topicSaid")->text().startsWith(QStringLiteral("Listening")), 20'000);
    QTest::qWait(2500);
    click("topicListen"); // Stop: what came is there
    check(QStringLiteral("yard/G1/level"));
    click("part-0-1");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("yard/{gateway}/level")), qPrintable(yaml()));
    shoot("real-mqtt-2");
    click("connectNext");
    QTRY_VERIFY2_WITH_TIMEOUT(yaml().contains(QStringLiteral("scalar")), qPrintable(yaml()), 30'000);
    shoot("real-mqtt-3");
    saveToAChart(QStringLiteral("yard/G2/value"));
}

void TestConnectServers::viewWithACursorToAChart()
{
    run("create table heat (oven text, loaded_at timestamptz not null default now(), heat numeric, primary key (oven, loaded_at));"
        "create view ovens as select oven, loaded_at, heat from heat;"
        "insert into heat (oven, heat) values ('O1', 211.5), ('O2', 198.25)");
    keepSending([this](int i) {
        if (i % 5 == 0)
            run("insert into heat (oven, heat) select 'O' || n, 200 + " + std::to_string(i % 7) + " from generate_series(1, 2) n");
    });
    beginView(QStringLiteral("public.ovens"));
    QTRY_VERIFY2(yaml().contains(QStringLiteral("view: ovens")) && yaml().contains(QStringLiteral("cursor: loaded_at")),
                 qPrintable(yaml()));
    shoot("real-postgres-2");
    click("connectNext");
    saveToAChart(QStringLiteral("ovens/O1/heat"));
    // A rule for it later: from its menu in the tree.
    auto *tree = m_window->findChild<QTreeView *>(QStringLiteral("seriesTree"));
    tree->expandAll();
    const auto found = tree->model()->match(tree->model()->index(0, 0), Qt::DisplayRole, QStringLiteral("heat"), 1,
                                            Qt::MatchRecursive | Qt::MatchExactly);
    QVERIFY(!found.isEmpty());
    tree->scrollTo(found.front());
    const auto at = tree->visualRect(found.front()).center();
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, at);
    QTest::mouseClick(m_window->windowHandle(), Qt::RightButton, {}, tree->viewport()->mapTo(m_window.get(), at));
    QTRY_VERIFY(m_window->findChild<QMenu *>(QStringLiteral("seriesMenu")) != nullptr);
    auto *menu = m_window->findChild<QMenu *>(QStringLiteral("seriesMenu"));
    QTRY_VERIFY(menu->isVisible());
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->findChild<QAction *>(QStringLiteral("seriesRule"))).center());
    QTRY_VERIFY(topWidget<QDialog>("ruleDialog") != nullptr);
    QVERIFY(topWidget<QDialog>("ruleDialog")
                ->findChild<QLineEdit *>(QStringLiteral("ruleSeries"))
                ->text()
                .startsWith(QStringLiteral("ovens/O")));
}

// What it shows is counted anew each time, and nothing in it grows: it is polled whole.
void TestConnectServers::viewWithoutOneToAChart()
{
    run("create table line_state (line text primary key, state text, n int);"
        "insert into line_state values ('L1', 'running', 4), ('L2', 'stopped', 0);"
        "create view line_now as select line, max(state) as state, sum(n) as n from line_state group by line");
    keepSending([this](int i) {
        if (i % 5 == 0)
            run("update line_state set n = n + 1 where line = 'L1'");
    });
    beginView(QStringLiteral("public.line_now"));
    QTRY_VERIFY2(yaml().contains(QStringLiteral("mode: snapshot")) && yaml().contains(QStringLiteral("row_key")), qPrintable(yaml()));
    shoot("real-snapshot-2");
    click("connectNext");
    saveToAChart(QStringLiteral("line-now/L1/n"));
}

void TestConnectServers::aRuleRaisesOnTheNewData()
{
    sendYard();
    begin("mqtt");
    type("field-broker", textOf((*m_stack)["SG_MQTT_URL"]));
    click("connectNext");
    QTRY_VERIFY_WITH_TIMEOUT(in<QLabel>("topicSaid")->text().startsWith(QStringLiteral("Listening")), 20'000);
    auto *typed = in<QLineEdit>("patternTyped");
    typeInto(typed, QStringLiteral("yard/{gateway}/pressure"));
    QTest::keyClick(typed, Qt::Key_Return);
    click("connectNext");
    save();
    auto *series = in<QComboBox>("savedSeries");
    QTRY_VERIFY_WITH_TIMEOUT(series->findData(QStringLiteral("yard2/G2/value")) >= 0, 30'000);
    choose("savedSeries", QStringLiteral("yard2/G2/value"));
    click("savedRule");
    QTRY_VERIFY_WITH_TIMEOUT(topWidget<QDialog>("ruleDialog") != nullptr, 10'000);
    auto *rule = topWidget<QDialog>("ruleDialog");
    QCOMPARE(rule->findChild<QLineEdit *>(QStringLiteral("ruleSeries"))->text(), QStringLiteral("yard2/G2/value"));
    shoot("real-rule-1");
    typeInto(rule->findChild<QLineEdit *>(QStringLiteral("field-high/limit")), QStringLiteral("4.5"));
    auto *priority = rule->findChild<QComboBox *>(QStringLiteral("field-priority"));
    chooseIn(priority, QStringLiteral("high"));
    clickOn(rule->findChild<QPushButton *>(QStringLiteral("ruleSave")));
    QTRY_VERIFY_WITH_TIMEOUT(topWidget<QDialog>("ruleDialog") == nullptr, 10'000);
    auto *alarms = m_window->findChild<QWidget *>(QStringLiteral("alarmPanel"))->findChild<QTableView *>(QStringLiteral("alarmView"));
    QTRY_VERIFY_WITH_TIMEOUT(alarms->model()->rowCount() == 1, 30'000);
    shoot("real-rule-2");
    QString row;
    for (int column = 0; column < alarms->model()->columnCount(); ++column)
        row += alarms->model()->index(0, column).data().toString() + u'|';
    QVERIFY2(row.contains(QStringLiteral("G2")), qPrintable(row));
}

void TestConnectServers::aSourceIsStoppedAndStarted()
{
    const auto before = file("workspace.yaml");
    press("sources");
    auto *list = topWidget<QDialog>("sourceList");
    QVERIFY(list != nullptr);
    auto *table = list->findChild<QTableView *>(QStringLiteral("sourceTable"));
    QTRY_VERIFY(table->model()->rowCount() > 0);
    table->setCurrentIndex(table->model()->index(0, 0));
    const auto state = [&] { return table->model()->index(0, 3).data().toString(); };
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("sourcesToggle")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(file("workspace.yaml").contains(QStringLiteral("enabled: false")), 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(state().startsWith(QStringLiteral("stopped")), 10'000);
    QTest::mouseClick(list->findChild<QPushButton *>(QStringLiteral("sourcesToggle")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(file("workspace.yaml"), before, 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(state().contains(QStringLiteral("live")), 30'000);
}

QTEST_MAIN(TestConnectServers)
#include "tst_connectservers.moc"
