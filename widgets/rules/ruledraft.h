#pragma once

#include "alarms/rule.h"
#include "widgets/forms/fieldsform.h"

namespace sg {

struct Workspace;

// A rule as its editor has it at this moment, whether a file holds it or not. A value, what it points to is immutable: pages of the
// editor may keep it and give it to a worker. Compare `text` to see whether anything changed.
struct RuleDraft
{
    std::string id;
    std::string file; // of the workspace, where it stands or will stand: "rules/press.yaml"
    std::string text; // the item as lines of YAML, without the file's defaults
    Node item; // with the defaults; as far as it can be read when there are faults
    std::shared_ptr<const Rule> rule; // null while there are faults
    std::vector<Error> faults; // in the parser's own sentences
    std::shared_ptr<const Rule> saved; // the version that the file holds; null: the rule is new
};

// What a draft is judged by. UI thread.
struct DraftGround
{
    const Workspace &workspace;
    std::shared_ptr<const Rule> saved;
    std::string file;
    Node defaults; // of that file
    std::function<Result<std::string>(const std::string &path)> readText; // never waits
};

constexpr const char *TestFault = "test"; // FieldFault::path of "has no test": the fields of the chosen condition are empty

// Reads what a form says. `faults`: the same as RuleDraft::faults, each with the key that it is about. Pure.
RuleDraft makeDraft(const std::string &id, const FormValues &values, const DraftGround &ground, std::vector<FieldFault> &faults);

// The file's own map of defaults, a text in several languages as one of them; empty when the file says none.
Node defaultsOf(const std::string &fileText, const std::string &file);

}
