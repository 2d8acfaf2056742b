#pragma once

#include "agent/arguments.h"

#include "core/batch.h"

#include <span>

// One function a subcommand. They print to stdout, errors to stderr, and return the exit code: 0 done, 1 failed or refused, 2 wrong use,
// 3 another process evaluates this state folder.
namespace sg {

constexpr int ExitDone = 0;
constexpr int ExitFailed = 1;
constexpr int ExitUsage = 2;
constexpr int ExitHeld = 3;
constexpr int ExitStopped = 130; // Ctrl-C: what was done so far was printed

int runCommand(const Arguments &arguments);
int journalCommand(const Arguments &arguments);
int alarmsCommand(const Arguments &arguments);
int seriesCommand(const Arguments &arguments);
int exportCommand(const Arguments &arguments);
int checkCommand(const Arguments &arguments);
int testRulesCommand(const Arguments &arguments);
int applyCommand(const Arguments &arguments);
int explainCommand(const Arguments &arguments);
int loadOlderCommand(const Arguments &arguments);
int renameCommand(const Arguments &arguments);
int backtestCommand(const Arguments &arguments);
int adviseCommand(const Arguments &arguments);
int routesCommand(const Arguments &arguments);
int kpiCommand(const Arguments &arguments);
int schemaCommand(const Arguments &arguments);

// What an operator does with alarms: all the same but for the verb.
struct VerbCommand
{
    const char *name; // of the subcommand
    Verb verb;
    const char *done; // what it says then
    const char *help;
};
std::span<const VerbCommand> verbCommands();
int actCommand(const VerbCommand &command, const Arguments &arguments);
std::string actorOf(const Arguments &arguments); // --as NAME, else this user; at this machine

// --state DIR, else the folder that belongs to --workspace DIR, else the demo's.
Result<std::string> stateFolderOf(const Arguments &arguments);
int fail(const Error &error);
// An option such as --from: ISO 8601 with zone, or a duration ago such as -8h.
Result<Time> timeOption(const Arguments &arguments, const char *name, Time otherwise);

}
