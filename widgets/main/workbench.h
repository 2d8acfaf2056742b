#pragma once

#include "widgets/main/desk.h"

#include <QObject>
#include <QPointer>

class QLabel;
class QMainWindow;
class QTabBar;

namespace sg {

class AlarmPanel;
class AlarmSounds;
class ConsentDialog;
class Dashboard;
class MessageBar;
class Overlay;
class SeriesPanel;

// The panels of one opened workspace, placed into a main window: tree, page, alarms, status bar. Gone, they take their desk with
// them. UI thread.
class Workbench : public QObject
{
    Q_OBJECT

public:
    Workbench(std::shared_ptr<Session> session, const WindowContext &context, QMainWindow &window);
    ~Workbench() override;

    [[nodiscard]] Desk &desk() { return m_desk; }
    [[nodiscard]] QWidget *page() const { return m_page; }
    [[nodiscard]] Dashboard &dashboard() { return *m_dashboard; }
    [[nodiscard]] AlarmPanel &alarms() { return *m_alarms; }
    [[nodiscard]] AlarmSounds &sounds() { return *m_sounds; }
    [[nodiscard]] SeriesPanel &series() { return *m_series; }
    void showOverlay(bool shows); // the developer's
    void askConsent(bool isWanted); // for servers and secrets nobody agreed to; `isWanted`: says so where there is none
    [[nodiscard]] class QDockWidget *seriesDock() const { return m_seriesDock; }
    [[nodiscard]] class QDockWidget *alarmsDock() const { return m_alarmsDock; }

private:
    [[nodiscard]] QString pageKey() const;
    void refreshPages();
    void refreshLink();
    void refreshTroubles();

    QMainWindow &m_window;
    Desk m_desk;
    QWidget *m_page;
    MessageBar *m_messages;
    QTabBar *m_tabs;
    Dashboard *m_dashboard;
    SeriesPanel *m_series;
    AlarmPanel *m_alarms;
    std::unique_ptr<AlarmSounds> m_sounds;
    QDockWidget *m_seriesDock, *m_alarmsDock;
    std::vector<QWidget *> m_statusWidgets;
    QLabel *m_link = nullptr; // of an attached window
    bool m_wasLost = false;
    QPointer<Overlay> m_overlay;
    QPointer<ConsentDialog> m_consent;
};

}
