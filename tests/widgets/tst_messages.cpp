#include "support/fakebrowser.h"
#include "widgets/hands.h"
#include "widgets/ruleplant.h"

#include "items/messagemodel.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "decode/schemas.h"
#include "widgets/messages/messagesdialog.h"
#include "widgets/messages/messagetext.h"
#include "widgets/sources/sourcedeeds.h"
#include "widgets/sources/sourcelist.h"
#include "widgets/theme/theme.h"

#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;
using namespace sg::test;

namespace {

constexpr auto WorkspaceText = R"(format: 1
name: Own
sources:
  # the presses
  - id: press
    kafka: { brokers: ["127.0.0.1:9092"], topics: ["plant.{line}"] }
    path: [line]
    time: { basis: arrival }
    decode: { json: { learn: true } }
)";

constexpr auto AvroText = "format: 1\n"
                          "name: Own\n"
                          "connections:\n"
                          "  - id: schemas\n"
                          "    registry: { url: \"http://127.0.0.1:8081\" }\n"
                          "sources:\n"
                          "  - id: press\n"
                          "    kafka: { brokers: [\"127.0.0.1:9092\"], topics: [\"plant.{line}\"] }\n"
                          "    path: [line]\n"
                          "    time: { basis: arrival }\n"
                          "    decode: { avro: { use: schemas, learn: true } }\n";

// A registry that answers when the test says so.
struct SlowRegistry : Schemas
{
    inline static std::atomic<bool> isLetGo = false, isThere = true;
    Fetched fetch(std::uint32_t, const std::stop_token &stop) override
    {
        const auto until = Mono::clock::now() + std::chrono::seconds(20);
        while (!isLetGo && !stop.stop_requested() && Mono::clock::now() < until)
            std::this_thread::sleep_for(Millis(2));
        if (!isThere)
            return {Fetched::How::Later, {}, {SG_TR("the schema registry %1 cannot be reached: %2"), {"127.0.0.1", "<b>"}, {}}};
        return {Fetched::How::Known,
                {"AVRO", "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"temp\",\"type\":\"int\"}]}", {}},
                {}};
    }
};

Result<std::shared_ptr<const Workspace>> readHere(const std::string &folder)
{
    auto read = readWorkspace(folder, fakeCatalog());
    if (!read)
        return read.error();
    return std::shared_ptr<const Workspace>(std::make_shared<Workspace>(std::move(*read)));
}

BrowsedMessage messageOf(const std::string &payload)
{
    BrowsedMessage message;
    message.topic = "plant.L1";
    message.payload = payload;
    message.size = payload.size();
    return message;
}

}

// The Messages page and the list of sources, on a server made by hand.
class TestMessages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void theRingIsBounded();
    void theFilterLooksWhereItIsTold_data();
    void theFilterLooksWhereItIsTold();
    void saysEverythingOfAMessage();
    void showsTheNewestAndWhatComes();
    void pausesAndGoesOn();
    void seeksAnOffset();
    void saysWhenItCannotConnect();
    void savesThePayload();
    void waitsForConsent();
    void aSchemaIsFetchedBesideTheWindow_data();
    void aSchemaIsFetchedBesideTheWindow();
    void closingEndsTheLook();
    void aSourceIsCopied();
    void aSourceIsChangedInOneValue();
    void aSourceIsRemovedAndComesBack();

private:
    void openWorkspace(const char *text);
    template <class T> T *in(const char *name) const
    {
        return m_page == nullptr ? nullptr : m_page->findChild<T *>(QString::fromUtf8(name));
    }
    void open()
    {
        MessagesDialog::open(*m_desk, "press", m_window.get());
        m_page = m_window->findChild<MessagesDialog *>();
        QVERIFY(m_page != nullptr);
        QTRY_VERIFY(m_page->isVisible());
    }
    void click(QWidget *parent, const char *name) const { clickOn(parent->findChild<QAbstractButton *>(QString::fromUtf8(name))); }
    [[nodiscard]] QAbstractItemModel *rows() const { return in<QTableView>("messageTable")->model(); }
    [[nodiscard]] QString state() const { return in<QLabel>("messagesState")->text(); }
    [[nodiscard]] QString file() const
    {
        QFile out(m_folder->filePath(QStringLiteral("workspace.yaml")));
        return out.open(QIODevice::ReadOnly) ? QString::fromUtf8(out.readAll()) : QString();
    }
    void shoot(QWidget *widget, const char *name) const
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty() && widget != nullptr) {
            QTest::qWait(300); // a picture for people; no test hangs on it
            widget->grab().save(folder + u'/' + QString::fromUtf8(name) + QStringLiteral(".png"));
        }
    }

    QTemporaryDir m_home;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<FolderSession> m_session;
    std::unique_ptr<QWidget> m_window;
    std::unique_ptr<Desk> m_desk;
    QPointer<MessagesDialog> m_page;
};

void TestMessages::initTestCase()
{
    QLocale::setDefault(QLocale::c());
    QVERIFY(m_home.isValid());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8()); // what was agreed to is kept there, or below the state
    qputenv("XDG_STATE_HOME", m_home.path().toUtf8());
    applyTheme(false);
    setSchemasMaker([](const SourceSpec &) -> std::unique_ptr<Schemas> { return std::make_unique<SlowRegistry>(); });
}

void TestMessages::init()
{
    openWorkspace(WorkspaceText);
}

void TestMessages::openWorkspace(const char *text)
{
    qputenv("SIGHTGLASS_TRUST", "any");
    auto &server = FakeServer::instance();
    server.clear();
    for (const auto *name : {"plant.L1", "plant.L2", "other"}) {
        BrowsedTopic topic;
        topic.name = name;
        server.topics.push_back(topic);
    }
    m_folder = std::make_unique<QTemporaryDir>();
    QFile out(m_folder->filePath(QStringLiteral("workspace.yaml")));
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(text) > 0);
    out.close();
    m_session = std::make_shared<FolderSession>(utf8Of(m_folder->path()));
    const auto read = readHere(utf8Of(m_folder->path()));
    QVERIFY2(bool(read), read ? "" : qPrintable(errorText(read.error())));
    QVERIFY((*read)->errors.empty());
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

void TestMessages::cleanup()
{
    delete m_page;
    m_window.reset();
    m_desk.reset();
    QTRY_COMPARE(FakeServer::instance().open.load(), 0);
}

void TestMessages::theRingIsBounded()
{
    MessageModel model;
    std::vector<BrowsedMessage> many;
    for (int i = 0; i < 2500; ++i)
        many.push_back(messageOf(std::to_string(i)));
    model.add(many);
    QCOMPARE(model.rowCount(), 2000);
    QCOMPARE(model.gone(), std::uint64_t(500));
    model.add({messageOf("new")});
    QCOMPARE(model.rowCount(), 2000);
    QCOMPARE(model.message(1999).payload, std::string("new"));
    QCOMPARE(model.message(0).payload, std::string("501"));
    // By bytes as well; the newest always stays.
    std::vector<BrowsedMessage> large;
    for (int i = 0; i < 40; ++i)
        large.push_back(messageOf(std::string(std::size_t(1) << 20U, 'x')));
    model.add(large);
    QVERIFY(model.rowCount() <= 32);
    QVERIFY(model.rowCount() >= 30);
}

void TestMessages::theFilterLooksWhereItIsTold_data()
{
    QTest::addColumn<int>("where");
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("rows");
    QTest::newRow("nothing asked") << int(MessageFilter::Anywhere) << "" << 3;
    QTest::newRow("anywhere, whatever its case") << int(MessageFilter::Anywhere) << "P-0" << 2;
    QTest::newRow("key") << int(MessageFilter::InKey) << "p-07" << 1;
    QTest::newRow("header by name and value") << int(MessageFilter::InHeaders) << "site=seoul" << 1;
    QTest::newRow("text") << int(MessageFilter::InText) << "p-07" << 0;
    QTest::newRow("a column") << int(MessageFilter::InText) << "run" << 1;
}

void TestMessages::theFilterLooksWhereItIsTold()
{
    QFETCH(int, where);
    QFETCH(QString, text);
    QFETCH(int, rows);
    MessageModel model;
    MessageFilter filter(model);
    auto keyed = messageOf("{\"a\":1}");
    keyed.key = "P-07";
    keyed.hasKey = true;
    auto headed = messageOf("{\"id\":\"p-01\"}");
    headed.headers = {{"site", "Seoul"}};
    auto row = messageOf("");
    row.cells = {{"state", "Running", false, false}};
    model.add({keyed, headed, row});
    filter.setText(text, static_cast<MessageFilter::Where>(where));
    QCOMPARE(filter.rowCount(), rows);
}

void TestMessages::saysEverythingOfAMessage()
{
    auto message = messageOf("<b>{\"a\":1}\x1b[31m");
    message.size = 5'000'000;
    message.key = "P-07";
    message.hasKey = true;
    message.partition = 2;
    message.offset = 41;
    message.headers = {{"site", "Seoul"}};
    const auto text = messageText(message);
    for (const auto *part :
         {"partition 2, offset 41", "Key: P-07", "Header site: Seoul", "5.0 MB, of which the first 15 bytes were read", "<b>", "(cut)"})
        QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text));
    QVERIFY(!text.contains(QChar(0x1b))); // escaped
    message.isTombstone = true;
    QVERIFY(messageText(message).contains(QStringLiteral("A tombstone")));
}

void TestMessages::showsTheNewestAndWhatComes()
{
    auto &server = FakeServer::instance();
    for (int i = 0; i < 150; ++i)
        server.put("plant.L1", "P-07", "{\"temp\":" + std::to_string(i) + "}");
    open();
    QTRY_COMPARE(rows()->rowCount(), 100);
    QVERIFY(server.asked.isFollowing);
    QCOMPARE(server.asked.mostPerSecond, MessagesDialog::MostPerSecond);
    QVERIFY(server.asked.patience <= Micros(MessagesDialog::Patience));
    QCOMPARE(server.asked.topics.size(), std::size_t(2)); // what the pattern meets
    server.put("other", "", "no business of ours");
    server.put("plant.L2", "", "{\"temp\":7}");
    QTRY_COMPARE(rows()->rowCount(), 101);
    QVERIFY(state().startsWith(QStringLiteral("Live. 101 message")));
    auto *table = in<QTableView>("messageTable");
    table->scrollToBottom();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(100, 1)).center());
    QTRY_VERIFY(in<QPlainTextEdit>("messageRaw")->toPlainText().contains(QStringLiteral("{\"temp\":7}")));
    auto *decoded = in<QTreeWidget>("decodedRows");
    QTRY_COMPARE(decoded->topLevelItemCount(), 1);
    QCOMPARE(decoded->topLevelItem(0)->text(0), QStringLiteral("L2  temp"));
    QCOMPARE(decoded->topLevelItem(0)->text(1), QStringLiteral("7"));
    shoot(m_page, "messages");
    auto *filter = in<QLineEdit>("messagesFilter");
    filter->setFocus();
    QTest::keyClicks(filter, QStringLiteral("p-07"));
    QTRY_COMPARE(rows()->rowCount(), 100);
    QVERIFY(state().contains(QStringLiteral("100 of 101 messages match")));
}

void TestMessages::pausesAndGoesOn()
{
    auto &server = FakeServer::instance();
    server.put("plant.L1", "", "{\"temp\":1}");
    open();
    QTRY_COMPARE(rows()->rowCount(), 1);
    click(m_page, "messagesPause");
    QTRY_VERIFY(state().startsWith(QStringLiteral("Paused.")));
    QTRY_COMPARE(server.open.load(), 0); // no connection is kept
    server.put("plant.L1", "", "{\"temp\":2}");
    click(m_page, "messagesPause");
    QTRY_COMPARE(server.open.load(), 1);
    QTRY_VERIFY(server.asked.from == BrowseRequest::From::End);
    QTest::qWait(50);
    server.put("plant.L1", "", "{\"temp\":3}");
    QTRY_COMPARE(rows()->rowCount(), 2);
    QVERIFY(rows()->index(1, MessageModel::TextColumn).data().toString().contains(u'3'));
}

void TestMessages::seeksAnOffset()
{
    auto &server = FakeServer::instance();
    for (int i = 0; i < 30; ++i)
        server.put("plant.L1", "", std::to_string(i));
    open();
    QTRY_COMPARE(rows()->rowCount(), 30);
    auto *from = in<QComboBox>("messagesFrom");
    from->setFocus();
    QTest::keyClick(from, Qt::Key_End);
    auto *offset = in<QLineEdit>("messagesOffset");
    QTRY_VERIFY(offset->isVisible());
    offset->setFocus();
    QTest::keyClicks(offset, QStringLiteral("x"));
    QTest::keyClick(offset, Qt::Key_Return);
    QTRY_VERIFY(in<QLabel>("messagesSaid")->text().contains(QStringLiteral("whole numbers")));
    QTest::keyClick(offset, Qt::Key_Backspace);
    QTest::keyClicks(offset, QStringLiteral("25"));
    QTest::keyClick(offset, Qt::Key_Return);
    QTRY_COMPARE(rows()->rowCount(), 5);
    QCOMPARE(rows()->index(0, MessageModel::TextColumn).data().toString(), QStringLiteral("25"));
}

void TestMessages::saysWhenItCannotConnect()
{
    FakeServer::instance().refuses = Error{SG_TR("TCP: nothing listens at %1"), {"127.0.0.1:9092"}, {}};
    open();
    QTRY_VERIFY(in<QLabel>("messagesSaid")->text().contains(QStringLiteral("nothing listens at 127.0.0.1:9092")));
    QTRY_VERIFY(state().startsWith(QStringLiteral("Nothing is read.")));
}

void TestMessages::savesThePayload()
{
    FakeServer::instance().put("plant.L1", "", std::string("\x00\x01{\"a\":1}", 9));
    open();
    QTRY_COMPARE(rows()->rowCount(), 1);
    auto *table = in<QTableView>("messageTable");
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(0, 1)).center());
    click(m_page, "messageSave");
    auto *dialog = m_page->findChild<QFileDialog *>(QStringLiteral("messageSaveDialog"));
    QVERIFY(dialog != nullptr);
    const auto path = m_folder->filePath(QStringLiteral("one.bin"));
    Q_EMIT dialog->fileSelected(path); // the dialog of the desktop is not ours to drive
    QFile saved(path);
    QVERIFY(saved.open(QIODevice::ReadOnly));
    QCOMPARE(saved.readAll(), QByteArray("\x00\x01{\"a\":1}", 9));
    dialog->close();
}

void TestMessages::waitsForConsent()
{
    qunsetenv("SIGHTGLASS_TRUST");
    open();
    QTRY_VERIFY(state().startsWith(QStringLiteral("Nothing is read.")));
    QVERIFY2(in<QLabel>("messagesSaid")->text().contains(QStringLiteral("127.0.0.1:9092")), qPrintable(in<QLabel>("messagesSaid")->text()));
    QCOMPARE(FakeServer::instance().connections.load(), 0);
    deeds::changeSource(*m_desk, "press", m_window.get());
    auto *dialog = topWidget<QDialog>("connectDialog");
    QVERIFY(dialog != nullptr);
    // The file may be anybody's: what stands in it is asked about, and a newly typed address is not.
    auto *question = dialog->findChild<QLabel *>(QStringLiteral("connectQuestion"));
    auto *brokers = dialog->findChild<QLineEdit *>(QStringLiteral("field-brokers"));
    auto *test = dialog->findChild<QPushButton *>(QStringLiteral("connectTest"));
    QTRY_VERIFY(question->isVisible());
    QVERIFY2(question->text().contains(QStringLiteral("127.0.0.1:9092")), qPrintable(question->text()));
    QCOMPARE(question->textFormat(), Qt::PlainText);
    for (const auto *name : {"connectTest", "connectNext", "connectSave"})
        QVERIFY2(!dialog->findChild<QPushButton *>(QString::fromLatin1(name))->isEnabled(), name);
    typeInto(brokers, QStringLiteral("127.0.0.1:9999"));
    QVERIFY(!question->isVisible() && test->isEnabled());
    typeInto(brokers, QStringLiteral("127.0.0.1:9092"));
    QVERIFY(question->isVisible() && !test->isEnabled());
    QCOMPARE(FakeServer::instance().connections.load(), 0);
    click(dialog, "connectAgree");
    QTRY_VERIFY(!question->isVisible() && test->isEnabled());
    click(dialog, "connectSave");
    QTRY_VERIFY(dialog->findChild<QLabel *>(QStringLiteral("savedSaid"))->text().startsWith(QStringLiteral("Saved")));
    dialog->done(QDialog::Rejected);
    click(m_page, "messagesPause");
    QTRY_VERIFY(state().startsWith(QStringLiteral("Live.")));
}

void TestMessages::aSchemaIsFetchedBesideTheWindow_data()
{
    QTest::addColumn<bool>("isThere");
    QTest::newRow("the schema comes") << true;
    QTest::newRow("the registry cannot be asked") << false;
}

void TestMessages::aSchemaIsFetchedBesideTheWindow()
{
    QFETCH(bool, isThere);
    m_window.reset();
    m_desk.reset();
    openWorkspace(AvroText);
    SlowRegistry::isLetGo = false;
    SlowRegistry::isThere = isThere;
    FakeServer::instance().put("plant.L1", "", std::string("\x00\x00\x00\x00\x07\x54", 6)); // 42
    open();
    QTRY_COMPARE(rows()->rowCount(), 1);
    auto *table = in<QTableView>("messageTable");
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(0, 1)).center());
    auto *decoded = in<QTreeWidget>("decodedRows");
    auto *said = in<QLabel>("decodedSaid");
    QTRY_COMPARE(said->text(), QStringLiteral("Fetching schema …"));
    click(m_page, "messagesPause"); // the window goes on meanwhile
    QTRY_VERIFY(state().startsWith(QStringLiteral("Paused.")));
    QVERIFY(!SlowRegistry::isLetGo.exchange(true));
    if (isThere) {
        QTRY_COMPARE(decoded->topLevelItemCount(), 1);
        QCOMPARE(decoded->topLevelItem(0)->text(1), QStringLiteral("42"));
        QVERIFY(!said->isVisible());
    } else {
        QTRY_COMPARE(said->text(), QStringLiteral("Not decoded: the schema registry 127.0.0.1 cannot be reached: <b>"));
        QCOMPARE(said->textFormat(), Qt::PlainText);
        QCOMPARE(decoded->topLevelItemCount(), 0);
    }
}

void TestMessages::closingEndsTheLook()
{
    open();
    QTRY_COMPARE(FakeServer::instance().open.load(), 1);
    QTest::keyClick(m_page, Qt::Key_Escape);
    QTRY_VERIFY(m_page == nullptr);
    QTRY_COMPARE(FakeServer::instance().open.load(), 0);
}

void TestMessages::aSourceIsCopied()
{
    (new SourceList(*m_desk, m_window.get()))->open();
    auto *list = topWidget<QDialog>("sourceList");
    QVERIFY(list != nullptr);
    shoot(list, "sources");
    click(list, "sourcesCopy");
    auto *dialog = topWidget<QDialog>("connectDialog");
    QVERIFY(dialog != nullptr);
    auto *yaml = dialog->findChild<QPlainTextEdit *>(QStringLiteral("connectYaml"));
    QTRY_VERIFY2(yaml->toPlainText().contains(QStringLiteral("- id: press2")), qPrintable(yaml->toPlainText()));
    QVERIFY(yaml->toPlainText().contains(QStringLiteral("plant.{line}")));
    click(dialog, "connectSave");
    QTRY_VERIFY(file().contains(QStringLiteral("- id: press2")));
    QVERIFY(file().startsWith(QString::fromUtf8(WorkspaceText))); // the rest is as it was
    QTRY_COMPARE(list->findChild<QTableView *>(QStringLiteral("sourceTable"))->model()->rowCount(), 2);
}

void TestMessages::aSourceIsChangedInOneValue()
{
    deeds::changeSource(*m_desk, "press", m_window.get());
    auto *dialog = topWidget<QDialog>("connectDialog");
    QVERIFY(dialog != nullptr);
    auto *brokers = dialog->findChild<QLineEdit *>(QStringLiteral("field-brokers"));
    QCOMPARE(brokers->text(), QStringLiteral("127.0.0.1:9092"));
    brokers->setFocus();
    QTest::keyClick(brokers, Qt::Key_End);
    QTest::keyClicks(brokers, QStringLiteral(", 127.0.0.1:9093"));
    click(dialog, "connectSave");
    QTRY_COMPARE(file(),
                 QString::fromUtf8(WorkspaceText)
                     .replace(QStringLiteral("[\"127.0.0.1:9092\"]"), QStringLiteral("[\"127.0.0.1:9092\", \"127.0.0.1:9093\"]")));
}

void TestMessages::aSourceIsRemovedAndComesBack()
{
    QStringList said;
    connect(m_desk.get(), &Desk::said, this, [&](const QString &text) { said << text; });
    (new SourceList(*m_desk, m_window.get()))->open();
    auto *list = topWidget<QDialog>("sourceList");
    click(list, "sourcesRemove");
    QTRY_VERIFY(m_desk->workspace()->sources.empty());
    QTRY_VERIFY(!said.isEmpty() && said.last().contains(QStringLiteral("Source press is removed")));
    QTest::keyClick(list, Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(file(), QString::fromUtf8(WorkspaceText));
    QTRY_COMPARE(m_desk->workspace()->sources.size(), std::size_t(1));
}

QTEST_MAIN(TestMessages)
#include "tst_messages.moc"
