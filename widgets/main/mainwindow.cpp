#include "widgets/main/mainwindow.h"

#include "items/texts.h"
#include "widgets/main/notepage.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"
#include "widgets/main/windowactions.h"
#include "widgets/main/workbench.h"
#include "widgets/theme/icons.h"
#include "widgets/tray/presence.h"

#include <QCloseEvent>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QScreen>
#include <QStackedWidget>
#include <QStatusBar>
#include <QThreadPool>

namespace sg {

MainWindow::MainWindow(WindowContext context)
    : m_context(std::move(context))
    , m_stack(new QStackedWidget(this))
    , m_note(new NotePage(m_stack))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(appIcon());
    applyTheme(userSettings().value(QStringLiteral("window/dark"), false).toBool());
    m_stack->addWidget(m_note);
    setCentralWidget(m_stack);
    setDockNestingEnabled(true);
    statusBar()->setSizeGripEnabled(true);
    // The first window is no larger than its screen: a list of alarms below the edge would be seen by nobody.
    resize(QSize(1440, 900).boundedTo(screen()->availableSize()));
    m_presence = std::make_unique<Presence>(*this);
    m_actions = std::make_unique<WindowActions>(*this, *m_presence);
    connect(m_actions.get(), &WindowActions::openWanted, this, &MainWindow::chooseFolder);
    connect(m_actions.get(), &WindowActions::demoWanted, this, [this] { open({}); });
    connect(m_note, &NotePage::openWanted, this, &MainWindow::chooseFolder);
    connect(m_note, &NotePage::againWanted, this, [this] { open(m_folder); });
    connect(m_note, &NotePage::demoWanted, this, [this] { open({}); });
    restorePlaces();
    open(m_context.folder);
}

MainWindow::~MainWindow()
{
    close(true);
}

void MainWindow::open(const std::string &folder)
{
    close(false);
    m_folder = folder;
    const auto name = folder.empty() ? tr("the demo plant") : textOf(folder);
    setWindowTitle(tr("Sightglass"));
    m_note->showOpening(name);
    m_stack->setCurrentWidget(m_note);
    const auto number = ++m_openings;
    // Reading files, opening the state and starting sources may all take long: never on the UI thread.
    QThreadPool::globalInstance()->start([this, self = QPointer<QObject>(this), context = m_context, folder, number] {
        const auto opened = std::make_shared<Opened>();
        auto where = folder.empty() ? context.demoFolder() : Result<std::string>(folder);
        if (context.isAttaching && folder == context.folder) {
            auto session = context.attach(folder);
            if (session)
                opened->session = std::move(*session);
            else
                opened->error = session.error();
        } else if (!where) {
            opened->error = where.error();
        } else if (const auto workspace = context.read(*where); !workspace) {
            opened->error = workspace.error();
        } else if (auto session = context.start(*workspace); !session) {
            opened->error = session.error();
            if (context.attach) {
                if (auto attached = context.attach(*where)) {
                    opened->session = std::move(*attached);
                    opened->isOffered = true;
                }
            }
        } else {
            opened->session = std::move(*session);
        }
        postTo(self, [this, folder, opened, number] { finishOpening(folder, *opened, number); });
    });
}

void MainWindow::finishOpening(const std::string &folder, const Opened &result, std::uint64_t number)
{
    if (number != m_openings)
        return;
    if (result.isOffered) {
        offer(folder, result, number);
        return;
    }
    if (result.error) {
        m_note->showError(folder.empty() ? tr("The demo plant") : textOf(folder), errorText(*result.error));
        Q_EMIT openFailed();
        return;
    }
    m_session = result.session;
    m_workbench = std::make_unique<Workbench>(m_session, m_context, *this);
    m_stack->addWidget(m_workbench->page());
    m_stack->setCurrentWidget(m_workbench->page());
    m_presence->setWorkbench(m_workbench.get());
    m_actions->setWorkbench(m_workbench.get());
    const auto settings = userSettings();
    restoreState(settings.value(QStringLiteral("window/docks")).toByteArray());
    const auto &workspace = *m_workbench->desk().workspace();
    auto name = workspace.name.empty() ? textOf(workspace.folder) : textOf(workspace.name);
    if (workspace.isDemo)
        name = tr("DEMO") + QStringLiteral(" – ") + name;
    if (const auto link = m_session->link(); link.state != SessionLink::State::Own)
        name += QStringLiteral(" – ") + tr("attached to agent %1 on %2").arg(link.process).arg(textOf(link.host));
    setWindowTitle(name + QStringLiteral(" – ") + tr("Sightglass"));
    if (!folder.empty())
        userSettings().setValue(QStringLiteral("window/lastFolder"), textOf(folder));
    Q_EMIT opened();
}

// One evaluator a state folder: the question is only whether this window shows that one's.
void MainWindow::offer(const std::string &folder, const Opened &opened, std::uint64_t number)
{
    auto *box = new QMessageBox(QMessageBox::Question, tr("Sightglass"), errorText(*opened.error), QMessageBox::NoButton, this);
    box->setObjectName(QStringLiteral("offerAttach"));
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(tr("Attach this window to it? It then shows the same charts and alarms, and what you acknowledge here is "
                               "acknowledged there."));
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto *attach = box->addButton(tr("Attach"), QMessageBox::AcceptRole);
    attach->setObjectName(QStringLiteral("offerAttachYes"));
    auto *quit = box->addButton(tr("Quit"), QMessageBox::RejectRole);
    box->setDefaultButton(attach);
    box->setEscapeButton(quit);
    connect(box, &QMessageBox::finished, this, [this, box, attach, folder, opened, number] {
        if (box->clickedButton() == attach)
            finishOpening(folder, {opened.session, {}, false}, number);
        else
            QWidget::close();
    });
    box->open();
}

void MainWindow::close(bool isFinal)
{
    if (!m_workbench)
        return;
    userSettings().setValue(QStringLiteral("window/docks"), saveState());
    m_actions->setWorkbench(nullptr);
    m_presence->setWorkbench(nullptr);
    m_workbench.reset();
    // Ending a session waits for its threads.
    if (isFinal)
        m_session.reset();
    else
        QThreadPool::globalInstance()->start([session = std::move(m_session)]() mutable { session.reset(); });
}

void MainWindow::chooseFolder()
{
    const auto folder = QFileDialog::getExistingDirectory(this, tr("Open workspace folder"),
                                                          userSettings().value(QStringLiteral("window/lastFolder")).toString());
    if (!folder.isEmpty())
        open(utf8Of(folder));
}

void MainWindow::restorePlaces()
{
    const auto settings = userSettings();
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    auto settings = userSettings();
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (m_workbench)
        settings.setValue(QStringLiteral("window/docks"), saveState());
    if (!m_presence->mayClose()) {
        event->ignore();
        return;
    }
    QMainWindow::closeEvent(event);
}

}
