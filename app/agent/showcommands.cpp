#include "agent/commands.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/times.h"
#include "export/exporter.h"
#include "state/statefile.h"

#include <charconv>
#include <cstdio>

namespace sg {

namespace {

Result<Time> timeOf(const std::string &text, Time otherwise)
{
    if (text.empty())
        return otherwise;
    if (text.front() == '-') {
        const auto ago = parseDuration(text);
        if (!ago)
            return ago.error();
        return std::chrono::floor<Micros>(std::chrono::system_clock::now()) + *ago;
    }
    return parseIso(text);
}

Result<std::unique_ptr<StateReader>> openReader(const Arguments &arguments)
{
    const auto folder = stateFolderOf(arguments);
    if (!folder)
        return folder.error();
    return StateReader::open(*folder);
}

Result<JournalQuery> queryOf(const Arguments &arguments)
{
    JournalQuery query;
    const auto from = timeOption(arguments, "--from", NoTime);
    if (!from)
        return from.error();
    const auto to = timeOption(arguments, "--to", Time::max());
    if (!to)
        return to.error();
    query.from = *from;
    query.to = *to;
    return query;
}

}

Result<Time> timeOption(const Arguments &arguments, const char *name, Time otherwise)
{
    const auto time = timeOf(arguments.value(name), otherwise);
    return time ? time : Result<Time>(Error{SG_TR("%1: %2"), {name, time.error().plain()}, {}});
}

int fail(const Error &error)
{
    std::fprintf(stderr, "%s\n", error.plain().c_str());
    return ExitFailed;
}

Result<std::string> stateFolderOf(const Arguments &arguments)
{
    if (arguments.has("--state"))
        return arguments.value("--state");
    if (arguments.has("--workspace"))
        return stateFolderFor(arguments.value("--workspace"));
    const auto demo = demoFolder();
    if (!demo)
        return demo.error();
    return stateFolderFor(*demo);
}

int journalCommand(const Arguments &arguments)
{
    const auto reader = openReader(arguments);
    if (!reader)
        return fail(reader.error());
    if (arguments.has("--verify")) {
        const auto verified = (*reader)->verifyJournal();
        if (!verified)
            return fail(verified.error());
        std::puts("the chain of the journal is whole: every record follows from the one before it");
        return ExitDone;
    }
    auto query = queryOf(arguments);
    if (!query)
        return fail(query.error());
    const auto print = [&](const JournalRow &row) { std::printf("%s\n", (arguments.has("--json") ? jsonOf(row) : lineOf(row)).c_str()); };
    if (arguments.has("--limit")) {
        const std::string text = arguments.value("--limit");
        if (std::from_chars(text.data(), text.data() + text.size(), query->limit).ec != std::errc() || query->limit == 0)
            return fail({SG_TR("--limit: '%1' is not a number of records"), {text}, {}});
        query->isNewestFirst = true;
        auto rows = (*reader)->journal(*query);
        if (!rows)
            return fail(rows.error());
        std::for_each(rows->rbegin(), rows->rend(), print);
        return ExitDone;
    }
    while (true) {
        const auto rows = (*reader)->journal(*query);
        if (!rows)
            return fail(rows.error());
        std::for_each(rows->begin(), rows->end(), print);
        if (rows->size() < query->limit)
            return ExitDone;
        query->afterSeq = rows->back().seq;
    }
}

int alarmsCommand(const Arguments &arguments)
{
    const auto reader = openReader(arguments);
    if (!reader)
        return fail(reader.error());
    auto instances = (*reader)->instances();
    if (!instances)
        return fail(instances.error());
    if (!arguments.has("--all"))
        std::erase_if(*instances, [](const InstanceState &i) { return project(i.regions) == AlarmState::Normal; });
    std::stable_sort(instances->begin(), instances->end(), [](const InstanceState &a, const InstanceState &b) {
        const bool aUnacked = a.regions.ack == AckRegion::Unacked, bUnacked = b.regions.ack == AckRegion::Unacked;
        return aUnacked != bUnacked ? aUnacked : a.regions.raised > b.regions.raised;
    });
    for (const InstanceState &i : *instances) {
        const std::string path = i.field.empty() ? i.key : i.key + "/" + i.field;
        const std::string raised = i.regions.raised == NoTime ? std::string() : formatUtc(i.regions.raised);
        if (arguments.has("--json")) {
            std::printf("{\"state\":%s,\"rule\":%s,\"key\":%s,\"field\":%s,\"level\":%s,\"raised\":%s,\"value\":%s,\"limit\":%s,"
                        "\"occurrence\":\"%s\",\"seq\":%u}\n",
                        jsonText(nameOf(project(i.regions))).c_str(), jsonText(i.rule).c_str(), jsonText(i.key).c_str(),
                        jsonText(i.field).c_str(), jsonText(nameOf(i.regions.level)).c_str(), jsonText(raised).c_str(),
                        formatNumber(i.value).empty() ? "null" : formatNumber(i.value).c_str(),
                        formatNumber(i.limit).empty() ? "null" : formatNumber(i.limit).c_str(), hex(i.regions.occurrence).c_str(),
                        i.regions.seq);
            continue;
        }
        std::printf("%-24s  %-24s  %-32s  %s  %s%s  %s\n", nameOf(project(i.regions)), shown(i.rule).c_str(), shown(path).c_str(),
                    raised.c_str(), formatNumber(i.value).c_str(),
                    formatNumber(i.limit).empty() ? "" : (" limit " + formatNumber(i.limit)).c_str(), hex(i.regions.occurrence).c_str());
    }
    return ExitDone;
}

int seriesCommand(const Arguments &arguments)
{
    std::optional<Selector> selector;
    if (!arguments.rest.empty()) {
        auto parsed = Selector::parse(arguments.rest.front());
        if (!parsed)
            return fail(parsed.error());
        selector = std::move(*parsed);
    }
    const auto reader = openReader(arguments);
    if (!reader)
        return fail(reader.error());
    const auto values = (*reader)->lastValues();
    if (!values)
        return fail(values.error());
    for (const StateReader::LastValue &last : *values) {
        if (selector && !selector->matches(last.path))
            continue;
        const std::string value = last.kind == ValueKind::State ? last.text : formatNumber(last.row.value);
        if (arguments.has("--json")) {
            const bool isNumber = last.kind == ValueKind::Number && !value.empty() && value != "inf" && value != "-inf";
            std::printf("{\"series\":%s,\"t\":\"%s\",\"value\":%s}\n", jsonText(last.path).c_str(), formatUtc(last.row.t).c_str(),
                        isNumber            ? value.c_str()
                            : value.empty() ? "null"
                                            : jsonText(value).c_str());
        } else {
            std::printf("%-48s  %s  %s\n", shown(last.path).c_str(), formatUtc(last.row.t).c_str(),
                        value.empty() ? "-" : shown(value).c_str());
        }
    }
    return ExitDone;
}

int exportCommand(const Arguments &arguments)
{
    if (arguments.rest.size() != 1) {
        std::fprintf(stderr, "usage: sightglass-agent export FILE.csv\n");
        return ExitUsage;
    }
    const auto reader = openReader(arguments);
    if (!reader)
        return fail(reader.error());
    const auto query = queryOf(arguments);
    if (!query)
        return fail(query.error());
    // The name of the workspace, and whether it is the demo, stand in every export.
    const auto workspace = openWorkspace(arguments.value("--workspace"), arguments.value("--state"));
    ExportOptions options;
    options.path = arguments.rest.front();
    options.version = SG_VERSION;
    options.made = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    if (workspace) {
        options.workspace = (*workspace)->name;
        options.isDemo = (*workspace)->isDemo;
    }
    const auto done = exportJournal(**reader, *query, options);
    if (!done)
        return fail(done.error());
    std::printf("%llu records in %s\n", static_cast<unsigned long long>(done->rows), options.path.c_str());
    return ExitDone;
}

}
