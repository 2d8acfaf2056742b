#include "workspace/ruletests.h"

#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"
#include "workspace/reading.h"
#include "workspace/tables.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sg {

namespace {

constexpr std::size_t MaxSamples = 1'000'000; // of one test: it is written by hand

constexpr Field RootFields[] = {
    {.key = "format", .type = FieldType::Any},
    {.key = "tests", .type = FieldType::Any, .isRequired = true},
};
constexpr Field TestFields[] = {
    {.key = "name", .type = FieldType::Text, .isRequired = true},
    {.key = "rules", .type = FieldType::Texts},
    {.key = "every", .type = FieldType::Duration},
    {.key = "series", .type = FieldType::Map, .isRequired = true},
    {.key = "restarts", .type = FieldType::Texts},
    {.key = "actions", .type = FieldType::Any},
    {.key = "states", .type = FieldType::Any},
    {.key = "journal", .type = FieldType::Texts},
    {.key = "end", .type = FieldType::Duration},
};
constexpr Field ActionFields[] = {
    {.key = "at", .type = FieldType::Duration, .isRequired = true},
    {.key = "do", .type = FieldType::Text, .isRequired = true},
    {.key = "rule", .type = FieldType::Text},
    {.key = "alarm", .type = FieldType::Text},
    {.key = "by", .type = FieldType::Text},
    {.key = "reason", .type = FieldType::Text},
    {.key = "for", .type = FieldType::Duration},
};
constexpr Field StateFields[] = {
    {.key = "at", .type = FieldType::Duration, .isRequired = true},
    {.key = "rule", .type = FieldType::Text, .isRequired = true},
    {.key = "alarm", .type = FieldType::Text},
    {.key = "state", .type = FieldType::Text, .isRequired = true},
    {.key = "level", .type = FieldType::Text},
};
constexpr std::pair<std::string_view, Verb> Verbs[] = {
    {"ack", Verb::Acknowledge},
    {"unack", Verb::Unacknowledge},
    {"shelve", Verb::Shelve},
    {"unshelve", Verb::Unshelve},
    {"out_of_service", Verb::OutOfService},
    {"in_service", Verb::InService},
    {"reset", Verb::Reset},
    {"note", Verb::Note},
    {"disable", Verb::Disable},
    {"enable", Verb::Enable},
};

std::vector<std::string> split(std::string_view text, std::string_view at)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(at), text.size());
        if (end > 0)
            out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

class TestReader
{
public:
    explicit TestReader(std::vector<Error> &errors)
        : m_errors(errors)
    {
    }

    // False when the test has a fault; all of them are named.
    bool read(const Node &node, RuleTest &test)
    {
        const std::size_t before = m_errors.size();
        add(check(node, TestFields));
        if (m_errors.size() > before)
            return false;
        test.name = node.text("name");
        test.place = node.place();
        test.rules = readTexts(node["rules"]);
        const Micros every = node.has("every") ? duration(node["every"]) : std::chrono::seconds(1);
        if (every.count() <= 0)
            m_errors.push_back(node["every"].error(SG_TR("every takes a duration above 0")));
        for (const auto &[path, samples] : node["series"].map)
            readSeries(path, samples, every, test);
        for (const Node &at : listOf(node["restarts"]))
            test.restarts.push_back(reach(duration(at), test));
        for (const Node &item : listOf(node["actions"]))
            readAction(item, test);
        for (const Node &item : listOf(node["states"])) {
            add(check(item, StateFields));
            test.states.push_back({reach(duration(item["at"]), test), item.text("rule"), item.text("alarm"), item.text("state"),
                                   item.text("level"), item.place()});
        }
        if (node.has("journal")) {
            test.journal = readTexts(node["journal"]);
            test.journalPlace = node["journal"].place();
        }
        if (node.has("end"))
            reach(duration(node["end"]), test);
        return m_errors.size() == before;
    }

private:
    void add(std::vector<Error> errors) { std::move(errors.begin(), errors.end(), std::back_inserter(m_errors)); }

    static Micros reach(Micros at, RuleTest &test)
    {
        test.end = std::max(test.end, at);
        return at;
    }

    static std::vector<Node> listOf(const Node &node)
    {
        return node.kind == Node::Kind::List ? node.list : node.isMissing() ? std::vector<Node>() : std::vector<Node>{node};
    }

    Micros duration(const Node &node)
    {
        const auto parsed = parseDuration(node.scalar);
        if (parsed && parsed->count() >= 0 && *parsed <= std::chrono::days(366))
            return *parsed;
        m_errors.push_back(node.error(SG_TR("'%1' is not a time since the start of the test, such as 30s or 5min"), {shown(node.scalar)}));
        return Micros(0);
    }

    void readAction(const Node &item, RuleTest &test)
    {
        add(check(item, ActionFields));
        const std::string name = item.text("do");
        const auto verb = std::find_if(std::begin(Verbs), std::end(Verbs), [&](const auto &known) { return known.first == name; });
        if (verb == std::end(Verbs)) {
            m_errors.push_back(item.error(SG_TR("'%1' is no action; there are ack, unack, shelve, unshelve, out_of_service, in_service, "
                                                "reset, note, disable and enable"),
                                          {shown(name)}));
            return;
        }
        RuleTestAction action{reach(duration(item["at"]), test), verb->second, item.text("rule"), item.text("alarm"), {}, {}, {}};
        action.by = item.text("by", "operator");
        action.reason = item.text("reason", "test");
        if (item.has("for"))
            action.lasts = duration(item["for"]);
        test.actions.push_back(std::move(action));
    }

    void readSeries(const std::string &path, const Node &node, Micros every, RuleTest &test)
    {
        RuleTestSeries series{path, ValueKind::Number, {}};
        Micros t{0};
        for (const std::string &token : split(node.scalar, " \t\n"))
            if (!readToken(token, every, t, series, node))
                return;
        if (series.kind == ValueKind::State)
            for (RuleTestSample &sample : series.samples)
                if (sample.text.empty() && std::isfinite(sample.value))
                    sample.text = formatNumber(sample.value);
        for (const RuleTestSample &sample : series.samples)
            reach(std::max(sample.t, sample.arrives), test);
        test.series.push_back(std::move(series));
    }

    // VALUE[xCOUNT][@DELAY], _[xCOUNT], or TIME,VALUE[,QUALITY][@DELAY]
    bool readToken(const std::string &token, Micros every, Micros &t, RuleTestSeries &series, const Node &node)
    {
        const auto refuse = [&] {
            m_errors.push_back(
                node.error(SG_TR("series %1: '%2' is not understood; write VALUE, VALUExCOUNT, VALUE@DELAY, _ for no sample, or "
                                 "TIME,VALUE,QUALITY"),
                           {shown(series.path), shown(token)}));
            return false;
        };
        std::string value = token;
        Micros delay{0};
        if (const std::size_t at = value.rfind('@'); at != std::string::npos) {
            const auto parsed = parseDuration(value.substr(at + 1));
            if (!parsed || parsed->count() < 0 || *parsed > std::chrono::days(366))
                return refuse();
            delay = *parsed;
            value.resize(at);
        }
        std::size_t count = 1;
        RuleTestSample sample;
        if (const auto parts = split(value, ","); parts.size() > 1) {
            const auto at = parseDuration(parts[0]);
            if (!at || at->count() < 0 || *at > std::chrono::days(366) || parts.size() > 3)
                return refuse();
            t = *at;
            value = parts[1];
            if (parts.size() == 3 && parts[2] != "good" && parts[2] != "uncertain" && parts[2] != "bad")
                return refuse();
            if (parts.size() == 3)
                sample.quality = parts[2] == "bad" ? Quality::Bad : parts[2] == "uncertain" ? Quality::Uncertain : Quality::Good;
        } else if (const std::size_t x = value.rfind('x'); x != std::string::npos && x > 0 && x + 1 < value.size()) {
            const char *end = value.data() + value.size();
            const auto read = std::from_chars(value.data() + x + 1, end, count);
            if (read.ptr == end && read.ec == std::errc())
                value.resize(x);
            else
                count = 1; // a text with an x in it
        }
        if (value.empty() || count > MaxSamples || series.samples.size() + count > MaxSamples)
            return refuse();
        const auto number = parseNumber(value);
        sample.value = number ? *number : std::nan("");
        if (!number && value != "NaN" && value != "nan" && value != "_") {
            sample.text = value;
            series.kind = ValueKind::State;
        }
        for (std::size_t i = 0; i < count; ++i, t += every) {
            sample.t = t;
            sample.arrives = t + delay;
            if (value != "_")
                series.samples.push_back(sample);
        }
        return true;
    }

    std::vector<Error> &m_errors;
};

}

Fields ruleTestFields()
{
    return TestFields;
}

Fields ruleTestActionFields()
{
    return ActionFields;
}

Fields ruleTestStateFields()
{
    return StateFields;
}

RuleTests readRuleTests(std::string_view text, const std::string &file)
{
    RuleTests out;
    const auto root = parseYaml(text, file);
    if (!root) {
        out.errors.push_back(root.error());
        return out;
    }
    out.errors = check(*root, RootFields);
    if (root->text("format") != "1")
        out.errors.push_back(root->error(SG_TR("the file must say format: 1")));
    if (const auto error = checkIsList(*root, "tests"))
        out.errors.push_back(*error);
    TestReader reader(out.errors);
    for (const Node &item : (*root)["tests"].list) {
        RuleTest test;
        if (reader.read(item, test))
            out.tests.push_back(std::move(test));
    }
    return out;
}

RuleTests readRuleTestsOf(const std::string &folder)
{
    RuleTests out;
    const auto files = filesOfFolder(folder, out.errors);
    if (!files) {
        out.errors.push_back(files.error());
        return out;
    }
    for (const std::string &name : files->names) {
        if (!name.starts_with("tests/"))
            continue;
        const auto text = files->read(name);
        RuleTests one;
        if (text)
            one = readRuleTests(*text, name);
        else
            one.errors.push_back({text.error().text, text.error().args, name});
        std::move(one.tests.begin(), one.tests.end(), std::back_inserter(out.tests));
        std::move(one.errors.begin(), one.errors.end(), std::back_inserter(out.errors));
    }
    return out;
}

}
