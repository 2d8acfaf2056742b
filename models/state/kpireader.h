#pragma once

#include "alarms/kpi.h"

#include <functional>
#include <stop_token>

namespace sg {

// The KPI report of a state folder's journal; also while an evaluator writes there. Takes as long as the journal is: a worker's thread.
// `progress`: 0 to 1, from this thread, some times a second. Stopped, it is an error.
Result<KpiReport> readKpi(const std::string &stateFolder, KpiOptions options, const std::function<void(double share)> &progress = {},
                          std::stop_token stop = {});

}
