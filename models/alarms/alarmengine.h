#pragma once

#include "alarms/transition.h"

#include <map>
#include <unordered_map>

namespace sg {

// What is saved of one alarm instance.
struct InstanceState
{
    std::string rule, key, field;
    std::uint64_t conditionHash = 0; // of the rule version that the state bytes belong to
    Regions regions;
    std::vector<std::byte> condition;
    double value = std::numeric_limits<double>::quiet_NaN(), limit = std::numeric_limits<double>::quiet_NaN();
    bool isGone = false; // evicted: delete it
};

// An instance as readers see it.
struct AlarmView
{
    std::shared_ptr<const Rule> rule;
    std::string area; // the rule's, else the tag's, else of the defaults
    std::string key, field, path; // path of the series it watches; of the key when it watches a whole key
    Regions regions;
    Priority priority = Priority::Medium; // of the level it has (or had, when returned)
    double value = std::numeric_limits<double>::quiet_NaN(), limit = std::numeric_limits<double>::quiet_NaN();
    std::string valueText;
    Time lastSample = NoTime;
    std::string origin;
    Time shelvedUntil = NoTime; // while it is shelved
    std::string suppressedBy, suppressedWhy; // who shelved it, took it out of service or disabled it, and why
    std::string permit; // under which it is out of service
    std::string suppressedCause; // suppressed by design: the series or the alarm that says so
    bool isFirstOut = false; // the first of the open alarms of its area
    bool isChattering = false;
    std::uint32_t raisesInMinute = 0; // up to now: "5th in 60 s"
    Micros lateBy{0}; // 28: found out so long after it began; 0: in time
    Error why; // why its quality is unknown: "the window is covered 40 %, 80 % are needed"
    Error because; // while it is active: "83 is above high 80"
    Error became; // and once it is over: what that was
    Time soundsFrom = NoTime; // not before: its source catches up, it chatters, or many shelves end at once
    bool isStale = false; // its source is lost: what it shows is of lastSample
    std::string note, notedBy; // newest note on it
    Time notedAt = NoTime;
    std::string notes; // of the message that began its occurrence, see core/notes.h
};

// Many alarms at once: more than 10 sounded within 10 min in one area, until there are fewer than 5.
struct Flood
{
    std::string area;
    Time since = NoTime;
    std::size_t count = 0, peak = 0; // within the last 10 min
    std::string firstOut; // path of the alarm that began it
};

// One alarm that sounded three times or more within a minute.
struct Chatter
{
    std::shared_ptr<const Rule> rule;
    std::string path;
    Time last = NoTime;
};

struct Outcome
{
    bool isDone = false;
    Error says; // also of a success that needs a word: "raised again 0.4 s later; the newer stays unacknowledged"
};

// When a sample of this series counts as seen: the Evaluator's Timing answers.
class EventClock
{
public:
    virtual ~EventClock() = default;
    virtual Time at(SeriesId series, Time now) const = 0; // event clock of the series
    // The earliest reference time at which at() can be `deadline` without a new sample; called when at(series, now) is before it.
    // A clock that knows the usual delay answers exactly, this one so that asking again then is right and not too often.
    virtual Time reaches(SeriesId series, Time deadline, Time now) const
    {
        return now + std::max<Micros>(deadline - at(series, now), Millis(20));
    }
    virtual bool isCatchingUp(SeriesId series) const = 0;
    virtual bool isSourceLost(std::string_view source) const = 0; // absence of its keys is then suppressed by design
};

struct Step
{
    std::span<const Sample> inOrder; // any series, each in time order
    std::span<const Sample> late;
    const EventClock &clock;
    Time now; // reference clock
    // Arrived at `now` but still held back for order: nothing is compared, but it is a sign of life.
    std::span<const Sample> waiting = {};
};

// What a rule watches: shown, and loud when it is nothing.
struct RuleWatch
{
    std::shared_ptr<const Rule> rule;
    std::size_t watched = 0; // series, or keys
    std::size_t active = 0, unknown = 0;
    std::optional<Error> trouble; // why some of what it matches cannot be judged: "percent deadband without range"
    // Rows of its table of limits, and keys of its list of expected ones, that were never seen: the first MostNotSeen, and how many.
    std::vector<std::string> notSeen;
    std::size_t notSeenCount = 0;
    static constexpr std::size_t MostNotSeen = 20;
};

// What a source's catch-up found: its newest one in this run.
struct CatchUp
{
    std::string source;
    Time since = NoTime; // when it began, on the reference clock
    bool isOver = false;
    std::size_t raised = 0, cleared = 0; // meanwhile, so far
    std::size_t active = 0; // of the source at its end
};

// Binds series to conditions, runs timers, calls transition(); nothing else. No thread, no clock, no I/O. Cost per sample depends
// only on the rules bound to its series; timers sit in a heap.
class AlarmEngine
{
public:
    using TextOf = std::function<std::string(double code)>;
    using CodeOf = std::function<std::optional<std::uint32_t>(std::string_view text)>;
    using NotesOf = std::function<std::string(std::uint32_t set)>; // of Sample::notes
    AlarmEngine(TextOf textOf, CodeOf codeOf, NotesOf notesOf = {});
    ~AlarmEngine();

    // A series became known. `labels` are the path labels of its source in order, with their values. `heard`: placed time of its newest
    // sample, when it was known before this engine was.
    void bind(SeriesId series, std::string_view path, ValueKind kind, const std::vector<std::pair<std::string, std::string>> &labels,
              Time heard = NoTime);
    // Names of live or unacknowledged alarms that these rules would close: the caller stages instead of applying when not empty.
    // `tags` null: the present ones stay; `labels` empty: so do the path labels.
    using LabelsOf = std::function<std::vector<std::pair<std::string, std::string>>(std::string_view path)>;
    [[nodiscard]] std::vector<std::string> wouldClose(const RuleSet &next, const Tags *tags = nullptr, const LabelsOf &labels = {}) const;
    // Other path labels of a bound series. They count from the next apply() on, so that the rules in force are never asked about names
    // that only the next ones know.
    void relabel(SeriesId series, const std::vector<std::pair<std::string, std::string>> &labels);
    // A refused rule goes on in the version it `keeps`, else in the one that runs. `actor` and `reason` are journaled with what
    // changes or closes.
    void apply(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Tags> tags, Time now, const std::string &actor = {},
               const std::string &reason = {});
    void advance(const Step &step);
    // Messages that came from a source since the last call, and how many of them could not be read; for rules of their share.
    void takeMessages(std::string_view source, std::uint64_t unreadable, std::uint64_t all, const EventClock &clock, Time now);
    void retire(std::string_view key, const std::string &actor, const std::string &reason, Time now);
    Outcome act(const OperatorAction &action, Time now);
    void elapse(const EventClock &clock, Time now); // timers that are due
    [[nodiscard]] std::optional<Time> due() const; // reference time of the next timer

    // What is saved beside the instances, by name; each replaces the one before: "floods", "retired", "forgotten".
    using Facts = std::map<std::string, std::string>;
    struct Changes
    {
        std::vector<InstanceState> instances;
        std::vector<JournalRow> rows;
        Facts facts;
        bool isTransition = false; // something an operator sees: commit soon
    };
    Changes collect(); // since the last collect()
    std::vector<JournalRow> takeRows(); // the rows of collect() alone: for who saves nothing, as packing windows is dear
    [[nodiscard]] bool isTransitionPending() const; // the next collect() will have Changes::isTransition
    // Dense numbers of the instances that changed since the last call, for the snapshot's pages.
    std::vector<std::uint32_t> takeChanged();
    [[nodiscard]] std::size_t instances() const; // dense numbers are below this; a gone instance leaves its number empty
    [[nodiscard]] std::optional<AlarmView> view(std::uint32_t instance) const;
    // The instance that has, or had lately, this occurrence; its own may be a newer one.
    [[nodiscard]] std::optional<AlarmView> viewOfOccurrence(std::uint64_t occurrence) const;
    [[nodiscard]] std::vector<RuleWatch> watches() const;
    [[nodiscard]] std::uint64_t watchesVersion() const; // watches() says the same as long as this is the same
    // Banners and counts, no alarms of their own; as of the newest instant that the engine was told.
    [[nodiscard]] std::vector<Flood> floods() const;
    [[nodiscard]] std::vector<Chatter> chattering() const;
    [[nodiscard]] std::vector<CatchUp> catchUps() const; // costs what there are sources
    void restore(std::vector<InstanceState> instances, const Facts &facts = {}); // before bind() and apply()

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
