#pragma once

#include "core/batch.h"
#include "workspace/workspace.h"

// Tests of rules, written beside them in tests/*.yaml of a workspace; see "Rule tests" in the README. Times count from the start of a test.
namespace sg {

struct RuleTestSample
{
    Micros t{0}; // its stamp
    Micros arrives{0};
    double value = 0;
    std::string text; // of a state series
    Quality quality = Quality::Good;
};
struct RuleTestSeries
{
    std::string path;
    ValueKind kind = ValueKind::Number;
    std::vector<RuleTestSample> samples;
};
struct RuleTestAction
{
    Micros at{0};
    Verb verb = Verb::Acknowledge;
    std::string rule, path; // empty: any
    std::string by, reason;
    std::optional<Micros> lasts; // of a shelf
};
struct RuleTestState
{
    Micros at{0};
    std::string rule, path, state, level; // level empty: any
    std::string place;
};
struct RuleTest
{
    std::string name;
    std::string place; // "tests/press.yaml:3"
    std::vector<std::string> rules; // empty: all of the workspace
    std::vector<RuleTestSeries> series;
    std::vector<Micros> restarts;
    std::vector<RuleTestAction> actions;
    std::vector<RuleTestState> states;
    std::optional<std::vector<std::string>> journal; // "50s RAISED press-hot press/L1/P-07/temp high"
    std::string journalPlace;
    Micros end{0};
};
struct RuleTests
{
    std::vector<RuleTest> tests;
    std::vector<Error> errors; // each names file and line; a test with a fault is left out
};

RuleTests readRuleTests(std::string_view text, const std::string &file); // one file
RuleTests readRuleTestsOf(const std::string &folder); // all of a workspace

}
