#include "agent/commands.h"

#include <cstdio>
#include <cstring>

namespace {

using namespace sg;

const Option Workspace{"--workspace", "DIR", "the workspace folder; without it the embedded demo plant"};
const Option State{"--state", "DIR", "where state and journal lie; default: a folder per workspace under the user's state home"};
const Option Json{"--json", "", "one JSON object a line"};

struct Subcommand
{
    const char *name, *arguments, *help;
    std::vector<Option> options;
    int (*run)(const Arguments &);
};

const std::vector<Subcommand> &subcommands()
{
    static const std::vector<Subcommand> all{
        {"run",
         "",
         "watch without a window; prints every transition as a line",
         {Workspace, State, {"--for", "DURATION", "stop by itself, e.g. 90s or 8h"}, Json},
         runCommand},
        {"journal",
         "",
         "what happened: every record, oldest first",
         {Workspace,
          State,
          Json,
          {"--from", "TIME", "ISO 8601 with zone, or a duration ago such as -8h"},
          {"--to", "TIME", "the same"},
          {"--limit", "N", "the newest N records"}},
         journalCommand},
        {"alarms",
         "",
         "alarms that are not normal, unacknowledged first",
         {Workspace, State, Json, {"--all", "", "normal ones too"}},
         alarmsCommand},
        {"ack",
         "RULE [KEY] | OCCURRENCE",
         "acknowledge; the answer comes after it is durable",
         {Workspace, State, {"--as", "NAME", "who acknowledges; default: this user"}, {"--note", "TEXT", "kept in the journal"}},
         ackCommand},
        {"series", "[SELECTOR]", "last value of every series", {Workspace, State, Json}, seriesCommand},
        {"export",
         "FILE.csv",
         "the journal as CSV (RFC 4180)",
         {Workspace, State, {"--from", "TIME", "ISO 8601 with zone, or a duration ago"}, {"--to", "TIME", "the same"}},
         exportCommand},
        {"check", "", "read the workspace and name every fault; connects nowhere", {Workspace, State}, checkCommand},
    };
    return all;
}

void printUsage(std::FILE *out, const Subcommand *one)
{
    if (one == nullptr) {
        std::fprintf(out,
                     "sightglass-agent: watches processed Kafka, MQTT and PostgreSQL data and keeps alarms, without a window.\n\nusage: "
                     "sightglass-agent COMMAND [options]\n\n");
        for (const Subcommand &command : subcommands())
            std::fprintf(out, "  %-10s %-26s %s\n", command.name, command.arguments, command.help);
        std::fprintf(out,
                     "\nsightglass-agent COMMAND --help lists its options. Exit code: 0 done, 1 failed or refused, 2 wrong "
                     "use,\n3 (run) another process evaluates this state folder already: sightglass --attach opens a window on it.\n");
        return;
    }
    std::fprintf(out, "usage: sightglass-agent %s %s [options]\n\n%s\n\n", one->name, one->arguments, one->help);
    for (const Option &option : one->options)
        std::fprintf(out, "  %-24s %s\n", (std::string(option.name) + " " + option.value).c_str(), option.help);
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
        return command.run(*arguments);
    }
    if (!name.empty())
        std::fprintf(stderr, "sightglass-agent: unknown command '%s'\n\n", name.c_str());
    printUsage(stderr, nullptr);
    return ExitUsage;
}
