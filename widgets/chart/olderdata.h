#pragma once

#include "engine/session.h"

namespace sg {

class Desk;

// What a chart that begins at `from` lacks: for each source of its series the time up to the oldest row that is stored. Empty when it lacks
// nothing.
std::vector<LoadOlder> lackingBefore(const std::vector<const SeriesRow *> &rows, Time from, Time to);

// Asks for it; what the evaluator answers is said in the window. How far it is stands beside the source.
void loadOlder(Desk &desk, std::vector<LoadOlder> demands);

}
