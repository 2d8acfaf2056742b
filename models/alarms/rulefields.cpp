#include "alarms/rulefields.h"

#include "alarms/conditions/kinds.h"

namespace sg {

Fields commonRuleFields()
{
    static constexpr const char *audiences[] = {"operator", "engineer", "event"};
    static constexpr const char *latches[] = {"none", "until_ack", "until_reset"};
    static constexpr const char *acks[] = {"manual", "auto"};
    static constexpr const char *late[] = {"record", "annunciate"};
    static const Field realarm[] = {
        {"after", FieldType::Duration, true, "", "", SG_TR("After"), SG_TR("How long it was active.")},
        {"times", FieldType::Integer, false, "1", "", SG_TR("Times"), SG_TR("How often at most.")},
    };
    static const Field suppress[] = {
        {"series", FieldType::Selector, false, "", "", SG_TR("Series"), SG_TR("{line} is the same line.")},
        {"rule", FieldType::Text, false, "", "", SG_TR("Rule"), SG_TR("While the alarm of this rule is active.")},
        {"join", FieldType::Map, false, "", "", SG_TR("Join"), SG_TR("Our label and theirs, where the names differ.")},
        {"equals", FieldType::Texts, false, "", "", SG_TR("Equals"), SG_TR("A text or number, or a list of them.")},
        {"not_equals", FieldType::Texts, false, "", "", SG_TR("Does not equal"), SG_TR("Any other text or number than these.")},
        {"settle", FieldType::Duration, false, "0s", "", SG_TR("Settle"), SG_TR("How much longer it stays silent.")},
    };
    static const Field fields[] = {
        {"id", FieldType::Text, true, "", "", SG_TR("Id"), SG_TR("Never reused: history and acknowledgements hang on it.")},
        {"name", FieldType::Text, false, "", "", SG_TR("Name"), SG_TR("What an operator reads; the id when empty.")},
        {"area", FieldType::Text, false, "", "", SG_TR("Area"), SG_TR("Part of the plant; else the tag's, else the file's default.")},
        {"audience", FieldType::Choice, false, "operator", "", SG_TR("Audience"), SG_TR("Whose list it is in; an event sounds nowhere."),
         audiences},
        {"priority", FieldType::Choice, false, "", "", SG_TR("Priority"), SG_TR("How fast somebody must answer."), priorityNames()},
        {"enabled", FieldType::Bool, false, "true", "", SG_TR("Enabled"), SG_TR("false: the rule is not evaluated.")},
        {"series", FieldType::Selector, false, "", "", SG_TR("Series"), SG_TR("What it watches: source/label/field, * for any.")},
        {"only", FieldType::Map, false, "", "", SG_TR("Only"), SG_TR("Labels and the values they must have.")},
        {"except", FieldType::Map, false, "", "", SG_TR("Except"), SG_TR("Labels and the values that are left out.")},
        {"deadband", FieldType::Any, false, "", "", SG_TR("Deadband"), SG_TR("Of every level that has none of its own.")},
        {"on_delay", FieldType::Duration, false, "0s", "", SG_TR("On-delay"),
         SG_TR("How long the condition must hold before the alarm is raised.")},
        {"off_delay", FieldType::Duration, false, "0s", "", SG_TR("Off-delay"),
         SG_TR("How long the condition must be gone before the alarm clears.")},
        {"per", FieldType::Any, false, "", "", SG_TR("Per"),
         SG_TR("One alarm for all series with the same labels; [] is one alarm for all.")},
        {"inputs", FieldType::Map, false, "", "", SG_TR("Inputs"),
         SG_TR("Names for an expression: { hot: { rule: press-hot }, run: { series: SELECTOR } }.")},
        {"limits_from", FieldType::Path, false, "", "", SG_TR("Limits from"), SG_TR("CSV file with other limits for single keys.")},
        {"latch", FieldType::Choice, false, "none", "", SG_TR("Latch"),
         SG_TR("The alarm stays after it cleared until somebody acknowledges or resets it."), latches},
        {"ack", FieldType::Choice, false, "manual", "", SG_TR("Acknowledgement"), SG_TR("auto: what cleared needs no acknowledgement."),
         acks},
        {"on_missing", FieldType::Any, false, "hold", "", SG_TR("When values are missing"),
         SG_TR("hold: everything stays as it is; raise; separate: an alarm of its own; or { clear_after: 5min }.")},
        {"warmup", FieldType::Duration, false, "0s", "", SG_TR("Warm-up"), SG_TR("After the first value nothing is raised for this long.")},
        {"min_samples", FieldType::Integer, false, "", "", SG_TR("Least samples"),
         SG_TR("Fewer samples in a window say nothing: unknown.")},
        {"realarm",
         FieldType::Map,
         false,
         "",
         "",
         SG_TR("Alarm again"),
         SG_TR("What is still active needs a new acknowledgement: { after: 30min, times: 3 }."),
         {},
         realarm},
        {"forget_after", FieldType::Duration, false, "", "", SG_TR("Forget after"),
         SG_TR("A normal alarm whose key was not heard of for so long is dropped.")},
        {"late", FieldType::Choice, false, "record", "", SG_TR("Late"),
         SG_TR("An alarm that was over before its samples came is only recorded, or annunciated."), late},
        {"suppress_when",
         FieldType::Map,
         false,
         "",
         "",
         SG_TR("Suppress when"),
         SG_TR("Silent while another series or alarm says so: a stopped machine is not too cold."),
         {},
         suppress},
        {"hours",
         FieldType::Map,
         false,
         "",
         "",
         SG_TR("Hours"),
         SG_TR("Suppressed outside of them: { days: [mon, tue], from: \"06:00\", to: \"22:00\" }."),
         {},
         Hours::fields()},
        {"respond_within", FieldType::Duration, false, "", "", SG_TR("Respond within"), SG_TR("How much time the operator has.")},
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

}
