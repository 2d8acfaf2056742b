#include "engine/staging.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

using Rules = std::vector<std::shared_ptr<const Rule>>;

auto find(Rules &rules, const std::string &id)
{
    return std::find_if(rules.begin(), rules.end(), [&](const auto &rule) { return rule->id == id; });
}

void put(RuleSet &set, const std::shared_ptr<const Rule> &rule)
{
    if (const auto same = find(set.rules, rule->id); same != set.rules.end())
        *same = rule;
    else
        set.rules.push_back(rule);
}

bool fits(std::string_view path, const PathLabels &names)
{
    const auto found = names.find(std::string(sourceOf(path)));
    return found != names.end() && found->second.size() + 2 == segmentsOf(path).size();
}

// Of one edit: which of its parts may take effect while nothing live is closed.
class Stager
{
public:
    Stager(const AlarmEngine &alarms, const Workspace &running, const Workspace &edited)
        : m_alarms(alarms)
        , m_running(running)
        , m_edited(edited)
        , m_ruleEdits(edited.rules ? *edited.rules : RuleSet())
        , m_next(std::make_shared<Workspace>(edited))
    {
        for (const RuleWatch &watch : alarms.watches())
            m_runs.rules.push_back(watch.rule);
    }

    std::vector<std::string> closes() const { return closes(m_ruleEdits, m_edited.tags.get(), m_edited.pathLabels); }

    std::shared_ptr<const Workspace> next()
    {
        // Tags are limits too (a range under a percent deadband): where they alone would close something, they wait as well.
        if (!closes(m_runs, m_edited.tags.get(), m_running.pathLabels).empty())
            m_next->tags = m_running.tags;
        auto mixed = std::make_shared<RuleSet>(m_ruleEdits);
        keepNames(*mixed);
        for (const auto &old : m_runs.rules)
            if (!isKept(*old) && wouldClose(*old))
                put(*mixed, old);
        m_next->rules = mixed;
        return m_next;
    }

private:
    std::vector<std::string> closes(const RuleSet &rules, const Tags *tags, const PathLabels &names) const
    {
        // Labels of a source that is gone, or has another depth now, are not touched by an edit.
        return m_alarms.wouldClose(rules, tags,
                                   [&](std::string_view path) { return labelsOf(path, fits(path, names) ? names : m_running.pathLabels); });
    }

    bool isKept(const Rule &rule) const { return m_keptSources.contains(std::string(rule.series.source())); }

    void keepNames(RuleSet &mixed)
    {
        for (const auto &[source, names] : m_running.pathLabels) {
            const auto renamed = m_next->pathLabels.find(source);
            if (renamed == m_next->pathLabels.end() || renamed->second == names)
                continue;
            PathLabels onlyThese = m_running.pathLabels;
            onlyThese[source] = renamed->second;
            RuleSet only = m_runs;
            for (const auto &rule : m_ruleEdits.rules)
                if (rule->series.source() == source)
                    put(only, rule);
            if (closes(only, m_next->tags.get(), onlyThese).empty())
                continue;
            m_keptSources.insert(source);
            renamed->second = names;
            for (const auto &old : m_runs.rules)
                if (isKept(*old))
                    put(mixed, old);
        }
    }

    // Whether this rule's edit or deletion alone would.
    bool wouldClose(const Rule &old) const
    {
        RuleSet only = m_runs;
        std::erase_if(only.rules, [&](const auto &rule) { return rule->id == old.id; });
        const auto same
            = std::find_if(m_ruleEdits.rules.begin(), m_ruleEdits.rules.end(), [&](const auto &rule) { return rule->id == old.id; });
        if (same != m_ruleEdits.rules.end()) {
            if ((*same)->hash == old.hash)
                return false;
            only.rules.push_back(*same);
        } else if (std::any_of(m_ruleEdits.refused.begin(), m_ruleEdits.refused.end(),
                               [&](const RefusedRule &refused) { return refused.id == old.id; })) {
            return false; // a refused edit leaves the rule as it is by itself
        }
        return !closes(only, m_next->tags.get(), m_next->pathLabels).empty();
    }

    const AlarmEngine &m_alarms;
    const Workspace &m_running, &m_edited;
    const RuleSet m_ruleEdits;
    RuleSet m_runs; // every rule that runs, those of refused edits too
    std::shared_ptr<Workspace> m_next;
    std::set<std::string> m_keptSources;
};

}

KeyLabels labelsOf(std::string_view path, const PathLabels &names)
{
    KeyLabels labels;
    if (!fits(path, names))
        return labels;
    const auto segments = segmentsOf(path);
    const std::vector<std::string> &own = names.find(std::string(segments.front()))->second;
    for (std::size_t i = 0; i < own.size(); ++i)
        labels.emplace_back(own[i], decodeSegment(segments[i + 1]));
    return labels;
}

Staging stage(const AlarmEngine &alarms, const Workspace &running, std::shared_ptr<const Workspace> edited)
{
    Stager stager(alarms, running, *edited);
    Staging out{edited, stager.closes()};
    if (!out.closes.empty())
        out.workspace = stager.next();
    return out;
}

std::shared_ptr<const Workspace> asItRan(const Workspace &files, const PathLabels &labels)
{
    auto ran = std::make_shared<Workspace>(files);
    for (const auto &[source, names] : labels)
        if (const auto present = ran->pathLabels.find(source); present != ran->pathLabels.end() && present->second.size() == names.size())
            present->second = names;
    if (files.ranLast.empty() && ran->pathLabels == files.pathLabels)
        return nullptr;
    auto rules = files.rules ? std::make_shared<RuleSet>(*files.rules) : std::make_shared<RuleSet>();
    for (const auto &rule : files.ranLast)
        put(*rules, rule);
    ran->rules = rules;
    return ran;
}

}
