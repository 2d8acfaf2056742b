#pragma once

#include "alarms/alarmengine.h"
#include "workspace/workspace.h"

namespace sg {

using PathLabels = std::map<std::string, std::vector<std::string>>; // source id -> path labels in order

// The labels of one series, by the names its source gives them. Empty when they do not fit the path.
KeyLabels labelsOf(std::string_view path, const PathLabels &names);

// What of an edited workspace takes effect at once.
struct Staging
{
    std::shared_ptr<const Workspace> workspace; // the edited one; what would close a live alarm is in it as it runs now
    std::vector<std::string> closes; // names of the alarms that the rest would close: it waits for Apply
};

// Nothing that lives is closed by an edit alone: what would close it stays as it is until Apply, everything else changes at once. A
// source whose renamed path labels would close an alarm keeps its names together with its rules, which speak of them. Pure.
Staging stage(const AlarmEngine &alarms, const Workspace &running, std::shared_ptr<const Workspace> edited);

// The workspace as it ran when the state was written: the files of today, with the rules and path labels of then. Null when those are
// the same.
std::shared_ptr<const Workspace> asItRan(const Workspace &files, const PathLabels &labels);

}
