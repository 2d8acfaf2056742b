#include "catalog/catalog.h"
#include "connectors/kafkaside.h"
#include "items/texts.h"
#include "stack/stack.h"
#include "widgets/hands.h"
#include "widgets/main/mainwindow.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

#include <thread>

using namespace sg;
using namespace sg::test;

// Somebody's own topic, whose messages nobody prepared, becomes series on a chart and a saved source: the real window, by events, on a real
// broker.
class TestConnectServers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();
    void kafkaToAChart();
    void theMessagesOfIt();
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
    m_stack = std::make_unique<Stack>(std::vector<std::string>{"kafka"});
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
    KafkaSide side((*m_stack)["SG_KAFKA_BROKERS"]);
    for (const auto *topic : {"mill.A.readings", "mill.B.readings", "unrelated"})
        side.createTopic(topic, 2);
    keepSending([&side](int i) {
        for (const auto *line : {"A", "B"})
            side.send({std::string("mill.") + line + ".readings", i % 2,
                       R"({"machine":{"no":"M)" + std::to_string(i % 3) + R"("},"at":)"
                           + std::to_string(QDateTime::currentMSecsSinceEpoch()) + R"(,"bearing":{"temperature":)"
                           + std::to_string(40 + i % 20) + R"(.25},"batch":"B)" + std::to_string(i) + R"("})",
                       "k" + std::to_string(i % 3)});
        side.flush();
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
    KafkaSide side((*m_stack)["SG_KAFKA_BROKERS"]);
    keepSending([&side](int i) {
        side.send({"mill.A.readings", 0, "{\"bearing\":{\"temperature\":" + std::to_string(i) + "},\"machine\":{\"no\":\"M1\"},\"at\":1}",
                   "tail"});
        side.flush();
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
