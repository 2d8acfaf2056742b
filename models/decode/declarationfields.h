#pragma once

#include "core/fields.h"

namespace sg {

Fields sourceItemFields(); // path, labels, notes, time, lateness, decode, max_series, max_rate, max_backlog
Fields fieldRuleFields(); // of one entry of `fields`
Fields namedRuleFields(); // of one that only says how a field is read that a reading names
Fields caseFields(); // of one entry of `cases`
Fields elseFields(); // of the decode behind `else`: a case without `when`

}
