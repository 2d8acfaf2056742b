#pragma once

#include "alarms/alarmengine.h"
#include "core/json.h"

namespace sg {

// One line of text, or one JSON object in a line. Text from outside is escaped; a terminal gets no control characters.
std::string lineOf(const JournalRow &row);
std::string jsonOf(const JournalRow &row);

}
