#pragma once

#include <map>
#include <string>
#include <vector>

namespace sg::bench {

// What one side of a comparison printed: "NAME VALUE" lines.
using Figures = std::map<std::string, double>;

// Runs this very program again with these arguments, in a process of its own, and reads its figures. Ends the bench on failure.
Figures runSelf(const std::vector<std::string> &arguments);

struct Spread
{
    double median = 0, least = 0, most = 0;
};
Spread spreadOf(std::vector<double> values);
void print(const char *side, const char *unit, const Spread &spread);
// The one line that scripts read.
void figure(const char *name, double value, const char *unit);
void must(bool condition, const char *what); // ends the bench, loudly

}
