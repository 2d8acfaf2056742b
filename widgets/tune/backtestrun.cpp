#include "widgets/tune/backtestrun.h"

#include "items/texts.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace sg {

namespace {

// Only the rule itself: what it looks at ran beside it.
BacktestVersion versionOf(BacktestResult &result, const std::string &id)
{
    BacktestVersion out;
    for (const auto &rule : result.rules)
        if (rule.rule == id)
            out.sums = rule;
    std::erase_if(result.occurrences, [&](const Occurrence &one) { return one.rule != id; });
    out.occurrences = std::move(result.occurrences);
    out.alreadyActive = result.alreadyActive;
    return out;
}

}

Workspace withRule(const Workspace &workspace, std::shared_ptr<const Rule> rule)
{
    auto out = workspace;
    auto rules = workspace.rules ? std::make_shared<RuleSet>(*workspace.rules) : std::make_shared<RuleSet>();
    const auto place = std::find_if(rules->rules.begin(), rules->rules.end(), [&](const auto &one) { return one->id == rule->id; });
    if (place != rules->rules.end())
        *place = std::move(rule);
    else
        rules->rules.push_back(std::move(rule));
    out.rules = std::move(rules);
    return out;
}

Result<std::optional<BacktestAnswer>> runVersions(const BacktestJob &job, std::stop_token stop, const LongWork::Tell &tell)
{
    const auto say = [](const char *text) { return utf8Of(QCoreApplication::translate("BacktestRun", text)); };
    tell(-1, say(QT_TRANSLATE_NOOP("BacktestRun", "Reading the stored history …")));
    BacktestDataOptions where;
    where.stateFolder = job.stateFolder;
    where.stop = stop;
    const auto data = readBacktestData(*job.workspace, where);
    if (!data)
        return data.error();
    if (stop.stop_requested())
        return std::optional<BacktestAnswer>();
    BacktestOptions options;
    options.from = job.from;
    options.to = job.to;
    options.rule = job.draft->id;
    options.stop = stop;
    const int versions = job.saved ? 2 : 1;
    int version = 0;
    options.progress = [&](const BacktestProgress &progress) {
        const auto text = QCoreApplication::translate("BacktestRun", "%1: %L2 samples, %L3 raises")
                              .arg(textOf(say(version + 1 < versions ? QT_TRANSLATE_NOOP("BacktestRun", "Saved version")
                                                                     : QT_TRANSLATE_NOOP("BacktestRun", "Draft"))))
                              .arg(static_cast<qulonglong>(progress.samples))
                              .arg(progress.occurrences);
        tell((version + progress.share) / versions, utf8Of(text));
    };
    BacktestAnswer out;
    out.troubles = data->troubles;
    const auto run = [&](const std::shared_ptr<const Rule> &rule) { return runBacktest(withRule(*job.workspace, rule), *data, options); };
    if (job.saved) {
        auto saved = run(job.saved);
        if (!saved)
            return saved.error();
        if (saved->isStopped && stop.stop_requested())
            return std::optional<BacktestAnswer>();
        options.from = saved->from; // both over the same time, whatever else one of them looks at
        options.to = saved->to;
        out.saved = versionOf(*saved, job.saved->id);
        ++version;
    }
    auto draft = run(job.draft);
    if (!draft)
        return draft.error();
    if (draft->isStopped && stop.stop_requested())
        return std::optional<BacktestAnswer>();
    out.from = draft->from;
    out.to = draft->reached;
    out.watched = draft->watched;
    out.samples = draft->samples;
    out.notHeard = std::move(draft->notHeard);
    out.troubles.insert(out.troubles.end(), draft->troubles.begin(), draft->troubles.end());
    if (draft->isStopped)
        out.troubles.push_back({SG_TR("more raises than can be shown: the backtest ends before its time"), {}, {}});
    out.draft = versionOf(*draft, job.draft->id);
    if (out.saved)
        out.changes = differences(out.saved->occurrences, out.draft.occurrences);
    return std::optional(std::move(out));
}

}
