#pragma once

#include "alarms/hours.h"
#include "core/fields.h"
#include "core/selector.h"
#include "core/tags.h"

#include <functional>
#include <map>
#include <memory>

namespace sg {

enum class Priority : std::uint8_t { Low, Medium, High, Urgent };
enum class Audience : std::uint8_t { Operator, Engineer, Event };
enum class Latch : std::uint8_t { None, UntilAck, UntilReset };
const char *nameOf(Priority priority); // "low", as in the grammar
const char *nameOf(Audience audience);

// A key by its path labels and their values, in the order of the source's path.
using KeyLabels = std::vector<std::pair<std::string, std::string>>;

// What a rule looks at beside its own series.
struct RuleInput
{
    enum class Use : std::uint8_t { Expression, Other, Limit, Suppress };
    Use use = Use::Expression;
    std::string name; // in expressions; the level of a limit
    std::optional<Selector> series; // {x} is the subject's label x
    std::string rule; // else: the alarms of this rule with the same labels
    std::vector<std::pair<std::string, std::string>> join; // our label, theirs, where the names differ
};

// Suppressed by design while this is true, and `settle` longer.
struct SuppressWhen
{
    std::vector<std::string> values; // texts or numbers; empty: while the alarm of the rule is active
    bool isNegated = false;
    Micros settle{0};
};

// limits_from: cells by level and key; see limitstable.h.
class LimitsTable;
class Expression;

enum class OnMissing : std::uint8_t { Hold, Raise, ClearAfter, Separate };
enum class Unlisted : std::uint8_t { Watch, Event, Ignore };

// A rule is text made into values: no state, no pointer into the engine. Immutable, shared between threads as const.
struct Rule
{
    std::string id;
    std::string name; // `name`, else id
    std::string area; // own, else of the defaults
    bool isAreaOwn = false; // else a tag's area goes before it
    std::string cause, consequence, action;
    Priority priority = Priority::Medium;
    Audience audience = Audience::Operator;
    bool isEnabled = true;
    Selector series;
    std::vector<std::pair<std::string, std::vector<std::string>>> only, except; // label and the values it may, or may not, have
    std::vector<KeyLabels> expected; // absence: keys that must exist although nothing was ever received from them
    std::string kind; // row of conditionKinds(): "levels", "equals", "absence" ...
    std::string measure; // row of measureKinds(); empty: the value itself
    bool hasSeries = true; // else `series` matches nothing: an expression over other alarms
    bool isGrouped = false; // one alarm for all series with the same values of these labels
    std::vector<std::string> per;
    std::vector<std::string> topics; // of lag: which topics count, {x} for any part
    std::vector<RuleInput> inputs; // set n + 1 of an alarm's inputs
    std::shared_ptr<const Expression> when;
    std::optional<SuppressWhen> suppress;
    std::optional<Hours> hours; // suppressed by design outside of them
    bool isDerived = false; // made of another rule: what `on_missing: separate` raises
    std::shared_ptr<const LimitsTable> limits;
    Latch latch = Latch::None;
    bool isAckAuto = false;
    OnMissing onMissing = OnMissing::Hold;
    Micros clearAfter{0}; // of OnMissing::ClearAfter
    Unlisted unlisted = Unlisted::Watch;
    Micros warmup{0}; // after the first sample nothing is raised for this long
    std::size_t minSamples = 0;
    Micros realarm{0}; // 0: never
    unsigned realarmTimes = 0;
    Micros forgetAfter{0}; // 0: never
    bool isLateShown = false; // late: annunciate
    Node settings; // the whole item, defaults filled in
    Micros onDelay{0}, offDelay{0};
    std::string text; // the item as in the file; kept in the state file so that a broken edit leaves it running
    std::string file; // "rules/press.yaml"
    int line = 0;
    std::uint64_t hash = 0; // of text with defaults: the journal's rule version
    std::uint64_t measureHash = 0; // of what is measured; 0: the value itself
    std::uint64_t inputsHash = 0; // of everything that decides what an alarm looks at; 0: nothing but its series
    std::uint64_t conditionHash = 0; // of what decides the condition alone (rule 25); delays, texts and priority are not in it
};

// Whether the rule is about this series, by its path alone.
bool isAbout(const Rule &rule, std::string_view path);

// What a rule needs of the workspace around it. The workspace owns the files and their bounds.
struct RuleSurroundings
{
    std::function<Result<std::string>(const std::string &path)> readText; // a file inside the workspace; empty: there are none
    // Source id -> path labels in order. Null: selectors and labels are not checked, and expected keys take the file's column order.
    const std::map<std::string, std::vector<std::string>> *pathLabels = nullptr;
    std::string zone; // of hours that name none; empty: this machine's
};

// Reads one item of rules/*.yaml. `defaults` is the file's own map of defaults. `text` is the item as written.
Result<std::shared_ptr<const Rule>> readRule(const Node &item, const Node &defaults, std::string text, const RuleSurroundings &around = {});
// Every fault of the item, where readRule() returns the first. Empty: readRule() takes it.
std::vector<Error> checkRule(const Node &item, const Node &defaults, const RuleSurroundings &around = {});

// The common keys and, for each kind, its own: for the check, the form and the help.
Fields commonRuleFields();

struct RefusedRule
{
    std::string id; // may be empty
    std::vector<Error> errors;
    std::shared_ptr<const Rule> keeps; // the last valid version that stays, if there is one
};

struct RuleSet
{
    std::vector<std::shared_ptr<const Rule>> rules; // unique ids, file order
    std::vector<RefusedRule> refused;
};

}
