#include "widgets/tray/presence.h"

#include "items/texts.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/alarms/alarmsounds.h"
#include "widgets/alarms/attention.h"
#include "widgets/main/usersettings.h"
#include "widgets/main/workbench.h"
#include "widgets/tray/desktopnotifier.h"

#include <QApplication>
#include <QCheckBox>
#include <QDockWidget>
#include <QMainWindow>
#include <QMessageBox>
#include <QPushButton>

namespace sg {

namespace {

const QString OnCloseKey = QStringLiteral("window/onClose"), NotifyKey = QStringLiteral("alarms/notify");

}

Presence::Presence(QMainWindow &window)
    : m_window(window)
    , m_notifier(std::make_unique<DesktopNotifier>([this](const DeskNotice &notice) { m_tray.tell(notice); }))
{
    connect(&m_tray, &Tray::openWanted, this, &Presence::bringUp);
    connect(&m_tray, &Tray::silenceWanted, this, [this] {
        if (m_workbench != nullptr)
            m_workbench->sounds().silence();
    });
    connect(&m_tray, &Tray::quitWanted, this, [this] {
        bringUp(); // its question belongs to a window
        quit();
    });
}

Presence::~Presence() = default;

void Presence::setWorkbench(Workbench *workbench)
{
    m_notices.reset();
    m_workbench = workbench;
    m_tray.setState({});
    if (workbench == nullptr)
        return;
    auto &desk = workbench->desk();
    // A demo tells nobody.
    m_isNotifying = !desk.isDemo() && userSettings().value(NotifyKey, true).toBool();
    m_notices = std::make_unique<AlarmNotices>(desk, *m_notifier, [this] { return m_isNotifying && !m_window.isActiveWindow(); });
    connect(m_notices.get(), &AlarmNotices::openWanted, this, [this](const QString &path) {
        bringUp();
        m_workbench->alarmsDock()->show();
        m_workbench->alarms().showAlarm(path);
    });
    connect(&desk.feed(), &SnapshotFeed::second, m_notices.get(), [this] { refresh(); });
    refresh();
}

void Presence::setNotifying(bool isNotifying)
{
    m_isNotifying = isNotifying;
    if (m_workbench != nullptr && !m_workbench->desk().isDemo())
        userSettings().setValue(NotifyKey, isNotifying);
}

void Presence::refresh()
{
    auto &desk = m_workbench->desk();
    m_tray.setState(trayStateOf(*desk.feed().current(), desk.attention().whose()));
    if (!m_window.isVisible() && !QApplication::quitOnLastWindowClosed() && !m_tray.isAvailable())
        m_window.showMinimized(); // the tray went: nobody could find the window again
}

Presence::OnClose Presence::onClose()
{
    const auto kept = userSettings().value(OnCloseKey).toString();
    return kept == QStringLiteral("keep") ? OnClose::Keep : kept == QStringLiteral("stop") ? OnClose::Stop : OnClose::Ask;
}

bool Presence::isRemembered()
{
    return onClose() != OnClose::Ask;
}

void Presence::askAgain()
{
    userSettings().remove(OnCloseKey);
}

bool Presence::isEvaluating() const
{
    return m_workbench != nullptr && !m_workbench->desk().isDemo() && m_workbench->desk().session().link().state == SessionLink::State::Own;
}

bool Presence::mayClose()
{
    // At the end of the desktop's session nobody is there to answer.
    if (m_isStopping || !isEvaluating() || onClose() == OnClose::Stop || qApp->isSavingSession())
        return true;
    if (onClose() == OnClose::Keep && m_tray.isAvailable())
        keep();
    else
        ask();
    return false;
}

void Presence::quit()
{
    if (isEvaluating() && onClose() != OnClose::Stop)
        ask();
    else
        stop();
}

void Presence::ask()
{
    if (m_question && m_question->isVisible()) { // one that was answered is gone a moment later
        m_question->raise();
        return;
    }
    const auto hasTray = m_tray.isAvailable();
    auto *box = new QMessageBox(QMessageBox::Question, tr("Sightglass"), tr("Sightglass is watching. Shall it go on without its window?"),
                                QMessageBox::NoButton, &m_window);
    m_question = box;
    box->setObjectName(QStringLiteral("closeQuestion"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(
        (hasTray ? tr("In the tray it goes on: alarms are raised, journaled, sound and notify; the icon opens the window again.")
                 : tr("This desktop has no tray. Minimised it goes on: alarms are raised, journaled, sound and notify."))
        + u'\n' + tr("If it stops, nothing is watched until it is started again; what the servers still hold is then caught up."));
    auto *remember = new QCheckBox(tr("&Remember the answer (File > Ask again when closing takes it back)"), box);
    remember->setObjectName(QStringLiteral("closeRemember"));
    remember->setVisible(hasTray);
    box->setCheckBox(remember);
    auto *keeps = box->addButton(hasTray ? tr("&Keep watching in the tray") : tr("&Minimise and keep watching"), QMessageBox::AcceptRole);
    keeps->setObjectName(QStringLiteral("closeKeep"));
    auto *stops = box->addButton(tr("&Stop watching"), QMessageBox::DestructiveRole);
    stops->setObjectName(QStringLiteral("closeStop"));
    auto *cancel = box->addButton(QMessageBox::Cancel);
    cancel->setObjectName(QStringLiteral("closeCancel"));
    box->setDefaultButton(keeps);
    box->setEscapeButton(cancel);
    connect(box, &QMessageBox::finished, this, [this, box, keeps, stops, remember] {
        const auto *answer = box->clickedButton();
        if (answer != keeps && answer != stops)
            return;
        if (remember->isChecked())
            userSettings().setValue(OnCloseKey, answer == keeps ? QStringLiteral("keep") : QStringLiteral("stop"));
        if (answer == keeps)
            keep();
        else
            stop();
    });
    box->open();
}

void Presence::keep()
{
    if (!m_tray.isAvailable()) {
        m_window.showMinimized();
        return;
    }
    QApplication::setQuitOnLastWindowClosed(false);
    m_window.hide();
}

void Presence::stop()
{
    m_isStopping = true;
    QApplication::setQuitOnLastWindowClosed(true);
    m_window.close();
}

void Presence::bringUp()
{
    QApplication::setQuitOnLastWindowClosed(true);
    m_window.setWindowState(m_window.windowState() & ~Qt::WindowMinimized);
    m_window.show();
    m_window.raise();
    m_window.activateWindow();
}

}
