#include "widgets/fakedesktop.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QTimer>

#include <cstdio>

namespace sg {

QStringList FakeControl::Open()
{
    QStringList out;
    for (const auto &[id, notice] : m_notifications.open)
        out << QStringList{QString::number(id), notice.title, notice.body, notice.actions.join(u','), QString::number(notice.urgency)}.join(
            u'|');
    return out;
}

bool FakeControl::ClickTray()
{
    if (m_tray.items.isEmpty())
        return false;
    auto message = QDBusMessage::createMethodCall(m_tray.items.back(), QStringLiteral("/StatusNotifierItem"),
                                                  QStringLiteral("org.kde.StatusNotifierItem"), QStringLiteral("Activate"));
    message << 0 << 0;
    QDBusConnection::sessionBus().asyncCall(message);
    return true;
}

void FakeControl::SetTray(bool isThere)
{
    auto bus = QDBusConnection::sessionBus();
    const auto name = QStringLiteral("org.kde.StatusNotifierWatcher");
    if (isThere)
        bus.registerService(name);
    else
        bus.unregisterService(name);
}

void FakeControl::Quit()
{
    QCoreApplication::quit();
}

int runFakeDesktop(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    auto bus = QDBusConnection::sessionBus();
    FakeNotifications notifications;
    FakeTray tray;
    FakeControl control(notifications, tray);
    const auto all = QDBusConnection::ExportAllContents;
    bus.registerObject(QStringLiteral("/org/freedesktop/Notifications"), &notifications, all);
    bus.registerObject(QStringLiteral("/StatusNotifierWatcher"), &tray, all);
    bus.registerObject(QStringLiteral("/test"), &control, all);
    if (!bus.registerService(QStringLiteral("org.freedesktop.Notifications"))
        || !bus.registerService(QStringLiteral("org.kde.StatusNotifierWatcher"))
        || !bus.registerService(QStringLiteral("org.sightglass.Test")))
        return 1;
    std::puts("ready");
    std::fflush(stdout);
    QTimer alive; // the bus ends with the test
    QObject::connect(&alive, &QTimer::timeout, &app, [] {
        if (!QDBusConnection::sessionBus().isConnected())
            QCoreApplication::quit();
    });
    alive.start(500);
    return QCoreApplication::exec();
}

}
