#pragma once

#include "alarms/conditions/kinds.h"
#include "alarms/inputs.h"

// One file per measure; measurekinds.cpp has their rows in the order in which a form offers them.
namespace sg {

MeasureKind windowKind();
MeasureKind rateOfChangeKind();
MeasureKind deviationKind();
MeasureKind ratioKind();
MeasureKind countKind();
MeasureKind qualityKind();
MeasureKind lagKind();

// Faults that several measures have in common: a window of nothing.
void checkIsPositive(const Node &settings, const char *key, std::vector<Error> &out);

}
