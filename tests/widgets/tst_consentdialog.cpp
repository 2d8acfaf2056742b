#include "support/fakesession.h"

#include "widgets/main/consentdialog.h"
#include "widgets/main/mainwindow.h"
#include "widgets/main/workbench.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QtWidgets>

using namespace sg;

// Servers and secrets of a workspace that came from somewhere: the window lists them and asks, and agrees to nothing by itself.
class TestConsentDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void asksOnTheFirstOpening();
    void enterAgreesToNothing();
    void agreedToItConnects();
    void asksForAnotherServerAgain();
    void theDemoIsNotAsked();
    void cleanup() { m_window.reset(); }

private:
    std::shared_ptr<const Workspace> workspace(const std::string &broker) const
    {
        auto made = std::make_shared<Workspace>();
        made->folder = m_folder.path().toStdString();
        made->name = "cloned";
        made->rules = std::make_shared<RuleSet>();
        made->tags = std::make_shared<Tags>();
        if (!broker.empty()) {
            SourceSpec source;
            source.id = "press";
            source.kind = "kafka";
            source.settings = *parseYaml("brokers: [\"" + broker + "\"]\nproperties: { sasl.password: { env: SG_KAFKA } }\n", "");
            made->sources.push_back(source);
        }
        return made;
    }
    void open(const std::string &broker);
    [[nodiscard]] ConsentDialog *dialog() const { return m_window->findChild<ConsentDialog *>(); }
    [[nodiscard]] QStringList rows() const
    {
        QStringList out;
        const auto *list = dialog()->findChild<QTreeWidget *>(QStringLiteral("consentList"));
        for (int i = 0; i < list->topLevelItemCount(); ++i) {
            const auto *item = list->topLevelItem(i);
            out << QStringList{item->text(0), item->text(1), item->text(2)}.join(QStringLiteral(" | "));
        }
        return out;
    }
    [[nodiscard]] std::size_t applied() const
    {
        return static_cast<std::size_t>(std::count_if(m_session->submitted.begin(), m_session->submitted.end(), [](const Command &command) {
            return std::holds_alternative<ApplyWorkspace>(command.what);
        }));
    }

    QTemporaryDir m_home, m_folder;
    SourceCatalog m_catalog;
    std::shared_ptr<const Workspace> m_read; // what the files say now
    FakeSession *m_session = nullptr; // the window's
    std::unique_ptr<MainWindow> m_window;
};

void TestConsentDialog::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path());
    qputenv("XDG_STATE_HOME", m_home.filePath(QStringLiteral("state")).toUtf8());
    qunsetenv("SIGHTGLASS_TRUST");
}

void TestConsentDialog::open(const std::string &broker)
{
    auto session = std::make_shared<std::unique_ptr<FakeSession>>(std::make_unique<FakeSession>());
    m_session = session->get();
    m_session->space = m_read = workspace(broker);
    WindowContext context;
    context.catalog = &m_catalog;
    context.folder = m_folder.path().toStdString();
    context.read = [this](const std::string &) { return Result<std::shared_ptr<const Workspace>>(m_read); };
    context.start = [session](const auto &) { return Result<std::unique_ptr<Session>>(std::move(*session)); };
    m_window = std::make_unique<MainWindow>(context);
    m_window->show();
    QVERIFY(QTest::qWaitFor([this] { return m_window->workbench() != nullptr; }));
}

void TestConsentDialog::asksOnTheFirstOpening()
{
    open("k:9092<b>");
    QTRY_VERIFY(dialog() != nullptr && dialog()->isVisible());
    QCOMPARE(rows(), QStringList{QStringLiteral("k:9092<b> | environment variable SG_KAFKA | source press")});
}

void TestConsentDialog::enterAgreesToNothing()
{
    open("k:9092");
    QTRY_VERIFY(dialog() != nullptr && dialog()->isVisible());
    QTRY_VERIFY(dialog()->focusWidget() != nullptr);
    QTest::keyClick(dialog()->focusWidget(), Qt::Key_Return);
    QTRY_VERIFY(dialog() == nullptr);
    QCOMPARE(applied(), std::size_t(0));
    QCOMPARE(Consents::keptFor(*m_read).missing(*m_read).size(), std::size_t(1));
    m_window->findChild<QAction *>(QStringLiteral("consent"))->trigger(); // it may be asked for again
    QTRY_VERIFY(dialog() != nullptr && dialog()->isVisible());
}

void TestConsentDialog::agreedToItConnects()
{
    open("k:9092");
    QTRY_VERIFY(dialog() != nullptr && dialog()->isVisible());
    QTest::mouseClick(dialog()->findChild<QPushButton *>(QStringLiteral("consentAgree")), Qt::LeftButton);
    QTRY_VERIFY(dialog() == nullptr);
    QTRY_COMPARE(applied(), std::size_t(1)); // what waited begins
    QVERIFY(Consents::keptFor(*m_read).missing(*m_read).empty());
    open("k:9092");
    m_window->findChild<QAction *>(QStringLiteral("consent"))->trigger();
    QTest::qWait(100);
    QVERIFY(dialog() == nullptr); // once is enough
}

void TestConsentDialog::asksForAnotherServerAgain()
{
    open("k:9092");
    m_read = workspace("elsewhere:9092"); // as a git pull would
    m_window->findChild<QAction *>(QStringLiteral("reload"))->trigger();
    QTRY_VERIFY(dialog() != nullptr && dialog()->isVisible());
    QCOMPARE(rows(), QStringList{QStringLiteral("elsewhere:9092 | environment variable SG_KAFKA | source press")});
}

void TestConsentDialog::theDemoIsNotAsked()
{
    open({});
    QTest::qWait(100);
    QVERIFY(dialog() == nullptr);
}

QTEST_MAIN(TestConsentDialog)
#include "tst_consentdialog.moc"
