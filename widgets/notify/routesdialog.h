#pragma once

#include "engine/routestates.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTimer;

namespace sg {

class Desk;
class ResultTable;
struct Workspace;

// Who is told beyond the desk: each route and heartbeat of routes.yaml with its last delivery, what waits and why; below, the newest
// messages of the one that is chosen. Read from the state folder every second and a half, also of an evaluator that this window is attached
// to. UI thread.
class RoutesDialog : public QDialog
{
    Q_OBJECT

public:
    RoutesDialog(Desk &desk, QWidget *parent);

private:
    void read();
    void present(Result<std::vector<OutboxRow>> rows);
    void showMessages();
    void sendTest();
    [[nodiscard]] bool isTestable() const;

    Desk &m_desk;
    std::shared_ptr<const Workspace> m_shown; // whose routes are on the screen
    std::vector<RouteState> m_states;
    std::vector<OutboxRow> m_rows;
    std::vector<const OutboxRow *> m_messages; // of the chosen route, newest first
    std::string m_chosen;
    bool m_isReading = false, m_isFilling = false, m_isUnread = false; // unread: m_said tells why
    ResultTable *m_routes, *m_table;
    QLabel *m_said, *m_empty;
    QPushButton *m_test;
    QTimer *m_timer;
};

}
