#pragma once

#include "widgets/main/windowcontext.h"

#include <QMainWindow>

class QStackedWidget;

namespace sg {

class NotePage;
class Presence;
class WindowActions;
class Workbench;

// The window: opens a workspace on a worker thread, shows its workbench or why there is none. A workspace that was asked for by name
// and cannot be opened is never replaced by the demo. UI thread.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(WindowContext context);
    ~MainWindow() override;

    void open(const std::string &folder); // empty: the demo
    [[nodiscard]] Workbench *workbench() const { return m_workbench.get(); }
    [[nodiscard]] const WindowContext &context() const { return m_context; }

Q_SIGNALS:
    void opened();
    void openFailed();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    struct Opened
    {
        std::shared_ptr<Session> session;
        std::optional<Error> error;
        bool isOffered = false; // another process evaluates it, says `error`; `session` is attached to that one
    };
    void offer(const std::string &folder, const Opened &opened, std::uint64_t number);
    void finishOpening(const std::string &folder, const Opened &opened, std::uint64_t number);
    void close(bool isFinal);
    void chooseFolder();
    void restorePlaces();

    WindowContext m_context;
    QStackedWidget *m_stack;
    NotePage *m_note;
    std::unique_ptr<Workbench> m_workbench;
    std::shared_ptr<Session> m_session;
    std::unique_ptr<Presence> m_presence;
    std::unique_ptr<WindowActions> m_actions;
    std::string m_folder; // asked for last
    std::uint64_t m_openings = 0; // a late answer of an older one is dropped
};

}
