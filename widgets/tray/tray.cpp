#include "widgets/tray/tray.h"

#include <QSystemTrayIcon>

namespace sg {

Tray::Tray()
    : m_icon(std::make_unique<QSystemTrayIcon>())
{
    connect(m_menu.addAction(tr("&Open Sightglass")), &QAction::triggered, this, &Tray::openWanted);
    connect(m_menu.addAction(tr("&Silence")), &QAction::triggered, this, &Tray::silenceWanted);
    m_menu.addSeparator();
    connect(m_menu.addAction(tr("&Quit")), &QAction::triggered, this, &Tray::quitWanted);
    m_icon->setContextMenu(&m_menu);
    m_icon->setIcon(trayIcon(m_state));
    m_icon->setToolTip(trayText(m_state));
    connect(m_icon.get(), &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
            Q_EMIT openWanted();
    });
    connect(m_icon.get(), &QSystemTrayIcon::messageClicked, this, &Tray::openWanted);
    if (isAvailable())
        m_icon->show();
}

Tray::~Tray() = default;

bool Tray::isAvailable()
{
    return QSystemTrayIcon::isSystemTrayAvailable();
}

void Tray::setState(const TrayState &state)
{
    if (m_icon->isVisible() != isAvailable())
        m_icon->setVisible(isAvailable());
    if (state == m_state)
        return;
    m_state = state;
    m_icon->setIcon(trayIcon(state));
    m_icon->setToolTip(trayText(state));
}

// Who shows a balloon may take its text for markup, and nobody says so: it is kept from meaning anything.
void Tray::tell(const DeskNotice &notice)
{
    if (!m_icon->isVisible())
        return;
    const auto plain = [](QString text) { return text.replace(u'<', u'‹').replace(u'>', u'›').replace(u'&', u'+'); };
    m_icon->showMessage(plain(notice.title), plain(notice.body), trayIcon(m_state));
}

}
