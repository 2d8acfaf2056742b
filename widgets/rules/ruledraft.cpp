#include "widgets/rules/ruledraft.h"

#include "alarms/condition.h"
#include "alarms/measure.h"
#include "core/text.h"
#include "items/texts.h"
#include "workspace/textedit.h"
#include "workspace/workspace.h"

#include <QCoreApplication>

#include <set>

namespace sg {

namespace {

constexpr const char *DraftFile = "draft"; // the place of faults that are in the form

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::RuleDraft)
};

// The item with one key a line, so that the line of a fault tells the key that it is about.
struct DraftText
{
    std::string text;
    std::vector<std::string> paths; // by line
};

DraftText draftText(const std::string &id, const FormValues &values)
{
    DraftText out{"id: " + sg::quoted(id) + "\n", {"id"}};
    std::vector<std::string> open; // maps that the line before stands in
    for (const auto &[path, value] : values) {
        std::vector<std::string> parts;
        std::size_t begin = 0;
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', begin)) {
            parts.push_back(path.substr(begin, slash - begin));
            begin = slash + 1;
        }
        std::size_t shared = 0;
        while (shared < parts.size() && shared < open.size() && parts[shared] == open[shared])
            ++shared;
        for (auto depth = shared; depth < parts.size(); ++depth) {
            out.text += std::string(2 * depth, ' ') + parts[depth] + ":\n";
            std::string above;
            for (std::size_t i = 0; i <= depth; ++i)
                above += (i > 0 ? "/" : "") + parts[i];
            out.paths.push_back(above);
        }
        out.text += std::string(2 * parts.size(), ' ') + path.substr(begin) + ": " + value + "\n";
        out.paths.push_back(path);
        open = std::move(parts);
    }
    return out;
}

// Maps and lists are typed as they stand in a file; one that does not end would swallow the lines below it.
std::vector<FieldFault> faultsOfFlow(const FormValues &values, std::vector<Error> &errors)
{
    std::vector<FieldFault> out;
    for (const auto &[path, value] : values) {
        if (value.find_first_of("{[") == std::string::npos)
            continue;
        const auto node = parseYaml("value: " + value + "\n", DraftFile);
        if (node && node->map.size() == 1)
            continue;
        const auto error = node ? Error{SG_TR("'%1' is not one value"), {shown(value)}, {}} : node.error();
        errors.push_back({error.text, error.args, {}});
        out.push_back({path, errorText(errors.back())});
    }
    return out;
}

// Which key a fault is about: by the line of the draft, or by the file that the key names.
std::string pathOf(const Error &error, const DraftText &draft, const Node &item)
{
    const auto colon = error.place.rfind(':');
    const auto file = error.place.substr(0, colon);
    if (file != DraftFile) {
        if (file == item.text("limits_from"))
            return "limits_from";
        return file == item["absence"]["expect"].text("file") ? "absence/expect/file" : "";
    }
    const auto line = colon == std::string::npos ? std::nullopt : parseNumber(std::string_view(error.place).substr(colon + 1));
    if (!line || *line < 1 || *line > static_cast<double>(draft.paths.size()))
        return {};
    auto path = draft.paths[static_cast<std::size_t>(*line) - 1];
    const std::string_view text = error.text;
    if (text.starts_with("rule '%1' has no test"))
        return TestFault;
    if (text == "'%1' is missing" && error.args.size() == 1) {
        // The place is that of the map, which begins with its first key.
        const auto slash = path.rfind('/');
        return (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + error.args.front();
    }
    if (path != "id")
        return path;
    // The first line is that of the whole item too.
    if (text.starts_with("id "))
        return path;
    return text.starts_with("rule '%1' has no priority") ? "priority" : text.starts_with("'series' is missing") ? "series" : "";
}

QString labelIn(Fields fields, std::string_view key) // "": there is no such field
{
    for (const Field &field : fields) {
        if (field.key == key)
            return translated(field.label);
        if (auto nested = labelIn(field.nested, key); !nested.isEmpty())
            return nested;
    }
    return {};
}

// As the form calls a field of a rule.
QString labelOf(const std::string &key)
{
    auto label = labelIn(commonRuleFields(), key);
    for (const auto &kind : conditionKinds())
        label = label.isEmpty() ? labelIn(kind.fields, key) : label;
    for (const auto &kind : measureKinds())
        label = label.isEmpty() ? labelIn(kind.fields, key) : label;
    return label.isEmpty() ? textOf(key) : label;
}

// What a form says of a fault: its fields have labels and no keys.
QString formText(const Error &error)
{
    const std::string_view text = error.text;
    if (text == "'%1' is missing" && error.args.size() == 1)
        return Words::tr("%1: fill this in.").arg(labelOf(error.args.front()));
    if (text.starts_with("'series' is missing; without it"))
        return Words::tr("Say which series it watches. Without one, say [] in the field Per for one alarm, or labels for one of each.");
    if (text.starts_with("rule '%1' has no priority"))
        return Words::tr("Choose a priority.");
    if (text.starts_with("id '%1': expected"))
        return Words::tr("Small letters, digits, - and _, beginning with a letter.");
    return errorText(error);
}

// "character 12: expected ..." of an expression.
int characterOf(const Error &error)
{
    if (!std::string_view(error.text).starts_with("character %1") || error.args.empty())
        return 0;
    return static_cast<int>(parseNumber(error.args.front()).value_or(0));
}

// What only the workspace around it tells.
void checkNeighbours(RuleDraft &draft, const DraftGround &ground, std::vector<FieldFault> &faults)
{
    const auto add = [&](const char *path, Error error) {
        faults.push_back({path, errorText(error)});
        draft.faults.push_back(std::move(error));
    };
    if (!ground.workspace.rules)
        return;
    std::set<std::string> known;
    for (const auto &rule : ground.workspace.rules->rules) {
        known.insert(rule->id);
        if (!ground.saved && rule->id == draft.id)
            add("id", {SG_TR("the rule id '%1' is taken at %2"), {draft.id, rule->file + ":" + std::to_string(rule->line)}, {}});
    }
    for (const auto &refused : ground.workspace.rules->refused) {
        known.insert(refused.id);
        if (!ground.saved && refused.id == draft.id)
            add("id", {SG_TR("the rule id '%1' is taken by a rule that was refused"), {draft.id}, {}});
    }
    if (draft.rule)
        for (const auto &input : draft.rule->inputs)
            if (!input.rule.empty() && !known.contains(input.rule))
                add(input.use == RuleInput::Use::Suppress ? "suppress_when/rule" : "inputs",
                    {SG_TR("rule '%1' looks at the rule '%2', which does not exist"), {draft.id, shown(input.rule)}, {}});
}

}

RuleDraft makeDraft(const std::string &id, const FormValues &values, const DraftGround &ground, std::vector<FieldFault> &faults)
{
    RuleDraft draft;
    draft.id = id;
    draft.file = ground.file;
    draft.saved = ground.saved;
    draft.text = "id: " + sg::quoted(id) + "\n" + yamlOf(values) + "\n";
    faults = faultsOfFlow(values, draft.faults);
    const auto lines = draftText(id, values);
    auto item = parseYaml(lines.text, DraftFile);
    if (!item) {
        if (draft.faults.empty()) {
            draft.faults.push_back({item.error().text, item.error().args, {}});
            faults.push_back({pathOf(item.error(), lines, Node()), errorText(draft.faults.back())});
        }
        return draft;
    }
    draft.item = *item;
    for (const auto &[key, value] : ground.defaults.map)
        if (!draft.item.has(key))
            draft.item.map.emplace_back(key, value);
    if (!draft.faults.empty())
        return draft;
    RuleSurroundings around;
    around.readText = ground.readText;
    around.pathLabels = &ground.workspace.pathLabels;
    around.zone = ground.workspace.zone;
    for (auto &error : checkRule(*item, ground.defaults, around)) {
        const auto path = pathOf(error, lines, *item);
        const auto character = characterOf(error);
        if (error.place.starts_with(std::string(DraftFile) + ":"))
            error.place.clear();
        faults.push_back({path, formText(error), character});
        draft.faults.push_back(std::move(error));
    }
    if (draft.faults.empty()) {
        auto rule = readRule(*item, ground.defaults, draft.text, around);
        if (rule) {
            draft.rule = *rule;
            draft.item = (*rule)->settings;
        } else {
            draft.faults.push_back(rule.error());
            faults.push_back({{}, errorText(rule.error())});
        }
    }
    checkNeighbours(draft, ground, faults);
    if (!draft.faults.empty())
        draft.rule.reset();
    return draft;
}

Node defaultsOf(const std::string &fileText, const std::string &file)
{
    const auto root = fileText.empty() ? Result<Node>(Node()) : parseYaml(fileText, file);
    if (!root || (*root)["defaults"].kind != Node::Kind::Map)
        return {};
    auto defaults = (*root)["defaults"];
    for (auto &[key, value] : defaults.map)
        if (value.kind == Node::Kind::Map && !value.map.empty())
            value = value.map.front().second;
    return defaults;
}

}
