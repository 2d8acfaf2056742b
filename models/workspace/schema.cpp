#include "workspace/schema.h"

#include "alarms/condition.h"
#include "alarms/measure.h"
#include "alarms/rulefields.h"
#include "core/json.h"
#include "core/text.h"
#include "workspace/routes.h"
#include "workspace/tables.h"
#include "workspace/workspace.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

// JSON that is put together as text, keys in the order given.
using Entries = std::vector<std::pair<std::string, std::string>>;

std::string object(const Entries &entries)
{
    std::string out;
    for (const auto &[key, value] : entries)
        out += (out.empty() ? "" : ",") + jsonText(key) + ":" + value;
    return "{" + out + "}";
}

std::string array(const std::vector<std::string> &values)
{
    std::string out;
    for (const std::string &value : values)
        out += (out.empty() ? "" : ",") + value;
    return "[" + out + "]";
}

std::string texts(const std::vector<std::string> &names)
{
    std::vector<std::string> out;
    for (const std::string &name : names)
        out.push_back(jsonText(name));
    return array(out);
}

std::string anyOf(const std::vector<std::string> &schemas)
{
    return object({{"anyOf", array(schemas)}});
}

std::string matching(const char *pattern)
{
    return object({{"type", "\"string\""}, {"pattern", jsonText(pattern)}});
}

// A scalar is taken as it is written: to YAML `5` is a number and `true` no text, to our readers they are texts like any other.
std::string scalar()
{
    return object({{"type", R"(["string","number","boolean"])"}});
}

std::string listOf(const std::string &item)
{
    return object({{"type", R"(["array","null"])"}, {"items", item}});
}

std::string idSchema()
{
    return matching("^[a-z][a-z0-9_-]*$");
}

std::string choices(std::span<const char *const> names)
{
    std::vector<std::string> out;
    for (const char *name : names) {
        out.push_back(jsonText(name));
        if (parseNumber(name))
            out.emplace_back(name); // unquoted it is a number
    }
    return object({{"enum", array(out)}});
}

std::string secret()
{
    return object({{"type", "\"object\""},
                   {"properties", object({{"env", matching("^SG_")}, {"file", object({{"type", "\"string\""}})}})},
                   {"dependencies",
                    object({{"env", object({{"properties", object({{"file", "false"}})}})},
                            {"file", object({{"properties", object({{"env", "false"}})}})}})},
                   {"minProperties", "1"},
                   {"additionalProperties", "false"}});
}

std::string textOrLanguages()
{
    const std::string text = scalar();
    return anyOf({text,
                  object({{"type", "\"object\""},
                          {"properties", object({{"en", text}, {"ko", text}, {"ja", text}})},
                          {"minProperties", "1"},
                          {"additionalProperties", "false"}})});
}

constexpr const char *NumberPattern = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$";

// A map of these keys and no other. `extra` may name keys that the tables do not know; it wins over them.
class MapSchema
{
public:
    MapSchema &add(Fields fields)
    {
        for (const Field &field : fields) {
            add(field.key, schemaOfField(field));
            if (field.isRequired)
                m_required.emplace_back(field.key);
        }
        return *this;
    }
    MapSchema &add(const std::string &key, std::string schema)
    {
        const auto same = std::find_if(m_properties.begin(), m_properties.end(), [&](const auto &entry) { return entry.first == key; });
        if (same != m_properties.end())
            same->second = std::move(schema);
        else
            m_properties.emplace_back(key, std::move(schema));
        return *this;
    }
    MapSchema &require(const std::string &key)
    {
        m_required.push_back(key);
        return *this;
    }
    MapSchema &requireNothing()
    {
        m_required.clear();
        return *this;
    }
    // Exactly one of the groups: any key of one excludes all keys of the others.
    MapSchema &exclude(const std::vector<std::vector<std::string>> &groups, bool isOneNeeded)
    {
        std::vector<std::vector<std::string>> needed;
        for (const auto &group : groups)
            for (const std::string &key : group) {
                needed.push_back({key});
                Entries no;
                for (const auto &other : groups)
                    if (&other != &group)
                        for (const std::string &name : other)
                            no.emplace_back(name, "false");
                if (!no.empty())
                    m_dependencies[key].insert(m_dependencies[key].end(), no.begin(), no.end());
            }
        return isOneNeeded ? requireOneOf(needed) : *this;
    }
    // What a key excludes beside its own group's.
    MapSchema &forbid(const std::string &key, const std::vector<std::string> &others)
    {
        for (const std::string &other : others)
            m_dependencies[key].emplace_back(other, "false");
        return *this;
    }
    MapSchema &requireOneOf(const std::vector<std::vector<std::string>> &groups)
    {
        std::vector<std::string> needed;
        for (const auto &group : groups)
            needed.push_back(object({{"required", texts(group)}}));
        m_anyOf = array(needed);
        return *this;
    }
    MapSchema &requireUnless(const std::string &key) // what is required may be missing where `key` is there
    {
        m_unless = key;
        return *this;
    }
    MapSchema &takeOneMore() // beside what is required: one key of these, or of a newer version
    {
        m_hasOneMore = true;
        return *this;
    }
    MapSchema &mayBeEmpty()
    {
        m_isEmptyToo = true;
        return *this;
    }

    [[nodiscard]] std::string text() const
    {
        Entries out{{"type", m_isEmptyToo ? R"(["object","null"])" : "\"object\""},
                    {"properties", object(m_properties)},
                    {"additionalProperties", m_hasOneMore ? object({{"type", R"(["object","null"])"}}) : "false"}};
        if (m_hasOneMore)
            for (const char *bound : {"minProperties", "maxProperties"})
                out.emplace_back(bound, std::to_string(m_required.size() + 1));
        if (!m_required.empty() && m_unless.empty())
            out.emplace_back("required", texts(m_required));
        if (!m_required.empty() && !m_unless.empty())
            out.emplace_back("anyOf", array({object({{"required", texts({m_unless})}}), object({{"required", texts(m_required)}})}));
        Entries dependencies;
        for (const auto &[key, no] : m_dependencies)
            dependencies.emplace_back(key, object({{"properties", object(no)}}));
        if (!dependencies.empty())
            out.emplace_back("dependencies", object(dependencies));
        if (!m_anyOf.empty())
            out.emplace_back("anyOf", m_anyOf);
        return object(out);
    }

    static std::string schemaOfField(const Field &field);

private:
    Entries m_properties;
    std::vector<std::string> m_required;
    std::map<std::string, Entries> m_dependencies;
    std::string m_anyOf, m_unless;
    bool m_isEmptyToo = false, m_hasOneMore = false;
};

std::string typeOf(const Field &field)
{
    switch (field.type) {
    case FieldType::Any:
        return "{}";
    case FieldType::Text:
    case FieldType::Selector:
    case FieldType::Path:
        return scalar();
    case FieldType::Texts:
        return anyOf({scalar(), object({{"type", "\"array\""}, {"items", scalar()}})});
    case FieldType::Number:
        return anyOf({object({{"type", "\"number\""}}), matching(NumberPattern)});
    case FieldType::Integer:
        return anyOf({object({{"type", "\"integer\""}}), matching("^[+-]?[0-9]+$")});
    case FieldType::Percent:
        return anyOf({object({{"type", "\"number\""}}), matching("^[+-]?[0-9.]+([eE][+-]?[0-9]+)? *%?$")});
    case FieldType::Duration:
        return matching("^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+) *(ms|s|min|h|d)$");
    case FieldType::Bool:
        return object({{"enum", R"([true,false,"true","false"])"}});
    case FieldType::Choice:
        return choices(field.choices);
    case FieldType::Where:
        return anyOf({scalar(), object({{"type", "\"object\""}, {"required", texts({"value"})}})});
    case FieldType::Secret:
        return secret();
    case FieldType::Map:
        return field.nested.empty() ? object({{"type", "\"object\""}}) : MapSchema().add(field.nested).text();
    }
    return "{}";
}

// With what the form in the window says of it, and whatever else `schema` demands.
std::string described(const Field &field, const std::string &schema)
{
    std::string says = field.label;
    if (*field.help != '\0')
        says += (says.empty() ? "" : ": ") + std::string(field.help);
    if (*field.unit != '\0')
        says += (says.empty() ? "in " : ", in ") + std::string(field.unit);
    Entries entries;
    if (!says.empty())
        entries.emplace_back("description", jsonText(says));
    if (*field.byDefault != '\0')
        entries.emplace_back("default", jsonText(field.byDefault));
    if (entries.empty())
        return schema;
    const std::string more = object(entries);
    return schema == "{}" ? more : more.substr(0, more.size() - 1) + "," + schema.substr(1);
}

std::string MapSchema::schemaOfField(const Field &field)
{
    return described(field, typeOf(field));
}

std::string described(Fields fields, const char *key, const std::string &schema)
{
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field &one) { return std::string_view(one.key) == key; });
    return field == fields.end() ? schema : described(*field, schema);
}

template <class Kinds> std::vector<std::string> namesOf(const Kinds &kinds)
{
    std::vector<std::string> out;
    for (const auto &kind : kinds)
        out.emplace_back(kind.name);
    return out;
}

std::vector<std::vector<std::string>> apart(const std::vector<std::string> &names)
{
    std::vector<std::vector<std::string>> out;
    for (const std::string &name : names)
        out.push_back({name});
    return out;
}

std::string document(const std::string &title, MapSchema root)
{
    root.add("format", object({{"enum", R"([1,"1"])"}})).require("format");
    const std::string head = object({{"$schema", "\"http://json-schema.org/draft-07/schema#\""}, {"title", jsonText(title)}});
    return head.substr(0, head.size() - 1) + "," + root.text().substr(1) + "\n";
}

bool has(Fields fields, std::string_view key)
{
    return std::any_of(fields.begin(), fields.end(), [&](const Field &field) { return field.key == key; });
}

// `fields` of a decoder hold names of one's own, `cases` decoders of their own; what stands behind each has a table.
std::string decodeSchema(Fields fields, const SourceItemFields &source)
{
    MapSchema out;
    for (const Field &field : fields) {
        const std::string_view key = field.key;
        std::string schema = typeOf(field);
        if (key == "fields" && field.nested.empty())
            schema
                = object({{"type", "\"object\""},
                          {"additionalProperties", MapSchema().add(has(fields, "reading") ? source.namedRule : source.fieldRule).text()}});
        else if (key == "cases")
            schema = listOf(decodeSchema(source.caseItem, source));
        else if (key == "else")
            schema = anyOf({object({{"const", "\"ignore\""}}), decodeSchema(source.otherwise, source)});
        else if (field.type == FieldType::Map && !field.nested.empty())
            schema = decodeSchema(field.nested, source);
        out.add(field.key, described(field, schema));
        if (field.isRequired)
            out.require(field.key);
    }
    return out.text();
}

std::string workspaceSchema(const SourceCatalog &catalog, const SourceItemFields &source)
{
    std::vector<std::string> connections(connectionKinds().begin(), connectionKinds().end());
    MapSchema connection;
    connection.add("id", idSchema()).require("id");
    for (const std::string &kind : connections)
        connection.add(kind, MapSchema().add(connectionFields(catalog, kind)).requireNothing().mayBeEmpty().text());
    connection.exclude(apart(connections), true);

    std::vector<std::string> kinds;
    MapSchema item;
    item.add("id", idSchema()).add(source.item);
    for (const Field &field : source.item)
        if (std::string_view(field.key) == "decode")
            item.add("decode", described(field, decodeSchema(field.nested, source)));
    item.requireNothing().require("id").require("path");
    for (const auto &[name, kind] : catalog) {
        kinds.push_back(name);
        item.add(name, MapSchema().add(kind.fields).add("use", idSchema()).requireUnless("use").mayBeEmpty().text());
    }
    item.exclude(apart(kinds), false);
    std::vector<std::vector<std::string>> needed;
    for (const std::string &kind : kinds)
        if (kind == "demo") // nothing of the demo plant is decoded
            needed.push_back({kind});
        else
            needed.push_back({kind, "decode"});
    item.requireOneOf(needed);

    MapSchema root;
    root.add(workspaceFields())
        .add("name", textOrLanguages())
        .add("connections", listOf(connection.text()))
        .add("sources", listOf(item.text()))
        .add("history", MapSchema().add(historyFields()).text())
        .add("roles", MapSchema().add(roleFields()).text());
    return document("Sightglass: workspace.yaml", root);
}

std::string tagsSchema()
{
    MapSchema item;
    item.add(tagFields());
    for (const char *key : {"name", "area"})
        item.add(key, described(tagFields(), key, textOrLanguages()));
    item.add("range", described(tagFields(), "range", object({{"type", "\"array\""}, {"minItems", "2"}, {"maxItems", "2"}})));
    return document("Sightglass: tags.yaml", MapSchema().add("tags", listOf(item.text())));
}

MapSchema withLanguages(MapSchema map, Fields fields)
{
    for (const char *key : {"name", "area", "cause", "consequence", "action"})
        if (has(fields, key))
            map.add(key, described(fields, key, textOrLanguages()));
    return map;
}

std::string rulesSchema()
{
    MapSchema item;
    item.add(commonRuleFields());
    std::vector<std::vector<std::string>> tests;
    std::vector<std::string> allOfThem;
    for (const ConditionKind &kind : conditionKinds()) {
        std::vector<std::string> keys;
        for (const Field &field : kind.fields) {
            keys.emplace_back(field.key);
            item.add(field.key, MapSchema::schemaOfField(field));
        }
        if (std::string_view(kind.name) != "levels")
            allOfThem.insert(allOfThem.end(), keys.begin(), keys.end());
        tests.push_back(std::move(keys));
    }
    const std::vector<std::string> measures = namesOf(measureKinds());
    for (const MeasureKind &kind : measureKinds())
        for (const Field &field : kind.fields)
            item.add(field.key, MapSchema::schemaOfField(field));
    item.exclude(tests, true);
    item.exclude(apart(measures), false);
    for (const std::string &measure : measures)
        item.forbid(measure, allOfThem); // only levels judge what it says
    MapSchema root;
    root.add("defaults", withLanguages(MapSchema().add(ruleDefaultFields()), ruleDefaultFields()).mayBeEmpty().text())
        .add("rules", listOf(withLanguages(item, commonRuleFields()).text()));
    return document("Sightglass: rules/*.yaml", root);
}

std::string dashboardsSchema()
{
    MapSchema tile;
    tile.add("id", idSchema())
        .add("at",
             object({{"type", "\"array\""},
                     {"items", object({{"type", "\"integer\""}, {"minimum", "0"}})},
                     {"minItems", "4"},
                     {"maxItems", "4"},
                     {"description", jsonText("Column, row, width and height on a grid of 24 columns.")}}))
        .require("id")
        .require("at");
    for (const TileKind &kind : tileKinds()) {
        MapSchema own;
        own.add(kind.fields);
        tile.add(kind.name, withLanguages(own, kind.fields).mayBeEmpty().text());
    }
    tile.exclude(apart(namesOf(tileKinds())), false).takeOneMore();
    return document("Sightglass: dashboards/*.yaml", MapSchema().add("name", textOrLanguages()).add("tiles", listOf(tile.text())));
}

std::string toldSchema(Fields common, bool hasMail)
{
    MapSchema item;
    item.add(common).add("id", idSchema());
    std::vector<std::string> kinds;
    for (const RouteKind &kind : routeKinds()) {
        if (!hasMail && std::string_view(kind.name) == "smtp")
            continue;
        kinds.emplace_back(kind.name);
        MapSchema own;
        own.add(kind.fields).add("use", idSchema()).requireUnless("use");
        if (has(kind.fields, "subject"))
            own.add("subject", described(kind.fields, "subject", textOrLanguages()));
        if (std::string_view(kind.name) == "http")
            own.add("url", described(kind.fields, "url", anyOf({matching("^https?://"), secret()})));
        item.add(kind.name, own.text());
    }
    item.exclude(apart(kinds), true);
    return listOf(item.text());
}

std::string testsSchema()
{
    MapSchema item;
    item.add(ruleTestFields());
    const auto oneOrMore = [](const std::string &one) { return anyOf({one, listOf(one)}); };
    item.add("actions", oneOrMore(MapSchema().add(ruleTestActionFields()).text()));
    item.add("states", oneOrMore(MapSchema().add(ruleTestStateFields()).text()));
    return document("Sightglass: tests/*.yaml", MapSchema().add("tests", listOf(item.text())).require("tests"));
}

constexpr const char *Files[] = {"workspace", "tags", "rules", "dashboards", "routes", "tests"};

}

std::span<const char *const> schemaFiles()
{
    return Files;
}

std::string schemaOf(std::string_view file, const SourceCatalog &catalog, const SourceItemFields &source)
{
    if (file == "workspace")
        return workspaceSchema(catalog, source);
    if (file == "tags")
        return tagsSchema();
    if (file == "rules")
        return rulesSchema();
    if (file == "dashboards")
        return dashboardsSchema();
    if (file == "routes")
        return document("Sightglass: routes.yaml",
                        MapSchema().add("routes", toldSchema(routeFields(), true)).add("heartbeats", toldSchema(heartbeatFields(), false)));
    return testsSchema();
}

}
