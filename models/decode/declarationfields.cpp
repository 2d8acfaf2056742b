#include "decode/declarationfields.h"

namespace sg {

namespace {

constexpr const char *Bases[] = {"arrival", "broker", "database", "message"};
constexpr const char *Units[] = {"s", "ms", "us", "ns", "iso"};
constexpr const char *Types[] = {"number", "text", "bool"};
constexpr const char *Unwraps[] = {"none", "auto"};
constexpr const char *Revisions[] = {"conflict"};
constexpr const char *Corrections[] = {"none", "auto"};

constexpr Field TimeFields[] = {
    {"basis", FieldType::Choice, true, "arrival", "", SG_TR("Time"), SG_TR("Whose clock says when a value happened."), Bases},
    {"at", FieldType::Where, false, "", "", SG_TR("Stamp"), SG_TR("Where the message holds its time.")},
    {"unit", FieldType::Choice, false, "iso", "", SG_TR("Unit of the stamp"), SG_TR("Epoch seconds and fractions of them, or ISO 8601."),
     Units},
    {"zone", FieldType::Text, false, "", "", SG_TR("Zone"), SG_TR("Of stamps that name none, e.g. Asia/Seoul.")},
    {"lateness", FieldType::Duration, false, "0s", "s", SG_TR("Lateness"), SG_TR("How long to wait for older stamps.")},
    {"revisions", FieldType::Choice, false, "conflict", "", SG_TR("Revisions"), SG_TR("What a second value for one time means."),
     Revisions},
    {"correct", FieldType::Choice, false, "none", "", SG_TR("Clock correction"),
     SG_TR("auto: samples of a device whose clock is off are placed at the corrected time."), Corrections},
    {"delay", FieldType::Duration, false, "", "", SG_TR("Greatest delay"),
     SG_TR("Messages reach us at most so old unless a backlog drains; what is older says that the device's clock is behind. 2s with "
           "correct: auto.")},
    {"clock", FieldType::Texts, false, "", "", SG_TR("Clock of"),
     SG_TR("Labels of the path that name the device whose clock it is, e.g. [gateway]; without it each key has its own.")},
};
constexpr Field JsonFields[] = {
    {"unwrap", FieldType::Choice, false, "none", "", SG_TR("Unwrap"), SG_TR("auto takes the payload of {schema, payload}."), Unwraps},
    {"learn", FieldType::Bool, false, "false", "", SG_TR("Learn fields"), SG_TR("Takes every number, truth value and short text.")},
    {"fields", FieldType::Map, false, "", "", SG_TR("Fields"), SG_TR("Where each field stands and how it is read.")},
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
constexpr Field RuleFields[] = {
    {"at", FieldType::Where, true, "", "", SG_TR("Place"), SG_TR("Where the message holds it.")},
    {"as", FieldType::Choice, false, "", "", SG_TR("Read as"), SG_TR("Without it the first value decides."), Types},
    {"map", FieldType::Map, false, "", "", SG_TR("Meaning"), SG_TR("What each value means, e.g. \"0\": stopped.")},
    {"scale", FieldType::Number, false, "1", "", SG_TR("Scale"), SG_TR("The number is multiplied by it.")},
    {"offset", FieldType::Number, false, "0", "", SG_TR("Offset"), SG_TR("Added after scaling.")},
    {"bad", FieldType::Texts, false, "", "", SG_TR("Bad values"), SG_TR("Values that mean: no measurement.")},
    {"decimal", FieldType::Text, false, ".", "", SG_TR("Decimal sign"), SG_TR("\",\" where numbers are written 3,5.")},
};
constexpr Field ScalarFields[] = {
    {"field", FieldType::Text, true, "", "", SG_TR("Field"), SG_TR("Its name, or topic:measure for a part of the topic.")},
    {"as", FieldType::Choice, false, "", "", SG_TR("Read as"), SG_TR("Without it the first value decides."), Types},
    {"map", FieldType::Map, false, "", "", SG_TR("Meaning"), SG_TR("What each value means, e.g. \"0\": stopped.")},
    {"scale", FieldType::Number, false, "1", "", SG_TR("Scale"), SG_TR("The number is multiplied by it.")},
    {"offset", FieldType::Number, false, "0", "", SG_TR("Offset"), SG_TR("Added after scaling.")},
    {"bad", FieldType::Texts, false, "", "", SG_TR("Bad values"), SG_TR("Values that mean: no measurement.")},
    {"decimal", FieldType::Text, false, ".", "", SG_TR("Decimal sign"), SG_TR("\",\" where numbers are written 3,5.")},
};
constexpr Field DecodeFields[] = {
    {"json", FieldType::Map, false, "", "", SG_TR("JSON"), SG_TR("A JSON object in each message."), {}, JsonFields},
    {"csv", FieldType::Map, false, "", "", SG_TR("CSV"), SG_TR("One line of separated values in each message."), {}, CsvFields},
    {"scalar", FieldType::Map, false, "", "", SG_TR("Single value"), SG_TR("The message is the value."), {}, ScalarFields},
    {"row", FieldType::Map, false, "", "", SG_TR("Row"), SG_TR("A row of a table or view."), {}, RowFields},
};
constexpr Field ItemFields[] = {
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

}
