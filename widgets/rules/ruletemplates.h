#pragma once

#include "core/node.h"

#include <span>
#include <string_view>

namespace sg {

// A rule for a common machine, without the series that it is for. See templates.yaml.
struct RuleTemplate
{
    std::string id, title;
    std::string unit; // that its numbers are of; empty: any
    std::vector<std::string> fits; // words in the names of the fields that it is usually for
    std::vector<std::string> otherFits; // of the second series; empty: it needs none
    Node rule;
};

const std::vector<RuleTemplate> &ruleTemplates(); // those of the program
std::string_view ruleTemplateText();

// The item of a rule of this template. `labels`: of the path of the series' source, so that the second series is that of the same machine.
Node filledIn(const RuleTemplate &made, const std::string &series, const std::string &other, const std::vector<std::string> &labels);
// Which of the selectors its words mean best; 0 where none does. REQUIRES: !selectors.empty().
std::size_t bestFor(const std::vector<std::string> &words, std::span<const std::string> selectors);

}
