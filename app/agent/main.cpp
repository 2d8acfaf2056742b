#include "agent/alarmchoice.h"
#include "agent/commands.h"
#include "agent/consenting.h"

#include "core/text.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>

namespace {

using namespace sg;

const Option Workspace{"--workspace", "DIR", "the workspace folder; without it the embedded demo plant"};
const Option State{"--state", "DIR", "where state and journal lie; default: a folder per workspace under the user's state home"};
const Option Json{"--json", "", "one JSON object a line"};

struct Subcommand
{
    const char *name, *arguments, *help;
    std::vector<Option> options;
    std::function<int(const Arguments &)> run;
};

Subcommand subcommandOf(const VerbCommand &command)
{
    Subcommand out{command.name,
                   AlarmArguments,
                   command.help,
                   {Workspace, State, {"--as", "NAME", "who does it; default: this user"}},
                   [command](const Arguments &arguments) { return actCommand(command, arguments); }};
    if (command.verb == Verb::Shelve) {
        out.options.push_back({"--for", "DURATION", "how long, e.g. 30min or 8h; at most 24h"});
        out.options.push_back({"--once", "", "until this alarm is over, instead of a time"});
    }
    if (command.verb == Verb::OutOfService)
        out.options.push_back({"--permit", "TEXT", "the work permit, or who allowed it; kept in the journal"});
    out.options.push_back({"--reason", "TEXT", "kept in the journal"});
    out.options.push_back({"--note", "TEXT", "the same"});
    return out;
}

std::vector<Subcommand> makeSubcommands()
{
    std::vector<Subcommand> all{
        {"run",
         "",
         "watch without a window; prints every transition as a line",
         {Workspace, State, {"--for", "DURATION", "stop by itself, e.g. 90s or 8h"}, Json, TrustOption},
         runCommand},
        {"journal",
         "",
         "what happened: every record, oldest first",
         {Workspace,
          State,
          Json,
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -8h"},
          {"--to", "TIME", "the same"},
          {"--limit", "N", "the newest N records"},
          {"--verify", "", "check the chain of all records instead: whether one was changed or left out"}},
         journalCommand},
        {"alarms",
         "",
         "alarms that are not normal, unacknowledged first",
         {Workspace, State, Json, {"--all", "", "normal ones too"}},
         alarmsCommand},
        {"apply",
         "",
         "put edits of the rules in force that wait because they close live alarms; names these first",
         {Workspace, State, {"--as", "NAME", "who applies; default: this user"}, {"--reason", "TEXT", "kept in the journal"}},
         applyCommand},
        {"explain",
         AlarmArguments,
         "why one alarm is as it is: samples, limit, timer, quality, rule, what happened",
         {Workspace, State},
         explainCommand},
        {"load-older",
         "SOURCE",
         "let the evaluator that runs load what the source's server still holds of the past; without alarms",
         {Workspace,
          State,
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -7d"},
          {"--to", "TIME", "the same; default: now"}},
         loadOlderCommand},
        {"rename",
         "SOURCE",
         "let history and alarms of a source take over the path that its file says now: other names for its labels, or another order",
         {Workspace, State, {"--as", "NAME", "who renames; default: this user"}, {"--reason", "TEXT", "kept in the journal"}},
         renameCommand},
        {"series", "[SELECTOR]", "last value of every series", {Workspace, State, Json}, seriesCommand},
        {"export",
         "FILE.csv",
         "the journal as CSV (RFC 4180)",
         {Workspace, State, {"--from", "TIME", "ISO 8601 with zone, or a duration ago"}, {"--to", "TIME", "the same"}},
         exportCommand},
        {"check",
         "",
         "read the workspace and name every fault, and what it would reach; connects nowhere without --connect",
         {Workspace, State, Json, {"--connect", "", "try the server of every source and route as well; nothing is sent"}, TrustOption},
         checkCommand},
        {"schema",
         "[FILE]",
         "the JSON Schema (draft-07) of a file of the workspace for an editor: workspace, tags, rules, dashboards, routes, tests",
         {},
         schemaCommand},
        {"routes",
         "",
         "who is told beyond the desk: last delivery, what waits, and why something does not arrive",
         {Workspace,
          State,
          Json,
          {"--messages", "", "the newest messages of each route as well"},
          {"--test", "ROUTE", "let the evaluator that runs send a test message"}},
         routesCommand},
        {"test-rules",
         "",
         "run the rule tests in tests/*.yaml of the workspace; connects nowhere",
         {{"--workspace", "DIR", "the workspace folder; default: this folder"}, {"--junit", "FILE", "the outcome for a CI server as well"}},
         testRulesCommand},
        {"backtest",
         "[WORKSPACE]",
         "the rules over stored readings: what would have been raised, and how an edited copy differs",
         {Workspace,
          State,
          {"--with", "DIR", "an edited copy of the workspace: what its rules add, remove and shift"},
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -7d; default: all that is stored"},
          {"--to", "TIME", "the same"},
          {"--rule", "ID", "only this rule"},
          {"--source", "ID[,ID]", "read the range of these sources from their Kafka or PostgreSQL server instead of the history"},
          TrustOption,
          {"--csv", "FILE", "every occurrence; with --with every difference"}},
         backtestCommand},
        {"advise",
         "RULE",
         "the deadband and delay that would have removed how many raises of a rule, at which cost",
         {Workspace,
          State,
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -30d; default: all that is stored"},
          {"--to", "TIME", "the same"},
          {"--all", "", "every row, also those that another one beats"}},
         adviseCommand},
        {"kpi",
         "[STATE]",
         "the KPI report of the alarm system out of the journal, graded",
         {Workspace,
          State,
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -30d; default: the whole journal"},
          {"--to", "TIME", "the same"},
          {"--csv", "DIR", "every table as a CSV file in this folder"},
          {"--rows", "KPI", "instead of the report the journal records that this number is made of"}},
         kpiCommand},
    };
    const auto behind
        = std::find_if(all.begin(), all.end(), [](const Subcommand &one) { return std::strcmp(one.name, "alarms") == 0; }) + 1;
    std::vector<Subcommand> verbs;
    for (const VerbCommand &command : verbCommands())
        verbs.push_back(subcommandOf(command));
    all.insert(behind, verbs.begin(), verbs.end());
    return all;
}

const std::vector<Subcommand> &subcommands()
{
    static const std::vector<Subcommand> all = makeSubcommands();
    return all;
}

void printUsage(std::FILE *out, const Subcommand *one)
{
    if (one == nullptr) {
        std::fprintf(out,
                     "sightglass-agent: watches processed Kafka, MQTT and PostgreSQL data and keeps alarms, without a window.\n\nusage: "
                     "sightglass-agent COMMAND [options]\n\n");
        for (const Subcommand &command : subcommands())
            std::fprintf(out, "  %-14s %-24s %s\n", command.name, command.arguments, command.help);
        std::fprintf(out,
                     "\nsightglass-agent COMMAND --help lists its options. Exit code: 0 done, 1 failed or refused, 2 wrong "
                     "use,\n3 (run) another process evaluates this state folder already: sightglass --attach opens a window on it, 130 "
                     "stopped by Ctrl-C.\n");
        return;
    }
    std::fprintf(out, "usage: sightglass-agent %s %s [options]\n\n%s\n\n", one->name, one->arguments, one->help);
    for (const Option &option : one->options)
        std::fprintf(out, "  %-24s %s\n", (std::string(option.name) + " " + option.value).c_str(), option.help);
}

// A word that a command knows nothing of is never passed over: "run FOLDER" would else watch another workspace than was meant.
int runWithWorkspace(const Subcommand &command, Arguments arguments)
{
    if (*command.arguments != '\0' || arguments.rest.empty())
        return command.run(arguments);
    if (arguments.rest.size() > 1 || arguments.has("--workspace")) {
        std::fprintf(stderr, "sightglass-agent %s: '%s' is one word too many; --help lists what it takes\n", command.name,
                     shown(arguments.rest.back()).c_str());
        return ExitUsage;
    }
    arguments.values["--workspace"] = arguments.rest.front();
    arguments.rest.clear();
    return command.run(arguments);
}

}

int main(int argc, char **argv)
{
    const std::string name = argc > 1 ? argv[1] : "";
    if (name == "--help" || name == "-h" || name == "help") {
        printUsage(stdout, nullptr);
        return ExitDone;
    }
    if (name == "--version") {
        std::puts("sightglass-agent " SG_VERSION);
        return ExitDone;
    }
    for (const Subcommand &command : subcommands()) {
        if (name != command.name)
            continue;
        for (int i = 2; i < argc; ++i) {
            if (std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0) {
                printUsage(stdout, &command);
                return ExitDone;
            }
        }
        const auto arguments = parseArguments(argc - 2, argv + 2, command.options);
        if (!arguments) {
            std::fprintf(stderr, "sightglass-agent %s: %s\n", command.name, arguments.error().plain().c_str());
            return ExitUsage;
        }
        return runWithWorkspace(command, *arguments);
    }
    if (!name.empty())
        std::fprintf(stderr, "sightglass-agent: unknown command '%s'\n\n", name.c_str());
    printUsage(stderr, nullptr);
    return ExitUsage;
}
