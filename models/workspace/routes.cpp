#include "workspace/routes.h"

#include "core/secret.h"
#include "core/sender.h"
#include "core/text.h"
#include "core/times.h"
#include "core/weburl.h"
#include "workspace/reading.h"
#include "workspace/consent.h"
#include "workspace/tables.h"

#include <algorithm>

// Reads routes.yaml. Every fault is named; a route with one is left out, and whoever runs the version before goes on with that.
namespace sg {

namespace {

constexpr Field RootFields[] = {
    {.key = "format", .type = FieldType::Any},
    {.key = "routes", .type = FieldType::Any},
    {.key = "heartbeats", .type = FieldType::Any},
};
constexpr Field OnlyFields[] = {
    {.key = "area", .type = FieldType::Texts, .label = SG_TR("Area")},
    {.key = "priority", .type = FieldType::Texts, .label = SG_TR("Priority")},
    {.key = "rule", .type = FieldType::Texts, .label = SG_TR("Rule")},
};
constexpr Field CommonFields[] = {
    {.key = "id", .isRequired = true},
    {.key = "only", .type = FieldType::Map, .help = SG_TR("Tells only of these."), .nested = OnlyFields},
    {.key = "after", .type = FieldType::Duration, .byDefault = "0s", .help = SG_TR("Tells when nobody acknowledged until then.")},
    {.key = "repeat", .type = FieldType::Duration, .help = SG_TR("Tells again and again until somebody acknowledges.")},
    {.key = "hours", .type = FieldType::Map, .help = SG_TR("Outside of them it waits for their begin.")},
    {.key = "audience", .type = FieldType::Texts, .byDefault = "operator, engineer"},
};
constexpr Field HeartbeatFields[] = {
    {.key = "id", .isRequired = true},
    {.key = "every", .type = FieldType::Duration, .byDefault = "30s", .help = SG_TR("How often it says that it lives.")},
};
constexpr std::size_t MaxRoutes = 50; // each has a thread of its own
constexpr Micros ShortestRepeat = std::chrono::seconds(1), LongestWait = std::chrono::hours(24 * 7);

bool isPlainText(std::string_view text) // one line, nothing that ends a header
{
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool isAddress(std::string_view text)
{
    const std::size_t at = text.find('@');
    return isPlainText(text) && at != std::string_view::npos && at > 0 && at + 1 < text.size()
        && text.find('@', at + 1) == std::string_view::npos && text.find_first_of(" <>,;\"()\\:") == std::string_view::npos
        && text.size() <= 254;
}

std::optional<Error> checkText(const Node &node, std::string_view key)
{
    if (!isPlainText(node.scalar))
        return node.error(SG_TR("%1 takes one line without control characters"), {std::string(key)});
    return std::nullopt;
}

// Names in braces are those that a message knows; a lone brace is a text.
std::optional<Error> checkPlaceholders(const Node &node)
{
    for (std::size_t at = 0; (at = node.scalar.find('{', at)) != std::string::npos; ++at) {
        const std::size_t end = node.scalar.find('}', at);
        if (end == std::string::npos)
            break;
        const std::string name = node.scalar.substr(at + 1, end - at - 1);
        if (!isLabelName(name) || std::ranges::binary_search(routePlaceholders(), std::string_view(name), {}, [](const char *one) {
                return std::string_view(one);
            }))
            continue;
        const std::vector<std::string> known(routePlaceholders().begin(), routePlaceholders().end());
        const std::string nearest = nearestName(name, known);
        return nearest.empty() ? node.error(SG_TR("there is nothing that {%1} stands for"), {name})
                               : node.error(SG_TR("there is nothing that {%1} stands for; did you mean {%2}?"), {name, nearest});
    }
    for (const Node &item : node.list)
        if (auto error = checkPlaceholders(item))
            return error;
    for (const auto &[key, value] : node.map)
        if (auto error = checkPlaceholders(value))
            return error;
    return std::nullopt;
}

std::optional<Error> checkHttp(const Node &settings)
{
    if (!isSecretReference(settings["url"]) && !isWebUrl(settings.text("url")))
        return settings["url"].error(
            SG_TR("url is not https://host/path or http://host/path, or a secret's { env: SG_NAME } or { file: PATH }; a user or password "
                  "has no place in it")); // and is not said: it may be one
    for (const auto &[name, value] : settings["headers"].map) {
        const bool isName = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
        if (!isName || (value.kind != Node::Kind::Scalar && !isSecretReference(value)))
            return value.error(SG_TR("headers: '%1' is no name with one text, or with { env: SG_NAME } or { file: PATH }"), {shown(name)});
        if (auto error = checkText(value, name))
            return error;
    }
    return std::nullopt;
}

std::optional<Error> checkSmtp(const Node &settings)
{
    const std::string host = settings.text("host");
    if (!isPlainText(host) || host.empty() || host.find_first_of(" /@?#\\") != std::string::npos)
        return settings["host"].error(SG_TR("host: '%1' is no name or address of a server"), {shown(host)});
    if (settings.has("port"))
        if (const auto port = readNumber(settings["port"], "port"); !port || *port < 1 || *port > 65535)
            return settings["port"].error(SG_TR("port: '%1' is not within 1 and 65535"), {shown(settings.text("port"))});
    if (!isAddress(settings.text("from")))
        return settings["from"].error(SG_TR("from: '%1' is no address such as name@host"), {shown(settings.text("from"))});
    const auto to = readTexts(settings["to"]);
    for (const std::string &address : to)
        if (!isAddress(address))
            return settings["to"].error(SG_TR("to: '%1' is no address such as name@host"), {shown(address)});
    if (to.empty() || to.size() > 100)
        return settings["to"].error(SG_TR("to takes 1 to 100 addresses"));
    if (auto error = checkText(settings["subject"], "subject"))
        return error;
    if (settings.has("password") && settings.text("user").empty())
        return settings["password"].error(SG_TR("password without user"));
    if (settings.has("password") && settings.text("security") == "none")
        return settings["password"].error(SG_TR("security: none would send the password to everybody on the way; use starttls or tls"));
    return std::nullopt;
}

std::optional<Error> checkMqttTopic(const Node &settings)
{
    const std::string topic = settings.text("topic");
    if (topic.empty() || !isPlainText(topic) || topic.find_first_of("+#") != std::string::npos || topic.starts_with('$'))
        return settings["topic"].error(SG_TR("topic: '%1' is none that can be published to; it holds no + and #"), {shown(topic)});
    return std::nullopt;
}

// Kafka and MQTT are reached as a source reaches them, so its own check sees what they share.
std::vector<Error> checkAsSource(const Reading &reading, const SourceSpec &target)
{
    const auto kind = reading.catalog.find(target.kind);
    if (kind == reading.catalog.end() || !kind->second.check)
        return {};
    return kind->second.check(asSource(target));
}

std::vector<Error> checkTarget(const Reading &reading, const SourceSpec &target, Fields fields)
{
    std::vector<Error> errors = check(target.settings, fields);
    if (!errors.empty())
        return errors;
    errors = checkPaths(reading.workspace.folder, target.settings, fields);
    std::optional<Error> error;
    if (target.kind == "http")
        error = checkHttp(target.settings);
    else if (target.kind == "smtp")
        error = checkSmtp(target.settings);
    else if (target.kind == "mqtt")
        error = checkMqttTopic(target.settings);
    if (!error && target.settings.has("timeout"))
        if (const auto timeout = readDuration(target.settings["timeout"], "timeout");
            !timeout || *timeout < std::chrono::seconds(1) || *timeout > std::chrono::minutes(5))
            error = target.settings["timeout"].error(SG_TR("timeout: '%1' is not within 1s and 5min"), {target.settings.text("timeout")});
    for (const char *key : {"body", "subject"})
        if (!error)
            error = checkPlaceholders(target.settings[key]);
    if (error)
        errors.push_back(*error);
    if (errors.empty() && (target.kind == "mqtt" || target.kind == "kafka"))
        errors = checkAsSource(reading, target);
    return errors;
}

// The one key of an item that is not common to all: its kind. Nothing: there is a fault, which was added.
struct KindOf
{
    std::string name;
    const RouteKind *kind = nullptr; // null: of a newer version
};
std::optional<KindOf> kindOf(Reading &reading, const Node &item, const std::string &id, Fields common)
{
    std::vector<std::string> known;
    for (const RouteKind &kind : routeKinds())
        known.emplace_back(kind.name);
    for (const Field &field : common)
        known.emplace_back(field.key);
    KindOf out;
    for (const auto &[key, value] : item.map) {
        if (std::any_of(common.begin(), common.end(), [&key = key](const Field &field) { return key == field.key; }))
            continue;
        if (routeKind(key) == nullptr)
            if (const std::string nearest = nearestName(key, known); !nearest.empty()) {
                reading.add(value.error(SG_TR("unknown key '%1'; did you mean '%2'?"), {shown(key), nearest}));
                return std::nullopt;
            }
        if (!out.name.empty()) {
            reading.add(value.error(SG_TR("'%1' has both %2 and %3; it tells one receiver"), {id, shown(out.name), shown(key)}));
            return std::nullopt;
        }
        out = {key, routeKind(key)};
    }
    if (out.name.empty()) {
        reading.add(item.error(SG_TR("'%1' does not say whom it tells: expected one of smtp, http, mqtt, kafka"), {id}));
        return std::nullopt;
    }
    return out;
}

// False: there are faults, which were added.
bool readTarget(Reading &reading, const Node &item, const KindOf &kind, SourceSpec &target)
{
    target.id = item.text("id");
    target.kind = kind.name;
    target.declaration = item;
    target.folder = reading.workspace.folder;
    target.clientName = clientNameFor(reading.workspace.name);
    target.settings = item[kind.name];
    if (kind.kind == nullptr)
        return true;
    auto settings = mergedSettings(reading, item[kind.name], kind.name);
    if (!settings) {
        reading.add(settings.error());
        return false;
    }
    // A connection also says what only sources need.
    const Node &own = item[kind.name];
    const Fields fields = kind.kind->fields;
    std::erase_if(settings->map, [&](const auto &entry) {
        return !own.has(entry.first)
            && std::none_of(fields.begin(), fields.end(), [&](const Field &field) { return entry.first == field.key; });
    });
    target.settings = std::move(*settings);
    if (auto error = chooseLanguage(target.settings, "subject")) {
        reading.add(*error);
        return false;
    }
    return reading.add(resolveSecrets(target.folder, target.settings)) && reading.add(checkTarget(reading, target, fields));
}

// Common keys beside the kind; check() would take that for unknown.
bool checkCommon(Reading &reading, Node item, const std::string &kind, Fields fields)
{
    std::erase_if(item.map, [&](const auto &entry) { return entry.first == kind; });
    return reading.add(check(item, fields));
}

template <class T> std::optional<Error> readNames(const Node &node, std::initializer_list<T> all, std::vector<T> &out, const char *expected)
{
    for (const std::string &name : readTexts(node)) {
        const auto found = std::find_if(all.begin(), all.end(), [&](T one) { return name == nameOf(one); });
        if (found == all.end())
            return node.error(SG_TR("'%1' is not one of %2"), {shown(name), expected});
        out.push_back(*found);
    }
    return std::nullopt;
}

std::optional<Error> readWait(const Node &node, const char *key, Micros least, Micros &out)
{
    if (node.isMissing())
        return std::nullopt;
    const auto duration = readDuration(node, key);
    if (!duration)
        return duration.error();
    if (*duration < least || *duration > LongestWait)
        return node.error(SG_TR("%1: '%2' is not within %3 and 7 d"),
                          {key, shown(node.scalar), least.count() == 0 ? "0 s" : formatDuration(least)});
    out = *duration;
    return std::nullopt;
}

std::optional<Error> readFilter(const Reading &reading, const Node &item, RouteSpec &route)
{
    const Node &only = item["only"];
    route.areas = readTexts(only["area"]);
    route.rules = readTexts(only["rule"]);
    const std::shared_ptr<const RuleSet> &rules = reading.workspace.rules;
    std::vector<std::string> known;
    if (rules) {
        for (const auto &rule : rules->rules)
            known.push_back(rule->id);
        for (const RefusedRule &refused : rules->refused)
            known.push_back(refused.id);
    }
    for (const std::string &id : route.rules)
        if (std::find(known.begin(), known.end(), id) == known.end()) {
            const std::string nearest = nearestName(id, known);
            return nearest.empty() ? only["rule"].error(SG_TR("there is no rule '%1'"), {shown(id)})
                                   : only["rule"].error(SG_TR("there is no rule '%1'; did you mean '%2'?"), {shown(id), nearest});
        }
    if (auto error = readNames(only["priority"], {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent}, route.priorities,
                               "low, medium, high, urgent"))
        return error;
    return readNames(item["audience"], {Audience::Operator, Audience::Engineer, Audience::Event}, route.audience,
                     "operator, engineer, event");
}

bool readRoute(Reading &reading, const Node &item, RouteSpec &route)
{
    const auto kind = kindOf(reading, item, item.text("id"), CommonFields);
    if (!kind || !checkCommon(reading, item, kind->name, CommonFields))
        return false;
    route.isKnown = kind->kind != nullptr;
    if (!route.isKnown)
        reading.add(item[kind->name].error(SG_TR("route '%1': '%2' is not in this version; it keeps its text and tells nobody"),
                                           {item.text("id"), shown(kind->name)}));
    std::optional<Error> error = readFilter(reading, item, route);
    if (!error)
        error = readWait(item["after"], "after", Micros(0), route.after);
    if (!error)
        error = readWait(item["repeat"], "repeat", ShortestRepeat, route.repeat);
    if (!error && item.has("hours")) {
        if (!reading.add(check(item["hours"], Hours::fields())))
            return false;
        auto hours = Hours::read(item["hours"], reading.workspace.zone);
        if (hours)
            route.hours = *hours;
        else
            error = hours.error();
    }
    if (!error && kind->name == "http" && item["http"].text("method") == "GET")
        error = item["http"]["method"].error(SG_TR("method: a GET carries no message; GET is for heartbeats"));
    if (error) {
        reading.add(*error);
        return false;
    }
    return readTarget(reading, item, *kind, route.target);
}

bool readHeartbeat(Reading &reading, const Node &item, HeartbeatSpec &heartbeat)
{
    const auto kind = kindOf(reading, item, item.text("id"), HeartbeatFields);
    if (!kind || !checkCommon(reading, item, kind->name, HeartbeatFields))
        return false;
    if (kind->kind == nullptr || kind->name == "smtp") {
        reading.add(item.error(SG_TR("heartbeat '%1': '%2' is not in this version; expected http, mqtt or kafka"),
                               {item.text("id"), shown(kind->name)}));
        return false;
    }
    if (auto error = readWait(item["every"], "every", std::chrono::seconds(1), heartbeat.every)) {
        reading.add(*error);
        return false;
    }
    return readTarget(reading, item, *kind, heartbeat.target);
}

}

Fields routeFields()
{
    return CommonFields;
}

Fields heartbeatFields()
{
    return HeartbeatFields;
}

void readRoutes(Reading &reading)
{
    constexpr const char *name = "routes.yaml";
    if (std::find(reading.files.names.begin(), reading.files.names.end(), name) == reading.files.names.end())
        return;
    Routes &routes = reading.workspace.routes;
    const auto text = reading.text(name);
    const auto root = text ? reading.document(name, *text, RootFields) : Result<Node>(text.error());
    if (!root) {
        reading.add(root.error());
        routes.isFileRefused = true;
        return;
    }
    for (const char *key : {"routes", "heartbeats"})
        if (auto error = checkIsList(*root, key)) {
            reading.add(*error);
            routes.isFileRefused = true;
        }
    std::set<std::string> ids;
    const auto isNew = [&](const Node &item, const char *what) {
        if (auto error = checkNewId(item, what, [&](const std::string &id) { return ids.contains(id); })) {
            reading.add(*error);
            // Which one it is nobody can tell, so what ran before and is not in the file goes on.
            routes.isFileRefused = routes.isFileRefused || !ids.contains(item.text("id"));
            return false;
        }
        if (ids.size() >= MaxRoutes) {
            routes.refused.push_back(item.text("id"));
            reading.add(item.error(SG_TR("there are more than %1 routes and heartbeats"), {std::to_string(MaxRoutes)}));
            return false;
        }
        ids.insert(item.text("id"));
        return true;
    };
    for (const Node &item : (*root)["routes"].list) {
        if (!isNew(item, "route"))
            continue;
        if (RouteSpec route; readRoute(reading, item, route))
            routes.routes.push_back(std::move(route));
        else
            routes.refused.push_back(item.text("id"));
    }
    for (const Node &item : (*root)["heartbeats"].list) {
        if (!isNew(item, "heartbeat"))
            continue;
        if (HeartbeatSpec heartbeat; readHeartbeat(reading, item, heartbeat))
            routes.heartbeats.push_back(std::move(heartbeat));
        else
            routes.refused.push_back(item.text("id"));
    }
}

}
