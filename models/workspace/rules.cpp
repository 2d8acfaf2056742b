#include "workspace/reading.h"

#include "core/text.h"
#include "workspace/itemtext.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Field RootFields[] = {
    {.key = "format", .type = FieldType::Any},
    {.key = "defaults", .type = FieldType::Any},
    {.key = "rules", .type = FieldType::Any},
};
constexpr const char *TranslatedKeys[] = {"name", "area", "cause", "consequence", "action"};

// A rule's kept text carries the defaults it was read with behind this line, so that a change of the defaults cannot change, or
// break, a version that is kept. No item can hold such a line itself: its own lines are indented or begin with a key.
constexpr std::string_view DefaultsFollow = "\n---\n";

std::vector<Error> chooseLanguages(Node &item)
{
    std::vector<Error> errors;
    for (const char *key : TranslatedKeys)
        if (auto error = chooseLanguage(item, key))
            errors.push_back(*error);
    return errors;
}

// `defaults:` with nothing behind it says nothing.
Node mapOrMissing(const Node &node)
{
    return node.kind == Node::Kind::Map ? node : Node();
}

struct RuleFile
{
    std::string name;
    Node root;
    std::vector<std::string> itemTexts; // in the order of root["rules"]
    std::string defaultsText;
};

Result<RuleFile> readRuleFile(Reading &reading, const std::string &name)
{
    const auto text = reading.text(name);
    if (!text)
        return text.error();
    auto root = reading.document(name, *text, RootFields);
    if (!root)
        return root.error();
    if (auto error = checkIsList(*root, "rules"))
        return *error;
    const Node &defaults = (*root)["defaults"];
    if (!defaults.isMissing() && defaults.kind != Node::Kind::Map && !defaults.scalar.empty())
        return defaults.error(SG_TR("defaults takes a map of keys"));
    const auto places = placesOf(*text);
    if (!places)
        return Error{places.error().text, places.error().args, name};
    RuleFile file{name, std::move(*root), {}, {}};
    if (const auto *entry = places->entry("rules"))
        for (const Place &item : entry->second.items)
            file.itemTexts.push_back(textOfPlace(*text, item));
    if (const auto *entry = places->entry("defaults"); entry && entry->second.kind == Place::Kind::Map)
        file.defaultsText = textOfPlace(*text, entry->second);
    file.itemTexts.resize(file.root["rules"].list.size()); // both parsers count alike; if ever not, no text is better than a crash
    return file;
}

class RuleReader
{
public:
    explicit RuleReader(Reading &reading)
        : m_reading(reading)
    {
        m_around.readText
            = [this](const std::string &path) { return m_reading.files.read(path); }; // the error's place is the line that names it
        m_around.pathLabels = &m_reading.workspace.pathLabels;
        m_around.zone = m_reading.workspace.zone;
    }

    void read(const std::string &name)
    {
        auto file = readRuleFile(m_reading, name);
        if (!file) {
            m_broken.emplace_back(name, file.error());
            return;
        }
        Node defaults = mapOrMissing(file->root["defaults"]);
        if (const auto errors = chooseLanguages(defaults); !errors.empty()) {
            m_broken.emplace_back(name, errors.front());
            return;
        }
        const Node &items = file->root["rules"];
        for (std::size_t i = 0; i < items.list.size(); ++i) {
            std::string text = file->itemTexts[i];
            if (!file->defaultsText.empty())
                text.append(DefaultsFollow).append(file->defaultsText);
            readItem(items.list[i], defaults, std::move(text));
        }
    }

    std::shared_ptr<const RuleSet> finish()
    {
        checkLooks();
        // Which rules a file held that cannot be read is known only from what was valid last.
        if (!m_broken.empty())
            for (const auto &[id, text] : m_reading.lastValid)
                if (!m_places.contains(id))
                    refuse(id, {m_broken.front().second}, m_broken.front().first, 1);
        for (const auto &[name, error] : m_broken)
            m_reading.add(error);
        for (const auto &[id, text] : m_reading.lastValid)
            if (auto rule = ranLast(id, text))
                m_reading.workspace.ranLast.push_back(std::move(rule));
        return std::make_shared<const RuleSet>(std::move(m_set));
    }

private:
    // A rule may look at alarms of other rules, and these at others; in a circle nobody could decide first.
    void checkLooks()
    {
        std::map<std::string, std::shared_ptr<const Rule>> all;
        for (const RefusedRule &refused : m_set.refused)
            if (refused.keeps)
                all[refused.keeps->id] = refused.keeps;
        for (const auto &rule : m_set.rules)
            all[rule->id] = rule;
        std::vector<std::pair<std::shared_ptr<const Rule>, Error>> faults;
        for (const auto &rule : m_set.rules) {
            std::set<std::string> reached;
            std::vector<std::string> open = {rule->id};
            while (!open.empty()) {
                const auto at = all.find(open.back());
                open.pop_back();
                if (at == all.end())
                    continue;
                for (const RuleInput &input : at->second->inputs)
                    if (!input.rule.empty() && reached.insert(input.rule).second)
                        open.push_back(input.rule);
            }
            const std::string place = rule->file + ":" + std::to_string(rule->line);
            if (reached.contains(rule->id))
                faults.emplace_back(rule, Error{SG_TR("rule '%1' looks at itself by way of other rules"), {rule->id}, place});
            for (const RuleInput &input : rule->inputs)
                if (!input.rule.empty() && !m_places.contains(input.rule))
                    faults.emplace_back(
                        rule, Error{SG_TR("rule '%1' looks at the rule '%2', which does not exist"), {rule->id, shown(input.rule)}, place});
        }
        for (const auto &[rule, error] : faults) {
            m_reading.add(error);
            if (std::erase(m_set.rules, rule) > 0)
                m_set.refused.push_back({rule->id, {error}, nullptr});
        }
    }

    void readItem(Node item, const Node &defaults, std::string text)
    {
        const std::string id = item.text("id");
        if (item.kind != Node::Kind::Map || !isId(id)) {
            const Node &place = item.has("id") ? item["id"] : item;
            refuseNameless(item.has("id") ? place.error(
                               SG_TR("the rule id '%1' must be small letters, digits, _ and -, and begin with a letter"), {shown(id)})
                                          : item.error(SG_TR("a rule is a map with 'id', 'series' and a test such as high")));
            return;
        }
        if (const auto [known, isNew] = m_places.emplace(id, item["id"].place()); !isNew) {
            refuseNameless(item["id"].error(SG_TR("the rule id '%1' is taken at %2"), {id, known->second}));
            return;
        }
        std::vector<Error> errors = chooseLanguages(item);
        if (errors.empty())
            errors = faultsOf(item, defaults);
        if (errors.empty()) {
            auto rule = readRule(item, defaults, std::move(text), m_around);
            if (rule) {
                m_set.rules.push_back(std::move(*rule));
                return;
            }
            errors.push_back(rule.error());
        }
        for (const Error &error : errors)
            if (m_named.insert(error.plain()).second) // a fault in the defaults is every rule's, and named once
                m_reading.add(error);
        refuse(id, std::move(errors), *item.file, item.line);
    }

    std::vector<Error> faultsOf(const Node &item, const Node &defaults) const
    {
        // Of a source whose path is refused nobody knows what a selector must look like.
        if (const auto selector = Selector::parse(item.text("series"));
            selector && m_reading.declared.contains(selector->source()) && !m_reading.workspace.pathLabels.contains(selector->source()))
            return {item["series"].error(SG_TR("the source '%1' is refused, see there"), {selector->source()})};
        return checkRule(item, defaults, m_around);
    }

    void refuseNameless(Error error)
    {
        m_reading.add(error);
        m_set.refused.push_back({{}, {std::move(error)}, {}});
    }

    void refuse(const std::string &id, std::vector<Error> errors, const std::string &file, int line)
    {
        m_set.refused.push_back({id, std::move(errors), lastValidOf(id, file, line)});
    }

    // The version that ran last, when the files do not say the same any more. It may name what is gone (its source), and then it goes on
    // for its live alarms only.
    std::shared_ptr<const Rule> ranLast(const std::string &id, const std::string &text) const
    {
        const auto isSame = [&](const auto &rule) { return rule->id == id && rule->text == text; };
        const auto isKept = [&](const RefusedRule &refused) { return refused.id == id && refused.keeps; };
        if (std::any_of(m_set.rules.begin(), m_set.rules.end(), isSame) || std::any_of(m_set.refused.begin(), m_set.refused.end(), isKept))
            return nullptr;
        auto rule = readKept(text, {}, 0, m_around, true);
        return rule ? rule : readKept(text, {}, 0, RuleSurroundings{m_around.readText, nullptr, m_around.zone}, false);
    }

    // The version that stays. It was valid when it was stored; it may not be now (its source is gone), and then nothing stays.
    std::shared_ptr<const Rule> lastValidOf(const std::string &id, const std::string &file, int line) const
    {
        const auto kept = m_reading.lastValid.find(id);
        return kept == m_reading.lastValid.end() ? nullptr : readKept(kept->second, file, line, m_around, true);
    }

    std::shared_ptr<const Rule> readKept(const std::string &text, const std::string &file, int line, const RuleSurroundings &around,
                                         bool isChecked) const
    {
        std::string_view itemText = text, defaultsText;
        if (const std::size_t at = itemText.rfind(DefaultsFollow); at != std::string_view::npos) {
            defaultsText = itemText.substr(at + DefaultsFollow.size());
            itemText = itemText.substr(0, at);
        }
        // Empty lines in front, so that its line is the item's.
        auto item = parseYaml(std::string(static_cast<std::size_t>(std::max(0, line - 1)), '\n').append(itemText).append("\n"), file);
        auto defaults = parseYaml(defaultsText, file);
        if (defaults)
            *defaults = mapOrMissing(*defaults);
        if (!item || !defaults || !chooseLanguages(*item).empty() || !chooseLanguages(*defaults).empty()
            || (isChecked && !faultsOf(*item, *defaults).empty()))
            return nullptr;
        auto rule = readRule(*item, *defaults, text, around);
        return rule ? std::move(*rule) : nullptr;
    }

    Reading &m_reading;
    RuleSurroundings m_around;
    RuleSet m_set;
    std::map<std::string, std::string> m_places; // rule id -> where it stands
    std::set<std::string> m_named; // faults that are in the workspace's errors already
    std::vector<std::pair<std::string, Error>> m_broken; // files that could not be read at all
};

}

void readRules(Reading &reading)
{
    RuleReader reader(reading);
    for (const std::string &name : reading.namesBelow("rules/"))
        reader.read(name);
    reading.workspace.rules = reader.finish();
}

}
