#pragma once

#include "workspace/ruletests.h"

namespace sg {

// What one rule test gave. `failures` is empty when it passed; each is one or more lines and begins with file and line.
struct RuleTestOutcome
{
    std::vector<std::string> failures;
};

// Runs the workspace's rules over the samples of the test, by the same Evaluator as live watching, with the test's own clock. Looks at no
// clock; touches the disk (a temporary state) only when the test has restarts.
RuleTestOutcome runRuleTest(const Workspace &workspace, const RuleTest &test);

}
