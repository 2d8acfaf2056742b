#pragma once

#include <string>
#include <vector>

// What judging costs, without sources and network. Each side runs in a process of its own.
namespace sg::bench {

std::vector<std::string> rateNames(); // threshold, deviation, window, state, absence, composite
// Prints "per_s": evaluations a second of processor time with 100,000 alarms of that condition, one sample a second each, one in a
// thousand of which raises and the next one clears; and "saving_per_s": the same with what changed collected once a second.
void measureRate(const std::string &name);
// Prints "ms": 10,000 alarms raised in 50 batches, each journaled and committed (with its sync) before the next is taken.
void measureStorm();
// Prints "s": 1,000 rules, each with a test of its own.
void measureRuleTests();
// Prints "per_s": samples a second of processor time of a backtest of 20 series with 250,000 stored samples each. backtestrate.cpp
void measureBacktest();

}
