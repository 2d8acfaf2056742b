#pragma once

#include "widgets/tray/noticeboard.h"
#include "widgets/tray/traystate.h"

#include <QMenu>

class QSystemTrayIcon;

namespace sg {

// The icon in the desktop's tray, where there is one; a desktop may also start its tray later, or lose it. UI thread.
class Tray : public QObject
{
    Q_OBJECT

public:
    Tray();
    ~Tray() override;
    static bool isAvailable();
    void setState(const TrayState &state); // about once a second
    void tell(const DeskNotice &notice); // a balloon; where there is no tray, nothing
    [[nodiscard]] const TrayState &state() const { return m_state; }

Q_SIGNALS:
    void openWanted();
    void silenceWanted();
    void quitWanted();

private:
    TrayState m_state;
    QMenu m_menu;
    std::unique_ptr<QSystemTrayIcon> m_icon;
};

}
