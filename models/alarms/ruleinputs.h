#pragma once

#include "alarms/rule.h"

// The parts of a rule that reach beyond its own series. Only for models/alarms.
namespace sg {

// The selector of lag: { group, in }; its topics are Rule::topics.
std::string lagSeries(const Node &lag);
// Fills inputs, when and suppress; `labels`: of the rule's series, null when they are not known.
void readInputs(const Node &item, const RuleSurroundings &around, const std::vector<std::string> *labels, Rule &rule,
                std::vector<Error> &out);
// Common keys that have no reader of their own: latch, ack, on_missing, warmup ... of an item that was checked.
void readCommon(Rule &rule);

}
