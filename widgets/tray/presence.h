#pragma once

#include "widgets/tray/alarmnotices.h"
#include "widgets/tray/tray.h"

#include <QPointer>

class QMainWindow;
class QMessageBox;

namespace sg {

class Workbench;

// What is there of the program beside its window: the tray icon, notifications, and the question whether watching goes on when the window
// is closed. A window that evaluates (not a demo, not attached) asks; the answer can be remembered, and asked for again. UI thread.
class Presence : public QObject
{
    Q_OBJECT

public:
    explicit Presence(QMainWindow &window);
    ~Presence() override;
    void setWorkbench(Workbench *workbench); // nullptr: none is open
    // The window is being closed: may it end? Else it asks now, or is in the tray already.
    [[nodiscard]] bool mayClose();
    void quit(); // asks too, unless "stop" is remembered
    void bringUp(); // the window, before all others
    [[nodiscard]] static bool isRemembered();
    static void askAgain();
    [[nodiscard]] bool isNotifying() const { return m_isNotifying; }
    void setNotifying(bool isNotifying);

private:
    enum class OnClose : std::uint8_t { Ask, Keep, Stop };
    static OnClose onClose();
    [[nodiscard]] bool isEvaluating() const;
    void ask();
    void keep(); // in the tray; without one minimised
    void stop();
    void refresh(); // once a second

    QMainWindow &m_window;
    Workbench *m_workbench = nullptr;
    Tray m_tray;
    std::unique_ptr<NoticeBoard> m_notifier;
    std::unique_ptr<AlarmNotices> m_notices;
    QPointer<QMessageBox> m_question;
    bool m_isNotifying = false;
    bool m_isStopping = false;
};

}
