#pragma once

#include "alarms/rule.h"

namespace sg {

// A rule as its editor has it at this moment, whether a file holds it or not. A value, what it points to is immutable: pages of the
// editor may keep it and give it to a worker. Compare `text` to see whether anything changed.
struct RuleDraft
{
    std::string id;
    std::string file; // of the workspace, where it stands or will stand: "rules/press.yaml"
    std::string text; // the item as lines of YAML, without the file's defaults
    std::shared_ptr<const Rule> rule; // defaults filled in; null while there are faults
    std::vector<Error> faults; // in the parser's own sentences
    std::shared_ptr<const Rule> saved; // the version that the file holds; null: the rule is new
};

}
