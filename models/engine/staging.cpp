#include "engine/staging.h"

#include <algorithm>

namespace sg {

Staging stage(const AlarmEngine &alarms, const Workspace &running, std::shared_ptr<const Workspace> edited)
{
    Staging out{edited, alarms.wouldClose(edited->rules ? *edited->rules : RuleSet(), edited->tags.get())};
    if (out.closes.empty() || !running.rules)
        return out;
    auto mixed = edited->rules ? std::make_shared<RuleSet>(*edited->rules) : std::make_shared<RuleSet>();
    // Tags are limits too (a range under a percent deadband): where they alone would close something, they wait as well.
    const bool tagsClose = !alarms.wouldClose(*running.rules, edited->tags.get()).empty();
    const auto tags = tagsClose ? running.tags : edited->tags;
    for (const auto &old : running.rules->rules) {
        const auto same = std::find_if(mixed->rules.begin(), mixed->rules.end(), [&](const auto &rule) { return rule->id == old->id; });
        RuleSet only = *running.rules;
        std::erase_if(only.rules, [&](const auto &rule) { return rule->id == old->id; });
        if (same != mixed->rules.end()) {
            if ((*same)->hash == old->hash)
                continue;
            only.rules.push_back(*same);
        }
        if (alarms.wouldClose(only, tags.get()).empty())
            continue;
        if (same != mixed->rules.end())
            *same = old;
        else
            mixed->rules.push_back(old);
    }
    auto changed = std::make_shared<Workspace>(*edited);
    changed->rules = mixed;
    changed->tags = tags;
    out.workspace = changed;
    return out;
}

}
