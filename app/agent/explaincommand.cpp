#include "agent/alarmchoice.h"
#include "agent/alone.h"
#include "agent/commands.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/attachedsession.h"
#include "engine/clockwatch.h"
#include "engine/commandsocket.h"
#include "engine/explain.h"

#include <algorithm>
#include <cstdio>

namespace sg {

namespace {

// What the alarm saw: the samples before the raise (else before now) and the first ones after it.
void saySamples(const Snapshot &snapshot, const AlarmView &alarm)
{
    const SeriesRow *series = explainedSeries(snapshot, alarm);
    if (!series) {
        std::printf("\nsamples: it watches no single series (%s)\n", shown(alarm.path).c_str());
        return;
    }
    const std::string unit = explainedUnit(series);
    std::printf("\nsamples of %s%s\n", shown(*series->path).c_str(), unit.empty() ? "" : (" in " + shown(unit)).c_str());
    const auto samples = explainedSamples(snapshot, *series, alarm);
    for (const ExplainedSample &sample : samples) {
        const char *quality = sample.quality == Quality::Good ? "" : sample.quality == Quality::Uncertain ? "  uncertain" : "  bad";
        std::printf("  %s  %s%s%s\n", formatUtc(sample.t).c_str(), sample.text.empty() ? "-" : shown(sample.text).c_str(), quality,
                    sample.isRaise ? "  <- raised" : "");
    }
    if (samples.empty())
        std::puts("  none is kept of this time");
}

Result<Done> sayChain(const StateReader &reader, const AlarmView &alarm)
{
    auto rows = reader.journal(explainedChain(alarm));
    if (!rows)
        return rows.error();
    keepExplainedChain(*rows, alarm);
    std::puts("\njournal");
    for (const JournalRow &row : *rows) {
        const std::string meaning = meaningOf(row.event);
        std::printf("  %s%s\n", lineOf(row).c_str(), meaning.empty() ? "" : (": " + meaning).c_str());
    }
    if (rows->empty())
        std::puts("  no record");
    return Done();
}

// A clock is named by its source and some or all labels of the keys that it serves, in their order.
bool writesStampsOf(const ClockRow &clock, std::string_view key)
{
    const auto wanted = segmentsOf(clock.key), of = segmentsOf(key);
    auto at = of.begin();
    return wanted.front() == of.front() && std::all_of(wanted.begin(), wanted.end(), [&](std::string_view segment) {
               at = std::find(at, of.end(), segment);
               return at != of.end();
           });
}

Result<Done> explain(const Snapshot &snapshot, const StateReader &reader, const AlarmView &alarm)
{
    std::printf("%s  %s  %s\n", nameOf(project(alarm.regions)), shown(alarm.rule->id).c_str(), shown(alarm.path).c_str());
    const ExplainWords words{[](Time t) { return formatUtc(t); }, [](const Error &error) { return error.plain(); },
                             explainedUnit(explainedSeries(snapshot, alarm))};
    for (const ExplainedFact &fact : explainAlarm(alarm, snapshot.reference, words))
        std::printf("%-12s  %s\n", fact.what, fact.text.c_str());
    for (const SourceRow &source : snapshot.sources)
        for (const ClockRow &clock : source.clocks)
            if (writesStampsOf(clock, alarm.key))
                std::printf("%-12s  %s\n", "clock", shown(sentenceOf(clock).plain()).c_str());
    saySamples(snapshot, alarm);
    return sayChain(reader, alarm);
}

}

int explainCommand(const Arguments &arguments)
{
    if (arguments.rest.empty() || arguments.rest.size() > 2) {
        std::fprintf(stderr, "usage: sightglass-agent explain %s\n", AlarmArguments);
        return ExitUsage;
    }
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const auto chosen = chosenAlarms(arguments, *stateFolder);
    if (!chosen)
        return fail(chosen.error());
    if (chosen->size() > 1)
        return fail({SG_TR("'%1' has %2 alarms, the first of %3; name the key of one"),
                     {shown(arguments.rest[0]), std::to_string(chosen->size()), shown(pathOf(chosen->front()))},
                     {}});
    const auto reader = StateReader::open(*stateFolder);
    if (!reader)
        return fail(reader.error());
    // What the evaluator that runs says, else what one would say that starts now.
    std::unique_ptr<Session> session;
    std::unique_ptr<Alone> alone;
    std::shared_ptr<const Snapshot> snapshot;
    if (evaluatorAt(*stateFolder)) {
        auto attached = attachSession(*stateFolder, {[](const std::string &folder) { return openWorkspace(folder); }});
        if (!attached)
            return fail(attached.error());
        session = std::move(*attached);
        snapshot = session->snapshot();
    } else {
        auto opened = Alone::open(arguments, *stateFolder, actorOf(arguments), "explain");
        if (!opened)
            return fail(opened.error());
        alone = std::move(*opened);
        snapshot = alone->evaluator().snapshot(alone->now());
        std::puts("nobody evaluates it now: this is how it was left\n");
    }
    const InstanceState &wanted = chosen->front();
    for (std::size_t n = 0; n < snapshot->alarms.size(); ++n) {
        const AlarmView &alarm = snapshot->alarms.at(n).alarm;
        if (!alarm.rule || alarm.rule->id != wanted.rule || alarm.key != wanted.key || alarm.field != wanted.field)
            continue;
        const auto done = explain(*snapshot, **reader, alarm);
        return done ? ExitDone : fail(done.error());
    }
    return fail({SG_TR("no rule of the workspace has the alarm of '%1' any more; sightglass-agent journal tells what was"),
                 {shown(pathOf(wanted))},
                 {}});
}

}
