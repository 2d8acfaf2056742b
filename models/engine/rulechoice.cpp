#include "engine/rulechoice.h"

#include <algorithm>
#include <set>

namespace sg {

RuleChoice chooseRules(const RuleSet &rules, std::vector<std::string> ids)
{
    RuleChoice choice{std::make_shared<RuleSet>(), {}};
    std::set<std::string> seen;
    while (!ids.empty()) {
        const std::string id = ids.back();
        ids.pop_back();
        if (!seen.insert(id).second)
            continue;
        const auto found = std::find_if(rules.rules.begin(), rules.rules.end(), [&](const auto &rule) { return rule->id == id; });
        if (found == rules.rules.end()) {
            choice.missing.push_back(id);
            continue;
        }
        choice.rules->rules.push_back(*found);
        for (const RuleInput &input : (*found)->inputs)
            if (!input.rule.empty())
                ids.push_back(input.rule);
    }
    return choice;
}

std::shared_ptr<const RuleSet> withInputs(const RuleSet &rules, const std::string &id)
{
    const RuleChoice choice = chooseRules(rules, {id});
    return choice.rules->rules.empty() ? nullptr : choice.rules;
}

}
