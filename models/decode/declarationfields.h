#pragma once

#include "core/fields.h"

namespace sg {

Fields sourceItemFields(); // path, labels, notes, time, lateness, decode, max_series
Fields fieldRuleFields(); // of one entry of `fields`

}
