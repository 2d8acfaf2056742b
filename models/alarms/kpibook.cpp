#include "alarms/kpibook.h"

#include "alarms/catchuphold.h"
#include "alarms/transition.h"
#include "core/selector.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Micros LateAfter = std::chrono::seconds(60); // rule 28
constexpr Micros Month = std::chrono::hours(24 * 30);

bool isOneOf(const std::string &text, std::initializer_list<const char *> all)
{
    return std::any_of(all.begin(), all.end(), [&](const char *one) { return text == one; });
}

}

struct KpiBook::Private
{
    KpiFacts facts;
    std::map<std::string, std::uint32_t> alarmOf; // rule, key, field
    std::map<std::uint32_t, std::size_t> open; // episode by alarm
    std::map<std::uint64_t, std::size_t> byOccurrence; // episode
    std::map<std::uint32_t, std::size_t> superseded; // episode by alarm, until the raise behind it
    std::map<std::pair<std::uint32_t, KpiSuppression::Kind>, std::size_t> standing; // open suppressions
    std::map<std::uint32_t, Time> badSince;
    std::map<std::string, std::vector<std::pair<Time, Time>>> catchUps; // by source, on the reference clock
    std::map<std::string, Audience> audienceOf; // by rule
    Time nobodySince = NoTime, first = NoTime, last = NoTime;
    std::uint64_t records = 0, firstSeq = 0, lastSeq = 0, stoppedSeq = 0;
    std::size_t suppressed = 0, caughtUp = 0, notForOperators = 0;

    [[nodiscard]] bool isInRange(Time t) const { return (facts.options.from == NoTime || t >= facts.options.from) && t < facts.options.to; }

    std::uint32_t numberOf(const JournalRow &row)
    {
        const std::string name = row.rule + '\0' + row.key + '\0' + row.field;
        const auto [place, isNew] = alarmOf.try_emplace(name, static_cast<std::uint32_t>(facts.alarms.size()));
        if (isNew) {
            const auto audience = audienceOf.find(row.rule);
            facts.alarms.push_back({row.rule, row.field.empty() ? row.key : row.key + "/" + row.field, row.area,
                                    std::string(sourceOf(row.key)),
                                    audience == audienceOf.end() || audience->second == Audience::Operator});
        }
        if (!row.area.empty())
            facts.alarms[place->second].area = row.area;
        return place->second;
    }

    void exclude(Time from, Time to, const std::string &source, const char *why, std::uint64_t seq)
    {
        if (from != NoTime && from < to)
            facts.excluded.push_back({from, to, source, why, seq});
    }

    void takeStanding(const JournalRow &row)
    {
        if (row.event == "STOPPED") {
            nobodySince = row.tEvent;
            stoppedSeq = row.seq;
        } else if (row.event == "STARTED") {
            if (row.tStamp != NoTime && (nobodySince == NoTime || row.tStamp < nobodySince))
                nobodySince = row.tStamp;
            exclude(nobodySince, row.tEvent, {}, "STOPPED", row.seq);
            nobodySince = NoTime;
        } else if (row.event == "GAP") {
            exclude(row.tStamp, row.tEvent, row.source, "GAP", row.seq);
        } else if (row.event == "CATCHUP") {
            catchUps[row.source].emplace_back(row.tEvent, row.tDetect);
        }
    }

    void annunciate(const JournalRow &row, std::uint32_t alarm, bool isBegin)
    {
        if (!isInRange(row.tEvent))
            return;
        if (row.to != nameOf(AlarmState::Unacknowledged)) {
            suppressed += isBegin ? 1 : 0;
            return;
        }
        if (!facts.alarms[alarm].isForOperators) {
            notForOperators += isBegin ? 1 : 0;
            return;
        }
        facts.raises.push_back({row.tEvent, row.tDetect, row.seq, alarm, row.priority, isBegin, row.quality != Quality::Good});
    }

    void begin(const JournalRow &row, std::uint32_t alarm)
    {
        if (isInRange(row.tEvent)) {
            ++facts.begins;
            facts.delays[facts.alarms[alarm].source].push_back(row.tDetect - row.tEvent);
            facts.delayed[facts.alarms[alarm].source].push_back(row.seq);
            if (row.event == "LATE_CLOSED" || row.tDetect - row.tEvent > LateAfter)
                facts.late.push_back(row.seq);
        }
        if (row.event == "LATE_CLOSED")
            return;
        annunciate(row, alarm, true);
        open[alarm] = facts.episodes.size();
        byOccurrence[row.occurrence] = facts.episodes.size();
        KpiEpisode episode;
        episode.alarm = alarm;
        episode.occurrence = row.occurrence;
        episode.seq = row.seq;
        episode.begin = row.tEvent;
        episode.detected = row.tDetect;
        if (const auto before = superseded.find(alarm); before != superseded.end()) {
            episode.supersedes = before->second;
            superseded.erase(before);
        }
        episode.priority = row.priority;
        episode.isAnnunciated = row.to == nameOf(AlarmState::Unacknowledged) && facts.alarms[alarm].isForOperators;
        facts.episodes.push_back(std::move(episode));
    }

    void suppress(const JournalRow &row, std::uint32_t alarm)
    {
        using Kind = KpiSuppression::Kind;
        const auto close = [&](Kind kind) {
            if (const auto found = standing.find({alarm, kind}); found != standing.end()) {
                facts.suppressions[found->second].to = row.tEvent;
                standing.erase(found);
            }
        };
        const auto start = [&](Kind kind) {
            close(kind); // shelved anew: another time
            standing[{alarm, kind}] = facts.suppressions.size();
            facts.suppressions.push_back({kind, alarm, row.seq, row.tEvent, NoTime, row.actor, row.reason});
        };
        if (row.event == "SHELVED")
            start(Kind::Shelf);
        else if (row.event == "SUPPRESSED")
            start(Kind::Design);
        else if (row.event == "OUT_OF_SERVICE")
            start(Kind::OutOfService);
        else if (isOneOf(row.event, {"UNSHELVED", "SHELF_OVER"}))
            close(Kind::Shelf);
        else if (row.event == "RELEASED")
            close(Kind::Design);
        else if (row.event == "IN_SERVICE")
            close(Kind::OutOfService);
    }

    void noteAct(const JournalRow &row, std::uint32_t alarm)
    {
        const auto byId = byOccurrence.find(row.occurrence);
        const auto isOpen = open.find(alarm);
        const std::optional<std::size_t> number = byId != byOccurrence.end() ? std::optional(byId->second)
            : isOpen != open.end()                                           ? std::optional(isOpen->second)
                                                                             : std::nullopt;
        const bool isAck = row.event == "ACKNOWLEDGED";
        if (isAck && isInRange(row.tDetect))
            facts.acks.emplace_back(row.tDetect, row.seq);
        if (!number)
            return;
        KpiEpisode &episode = facts.episodes[*number];
        episode.isActedOn = true;
        if (isAck && episode.acked == NoTime)
            episode.acked = row.tDetect;
    }

    void takeAlarm(const JournalRow &row)
    {
        const std::uint32_t alarm = numberOf(row);
        if (row.event == "RAISED" || row.event == "LATE_CLOSED")
            begin(row, alarm);
        else if (row.event == "ESCALATED" || row.event == "REALARMED" || (row.event == "SHELF_OVER" && row.actor.empty()))
            annunciate(row, alarm, false);
        if (isOneOf(row.event, {"CLEARED", "REDEFINED", "DELETED", "DISABLED", "RETIRED"}))
            if (const auto found = open.find(alarm); found != open.end()) {
                facts.episodes[found->second].end = row.tEvent != NoTime ? row.tEvent : row.tDetect;
                facts.episodes[found->second].over = row.tDetect;
                open.erase(found);
            }
        if (!row.actor.empty() && isOneOf(row.event, {"ACKNOWLEDGED", "NOTE", "SHELVED", "OUT_OF_SERVICE"}))
            noteAct(row, alarm);
        if (row.event == "SUPERSEDED")
            if (const auto before = byOccurrence.find(row.occurrence); before != byOccurrence.end())
                superseded[alarm] = before->second;
        suppress(row, alarm);
        if (isOneOf(row.event, {"SHELVED", "OUT_OF_SERVICE", "DISABLED", "ENABLED", "REDEFINED", "DELETED", "RETIRED"})
            && isInRange(row.tEvent != NoTime ? row.tEvent : row.tDetect))
            facts.changes.push_back({row.tEvent, row.seq, row.event, row.rule, facts.alarms[alarm].path, row.actor, row.reason});
        if (row.event != "QUALITY")
            return;
        if (row.quality == Quality::Bad)
            badSince.try_emplace(alarm, row.tEvent);
        else if (const auto bad = badSince.find(alarm); bad != badSince.end()) {
            addBad(alarm, bad->second, row.tEvent);
            badSince.erase(bad);
        }
    }

    void addBad(std::uint32_t alarm, Time from, Time to)
    {
        const Time begin = facts.options.from == NoTime ? from : std::max(from, facts.options.from);
        const Time end = std::min(to, facts.options.to);
        if (begin < end)
            facts.bad[facts.alarms[alarm].rule] += end - begin;
    }

    // An operator answers the alarm, not each of its raises: the wait began with the first one that nobody had acknowledged.
    void settleCalls()
    {
        for (KpiEpisode &episode : facts.episodes) {
            episode.calls = episode.detected;
            if (!episode.supersedes || !episode.isAnnunciated)
                continue;
            KpiEpisode &before = facts.episodes[*episode.supersedes];
            if (!before.isAnnunciated || before.acked != NoTime)
                continue;
            episode.calls = before.calls;
            before.isSuperseded = true;
        }
    }

    // What is excluded becomes disjoint and rising; of what overlaps the first says why.
    void settleExcluded()
    {
        auto &all = facts.excluded;
        std::stable_sort(all.begin(), all.end(), [](const KpiExcluded &a, const KpiExcluded &b) { return a.from < b.from; });
        std::vector<KpiExcluded> out;
        for (KpiExcluded one : all) {
            one.from = std::max(one.from, out.empty() ? facts.from : std::max(facts.from, out.back().to));
            one.to = std::min(one.to, facts.to);
            if (one.from < one.to)
                out.push_back(std::move(one));
        }
        all = std::move(out);
    }

    // What was raised while its source caught up sounded only if it was still active at the end of it, or once that took too long.
    void dropCaughtUp()
    {
        std::map<std::uint64_t, KpiEpisode *> bySeq;
        for (KpiEpisode &episode : facts.episodes)
            bySeq.emplace(episode.seq, &episode);
        std::erase_if(facts.raises, [&](const KpiRaise &raise) {
            const auto found = catchUps.find(facts.alarms[raise.alarm].source);
            if (found == catchUps.end())
                return false;
            for (const auto &[from, to] : found->second) {
                const Time silentUntil = std::min(to, from + (raise.priority == nameOf(Priority::Urgent) ? HeldUrgent : HeldOthers));
                if (raise.detected < from || raise.detected > to)
                    continue;
                if (raise.detected >= silentUntil && silentUntil < to)
                    return false;
                const auto episode = bySeq.find(raise.seq);
                if (episode != bySeq.end() && (episode->second->over == NoTime || episode->second->over > silentUntil))
                    return false;
                if (episode != bySeq.end())
                    episode->second->isAnnunciated = false;
                caughtUp += raise.isBegin ? 1 : 0;
                return true;
            }
            return false;
        });
    }
};

KpiBook::KpiBook(KpiOptions options)
    : d(std::make_unique<Private>())
{
    if (options.rules)
        for (const auto &rule : options.rules->rules)
            d->audienceOf[rule->id] = rule->audience;
    d->facts.options = std::move(options);
}
KpiBook::~KpiBook() = default;

void KpiBook::take(const JournalRow &row)
{
    const Time t = row.tEvent != NoTime ? row.tEvent : row.tDetect;
    if (d->isInRange(t)) {
        ++d->records;
        d->firstSeq = d->firstSeq == 0 ? row.seq : d->firstSeq;
        d->lastSeq = row.seq;
    }
    if (t != NoTime) {
        // When it was written: a backlog tells of times when nobody watched.
        const Time written = row.tDetect != NoTime ? row.tDetect : t;
        d->first = d->first == NoTime ? written : std::min(d->first, written);
        d->last = std::max(d->last, std::max(t, row.tDetect));
    }
    if (!row.key.empty())
        d->takeAlarm(row);
    else if (row.event == "RULE_CHANGED") {
        if (d->isInRange(t))
            d->facts.changes.push_back({t, row.seq, row.event, row.rule, {}, row.actor, row.reason});
    } else {
        d->takeStanding(row);
    }
}

KpiReport KpiBook::report()
{
    KpiFacts &facts = d->facts;
    const KpiOptions &options = facts.options;
    const Time last = std::max(d->last, options.lastSeen);
    facts.from = options.from != NoTime ? std::max(options.from, d->first) : d->first;
    facts.to = options.to != Time::max() ? std::min(options.to, std::max(last, facts.from)) : last;
    facts.to = std::max(facts.to, facts.from);
    if (d->first == NoTime) // an empty journal
        facts.from = facts.to = Time();
    if (d->nobodySince != NoTime)
        d->exclude(d->nobodySince, facts.to, {}, "STOPPED", d->stoppedSeq);
    for (const auto &[alarm, since] : d->badSince)
        d->addBad(alarm, since, facts.to);
    d->settleExcluded();
    d->dropCaughtUp();
    d->settleCalls();
    std::stable_sort(facts.raises.begin(), facts.raises.end(), [](const KpiRaise &a, const KpiRaise &b) { return a.t < b.t; });

    KpiReport out;
    out.from = facts.from;
    out.to = facts.to;
    out.watched = facts.watched(facts.from, facts.to);
    out.isIndicative = out.watched < Month;
    out.isTooShort = out.watched < KpiDay;
    out.excluded = facts.excluded;
    out.records = d->records;
    out.firstSeq = d->firstSeq;
    out.lastSeq = d->lastSeq;
    out.annunciated = facts.raises.size();
    out.suppressed = d->suppressed;
    out.caughtUp = d->caughtUp;
    out.notForOperators = d->notForOperators;
    out.scorecard = scorecardOf(facts, {}, true);
    std::set<std::string> areas;
    for (const KpiRaise &raise : facts.raises)
        areas.insert(facts.alarms[raise.alarm].area);
    if (areas.size() > 1)
        for (const std::string &area : areas)
            for (Kpi &one : scorecardOf(facts, area, false))
                out.scorecard.push_back(std::move(one));
    out.tables = tablesOf(facts);
    out.notComputed = {
        {SG_TR("alarms of an operating position: the workspace has areas but no map of areas to consoles; each area stands for one"),
         {},
         {}},
        {SG_TR("acknowledgements without a view: the journal does not say what was on the screen; bulk acknowledgements are counted"),
         {},
         {}},
        {SG_TR("suppression without permit or role: roles are not in the journal; what has no reason or no actor is counted"), {}, {}},
        {SG_TR("shelves over the longest time allowed: the evaluator refuses them"), {}, {}},
        {SG_TR("detection delay against each rule's allowed lateness: on-delays are part of the delay that is shown"), {}, {}},
        {SG_TR("rules with a test, and why they have their priority: neither is in the journal; guidance and what was never raised are"),
         {},
         {}},
    };
    if (!options.rules)
        out.notComputed.push_back(
            {SG_TR("priorities as configured, and rule coverage: the rules are not known (--workspace DIR)"), {}, {}});
    return out;
}

bool KpiFacts::isWatched(Time a, Time b) const
{
    return a >= from && b <= to
        && std::none_of(excluded.begin(), excluded.end(), [&](const KpiExcluded &one) { return one.from < b && one.to > a; });
}

Micros KpiFacts::watched(Time a, Time b) const
{
    const auto within = [](Time first, Time last) { return std::max(Micros{0}, last - first); };
    const Time begin = std::max(a, from), end = std::min(b, to);
    Micros out = within(begin, end);
    for (const KpiExcluded &one : excluded)
        out -= within(std::max(one.from, begin), std::min(one.to, end));
    return out;
}

}
