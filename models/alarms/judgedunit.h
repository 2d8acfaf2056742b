#pragma once

#include "alarms/rule.h"

namespace sg {

// The unit of what a rule judges, and so of its limits: that of its series, or what its measure makes of it ("°C per 1min", "%").
std::string judgedUnit(const Rule &rule, const std::string &unit);

}
