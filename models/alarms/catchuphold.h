#pragma once

#include "core/types.h"

namespace sg {

// How long after a catch-up began what it raises makes no sound, unless the catch-up ends before: the highest priority, and all others.
constexpr Micros HeldUrgent = std::chrono::seconds(10), HeldOthers = std::chrono::seconds(120);

}
