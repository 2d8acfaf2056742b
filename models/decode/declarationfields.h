#pragma once

#include "core/fields.h"

namespace sg {

Fields sourceItemFields(); // path, labels, notes, time, lateness, decode, max_series, max_rate, max_backlog
Fields fieldRuleFields(); // of one entry of `fields`

}
