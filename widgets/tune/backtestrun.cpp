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

Error tooMany()
{
    return {SG_TR("more raises than can be shown, and all before the time that was asked for begins; choose another one"), {}, {}};
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
    options.mostOccurrences = job.mostOccurrences;
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
    std::optional<BacktestResult> saved;
    if (job.saved) {
        auto ran = run(job.saved);
        if (!ran)
            return ran.error();
        if (ran->isStopped && stop.stop_requested())
            return std::optional<BacktestAnswer>();
        options.from = ran->from; // both over the same time, whatever else one of them looks at
        options.to = ran->reached;
        saved = *std::move(ran);
        ++version;
    }
    auto draft = options.to > options.from ? run(job.draft) : Result<BacktestResult>(tooMany());
    if (!draft)
        return draft.error();
    if (draft->isStopped && stop.stop_requested())
        return std::optional<BacktestAnswer>();
    // What only one of them reached is no difference: where either has too many, both are run again to just there.
    if (saved && (saved->isStopped || draft->isStopped)) {
        options.to = draft->reached;
        options.mostOccurrences = BacktestOptions().mostOccurrences;
        if (options.to <= options.from)
            return tooMany();
        for (auto *cut : {&*saved, draft->isStopped ? &*draft : nullptr}) {
            if (cut == nullptr)
                continue;
            auto again = run(cut == &*saved ? job.saved : job.draft);
            if (!again)
                return again.error();
            if (again->isStopped && stop.stop_requested())
                return std::optional<BacktestAnswer>();
            *cut = *std::move(again);
        }
        out.troubles.push_back(
            {SG_TR("more raises than can be shown: both versions end before the time that was asked for; choose a shorter one"), {}, {}});
    }
    out.from = draft->from;
    out.to = draft->reached;
    out.watched = draft->watched;
    out.samples = draft->samples;
    out.notHeard = std::move(draft->notHeard);
    out.troubles.insert(out.troubles.end(), draft->troubles.begin(), draft->troubles.end());
    if (draft->isStopped)
        out.troubles.push_back({SG_TR("more raises than can be shown: the backtest ends before its time"), {}, {}});
    out.draft = versionOf(*draft, job.draft->id);
    if (saved) {
        out.saved = versionOf(*saved, job.saved->id);
        out.changes = differences(out.saved->occurrences, out.draft.occurrences);
    }
    return std::optional(std::move(out));
}

}
