#include "decode/declarationfields.h"

namespace sg {

namespace {

constexpr const char *Bases[] = {"arrival", "broker", "database", "message"};
constexpr const char *Units[] = {"s", "ms", "us", "ns", "iso"};
constexpr const char *Types[] = {"number", "text", "bool", "decimal"};
constexpr const char *Unwraps[] = {"none", "auto", "debezium"};
constexpr const char *Revisions[] = {"conflict", "replace"};
constexpr const char *Corrections[] = {"none", "auto"};

constexpr Field Basis{"basis", FieldType::Choice, true, "arrival", "", SG_TR("Time"), SG_TR("Whose clock says when a value happened."),
                      Bases};
constexpr Field Stamp{"at", FieldType::Where, false, "", "", SG_TR("Stamp"), SG_TR("Where the message holds its time.")};
constexpr Field Unit{
    "unit", FieldType::Choice, false, "iso", "", SG_TR("Unit of the stamp"), SG_TR("Epoch seconds and fractions of them, or ISO 8601."),
    Units};
constexpr Field Zone{"zone", FieldType::Text, false, "", "", SG_TR("Zone"), SG_TR("Of stamps that name none, e.g. Asia/Seoul.")};
constexpr Field TimeFields[] = {
    Basis,
    Stamp,
    Unit,
    Zone,
    {"lateness", FieldType::Duration, false, "0s", "s", SG_TR("Lateness"), SG_TR("How long to wait for older stamps.")},
    {"revisions", FieldType::Choice, false, "conflict", "", SG_TR("Revisions"),
     SG_TR("What a second value for one time means: a conflict, or that it replaces the first (windowed results)."), Revisions},
    {"correct", FieldType::Choice, false, "none", "", SG_TR("Clock correction"),
     SG_TR("auto: samples of a device whose clock is off are placed at the corrected time."), Corrections},
    {"delay", FieldType::Duration, false, "", "", SG_TR("Greatest delay"),
     SG_TR("Messages reach us at most so old unless a backlog drains; what is older says that the device's clock is behind. 2s with "
           "correct: auto.")},
    {"clock", FieldType::Texts, false, "", "", SG_TR("Clock of"),
     SG_TR("Labels of the path that name the device whose clock it is, e.g. [gateway]; without it each key has its own.")},
};
constexpr Field CaseTimeFields[] = {Basis, Stamp, Unit, Zone}; // what else `time` holds is said once for the source
constexpr Field SplitFields[] = {
    {"at", FieldType::Where, true, "", "", SG_TR("Place"), SG_TR("Where the text stands.")},
    {"as", FieldType::Text, true, "", "", SG_TR("Form"), SG_TR("Names for its parts, e.g. {line}.{device}.{point}.")},
};
constexpr Field QualityFields[] = {
    {"at", FieldType::Where, true, "", "", SG_TR("Place"), SG_TR("Where the quality stands.")},
    {"good", FieldType::Texts, true, "", "", SG_TR("Good"), SG_TR("Qualities of values that can be used; any other is bad.")},
};
constexpr Field ReadingFields[] = {
    {"field", FieldType::Where, true, "", "", SG_TR("Field"), SG_TR("Where the name of the field stands, or the name itself.")},
    {"value", FieldType::Where, true, "", "", SG_TR("Value"), SG_TR("Where its value stands.")},
    {"quality",
     FieldType::Map,
     false,
     "",
     "",
     SG_TR("Quality"),
     SG_TR("Where its quality stands, and which ones are good."),
     {},
     QualityFields},
};
constexpr Field Learn{
    "learn", FieldType::Bool, false, "false", "", SG_TR("Learn fields"), SG_TR("Takes every number, truth value and short text.")};
constexpr Field Given{"fields", FieldType::Map, false, "", "", SG_TR("Fields"), SG_TR("Where each field stands and how it is read.")};
constexpr Field Each{
    "each", FieldType::Where, false, "", "", SG_TR("For each item of"), SG_TR("An array whose items are read one by one, as item:/p.")};
constexpr Field SplitField{"split", FieldType::Map, false, "", "", SG_TR("Split"), SG_TR("Takes one text apart; its parts are split:NAME."),
                           {},      SplitFields};
constexpr Field ReadingField{
    "reading", FieldType::Map, false, "", "", SG_TR("Reading"), SG_TR("A name and a value that stand beside each other."),
    {},        ReadingFields};
constexpr Field CaseLabels{
    "labels", FieldType::Map, false, "", "", SG_TR("Labels"), SG_TR("Where a label stands in messages of this kind.")};
constexpr Field CaseTime{
    "time", FieldType::Map, false, "", "", SG_TR("Time"), SG_TR("Whose clock says when a value of this kind happened."),
    {},     CaseTimeFields};
constexpr Field CaseFields[] = {
    {"when", FieldType::Map, false, "", "", SG_TR("When"), SG_TR("What a message must hold: a text, one of several, or present.")},
    CaseLabels,
    CaseTime,
    Learn,
    Given,
    Each,
    SplitField,
    ReadingField,
    {"else", FieldType::Any, false, "", "", SG_TR("Else"), SG_TR("The last one: ignore, or how all other messages are read.")},
};
constexpr Field ElseFields[] = {CaseLabels, CaseTime, Learn, Given, Each, SplitField, ReadingField};
constexpr Field UnwrapField{"unwrap",
                            FieldType::Choice,
                            false,
                            "none",
                            "",
                            SG_TR("Unwrap"),
                            SG_TR("auto takes the payload of {schema, payload}, debezium the row after the change."),
                            Unwraps};
constexpr Field Cases{
    "cases", FieldType::Any, false, "", "", SG_TR("Kinds of messages"), SG_TR("The first whose `when` holds reads the message.")};
constexpr Field CountBy{
    "count_by", FieldType::Where, false, "", "", SG_TR("Count by"), SG_TR("How many kinds of messages there are, by what stands here.")};
constexpr Field Registry{
    "use", FieldType::Text, true, "", "", SG_TR("Registry"), SG_TR("The connection of kind registry that has the schemas.")};
constexpr Field JsonFields[] = {UnwrapField, Learn, Given, Each, SplitField, ReadingField, Cases, CountBy};
constexpr Field AvroFields[] = {Registry, UnwrapField, Learn, Given, Each, SplitField, ReadingField, Cases, CountBy};
constexpr Field ProtobufFields[] = {
    Registry,
    {"message", FieldType::Text, false, "", "", SG_TR("Message"), SG_TR("The full name of the one type that is read, e.g. plant.Reading.")},
    UnwrapField,
    Learn,
    Given,
    Each,
    SplitField,
    ReadingField,
    Cases,
    CountBy,
};
constexpr Field CsvFields[] = {
    {"columns", FieldType::Texts, true, "", "", SG_TR("Columns"), SG_TR("Names of the columns, in order.")},
    {"separator", FieldType::Text, false, ",", "", SG_TR("Separator"), SG_TR("One character between two columns.")},
    {"learn", FieldType::Bool, false, "false", "", SG_TR("Learn fields"), SG_TR("Takes every column that is no label.")},
    {"fields", FieldType::Map, false, "", "", SG_TR("Fields"), SG_TR("Which column is which field.")},
};
constexpr Field RowFields[] = {
    {"learn", FieldType::Bool, false, "false", "", SG_TR("Learn fields"), SG_TR("Takes every column that is no label.")},
    {"fields", FieldType::Map, false, "", "", SG_TR("Fields"), SG_TR("Which column is which field.")},
};
constexpr Field As{"as", FieldType::Choice, false, "", "", SG_TR("Read as"), SG_TR("Without it the first value decides."), Types};
constexpr Field Map{"map", FieldType::Map, false, "", "", SG_TR("Meaning"), SG_TR("What each value means, e.g. \"0\": stopped.")};
constexpr Field Scale{"scale", FieldType::Number, false, "1", "", SG_TR("Scale"), SG_TR("The number is multiplied by it.")};
constexpr Field Offset{"offset", FieldType::Number, false, "0", "", SG_TR("Offset"), SG_TR("Added after scaling.")};
constexpr Field Bit{"bit", FieldType::Integer, false, "", "", SG_TR("Bit"), SG_TR("One bit of a whole number, from 0; it is 0 or 1.")};
constexpr Field Bad{"bad", FieldType::Texts, false, "", "", SG_TR("Bad values"), SG_TR("Values that mean: no measurement.")};
constexpr Field Decimal{"decimal", FieldType::Text, false, ".", "", SG_TR("Decimal sign"), SG_TR("\",\" where numbers are written 3,5.")};
constexpr Field Digits{"digits",
                       FieldType::Integer,
                       false,
                       "",
                       "",
                       SG_TR("Decimal places"),
                       SG_TR("Of a decimal that comes as base64 bytes without its schema.")};
constexpr Field RuleFields[] = {
    {"at", FieldType::Where, true, "", "", SG_TR("Place"), SG_TR("Where the message holds it.")},
    As,
    Map,
    Scale,
    Offset,
    Bit,
    Bad,
    Decimal,
    Digits,
};
constexpr Field NamedRuleFields[] = {
    {"at", FieldType::Where, false, "", "", SG_TR("Place"), SG_TR("Where the message holds it, if no reading names it.")},
    As,
    Map,
    Scale,
    Offset,
    Bit,
    Bad,
    Decimal,
    Digits,
};
constexpr Field ScalarFields[] = {
    {"field", FieldType::Text, true, "", "", SG_TR("Field"), SG_TR("Its name, or topic:measure for a part of the topic.")},
    As,
    Map,
    Scale,
    Offset,
    Bit,
    Bad,
    Decimal,
    Digits,
};
constexpr Field DecodeFields[] = {
    {"json", FieldType::Map, false, "", "", SG_TR("JSON"), SG_TR("A JSON object in each message."), {}, JsonFields},
    {"avro", FieldType::Map, false, "", "", SG_TR("Avro"), SG_TR("Records whose schema a registry has; read as JSON is."), {}, AvroFields},
    {"protobuf",
     FieldType::Map,
     false,
     "",
     "",
     SG_TR("Protobuf"),
     SG_TR("Messages whose schema a registry has; read as JSON is."),
     {},
     ProtobufFields},
    {"csv", FieldType::Map, false, "", "", SG_TR("CSV"), SG_TR("One line of separated values in each message."), {}, CsvFields},
    {"scalar", FieldType::Map, false, "", "", SG_TR("Single value"), SG_TR("The message is the value."), {}, ScalarFields},
    {"row", FieldType::Map, false, "", "", SG_TR("Row"), SG_TR("A row of a table or view."), {}, RowFields},
};
constexpr Field ItemFields[] = {
    {"enabled", FieldType::Bool, false, "true", "", SG_TR("Enabled"), SG_TR("false: the source is not read.")},
    {"path", FieldType::Texts, true, "", "", SG_TR("Path"), SG_TR("Labels that say which thing a value is about, in order.")},
    {"labels", FieldType::Map, false, "", "", SG_TR("Labels"), SG_TR("Where a label stands that is not in the topic.")},
    {"notes", FieldType::Map, false, "", "", SG_TR("Notes"), SG_TR("Shown and journaled, never identity.")},
    {"time", FieldType::Map, false, "", "", SG_TR("Time"), SG_TR("Whose clock says when a value happened."), {}, TimeFields},
    {"lateness", FieldType::Duration, false, "0s", "s", SG_TR("Lateness"), SG_TR("How long to wait for older stamps.")},
    {"decode", FieldType::Map, true, "", "", SG_TR("Decoding"), SG_TR("How a message is read."), {}, DecodeFields},
    {"max_series", FieldType::Integer, false, "100000", "", SG_TR("Most series"), SG_TR("New ones beyond it are refused.")},
    {"max_rate", FieldType::Text, false, "", "", SG_TR("Greatest rate"),
     SG_TR("Messages or bytes a second that are read at most: 5000/s or 2MB/s; what is above it waits or is counted.")},
    {"max_backlog", FieldType::Text, false, "2GB", "", SG_TR("Largest backlog"),
     SG_TR("A first start that would read more than this asks before it reads anything.")},
};

}

Fields sourceItemFields()
{
    return ItemFields;
}

Fields fieldRuleFields()
{
    return RuleFields;
}

Fields namedRuleFields()
{
    return NamedRuleFields;
}

Fields caseFields()
{
    return CaseFields;
}

Fields elseFields()
{
    return ElseFields;
}

}
