#include "alarms/conditions/kinds.h"

#include "core/fields.h"

namespace sg {

std::span<const ConditionKind> conditionKinds()
{
    static const ConditionKind kinds[]
        = {levelsKind(), equalsKind(), notEqualsKind(), absenceKind(), freshnessKind(), stateChangeKind(), whenKind()};
    return kinds;
}

const ConditionKind *conditionKind(std::string_view name)
{
    for (const ConditionKind &kind : conditionKinds())
        if (name == kind.name)
            return &kind;
    static const ConditionKind missing = missingKind();
    return name == missing.name ? &missing : nullptr;
}

std::span<const char *const> priorityNames()
{
    static constexpr const char *names[] = {"low", "medium", "high", "urgent"};
    return names;
}

Priority priorityOf(std::string_view name, Priority otherwise)
{
    for (const Priority priority : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
        if (name == nameOf(priority))
            return priority;
    return otherwise;
}

Micros durationOf(const Node &settings, std::string_view key, Micros otherwise)
{
    if (!settings.has(key))
        return otherwise;
    const auto duration = readDuration(settings[key], key);
    return duration ? *duration : otherwise;
}

}
