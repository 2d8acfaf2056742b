#pragma once

#include "alarms/rule.h"
#include "core/tags.h"

namespace sg {

// One level of a draft as a line on a chart of the series that it judges.
struct DraftLimit
{
    std::string level; // "high_high"
    double limit = 0;
    std::optional<double> band; // how far the value must come back
    Micros onDelay{0}, offDelay{0};
    Priority priority = Priority::Medium;
    bool isUpper = false;
    bool isOfTable = false; // limits_from says it for this key
};

struct DraftLimits
{
    std::vector<DraftLimit> lines; // high_high to low_low
    std::vector<std::string> series; // that are a limit themselves, by path
    bool isOfAnotherValue = false; // what is judged is not what the series shows: a rate, a ratio ...
};

// `item`: a rule with its defaults, faults and all; what cannot be read is left out. `rule`: null where it has faults. Pure.
DraftLimits draftLimits(const Node &item, const Rule *rule, const std::string &path, const std::vector<std::string> &labels,
                        const Tag &tag);

// The least of 1, 2 and 5 times a power of ten that is not below this: what one pixel, or one key, changes a value by. REQUIRES: > 0.
double niceStep(double least);
// At a multiple of the step, written without digits that say nothing: "80.5".
std::string roundedTo(double value, double step);

}
