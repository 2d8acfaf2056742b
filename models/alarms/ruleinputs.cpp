#include "alarms/ruleinputs.h"

#include "alarms/conditions/kinds.h"
#include "alarms/expression.h"
#include "alarms/measure.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

bool contains(const std::vector<std::string> &names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool isPlaceholder(std::string_view segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool isInputName(std::string_view name)
{
    static constexpr std::string_view taken[] = {"and", "or", "not", "any", "all", "count", "avg", "min", "max", "sum", "value"};
    const auto isRest = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && std::all_of(name.begin(), name.end(), isRest)
        && std::find(std::begin(taken), std::end(taken), name) == std::end(taken);
}

class InputReader
{
public:
    InputReader(const RuleSurroundings &around, const std::vector<std::string> *labels, Rule &rule, std::vector<Error> &out)
        : m_around(around)
        , m_labels(labels)
        , m_rule(rule)
        , m_out(out)
    {
    }

    void read(const Node &item)
    {
        if (m_labels)
            for (const std::string &label : m_rule.per)
                if (!contains(*m_labels, label))
                    m_out.push_back(item["per"].error(SG_TR("per: the source's path has no label '%1'"), {shown(label)}));
        const Node &all = m_rule.settings;
        if (const MeasureKind *measure = measureKind(m_rule.measure); measure && measure->other)
            addSeries(all[m_rule.measure][measure->other], RuleInput::Use::Other, measure->other);
        for (const char *level : {"high_high", "high", "low", "low_low"})
            if (all[level]["limit"].has("series"))
                addSeries(all[level]["limit"]["series"], RuleInput::Use::Limit, level);
        readNamed(item);
        readSuppress(item["suppress_when"]);
    }

private:
    const std::vector<std::string> *labelsOf(const std::string &source, const Node &node)
    {
        if (!m_around.pathLabels)
            return nullptr;
        const auto found = m_around.pathLabels->find(source);
        if (found != m_around.pathLabels->end())
            return &found->second;
        m_out.push_back(node.error(SG_TR("there is no source '%1'"), {source}));
        return nullptr;
    }

    // {x} is the subject's label; in a grouped rule a label that is not in `per` stands for all of the group.
    void addSeries(const Node &node, RuleInput::Use use, const std::string &name)
    {
        RuleInput input;
        input.use = use;
        input.name = name;
        auto selector = Selector::parse(node.scalar);
        if (!selector) {
            Error error = selector.error();
            error.place = node.place();
            m_out.push_back(std::move(error));
            return;
        }
        const auto &segments = selector->segments();
        if (selector->isOpenEnded() || contains(segments, "*")) {
            m_out.push_back(
                node.error(SG_TR("'%1' must be exactly one series for each alarm: write {line} for the alarm's own line instead of *"),
                           {node.scalar}));
            return;
        }
        std::string plain;
        for (const std::string &segment : segments)
            plain += (plain.empty() ? "" : "/") + (isPlaceholder(segment) ? std::string("*") : segment);
        const auto *theirs = labelsOf(selector->source(), node);
        if (const auto any = Selector::parse(plain); theirs && any)
            if (auto fault = any->checkAgainst(*theirs)) {
                fault->place = node.place();
                m_out.push_back(std::move(*fault));
                return;
            }
        for (std::size_t n = 1; n < segments.size(); ++n) {
            if (!isPlaceholder(segments[n]))
                continue;
            const std::string label = segments[n].substr(1, segments[n].size() - 2);
            const bool isOurs = m_rule.isGrouped ? contains(m_rule.per, label) : !m_labels || contains(*m_labels, label);
            const bool isAll = m_rule.isGrouped && !isOurs && theirs && n <= theirs->size() && (*theirs)[n - 1] == label;
            if (!isOurs && !(m_rule.isGrouped && (!theirs || isAll)))
                m_out.push_back(node.error(SG_TR("'%1': the alarm has no label '%2'"), {node.scalar, label}));
        }
        input.series = std::move(*selector);
        m_rule.inputs.push_back(std::move(input));
    }

    bool isSet(const RuleInput &input) const
    {
        if (!m_rule.isGrouped || !input.series)
            return false;
        return std::any_of(input.series->segments().begin(), input.series->segments().end(), [&](const std::string &segment) {
            return isPlaceholder(segment) && !contains(m_rule.per, segment.substr(1, segment.size() - 2));
        });
    }

    void addRule(const Node &node, RuleInput::Use use, const std::string &name)
    {
        RuleInput input;
        input.use = use;
        input.name = name;
        input.rule = node.text("rule");
        if (input.rule == m_rule.id)
            m_out.push_back(node["rule"].error(SG_TR("the rule '%1' cannot look at itself"), {shown(m_rule.id)}));
        for (const auto &[ours, theirs] : node["join"].map)
            input.join.emplace_back(ours, theirs.scalar);
        m_rule.inputs.push_back(std::move(input));
    }

    void readNamed(const Node &item)
    {
        const Node &inputs = item["inputs"];
        if (!inputs.isMissing() && m_rule.kind != "when") {
            m_out.push_back(inputs.error(SG_TR("inputs goes with when only")));
            return;
        }
        static constexpr Field keys[] = {
            {.key = "series", .type = FieldType::Selector},
            {.key = "rule", .type = FieldType::Text},
            {.key = "join", .type = FieldType::Map},
        };
        for (const auto &[name, node] : inputs.map) {
            if (!isInputName(name)) {
                m_out.push_back(
                    node.error(SG_TR("inputs: '%1' is no name for an input: small letters, digits and _, and no word of the expression"),
                               {shown(name)}));
                continue;
            }
            const auto faults = check(node, keys);
            m_out.insert(m_out.end(), faults.begin(), faults.end());
            if (!faults.empty())
                continue;
            if (node.has("series") == node.has("rule"))
                m_out.push_back(node.error(SG_TR("inputs: '%1' takes either { series: SELECTOR } or { rule: ID }"), {name}));
            else if (node.has("rule"))
                addRule(node, RuleInput::Use::Expression, name);
            else
                addSeries(node["series"], RuleInput::Use::Expression, name);
        }
        if (m_rule.kind != "when" || !m_out.empty())
            return;
        // Name n of the expression is set n of the inputs.
        std::vector<Expression::Name> names = {{m_rule.hasSeries ? "value" : "", false, m_rule.isGrouped}};
        for (const RuleInput &input : m_rule.inputs)
            names.push_back({input.name, !input.series, isSet(input)});
        auto when = Expression::parse(item.text("when"), std::move(names));
        if (when) {
            m_rule.when = std::make_shared<const Expression>(std::move(*when));
            return;
        }
        Error error = when.error();
        error.place = item["when"].place();
        m_out.push_back(std::move(error));
    }

    void readSuppress(const Node &node)
    {
        if (node.kind != Node::Kind::Map)
            return;
        SuppressWhen suppress;
        suppress.settle = durationOf(node, "settle");
        suppress.isNegated = node.has("not_equals");
        suppress.values = readTexts(node[suppress.isNegated ? "not_equals" : "equals"]);
        if (node.has("series") == node.has("rule"))
            m_out.push_back(node.error(SG_TR("suppress_when takes either series or rule")));
        else if (node.has("series") && (node.has("equals") == node.has("not_equals") || suppress.values.empty()))
            m_out.push_back(node.error(SG_TR("suppress_when: { series } takes exactly one of equals and not_equals")));
        else if (node.has("rule") && (node.has("equals") || node.has("not_equals")))
            m_out.push_back(node.error(SG_TR("suppress_when: { rule } holds while that alarm is active; leave out equals")));
        else if (node.has("rule"))
            addRule(node, RuleInput::Use::Suppress, {});
        else
            addSeries(node["series"], RuleInput::Use::Suppress, {});
        m_rule.suppress = std::move(suppress);
    }

    const RuleSurroundings &m_around;
    const std::vector<std::string> *m_labels;
    Rule &m_rule;
    std::vector<Error> &m_out;
};

}

std::string lagSeries(const Node &lag)
{
    return "lag/" + encodeSegment(lag.text("group", "-")) + "/*/*/" + (lag.text("in") == "messages" ? "messages" : "age");
}

void readInputs(const Node &item, const RuleSurroundings &around, const std::vector<std::string> *labels, Rule &rule,
                std::vector<Error> &out)
{
    InputReader(around, labels, rule, out).read(item);
    const Node &missing = rule.settings["on_missing"];
    const bool isWord = missing.scalar == "hold" || missing.scalar == "raise" || missing.scalar == "separate";
    if (!missing.isMissing() && !isWord && !missing.has("clear_after"))
        out.push_back(
            missing.error(SG_TR("on_missing: '%1' is not one of hold, raise, separate, { clear_after: 5min }"), {shown(missing.scalar)}));
    if (missing.has("clear_after"))
        if (const auto after = readDuration(missing["clear_after"], "clear_after"); !after)
            out.push_back(after.error());
    const ConditionKind *test = conditionKind(rule.kind);
    if (missing.scalar == "separate" && test && (test->isPerKey || test->isOnArrival || rule.isGrouped || !rule.measure.empty()))
        out.push_back(missing.error(SG_TR("on_missing: separate goes with a rule that judges the values of one series each")));
    if (const Node &hours = rule.settings["hours"]; hours.kind == Node::Kind::Map && out.empty()) {
        auto read = Hours::read(hours, around.zone);
        if (read)
            rule.hours = std::move(*read);
        else
            out.push_back(read.error());
    }
}

void readCommon(Rule &rule)
{
    const Node &all = rule.settings;
    const std::string latch = all.text("latch");
    rule.latch = latch == "until_ack" ? Latch::UntilAck : latch == "until_reset" ? Latch::UntilReset : Latch::None;
    rule.isAckAuto = all.text("ack") == "auto";
    const Node &missing = all["on_missing"];
    rule.onMissing = missing.scalar == "raise" ? OnMissing::Raise
        : missing.scalar == "separate"         ? OnMissing::Separate
        : missing.has("clear_after")           ? OnMissing::ClearAfter
                                               : OnMissing::Hold;
    rule.clearAfter = durationOf(missing, "clear_after");
    const std::string unlisted = all["absence"].text("unlisted");
    rule.unlisted = unlisted == "event" ? Unlisted::Event : unlisted == "ignore" ? Unlisted::Ignore : Unlisted::Watch;
    rule.warmup = durationOf(all, "warmup");
    const auto whole = [](const Node &node, std::string_view key, double otherwise) {
        return std::max(0.0, std::min(1e6, parseNumber(node.text(key)).value_or(otherwise)));
    };
    rule.minSamples = static_cast<std::size_t>(whole(all, "min_samples", 0));
    rule.realarm = durationOf(all["realarm"], "after");
    rule.realarmTimes = static_cast<unsigned>(whole(all["realarm"], "times", 1));
    rule.forgetAfter = durationOf(all, "forget_after");
    rule.isLateShown = all.text("late") == "annunciate";
}

bool isAbout(const Rule &rule, std::string_view path)
{
    if (!rule.hasSeries || !rule.series.matches(path))
        return false;
    if (rule.topics.empty())
        return true;
    // lag/GROUP/TOPIC/...: {x} stands for one or more characters other than a point.
    const auto segments = segmentsOf(path);
    const std::string topic = decodeSegment(segments[2]);
    const auto fits = [&](const auto &self, std::string_view pattern, std::string_view text) -> bool {
        const std::size_t open = pattern.find('{'), close = pattern.find('}', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos)
            return pattern == text;
        if (!text.starts_with(pattern.substr(0, open)))
            return false;
        text.remove_prefix(open);
        for (std::size_t n = 1; n <= text.size() && text[n - 1] != '.'; ++n)
            if (self(self, pattern.substr(close + 1), text.substr(n)))
                return true;
        return false;
    };
    return std::any_of(rule.topics.begin(), rule.topics.end(), [&](const std::string &pattern) { return fits(fits, pattern, topic); });
}

}
