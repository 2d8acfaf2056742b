#include "alarms/alarmengineprivate.h"
#include "alarms/expectedkeys.h"
#include "alarms/tablerow.h"

#include <algorithm>

namespace sg {

namespace {

// The labels of an expected key, of which no series need be known.
KeyLabels labelsOfExpected(const Rule &rule, const std::string &key)
{
    KeyLabels out;
    const auto segments = segmentsOf(key);
    if (rule.expected.empty())
        return out;
    std::size_t n = 1;
    for (const auto &[label, value] : rule.expected.front())
        if ((!rule.isGrouped || std::find(rule.per.begin(), rule.per.end(), label) != rule.per.end()) && n < segments.size())
            out.emplace_back(label, decodeSegment(segments[n++]));
    return out;
}

}

AlarmEngine::AlarmEngine(TextOf textOf, CodeOf codeOf, NotesOf notesOf)
    : d(std::make_unique<Private>())
{
    d->textOf = std::move(textOf);
    d->codeOf = std::move(codeOf);
    d->notesOf = std::move(notesOf);
}

AlarmEngine::~AlarmEngine() = default;

void AlarmEngine::bind(SeriesId id, std::string_view path, ValueKind kind, const KeyLabels &labels, Time heard)
{
    const std::size_t n = number(id);
    if (n >= d->series.size()) {
        d->series.resize(n + 1);
        d->watchers.resize(n + 1);
        d->feeds.resize(n + 1);
        d->soles.resize(n + 1, Private::NotSole);
    }
    BoundSeries &bound = d->series[n];
    if (!bound.isBound)
        d->byKey[std::string(keyOf(path))].series.push_back(id);
    const bool isRetired = bound.isBound ? bound.isRetired : d->retired.contains(std::string(path));
    bound = {std::string(path), kind, labels, true, isRetired, d->forgotten.contains(std::string(path)), std::max(bound.heard, heard)};
    d->byPath[bound.path] = id;
    d->noteSole(id);
    SourceState &source = d->sources[d->sourceNumber(sourceOf(bound.path))];
    if (!source.hasSeries)
        source.series = id;
    source.hasSeries = true;
    if (isRetired)
        return; // until its next sample
    d->attach(id, {}, {});
    d->offer(id);
    d->link();
}

void AlarmEngine::relabel(SeriesId id, const KeyLabels &labels)
{
    if (number(id) < d->series.size() && d->series[number(id)].isBound)
        d->series[number(id)].labels = labels;
}

std::vector<std::string> AlarmEngine::wouldClose(const RuleSet &next, const Tags *tags, const LabelsOf &labels) const
{
    std::unordered_map<std::string_view, const Rule *> byId;
    const auto running = d->running(next);
    for (const auto &rule : running)
        byId.emplace(rule->id, rule.get());
    std::vector<std::string> out;
    Private::Expected expected;
    for (const Instance &i : d->instances) {
        if (!i.isShown)
            continue;
        const auto found = byId.find(i.ruleId);
        const KeyLabels own = !i.hasSeries ? KeyLabels()
            : labels                       ? labels(d->series[number(i.series)].path)
                                           : d->series[number(i.series)].labels;
        bool closes = found == byId.end() || !found->second->isEnabled || !d->stillWatches(*found->second, i, own, expected);
        const bool isHappening = i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff;
        if (!closes && isHappening && i.conditionHash != 0 && (i.hasSeries || i.field.empty())) {
            const Tags &by = tags ? *tags : *d->tags;
            const Tag tag = i.hasSeries ? by.of(d->series[number(i.series)].path, own) : d->tagOf(by, i);
            const auto condition = d->conditionFor(*found->second, tag, i.kind, i.hasSeries ? own : i.labels);
            closes = condition && (*condition)->parameters() != i.conditionHash;
        }
        if (closes)
            out.push_back((i.rule ? i.rule->name : i.ruleId) + ": " + i.path);
    }
    return out;
}

void AlarmEngine::apply(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Tags> tags, Time now, const std::string &actor,
                        const std::string &reason)
{
    d->now = now;
    auto next = d->running(*rules);
    if (d->ruleSet)
        d->noteEdits(next, actor, reason);
    d->ruleSet = std::move(rules);
    d->rules = std::move(next);
    if (tags)
        d->tags = std::move(tags);
    d->troubles.assign(d->rules.size(), std::nullopt);
    d->notSeen.clear();
    d->rulesOfSource.clear();
    d->groupInputs.clear();
    d->parentsOf.clear();
    std::unordered_map<std::string_view, std::uint32_t> byId;
    for (std::uint32_t r = 0; r < d->rules.size(); ++r) {
        d->rulesOfSource[d->rules[r]->series.source()].push_back(r);
        byId.emplace(d->rules[r]->id, r);
        for (std::uint32_t k = 0; k < d->rules[r]->inputs.size(); ++k) {
            const RuleInput &input = d->rules[r]->inputs[k];
            if (!input.series)
                d->parentsOf[input.rule].push_back(r);
            else if (d->rules[r]->isGrouped)
                d->groupInputs[input.series->source()].emplace_back(r, k);
        }
    }
    for (auto &[path, byRules] : d->forgotten)
        d->isForgottenUnsaved |= std::erase_if(byRules, [&](const std::string &id) { return !byId.contains(id); }) > 0;
    // What no rule watches any more is closed first; regions of the rest are kept by (rule, key, field).
    Private::Expected expected;
    for (Instance &i : d->instances) {
        if (i.isGone)
            continue;
        const auto found = byId.find(i.ruleId);
        const KeyLabels own = i.hasSeries ? d->series[number(i.series)].labels : KeyLabels();
        if (found == byId.end() || !d->stillWatches(*d->rules[found->second], i, own, expected)) {
            d->close(i, Transition::Event::Delete, actor, reason);
            d->evict(i);
            continue;
        }
        i.ruleIndex = found->second;
        if (i.condition) { // also when only a tag changed: a percent deadband hangs on its range
            const Private::Place place{i.key, i.field, i.path, i.labels, i.kind, i.hasSeries ? std::optional(i.series) : std::nullopt};
            d->adopt(i, found->second, place, actor, reason);
        } else {
            i.rule = d->rules[found->second]; // shown as it was, until its series is bound
            i.area = i.rule->area;
        }
    }
    for (std::size_t n = 0; n < d->series.size(); ++n)
        if (d->series[n].isBound && !d->series[n].isRetired)
            d->attach(SeriesId(n), actor, reason);
    for (std::uint32_t r = 0; r < d->rules.size(); ++r) {
        const ConditionKind *kind = conditionKind(d->rules[r]->kind);
        if (d->rules[r]->measure == "quality" && countsMessages(d->rules[r]->settings)) // needs no series: not one message may be readable
            if (const auto n = d->instanceFor(r, d->groupOf(*d->rules[r], {}, ValueKind::Number), actor, reason))
                d->messageWatchers[d->rules[r]->series.source()].insert(*n);
        if (!kind || !kind->expectedKeys)
            continue;
        for (const std::string &key : kind->expectedKeys(*d->rules[r]))
            d->instanceFor(r, {key, {}, key, labelsOfExpected(*d->rules[r], key), ValueKind::Number, std::nullopt}, actor, reason);
    }
    for (std::size_t n = 0; n < d->series.size(); ++n)
        if (d->series[n].isBound && !d->series[n].isRetired)
            d->offer(SeriesId(n));
    d->link();
    d->tidyTimers();
    d->recountAll();
}

void AlarmEngine::advance(const Step &step)
{
    d->noticeSources(step.clock, step.now);
    Moment m;
    m.clock = &step.clock;
    m.now = step.now;
    for (std::size_t at = 0; at < step.inOrder.size(); ++at) {
        const Sample &sample = step.inOrder[at];
        const auto n = number(sample.series);
        if (n >= d->soles.size())
            continue;
        if (at + Private::Ahead < step.inOrder.size())
            d->expect(step.inOrder[at + Private::Ahead].series);
        if (const std::uint32_t sole = d->soles[n]; sole != Private::NotSole) {
            d->see(d->instances[sole], sample, m);
            continue;
        }
        if (d->series[n].isRetired || d->series[n].isForgotten) {
            d->remember(sample.series); // a retired or forgotten key came back
            d->attach(sample.series, {}, {});
            d->offer(sample.series);
            d->link();
        }
        for (const std::uint32_t w : d->watchers[n])
            d->see(d->instances[w], sample, m);
        for (const Feed &feed : d->feeds[n]) {
            Instance &i = d->instances[feed.instance];
            if (!i.regions.isEnabled)
                continue;
            if (i.inputs->judgedTo != NoTime && sample.t < i.inputs->judgedTo) { // its source was not waited for
                d->seeLate(i, sample, m);
                continue;
            }
            i.inputs->push(feed.member, sample);
            d->touch(i);
        }
    }
    d->drainTouched(m);
    for (const Sample &sample : step.late) {
        const auto n = number(sample.series);
        if (n >= d->watchers.size())
            continue;
        for (const std::uint32_t w : d->watchers[n])
            if (!d->instances[w].isOnArrival)
                d->seeLate(d->instances[w], sample, m);
        for (const Feed &feed : d->feeds[n])
            d->seeLate(d->instances[feed.instance], sample, m);
    }
    d->drainTouched(m);
    d->arriveOnly(step.late, m);
    d->arriveOnly(step.waiting, m);
    d->tidyTimers();
}

void AlarmEngine::elapse(const EventClock &clock, Time now)
{
    d->noticeSources(clock, now);
    Moment m;
    m.clock = &clock;
    m.now = now;
    while (!d->timers.isEmpty() && d->timers.next().at <= now) {
        const Timers::Entry entry = d->timers.next();
        d->timers.drop();
        Instance &i = d->instances[entry.instance];
        if (i.askAt != entry.at)
            continue;
        i.askAt = NoTime;
        if (!d->runStanding(i, m))
            continue;
        if (i.condition && i.regions.isEnabled) {
            if (i.isOnArrival) {
                d->elapseArrival(i, m);
            } else {
                if (i.inputs)
                    d->drain(i, m);
                d->runTimers(i, d->clockOf(i, m), m);
            }
        }
        d->schedule(i, m, true);
    }
    d->drainTouched(m);
    d->stagger();
    d->tidyTimers();
}

std::optional<Time> AlarmEngine::due() const
{
    return d->timers.isEmpty() ? std::nullopt : std::optional(d->timers.next().at);
}

void AlarmEngine::retire(std::string_view key, const std::string &actor, const std::string &reason, Time now)
{
    d->now = now;
    d->retire(std::string(key), actor, reason);
    d->tidyTimers();
}

AlarmEngine::Changes AlarmEngine::collect()
{
    Changes out = std::move(d->changes);
    d->changes = {};
    out.facts = d->takeFacts();
    for (const std::uint32_t n : d->unsaved) {
        Instance &i = d->instances[n];
        if (i.isGone || !i.isUnsaved)
            continue;
        i.isUnsaved = false;
        InstanceState state;
        state.rule = i.ruleId;
        state.key = i.key;
        state.field = i.field;
        state.conditionHash = i.conditionHash;
        state.regions = i.regions;
        state.condition = pack(i);
        state.value = i.kind == ValueKind::Number && !i.isOnArrival ? i.last.value : std::numeric_limits<double>::quiet_NaN();
        state.limit = i.limit;
        out.instances.push_back(std::move(state));
    }
    d->unsaved.clear();
    return out;
}

std::vector<JournalRow> AlarmEngine::takeRows()
{
    d->changes.isTransition = false;
    return std::exchange(d->changes.rows, {});
}

bool AlarmEngine::isTransitionPending() const
{
    return d->changes.isTransition;
}

std::vector<std::uint32_t> AlarmEngine::takeChanged()
{
    for (const std::uint32_t n : d->changed)
        d->instances[n].isChanged = false;
    return std::exchange(d->changed, {});
}

std::size_t AlarmEngine::instances() const
{
    return d->instances.size();
}

std::optional<AlarmView> AlarmEngine::view(std::uint32_t instance) const
{
    if (instance >= d->instances.size() || d->instances[instance].isGone || !d->instances[instance].rule)
        return std::nullopt;
    return d->viewOf(d->instances[instance]);
}

std::optional<AlarmView> AlarmEngine::viewOfOccurrence(std::uint64_t occurrence) const
{
    const auto found = d->byOccurrence.find(occurrence);
    return found == d->byOccurrence.end() ? std::nullopt : view(found->second);
}

void AlarmEngine::restore(std::vector<InstanceState> states, const Facts &facts)
{
    d->restoreFacts(facts);
    if (!isRow(31))
        return;
    for (InstanceState &state : states) {
        if (state.isGone || d->byName.contains(instanceName(state.rule, state.key, state.field)))
            continue;
        const auto n = static_cast<std::uint32_t>(d->instances.size());
        Instance &i = d->instances.emplace_back();
        i.ruleId = std::move(state.rule);
        i.key = std::move(state.key);
        i.field = std::move(state.field);
        i.path = i.field.empty() ? i.key : i.key + "/" + i.field;
        i.conditionHash = state.conditionHash;
        i.regions = state.regions;
        i.regions.quality = QualityRegion::Unknown; // until a first sample
        if (!unpackStanding(state.condition, i)) { // fail-safe: nothing stays hidden that nobody can explain
            i.regions.suppression = 0;
            if (i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff)
                i.regions.ack = AckRegion::Unacked;
        }
        i.last.value = state.value;
        i.limit = state.limit;
        const AlarmState projected = project(i.regions);
        i.isShown = projected != AlarmState::Normal && projected != AlarmState::Disabled;
        d->byName.emplace(instanceName(i.ruleId, i.key, i.field), n);
        d->byKey[i.key].instances.push_back(n);
        d->instancesOfRule[i.ruleId].push_back(n);
        if (i.regions.occurrence != 0)
            d->byOccurrence[i.regions.occurrence] = n;
        Moment m;
        d->schedule(i, m, false); // a shelf whose time passed meanwhile ends now
        d->markChanged(i);
    }
}

}
