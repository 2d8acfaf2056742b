#pragma once

#include "widgets/tray/noticeboard.h"

#include <map>

namespace sg {

// Notices over the session bus (org.freedesktop.Notifications, version 1.2 of the Desktop Notifications Specification), asked without ever
// waiting for an answer. Where there is no such server, `otherwise` shows them as well as it can. UI thread.
class DesktopNotifier : public NoticeBoard
{
    Q_OBJECT

public:
    explicit DesktopNotifier(std::function<void(const DeskNotice &)> otherwise, QObject *parent = nullptr);
    void show(quint32 number, const DeskNotice &notice) override;
    void close(quint32 number) override;

private Q_SLOTS:
    void noteAction(uint id, const QString &action);
    void noteClosed(uint id, uint reason);

private:
    enum class Server : std::uint8_t { Asked, Here, None };
    struct Shown
    {
        DeskNotice notice;
        uint id = 0; // of the server; 0: it has none yet
        bool isSending = false, isNewer = false, isOver = false; // newer, over: what comes when the answer is there
    };
    void askServer();
    void setServer(Server server);
    void send(quint32 number);
    void closeNow(uint id);
    [[nodiscard]] quint32 numberOf(uint id) const; // 0: not one of ours

    const std::function<void(const DeskNotice &)> m_otherwise;
    Server m_server = Server::None;
    bool m_hasActions = false, m_hasMarkup = true;
    std::map<quint32, Shown> m_shown;
    std::vector<std::pair<uint, QString>> m_early; // actions on an id that no answer has told yet: answers and signals overtake each other
};

}
