#include "agent/alarmchoice.h"
#include "agent/alone.h"
#include "agent/commands.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "core/text.h"
#include "core/times.h"
#include "engine/attachedsession.h"
#include "engine/commandsocket.h"

#include <cmath>
#include <cstdio>

namespace sg {

namespace {

constexpr Micros Before = std::chrono::minutes(10), After = std::chrono::minutes(1);
constexpr std::size_t MostSamplesBefore = 10, MostSamplesAfter = 5; // around the raise
constexpr std::size_t MostLookedAt = 20'000; // records of the journal, for an alarm that was never raised

const char *wordOf(ConditionRegion condition)
{
    switch (condition) {
    case ConditionRegion::Normal:
        return "not met";
    case ConditionRegion::PendingOn:
        return "met, the on delay runs";
    case ConditionRegion::Active:
        return "met";
    case ConditionRegion::PendingOff:
        return "over, the off delay runs";
    }
    return "";
}

const char *wordOf(QualityRegion quality)
{
    switch (quality) {
    case QualityRegion::Good:
        return "good";
    case QualityRegion::Uncertain:
        return "uncertain";
    case QualityRegion::Stale:
        return "stale";
    case QualityRegion::NoData:
        return "no data";
    case QualityRegion::Error:
        return "error";
    case QualityRegion::Unknown:
        return "unknown";
    }
    return "";
}

void say(const char *what, const std::string &text)
{
    if (!text.empty())
        std::printf("%-12s  %s\n", what, text.c_str());
}

std::string since(Time t, Time now)
{
    return t == NoTime ? std::string() : " since " + formatUtc(t) + " (" + formatDuration(std::max(now - t, Micros{0})) + ")";
}

// A delay of the level that it has or is about to have, else the rule's.
Micros delayOf(const AlarmView &alarm, const char *which, Micros otherwise)
{
    const Node &level = alarm.rule->settings[nameOf(alarm.regions.level)];
    const auto own = parseDuration(level.text(which));
    return own ? *own : otherwise;
}

std::string timerOf(const AlarmView &alarm)
{
    const Regions &r = alarm.regions;
    const bool isOn = r.condition == ConditionRegion::PendingOn;
    if (r.t0 == NoTime || (!isOn && r.condition != ConditionRegion::PendingOff))
        return "none runs";
    const Micros delay = isOn ? delayOf(alarm, "on_delay", alarm.rule->onDelay) : delayOf(alarm, "off_delay", alarm.rule->offDelay);
    return std::string(isOn ? "on" : "off") + " delay since " + formatUtc(r.t0)
        + (delay > Micros{0} ? ", of " + formatDuration(delay) : std::string());
}

// What its rule compares with, level by level.
std::string levelsOf(const Rule &rule)
{
    std::string out;
    for (const Level level : {Level::LowLow, Level::Low, Level::High, Level::HighHigh}) {
        const Node &settings = rule.settings[nameOf(level)];
        const std::string limit = settings.kind == Node::Kind::Scalar ? settings.scalar : settings.text("limit");
        if (!limit.empty())
            out += (out.empty() ? "" : ", ") + std::string(nameOf(level)) + " " + shown(limit);
    }
    return out;
}

void sayStanding(const AlarmView &alarm)
{
    const Regions &r = alarm.regions;
    const std::string who = alarm.suppressedBy.empty()
        ? std::string()
        : " by " + shown(alarm.suppressedBy) + (alarm.suppressedWhy.empty() ? std::string() : ": " + shown(alarm.suppressedWhy));
    if (r.suppression & Shelved)
        say("shelved", "until " + formatUtc(alarm.shelvedUntil) + who);
    if (r.suppression & OutOfServiceFlag)
        say("service", "out of service, permit " + shown(alarm.permit) + who);
    if (r.suppression & SuppressedByDesign)
        say("suppressed", "by suppress_when of its rule: " + shown(alarm.suppressedCause));
    if (!r.isEnabled && !who.empty())
        say("disabled", who.substr(1));
    if (!alarm.note.empty())
        say("note", formatUtc(alarm.notedAt) + " " + shown(alarm.notedBy) + ": " + shown(alarm.note));
    if (alarm.isFirstOut)
        say("first out", "the first of the open alarms of its area");
    if (alarm.isChattering)
        say("chatters", "raised " + std::to_string(alarm.raisesInMinute) + " times within a minute");
    if (alarm.lateBy > Micros{0})
        say("late", "found out " + formatDuration(alarm.lateBy) + " after it began");
}

// What the alarm saw: the samples before the raise (else before now) and the first ones after it.
void saySamples(const Snapshot &snapshot, const AlarmView &alarm)
{
    for (std::size_t n = 0; n < snapshot.series.size(); ++n) {
        const SeriesRow &series = snapshot.series.at(n);
        if (!series.path || *series.path != alarm.path)
            continue;
        const Time at = alarm.regions.raised != NoTime ? alarm.regions.raised : snapshot.reference;
        std::vector<Row> rows;
        std::size_t after = 0;
        readRows(series.view, at - Before, at + After, [&](const Row &row) {
            if (row.t > at && ++after > MostSamplesAfter)
                return false;
            rows.push_back(row);
            if (row.t <= at && rows.size() > MostSamplesBefore)
                rows.erase(rows.begin());
            return true;
        });
        std::printf("\nsamples of %s\n", shown(*series.path).c_str());
        for (const Row &row : rows) {
            const std::string text = series.kind == ValueKind::State ? snapshot.textOf(row.value) : formatNumber(row.value);
            const char *quality = row.quality == Quality::Good ? "" : row.quality == Quality::Uncertain ? "  uncertain" : "  bad";
            std::printf("  %s  %s%s%s\n", formatUtc(row.t).c_str(), text.empty() ? "-" : shown(text).c_str(), quality,
                        row.t == at ? "  <- raised" : "");
        }
        if (rows.empty())
            std::puts("  none is kept of this time");
        return;
    }
    std::printf("\nsamples: it watches no single series (%s)\n", shown(alarm.path).c_str());
}

Result<Done> sayChain(const StateReader &reader, const AlarmView &alarm)
{
    JournalQuery query;
    query.occurrence = alarm.regions.occurrence;
    if (query.occurrence == 0) {
        query.isNewestFirst = true;
        query.limit = MostLookedAt;
    }
    auto rows = reader.journal(query);
    if (!rows)
        return rows.error();
    std::erase_if(*rows,
                  [&](const JournalRow &row) { return row.rule != alarm.rule->id || row.key != alarm.key || row.field != alarm.field; });
    if (query.isNewestFirst)
        std::reverse(rows->begin(), rows->end());
    std::puts("\njournal");
    for (const JournalRow &row : *rows)
        std::printf("  %s\n", lineOf(row).c_str());
    if (rows->empty())
        std::puts("  no record");
    return Done();
}

Result<Done> explain(const Snapshot &snapshot, const StateReader &reader, const AlarmView &alarm)
{
    const Regions &r = alarm.regions;
    std::printf("%s  %s  %s\n", nameOf(project(r)), shown(alarm.rule->id).c_str(), shown(alarm.path).c_str());
    say("what", shown(alarm.rule->name) + ", priority " + nameOf(alarm.priority));
    if (r.occurrence != 0)
        say("occurrence",
            hex(r.occurrence) + ", raised " + (r.raised == NoTime ? "-" : formatUtc(r.raised)) + ", found "
                + (r.detected == NoTime ? "-" : formatUtc(r.detected)) + ", seq " + std::to_string(r.seq));
    say("condition", wordOf(r.condition) + (r.level > Level::On ? std::string(", level ") + nameOf(r.level) : std::string()));
    const std::string value = alarm.valueText.empty() ? formatNumber(alarm.value) : shown(alarm.valueText);
    say("value",
        (value.empty() ? "-" : value) + (alarm.lastSample == NoTime ? "" : ", newest" + since(alarm.lastSample, snapshot.reference)));
    const std::string limit = formatNumber(alarm.limit);
    say("limit", limit.empty() ? levelsOf(*alarm.rule) : limit);
    say("timer", timerOf(alarm));
    const std::string why = alarm.why.plain();
    say("because", shown(alarm.because.plain()));
    say("quality",
        wordOf(r.quality) + (why.empty() ? std::string() : ": " + shown(why))
            + (alarm.isStale ? ", its source is lost; last value"
                       + (alarm.lastSample == NoTime ? std::string(" not known") : " " + formatUtc(alarm.lastSample))
                             : std::string()));
    sayStanding(alarm);
    say("rule", hex(alarm.rule->hash) + ", " + shown(alarm.rule->file) + ":" + std::to_string(alarm.rule->line));
    say("cause", shown(alarm.rule->cause));
    say("do", shown(alarm.rule->action));
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
