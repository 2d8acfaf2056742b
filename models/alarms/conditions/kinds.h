#pragma once

#include "alarms/condition.h"

// One file per condition; conditionkinds.cpp has their rows in the order in which a form offers them.
namespace sg {

ConditionKind levelsKind();
ConditionKind equalsKind();
ConditionKind notEqualsKind();
ConditionKind absenceKind();
ConditionKind freshnessKind();
ConditionKind stateChangeKind();
ConditionKind whenKind();
ConditionKind missingKind(); // no test of the grammar: see missingRuleOf()
// The rule of the alarm that `on_missing: separate` asks for.
std::shared_ptr<const Rule> missingRuleOf(const Rule &rule);

Priority priorityOf(std::string_view name, Priority otherwise);
Micros durationOf(const Node &settings, std::string_view key, Micros otherwise = Micros{0}); // of a map that was checked
std::span<const char *const> priorityNames();

}
