#include "alarms/alarmengineprivate.h"
#include "alarms/limitstable.h"
#include "alarms/measure.h"
#include "alarms/tablerow.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <utility>

// What readers see of an alarm.
namespace sg {

namespace {

constexpr Micros LateAfter = std::chrono::seconds(60);

}

// Whether the value that is shown is the series' own (a number, a state text) and not one that was measured.
bool isOfState(const Instance &i)
{
    return !i.rule || i.rule->measure.empty();
}

// A test with a measure of its own (state_change, when) judges 0 or 1; shown is what its series holds.
double stateOf(const Instance &i, double otherwise)
{
    if (!i.inputs || !i.inputs->measure)
        return otherwise;
    const auto &subject = i.inputs->sets.front();
    return subject.size() == 1 ? i.inputs->members[subject.front()].newest.value : std::numeric_limits<double>::quiet_NaN();
}

bool AlarmEngine::Private::isStale(const Instance &i) const
{
    if (i.source < sources.size() && i.condition && sources[i.source].isLost)
        return true;
    return i.inputs && std::any_of(i.inputs->members.begin(), i.inputs->members.end(), [&](const Inputs::Member &member) {
               return !member.isAlarm && !member.isGone && sources[member.source].isLost;
           });
}

// REQUIRES: it is active.
Cause AlarmEngine::Private::causeOf(const Instance &i) const
{
    Cause cause;
    cause.level = i.regions.level;
    cause.limit = i.limit;
    cause.value = i.last.value;
    const auto levels = i.condition->levels();
    for (std::size_t row = 0; row < levels.size(); ++row)
        if (levels[row].level == i.regions.level && i.progress.since[row].t != NoTime)
            cause.value = i.progress.since[row].value;
    const bool isState = i.kind == ValueKind::State && isOfState(i);
    if (isState || i.rule->kind == "state_change")
        cause.value = stateOf(i, cause.value);
    if (isState && textOf && std::isfinite(cause.value))
        cause.text = textOf(cause.value);
    return cause;
}

// The sentence of what makes it active, or made it so, with the value and the limit that did.
Error AlarmEngine::Private::sentenceOf(const Instance &i, const Cause &cause) const
{
    const Node &settings = i.rule->settings;
    if (i.rule->kind == "absence")
        return {SG_TR("nothing arrived for %1"), {settings["absence"].text("timeout")}, {}};
    if (i.rule->kind == "freshness")
        return {SG_TR("the newest data is older than %1"), {settings["freshness"].text("older_than")}, {}};
    if (i.rule->kind == "missing")
        return {SG_TR("no value is received"), {}, {}};
    if (i.rule->kind == "when")
        return {SG_TR("%1 holds"), {settings.text("when")}, {}};
    const std::string is = i.kind == ValueKind::State && isOfState(i) ? cause.text : formatNumber(cause.value);
    if (is.empty())
        return {SG_TR("no value is received"), {}, {}};
    if (i.rule->kind != "levels")
        return {SG_TR("it is %1"), {is}, {}};
    std::string name = nameOf(cause.level);
    std::replace(name.begin(), name.end(), '_', ' ');
    const bool isLow = cause.level == Level::Low || cause.level == Level::LowLow;
    const MeasureKind *measure = measureKind(i.rule->measure);
    if (!measure)
        return {isLow ? SG_TR("%1 is below %2 %3") : SG_TR("%1 is above %2 %3"), {is, name, formatNumber(cause.limit)}, {}};
    return {
        isLow ? SG_TR("%1: %2 is below %3 %4") : SG_TR("%1: %2 is above %3 %4"), {measure->label, is, name, formatNumber(cause.limit)}, {}};
}

void AlarmEngine::Private::uncount(Instance &i)
{
    if (i.countedRule >= counts.size())
        return;
    RuleCounts &of = counts[i.countedRule];
    of.watched -= std::exchange(i.isCountedWatched, false) ? 1 : 0;
    of.active -= std::exchange(i.isCountedActive, false) ? 1 : 0;
    of.unknown -= std::exchange(i.isCountedUnknown, false) ? 1 : 0;
}

void AlarmEngine::Private::recount()
{
    for (const std::uint32_t n : uncounted) {
        Instance &i = instances[n];
        i.isUncounted = false;
        const bool isWatched = i.condition && i.ruleIndex < counts.size();
        const bool isActive
            = isWatched && (i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff);
        const bool isUnknown = isWatched && (i.regions.quality == QualityRegion::Unknown || i.regions.quality == QualityRegion::Error);
        if (isWatched == i.isCountedWatched && isActive == i.isCountedActive && isUnknown == i.isCountedUnknown
            && (!isWatched || i.ruleIndex == i.countedRule))
            continue;
        ++countsVersion;
        uncount(i);
        if (!isWatched)
            continue;
        i.countedRule = i.ruleIndex;
        i.isCountedWatched = true;
        i.isCountedActive = isActive;
        i.isCountedUnknown = isUnknown;
        RuleCounts &of = counts[i.ruleIndex];
        ++of.watched;
        of.active += isActive ? 1 : 0;
        of.unknown += isUnknown ? 1 : 0;
    }
    uncounted.clear();
}

void AlarmEngine::Private::recountAll()
{
    ++countsVersion;
    counts.assign(rules.size(), {});
    uncounted.clear();
    for (std::uint32_t n = 0; n < instances.size(); ++n) {
        Instance &i = instances[n];
        i.isCountedWatched = i.isCountedActive = i.isCountedUnknown = false;
        i.isUncounted = true;
        uncounted.push_back(n);
    }
}

std::vector<RuleWatch> AlarmEngine::watches() const
{
    d->recount();
    std::vector<RuleWatch> out(d->rules.size());
    for (std::size_t r = 0; r < d->rules.size(); ++r) {
        RuleWatch &watch = out[r];
        watch.rule = d->rules[r];
        watch.trouble = d->troubles[r];
        watch.watched = d->counts[r].watched;
        watch.active = d->counts[r].active;
        watch.unknown = d->counts[r].unknown;
        d->noteNotSeen(watch);
    }
    return out;
}

std::uint64_t AlarmEngine::watchesVersion() const
{
    d->recount();
    return d->countsVersion + d->bindings; // both only grow
}

// Rows of the rule's table of limits, and keys of its list, that no series was ever seen of.
void AlarmEngine::Private::noteNotSeen(RuleWatch &watch)
{
    const Rule &rule = *watch.rule;
    if (!rule.limits && rule.expected.empty())
        return;
    NotSeen &known = notSeen[&rule];
    if (known.asOf != bindings) {
        known = {{}, 0, bindings};
        std::vector<const KeyLabels *> seen;
        if (const auto mine = instancesOfRule.find(rule.id); mine != instancesOfRule.end())
            for (const std::uint32_t n : mine->second) {
                if (instances[n].hasSeries)
                    seen.push_back(&instances[n].labels);
                else if (!rule.expected.empty())
                    known.names.push_back(instances[n].key);
            }
        if (rule.limits)
            known.names = rule.limits->notSeen(seen, rule.limits->rows());
        known.count = known.names.size();
        known.names.resize(std::min(known.count, RuleWatch::MostNotSeen));
    }
    watch.notSeen = known.names;
    watch.notSeenCount = known.count;
}

AlarmView AlarmEngine::Private::viewOf(const Instance &i) const
{
    AlarmView view;
    view.rule = i.rule;
    view.area = i.area;
    view.key = i.key;
    view.field = i.field;
    view.path = i.path;
    view.regions = i.regions;
    view.priority = priorityOf(i);
    view.limit = i.limit;
    const double value = isOfState(i) ? stateOf(i, i.last.value) : i.last.value;
    if (i.kind != ValueKind::State || !isOfState(i))
        view.value = i.isOnArrival ? std::numeric_limits<double>::quiet_NaN() : value;
    else if (i.hasLast && !i.isOnArrival && textOf)
        view.valueText = textOf(value);
    view.shelvedUntil = i.standing.shelvedUntil;
    if ((i.regions.suppression & (Shelved | OutOfServiceFlag)) || i.standing.isDisabled) {
        view.suppressedBy = i.standing.by;
        view.suppressedWhy = i.standing.reason;
    }
    if (i.regions.suppression & OutOfServiceFlag)
        view.permit = i.standing.permit;
    if ((i.regions.suppression & SuppressedByDesign) && i.inputs && i.inputs->suppressSet != 0)
        if (const auto &causes = i.inputs->sets[i.inputs->suppressSet]; !causes.empty()) {
            view.suppressedCause = i.inputs->members[causes.front()].name;
            std::replace(view.suppressedCause.begin(), view.suppressedCause.end(), '\n', ' '); // an alarm is its rule, key and field
        }
    if (i.standing.isOffHours)
        view.suppressedCause = "hours";
    view.soundsFrom = i.soundsFrom;
    view.why = i.why;
    if (i.condition && i.rule) {
        if (i.regions.condition == ConditionRegion::Active || i.regions.condition == ConditionRegion::PendingOff)
            view.because = sentenceOf(i, causeOf(i));
        else if (i.standing.cause.level != Level::None)
            view.became = sentenceOf(i, i.standing.cause);
    }
    view.isStale = isStale(i);
    if (view.isStale && (i.regions.quality == QualityRegion::Good || i.regions.quality == QualityRegion::Uncertain))
        view.regions.quality = QualityRegion::Stale;
    if (const auto area = areas.find(i.countedIn); !i.countedIn.empty() && area != areas.end())
        view.isFirstOut = area->second.firstOut == numberOf(i);
    view.isChattering = isChattering(i);
    view.raisesInMinute = static_cast<std::uint32_t>(
        std::count_if(i.standing.raises.begin(), i.standing.raises.end(), [&](Time t) { return now - t <= std::chrono::seconds(60); }));
    if (i.regions.raised != NoTime && i.regions.detected - i.regions.raised > LateAfter && isRow(28))
        view.lateBy = i.regions.detected - i.regions.raised;
    if (i.hasLast) {
        view.lastSample = i.last.t;
        if (i.last.offset >= 0 && textOf)
            view.origin = textOf(i.last.stream) + "@" + std::to_string(i.last.offset);
    } else if (i.hasSeries) {
        view.lastSample = series[number(i.series)].heard;
    }
    view.note = i.standing.note;
    view.notedBy = i.standing.notedBy;
    view.notedAt = i.standing.notedAt;
    view.notes = notesOfOccurrence(i, i.regions.occurrence);
    return view;
}

}
