#include "widgets/tray/tray.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusServiceWatcher>
#include <QDBusVariant>
#include <QSystemTrayIcon>

namespace sg {

namespace {

const QString Service = QStringLiteral("org.kde.StatusNotifierWatcher");
const QString Path = QStringLiteral("/StatusNotifierWatcher");
constexpr int AnswerWithin = 10'000; // ms

}

Tray::Tray()
{
    connect(m_menu.addAction(tr("&Open Sightglass")), &QAction::triggered, this, &Tray::openWanted);
    connect(m_menu.addAction(tr("&Silence")), &QAction::triggered, this, &Tray::silenceWanted);
    m_menu.addSeparator();
    connect(m_menu.addAction(tr("&Quit")), &QAction::triggered, this, &Tray::quitWanted);
    makeIcon();
    setAvailable(QSystemTrayIcon::isSystemTrayAvailable());
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    auto *watcher = new QDBusServiceWatcher(Service, bus, QDBusServiceWatcher::WatchForOwnerChange, this);
    connect(watcher, &QDBusServiceWatcher::serviceRegistered, this, &Tray::askAgain);
    connect(watcher, &QDBusServiceWatcher::serviceUnregistered, this, [this] { setAvailable(false); });
    bus.connect(Service, Path, Service, QStringLiteral("StatusNotifierHostRegistered"), this, SLOT(askAgain()));
    bus.connect(Service, Path, Service, QStringLiteral("StatusNotifierHostUnregistered"), this, SLOT(askAgain()));
}

Tray::~Tray() = default;

void Tray::makeIcon()
{
    m_icon = std::make_unique<QSystemTrayIcon>();
    m_icon->setContextMenu(&m_menu);
    m_icon->setIcon(trayIcon(m_state));
    m_icon->setToolTip(trayText(m_state));
    connect(m_icon.get(), &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
            Q_EMIT openWanted();
    });
    connect(m_icon.get(), &QSystemTrayIcon::messageClicked, this, &Tray::openWanted);
}

// Qt's own question makes calls that wait for whoever runs the tray, so it is put only to one that has just answered.
void Tray::askAgain()
{
    auto message = QDBusMessage::createMethodCall(Service, Path, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    message << Service << QStringLiteral("IsStatusNotifierHostRegistered");
    auto *call = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message, AnswerWithin), this);
    connect(call, &QDBusPendingCallWatcher::finished, this, [this, call] {
        call->deleteLater();
        const QDBusPendingReply<QDBusVariant> reply(*call);
        const bool isThere = !reply.isError() && reply.value().variant().toBool();
        setAvailable(isThere && (m_isAvailable || QSystemTrayIcon::isSystemTrayAvailable()));
    });
}

void Tray::setAvailable(bool isAvailable)
{
    if (isAvailable == m_isAvailable)
        return;
    m_isAvailable = isAvailable;
    if (isAvailable)
        makeIcon(); // one that was made without a tray does not find it
    m_icon->setVisible(isAvailable);
}

void Tray::setState(const TrayState &state)
{
    if (state == m_state)
        return;
    m_state = state;
    m_icon->setIcon(trayIcon(state));
    m_icon->setToolTip(trayText(state));
}

// Who shows a balloon may take its text for markup, and nobody says so: it is kept from meaning anything.
void Tray::tell(const DeskNotice &notice)
{
    if (!m_isAvailable)
        return;
    const auto plain = [](QString text) { return text.replace(u'<', u'‹').replace(u'>', u'›').replace(u'&', u'+'); };
    m_icon->showMessage(plain(notice.title), plain(notice.body), trayIcon(m_state));
}

}
