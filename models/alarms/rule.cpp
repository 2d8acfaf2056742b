#include "alarms/rule.h"

#include "alarms/conditions/kinds.h"
#include "alarms/expectedkeys.h"
#include "alarms/limitstable.h"
#include "alarms/measure.h"
#include "alarms/rulefields.h"
#include "alarms/ruleinputs.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

bool isId(std::string_view id)
{
    const auto isRest = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !id.empty() && id.front() >= 'a' && id.front() <= 'z' && std::all_of(id.begin(), id.end(), isRest);
}

bool contains(std::span<const char *const> names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(), [&](const char *n) { return name == n; });
}

// Says what the item says, the same for every layout of the text: order, quotes, comments and places are not in it.
void addTo(StableHash &hash, const Node &node, std::span<const char *const> without = {})
{
    hash.add(static_cast<std::int64_t>(node.kind)).add(node.scalar);
    std::vector<const std::pair<std::string, Node> *> entries;
    for (const auto &entry : node.map)
        if (!contains(without, entry.first))
            entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const auto *a, const auto *b) { return a->first < b->first; });
    for (const auto *entry : entries) {
        hash.add(entry->first);
        addTo(hash, entry->second, without);
    }
    for (const Node &item : node.list)
        addTo(hash, item, without);
}

// The one test of the item; its keys are those of a kind's table.
const ConditionKind *kindOf(const Node &item, std::vector<Error> &out)
{
    const ConditionKind *found = nullptr;
    for (const ConditionKind &kind : conditionKinds()) {
        const auto key = std::find_if(kind.fields.begin(), kind.fields.end(), [&](const Field &field) { return item.has(field.key); });
        if (key == kind.fields.end())
            continue;
        if (found)
            out.push_back(item[key->key].error(SG_TR("a rule has exactly one test; '%1' stands beside '%2'"), {kind.name, found->name}));
        else
            found = &kind;
    }
    if (!found) {
        std::string names;
        for (const ConditionKind &kind : conditionKinds())
            for (const Field &field : kind.fields)
                names += (names.empty() ? "" : ", ") + std::string(field.key);
        // A misspelt test is better named by its nearest name than by its absence.
        std::vector<Field> all(commonRuleFields().begin(), commonRuleFields().end());
        for (const MeasureKind &kind : measureKinds())
            all.insert(all.end(), kind.fields.begin(), kind.fields.end());
        for (Field &field : all)
            field.isRequired = field.isRequired && std::string_view(field.key) == "id";
        for (const ConditionKind &kind : conditionKinds())
            for (Field field : kind.fields) {
                field.isRequired = false;
                all.push_back(field);
            }
        out = check(item, all);
        if (out.empty())
            out.push_back(item.error(SG_TR("rule '%1' has no test; expected one of %2"), {shown(item.text("id")), names}));
    }
    return found;
}

// At most one measure, and only levels judge what it says.
const MeasureKind *measureOf(const Node &item, const ConditionKind &test, std::vector<Error> &out)
{
    const MeasureKind *found = nullptr;
    for (const MeasureKind &kind : measureKinds()) {
        if (!item.has(kind.name))
            continue;
        if (found)
            out.push_back(
                item[kind.name].error(SG_TR("a rule has at most one measure; '%1' stands beside '%2'"), {kind.name, found->name}));
        else
            found = &kind;
    }
    if (found && std::string_view(test.name) != "levels")
        out.push_back(
            item[found->name].error(SG_TR("%1 goes with high_high, high, low and low_low, not with %2"), {found->name, test.name}));
    return found;
}

Node withDefaults(const Node &item, const Node &defaults, const ConditionKind &kind)
{
    Node out = item;
    for (const auto &[key, value] : defaults.map) {
        const bool isModifier = key == "deadband" || key == "on_delay" || key == "off_delay";
        if (!out.has(key) && (!isModifier || contains(kind.modifiers, key)))
            out.map.emplace_back(key, value);
    }
    return out;
}

void checkLabels(const Node &item, const std::vector<std::string> *labels, std::vector<Error> &out)
{
    for (const char *key : {"only", "except"}) {
        for (const auto &[label, values] : item[key].map) {
            if (readTexts(values).empty())
                out.push_back(values.error(SG_TR("%1: label '%2' takes a value or a list of values"), {key, label}));
            if (!labels || std::find(labels->begin(), labels->end(), label) != labels->end())
                continue;
            std::string known;
            for (const std::string &name : *labels)
                known += (known.empty() ? "" : ", ") + name;
            out.push_back(values.error(SG_TR("%1: the source's path has no label '%2', only %3"), {key, label, known}));
        }
    }
}

std::vector<std::pair<std::string, std::vector<std::string>>> readLabels(const Node &node)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> out;
    for (const auto &[label, values] : node.map)
        out.emplace_back(label, readTexts(values));
    return out;
}

Error placed(Error error, const Node &node)
{
    if (error.place.empty())
        error.place = node.place();
    return error;
}

// Everything beyond the tables. Fills `rule` as far as it goes and collects every fault.
void read(const Node &item, const Node &defaults, const RuleSurroundings &around, Rule &rule, std::vector<Error> &out)
{
    if (!defaults.isMissing()) {
        out = check(defaults, ruleDefaultFields());
        if (!out.empty())
            return;
    }
    const ConditionKind *kind = item.kind == Node::Kind::Map ? kindOf(item, out) : nullptr;
    if (!kind) {
        if (out.empty())
            out = check(item, commonRuleFields());
        return;
    }
    if (!out.empty())
        return;
    for (const char *key : {"deadband", "on_delay", "off_delay"})
        if (item.has(key) && !contains(kind->modifiers, key))
            out.push_back(item[key].error(SG_TR("%1 does not go with %2"), {key, kind->name}));
    const MeasureKind *measure = measureOf(item, *kind, out);
    std::vector<Field> fields(commonRuleFields().begin(), commonRuleFields().end());
    fields.insert(fields.end(), kind->fields.begin(), kind->fields.end());
    if (measure)
        fields.insert(fields.end(), measure->fields.begin(), measure->fields.end());
    const std::vector<Error> faults = check(item, fields);
    out.insert(out.end(), faults.begin(), faults.end());

    rule.id = item.text("id");
    if (item.has("id") && !isId(rule.id))
        out.push_back(
            item["id"].error(SG_TR("id '%1': expected small letters, digits, - and _, beginning with a letter"), {shown(rule.id)}));
    rule.settings = withDefaults(item, defaults, *kind);
    const Node &all = rule.settings;
    rule.kind = kind->name;
    if (kind->check) {
        const auto more = kind->check(all);
        out.insert(out.end(), more.begin(), more.end());
    }
    if (measure) {
        rule.measure = measure->name;
        if (measure->check && all[measure->name].kind == Node::Kind::Map) {
            const auto more = measure->check(all[measure->name]);
            out.insert(out.end(), more.begin(), more.end());
        }
    }
    rule.isGrouped = item.has("per");
    if (rule.isGrouped && !(measure ? measure->mayBeGrouped : kind->mayBeGrouped))
        out.push_back(item["per"].error(SG_TR("per does not go with %1"), {measure ? measure->name : kind->name}));
    rule.per = readTexts(item["per"]);
    if (rule.measure == "quality" && countsMessages(all) && (!rule.isGrouped || !rule.per.empty()))
        out.push_back(all["quality"]["share"].error(
            SG_TR("share: a message that cannot be read has no key; write per: [] for one alarm of the source")));
    const bool isLag = rule.measure == "lag";
    if (isLag && item.has("series"))
        out.push_back(item["series"].error(SG_TR("lag says itself which series it watches; leave out 'series'")));
    rule.hasSeries = item.has("series") || isLag;
    if (!rule.hasSeries && !(rule.kind == "when" && rule.isGrouped)) {
        out.push_back(rule.kind == "when"
                          ? item.error(SG_TR("'series' is missing; without it, write per: [] for one alarm, or per: [line] for one a line"))
                          : item.error(SG_TR("'%1' is missing"), {"series"}));
        return;
    }
    const auto series = Selector::parse(isLag                ? lagSeries(all["lag"])
                                            : rule.hasSeries ? item.text("series")
                                                             : "alarms/" + (isId(rule.id) ? rule.id : "x") + "/**");
    if (!series) {
        if (item.has("series"))
            out.push_back(placed(series.error(), item["series"]));
        return;
    }
    rule.series = *series;
    if (isLag)
        rule.topics = readTexts(all["lag"]["topics"]);
    const std::vector<std::string> *labels = nullptr;
    if (around.pathLabels && item.has("series")) {
        const auto source = around.pathLabels->find(rule.series.source());
        if (source == around.pathLabels->end()) {
            std::vector<std::string> known;
            for (const auto &[id, path] : *around.pathLabels)
                known.push_back(id);
            const std::string nearest = nearestName(rule.series.source(), known);
            out.push_back(nearest.empty() ? item["series"].error(SG_TR("there is no source '%1'"), {rule.series.source()})
                                          : item["series"].error(SG_TR("there is no source '%1'; did you mean '%2'?"),
                                                                 {rule.series.source(), nearest}));
        } else {
            labels = &source->second;
            if (const auto fault = rule.series.checkAgainst(*labels))
                out.push_back(placed(*fault, item["series"]));
        }
    }
    checkLabels(item, labels, out);
    rule.only = readLabels(all["only"]);
    rule.except = readLabels(all["except"]);

    const bool isPriorityPerLevel = std::all_of(kind->fields.begin(), kind->fields.end(), [&](const Field &field) {
        return !item.has(field.key) || item[field.key].has("priority");
    });
    if (!all.has("priority") && !isPriorityPerLevel)
        out.push_back(item.error(SG_TR("rule '%1' has no priority: low, medium, high or urgent, here or in defaults"), {shown(rule.id)}));

    readInputs(item, around, labels, rule, out);
    const Node &table = all["limits_from"];
    if (!table.isMissing() && rule.kind != "levels") {
        out.push_back(table.error(SG_TR("%1 does not go with %2"), {"limits_from", kind->name}));
    } else if (!table.isMissing() && out.empty()) {
        const auto text
            = around.readText ? around.readText(table.scalar) : Result<std::string>(table.error(SG_TR("no files can be read here")));
        auto limits = text ? LimitsTable::read(*text, table.scalar,
                                               rule.isGrouped ? rule.per
                                                   : labels   ? *labels
                                                              : std::vector<std::string>())
                           : Result<std::shared_ptr<const LimitsTable>>(placed(text.error(), table));
        if (limits)
            rule.limits = std::move(*limits);
        else
            out.push_back(limits.error());
    }
    const Node &file = all["absence"]["expect"]["file"];
    if (!file.isMissing() && out.empty()) {
        const auto text
            = around.readText ? around.readText(file.scalar) : Result<std::string>(file.error(SG_TR("no files can be read here")));
        if (!text) {
            out.push_back(placed(text.error(), file));
        } else {
            auto keys = readExpectedKeys(*text, file.scalar, labels ? *labels : std::vector<std::string>(), rule.series);
            if (keys)
                rule.expected = std::move(*keys);
            else
                out.push_back(keys.error());
        }
    }
}

void fillIn(Rule &rule, const Node &item, std::string text)
{
    const Node &all = rule.settings;
    rule.name = all.text("name", rule.id);
    rule.area = all.text("area");
    rule.isAreaOwn = item.has("area");
    rule.cause = all.text("cause");
    rule.consequence = all.text("consequence");
    rule.action = all.text("action");
    rule.priority = priorityOf(all.text("priority"), Priority::Low);
    for (const Audience audience : {Audience::Operator, Audience::Engineer, Audience::Event})
        if (all.text("audience") == nameOf(audience))
            rule.audience = audience;
    rule.isEnabled = all.text("enabled", "true") == "true";
    rule.onDelay = durationOf(all, "on_delay");
    rule.offDelay = durationOf(all, "off_delay");
    readCommon(rule);
    rule.text = std::move(text);
    rule.file = item.file ? *item.file : std::string();
    rule.line = item.line;
    StableHash whole;
    addTo(whole, all);
    for (const KeyLabels &key : rule.expected)
        for (const auto &[label, value] : key)
            whole.add(label).add(value);
    if (rule.limits)
        rule.limits->addTo(whole);
    rule.hash = whole.value();
    StableHash condition;
    condition.add(rule.kind);
    StableHash measured, looksAt;
    for (const char *key : {"per", "inputs"})
        if (item.has(key))
            addTo(measured, item[key]);
    if (!rule.measure.empty())
        addTo(measured, all[rule.measure]);
    if (!rule.measure.empty() || item.has("per") || item.has("inputs"))
        rule.measureHash = measured.add(rule.measure).value();
    if (rule.measureHash != 0)
        condition.add(static_cast<std::int64_t>(rule.measureHash));
    if (rule.measureHash != 0 || !rule.inputs.empty() || conditionKind(rule.kind)->makeMeasure) {
        looksAt.add(static_cast<std::int64_t>(rule.measureHash));
        for (const RuleInput &input : rule.inputs)
            looksAt.add(static_cast<std::int64_t>(input.use))
                .add(input.name)
                .add(input.rule)
                .add(input.series ? input.series->text() : std::string());
        addTo(looksAt, all["suppress_when"]);
        for (const Field &field : conditionKind(rule.kind)->fields)
            if (conditionKind(rule.kind)->makeMeasure)
                addTo(looksAt, all[field.key]);
        rule.inputsHash = looksAt.value();
    }
    static constexpr const char *modifiers[] = {"on_delay", "off_delay", "priority", "expect", "grace"};
    for (const Field &field : conditionKind(rule.kind)->fields)
        addTo(condition, all[field.key], modifiers);
    addTo(condition, all["deadband"]);
    rule.conditionHash = condition.value();
}

}

std::vector<Error> checkRule(const Node &item, const Node &defaults, const RuleSurroundings &around)
{
    Rule rule;
    std::vector<Error> out;
    read(item, defaults, around, rule, out);
    return out;
}

Result<std::shared_ptr<const Rule>> readRule(const Node &item, const Node &defaults, std::string text, const RuleSurroundings &around)
{
    auto rule = std::make_shared<Rule>();
    std::vector<Error> errors;
    read(item, defaults, around, *rule, errors);
    if (!errors.empty())
        return errors.front();
    fillIn(*rule, item, std::move(text));
    return std::shared_ptr<const Rule>(std::move(rule));
}

}
