#include "widgets/tray/desktopnotifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusServiceWatcher>

namespace sg {

namespace {

const QString Service = QStringLiteral("org.freedesktop.Notifications");
const QString Path = QStringLiteral("/org/freedesktop/Notifications");
constexpr int AnswerWithin = 10'000; // ms; a server that is started for it takes its time

QDBusMessage callOf(const QString &method)
{
    return QDBusMessage::createMethodCall(Service, Path, Service, method);
}

}

DesktopNotifier::DesktopNotifier(std::function<void(const DeskNotice &)> otherwise, QObject *parent)
    : NoticeBoard(parent)
    , m_otherwise(std::move(otherwise))
{
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(Service, Path, Service, QStringLiteral("ActionInvoked"), this, SLOT(noteAction(uint, QString)));
    bus.connect(Service, Path, Service, QStringLiteral("NotificationClosed"), this, SLOT(noteClosed(uint, uint)));
    auto *watcher = new QDBusServiceWatcher(Service, bus, QDBusServiceWatcher::WatchForOwnerChange, this);
    connect(watcher, &QDBusServiceWatcher::serviceRegistered, this, &DesktopNotifier::askServer);
    connect(watcher, &QDBusServiceWatcher::serviceUnregistered, this, [this] { // it took its notices with it
        m_shown.clear();
        m_server = Server::None;
    });
    askServer();
}

void DesktopNotifier::askServer()
{
    m_server = Server::Asked;
    auto *call = new QDBusPendingCallWatcher(
        QDBusConnection::sessionBus().asyncCall(callOf(QStringLiteral("GetCapabilities")), AnswerWithin), this);
    connect(call, &QDBusPendingCallWatcher::finished, this, [this, call] {
        call->deleteLater();
        const QDBusPendingReply<QStringList> reply(*call);
        if (!reply.isError()) {
            m_hasActions = reply.value().contains(QStringLiteral("actions"));
            m_hasMarkup = reply.value().contains(QStringLiteral("body-markup"));
        }
        setServer(reply.isError() ? Server::None : Server::Here);
    });
}

// What was shown while nobody knew whether there is one.
void DesktopNotifier::setServer(Server server)
{
    m_server = server;
    if (server == Server::Here) {
        for (const auto &[number, shown] : m_shown)
            if (shown.id == 0 && !shown.isSending)
                send(number);
        return;
    }
    for (const auto &[number, shown] : std::exchange(m_shown, {}))
        m_otherwise(shown.notice);
}

void DesktopNotifier::show(quint32 number, const DeskNotice &notice)
{
    if (m_server == Server::None) {
        m_otherwise(notice);
        return;
    }
    auto &shown = m_shown[number];
    shown.notice = notice;
    shown.isOver = false;
    if (shown.isSending)
        shown.isNewer = true;
    else if (m_server == Server::Here)
        send(number);
}

void DesktopNotifier::send(quint32 number)
{
    auto &shown = m_shown[number];
    shown.isSending = true;
    QStringList actions;
    if (m_hasActions) {
        actions << QStringLiteral("default") << tr("Open") << QStringLiteral("open") << tr("Open");
        if (shown.notice.canAcknowledge)
            actions << QStringLiteral("acknowledge") << tr("Acknowledge");
    }
    QVariantMap hints;
    hints[QStringLiteral("urgency")] = QVariant::fromValue<uchar>(shown.notice.priority == Priority::Urgent ? 2 : 1);
    hints[QStringLiteral("desktop-entry")] = QStringLiteral("sightglass");
    // A title is plain by the specification, a body is not where the server says so.
    const auto body = m_hasMarkup ? shown.notice.body.toHtmlEscaped() : shown.notice.body;
    auto message = callOf(QStringLiteral("Notify"));
    message << QStringLiteral("Sightglass") << shown.id << QStringLiteral("sightglass") << shown.notice.title << body << actions << hints
            << -1;
    auto *call = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message, AnswerWithin), this);
    connect(call, &QDBusPendingCallWatcher::finished, this, [this, call, number] {
        call->deleteLater();
        const auto found = m_shown.find(number);
        const QDBusPendingReply<uint> reply(*call);
        if (found == m_shown.end())
            return;
        auto &answered = found->second;
        answered.isSending = false;
        if (reply.isError()) {
            m_otherwise(answered.notice);
            m_shown.erase(found);
            return;
        }
        answered.id = reply.value();
        if (answered.isOver) {
            closeNow(answered.id);
            m_shown.erase(found);
        } else if (std::exchange(answered.isNewer, false)) {
            send(number);
        }
        const auto early = std::exchange(m_early, {});
        for (const auto &[id, action] : early)
            noteAction(id, action);
    });
}

void DesktopNotifier::close(quint32 number)
{
    const auto found = m_shown.find(number);
    if (found == m_shown.end())
        return;
    if (found->second.isSending) {
        found->second.isOver = true;
        return;
    }
    if (found->second.id != 0)
        closeNow(found->second.id);
    m_shown.erase(found);
}

void DesktopNotifier::closeNow(uint id)
{
    auto message = callOf(QStringLiteral("CloseNotification"));
    message << id;
    QDBusConnection::sessionBus().asyncCall(message, AnswerWithin);
}

quint32 DesktopNotifier::numberOf(uint id) const
{
    for (const auto &[number, shown] : m_shown)
        if (id != 0 && shown.id == id)
            return number;
    return 0;
}

// The signals go to every program: only our own notices count.
void DesktopNotifier::noteAction(uint id, const QString &action)
{
    constexpr std::size_t MostEarly = 8;
    const auto number = numberOf(id);
    if (number == 0) {
        const auto isSending = std::any_of(m_shown.begin(), m_shown.end(), [](const auto &one) { return one.second.isSending; });
        if (isSending && m_early.size() < MostEarly)
            m_early.emplace_back(id, action);
        return;
    }
    if (action == QStringLiteral("acknowledge")) {
        if (m_shown[number].notice.canAcknowledge) // a server may invoke what was never offered
            Q_EMIT acknowledgeWanted(number);
    } else if (action == QStringLiteral("open") || action == QStringLiteral("default")) {
        Q_EMIT openWanted(number);
    }
}

void DesktopNotifier::noteClosed(uint id, uint)
{
    const auto number = numberOf(id);
    if (number == 0)
        return;
    m_shown.erase(number);
    Q_EMIT closed(number);
}

}
