#include "workspace/reading.h"
#include "workspace/registry.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/workspacefile.h"
#include "workspace/consent.h"
#include "workspace/tables.h"

#include <algorithm>

namespace sg {

namespace {

constexpr const char *ConnectionKinds[] = {"kafka", "mqtt", "postgres", "registry", "http", "smtp"};
constexpr const char *RouteOnlyKinds[] = {"http", "smtp"}; // nothing is read from them
constexpr const char *TextLabels[] = {"field", "value", "limit", "unit", "source"}; // these are filled into texts by other means

template <class List> bool holds(const List &list, std::string_view text)
{
    return std::any_of(std::begin(list), std::end(list), [&](std::string_view entry) { return entry == text; });
}

// Everything a connection may say may also be missing in it: the source that uses it has the rest.
std::vector<Field> withoutRequired(Fields fields)
{
    std::vector<Field> out(fields.begin(), fields.end());
    for (Field &field : out)
        field.isRequired = false;
    return out;
}

Node asMap(const Node &settings)
{
    Node out = settings;
    if (out.kind == Node::Kind::Scalar && out.scalar.empty())
        out.kind = Node::Kind::Map; // `demo:` and nothing behind it
    return out;
}

void readConnection(Reading &reading, const Node &item)
{
    std::map<std::string, Connection> &connections = reading.connections;
    if (auto error = checkNewId(item, "connection", [&](const std::string &id) { return connections.contains(id); })) {
        reading.add(*error);
        return;
    }
    const std::string id = item.text("id");
    Connection &connection = connections[id];
    std::size_t kinds = 0;
    bool isClean = true;
    for (const auto &[key, value] : item.map) {
        if (key == "id")
            continue;
        if (!holds(ConnectionKinds, key)) {
            reading.add(value.error(SG_TR("connection '%1': unknown key '%2'; expected kafka, mqtt, postgres, registry, http or smtp"),
                                    {id, shown(key)}));
            isClean = false;
        } else {
            ++kinds;
            connection.kind = key;
            connection.settings = asMap(value);
        }
    }
    if (isClean && kinds != 1)
        reading.add(item.error(SG_TR("connection '%1' must have exactly one of kafka, mqtt, postgres, registry, http, smtp"), {id}));
    if (!isClean || kinds != 1)
        return;
    if (const Fields fields = connectionFields(reading.catalog, connection.kind); !fields.empty())
        connection.isValid = reading.add(check(connection.settings, withoutRequired(fields)));
}

Result<std::string> kindOf(const Reading &reading, const Node &item, const std::string &id)
{
    std::string kind, expected;
    for (const auto &[name, row] : reading.catalog)
        expected += (expected.empty() ? "" : ", ") + name;
    for (const auto &[key, value] : item.map) {
        if (holds(RouteOnlyKinds, key))
            return value.error(SG_TR("source '%1': '%2' is not in this version"), {id, key});
        if (!reading.catalog.contains(key))
            continue;
        if (!kind.empty())
            return value.error(SG_TR("source '%1' has both %2 and %3; it reads from one"), {id, kind, key});
        kind = key;
    }
    if (kind.empty())
        return item.error(SG_TR("source '%1' does not say what it reads: expected one of %2"), {id, expected});
    return kind;
}

Result<std::vector<std::string>> pathOf(const Node &item, const std::string &id)
{
    const Node &path = item["path"];
    if (path.isMissing())
        return item.error(SG_TR("source '%1': 'path' is missing, e.g. path: [line, device]"), {id});
    if (path.kind != Node::Kind::List)
        return path.error(SG_TR("source '%1': path takes a list of label names, e.g. [line, device]"), {id});
    std::vector<std::string> labels;
    for (const Node &label : path.list) {
        if (label.kind != Node::Kind::Scalar || !isLabelName(label.scalar))
            return label.error(SG_TR("source '%1': the label '%2' must be small letters, digits and _, and begin with a letter"),
                               {id, shown(label.scalar)});
        if (holds(TextLabels, label.scalar))
            return label.error(SG_TR("source '%1': '%2' cannot be a label, texts use {%2} for something else"), {id, label.scalar});
        if (holds(labels, label.scalar))
            return label.error(SG_TR("source '%1': the label '%2' stands in path twice"), {id, label.scalar});
        labels.push_back(label.scalar);
    }
    return labels;
}

void readSource(Reading &reading, const Node &item)
{
    if (auto error = checkNewId(item, "source", [&](const std::string &id) { return reading.declared.contains(id); })) {
        reading.add(*error);
        return;
    }
    SourceSpec spec;
    spec.id = item.text("id");
    reading.declared.insert(spec.id);
    const auto labels = pathOf(item, spec.id);
    if (labels)
        reading.workspace.pathLabels[spec.id] = *labels;
    else
        reading.add(labels.error());
    const auto kind = kindOf(reading, item, spec.id);
    if (!kind) {
        reading.add(kind.error());
        return;
    }
    auto settings = mergedSettings(reading, item[*kind], *kind);
    if (!settings) {
        reading.add(settings.error());
        return;
    }
    const SourceKind &row = reading.catalog.find(*kind)->second;
    bool isClean = reading.add(check(*settings, row.fields)) && reading.add(resolveSecrets(reading.workspace.folder, *settings));
    isClean = isClean && reading.add(checkPaths(reading.workspace.folder, *settings, row.fields)) && labels;
    spec.kind = *kind;
    spec.settings = std::move(*settings);
    spec.declaration = item;
    spec.folder = reading.workspace.folder;
    spec.clientName = clientNameFor(reading.workspace.name);
    const Node &lateness = item["time"]["lateness"].isMissing() ? item["lateness"] : item["time"]["lateness"];
    if (!lateness.isMissing()) {
        const auto duration = readDuration(lateness, "lateness");
        if (!duration)
            reading.add(duration.error());
        else if (duration->count() < 0)
            reading.add(lateness.error(SG_TR("lateness: '%1' is negative"), {shown(lateness.scalar)}));
        else
            spec.lateness = *duration;
        isClean = isClean && duration && duration->count() >= 0;
    }
    isClean = readRegistry(reading, spec) && isClean;
    if (isClean && row.check)
        isClean = reading.add(row.check(spec));
    if (isClean)
        reading.workspace.sources.push_back(std::move(spec));
}

}

std::optional<Error> checkNewId(const Node &item, const char *what, const std::function<bool(const std::string &)> &isTaken)
{
    if (item.kind != Node::Kind::Map)
        return item.error(SG_TR("%1: expected a map that begins with 'id:'"), {what});
    const Node &id = item["id"];
    if (id.isMissing())
        return item.error(SG_TR("%1: 'id' is missing"), {what});
    if (!isId(id.scalar))
        return id.error(SG_TR("%1: the id '%2' must be small letters, digits, _ and -, and begin with a letter"), {what, shown(id.scalar)});
    if (isTaken(id.scalar))
        return id.error(SG_TR("%1: the id '%2' is taken already"), {what, id.scalar});
    return std::nullopt;
}

Result<Node> mergedSettings(const Reading &reading, const Node &own, const std::string &kind)
{
    Node merged = asMap(own);
    if (merged.kind != Node::Kind::Map)
        return own.error(SG_TR("%1 takes a map of keys"), {kind});
    if (!merged.has("use"))
        return merged;
    const Node use = merged["use"];
    const auto found = reading.connections.find(use.scalar);
    if (use.kind != Node::Kind::Scalar || found == reading.connections.end()) {
        std::vector<std::string> known;
        for (const auto &[id, connection] : reading.connections)
            known.push_back(id);
        const std::string nearest = nearestName(use.scalar, known);
        if (nearest.empty())
            return use.error(SG_TR("there is no connection '%1'"), {shown(use.scalar)});
        return use.error(SG_TR("there is no connection '%1'; did you mean '%2'?"), {shown(use.scalar), nearest});
    }
    if (!found->second.isValid)
        return use.error(SG_TR("the connection '%1' is refused, see there"), {use.scalar});
    if (found->second.kind != kind)
        return use.error(SG_TR("the connection '%1' is of kind %2, and %3 is needed here"), {use.scalar, found->second.kind, kind});
    std::erase_if(merged.map, [](const auto &entry) { return entry.first == "use"; });
    for (const auto &[key, value] : found->second.settings.map) {
        if (merged.has(key))
            return merged[key].error(SG_TR("'%1' is given here and by the connection '%2'; one of them has to go"),
                                     {shown(key), use.scalar});
        merged.map.emplace_back(key, value);
    }
    return merged;
}

std::vector<Error> checkPaths(const std::string &folder, const Node &settings, Fields fields)
{
    std::vector<Error> out;
    for (const Field &field : fields) {
        const Node &node = settings[field.key];
        if (node.isMissing())
            continue;
        if (field.type == FieldType::Map && !field.nested.empty()) {
            const auto nested = checkPaths(folder, node, field.nested);
            out.insert(out.end(), nested.begin(), nested.end());
        }
        if (field.type != FieldType::Path)
            continue;
        if (const auto path = fileInWorkspace(folder, node.scalar, field.key); !path)
            out.push_back({path.error().text, path.error().args, node.place()});
    }
    return out;
}

std::string clientNameFor(const std::string &workspace)
{
    std::string name = "sightglass-" + workspace + "-" + hostName();
    for (char &c : name)
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            c = '-';
    return name.substr(0, 100);
}

std::span<const char *const> connectionKinds()
{
    return ConnectionKinds;
}

Fields connectionFields(const SourceCatalog &catalog, std::string_view kind)
{
    if (const auto found = catalog.find(kind); found != catalog.end())
        return found->second.fields;
    if (kind == "registry")
        return registryFields();
    return holds(RouteOnlyKinds, kind) ? routeKind(kind)->fields : Fields();
}

bool isStopped(const SourceSpec &source)
{
    return source.declaration.text("enabled") == "false";
}

void readSources(Reading &reading, const Node &root)
{
    for (const char *key : {"connections", "sources"})
        if (auto error = checkIsList(root, key))
            reading.add(*error);
    for (const Node &item : root["connections"].list)
        readConnection(reading, item);
    for (const Node &item : root["sources"].list)
        readSource(reading, item);
}

void refuseChangedPaths(Workspace &workspace, const std::map<std::string, std::vector<std::string>> &known)
{
    for (const SourceSpec &source : workspace.sources) {
        const auto before = known.find(source.id);
        std::vector<std::string> &path = workspace.pathLabels[source.id];
        if (before == known.end() || before->second == path)
            continue;
        std::string labels;
        for (const std::string &label : before->second)
            labels += (labels.empty() ? "" : ", ") + label;
        const Error error = source.declaration["path"].error(
            SG_TR("source '%1': its history and alarms are kept by the path [%2], so this one is refused; give the source a new id, or, "
                  "for the "
                  "same labels by other names or in another order, stop what evaluates and run sightglass-agent rename %1"),
            {source.id, labels});
        path = before->second;
        workspace.refusedPaths.emplace(source.id, error);
        workspace.errors.push_back(error);
    }
}

}
