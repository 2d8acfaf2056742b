#pragma once

#include <QObject>

class QAction;
class QMainWindow;
class QMenu;

namespace sg {

class Presence;
class Workbench;

// Menus, shortcuts and what they do. UI thread.
class WindowActions : public QObject
{
    Q_OBJECT

public:
    WindowActions(QMainWindow &window, Presence &presence);
    void setWorkbench(Workbench *workbench); // nullptr: none is open

Q_SIGNALS:
    void openWanted();
    void demoWanted();

private:
    QAction *add(QMenu &menu, const QString &name, const QString &text, const QKeySequence &keys, std::function<void()> what,
                 bool needsWorkbench = true);
    void buildFile();
    void buildEdit();
    void buildView();
    void buildRules();
    void buildAlarms();
    void buildHelp();
    void refreshSound();
    void chooseZone();
    void showMessages();
    static void applyZone(); // as the settings say

    QMainWindow &m_window;
    Presence &m_presence;
    Workbench *m_workbench = nullptr;
    QMenu *m_alarms = nullptr; // also with what can be done with the selected ones
    std::vector<QAction *> m_needWorkbench;
    QAction *m_undo = nullptr, *m_redo = nullptr, *m_sound = nullptr, *m_silence = nullptr, *m_mute = nullptr, *m_seriesDock = nullptr,
            *m_alarmsDock = nullptr, *m_overlay = nullptr, *m_notify = nullptr;
};

}
