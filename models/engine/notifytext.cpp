#include "engine/notifytext.h"

#include "core/json.h"
#include "core/notes.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

using Facts = std::map<std::string, std::string>;

constexpr const char *DefaultSubject = "[{priority}] {name}: {key}";
constexpr const char *NotesFact = "notes"; // an object where it stands alone
constexpr const char *NumberFacts[] = {"value", "limit", "number"};

std::string filled(const std::string &text, const std::function<std::optional<std::string>(const std::string &)> &valueOf)
{
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = text.find('{', at), close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos)
            break;
        const auto value = valueOf(text.substr(open + 1, close - open - 1));
        out += text.substr(at, open - at) + (value ? *value : text.substr(open, close - open + 1));
        at = close + 1;
    }
    return out + text.substr(std::min(at, text.size()));
}

std::string filled(const std::string &text, const Facts &facts)
{
    return filled(text, [&](const std::string &name) -> std::optional<std::string> {
        const auto found = facts.find(name);
        if (found == facts.end())
            return std::nullopt;
        return name == NotesFact ? notesText(found->second) : found->second;
    });
}

// A fact alone in its braces that is a number stays one.
std::string jsonFact(const std::string &name, const Facts &facts)
{
    const auto found = facts.find(name);
    const std::string text = found == facts.end() ? std::string() : found->second;
    if (name == NotesFact)
        return notesJson(text);
    if (std::find(std::begin(NumberFacts), std::end(NumberFacts), name) == std::end(NumberFacts))
        return jsonText(text);
    const auto number = parseNumber(text);
    return number ? formatNumber(*number) : text.empty() ? "null" : jsonText(text);
}

std::string jsonOf(const Node &node, const Facts &facts)
{
    std::string out;
    switch (node.kind) {
    case Node::Kind::Missing:
        return "null";
    case Node::Kind::Scalar: {
        const std::string &text = node.scalar;
        const bool isAlone = text.size() > 2 && text.front() == '{' && text.find('}') == text.size() - 1;
        const std::string name = isAlone ? text.substr(1, text.size() - 2) : std::string();
        return isAlone && facts.contains(name) ? jsonFact(name, facts) : jsonText(filled(text, facts));
    }
    case Node::Kind::List:
        for (const Node &item : node.list)
            out += (out.empty() ? "" : ",") + jsonOf(item, facts);
        return "[" + out + "]";
    case Node::Kind::Map:
        for (const auto &[key, value] : node.map)
            out += (out.empty() ? "" : ",") + jsonText(key) + ":" + jsonOf(value, facts);
        return "{" + out + "}";
    }
    return out;
}

std::string jsonOfAll(const Facts &facts)
{
    std::string out;
    for (const auto &[name, text] : facts)
        out += (out.empty() ? "" : ",") + jsonText(name) + ":" + jsonFact(name, facts);
    return "{" + out + "}";
}

std::string mailText(const OutboxRow &row)
{
    const auto fact = [&](const char *name) {
        const auto found = row.facts.find(name);
        return found == row.facts.end() ? std::string() : found->second;
    };
    std::string out = fact("name") + "\n\n";
    const auto line = [&](const char *what, const std::string &text) {
        if (!text.empty())
            out += std::string(what) + ": " + text + "\n";
    };
    line("Priority", fact("priority"));
    line("Area", fact("area"));
    line("What", fact("path"));
    line("Value", fact("value") + (fact("unit").empty() ? "" : " " + fact("unit")));
    line("Limit", fact("limit"));
    line("State", fact("state"));
    line("Since", fact("raised"));
    line("Notes", notesText(fact(NotesFact)));
    line("Cause", fact("cause"));
    line("Consequence", fact("consequence"));
    line("Action", fact("action"));
    out += "\n";
    line("Workspace", fact("workspace"));
    line("Rule", fact("rule"));
    line("Occurrence", fact("occurrence"));
    line("Message", row.key() + (row.number > 1 ? " (told again: nobody has acknowledged)" : ""));
    return out;
}

}

Facts factsOf(const JournalRow &row, const Rule *rule, const Workspace &workspace)
{
    Facts facts;
    const std::string path = row.field.empty() ? row.key : row.key + "/" + row.field;
    facts["workspace"] = workspace.name;
    facts["event"] = row.event;
    facts["rule"] = row.rule;
    facts["key"] = row.key;
    facts["field"] = row.field;
    facts["path"] = path;
    facts["area"] = row.area;
    facts["priority"] = row.priority;
    facts["level"] = row.level;
    facts["state"] = row.to;
    facts["value"] = row.valueText.empty() ? formatNumber(row.value) : row.valueText;
    facts["limit"] = formatNumber(row.limit);
    facts[NotesFact] = row.notes;
    facts["unit"] = workspace.tags ? workspace.tags->of(path).unit : std::string();
    facts["quality"] = row.quality == Quality::Good ? "good" : row.quality == Quality::Uncertain ? "uncertain" : "bad";
    facts["raised"] = row.tEvent == NoTime ? std::string() : formatLocal(row.tEvent, workspace.zone);
    facts["occurrence"] = row.occurrence == 0 ? std::string() : hex(row.occurrence);
    // A rule's texts may name the labels of the key and the value, as they do on the screen.
    const auto labels = workspace.pathLabels.find(std::string(sourceOf(row.key)));
    const auto segments = segmentsOf(row.key);
    const auto valueOf = [&](const std::string &name) -> std::optional<std::string> {
        for (const char *known : {"field", "value", "limit", "unit"})
            if (name == known)
                return facts[name];
        if (name == "source")
            return std::string(sourceOf(row.key));
        if (labels != workspace.pathLabels.end())
            for (std::size_t i = 0; i < labels->second.size() && i + 1 < segments.size(); ++i)
                if (labels->second[i] == name)
                    return decodeSegment(segments[i + 1]);
        return std::nullopt;
    };
    facts["name"] = rule != nullptr ? filled(rule->name, valueOf) : row.rule;
    facts["cause"] = rule != nullptr ? filled(rule->cause, valueOf) : "";
    facts["consequence"] = rule != nullptr ? filled(rule->consequence, valueOf) : "";
    facts["action"] = rule != nullptr ? filled(rule->action, valueOf) : "";
    return facts;
}

Notification messageOf(const OutboxRow &row, const SourceSpec &target)
{
    Facts facts = row.facts;
    facts["route"] = row.route;
    facts["number"] = std::to_string(row.number);
    Notification message;
    message.key = row.key();
    message.about = facts["path"];
    message.made = row.made;
    message.attempt = std::max(1U, row.attempts);
    message.subject = filled(target.settings.text("subject", DefaultSubject), facts);
    if (target.kind == "smtp")
        message.body = mailText(row);
    else if (const Node &body = target.settings["body"]; !body.isMissing())
        message.body = jsonOf(body, facts);
    else
        message.body = jsonOfAll(facts);
    return message;
}

std::string heartbeatBody(const SourceSpec &target, const std::string &workspace, Time now)
{
    const Facts facts{{"event", "HEARTBEAT"}, {"route", target.id}, {"workspace", workspace}, {"raised", formatUtc(now)}};
    const Node &body = target.settings["body"];
    return body.isMissing() ? jsonOfAll(facts) : jsonOf(body, facts);
}

}
