#include "engine/evaluator.h"

#include "engine/staging.h"

// How rules, tags and path labels of a workspace take effect.
namespace sg {

namespace {

// Sources need a moment until their first messages name their series; before that every rule watches nothing.
constexpr Micros IdleRulesGrace = std::chrono::seconds(30);

std::vector<std::pair<std::string, std::string>> labelsOf(const std::string &path, const Workspace &workspace)
{
    std::vector<std::pair<std::string, std::string>> labels;
    const auto segments = segmentsOf(path);
    const auto names = workspace.pathLabels.find(std::string(segments.front()));
    if (names == workspace.pathLabels.end() || names->second.size() + 2 != segments.size())
        return labels;
    for (std::size_t i = 0; i < names->second.size(); ++i)
        labels.emplace_back(names->second[i], decodeSegment(segments[i + 1]));
    return labels;
}

bool isWatched(const std::string &path, const Workspace &workspace)
{
    const auto names = workspace.pathLabels.find(std::string(sourceOf(path)));
    return names != workspace.pathLabels.end() && names->second.size() + 2 == segmentsOf(path).size();
}

}

std::vector<std::string> Evaluator::apply(std::shared_ptr<const Workspace> workspace, bool closesAlarms, const std::string &actor,
                                          const std::string &reason, Mono mono)
{
    const Time now = m_timing.reference(mono);
    std::vector<std::string> staged;
    const bool isFirst = m_workspace == nullptr;
    if (!isFirst && !closesAlarms) {
        Staging staging = stage(m_alarms, *m_workspace, std::move(workspace));
        workspace = std::move(staging.workspace);
        staged = std::move(staging.closes);
    }
    const std::shared_ptr<const RuleSet> rules = workspace->rules ? workspace->rules : std::make_shared<const RuleSet>();
    m_workspace = workspace;
    for (std::size_t i = 0; i < m_series.size(); ++i)
        if (!m_series[i].path.empty())
            describe(SeriesId(i));
    m_alarms.apply(rules, workspace->tags, now, actor, reason);
    m_next.rules = rules;
    m_shown.staged = staged;
    m_shown.isDemo = workspace->isDemo;
    m_idleRulesAt = now + IdleRulesGrace;
    if (!isFirst)
        journal({.event = staged.empty() ? "WORKSPACE_APPLIED" : "WORKSPACE_STAGED",
                 .tEvent = now,
                 .tDetect = now,
                 .actor = actor,
                 .reason = reason});
    for (const RefusedRule &refused : rules->refused)
        for (const Error &error : refused.errors)
            journal({.event = "RULE_REFUSED",
                     .rule = refused.id,
                     .tEvent = now,
                     .tDetect = now,
                     .actor = actor,
                     .reason = error.plain() + (refused.keeps ? "; the version before it stays" : "")});
    return staged;
}

void Evaluator::describe(SeriesId id)
{
    KnownSeriesState &series = m_series[number(id)];
    const auto labels = labelsOf(series.path, *m_workspace);
    series.sharedPath = std::make_shared<const std::string>(series.path);
    series.tag = std::make_shared<const Tag>(m_workspace->tags ? m_workspace->tags->of(series.path, labels) : Tag());
    if (isWatched(series.path, *m_workspace))
        m_alarms.bind(id, series.path, series.kind, labels);
    noteChanged(id);
}

void Evaluator::noteIdleRules(Time now)
{
    m_idleRulesAt = NoTime;
    std::set<std::string> idle;
    for (const RuleWatch &watch : m_alarms.watches())
        if (watch.watched == 0 && watch.rule->isEnabled)
            idle.insert(watch.rule->id);
    for (const std::string &rule : idle)
        if (!m_idleRules.contains(rule))
            journal({.event = "WATCHES_NOTHING", .rule = rule, .tEvent = now, .tDetect = now, .reason = "no series matches its selector"});
    m_idleRules = std::move(idle);
}

}
