#pragma once

#include "widgets/tray/noticeboard.h"
#include "widgets/tray/traystate.h"

#include <QMenu>

class QSystemTrayIcon;

namespace sg {

// The icon in the desktop's tray, where there is one; a desktop may also start its tray later, or lose it. Whether there is one is asked
// once, when this is made; then the session bus tells it, and nobody waits for it. A tray of the old kind (XEmbed) is only looked for at
// the start. UI thread.
class Tray : public QObject
{
    Q_OBJECT

public:
    Tray();
    ~Tray() override;
    [[nodiscard]] bool isAvailable() const { return m_isAvailable; }
    void setState(const TrayState &state); // about once a second
    void tell(const DeskNotice &notice); // a balloon; where there is no tray, nothing
    [[nodiscard]] const TrayState &state() const { return m_state; }

Q_SIGNALS:
    void openWanted();
    void silenceWanted();
    void quitWanted();

private Q_SLOTS:
    void askAgain();

private:
    void makeIcon();
    void setAvailable(bool isAvailable);

    TrayState m_state;
    QMenu m_menu;
    std::unique_ptr<QSystemTrayIcon> m_icon;
    bool m_isAvailable = false;
};

}
