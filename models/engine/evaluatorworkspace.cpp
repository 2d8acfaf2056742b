#include "engine/evaluator.h"

#include "engine/staging.h"

// How rules, tags and path labels of a workspace take effect.
namespace sg {

namespace {

// Sources need a moment until their first messages name their series; before that every rule watches nothing.
constexpr Micros IdleRulesGrace = std::chrono::seconds(30);

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
    // What waited for Apply when the last run ended, or was edited since, is an edit of what ran then.
    if (const auto ran = asItRan(*workspace, m_labelsBefore); isFirst && !closesAlarms && ran != nullptr)
        putInForce(ran, actor, reason, now);
    if (m_workspace && !closesAlarms) {
        Staging staging = stage(m_alarms, *m_workspace, std::move(workspace));
        workspace = std::move(staging.workspace);
        staged = std::move(staging.closes);
    }
    putInForce(workspace, actor, reason, now);
    m_notifier.apply(workspace, now);
    const std::shared_ptr<const RuleSet> rules = m_next.rules;
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

void Evaluator::putInForce(std::shared_ptr<const Workspace> workspace, const std::string &actor, const std::string &reason, Time now)
{
    const auto describeAll = [this] {
        for (std::size_t i = 0; i < m_series.size(); ++i)
            if (!m_series[i].path.empty())
                describe(SeriesId(i));
    };
    const bool isFirst = m_workspace == nullptr;
    m_workspace = std::move(workspace);
    const std::shared_ptr<const RuleSet> rules = m_workspace->rules ? m_workspace->rules : std::make_shared<const RuleSet>();
    if (isFirst)
        describeAll(); // no rule is in force yet: apply() finds every series bound
    // Names that only the next rules know reach the engine without asking the rules in force about them.
    for (std::size_t i = 0; i < m_series.size(); ++i)
        if (isWatched(m_series[i].path, *m_workspace))
            m_alarms.relabel(SeriesId(i), labelsOf(m_series[i].path, m_workspace->pathLabels));
    m_alarms.apply(rules, m_workspace->tags, now, actor, reason);
    if (!isFirst)
        describeAll();
    m_next.rules = rules;
    m_next.pathLabels = m_workspace->pathLabels;
}

// The placed time of its newest value, of the run before too.
Time Evaluator::heardBefore(SeriesId id) const
{
    const auto newest = m_store.newest(id);
    return newest ? newest->t : NoTime;
}

void Evaluator::describe(SeriesId id)
{
    KnownSeriesState &series = m_series[number(id)];
    const KeyLabels labels = labelsOf(series.path, m_workspace->pathLabels);
    series.sharedPath = std::make_shared<const std::string>(series.path);
    series.tag = std::make_shared<const Tag>(m_workspace->tags ? m_workspace->tags->of(series.path, labels) : Tag());
    if (isWatched(series.path, *m_workspace))
        m_alarms.bind(id, series.path, series.kind, labels, heardBefore(id));
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
