#include "alarms/alarmengineprivate.h"
#include "alarms/conditions/kinds.h"
#include "alarms/expectedkeys.h"
#include "alarms/limitstable.h"
#include "alarms/measure.h"
#include "alarms/tablerow.h"

#include "core/text.h"

#include <algorithm>
#include <utility>

namespace sg {

namespace {

using LabelValues = std::vector<std::pair<std::string, std::vector<std::string>>>;

bool meetsAll(const LabelValues &wanted, const KeyLabels &labels)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto &want) {
        return std::any_of(labels.begin(), labels.end(), [&](const auto &label) {
            return label.first == want.first && std::find(want.second.begin(), want.second.end(), label.second) != want.second.end();
        });
    });
}

bool allows(const Rule &rule, const KeyLabels &labels)
{
    return meetsAll(rule.only, labels) && (rule.except.empty() || !meetsAll(rule.except, labels));
}

bool isPerKey(const Rule &rule)
{
    const ConditionKind *kind = conditionKind(rule.kind);
    const MeasureKind *measure = measureKind(rule.measure);
    return (kind && kind->isPerKey) || (measure && measure->isPerKey) || rule.isGrouped;
}

}

std::string instanceName(std::string_view rule, std::string_view key, std::string_view field)
{
    std::string name;
    name.reserve(rule.size() + key.size() + field.size() + 2);
    return name.append(rule).append(1, '\n').append(key).append(1, '\n').append(field);
}

std::uint32_t AlarmEngine::Private::sourceNumber(std::string_view name)
{
    for (std::uint32_t n = 0; n < sources.size(); ++n)
        if (sources[n].name == name)
            return n;
    sources.push_back({std::string(name), false, now});
    return static_cast<std::uint32_t>(sources.size() - 1);
}

Tag AlarmEngine::Private::tagOf(const Tags &from, const Instance &i) const
{
    if (i.hasSeries) {
        const BoundSeries &bound = series[number(i.series)];
        return from.of(bound.path, bound.labels);
    }
    return from.of(i.field.empty() ? i.key + "/-" : i.path);
}

Result<std::unique_ptr<Condition>> AlarmEngine::Private::conditionFor(const Rule &rule, const Tag &tag, ValueKind kind,
                                                                      const KeyLabels &labels) const
{
    if (rule.limits) {
        if (auto settings = rule.limits->settingsFor(rule.settings, labels)) {
            Rule own = rule;
            own.limits = nullptr;
            own.settings = std::move(*settings);
            if (const auto faults = conditionKind(rule.kind)->check(own.settings); !faults.empty())
                return faults.front();
            return conditionFor(own, tag, kind, labels);
        }
    }
    const ConditionKind *row = conditionKind(rule.kind);
    if (!row)
        return Error{SG_TR("rule '%1': %2 is not in this version"), {rule.id, rule.kind}, rule.file};
    auto condition = row->make({rule, tag, kind, codeOf});
    if (condition && ((*condition)->levels().size() > Condition::MaxLevels || (*condition)->stateBytes() > Condition::MaxStateBytes))
        return Error{SG_TR("rule '%1': %2 needs more state than an alarm has"), {rule.id, rule.kind}, rule.file};
    return condition;
}

bool AlarmEngine::Private::Expected::has(const Rule &rule, const std::string &key)
{
    const auto [found, isNew] = m_keys.try_emplace(&rule);
    if (isNew)
        if (const ConditionKind *kind = conditionKind(rule.kind); kind && kind->expectedKeys)
            for (std::string &expected : kind->expectedKeys(rule))
                found->second.insert(std::move(expected));
    return found->second.contains(key);
}

bool AlarmEngine::Private::stillWatches(const Rule &rule, const Instance &i, const KeyLabels &labels, Expected &expected) const
{
    if (isPerKey(rule) != i.field.empty())
        return false;
    if (rule.isGrouped) {
        // Its key is the source, or the rule where there is no series, and one segment for each label.
        const std::string_view first = rule.hasSeries ? std::string_view(rule.series.source()) : std::string_view(rule.id);
        const auto isSame = [&](const auto &label, const std::string &name) { return label.first == name; };
        return sourceOf(i.key) == first && segmentsOf(i.key).size() == rule.per.size() + 1
            && (i.labels.empty() || std::equal(i.labels.begin(), i.labels.end(), rule.per.begin(), rule.per.end(), isSame));
    }
    if (!(i.field.empty() ? rule.hasSeries && matchesKey(rule.series, i.key) : isAbout(rule, i.path)))
        return false;
    if (i.condition && !i.hasSeries && !expected.has(rule, i.key))
        return false; // a key that was only expected, and is not any more
    return !i.hasSeries || allows(rule, labels); // else its labels are not known yet: see attach()
}

// The rules that run once `next` is applied: a refused one goes on as it was.
std::vector<std::shared_ptr<const Rule>> AlarmEngine::Private::running(const RuleSet &next) const
{
    std::vector<std::shared_ptr<const Rule>> out = next.rules;
    const auto find = [](const auto &in, const std::string &id) {
        return std::find_if(in.begin(), in.end(), [&](const auto &rule) { return rule->id == id; });
    };
    for (const RefusedRule &refused : next.refused) {
        std::shared_ptr<const Rule> keeps = refused.keeps;
        if (!keeps && !refused.id.empty())
            if (const auto present = find(rules, refused.id); present != rules.end())
                keeps = *present;
        if (keeps && find(out, keeps->id) == out.end())
            out.push_back(keeps);
    }
    std::erase_if(out, [](const auto &rule) { return rule->isDerived; }); // they come of their rules
    for (std::size_t n = 0, count = out.size(); n < count; ++n) {
        if (out[n]->onMissing != OnMissing::Separate)
            continue;
        auto own = missingRuleOf(*out[n]);
        const auto present = find(rules, own->id);
        out.push_back(present != rules.end() && (*present)->hash == own->hash ? *present : std::move(own));
    }
    return out;
}

void AlarmEngine::Private::close(Instance &i, Transition::Event event, const std::string &actor, const std::string &reason)
{
    Transition what;
    what.event = event;
    what.tEvent = what.now = now;
    Moment m;
    m.now = now;
    go(i, what, {now, NoTime, std::numeric_limits<double>::quiet_NaN()}, m, actor, reason);
}

void AlarmEngine::Private::evict(Instance &i)
{
    ++bindings;
    markChanged(i);
    InstanceState gone;
    gone.rule = i.ruleId;
    gone.key = i.key;
    gone.field = i.field;
    gone.isGone = true;
    changes.instances.push_back(std::move(gone));
    byName.erase(instanceName(i.ruleId, i.key, i.field));
    for (const std::uint64_t occurrence : i.progress.older)
        byOccurrence.erase(occurrence);
    byOccurrence.erase(i.regions.occurrence);
    const std::uint32_t n = numberOf(i);
    if (const auto key = byKey.find(i.key); key != byKey.end())
        std::erase(key->second.instances, n);
    std::erase(instancesOfRule[i.ruleId], n);
    const std::vector<SeriesId> watched = watchedBy(i);
    for (const SeriesId id : watched)
        std::erase(watchers[number(id)], n);
    if (i.hasSeries)
        std::erase(watchers[number(i.series)], n);
    for (const SeriesId id : watched)
        noteSole(id);
    if (i.hasSeries)
        noteSole(i.series);
    dropInputs(i);
    for (const auto &[parent, member] : i.dependents)
        if (instances[parent].inputs)
            instances[parent].inputs->members[member].isGone = true;
    i.isShown = false;
    countOpen(i);
    uncount(i);
    const bool wasChanged = i.isChanged, wasUncounted = i.isUncounted;
    i = Instance();
    i.isGone = true;
    i.isChanged = wasChanged;
    i.isUncounted = wasUncounted;
}

// 25. `hadAnother`: the condition that decided so far was a different one.
void AlarmEngine::Private::redefine(Instance &i, bool hadAnother, const std::string &actor, const std::string &reason)
{
    if (hadAnother)
        close(i, Transition::Event::Redefine, actor, reason);
    const auto older = i.progress.older;
    const auto ackedSeq = i.progress.ackedSeq;
    i.progress = {};
    i.progress.older = older;
    i.progress.ackedSeq = ackedSeq;
    i.state.fill(std::byte{0});
    i.isHeld = i.hasDeadline = false;
    Moment m;
    m.now = now;
    if (i.hasLast) {
        m.stamp = i.last.stamp;
        m.value = i.isOnArrival ? m.value : i.last.value;
        m.notes = i.last.notes;
        judge(i, i.condition->see(i.last, i.bytes()), i.last.t, m);
    } else if (i.isOnArrival) {
        const Finding finding = i.condition->elapse(now, i.bytes());
        m.stamp = finding.since;
        m.notes = i.last.notes;
        judge(i, finding, now, m);
    }
}

// Gives the instance this version of its rule. False when its condition cannot be made: then the former one stays, if there is one.
bool AlarmEngine::Private::adopt(Instance &i, std::uint32_t ruleIndex, const Place &place, const std::string &actor,
                                 const std::string &reason)
{
    const auto &rule = rules[ruleIndex];
    const ValueKind kindBefore = i.kind;
    ++bindings;
    if (place.series) {
        i.series = *place.series;
        i.hasSeries = true;
        i.kind = place.kind;
    }
    const ConditionKind *kind = conditionKind(rule->kind);
    i.isOnArrival = kind && kind->isOnArrival;
    const Tag tag = tagOf(*tags, i);
    auto made = conditionFor(*rule, tag, i.kind, i.labels);
    const bool hadInputs = i.condition && i.inputs && i.rule && i.rule->inputsHash == rule->inputsHash;
    auto inputs = inputsFor(*rule, i.kind);
    if (made && !inputs)
        made = inputs.error();
    if (!made) {
        if (!troubles[ruleIndex]) {
            troubles[ruleIndex] = made.error();
            ++countsVersion;
        }
        return i.condition != nullptr && i.kind == kindBefore; // numbers that became texts are not judged by their codes
    }
    const bool wasWaiting = i.condition == nullptr;
    const bool isFresh = wasWaiting && i.saved.empty();
    const std::uint64_t hash = (*made)->parameters();
    const bool hadAnother = !isFresh && i.conditionHash != hash;
    if (hadAnother && !wasWaiting) // the record of its end speaks of the version that ended
        close(i, Transition::Event::Redefine, actor, reason);
    if (!hadInputs || hadAnother) {
        // What suppresses may change while the measure stays as it is.
        if (*inputs && i.inputs && !hadAnother && !wasWaiting && i.rule->measureHash == rule->measureHash)
            (*inputs)->measure = std::move(i.inputs->measure);
        dropInputs(i);
        i.inputs = std::move(*inputs);
        unlinked.push_back(numberOf(i));
    }
    i.owned = std::move(*made);
    i.condition = i.owned.get();
    i.calm = {}; // of the former one
    for (std::uint32_t k = 0; i.inputs && k < rule->inputs.size(); ++k) {
        if (rule->inputs[k].use != RuleInput::Use::Limit)
            continue;
        const auto levels = i.condition->levels();
        for (std::size_t row = 0; row < levels.size(); ++row)
            if (rule->inputs[k].name == nameOf(levels[row].level) && !hadInputs)
                i.inputs->limitSets.emplace_back(k + 1, row);
    }
    i.stateBytes = static_cast<std::uint8_t>(i.condition->stateBytes());
    i.conditionHash = hash;
    i.rule = rule;
    i.ruleIndex = ruleIndex;
    i.hoursAt = NoTime; // they may be others now
    // What suppressed it is not looked at any more, so nothing else would end it.
    const bool isCauseGone = !rule->suppress || !i.inputs, isLetOut = isCauseGone && i.standing.isCaused && !i.standing.isOffHours;
    if (isCauseGone) {
        if (i.standing.isCaused)
            markUnsaved(i);
        i.standing.releaseAt = i.standing.failsOpenAt = NoTime;
        i.standing.isCaused = false;
    }
    i.area = rule->isAreaOwn || tag.area.empty() ? rule->area : tag.area;
    i.source = sourceNumber(sourceOf(i.key));
    const bool isRestored = wasWaiting && !isFresh && !hadAnother && unpack(i.saved, i);
    if (isRestored)
        for (const std::uint64_t occurrence : i.progress.older)
            if (occurrence != 0)
                byOccurrence[occurrence] = numberOf(i);
    i.saved.clear();
    const bool isEnabled = rule->isEnabled && !i.standing.isDisabled;
    const bool isSwitched = !isFresh && i.regions.isEnabled != isEnabled;
    if (isFresh)
        i.regions.isEnabled = isEnabled;
    else if (isSwitched) // 22
        close(i, isEnabled ? Transition::Event::Enable : Transition::Event::Disable, actor, reason);
    if (!isFresh && rule->latch == Latch::None && i.regions.latch == LatchRegion::Latched)
        close(i, Transition::Event::ClearLatch, actor, reason);
    if (isSwitched)
        i.forgetFrom = now;
    if (isSwitched && !i.isOnArrival)
        i.hasLast = false; // unknown until the next sample: what was seen before is not judged again
    if (hadAnother || isSwitched || (wasWaiting && !isRestored)) {
        redefine(i, hadAnother && wasWaiting, actor, reason);
    } else { // 24: delays may be others now
        Moment m;
        m.now = now;
        schedule(i, m, false);
    }
    if (wasWaiting && !isFresh)
        countOpen(i, true);
    if (isLetOut)
        close(i, Transition::Event::Release, actor, reason);
    if (hadAnother || isSwitched || (isFresh && i.isOnArrival))
        markUnsaved(i);
    else
        markChanged(i);
    return true;
}

std::optional<std::uint32_t> AlarmEngine::Private::instanceFor(std::uint32_t ruleIndex, const Place &place, const std::string &actor,
                                                               const std::string &reason)
{
    const auto &rule = rules[ruleIndex];
    const std::string name = instanceName(rule->id, place.key, place.field);
    if (const auto known = byName.find(name); known != byName.end()) {
        Instance &i = instances[known->second];
        if (place.series && !i.hasSeries) {
            ++bindings;
            i.series = *place.series;
            i.hasSeries = true;
        }
        if (i.labels.empty())
            i.labels = place.labels;
        const bool isCurrent = i.condition && i.rule == rule && (!place.series || i.kind == place.kind);
        return isCurrent || adopt(i, ruleIndex, place, actor, reason) ? std::optional(known->second) : std::nullopt;
    }
    const auto n = static_cast<std::uint32_t>(instances.size());
    Instance &i = instances.emplace_back();
    i.ruleId = rule->id;
    i.key = place.key;
    i.field = place.field;
    i.path = place.path;
    i.labels = place.labels;
    if (!adopt(i, ruleIndex, place, actor, reason)) {
        std::erase(unlinked, n);
        instances.pop_back(); // nobody has seen the number yet
        return std::nullopt;
    }
    byName.emplace(name, n);
    byKey[place.key].instances.push_back(n);
    instancesOfRule[rule->id].push_back(n);
    if (parentsOf.contains(rule->id))
        unlinked.push_back(n);
    return n;
}

// One alarm for all series with the same values of the labels of `per`.
AlarmEngine::Private::Place AlarmEngine::Private::groupOf(const Rule &rule, const KeyLabels &labels, ValueKind kind)
{
    Place place;
    place.key = rule.hasSeries ? rule.series.source() : rule.id;
    for (const std::string &name : rule.per) {
        const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto &label) { return label.first == name; });
        place.labels.emplace_back(name, found == labels.end() ? std::string() : found->second);
        place.key.append(1, '/').append(encodeSegment(place.labels.back().second));
    }
    place.path = place.key;
    place.kind = kind;
    return place;
}

// absence: a key that the list does not expect.
bool AlarmEngine::Private::isUnlisted(const Rule &rule, const Place &place)
{
    if (rule.unlisted == Unlisted::Watch)
        return false;
    Expected expected;
    if (expected.has(rule, place.key))
        return false;
    if (rule.unlisted == Unlisted::Event && unlistedSeen.insert(instanceName(rule.id, place.key, {})).second) {
        JournalRow row;
        row.event = "UNLISTED";
        row.rule = rule.id;
        row.key = place.key;
        row.area = rule.area;
        row.priority = nameOf(rule.priority);
        row.ruleHash = rule.hash;
        row.tDetect = row.tEvent = now;
        changes.rows.push_back(std::move(row));
        changes.isTransition = true;
    }
    return true;
}

void AlarmEngine::Private::attach(SeriesId id, const std::string &actor, const std::string &reason)
{
    const BoundSeries &bound = series[number(id)];
    watchers[number(id)].clear();
    noteSole(id);
    const auto some = rulesOfSource.find(std::string(sourceOf(bound.path)));
    if (some == rulesOfSource.end())
        return;
    const std::string key(keyOf(bound.path)), field(fieldOf(bound.path));
    for (const std::uint32_t r : some->second) {
        const Rule &rule = *rules[r];
        if (!isAbout(rule, bound.path))
            continue; // most are not: nothing else is asked of them
        const bool isKey = isPerKey(rule);
        if (bound.kind == ValueKind::Document && !isKey)
            continue;
        if (isForgottenBy(rule, bound))
            continue; // until its next sample
        const std::string part = isKey ? std::string() : field;
        if (!allows(rule, bound.labels)) {
            // A restored instance shows its labels only now.
            if (const auto stray = byName.find(instanceName(rule.id, key, part)); stray != byName.end()) {
                close(instances[stray->second], Transition::Event::Delete, actor, reason);
                evict(instances[stray->second]);
            }
            continue;
        }
        Place place{key, part, isKey ? key : bound.path, bound.labels, bound.kind, id};
        if (rule.isGrouped)
            place = groupOf(rule, bound.labels, bound.kind);
        if (isUnlisted(rule, place))
            continue;
        const auto n = instanceFor(r, place, actor, reason);
        if (!n)
            continue;
        if (const auto &inputs = instances[*n].inputs; inputs && !(inputs->measure && inputs->measure->takesMessages()))
            addSeries(instances[*n], 0, id);
        else if (inputs)
            continue; // its source's messages are its input
        else
            watchers[number(id)].push_back(*n);
    }
    noteSole(id);
}

void AlarmEngine::Private::noteEdits(const std::vector<std::shared_ptr<const Rule>> &next, const std::string &actor,
                                     const std::string &reason)
{
    for (const auto &before : rules) {
        if (before->isDerived)
            continue;
        const auto after = std::find_if(next.begin(), next.end(), [&](const auto &rule) { return rule->id == before->id; });
        if (after != next.end() && ((*after)->hash == before->hash || !isRow(24)))
            continue;
        JournalRow row; // also of a rule that is gone, whose alarms are closed below
        row.event = after == next.end() ? "DELETED" : "RULE_CHANGED";
        row.rule = before->id;
        row.area = before->area;
        row.priority = nameOf(before->priority);
        row.ruleHash = after == next.end() ? before->hash : (*after)->hash;
        row.tDetect = row.tEvent = now;
        row.actor = actor;
        row.reason = reason;
        changes.rows.push_back(std::move(row));
        changes.isTransition = true;
    }
}

void AlarmEngine::Private::retire(const std::string &key, const std::string &actor, const std::string &reason)
{
    const auto found = byKey.find(key);
    if (found == byKey.end())
        return;
    const Key mine = found->second;
    for (const std::uint32_t n : mine.instances) {
        close(instances[n], Transition::Event::Retire, actor, reason); // 32
        evict(instances[n]);
    }
    for (const SeriesId id : mine.series) {
        watchers[number(id)].clear();
        for (const Feed &feed : feeds[number(id)])
            instances[feed.instance].inputs->members[feed.member].isGone = true;
        feeds[number(id)].clear();
        setRetired(id, true);
    }
}

}
