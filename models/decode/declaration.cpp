#include "decode/declaration.h"

#include "core/notes.h"
#include "core/text.h"
#include "decode/casereader.h"
#include "decode/declarationfields.h"
#include "decode/fieldrule.h"
#include "decode/guards.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::size_t MostCases = 50;

// Words of the grammar that this version refuses by name wherever they stand.
void refuseLater(const Node &map, std::initializer_list<const char *> words, std::vector<Error> &faults)
{
    for (const char *word : words)
        if (map.has(word))
            faults.push_back(map[word].error(SG_TR("%1 is not in this version"), {word}));
}

// The map without what was refused by name already, so that a fault is told once.
Node without(const Node &map, const std::vector<Error> &faults)
{
    Node out = map;
    std::erase_if(out.map, [&](const auto &entry) {
        return std::any_of(faults.begin(), faults.end(), [&](const Error &fault) {
            return !fault.args.empty() && fault.place == entry.second.place() && fault.args[0] == entry.first;
        });
    });
    for (auto &[key, value] : out.map)
        value = without(value, faults);
    return out;
}

class Reader
{
public:
    Reader(const SourceSpec &spec, std::vector<Error> &faults)
        : m_spec(spec)
        , m_node(spec.declaration)
        , m_faults(faults)
    {
    }

    Declaration read()
    {
        m_out.id = m_spec.id;
        checkTables();
        if (!m_faults.empty())
            return std::move(m_out); // the readers below rely on well formed maps
        if (m_spec.kind != "mqtt") // whose `key` is a file, and whose messages have none
            m_out.key = RecordKeyForm::read(m_spec.settings["key"], m_faults);
        checkNames();
        readClock(m_node["time"]);
        readDecode();
        SourceGuards::read(m_node, m_faults); // kept to by the connector, which reads it itself
        const Node &most = m_node["max_series"];
        if (!most.isMissing()) {
            const auto number = readNumber(most, "max_series");
            if (number && *number >= 1 && *number <= 10'000'000)
                m_out.maxSeries = static_cast<std::size_t>(*number);
            else
                m_faults.push_back(
                    most.error(SG_TR("max_series takes a whole number from 1 to 10000000, not '%1'"), {shown(most.scalar, 40)}));
        }
        return std::move(m_out);
    }

private:
    void checkTables()
    {
        const Node &decode = m_node["decode"];
        refuseLater(decode, {"sparkplug"}, m_faults);
        // The item's own name and its kind's map belong to others.
        const Fields own = sourceItemFields();
        std::vector<Field> table(own.begin(), own.end());
        table.push_back({"id", FieldType::Text});
        if (!m_spec.kind.empty())
            table.push_back({m_spec.kind.c_str(), FieldType::Any});
        const Node rest = without(m_node, m_faults);
        addFaults(check(rest, table));
        for (const auto &[format, body] : rest["decode"].map) {
            checkRules(body);
            if (body.has("cases"))
                checkCases(body);
        }
    }

    void addFaults(std::vector<Error> faults) { std::move(faults.begin(), faults.end(), std::back_inserter(m_faults)); }

    void checkRules(const Node &body)
    {
        const Fields table = body.has("reading") ? namedRuleFields() : fieldRuleFields();
        for (const auto &[name, rule] : body["fields"].map)
            addFaults(check(rule, table));
    }

    void checkCases(const Node &body)
    {
        const Node &cases = body["cases"];
        for (const char *key : {"learn", "fields", "each", "split", "reading"})
            if (body.has(key))
                m_faults.push_back(body[key].error(SG_TR("'%1' stands beside cases; it belongs into one of them"), {key}));
        if (cases.kind != Node::Kind::List || cases.list.empty() || cases.list.size() > MostCases)
            m_faults.push_back(cases.error(SG_TR("cases takes a list of at most %1, e.g. [{ when: { /type: telemetry }, fields: ... }]"),
                                           {std::to_string(MostCases)}));
        for (const Node &one : cases.list) {
            addFaults(check(one, caseFields()));
            if (one.has("else") && one.map.size() > 1)
                m_faults.push_back(one.error(SG_TR("else stands alone: { else: ignore }, or { else: { fields: ... } }")));
            if (one.has("else") && &one != &cases.list.back())
                m_faults.push_back(one.error(SG_TR("else is the last of the cases: what stands behind it reads nothing")));
            if (!one.has("else") && !one.has("when") && one.kind == Node::Kind::Map)
                m_faults.push_back(one.error(SG_TR("a case begins with 'when', the last one may be 'else'")));
            const Node &otherwise = one["else"];
            if (otherwise.kind == Node::Kind::Map) {
                addFaults(check(otherwise, elseFields()));
                checkRules(otherwise);
            } else if (!otherwise.isMissing() && otherwise.scalar != "ignore") {
                m_faults.push_back(otherwise.error(SG_TR("else takes ignore, or how all other messages are read"), {}));
            }
            checkRules(one);
        }
    }

    void checkNames()
    {
        const std::vector<std::string> names = readTexts(m_node["path"]);
        for (const std::string &name : names) {
            if (!isLabelText(name))
                m_faults.push_back(m_node["path"].error(SG_TR("'%1' is no label name; it takes a-z, 0-9 and _ and begins with a letter"),
                                                        {shown(name, 60)}));
            if (std::count(names.begin(), names.end(), name) > 1)
                m_faults.push_back(m_node["path"].error(SG_TR("path holds '%1' twice"), {shown(name, 60)}));
        }
        for (const auto &[name, entry] : m_node["labels"].map)
            if (std::find(names.begin(), names.end(), name) == names.end())
                m_faults.push_back(
                    entry.error(SG_TR("label '%1' is not in path; what is only shown belongs into notes"), {shown(name, 60)}));
        for (const auto &[name, entry] : m_node["notes"].map)
            if (!isLabelText(name))
                m_faults.push_back(
                    entry.error(SG_TR("'%1' is no note name; it takes a-z, 0-9 and _ and begins with a letter"), {shown(name, 60)}));
        if (const auto &notes = m_node["notes"].map; notes.size() > MostNotes)
            m_faults.push_back(notes[MostNotes].second.error(SG_TR("note '%1' is one too many: at most %2 are kept of a message"),
                                                             {shown(notes[MostNotes].first, 60), std::to_string(MostNotes)}));
    }

    // What the evaluator measures the devices' clocks by; see engine/clockwatch.h.
    void readClock(const Node &time)
    {
        const std::string basis = time.text("basis", "arrival");
        for (const char *key : {"delay", "clock"})
            if (time.has(key) && basis != "message")
                m_faults.push_back(
                    time[key].error(SG_TR("'%1' is of the clocks of devices, and basis %2 does not use them"), {key, shown(basis, 40)}));
        if (time.text("correct") == "auto" && basis != "message")
            m_faults.push_back(
                time["correct"].error(SG_TR("correct: auto goes with basis message: only a device's own stamp is corrected")));
        const auto delay = readDuration(time["delay"], "delay");
        if (time.has("delay") && delay && *delay <= Micros{0})
            m_faults.push_back(time["delay"].error(SG_TR("%1: '%2' is not longer than 0"), {"delay", shown(time["delay"].scalar, 40)}));
        const std::vector<std::string> path = readTexts(m_node["path"]);
        for (const std::string &label : readTexts(time["clock"]))
            if (std::find(path.begin(), path.end(), label) == path.end() && !m_node["notes"].has(label))
                m_faults.push_back(
                    time["clock"].error(SG_TR("clock: neither the path nor the notes have a label '%1'"), {shown(label, 40)}));
    }

    void readDecode()
    {
        const Node &decode = m_node["decode"];
        if (decode.map.size() != 1) {
            m_faults.push_back(decode.error(SG_TR("decode takes exactly one of json, avro, protobuf, csv, scalar, row")));
            return;
        }
        const auto &[format, body] = decode.map.front();
        if (format == "json" || format == "avro" || format == "protobuf") {
            m_out.schemaType = format == "avro" ? "AVRO" : format == "protobuf" ? "PROTOBUF" : "";
            m_out.message = body.text("message");
            // Their readers can stand still in front of a message whose schema has to be waited for.
            if (!m_out.schemaType.empty() && !m_spec.kind.empty() && m_spec.kind != "kafka" && m_spec.kind != "mqtt")
                m_faults.push_back(
                    body.error(SG_TR("decode: %1 is read from Kafka and MQTT in this version, not from %2"), {format, m_spec.kind}));
            const std::string unwrap = body.text("unwrap");
            m_out.unwrap = unwrap == "auto" ? Declaration::Unwrap::Auto
                : unwrap == "debezium"      ? Declaration::Unwrap::Debezium
                                            : Declaration::Unwrap::None;
        } else if (format == "csv") {
            m_out.format = Declaration::Format::Csv;
            readColumns(body);
        } else if (format == "row") {
            m_out.format = Declaration::Format::Row;
        } else {
            m_out.format = Declaration::Format::Scalar;
            readScalar(body);
        }
        if (body.has("count_by")) {
            m_out.countByText = body["count_by"].scalar;
            m_out.countBy = CaseReader(m_out, m_node, body, m_faults).messagePlace(m_out.countByText, body["count_by"]);
        }
        if (body.has("cases"))
            for (const Node &one : body["cases"].list)
                m_out.cases.push_back(readCase(one));
        else
            m_out.cases.push_back(CaseReader(m_out, m_node, body, m_faults).read());
    }

    Case readCase(const Node &node)
    {
        if (node["else"].kind == Node::Kind::Map)
            return CaseReader(m_out, m_node, node["else"], m_faults).read();
        if (node.has("else")) {
            Case ignored;
            ignored.isIgnored = true;
            return ignored;
        }
        CaseReader reader(m_out, m_node, node, m_faults);
        Case out = reader.read();
        reader.readWhen(node["when"], out);
        return out;
    }

    void readColumns(const Node &body)
    {
        m_out.columns = readTexts(body["columns"]);
        if (m_out.columns.empty())
            m_faults.push_back(body["columns"].error(SG_TR("columns takes the names of the columns, in order")));
        for (const std::string &column : m_out.columns)
            if (std::count(m_out.columns.begin(), m_out.columns.end(), column) > 1)
                m_faults.push_back(body["columns"].error(SG_TR("columns holds '%1' twice"), {shown(column, 60)}));
        const std::string separator = body.text("separator", ",");
        if (separator.size() == 1 && separator != "\"" && separator != "\n" && separator != "\r")
            m_out.separator = separator.front();
        else
            m_faults.push_back(body["separator"].error(SG_TR("separator takes one character, not '%1'"), {shown(separator, 20)}));
    }

    void readScalar(const Node &body)
    {
        const std::string name = body.text("field");
        m_out.scalar = readFieldRule(name, body, m_faults);
        if (name.starts_with("topic:")) {
            m_out.scalarCapture = name.substr(6);
            m_out.scalar.name.clear();
        }
        if (name.empty() || name == "topic:")
            m_faults.push_back(body["field"].error(SG_TR("field takes a name, or topic:measure for a part of the topic")));
    }

    const SourceSpec &m_spec;
    const Node &m_node;
    std::vector<Error> &m_faults;
    Declaration m_out;
};

}

Declaration Declaration::read(const SourceSpec &spec, std::vector<Error> &faults)
{
    return Reader(spec, faults).read();
}

}
