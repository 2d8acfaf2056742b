#include "alarms/rulefields.h"

#include "alarms/conditions/kinds.h"

namespace sg {

Fields commonRuleFields()
{
    static constexpr const char *audiences[] = {"operator", "engineer", "event"};
    static const Field fields[] = {
        {"id", FieldType::Text, true, "", "", SG_TR("Id"), SG_TR("Never reused: history and acknowledgements hang on it.")},
        {"name", FieldType::Text, false, "", "", SG_TR("Name"), SG_TR("What an operator reads; the id when empty.")},
        {"area", FieldType::Text, false, "", "", SG_TR("Area"), SG_TR("Part of the plant; else the tag's, else the file's default.")},
        {"audience", FieldType::Choice, false, "operator", "", SG_TR("Audience"), SG_TR("Whose list it is in; an event sounds nowhere."),
         audiences},
        {"priority", FieldType::Choice, false, "", "", SG_TR("Priority"), SG_TR("How fast somebody must answer."), priorityNames()},
        {"enabled", FieldType::Bool, false, "true", "", SG_TR("Enabled"), SG_TR("false: the rule is not evaluated.")},
        {"series", FieldType::Selector, true, "", "", SG_TR("Series"), SG_TR("What it watches: source/label/field, * for any.")},
        {"only", FieldType::Map, false, "", "", SG_TR("Only"), SG_TR("Labels and the values they must have.")},
        {"except", FieldType::Map, false, "", "", SG_TR("Except"), SG_TR("Labels and the values that are left out.")},
        {"deadband", FieldType::Percent, false, "", "", SG_TR("Deadband"), SG_TR("Of every level that has none of its own.")},
        {"on_delay", FieldType::Duration, false, "0s", "", SG_TR("On-delay"),
         SG_TR("How long the condition must hold before the alarm is raised.")},
        {"off_delay", FieldType::Duration, false, "0s", "", SG_TR("Off-delay"),
         SG_TR("How long the condition must be gone before the alarm clears.")},
        {"cause", FieldType::Text, false, "", "", SG_TR("Cause"), SG_TR("What usually brings it about.")},
        {"consequence", FieldType::Text, false, "", "", SG_TR("Consequence"), SG_TR("What happens when nobody answers.")},
        {"action", FieldType::Text, false, "", "", SG_TR("Action"), SG_TR("What the operator does.")},
    };
    return fields;
}

Fields ruleDefaultFields()
{
    static const std::vector<Field> fields = [] {
        std::vector<Field> out;
        for (const Field &field : commonRuleFields())
            for (const char *key : {"area", "audience", "priority", "deadband", "on_delay", "off_delay", "cause", "consequence", "action"})
                if (std::string_view(key) == field.key)
                    out.push_back(field);
        return out;
    }();
    return fields;
}

std::span<const char *const> notInThisVersion()
{
    static constexpr const char *keys[] = {
        "window",        "rate_of_change",
        "deviation",     "ratio",
        "count",         "quality",
        "lag", // measures
        "freshness",     "state_change",
        "when", // tests
        "inputs",        "per",
        "limits_from",   "latch",
        "ack",           "on_missing",
        "warmup",        "min_samples",
        "hours",         "realarm",
        "forget_after",  "late",
        "suppress_when", "respond_within",
    };
    return keys;
}

}
