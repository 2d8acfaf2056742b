#include "support/fakebrowser.h"
#include "widgets/hands.h"
#include "widgets/ruleplant.h"

#include "items/texts.h"
#include "widgets/connect/connectdialog.h"
#include "widgets/connect/itemnode.h"
#include "widgets/connect/itemroles.h"
#include "widgets/connect/patternparts.h"
#include "widgets/main/desk.h"
#include "widgets/theme/theme.h"

#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;
using namespace sg::test;

namespace {

constexpr auto WorkspaceText = R"(format: 1
name: Own
connections:
  - id: hall # of the plant
    kafka: { brokers: ["127.0.0.1:9092"] }
sources: []
)";

Result<std::shared_ptr<const Workspace>> readHere(const std::string &folder)
{
    auto read = readWorkspace(folder, fakeCatalog());
    if (!read)
        return read.error();
    return std::shared_ptr<const Workspace>(std::make_shared<Workspace>(std::move(*read)));
}

BrowsedTopic topic(const std::string &name, double rate = 2)
{
    BrowsedTopic out;
    out.name = name;
    out.messagesPerSecond = rate;
    out.partitions = 3;
    return out;
}

}

// "Connect your own data" as somebody meets it who never read a manual: real events, a server made by hand, and the file that is written.
class TestConnect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void partsBecomeLabels_data();
    void partsBecomeLabels();
    void topicsInCommon_data();
    void topicsInCommon();
    void placesGetAUse();
    void kindsAreReadEachItsWay();
    void listsAndTextsAreTakenApart();
    void kindsListAndSplitByTheMenu();
    void testSaysEachStep();
    void testSaysWhatFailed();
    void secretsAreReferences();
    void takesAConnection();
    void aNamedConnectionAsksFirst();
    void saysWhatTheListLacks();
    void topicsBecomeAPattern();
    void aTopicCanBeLeftOut();
    void mqttListensAndStops();
    void aViewTakesItsProposals();
    void numericKeysAreOfTheKind();
    void closingEndsTheLook();
    void inventedMessagesToASavedSource();
    void byKeysAlone();

private:
    template <class T> T *in(const char *name) const
    {
        return m_dialog == nullptr ? nullptr : m_dialog->findChild<T *>(QString::fromUtf8(name));
    }
    void open()
    {
        m_dialog = new ConnectDialog(*m_desk, {}, m_window.get());
        m_dialog->open();
        QTRY_VERIFY(m_dialog->isVisible());
    }
    void choose(const char *box, const QString &data) const { chooseIn(in<QComboBox>(box), data); }
    void type(const char *field, const QString &text) const { typeInto(in<QLineEdit>(field), text); }
    void click(const char *name) const { clickOn(in<QAbstractButton>(name)); }
    // A click into the box before the name.
    void check(const QString &name) const
    {
        auto *table = in<QTableView>("topicTable");
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            const auto index = table->model()->index(row, 0);
            if (index.data().toString() != name)
                continue;
            table->scrollTo(index);
            const auto was = index.data(Qt::CheckStateRole);
            QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                              table->visualRect(index).topLeft() + QPoint(10, table->rowHeight(row) / 2));
            QTRY_VERIFY(index.data(Qt::CheckStateRole) != was);
            return;
        }
        QFAIL(qPrintable(name));
    }
    [[nodiscard]] QString yaml() const { return in<QPlainTextEdit>("connectYaml")->toPlainText(); }
    void shoot(const char *name) const
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty() && m_dialog != nullptr) {
            QTest::qWait(300); // a picture for people; no test hangs on it
            for (const bool isDark : {false, true}) {
                applyTheme(isDark);
                QTest::qWait(100);
                m_dialog->grab().save(folder + u'/' + QString::fromUtf8(name)
                                      + (isDark ? QStringLiteral("-dark.png") : QStringLiteral(".png")));
            }
            applyTheme(false);
        }
    }
    [[nodiscard]] QString file(const char *name) const
    {
        QFile out(m_folder->filePath(QString::fromLatin1(name)));
        return out.open(QIODevice::ReadOnly) ? QString::fromUtf8(out.readAll()) : QString();
    }
    // The messages of an invented plant, that nobody prepared.
    static void invented(int count)
    {
        for (int i = 0; i < count; ++i)
            for (const auto *line : {"L1", "L2", "L9"}) {
                const auto stamp = QDateTime::currentMSecsSinceEpoch() - 1000 * (count - i);
                FakeServer::instance().put(std::string("plant.") + line + ".processed", "P-0" + std::to_string(i % 3),
                                           R"({"asset":{"id":"P-0)" + std::to_string(i % 3) + R"("},"ts":)" + std::to_string(stamp)
                                               + R"(,"data":{"temp":)" + std::to_string(70 + i % 7) + R"(.5,"speed":)"
                                               + std::to_string(1200 + 3 * i) + R"(},"lot":"LOT-)" + std::to_string(1000 + 7 * i)
                                               + R"(","note":"<b>x</b>"})");
            }
    }
    void selectPlace(const QString &where) const
    {
        auto *tree = in<QTreeWidget>("sampleTree");
        for (QTreeWidgetItemIterator it(tree); *it != nullptr; ++it)
            if ((*it)->data(0, Qt::UserRole).toString() == where) {
                tree->scrollToItem(*it);
                QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualItemRect(*it).center());
                QCOMPARE(tree->currentItem(), *it);
                return;
            }
        QFAIL(qPrintable(where));
    }
    // The menu of a place in the raw message, by the right button.
    void chooseFor(const QString &where, const char *action) const
    {
        selectPlace(where);
        auto *tree = in<QTreeWidget>("sampleTree");
        const auto at = tree->viewport()->mapTo(m_dialog, tree->visualItemRect(tree->currentItem()).center());
        QTest::mouseClick(m_dialog->windowHandle(), Qt::RightButton, {}, at);
        auto *menu = in<QMenu>("placeMenu");
        QTRY_VERIFY(menu->isVisible());
        auto *found = menu->findChild<QAction *>(QString::fromLatin1(action));
        QVERIFY2(found != nullptr && found->isEnabled(), action);
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(found).center());
        QTRY_VERIFY(!menu->isVisible());
    }
    void kafkaTopics()
    {
        open();
        choose("connectKind", QStringLiteral("kafka"));
        type("field-brokers", QStringLiteral("127.0.0.1:9092"));
        click("connectNext");
        QTRY_COMPARE(in<QTableView>("topicTable")->model()->rowCount(), 5);
    }

    QTemporaryDir m_home;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<FolderSession> m_session;
    std::unique_ptr<QWidget> m_window;
    std::unique_ptr<Desk> m_desk;
    QPointer<ConnectDialog> m_dialog;
};

void TestConnect::initTestCase()
{
    QLocale::setDefault(QLocale::c());
    QVERIFY(m_home.isValid());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8()); // what was agreed to is kept there, or below the state
    qputenv("XDG_STATE_HOME", m_home.path().toUtf8());
    applyTheme(false);
}

void TestConnect::init()
{
    qputenv("SIGHTGLASS_TRUST", "any");
    auto &server = FakeServer::instance();
    server.clear();
    for (const auto *name : {"plant.L1.processed", "plant.L2.processed", "plant.L9.processed", "plant.L1.raw", "other"})
        server.topics.push_back(topic(name));
    m_folder = std::make_unique<QTemporaryDir>();
    QFile file(m_folder->filePath(QStringLiteral("workspace.yaml")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(WorkspaceText) > 0);
    file.close();
    m_session = std::make_shared<FolderSession>(utf8Of(m_folder->path()));
    const auto read = readHere(utf8Of(m_folder->path()));
    QVERIFY2(bool(read), read ? "" : qPrintable(errorText(read.error())));
    m_session->apply(*read);
    WindowContext context;
    context.catalog = &fakeCatalog();
    context.read = readHere;
    m_desk = std::make_unique<Desk>(m_session, context);
    m_window = std::make_unique<QWidget>();
    m_window->resize(1280, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestConnect::cleanup()
{
    delete m_dialog;
    m_window.reset();
    m_desk.reset();
    QTRY_COMPARE(FakeServer::instance().open.load(), 0); // every look ended
}

void TestConnect::partsBecomeLabels_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<char>("separator");
    QTest::addColumn<int>("part");
    QTest::addColumn<QString>("made");
    QTest::newRow("kafka") << "plant.L1.processed" << '.' << 1 << "plant.{line}.processed";
    QTest::newRow("a device") << "plant.{line}.P-07" << '.' << 2 << "plant.{line}.{device}";
    QTest::newRow("without dots") << "plant-L1-processed" << '.' << 1 << "plant-{line}-processed";
    QTest::newRow("the part before names it") << "halls/7/beat" << '/' << 1 << "halls/{hall}/beat";
    QTest::newRow("a name that is taken") << "plant/{line}/L4" << '/' << 2 << "plant/{line}/{line2}";
    QTest::newRow("no idea") << "plant/north/beat" << '/' << 1 << "plant/{part2}/beat";
}

void TestConnect::partsBecomeLabels()
{
    QFETCH(QString, pattern);
    QFETCH(char, separator);
    QFETCH(int, part);
    QFETCH(QString, made);
    auto parts = partsOf(utf8Of(pattern), separator);
    const auto number = static_cast<std::size_t>(part);
    parts[number].text = labelNameFor(parts, number);
    parts[number].isLabel = true;
    QCOMPARE(textOf(patternOf(parts)), made);
    QCOMPARE(textOf(patternOf(partsOf(patternOf(parts), separator))), made);
}

void TestConnect::topicsInCommon_data()
{
    QTest::addColumn<QString>("topics");
    QTest::addColumn<QString>("pattern");
    QTest::newRow("one part") << "plant.L1.x plant.L2.x"
                              << "plant.{line}.x";
    QTest::newRow("two parts") << "plant.L1.P-1 plant.L2.P-2"
                               << "plant.{line}.{device}";
    QTest::newRow("of another length") << "plant.L1.x plant.L2"
                                       << "";
    QTest::newRow("nothing in common") << "a.b c.d"
                                       << "";
    QTest::newRow("one topic") << "plant.L1.x"
                               << "";
}

void TestConnect::topicsInCommon()
{
    QFETCH(QString, topics);
    QFETCH(QString, pattern);
    std::vector<std::string> names;
    for (const auto &one : topics.split(u' '))
        names.push_back(utf8Of(one));
    QCOMPARE(textOf(commonPattern(names, '.').value_or("")), pattern);
}

void TestConnect::placesGetAUse()
{
    auto item = mapNode({{"path", listNode({"line"})}, {"decode", flowNode("{ json: { learn: true } }")}});
    setUse(item, "/data/temp", {PlaceRole::Field, "temp"}, "{ at: /data/temp, as: number }", {});
    setUse(item, "/asset", {PlaceRole::Label, "device"}, {}, {});
    setUse(item, "key:/lot", {PlaceRole::Note, "lot"}, {}, {});
    setUse(item, "/ts", {PlaceRole::Stamp, {}}, {}, flowNode("{ unit: ms }"));
    QCOMPARE(textOf(itemYaml(item)),
             QStringLiteral("path: [line, device]\nlabels: { device: /asset }\nnotes: { lot: key:/lot }\n"
                            "time: { basis: message, at: /ts, unit: ms }\n"
                            "decode: { json: { learn: true, fields: { temp: { at: /data/temp, as: number } } } }"));
    // Another use takes the one before away, and what was only there for it.
    setUse(item, "/asset", {PlaceRole::Field, "asset"}, {}, {});
    setUse(item, "key:/lot", {PlaceRole::None, {}}, {}, {});
    setUse(item, "/data/temp", {PlaceRole::None, {}}, {}, {});
    QCOMPARE(textOf(itemYaml(item)),
             QStringLiteral("path: [line]\ntime: { basis: message, at: /ts, unit: ms }\n"
                            "decode: { json: { learn: true, fields: { asset: { at: /asset } } } }"));
    QCOMPARE(useOf(item, "topic:line").name, std::string("line"));
}

void TestConnect::kindsAreReadEachItsWay()
{
    auto item = mapNode({{"path", listNode({"line", "device"})},
                         {"labels", flowNode("{ device: /asset }")},
                         {"time", flowNode("{ basis: message, at: /ts }")},
                         {"decode", flowNode("{ json: { unwrap: auto, learn: true } }")}});
    setKinds(item, "/type",
             {{"data", flowNode("{ learn: true, unwrap: auto }")}, {"present", flowNode("{ fields: { code: { at: /code } } }")}});
    QVERIFY(tellsKinds(item, "/type") && !tellsKinds(item, "/ts"));
    const auto textAt = [](const std::string &type) {
        return [type](const std::string &where) { return where == "/type" ? std::optional(type) : std::nullopt; };
    };
    QCOMPARE(kindOf(item, textAt("data")), 0);
    QCOMPARE(kindOf(item, textAt("present")), 1);
    QCOMPARE(kindOf(item, textAt("other")), 2); // ignored
    // What is chosen in a message is said for its kind; what another kind has elsewhere is left to that one.
    setUse(item, "/temp", {PlaceRole::Field, "temp"}, {}, {}, 0);
    setUse(item, "/machine", {PlaceRole::Label, "device"}, {}, {}, 1);
    setUse(item, "/raised", {PlaceRole::Stamp, {}}, {}, {}, 1);
    setLearning(item, false, 0);
    QCOMPARE(textOf(itemYaml(item)),
             QStringLiteral("path: [line, device]\nlabels: { device: /asset }\ntime: { basis: message, at: /ts }\n"
                            "decode: { json: { unwrap: auto, count_by: /type, cases: ["
                            "{ when: { /type: data }, fields: { temp: { at: /temp } } }, "
                            "{ when: { /type: [present] }, fields: { code: { at: /code } }, labels: { device: /machine }, "
                            "time: { basis: message, at: /raised } }, { else: ignore }] } }"));
    QCOMPARE(useOf(item, "/machine", 1).name, std::string("device"));
    QCOMPARE(useOf(item, "/machine", 0).role, PlaceRole::None);
    QCOMPARE(useOf(item, "/asset", 1).role, PlaceRole::None);
    QCOMPARE(useOf(item, "/asset", 0).name, std::string("device"));
    // The others are read when something of them is wanted.
    setUse(item, "/x", {PlaceRole::Field, "x"}, {}, {}, 2);
    QVERIFY(textOf(itemYaml(item)).endsWith(QStringLiteral("{ else: { fields: { x: { at: /x } } } }] } }")));
    dropKinds(item);
    QCOMPARE(textOf(itemYaml(item)),
             QStringLiteral("path: [line, device]\nlabels: { device: /asset }\ntime: { basis: message, at: /ts }\n"
                            "decode: { json: { unwrap: auto, fields: { temp: { at: /temp }, code: { at: /code }, x: { at: /x } } } }"));
}

void TestConnect::listsAndTextsAreTakenApart()
{
    const auto begin = mapNode({{"path", listNode({"thing"})},
                                {"labels", flowNode("{ thing: { value: \"-\" } }")},
                                {"time", flowNode("{ basis: arrival }")},
                                {"decode", flowNode("{ json: { learn: true } }")}});
    auto item = begin;
    setEach(item, NoKinds, "/batch", {});
    QCOMPARE(textOf(formatOf(item).text("each")), QStringLiteral("/batch"));
    QCOMPARE(textOf(placeIn(formatOf(std::as_const(item)), "/batch/3/tag")), QStringLiteral("item:/tag"));
    QCOMPARE(textOf(placeIn(formatOf(std::as_const(item)), "/batches/3/tag")), QStringLiteral("/batches/3/tag"));
    QCOMPARE(textOf(splitFor("L1.P-07.temp")), QStringLiteral("{line}.{device}.{point}"));
    QCOMPARE(textOf(splitFor("running")), QString());
    QVERIFY(!setSplit(item, NoKinds, "item:/tag", "{line}{device}", "item:/v"));
    QVERIFY(bool(setSplit(item, NoKinds, "item:/tag", "{line}.{device}.{point}", "item:/v")));
    QCOMPARE(textOf(itemYaml(item)),
             QStringLiteral("path: [line, device]\nlabels: { line: split:line, device: split:device }\ntime: { basis: arrival }\n"
                            "decode: { json: { each: /batch, split: { at: item:/tag, as: \"{line}.{device}.{point}\" }, "
                            "reading: { field: split:point, value: item:/v } } }"));
    // Without the list there is no item, and what stood in one goes with it.
    dropEach(item, NoKinds);
    QCOMPARE(textOf(itemYaml(item)), QStringLiteral("path: []\ntime: { basis: arrival }\ndecode: { json: { learn: true } }"));
}

void TestConnect::kindsListAndSplitByTheMenu()
{
    for (int i = 0; i < 6; ++i) {
        FakeServer::instance().put("other", "",
                                   R"({"type":"data","batch":[{"tag":"L1.P-07.temp","v":)" + std::to_string(80 + i)
                                       + R"(.5},{"tag":"L1.P-08.speed","v":)" + std::to_string(1200 + i) + "}]}");
        FakeServer::instance().put("other", "", R"({"type":"alarm","machine":"P-07","code":)" + std::to_string(17 + i) + "}");
    }
    kafkaTopics();
    check(QStringLiteral("other"));
    click("connectNext");
    QTRY_COMPARE(in<QTableView>("sampleTable")->model()->rowCount(), 12);
    QTRY_VERIFY(yaml().contains(QStringLiteral("count_by: /type"))); // proposed
    QTRY_VERIFY(in<QTreeWidget>("sampleTree")->topLevelItemCount() > 0);
    shoot("connect-3-kinds");
    chooseFor(QStringLiteral("/type"), "useKinds"); // turned off
    QTRY_VERIFY2(!yaml().contains(QStringLiteral("cases")) && !yaml().contains(QStringLiteral("count_by")), qPrintable(yaml()));
    chooseFor(QStringLiteral("/type"), "useKinds");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("{ when: { /type: data }, each: /batch, reading: { field: item:/tag, value: item:/v } }")),
                 qPrintable(yaml()));
    // A message of the other kind: its own choices.
    auto *table = in<QTableView>("sampleTable");
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(10, 0)).center());
    QTRY_VERIFY(!table->model()->index(10, 0).data().toString().isEmpty());
    chooseFor(QStringLiteral("/batch"), "useEach"); // turned off
    QTRY_VERIFY2(!yaml().contains(QStringLiteral("each")), qPrintable(yaml()));
    chooseFor(QStringLiteral("/batch"), "useEach");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("each: /batch, reading: { field: item:/tag, value: item:/v }")), qPrintable(yaml()));
    chooseFor(QStringLiteral("item:/tag"), "useSplit");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("split: { at: item:/tag, as: \"{line}.{device}.{point}\" }"))
                     && yaml().contains(QStringLiteral("labels: { line: split:line, device: split:device }")),
                 qPrintable(yaml()));
    shoot("connect-3-split");
    // Another pattern, typed.
    auto *name = in<QLineEdit>("sampleName");
    QTRY_COMPARE(name->text(), QStringLiteral("{line}.{device}.{point}"));
    typeInto(name, QStringLiteral("{hall}.{device}.{point}"));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_VERIFY2(yaml().contains(QStringLiteral("labels: { hall: split:hall, device: split:device }")), qPrintable(yaml()));
    auto *decoded = in<QTreeWidget>("decodedRows");
    QTRY_COMPARE(decoded->topLevelItemCount(), 2);
    QCOMPARE(decoded->topLevelItem(0)->text(0), QStringLiteral("L1 / P-07  temp"));
    QCOMPARE(decoded->topLevelItem(1)->text(0), QStringLiteral("L1 / P-08  speed"));
    chooseFor(QStringLiteral("item:/tag"), "useSplit"); // turned off
    QTRY_VERIFY2(!yaml().contains(QStringLiteral("split")), qPrintable(yaml()));
}

void TestConnect::testSaysEachStep()
{
    open();
    choose("connectKind", QStringLiteral("kafka"));
    QVERIFY(!in<QPushButton>("connectTest")->isEnabled());
    QVERIFY(in<QLabel>("connectMissing")->text().contains(QStringLiteral("Brokers")));
    type("field-brokers", QStringLiteral("127.0.0.1:9092"));
    click("connectTest");
    auto *steps = in<QPlainTextEdit>("connectSteps");
    QTRY_VERIFY(steps->toPlainText().contains(QStringLiteral("It works.")));
    QVERIFY(steps->toPlainText().startsWith(QStringLiteral("127.0.0.1 is found.\nLogged in.")));
    QVERIFY(yaml().contains(QStringLiteral("kafka: { brokers: [127.0.0.1:9092] }"))
            || yaml().contains(QStringLiteral("\"127.0.0.1:9092\"")));
}

void TestConnect::testSaysWhatFailed()
{
    FakeServer::instance().refuses = Error{SG_TR("login: the password of '%1' was refused; ask who runs the broker"), {"<b>ann</b>"}, {}};
    open();
    choose("connectKind", QStringLiteral("mqtt"));
    type("field-broker", QStringLiteral("tcp://127.0.0.1:1883"));
    click("connectTest");
    auto *steps = in<QPlainTextEdit>("connectSteps");
    QTRY_VERIFY(steps->toPlainText().contains(QStringLiteral("It does not work: login: the password of '<b>ann</b>' was refused")));
    // The next step says it as well.
    click("connectNext");
    QTRY_VERIFY(in<QLabel>("topicSaid")->text().contains(QStringLiteral("login: the password")));
    QVERIFY(!in<QPushButton>("connectNext")->isEnabled());
}

void TestConnect::secretsAreReferences()
{
    open();
    QTRY_VERIFY(!yaml().isEmpty());
    choose("connectKind", QStringLiteral("kafka"));
    type("field-brokers", QStringLiteral("a:1, b:2"));
    QVERIFY(!in<QWidget>("field-sasl.password")->isVisible());
    choose("field-security.protocol", QStringLiteral("SASL_SSL"));
    QVERIFY(in<QWidget>("field-sasl.password")->isVisible());
    choose("field-sasl.mechanism", QStringLiteral("SCRAM-SHA-512"));
    type("field-sasl.username", QStringLiteral("sg"));
    auto *kind = in<QComboBox>("field-sasl.password-kind");
    kind->setFocus();
    QTest::keyClick(kind, Qt::Key_Down);
    type("field-sasl.password-line", QStringLiteral("SG_KAFKA"));
    QVERIFY2(yaml().contains(QStringLiteral("properties: { security.protocol: SASL_SSL, sasl.mechanism: SCRAM-SHA-512, sasl.username: sg, "
                                            "sasl.password: { env: SG_KAFKA } }")),
             qPrintable(yaml()));
    // What is not shown is not written.
    choose("field-security.protocol", QStringLiteral("SSL"));
    QVERIFY(!yaml().contains(QStringLiteral("sasl")));
}

void TestConnect::takesAConnection()
{
    open();
    choose("connectKind", QStringLiteral("kafka"));
    QTRY_VERIFY(in<QComboBox>("connectUse")->isEnabled());
    choose("connectUse", QStringLiteral("hall"));
    QVERIFY(yaml().contains(QStringLiteral("kafka: { use: hall }")));
    click("connectNext");
    QTRY_COMPARE(in<QTableView>("topicTable")->model()->rowCount(), 5);
}

void TestConnect::aNamedConnectionAsksFirst()
{
    qunsetenv("SIGHTGLASS_TRUST");
    open();
    choose("connectKind", QStringLiteral("kafka"));
    QTRY_VERIFY(in<QComboBox>("connectUse")->isEnabled());
    choose("connectUse", QStringLiteral("hall"));
    QTRY_COMPARE(
        in<QLabel>("connectQuestion")->text(),
        QStringLiteral(
            "Connect to what this workspace names and nobody here has agreed to yet: 127.0.0.1:9092, without a secret, not encrypted?"));
    QVERIFY(in<QWidget>("connectQuestion")->isVisible());
    QVERIFY(!in<QPushButton>("connectTest")->isEnabled() && !in<QPushButton>("connectNext")->isEnabled());
    QVERIFY(!(in<QListWidget>("connectStepList")->item(1)->flags() & Qt::ItemIsEnabled));
    shoot("connect-1-consent");
    // What is typed is its typist's own act.
    choose("connectUse", QString());
    type("field-brokers", QStringLiteral("127.0.0.1:9092"));
    QVERIFY(!in<QWidget>("connectQuestion")->isVisible());
    QVERIFY(in<QPushButton>("connectTest")->isEnabled() && in<QPushButton>("connectNext")->isEnabled());
    choose("connectUse", QStringLiteral("hall"));
    QTest::qWait(100);
    QCOMPARE(FakeServer::instance().connections.load(), 0);
    click("connectAgree");
    QTRY_VERIFY(!in<QWidget>("connectQuestion")->isVisible());
    QTest::qWait(50);
    QCOMPARE(FakeServer::instance().connections.load(), 0); // it is asked for, and nothing more
    click("connectNext");
    QTRY_COMPARE(in<QTableView>("topicTable")->model()->rowCount(), 5);
    // It was kept.
    delete m_dialog;
    open();
    choose("connectKind", QStringLiteral("kafka"));
    QTRY_VERIFY(in<QComboBox>("connectUse")->isEnabled());
    choose("connectUse", QStringLiteral("hall"));
    QTRY_VERIFY(in<QPushButton>("connectNext")->isEnabled());
    QVERIFY(!in<QWidget>("connectQuestion")->isVisible());
}

void TestConnect::saysWhatTheListLacks()
{
    FakeServer::instance().remarks.push_back(
        Error{SG_TR("only the first %1 topics that came are listed; %2 messages were of others"), {"5", "<b>9</b>"}, {}});
    kafkaTopics();
    auto *remarks = in<QLabel>("topicRemarks");
    QVERIFY(remarks->isVisible());
    QCOMPARE(remarks->textFormat(), Qt::PlainText);
    QCOMPARE(remarks->text(), QStringLiteral("⚠ only the first 5 topics that came are listed; <b>9</b> messages were of others"));
    shoot("connect-2-remarks");
    FakeServer::instance().remarks.clear();
    click("topicListen");
    QTRY_VERIFY(!remarks->isVisible());
    QTRY_COMPARE(in<QLabel>("topicSaid")->text(), QStringLiteral("5 found, 0 chosen."));
}

void TestConnect::topicsBecomeAPattern()
{
    kafkaTopics();
    check(QStringLiteral("plant.L1.processed"));
    QVERIFY(yaml().contains(QStringLiteral("topics: [plant.L1.processed]")));
    QVERIFY(yaml().contains(QStringLiteral("id: plant")));
    click("part-0-1");
    QTRY_VERIFY(yaml().contains(QStringLiteral("topics: [\"plant.{line}.processed\"]")));
    QVERIFY(yaml().contains(QStringLiteral("path: [line]")));
    // The pattern brings the others, and another name renames the label.
    QTRY_VERIFY(in<QLabel>("topicSaid")->text().contains(QStringLiteral("3 chosen")));
    type("part-0-1", QStringLiteral("hall"));
    QTest::keyClick(in<QLineEdit>("part-0-1"), Qt::Key_Return);
    QTRY_VERIFY(yaml().contains(QStringLiteral("topics: [\"plant.{hall}.processed\"]")));
    QVERIFY(in<QTableView>("topicTable")->isVisible()); // Enter took the name and did not leave the step
    QVERIFY(yaml().contains(QStringLiteral("path: [hall]")));
}

void TestConnect::aTopicCanBeLeftOut()
{
    kafkaTopics();
    check(QStringLiteral("plant.L1.processed"));
    check(QStringLiteral("plant.L2.processed"));
    click("patternCommon");
    QTRY_VERIFY(yaml().contains(QStringLiteral("plant.{line}.processed")));
    check(QStringLiteral("plant.L9.processed"));
    QVERIFY(yaml().contains(QStringLiteral("except: [plant.L9.processed]")));
    check(QStringLiteral("plant.L9.processed"));
    QVERIFY(!yaml().contains(QStringLiteral("except")));
}

void TestConnect::mqttListensAndStops()
{
    FakeServer::instance().topics.clear();
    open();
    choose("connectKind", QStringLiteral("mqtt"));
    type("field-broker", QStringLiteral("tcp://127.0.0.1:1883"));
    click("connectNext");
    QTRY_VERIFY(in<QLabel>("topicSaid")->text().contains(QStringLiteral("Nothing came in this time")));
    // A topic that nobody sends to yet can be typed.
    type("patternTyped", QStringLiteral("plant/{line}/{gateway}/beat"));
    QTest::keyClick(in<QLineEdit>("patternTyped"), Qt::Key_Return);
    QTRY_VERIFY(yaml().contains(QStringLiteral("topics: [\"plant/{line}/{gateway}/beat\"]")));
    QVERIFY(yaml().contains(QStringLiteral("path: [line, gateway]")));
}

void TestConnect::aViewTakesItsProposals()
{
    auto &server = FakeServer::instance();
    auto view = topic("reporting.line_status", -1);
    view.columns = {{"line", "text", false}, {"n", "bigint", true}};
    view.proposals = {{"mode", "snapshot", {SG_TR("no column grows"), {}, {}}},
                      {"row_key", "[line]", {SG_TR("GROUP BY line"), {}, {}}},
                      {"path", "[line]", {SG_TR("the row key"), {}, {}}},
                      {"time", "{ basis: database }", {SG_TR("no column is a time"), {}, {}}}};
    server.topics = {view};
    open();
    choose("connectKind", QStringLiteral("postgres"));
    type("field-host", QStringLiteral("127.0.0.1"));
    type("field-dbname", QStringLiteral("plant"));
    click("connectNext");
    QTRY_COMPARE(in<QTableView>("topicTable")->model()->rowCount(), 1);
    check(QStringLiteral("reporting.line_status"));
    QVERIFY(yaml().contains(QStringLiteral("schema: reporting, view: line_status, mode: snapshot, row_key: [line] }")));
    QVERIFY(yaml().contains(QStringLiteral("path: [line]\n")) && yaml().contains(QStringLiteral("time: { basis: database }")));
    auto *box = in<QCheckBox>("proposal-time");
    QVERIFY(box != nullptr && box->isChecked());
    QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    QVERIFY(!yaml().contains(QStringLiteral("time:")));
    QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    // Its rows are read that way, and their thing is the one that the row key names.
    for (int i = 0; i < 3; ++i) {
        BrowsedMessage row;
        row.topic = "reporting.line_status";
        row.cells = {{"line", "L" + std::to_string(i), false, false}, {"n", std::to_string(4 + i), true, false}};
        row.size = 3; // bytes of its cells, as the server's browser tells them
        row.arrival = std::chrono::floor<Micros>(std::chrono::system_clock::now());
        const std::lock_guard guard(server.mutex);
        server.messages.push_back(row);
    }
    click("connectNext");
    auto *decoded = in<QTreeWidget>("decodedRows");
    QTRY_COMPARE(decoded->topLevelItemCount(), 1);
    QCOMPARE(decoded->topLevelItem(0)->text(0), QStringLiteral("L2  n"));
    QCOMPARE(decoded->topLevelItem(0)->text(1), QStringLiteral("6"));
    QVERIFY2(yaml().contains(QStringLiteral("path: [line]\n")) && !yaml().contains(QStringLiteral("thing")), qPrintable(yaml()));
    QCOMPARE(in<QListWidget>("connectStepList")->item(2)->text(), QStringLiteral("3  Rows"));
}

void TestConnect::numericKeysAreOfTheKind()
{
    for (char i = 1; i < 6; ++i)
        FakeServer::instance().put("other", std::string("\0\0\0\0\0\0\0", 7) + i, "{\"temp\":" + std::to_string(70 + i) + ".5}");
    kafkaTopics();
    check(QStringLiteral("other"));
    click("connectNext");
    QTRY_VERIFY2(yaml().contains(QStringLiteral("topics: [other], key: int64 }")), qPrintable(yaml()));
}

void TestConnect::closingEndsTheLook()
{
    open();
    choose("connectKind", QStringLiteral("mqtt"));
    type("field-broker", QStringLiteral("tcp://127.0.0.1:1883"));
    click("connectNext");
    QTRY_VERIFY(FakeServer::instance().open.load() > 0);
    QTest::keyClick(m_dialog, Qt::Key_Escape);
    click("connectDiscardYes");
    QTRY_VERIFY(m_dialog == nullptr);
    QTRY_COMPARE(FakeServer::instance().open.load(), 0);
}

void TestConnect::inventedMessagesToASavedSource()
{
    invented(8);
    kafkaTopics();
    shoot("connect-1-topics-none");
    check(QStringLiteral("plant.L1.processed"));
    click("part-0-1");
    shoot("connect-2-topics");
    click("connectBack");
    click("connectTest");
    QTRY_VERIFY(in<QPlainTextEdit>("connectSteps")->toPlainText().contains(QStringLiteral("It works.")));
    shoot("connect-1-address");
    click("connectNext");
    click("connectNext");
    QTRY_COMPARE(in<QTableView>("sampleTable")->model()->rowCount(), 20);
    QTRY_VERIFY(yaml().contains(QStringLiteral("decode:")));
    shoot("connect-3-messages");
    // What was recognised stands there already; what a person chooses goes above it.
    selectPlace(QStringLiteral("/asset/id"));
    auto *name = in<QLineEdit>("sampleName");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("device"));
    click("useLabel");
    QVERIFY2(yaml().contains(QStringLiteral("path: [line, device]")), qPrintable(yaml()));
    selectPlace(QStringLiteral("/ts"));
    click("useTime");
    QVERIFY2(yaml().contains(QStringLiteral("time: { basis: message, at: /ts, unit: ms }")), qPrintable(yaml()));
    selectPlace(QStringLiteral("/lot"));
    click("useNote");
    QVERIFY2(yaml().contains(QStringLiteral("lot: /lot")), qPrintable(yaml()));
    QTRY_VERIFY(in<QTreeWidget>("decodedRows")->topLevelItemCount() >= 2);
    shoot("connect-3-messages-used");
    click("connectNext");
    auto *series = in<QTreeWidget>("connectSeries");
    QTRY_VERIFY(series->topLevelItemCount() >= 18);
    invented(2); // live
    QTRY_VERIFY(in<QLabel>("seriesSaid")->text().contains(QStringLiteral("Live.")));
    for (int i = 0; i < series->topLevelItemCount(); ++i)
        if (series->topLevelItem(i)->text(0).contains(QStringLiteral("temp")))
            series->topLevelItem(i)->setSelected(true);
        else
            series->topLevelItem(i)->setSelected(false);
    type("tagName", QStringLiteral("Press {device} temperature"));
    type("tagUnit", QStringLiteral("°C"));
    type("tagArea", QStringLiteral("Press shop"));
    shoot("connect-4-series");
    const auto shownText = yaml();
    QVERIFY2(shownText.contains(QStringLiteral("  - series: plant/*/*/")), qPrintable(shownText));
    click("connectSave");
    QTRY_VERIFY(in<QLabel>("savedSaid")->text().startsWith(QStringLiteral("Saved.")));
    shoot("connect-5-saved");
    // Afterwards the files are what it showed, and nothing else changed in them.
    const auto parts = shownText.split(QStringLiteral("\n\n# tags.yaml\n"));
    QCOMPARE(parts.size(), 2);
    const auto item = QString(parts[0]).remove(QStringLiteral("# workspace.yaml\n"));
    QVERIFY2(file("workspace.yaml").contains(item), qPrintable(file("workspace.yaml")));
    QVERIFY(file("workspace.yaml").contains(QStringLiteral("- id: hall # of the plant")));
    QCOMPARE(file("tags.yaml").trimmed(), parts[1]);
    QCOMPARE(m_desk->edits().stack().count(), 1);
    QCOMPARE(m_desk->workspace()->sources.size(), std::size_t(1));
    QVERIFY(m_desk->workspace()->errors.empty());
    m_desk->edits().stack().undo();
    QTRY_COMPARE(file("workspace.yaml"), QString::fromUtf8(WorkspaceText));
    QTRY_VERIFY(m_desk->workspace()->sources.empty());
}

void TestConnect::byKeysAlone()
{
    invented(8);
    open();
    const auto key = [this](Qt::Key code, Qt::KeyboardModifiers modifiers = {}) {
        auto *focus = QApplication::focusWidget();
        QTest::keyClick(focus != nullptr ? focus : m_dialog.data(), code, modifiers);
    };
    const auto focused = [] { return QApplication::focusWidget() == nullptr ? QString() : QApplication::focusWidget()->objectName(); };
    m_dialog->activateWindow();
    QTRY_VERIFY(m_dialog->isActiveWindow());
    QTRY_COMPARE(focused(), QStringLiteral("connectKind"));
    const auto tabTo = [&](const QString &name) {
        for (int i = 0; i < 60 && focused() != name; ++i)
            key(Qt::Key_Tab);
        QCOMPARE(focused(), name);
    };
    tabTo(QStringLiteral("field-brokers"));
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("127.0.0.1:9092"));
    key(Qt::Key_N, Qt::AltModifier);
    QTRY_COMPARE(in<QTableView>("topicTable")->model()->rowCount(), 5);
    QTRY_COMPARE(focused(), QStringLiteral("topicSearch"));
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("L1.proc"));
    key(Qt::Key_Down);
    QTRY_COMPARE(focused(), QStringLiteral("topicTable"));
    key(Qt::Key_Space);
    QTRY_VERIFY2(yaml().contains(QStringLiteral("topics: [plant.L1.processed]")), qPrintable(yaml()));
    QTRY_VERIFY(in<QWidget>("part-0-1") != nullptr && in<QWidget>("part-0-1")->isVisible());
    tabTo(QStringLiteral("part-0-1"));
    key(Qt::Key_Space);
    QTRY_VERIFY(yaml().contains(QStringLiteral("plant.{line}.processed")));
    key(Qt::Key_N, Qt::AltModifier);
    QTRY_COMPARE(in<QTableView>("sampleTable")->model()->rowCount(), 20);
    tabTo(QStringLiteral("sampleTree"));
    auto *tree = in<QTreeWidget>("sampleTree");
    for (int i = 0;
         i < 40 && (tree->currentItem() == nullptr || tree->currentItem()->data(0, Qt::UserRole).toString() != QStringLiteral("/lot")); ++i)
        key(Qt::Key_Down);
    key(Qt::Key_N);
    QTRY_VERIFY(yaml().contains(QStringLiteral("lot: /lot")));
    key(Qt::Key_N, Qt::AltModifier);
    QTRY_COMPARE(focused(), QStringLiteral("connectId"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("press"));
    QTRY_VERIFY(in<QPushButton>("connectSave")->isEnabled());
    key(Qt::Key_S, Qt::AltModifier);
    QTRY_VERIFY(file("workspace.yaml").contains(QStringLiteral("- id: press")));
}

QTEST_MAIN(TestConnect)
#include "tst_connect.moc"
