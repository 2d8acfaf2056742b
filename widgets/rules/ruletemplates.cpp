#include "widgets/rules/ruletemplates.h"

#include "core/fields.h"
#include "core/selector.h"
#include "workspace/workspace.h"

namespace sg {

namespace {

void replaceAll(std::string &text, std::string_view what, const std::string &by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

void fill(Node &node, const std::string &series, const std::string &source, const std::string &other)
{
    replaceAll(node.scalar, "$series", series);
    replaceAll(node.scalar, "$source", source);
    replaceAll(node.scalar, "$other", other);
    for (auto &[key, value] : node.map)
        fill(value, series, source, other);
    for (auto &item : node.list)
        fill(item, series, source, other);
}

}

const std::vector<RuleTemplate> &ruleTemplates()
{
    static const auto all = [] {
        std::vector<RuleTemplate> out;
        const auto root = parseYaml(ruleTemplateText(), "templates.yaml"); // ours; a test reads each of them
        if (root)
            for (const auto &item : (*root)["templates"].list)
                out.push_back({item.text("id"), item.text("title"), item.text("unit"), readTexts(item["fits"]), readTexts(item["other"]),
                               item["rule"]});
        return out;
    }();
    return all;
}

Node filledIn(const RuleTemplate &made, const std::string &series, const std::string &other, const std::vector<std::string> &labels)
{
    // press/*/*/good -> press/{line}/{device}/good: the one of the same machine.
    std::string same;
    const auto segments = segmentsOf(other);
    for (std::size_t i = 0; i < segments.size(); ++i)
        same += (i > 0 ? "/" : "")
            + (i > 0 && segments[i] == "*" && i - 1 < labels.size() ? "{" + labels[i - 1] + "}" : std::string(segments[i]));
    auto item = made.rule;
    fill(item, series, std::string(sourceOf(series)), same);
    return item;
}

std::size_t bestFor(const std::vector<std::string> &words, std::span<const std::string> selectors)
{
    for (const auto &word : words)
        for (std::size_t i = 0; i < selectors.size(); ++i)
            if (fieldOf(selectors[i]).find(word) != std::string_view::npos)
                return i;
    return 0;
}

}
