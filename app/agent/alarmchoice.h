#pragma once

#include "agent/arguments.h"

#include "alarms/alarmengine.h"

namespace sg {

constexpr const char *AlarmArguments = "RULE [KEY] | OCCURRENCE";

// The alarms that `RULE [KEY] | OCCURRENCE` names, as the state holds them; KEY is the key or the path of the series. Never empty: where
// nothing has the name, the error offers the nearest one that has.
Result<std::vector<InstanceState>> chosenAlarms(const Arguments &arguments, const std::string &stateFolder);

std::string pathOf(const InstanceState &alarm);

}
