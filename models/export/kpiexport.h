#pragma once

#include "alarms/kpi.h"
#include "export/exporter.h"

namespace sg {

// The scorecard as one more table, with the ranges of its records.
KpiTable scorecardTable(const KpiReport &report);
// One CSV file a table, the scorecard too, into the folder `options.path`, which is made when it is not there. The rows of all files. They
// are few, so it is not stopped; after an error those before it are there.
Result<Exported> exportKpi(const KpiReport &report, const ExportOptions &options, const Progress &progress = {});

}
