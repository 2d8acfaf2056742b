#include "alarms/measures/kinds.h"

namespace sg {

// The lag of a consumer group is a series of its own (lag/GROUP/TOPIC/PARTITION/age); the rule compares it like any other. So there is
// nothing to measure here: rule.cpp makes the selector.
MeasureKind lagKind()
{
    static constexpr const char *units[] = {"time", "messages"};
    static const Field keys[] = {
        {"use", FieldType::Text, true, "", "", SG_TR("Connection"), SG_TR("The Kafka connection whose group it is.")},
        {"group", FieldType::Text, true, "", "", SG_TR("Group"), SG_TR("Consumer group.")},
        {"topics", FieldType::Texts, true, "", "", SG_TR("Topics"), SG_TR("Topics it reads; {line} stands for any part.")},
        {"in", FieldType::Choice, true, "", "", SG_TR("In"),
         SG_TR("Age of the oldest unread message in seconds, or number of unread messages."), units},
    };
    static const Field fields[]
        = {{"lag", FieldType::Map, true, "", "", SG_TR("Lag"), SG_TR("How far a consumer group is behind."), {}, keys}};
    MeasureKind kind;
    kind.name = "lag";
    kind.label = SG_TR("Lag of a consumer group");
    kind.sentence = SG_TR("the lag of %1");
    kind.fields = fields;
    return kind;
}

}
