#pragma once

#include <vector>

namespace sg::bench {

// Milliseconds of each pan over the same samples in QCustomPlot. A file of its own, because its header needs Qt's keywords.
std::vector<double> customPlotPans(int samples, int steps, double share);

}
