#include "alarms/alarmengineprivate.h"
#include "alarms/tablerow.h"

#include "core/text.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sg {

namespace {

bool isSame(const Sample &a, const Sample &b)
{
    return a.t == b.t && a.quality == b.quality && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

// In words: for every sample, a call of the library's comparison would cost more than the comparison.
bool isSame(const std::array<std::byte, Condition::MaxStateBytes> &a, const std::array<std::byte, Condition::MaxStateBytes> &b)
{
    using Words = std::array<std::uint64_t, Condition::MaxStateBytes / sizeof(std::uint64_t)>;
    const auto x = std::bit_cast<Words>(a), y = std::bit_cast<Words>(b);
    std::uint64_t different = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        different |= x[i] ^ y[i];
    return different == 0;
}

const LevelSettings *settingsOf(const Condition &condition, Level level)
{
    for (const LevelSettings &settings : condition.levels())
        if (settings.level == level)
            return &settings;
    return nullptr;
}

}

std::uint64_t AlarmEngine::Private::occurrenceOf(const Instance &i, Time stamp)
{
    return StableHash()
        .add(i.ruleId)
        .add(static_cast<std::int64_t>(i.conditionHash))
        .add(i.key)
        .add(i.field)
        .add(static_cast<std::int64_t>(stamp.time_since_epoch().count()))
        .value();
}

// The event time at which something happens although no sample comes; delays stand still while quality is bad.
std::optional<Time> AlarmEngine::Private::nextDeadline(const Instance &i) const
{
    std::optional<Time> next;
    const auto consider = [&](Time t) {
        if (!next || t < *next)
            next = t;
    };
    if (!i.regions.isEnabled)
        return next;
    if (i.inputs && i.inputs->measure)
        if (const auto due = i.inputs->measure->due())
            consider(*due);
    if (i.standing.releaseAt != NoTime)
        consider(i.standing.releaseAt);
    if (i.regions.condition == ConditionRegion::Normal)
        return next;
    if (i.isHeld) {
        if (i.rule->onMissing == OnMissing::ClearAfter && i.regions.condition != ConditionRegion::PendingOn)
            consider(i.progress.heldSince + i.rule->clearAfter);
        return next;
    }
    const auto levels = i.condition->levels();
    for (std::size_t r = 0; r < levels.size(); ++r) {
        const Time since = i.progress.since[r].t;
        if (since != NoTime && (i.regions.condition == ConditionRegion::PendingOn || isSeverityUp(i.regions.level, levels[r].level)))
            consider(since + levels[r].onDelay);
    }
    if (i.regions.condition == ConditionRegion::PendingOff)
        if (const LevelSettings *settings = settingsOf(*i.condition, i.regions.level))
            consider(i.regions.t0 + settings->offDelay);
    return next;
}

void AlarmEngine::Private::expect(SeriesId id) const
{
#ifdef __GNUC__
    if (number(id) >= soles.size() || soles[number(id)] == NotSole)
        return;
    const auto *bytes = reinterpret_cast<const char *>(&instances[soles[number(id)]]);
    constexpr std::size_t Line = 64;
    __builtin_prefetch(bytes, 1);
    __builtin_prefetch(bytes + Line);
#endif
}

bool AlarmEngine::Private::isCalm(Instance &i, const Sample &sample)
{
    if (!(sample.value >= i.calm.least && sample.value <= i.calm.most) || sample.quality != Quality::Good || i.hasDeadline)
        return false;
    if (!isSame(i.last, sample)) // an exact duplicate is nothing new
        i.last = sample;
    return true;
}

// The path of every sample. What changes nothing costs one comparison and no more: no text, no map, no allocation.
void AlarmEngine::Private::see(Instance &i, const Sample &sample, const Moment &m)
{
    if (isCalm(i, sample))
        return;
    if (i.isOnArrival) {
        arrive(i, sample, m);
        return;
    }
    if (!i.regions.isEnabled || (i.hasLast && isSame(i.last, sample)))
        return; // an exact duplicate is nothing new
    // A timer whose time lies before this sample comes first: else a backlog would decide otherwise than the live run did.
    if (i.hasDeadline)
        runTimers(i, sample.t, m);
    if ((sample.quality == Quality::Bad || !std::isfinite(sample.value)) && !i.condition->judgesBad()) {
        hold(i, sample, m); // 23: never compared, so it can neither raise nor clear
        return;
    }
    compare(i, sample, m);
}

// A value that is one.
void AlarmEngine::Private::compare(Instance &i, const Sample &sample, const Moment &m)
{
    const auto before = i.state;
    const Finding finding = i.condition->see(sample, i.bytes());
    const bool isSameState = isSame(before, i.state);
    i.last = sample;
    i.hasLast = true;
    const QualityRegion quality = sample.quality == Quality::Uncertain ? QualityRegion::Uncertain : QualityRegion::Good;
    if (isSameState && finding.level == i.progress.found && finding.truth == i.progress.truth && quality == i.regions.quality
        && !i.isHeld) {
        if (i.isShown)
            markChanged(i); // the list shows the newest value
        else if (quality == QualityRegion::Good && !i.inputs)
            i.calm = i.condition->calm(i.bytes());
        return;
    }
    Moment here = m;
    here.stamp = sample.stamp;
    here.value = sample.value;
    here.notes = sample.notes;
    const bool isNews = !isSameState || i.isHeld || finding.level != i.progress.found || finding.truth != i.progress.truth;
    if (i.isHeld)
        letGo(i, sample, here);
    i.progress.heldSince = NoTime;
    i.why = {};
    i.regions.quality = quality;
    if (!isNews) {
        markChanged(i); // only the badge; it is not kept over a restart
        return;
    }
    markUnsaved(i);
    if (i.rule->warmup > Micros{0} && i.regions.condition == ConditionRegion::Normal) {
        if (i.standing.firstSample == NoTime)
            i.standing.firstSample = sample.t;
        if (sample.t < i.standing.firstSample + i.rule->warmup) { // judged with the first sample after it
            i.progress.truth = Truth::Unknown;
            return;
        }
    }
    judge(i, finding, sample.t, here);
}

void AlarmEngine::Private::hold(Instance &i, const Sample &sample, const Moment &m)
{
    // What no message brought is no wrong value: its source says that there is nothing to read.
    const bool isNoData = !sample.isLive && sample.offset < 0;
    doubt(i, sample, isNoData ? QualityRegion::NoData : QualityRegion::Error, {}, m);
}

// The value is bad, or what is measured is not known: nothing is compared and the delays stand still.
void AlarmEngine::Private::doubt(Instance &i, const Sample &sample, QualityRegion quality, const Error &why, const Moment &m)
{
    if (!isRow(23))
        return;
    const bool wasBad = i.progress.heldSince != NoTime;
    if (wasBad || (quality == QualityRegion::Unknown && i.progress.truth == Truth::Unknown)) {
        if (i.regions.quality != quality || !(i.why == why))
            markChanged(i); // held since before a restart, or for another reason
        i.regions.quality = quality;
        i.why = why;
        return;
    }
    i.regions.quality = quality;
    i.why = why;
    noteQuality(i, sample, Quality::Bad, m);
    i.progress.heldSince = sample.t;
    if (i.rule->onMissing == OnMissing::Raise) {
        Moment here = m;
        here.stamp = sample.stamp;
        here.notes = sample.notes;
        judge(i, {Truth::Yes, i.condition->levels()[0].level}, sample.t, here);
        return;
    }
    i.isHeld = true;
    i.hasDeadline = false;
    schedule(i, m, false);
    tell(i, sample.t);
}

// Good again: the time in between does not count, neither for an on-delay nor for an off-delay.
void AlarmEngine::Private::letGo(Instance &i, const Sample &sample, const Moment &m)
{
    const Micros held = sample.t - i.progress.heldSince;
    i.isHeld = false;
    i.why = {};
    i.progress.heldSince = NoTime;
    for (Begin &since : i.progress.since)
        if (since.t != NoTime)
            since.t += held;
    if (i.regions.t0 != NoTime)
        i.regions.t0 += held;
    noteQuality(i, sample, sample.quality, m);
}

void AlarmEngine::Private::judge(Instance &i, const Finding &finding, Time t, const Moment &m)
{
    if (i.progress.truth == Truth::Unknown || finding.level != i.progress.found) {
        std::rotate(i.progress.changes.begin(), i.progress.changes.end() - 1, i.progress.changes.end());
        i.progress.changes.front() = {t, finding.level};
    }
    i.progress.truth = finding.truth;
    i.progress.found = finding.level;
    const auto levels = i.condition->levels();
    bool hasBegun = false, goesOn = false;
    for (std::size_t r = 0; r < levels.size(); ++r) {
        Begin &since = i.progress.since[r];
        if (!covers(finding.level, levels[r].level)) {
            since = {};
        } else if (since.t == NoTime) {
            since = {t, m.stamp, m.value};
            hasBegun = true;
        } else {
            goesOn = true;
        }
    }
    if (hasBegun && !goesOn)
        i.standing.beganWith = notesAt(m);
    settle(i, t, m);
    schedule(i, m, false);
    tell(i, t);
}

void AlarmEngine::Private::settle(Instance &i, Time at, const Moment &m)
{
    if (!i.regions.isEnabled)
        return;
    // From one side to the other takes three rows (clear, pending, raise); more than a handful would be a fault of ours.
    for (int n = 0; n < 6 && settleOnce(i, at, m); ++n) { }
}

// One row of the table, if one applies at event time `at`.
bool AlarmEngine::Private::settleOnce(Instance &i, Time at, const Moment &m)
{
    const auto levels = i.condition->levels();
    const Regions &g = i.regions;
    const Begin *first = nullptr; // what began earliest: the condition as a whole
    const Begin *reachedSince = nullptr;
    const LevelSettings *reached = nullptr; // highest level whose on-delay is over
    for (std::size_t r = 0; r < levels.size(); ++r) {
        const Begin &since = i.progress.since[r];
        if (since.t == NoTime)
            continue;
        if (!first || since.t < first->t)
            first = &since;
        if (since.t + levels[r].onDelay <= at) {
            reached = &levels[r];
            reachedSince = &since;
        }
    }
    Transition what = transitionOf(i, Transition::Event::True, at, m);
    const auto raise = [&](Transition::Event event) {
        what.event = event;
        what.level = reached->level;
        what.occurrence = occurrenceOf(i, first->stamp);
        what.tEvent = first->t;
        return go(i, what, {first->t, first->stamp, reachedSince->value}, m);
    };
    switch (g.condition) {
    case ConditionRegion::Normal:
        if (!first)
            return false;
        if (reached)
            return raise(Transition::Event::True);
        what.hasOnDelay = true;
        what.tEvent = first->t;
        return go(i, what, *first, m);
    case ConditionRegion::PendingOn:
        if (!first || first->t != g.t0) {
            what.event = Transition::Event::False;
            return go(i, what, {at, m.stamp, m.value}, m);
        }
        return reached && raise(Transition::Event::OnDelayOver);
    case ConditionRegion::Active:
    case ConditionRegion::PendingOff:
        break;
    }
    if (reached && isSeverityUp(g.level, reached->level)) {
        what.level = reached->level;
        what.tEvent = reachedSince->t;
        return go(i, what, *reachedSince, m);
    }
    const bool isStill = covers(i.progress.found, g.level);
    const bool isLower = !isStill && i.progress.found != Level::None && covers(g.level, i.progress.found);
    const bool isPending = g.condition == ConditionRegion::PendingOff;
    if (isStill || isLower) {
        what.level = isStill ? g.level : i.progress.found;
        return (isPending || isLower) && go(i, what, {at, m.stamp, m.value}, m);
    }
    const LevelSettings *settings = settingsOf(*i.condition, g.level);
    const Micros offDelay = settings ? settings->offDelay : Micros{0};
    if (isPending) {
        if (g.t0 + offDelay > at)
            return false;
        what.event = Transition::Event::OffDelayOver;
        i.progress.ended.t = g.t0;
        return go(i, what, i.progress.ended, m);
    }
    what.event = Transition::Event::False;
    what.hasOffDelay = offDelay > Micros{0};
    i.progress.ended = {at, m.stamp, m.value};
    return go(i, what, i.progress.ended, m);
}

void AlarmEngine::Private::runTimers(Instance &i, Time upTo, const Moment &m)
{
    // In the order of their times; each one ends a delay or lets a sample leave a window, so there is an end.
    for (std::size_t n = 0; n < 300'000; ++n) {
        const auto deadline = nextDeadline(i);
        if (!deadline || *deadline > upTo)
            return;
        Moment then = m;
        then.stamp = i.last.stamp;
        then.value = i.last.value;
        then.notes = i.last.notes;
        if (i.inputs && i.inputs->measure && i.inputs->measure->due() == deadline)
            elapseMeasure(i, *deadline, then);
        else if (i.standing.releaseAt == *deadline)
            suppress(i, *deadline, then);
        else if (i.isHeld)
            clearMissing(i, *deadline, then);
        else
            settle(i, *deadline, then);
        tell(i, *deadline);
    }
}

// on_missing: { clear_after }. The rule says so; nothing else lets missing data clear an alarm.
void AlarmEngine::Private::clearMissing(Instance &i, Time at, const Moment &m)
{
    i.progress.found = Level::None;
    i.progress.truth = Truth::Unknown;
    i.progress.since.fill({});
    Transition what = transitionOf(i, Transition::Event::False, at, m);
    if (i.regions.condition == ConditionRegion::PendingOff)
        what.event = Transition::Event::OffDelayOver;
    go(i, what, {at, i.progress.heldSince, std::numeric_limits<double>::quiet_NaN()}, m, {}, "clear_after");
}

Transition AlarmEngine::Private::transitionOf(const Instance &i, Transition::Event event, Time at, const Moment &m) const
{
    Transition what;
    what.event = event;
    what.tEvent = at;
    what.now = m.now;
    if (i.rule) {
        what.latch = i.rule->latch;
        what.isAckAuto = i.rule->isAckAuto;
        what.isLateShown = i.rule->isLateShown;
    }
    what.isOneShot = i.standing.isOneShot;
    return what;
}

// `wasAsked`: a timer just asked in vain, so the next question must lie ahead whatever the clock answers.
void AlarmEngine::Private::schedule(Instance &i, const Moment &m, bool wasAsked)
{
    std::optional<Time> ask = standingDeadline(i);
    const auto consider = [&](Time t) {
        if (!ask || t < *ask)
            ask = t;
    };
    if (i.condition && i.regions.isEnabled && i.isOnArrival) {
        if (const auto due = i.condition->due(i.bytes()); due && !wasAsked) // elapseArrival() asks again by itself
            consider(*due);
    } else if (i.condition) {
        auto deadline = nextDeadline(i);
        if (i.inputs && i.inputs->isWaiting() && (!deadline || i.inputs->firstWaiting() < *deadline))
            deadline = i.inputs->firstWaiting();
        i.hasDeadline = deadline.has_value();
        if (deadline)
            consider(m.clock ? reachesOf(i, *deadline, m) : m.now);
    }
    if (!ask)
        return;
    if (wasAsked)
        ask = std::max<Time>(*ask, m.now + Millis(1));
    if (i.askAt != NoTime && i.askAt <= *ask)
        return;
    i.askAt = *ask;
    timers.add(*ask, numberOf(i));
}

void AlarmEngine::Private::arrive(Instance &i, const Sample &sample, const Moment &m)
{
    if (!sample.isLive || !i.regions.isEnabled)
        return; // retained and historical messages are no sign of life
    i.last = sample;
    i.last.t = m.now;
    i.hasLast = true;
    const ConditionKind *kind = conditionKind(i.rule->kind);
    const bool isByStamp = kind && kind->isByStamp;
    Finding finding = i.condition->see(isByStamp ? sample : i.last, i.bytes());
    if (isByStamp)
        finding = i.condition->elapse(m.now, i.bytes());
    markUnsaved(i);
    const bool isNews = finding.truth != i.progress.truth || i.regions.quality != QualityRegion::Good;
    i.regions.quality = QualityRegion::Good;
    if (!isNews && i.askAt != NoTime)
        return; // its timer asks too early, and then again
    Moment here = m;
    here.stamp = sample.stamp;
    here.notes = sample.notes;
    judge(i, finding, m.now, here);
}

void AlarmEngine::Private::arriveOnly(std::span<const Sample> samples, const Moment &m)
{
    for (const Sample &sample : samples) {
        const auto n = number(sample.series);
        if (n >= watchers.size())
            continue;
        for (const std::uint32_t w : watchers[n])
            if (instances[w].isOnArrival)
                arrive(instances[w], sample, m);
    }
}

void AlarmEngine::Private::elapseArrival(Instance &i, const Moment &m)
{
    const auto due = i.condition->due(i.bytes());
    if (!due)
        return;
    const SourceState &source = sources[i.source];
    Time ask = std::max(*due, source.since + i.condition->grace());
    if (source.isLost) // silence of a lost source says nothing about its keys
        ask = std::max<Time>(ask, m.now + std::chrono::seconds(1));
    if (ask > m.now) {
        i.askAt = ask;
        timers.add(ask, numberOf(i));
        return;
    }
    const Finding finding = i.condition->elapse(m.now, i.bytes());
    Moment here = m;
    here.stamp = finding.since;
    here.notes = i.last.notes;
    markUnsaved(i);
    judge(i, finding, *due, here);
}

void AlarmEngine::Private::noticeSources(const EventClock &clock, Time at)
{
    now = at;
    std::vector<std::uint32_t> turned; // lost, or back
    for (std::uint32_t n = 0; n < sources.size(); ++n) {
        SourceState &source = sources[n];
        const bool isLost = clock.isSourceLost(source.name);
        if (source.isLost && !isLost)
            source.since = source.steadySince = at;
        if (source.isLost != isLost)
            turned.push_back(n);
        source.isLost = isLost;
        noticeCatchUp(source, source.hasSeries && clock.isCatchingUp(source.series), at);
    }
    if (!turned.empty()) // every alarm that looks at it is shown as stale, or as live again
        for (Instance &i : instances)
            if (!i.isGone && (i.inputs || std::find(turned.begin(), turned.end(), i.source) != turned.end()))
                markChanged(i);
    noticeFloods();
    noticeQuiet();
}

void AlarmEngine::Private::tidyTimers()
{
    while (!timers.isEmpty() && instances[timers.next().instance].askAt != timers.next().at)
        timers.drop();
}

}
