#pragma once

#include <QObject>
#include <QVariantMap>

#include <map>

namespace sg {

// A desktop for tests, in a process of its own on a session bus of its own: it shows notifications (org.freedesktop.Notifications) and
// has a tray (org.kde.StatusNotifierWatcher), and tells a test what is on it.
struct FakeNotice
{
    QString title, body;
    QStringList actions;
    int urgency = 0;
};

class FakeNotifications : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

public:
    std::map<uint, FakeNotice> open;
    int calls = 0;

public Q_SLOTS:
    QStringList GetCapabilities() { return {QStringLiteral("body"), QStringLiteral("body-markup"), QStringLiteral("actions")}; }
    uint Notify(const QString &, uint replaces, const QString &, const QString &title, const QString &body, const QStringList &actions,
                const QVariantMap &hints, int)
    {
        ++calls;
        const auto id = replaces != 0 ? replaces : ++m_last;
        open[id] = {title, body, actions, hints.value(QStringLiteral("urgency")).toInt()};
        return id;
    }
    void CloseNotification(uint id)
    {
        if (open.erase(id) > 0)
            Q_EMIT NotificationClosed(id, 3);
    }

Q_SIGNALS:
    void ActionInvoked(uint id, const QString &action);
    void NotificationClosed(uint id, uint reason);

private:
    uint m_last = 100;
};

class FakeTray : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ isThere)

public:
    QStringList items;
    mutable int asked = 0;
    [[nodiscard]] bool isThere() const
    {
        ++asked;
        return true;
    }

public Q_SLOTS:
    void RegisterStatusNotifierItem(const QString &item) { items << item; }

Q_SIGNALS:
    void StatusNotifierHostRegistered();
};

// What the test asks: notices as "id|title|body|actions|urgency".
class FakeControl : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.sightglass.Test")

public:
    FakeControl(FakeNotifications &notifications, FakeTray &tray)
        : m_notifications(notifications)
        , m_tray(tray)
    {
    }

public Q_SLOTS:
    QStringList Open();
    int Calls() { return m_notifications.calls; }
    void Act(uint id, const QString &action) { Q_EMIT m_notifications.ActionInvoked(id, action); }
    void Dismiss(uint id)
    {
        m_notifications.open.erase(id);
        Q_EMIT m_notifications.NotificationClosed(id, 2);
    }
    bool ClickTray(); // false: there is no icon
    int TrayAsked() { return m_tray.asked; } // how often whether there is one
    void SetTray(bool isThere);
    void Quit();

private:
    FakeNotifications &m_notifications;
    FakeTray &m_tray;
};

int runFakeDesktop(int argc, char **argv); // prints "ready" when it is

}
