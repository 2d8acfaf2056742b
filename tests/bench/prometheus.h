#pragma once

#include <vector>

namespace sg::bench {

// Prometheus of the distribution with the load of plantload.h: scraped and evaluated once a second, alerts sent to an endpoint of ours.
// Prints "evaluations", "cpu_s" (of its process, after the warm-up), "firing_ms_p50", "firing_ms_p99" and "fired".
bool hasPrometheus();
void measurePrometheus();

}
