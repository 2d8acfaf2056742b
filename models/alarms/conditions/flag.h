#pragma once

#include "alarms/conditions/kinds.h"

namespace sg {

// The test of what a measure already found true (1) or false (0).
Result<std::unique_ptr<Condition>> makeFlag(const ConditionContext &context, std::uint64_t parameters);

}
