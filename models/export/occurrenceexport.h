#pragma once

#include "alarms/occurrences.h"
#include "export/exporter.h"

namespace sg {

// What a backtest of [from, to) raised, one row an occurrence, or how two versions of the rules differ, one row a change.
Result<Exported> exportOccurrences(std::span<const Occurrence> occurrences, Time from, Time to, const ExportOptions &options);
Result<Exported> exportChanges(std::span<const OccurrenceChange> changes, Time from, Time to, const ExportOptions &options);

}
