#pragma once

#include "alarms/instance.h"
#include "alarms/timers.h"

#include <deque>
#include <set>
#include <unordered_set>

// The parts of AlarmEngine, by file: alarmengine.cpp (the interface), alarmjudge.cpp (samples and time), alarmbinding.cpp (rules
// and series), alarmactions.cpp (operators). Only for models/alarms.
namespace sg {

// At which instant something is judged, and by which sample.
struct Moment
{
    const EventClock *clock = nullptr; // null where none is at hand (an edit): timers are then asked at once
    Time now = NoTime;
    Time stamp = NoTime;
    double value = std::numeric_limits<double>::quiet_NaN();
    std::uint32_t notes = 0; // as Sample has them
};

// Which alarm looks at a series, and which member it is there.
struct Feed
{
    std::uint32_t instance = 0, member = 0;
};

// Whether a source with arrival rules was connected, and since when.
struct SourceState
{
    std::string name;
    bool isLost = false;
    Time since = NoTime;
    SeriesId series{}; // one of its series, to ask the clock with
    bool hasSeries = false;
    bool isBehind = false; // catching up, since `behindSince`
    Time behindSince = NoTime;
    Time steadySince = NoTime; // it was back, or had caught up; in this run
    std::size_t raised = 0, cleared = 0; // meanwhile
    std::size_t active = 0; // when the newest catch-up ended
    int told = 0; // summaries before its end: 1 of the highest priority, 2 of all
};

// The alarms of one area together.
struct AreaState
{
    std::size_t open = 0; // shown and not normal
    std::optional<std::uint32_t> firstOut; // the alarm that came first of those, while it is open
    std::deque<std::pair<Time, std::string>> annunciated; // within the last 10 min, and the path of the alarm
    Flood flood;
    bool isFlood = false;
    std::vector<std::uint32_t> waiting; // alarms whose shelf ended and that do not sound yet
    Time soundedAt = NoTime; // the newest of those that do
};

struct BoundSeries
{
    std::string path;
    ValueKind kind = ValueKind::Number;
    KeyLabels labels;
    bool isBound = false;
    bool isRetired = false; // its key was retired: the next sample begins anew
    bool isForgotten = false; // by some rules: see AlarmEngine::Private::forgotten
    Time heard = NoTime; // before this engine was
};

struct AlarmEngine::Private
{
    TextOf textOf;
    CodeOf codeOf;
    NotesOf notesOf;
    Time now = NoTime; // newest reference time that anybody told

    std::shared_ptr<const RuleSet> ruleSet; // as applied
    std::vector<std::shared_ptr<const Rule>> rules; // that run, refused ones in their last valid version included
    std::vector<std::optional<Error>> troubles; // by rule
    std::unordered_map<std::string, std::vector<std::uint32_t>> rulesOfSource;
    std::shared_ptr<const Tags> tags = std::make_shared<Tags>();

    std::vector<BoundSeries> series; // by number(SeriesId), like watchers
    std::vector<std::vector<std::uint32_t>> watchers; // instances that judge this series
    // By series: the one that judges it, where a sample of it means nothing to anybody else; kept by noteSole().
    static constexpr std::uint32_t NotSole = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> soles;
    void noteSole(SeriesId id); // its watchers, its feeds, or whether it is retired or forgotten have changed
    std::map<std::string, std::set<std::uint32_t>, std::less<>> messageWatchers; // by source: instances whose measure takes messages
    std::vector<std::vector<Feed>> feeds; // instances that have this series among their inputs
    std::unordered_map<std::string, SeriesId> byPath;
    std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> wanted; // path -> alarm and set it is missing in
    std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> groupInputs; // source -> rule and input
    std::unordered_map<std::string, std::vector<std::uint32_t>> instancesOfRule;
    std::unordered_map<std::string, std::vector<std::uint32_t>> parentsOf; // rule id -> rules that look at its alarms
    std::vector<std::uint32_t> unlinked; // new instances whose inputs are to be found
    std::vector<std::uint32_t> touched; // instances with inputs to drain
    std::set<std::string> unlistedSeen;
    struct NotSeen
    {
        std::vector<std::string> names; // the first
        std::size_t count = 0;
        std::uint64_t asOf = 0;
    };
    std::unordered_map<const Rule *, NotSeen> notSeen; // rows of tables and lists, asked for with every snapshot
    std::uint64_t bindings = 1; // moves when an alarm comes, goes or gets its series
    std::set<std::string> retired; // paths; kept over a restart, so that a known series does not bring them back
    std::map<std::string, std::set<std::string>> forgotten; // path -> rules that 26 dropped it from, until its next sample; kept as well
    bool isRetiredUnsaved = false, isForgottenUnsaved = false, areFloodsUnsaved = false;
    std::vector<Instance> instances;
    std::unordered_map<std::string, std::uint32_t> byName; // rule, key, field
    struct Key
    {
        std::vector<std::uint32_t> instances;
        std::vector<SeriesId> series;
    };
    std::unordered_map<std::string, Key> byKey;
    std::unordered_map<std::uint64_t, std::uint32_t> byOccurrence; // present ones and Progress::older
    std::vector<SourceState> sources;
    Timers timers;

    Changes changes;
    std::vector<std::uint32_t> unsaved, changed;
    struct RuleCounts
    {
        std::size_t watched = 0, active = 0, unknown = 0;
    };
    std::vector<RuleCounts> counts; // by rule, of all instances but the uncounted: what a snapshot shows costs what changed
    std::vector<std::uint32_t> uncounted;
    std::uint64_t countsVersion = 0; // moves with any of them
    std::vector<Record> records; // of one transition; a member so that its memory is reused

    // alarmjudge.cpp
    static constexpr std::size_t Ahead = 8; // samples
    void expect(SeriesId id) const; // a sample of it is judged soon: its alarm may travel from memory meanwhile
    static bool isCalm(Instance &i, const Sample &sample); // nothing changes but its newest value, which is noted
    void see(Instance &i, const Sample &sample, const Moment &m);
    void arrive(Instance &i, const Sample &sample, const Moment &m);
    void arriveOnly(std::span<const Sample> samples, const Moment &m);
    void judge(Instance &i, const Finding &finding, Time t, const Moment &m);
    void hold(Instance &i, const Sample &sample, const Moment &m);
    void letGo(Instance &i, const Sample &sample, const Moment &m);
    bool settleOnce(Instance &i, Time at, const Moment &m);
    void settle(Instance &i, Time at, const Moment &m);
    void runTimers(Instance &i, Time upTo, const Moment &m);
    void schedule(Instance &i, const Moment &m, bool wasAsked);
    void elapseArrival(Instance &i, const Moment &m);
    void noticeSources(const EventClock &clock, Time now);
    void tidyTimers();

    void clearMissing(Instance &i, Time at, const Moment &m);
    Transition transitionOf(const Instance &i, Transition::Event event, Time at, const Moment &m) const;
    void compare(Instance &i, const Sample &sample, const Moment &m);
    void doubt(Instance &i, const Sample &sample, QualityRegion quality, const Error &why, const Moment &m);

    // alarminputs.cpp
    Result<std::unique_ptr<Inputs>> inputsFor(const Rule &rule, ValueKind kind) const;
    void dropInputs(Instance &i);
    void addSeries(Instance &i, std::uint32_t set, SeriesId id);
    void addAlarm(Instance &i, std::uint32_t set, Instance &child);
    void offer(SeriesId id); // to groups, and to alarms that wait for it
    void link(); // what is unlinked
    void linkChild(std::uint32_t child);
    void linkParent(std::uint32_t parent);
    void touch(Instance &i);
    void drainTouched(const Moment &m);
    void drain(Instance &i, const Moment &m, int depth = 0);
    void feed(Instance &i, Time t, const Moment &m, bool isSubjectNew);
    void suppress(Instance &i, Time t, const Moment &m);
    void elapseMeasure(Instance &i, Time t, const Moment &m);
    Time clockOf(const Instance &i, const Moment &m, int depth = 0) const;
    Time reachesOf(const Instance &i, Time deadline, const Moment &m, int depth = 0) const;
    static constexpr int MaxDepth = 16; // alarms that look at alarms; the workspace refuses circles, this bounds what slips through
    void tell(Instance &i, Time at);
    std::optional<Time> nextDeadline(const Instance &i) const;

    // alarmlate.cpp
    void seeLate(Instance &i, const Sample &sample, const Moment &m);
    [[nodiscard]] std::string notesAt(const Moment &m) const { return m.notes != 0 && notesOf ? notesOf(m.notes) : std::string(); }
    static std::string notesOfOccurrence(const Instance &i, std::uint64_t occurrence); // "" of one before the present one
    static std::uint64_t occurrenceOf(const Instance &i, Time stamp);
    void amend(Instance &i, const Sample &sample, Level would, const Moment &m);

    // alarmcounts.cpp
    std::map<std::string, AreaState> areas;
    void noticeFloods();
    void countAnnunciated(Instance &i);
    std::set<std::uint32_t> chatterers; // shown as such: told again once they are none
    void noticeQuiet();

    // alarmsound.cpp
    std::vector<std::uint32_t> released; // by time, in this step
    bool mayCatchUpBeSilent(const Instance &i, const Moment &m) const;
    bool soundsNow(Instance &i, const Transition &what, const Moment &m);
    void stagger();
    void summarize(SourceState &source, Time at, Priority least, bool isEnd);
    void noticeCatchUp(SourceState &source, bool isBehind, Time now);

    // alarmcounts.cpp
    void countOpen(Instance &i, bool isRestored = false);
    [[nodiscard]] bool isChattering(const Instance &i) const;
    [[nodiscard]] std::string packFloods() const;
    void unpackFloods(const std::string &bytes);
    void setRetired(SeriesId id, bool is);
    [[nodiscard]] std::vector<SeriesId> watchedBy(const Instance &i) const;
    void forget(const Instance &i); // 26
    void remember(SeriesId id); // heard of again
    [[nodiscard]] bool isForgottenBy(const Rule &rule, const BoundSeries &bound) const;
    void restoreFacts(const Facts &facts);
    Facts takeFacts();
    bool isCatchingUp(const Instance &i) const { return i.source < sources.size() && sources[i.source].isBehind; }

    // alarmjournal.cpp
    bool go(Instance &i, const Transition &what, const Begin &begin, const Moment &m, const std::string &actor = {},
            const std::string &reason = {});
    JournalRow rowOf(const Instance &i) const;
    void noteQuality(Instance &i, const Sample &sample, Quality quality, const Moment &m);
    void markChanged(Instance &i);
    void recount();
    void recountAll(); // rules have other numbers
    void uncount(Instance &i);
    void markUnsaved(Instance &i);
    void noteOccurrence(Instance &i, std::uint64_t before);
    Priority priorityOf(const Instance &i) const;

    // alarmview.cpp
    AlarmView viewOf(const Instance &i) const;
    Cause causeOf(const Instance &i) const;
    Error sentenceOf(const Instance &i, const Cause &cause) const;
    void noteNotSeen(RuleWatch &watch);
    [[nodiscard]] bool isStale(const Instance &i) const; // a source that it looks at is lost
    std::uint32_t numberOf(const Instance &i) const { return static_cast<std::uint32_t>(&i - instances.data()); }

    // alarmbinding.cpp
    struct Place // what an instance is about
    {
        std::string key, field, path;
        KeyLabels labels;
        ValueKind kind = ValueKind::Number;
        std::optional<SeriesId> series;
    };
    static Place groupOf(const Rule &rule, const KeyLabels &labels, ValueKind kind);
    bool isUnlisted(const Rule &rule, const Place &place);
    void attach(SeriesId id, const std::string &actor, const std::string &reason);
    std::optional<std::uint32_t> instanceFor(std::uint32_t ruleIndex, const Place &place, const std::string &actor,
                                             const std::string &reason);
    bool adopt(Instance &i, std::uint32_t ruleIndex, const Place &place, const std::string &actor, const std::string &reason);
    void redefine(Instance &i, bool hadAnother, const std::string &actor, const std::string &reason);
    void evict(Instance &i);
    void close(Instance &i, Transition::Event event, const std::string &actor, const std::string &reason);
    std::vector<std::shared_ptr<const Rule>> running(const RuleSet &next) const;
    class Expected // keys of rules that have such a list, asked for more than once
    {
    public:
        bool has(const Rule &rule, const std::string &key);

    private:
        std::unordered_map<const Rule *, std::unordered_set<std::string>> m_keys;
    };
    bool stillWatches(const Rule &rule, const Instance &i, const KeyLabels &labels, Expected &expected) const;
    Result<std::unique_ptr<Condition>> conditionFor(const Rule &rule, const Tag &tag, ValueKind kind, const KeyLabels &labels) const;
    Tag tagOf(const Tags &from, const Instance &i) const;
    void noteEdits(const std::vector<std::shared_ptr<const Rule>> &next, const std::string &actor, const std::string &reason);
    std::uint32_t sourceNumber(std::string_view name);
    void retire(const std::string &key, const std::string &actor, const std::string &reason);

    // alarmactions.cpp
    Outcome acknowledge(const OperatorAction &action);
    std::set<std::uint32_t> chosen(const OperatorAction &action) const; // by occurrence and by name
    Outcome retireChosen(const OperatorAction &action);
    Outcome change(const OperatorAction &action, Transition::Event event);
    bool changeOne(Instance &i, const OperatorAction &action, Transition::Event event);
    Outcome note(const OperatorAction &action);
    std::optional<Time> standingDeadline(const Instance &i) const; // on the reference clock
    void keepHours(Instance &i, const Moment &m);
    [[nodiscard]] Time heardOf(const Instance &i) const; // REQUIRES: hasSeries
    bool runStanding(Instance &i, const Moment &m); // false: the instance is gone
};

bool isOfState(const Instance &i);
double stateOf(const Instance &i, double otherwise);
std::string instanceName(std::string_view rule, std::string_view key, std::string_view field);

}
