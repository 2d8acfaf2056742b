#pragma once

#include "agent/arguments.h"

// One function a subcommand. They print to stdout, errors to stderr, and return the exit code: 0 done, 1 failed or refused, 2 wrong use,
// 3 another process evaluates this state folder.
namespace sg {

constexpr int ExitDone = 0;
constexpr int ExitFailed = 1;
constexpr int ExitUsage = 2;
constexpr int ExitHeld = 3;

int runCommand(const Arguments &arguments);
int journalCommand(const Arguments &arguments);
int alarmsCommand(const Arguments &arguments);
int seriesCommand(const Arguments &arguments);
int exportCommand(const Arguments &arguments);
int ackCommand(const Arguments &arguments);
int checkCommand(const Arguments &arguments);

// --state DIR, else the folder that belongs to --workspace DIR, else the demo's.
Result<std::string> stateFolderOf(const Arguments &arguments);
int fail(const Error &error);

}
