#include "alarms/alarmengineprivate.h"
#include "alarms/expression.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>

// Alarms that look at more than one series compared at once: how they find their inputs, and how these are merged by time.
namespace sg {

Result<std::unique_ptr<Inputs>> AlarmEngine::Private::inputsFor(const Rule &rule, ValueKind kind) const
{
    if (rule.inputsHash == 0 && !rule.isGrouped)
        return std::unique_ptr<Inputs>();
    const ConditionKind *test = conditionKind(rule.kind);
    if (test && test->isOnArrival)
        return std::unique_ptr<Inputs>();
    auto out = std::make_unique<Inputs>();
    const MeasureKind *measured = measureKind(rule.measure);
    const auto make = test && test->makeMeasure ? test->makeMeasure : measured ? measured->make : nullptr;
    if (measured && !measured->takesStates && kind != ValueKind::Number)
        return rule.settings[measured->name].error(SG_TR("%1 measures numbers, but this series is a state text"), {measured->name});
    if (make) {
        auto measure = make({rule, kind, codeOf});
        if (!measure)
            return measure.error();
        out->measure = std::move(*measure);
    }
    if (rule.when)
        for (const std::string &text : rule.when->texts()) {
            const auto code = codeOf ? codeOf(text) : std::nullopt;
            out->textCodes.push_back(code ? static_cast<double>(*code) : -1);
        }
    for (std::uint32_t k = 0; k < rule.inputs.size(); ++k)
        if (rule.inputs[k].use == RuleInput::Use::Suppress)
            out->suppressSet = k + 1;
    out->sets.resize(rule.inputs.size() + 1);
    return out;
}

void AlarmEngine::Private::dropInputs(Instance &i)
{
    if (!i.inputs)
        return;
    const std::uint32_t n = numberOf(i);
    for (const Inputs::Member &member : i.inputs->members) {
        if (member.isGone)
            continue;
        if (member.isAlarm) {
            std::erase_if(instances[member.alarm].dependents, [&](const auto &dependent) { return dependent.first == n; });
            continue;
        }
        std::erase_if(feeds[number(member.series)], [&](const Feed &feed) { return feed.instance == n; });
        noteSole(member.series);
    }
    for (auto &[path, waiting] : wanted)
        std::erase_if(waiting, [&](const auto &one) { return one.first == n; });
    for (auto &[source, watching] : messageWatchers)
        watching.erase(n);
    i.inputs.reset();
}

void AlarmEngine::Private::addSeries(Instance &i, std::uint32_t set, SeriesId id)
{
    const BoundSeries &bound = series[number(id)];
    Inputs::Member member;
    member.set = set;
    member.series = id;
    member.kind = bound.kind;
    member.name = bound.path;
    member.source = sourceNumber(sourceOf(bound.path));
    const Feed feed{numberOf(i), i.inputs->add(std::move(member))};
    auto &mine = feeds[number(id)];
    if (std::none_of(mine.begin(), mine.end(), [&](const Feed &f) { return f.instance == feed.instance && f.member == feed.member; }))
        mine.push_back(feed);
    noteSole(id);
}

void AlarmEngine::Private::addAlarm(Instance &i, std::uint32_t set, Instance &child)
{
    if (&i == &child || child.isGone)
        return;
    Inputs::Member member;
    member.set = set;
    member.isAlarm = true;
    member.alarm = numberOf(child);
    member.name = instanceName(child.ruleId, child.key, child.field);
    const std::pair<std::uint32_t, std::uint32_t> dependent{numberOf(i), i.inputs->add(std::move(member))};
    if (std::find(child.dependents.begin(), child.dependents.end(), dependent) == child.dependents.end())
        child.dependents.push_back(dependent);
    if (child.told == Truth::Unknown)
        return; // it tells what it knows with its first sample
    Sample sample;
    sample.t = sample.stamp = std::max(child.toldAt, i.inputs->judgedTo);
    sample.value = child.told == Truth::Yes ? 1 : 0;
    i.inputs->push(dependent.second, sample);
    touch(i);
}

namespace {

const std::string *valueOf(const KeyLabels &labels, std::string_view name)
{
    const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto &label) { return label.first == name; });
    return found == labels.end() ? nullptr : &found->second;
}

std::string_view theirName(const RuleInput &input, std::string_view ours)
{
    for (const auto &[own, theirs] : input.join)
        if (own == ours)
            return theirs;
    return ours;
}

// Whether an alarm with these labels is one of the inputs of an alarm with those.
bool agree(const Rule &rule, const RuleInput &input, const KeyLabels &ours, const KeyLabels &theirs)
{
    for (const auto &[label, value] : ours) {
        const std::string *other = valueOf(theirs, theirName(input, label));
        if (other ? *other != value : rule.isGrouped)
            return false;
    }
    return true;
}

}

// A series that may be an input of grouped alarms, or that an alarm waits for by its path.
void AlarmEngine::Private::offer(SeriesId id)
{
    const BoundSeries &bound = series[number(id)];
    if (const auto waiting = wanted.find(bound.path); waiting != wanted.end()) {
        for (const auto &[n, set] : std::exchange(waiting->second, {}))
            if (instances[n].inputs)
                addSeries(instances[n], set, id);
    }
    const auto some = groupInputs.find(std::string(sourceOf(bound.path)));
    if (some == groupInputs.end())
        return;
    const auto segments = segmentsOf(bound.path);
    for (const auto &[r, k] : some->second) {
        const std::shared_ptr<const Rule> rule = rules[r];
        const Selector &selector = *rule->inputs[k].series;
        if (!selector.matches(bound.path))
            continue;
        KeyLabels named; // by the selector's own {x}
        for (std::size_t s = 1; s < segments.size(); ++s) {
            const std::string &segment = selector.segments()[s];
            if (segment.front() == '{')
                named.emplace_back(segment.substr(1, segment.size() - 2), decodeSegment(segments[s]));
        }
        const bool isOfOneGroup
            = std::all_of(rule->per.begin(), rule->per.end(), [&](const auto &label) { return valueOf(named, label) != nullptr; });
        if (isOfOneGroup) {
            const Place place = groupOf(*rule, named, ValueKind::Number);
            if (!rule->hasSeries)
                instanceFor(r, place, {}, {});
            const auto known = byName.find(instanceName(rule->id, place.key, {}));
            if (known != byName.end() && instances[known->second].inputs)
                addSeries(instances[known->second], k + 1, id);
            continue;
        }
        for (const std::uint32_t n : instancesOfRule[rule->id])
            if (instances[n].inputs && agree(Rule(), rule->inputs[k], instances[n].labels, named))
                addSeries(instances[n], k + 1, id);
    }
}

void AlarmEngine::Private::linkChild(std::uint32_t child)
{
    const std::string ruleId = instances[child].ruleId;
    const auto parents = parentsOf.find(ruleId);
    if (parents == parentsOf.end())
        return;
    for (const std::uint32_t r : parents->second) {
        const std::shared_ptr<const Rule> rule = rules[r];
        for (std::uint32_t k = 0; k < rule->inputs.size(); ++k) {
            const RuleInput &input = rule->inputs[k];
            if (input.rule != ruleId)
                continue;
            if (rule->isGrouped && !rule->hasSeries && input.use == RuleInput::Use::Expression) {
                KeyLabels ours;
                for (const std::string &label : rule->per)
                    if (const std::string *value = valueOf(instances[child].labels, theirName(input, label)))
                        ours.emplace_back(label, *value);
                if (ours.size() == rule->per.size())
                    instanceFor(r, groupOf(*rule, ours, ValueKind::Number), {}, {});
            }
            for (const std::uint32_t n : instancesOfRule[rule->id])
                if (instances[n].inputs && agree(*rule, input, instances[n].labels, instances[child].labels))
                    addAlarm(instances[n], k + 1, instances[child]);
        }
    }
}

void AlarmEngine::Private::linkParent(std::uint32_t parent)
{
    const std::shared_ptr<const Rule> rule = instances[parent].rule;
    for (std::uint32_t k = 0; k < rule->inputs.size(); ++k) {
        const RuleInput &input = rule->inputs[k];
        if (!input.series) {
            for (const std::uint32_t n : instancesOfRule[input.rule])
                if (agree(*rule, input, instances[parent].labels, instances[n].labels))
                    addAlarm(instances[parent], k + 1, instances[n]);
        } else if (rule->isGrouped) {
            for (std::size_t s = 0; s < series.size(); ++s)
                if (series[s].isBound && input.series->matches(series[s].path))
                    offer(SeriesId(s));
        } else if (const auto path = input.series->bind(instances[parent].labels)) {
            if (const auto known = byPath.find(*path); known != byPath.end())
                addSeries(instances[parent], k + 1, known->second);
            else
                wanted[*path].emplace_back(parent, k + 1);
        }
    }
}

void AlarmEngine::Private::link()
{
    while (!unlinked.empty()) {
        const std::uint32_t n = unlinked.back();
        unlinked.pop_back();
        if (instances[n].isGone || !instances[n].rule)
            continue;
        linkChild(n);
        if (instances[n].inputs)
            linkParent(n);
    }
}

void AlarmEngine::Private::touch(Instance &i)
{
    if (i.isTouched)
        return;
    i.isTouched = true;
    touched.push_back(numberOf(i));
}

// Event time up to which everything of its inputs is known: the least of those whose source is not lost.
Time AlarmEngine::Private::clockOf(const Instance &i, const Moment &m, int depth) const
{
    if (i.isOnArrival || depth > MaxDepth)
        return m.now;
    if (!i.inputs)
        return m.clock->at(i.series, m.now);
    std::optional<Time> least, leastOfLost;
    const auto consider = [](std::optional<Time> &to, Time t) { to = to ? std::min(*to, t) : t; };
    for (const Inputs::Member &member : i.inputs->members) {
        if (member.isGone)
            continue;
        if (member.isAlarm)
            consider(least, clockOf(instances[member.alarm], m, depth + 1));
        else
            consider(sources[member.source].isLost ? leastOfLost : least, m.clock->at(member.series, m.now));
    }
    return least ? *least : leastOfLost.value_or(m.now);
}

Time AlarmEngine::Private::reachesOf(const Instance &i, Time deadline, const Moment &m, int depth) const
{
    if (i.isOnArrival || depth > MaxDepth || (i.inputs && i.inputs->members.empty()))
        return std::max(m.now, deadline);
    if (!i.inputs)
        return m.clock->at(i.series, m.now) < deadline ? m.clock->reaches(i.series, deadline, m.now) : m.now;
    Time latest = m.now;
    for (const Inputs::Member &member : i.inputs->members) {
        if (member.isGone)
            continue;
        if (member.isAlarm)
            latest = std::max(latest, reachesOf(instances[member.alarm], deadline, m, depth + 1));
        else if (!sources[member.source].isLost && m.clock->at(member.series, m.now) < deadline)
            latest = std::max(latest, m.clock->reaches(member.series, deadline, m.now));
    }
    return latest;
}

void AlarmEngine::Private::drainTouched(const Moment &m)
{
    for (std::size_t n = 0; n < touched.size(); ++n) { // it grows while alarms tell each other
        Instance &i = instances[touched[n]];
        i.isTouched = false;
        if (!i.condition || !i.inputs || !i.regions.isEnabled)
            continue;
        drain(i, m);
        schedule(i, m, false);
    }
    touched.clear();
}

void AlarmEngine::Private::drain(Instance &i, const Moment &m, int depth)
{
    Inputs &inputs = *i.inputs;
    // What the alarms it looks at have to say up to their clocks comes first: else it would be judged ahead of them.
    for (const Inputs::Member &member : inputs.members) {
        Instance &child = instances[member.alarm];
        if (!member.isAlarm || member.isGone || !child.condition || child.isOnArrival || !child.regions.isEnabled)
            continue;
        if (child.inputs && depth < MaxDepth)
            drain(child, m, depth + 1);
        runTimers(child, clockOf(child, m), m);
    }
    if (!inputs.isWaiting())
        return;
    const Time upTo = clockOf(i, m);
    markUnsaved(i);
    while (inputs.isWaiting() && inputs.firstWaiting() <= upTo) {
        const Time t = inputs.firstWaiting();
        runTimers(i, t, m);
        bool isSubjectNew = false;
        Sample subject;
        while (inputs.isWaiting() && inputs.firstWaiting() == t) { // all of one instant, then it is judged
            const auto [member, sample] = inputs.pop();
            const std::uint32_t set = inputs.members[member].set;
            const bool isMeasured = inputs.measure && set != inputs.suppressSet;
            if (isMeasured || set == 0)
                if (inputs.measure)
                    inputs.measure->take({set, member, sample});
            if (set == 0) {
                subject = sample;
                isSubjectNew = true;
            }
        }
        if (isSubjectNew)
            i.last = subject;
        feed(i, t, m, isSubjectNew);
    }
}

void AlarmEngine::Private::feed(Instance &i, Time t, const Moment &m, bool isSubjectNew)
{
    Inputs &inputs = *i.inputs;
    if (inputs.suppressSet != 0)
        suppress(i, t, m);
    Sample sample = i.last; // for a measure the value that was measured, at the sample that completed it
    sample.t = t;
    if (!isSubjectNew)
        sample.stamp = t;
    for (const auto &[set, row] : inputs.limitSets) {
        const auto &members = inputs.sets[set];
        const Inputs::Member *of = members.empty() ? nullptr : &inputs.members[members.front()];
        const Sample *limit = of ? &of->newest : nullptr;
        if (!limit || limit->quality == Quality::Bad || !std::isfinite(limit->value)) {
            doubt(i, sample, QualityRegion::Unknown, {SG_TR("the limit is not known"), {}, {}}, m);
            return;
        }
        if (of->source < sources.size() && sources[of->source].isLost) { // it may have moved since
            doubt(i, sample, QualityRegion::Uncertain, {SG_TR("the source of its limit %1 is lost"), {of->name}, {}}, m);
            return;
        }
        i.owned->setLimit(row, limit->value);
        if (limit->quality == Quality::Uncertain && sample.quality == Quality::Good)
            sample.quality = std::max(sample.quality, Quality::Uncertain);
    }
    if (inputs.measure) {
        elapseMeasure(i, t, m);
        return;
    }
    if (!isSubjectNew) { // a limit that moves judges the value anew
        const auto &subject = inputs.sets.front();
        if (inputs.limitSets.empty() || subject.empty() || !inputs.members[subject.front()].isTaken)
            return;
        const Quality quality = sample.quality;
        sample = inputs.members[subject.front()].newest;
        sample.t = t;
        sample.quality = std::max(sample.quality, quality);
    }
    if (sample.quality == Quality::Bad || !std::isfinite(sample.value))
        hold(i, sample, m);
    else
        compare(i, sample, m);
}

void AlarmEngine::Private::elapseMeasure(Instance &i, Time t, const Moment &m)
{
    const Measured measured = i.inputs->measure->at(t, *i.inputs);
    if (measured.kind == Measured::Kind::Nothing)
        return;
    Sample sample = i.last;
    if (sample.t != t || sample.stamp == Time{})
        sample.stamp = t; // time alone, or another input, made it so
    sample.t = t;
    sample.value = measured.value;
    sample.quality = measured.quality;
    markUnsaved(i);
    if (measured.kind == Measured::Kind::Unknown)
        doubt(i, sample, QualityRegion::Unknown, measured.why, m);
    else
        compare(i, sample, m);
}

// 19 and 20. Suppressed at once; released when the cause has been gone for its settle time, or has been unknown for FailsOpenAfter.
void AlarmEngine::Private::suppress(Instance &i, Time t, const Moment &m)
{
    constexpr Micros FailsOpenAfter = std::chrono::seconds(30);
    if (!i.inputs || i.inputs->suppressSet == 0 || !i.rule->suppress) {
        i.standing.releaseAt = NoTime; // nothing is looked at: it must not be asked again and again
        return;
    }
    const Inputs &inputs = *i.inputs;
    const SuppressWhen &rule = *i.rule->suppress;
    const auto &members = inputs.sets[inputs.suppressSet];
    Truth truth = Truth::Unknown;
    for (const std::uint32_t n : members) {
        const Inputs::Member &member = inputs.members[n];
        if (member.isGone || !member.isTaken || member.newest.quality == Quality::Bad || !std::isfinite(member.newest.value))
            continue;
        bool is = member.isAlarm && member.newest.value != 0;
        if (!member.isAlarm) {
            is = std::any_of(rule.values.begin(), rule.values.end(), [&](const std::string &text) {
                if (member.kind == ValueKind::State) {
                    const auto code = codeOf(text);
                    return code && member.newest.value == static_cast<double>(*code);
                }
                const auto number = parseNumber(text);
                return number && member.newest.value == *number;
            });
            is = is != rule.isNegated;
        }
        truth = is ? Truth::Yes : truth == Truth::Yes ? Truth::Yes : Truth::No;
    }
    const bool isOn = i.standing.isCaused;
    const std::string cause = members.empty() ? std::string() : inputs.members[members.front()].name;
    Standing &standing = i.standing;
    if (truth == Truth::Yes) {
        standing.releaseAt = standing.failsOpenAt = NoTime;
        standing.isCaused = true;
        if (!isOn)
            go(i, transitionOf(i, Transition::Event::Suppress, t, m), {t, t, std::numeric_limits<double>::quiet_NaN()}, m, {}, cause);
    } else if (!isOn) {
        return;
    } else if (truth == Truth::Unknown) {
        if (standing.failsOpenAt == NoTime)
            standing.failsOpenAt = m.now + FailsOpenAfter;
    } else if (standing.releaseAt == NoTime) {
        standing.failsOpenAt = NoTime;
        standing.releaseAt = t + rule.settle;
    }
    if (isOn && standing.releaseAt != NoTime && standing.releaseAt <= t) {
        standing.releaseAt = NoTime;
        standing.isCaused = false;
        if (!standing.isOffHours)
            go(i, transitionOf(i, Transition::Event::Release, t, m), {t, t, std::numeric_limits<double>::quiet_NaN()}, m, {}, cause);
    }
    markUnsaved(i);
}

// What alarms that look at this one have to know.
void AlarmEngine::Private::tell(Instance &i, Time at)
{
    Truth truth = Truth::No;
    if (i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff)
        truth = Truth::Yes;
    else if (i.isHeld || i.progress.truth == Truth::Unknown)
        truth = Truth::Unknown;
    if (truth == i.told)
        return;
    i.told = truth;
    i.toldAt = at;
    for (const auto &[parent, member] : i.dependents) {
        Sample sample;
        sample.t = sample.stamp = at;
        sample.value = truth == Truth::Yes ? 1 : truth == Truth::No ? 0 : std::numeric_limits<double>::quiet_NaN();
        sample.quality = truth == Truth::Unknown ? Quality::Bad : Quality::Good;
        if (!instances[parent].inputs)
            continue;
        instances[parent].inputs->push(member, sample);
        touch(instances[parent]);
    }
}

void AlarmEngine::takeMessages(std::string_view source, std::uint64_t unreadable, std::uint64_t all, const EventClock &clock, Time now)
{
    const auto watching = d->messageWatchers.find(source);
    if (watching == d->messageWatchers.end() || all == 0)
        return;
    d->noticeSources(clock, now);
    Moment m;
    m.clock = &clock;
    m.now = now;
    for (const std::uint32_t n : watching->second) {
        Instance &i = d->instances[n];
        if (!i.condition || !i.regions.isEnabled)
            continue;
        d->runTimers(i, now, m);
        i.inputs->measure->takeMessages(now, unreadable, all);
        d->elapseMeasure(i, now, m);
        d->tell(i, now);
        d->schedule(i, m, false);
    }
    d->drainTouched(m);
}

}
