#pragma once

#include "alarms/alarmengine.h"
#include "workspace/workspace.h"

namespace sg {

// What of an edited workspace takes effect at once.
struct Staging
{
    std::shared_ptr<const Workspace> workspace; // the edited one; what would close a live alarm is in it as it runs now
    std::vector<std::string> closes; // names of the alarms that the rest would close: it waits for Apply
};

// Nothing that lives is closed by an edit alone: what would close it stays as it is until Apply, everything else changes at once.
// Pure.
Staging stage(const AlarmEngine &alarms, const Workspace &running, std::shared_ptr<const Workspace> edited);

}
