#pragma once

#include "items/alarmlists.h"
#include "engine/snapshot.h"

#include <QIcon>

namespace sg {

// What the tray shows of the alarms of one desk: the worst that waits, else the worst that is active. Pure but for the icon.
struct TrayState
{
    std::optional<Priority> worst;
    bool isUnacknowledged = false; // the worst is
    int unacknowledged = 0, active = 0; // active: acknowledged ones too
    bool isBlind = true; // no workspace is open, or its evaluator does not answer: nothing is known
    bool operator==(const TrayState &) const = default;
};
TrayState trayStateOf(const Snapshot &snapshot, Whose whose);
QString trayText(const TrayState &state); // plain, two lines at most
// The priority's shape, letter and colour, filled while it is unacknowledged; a question mark while blind; else the program's own.
QIcon trayIcon(const TrayState &state);

}
