#include "alarms/judgedunit.h"

namespace sg {

std::string judgedUnit(const Rule &rule, const std::string &unit)
{
    const Node &measure = rule.settings[rule.measure];
    const std::string_view take = measure.text("take");
    if (rule.measure.empty())
        return unit;
    if (rule.measure == "window")
        return take == "count" ? std::string() : take == "rate" && !unit.empty() ? unit + " per s" : unit;
    if (rule.measure == "rate_of_change") {
        const std::string_view per = measure.text("per");
        return (unit.empty() ? "per " : unit + " per ") + std::string(per);
    }
    if (rule.measure == "deviation")
        return measure.text("in") == "percent" ? std::string("%") : unit;
    return {}; // counts and shares
}

}
