#pragma once

#include "alarms/rule.h"

namespace sg {

struct RuleChoice
{
    std::shared_ptr<RuleSet> rules;
    std::vector<std::string> missing; // ids that no rule has, in the order in which they were met
};

// The rules of these ids, with those whose alarms they look at.
RuleChoice chooseRules(const RuleSet &rules, std::vector<std::string> ids);
// The rule of this id with those it looks at; null: there is none.
std::shared_ptr<const RuleSet> withInputs(const RuleSet &rules, const std::string &id);

}
