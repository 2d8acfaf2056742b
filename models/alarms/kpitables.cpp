#include "alarms/kpibook.h"

#include "core/text.h"

#include <algorithm>
#include <cmath>

// The tables behind the numbers of the scorecard.
namespace sg {

namespace {

using Raises = std::vector<const KpiRaise *>;

constexpr Micros PairWithin = std::chrono::seconds(60), LongOutOfService = std::chrono::hours(24 * 7);
constexpr std::size_t MostActors = 20, LeastPairs = 5, MostFollowers = 200;
constexpr double PairShare = 0.8;

double secondsOf(Micros time)
{
    return std::chrono::duration<double>(time).count();
}

void add(KpiTable &table, std::vector<KpiCell> cells, std::vector<std::uint64_t> records)
{
    std::sort(records.begin(), records.end());
    table.rows.push_back(std::move(cells));
    table.records.push_back(std::make_shared<const std::vector<std::uint64_t>>(std::move(records)));
}

Raises allOf(const KpiFacts &facts)
{
    Raises out;
    for (const KpiRaise &raise : facts.raises)
        out.push_back(&raise);
    return out;
}

KpiTable completeness(const KpiFacts &facts)
{
    KpiTable table{"excluded", SG_TR("not watched: not in any denominator"), {"from", "to", "seconds", "source", "why"}, {}};
    for (const KpiExcluded &one : facts.excluded)
        add(table, {one.from, one.to, secondsOf(one.to - one.from), one.source, one.why}, {one.seq});
    return table;
}

KpiTable rate(const KpiFacts &facts)
{
    KpiTable table{"hours", SG_TR("alarms by hour (UTC)"), {"hour", "alarms", "watched"}, {}};
    constexpr Micros hour = std::chrono::hours(1);
    std::map<Time, std::vector<std::uint64_t>> seqs;
    const auto floor = [&](Time t) { return t - Micros(((t.time_since_epoch().count() % hour.count()) + hour.count()) % hour.count()); };
    for (const KpiRaise &raise : facts.raises)
        seqs[floor(raise.t)].push_back(raise.seq);
    // Empty hours count: they are rows too.
    for (Time t = floor(facts.from); t < facts.to; t += hour)
        add(table, {t, static_cast<double>(seqs[t].size()), std::string(facts.isWatched(t, t + hour) ? "whole" : "in part")}, seqs[t]);
    return table;
}

KpiTable floods(const KpiFacts &facts)
{
    KpiTable table{"floods",
                   SG_TR("floods (more than 10 in 10 min, until fewer than 5)"),
                   {"area", "start", "end", "alarms", "peak", "first_out", "top_rules"},
                   {}};
    std::map<std::string, Raises> byArea;
    for (const KpiRaise *raise : allOf(facts))
        byArea[facts.alarms[raise->alarm].area].push_back(raise);
    for (const auto &[area, raises] : byArea) {
        for (const KpiFlood &flood : floodsOf(raises, facts.to)) {
            std::map<std::string, std::size_t> counts;
            std::vector<std::uint64_t> seqs;
            for (const KpiRaise *raise : raises)
                if (raise->t >= flood.start && raise->t <= (flood.end == NoTime ? facts.to : flood.end)) {
                    ++counts[facts.alarms[raise->alarm].rule];
                    seqs.push_back(raise->seq);
                }
            std::vector<std::pair<std::size_t, std::string>> order;
            for (const auto &[rule, count] : counts)
                order.emplace_back(count, rule);
            std::stable_sort(order.begin(), order.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
            std::string top;
            for (std::size_t i = 0; i < std::min<std::size_t>(5, order.size()); ++i)
                top += (i == 0 ? "" : ", ") + order[i].second + " " + std::to_string(order[i].first);
            add(table,
                {area, flood.start, flood.end, static_cast<double>(flood.count), static_cast<double>(flood.peak),
                 facts.alarms[flood.firstOut].rule + " " + facts.alarms[flood.firstOut].path, top},
                std::move(seqs));
        }
    }
    return table;
}

KpiTable actors(const KpiFacts &facts)
{
    KpiTable table{"bad_actors", SG_TR("busiest rules"), {"rule", "alarms", "share_percent", "cumulated_percent"}, {}};
    std::map<std::string, std::vector<std::uint64_t>> seqs;
    for (const KpiRaise &raise : facts.raises)
        seqs[facts.alarms[raise.alarm].rule].push_back(raise.seq);
    std::vector<std::pair<std::size_t, std::string>> order;
    for (const auto &[rule, mine] : seqs)
        order.emplace_back(mine.size(), rule);
    std::stable_sort(order.begin(), order.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    double cumulated = 0;
    for (std::size_t i = 0; i < std::min(MostActors, order.size()); ++i) {
        const double part = 100 * static_cast<double>(order[i].first) / static_cast<double>(facts.raises.size());
        cumulated += part;
        add(table, {order[i].second, static_cast<double>(order[i].first), part, cumulated}, seqs[order[i].second]);
    }
    return table;
}

KpiTable chatter(const KpiFacts &facts)
{
    KpiTable table{"chattering", SG_TR("chattering alarms"), {"rule", "alarm", "episodes", "raises", "suggestion"}, {}};
    for (const auto &[alarm, one] : chatterOf(allOf(facts))) {
        std::vector<std::uint64_t> seqs;
        for (const KpiRaise *raise : one.raises)
            seqs.push_back(raise->seq);
        add(table,
            {facts.alarms[alarm].rule, facts.alarms[alarm].path, static_cast<double>(one.episodes), static_cast<double>(one.raises.size()),
             "sightglass-agent advise " + facts.alarms[alarm].rule},
            std::move(seqs));
    }
    return table;
}

KpiTable stale(const KpiFacts &facts)
{
    KpiTable table{"stale", SG_TR("active for 24 h and more"), {"rule", "alarm", "since", "until", "hours"}, {}};
    for (const KpiEpisode &one : facts.episodes) {
        const Time end = std::min(one.end == NoTime ? facts.to : one.end, facts.to);
        if (one.isAnnunciated && end - one.begin >= std::chrono::hours(24) && end > facts.from && one.begin < facts.to)
            add(table, {facts.alarms[one.alarm].rule, facts.alarms[one.alarm].path, one.begin, one.end, secondsOf(end - one.begin) / 3600},
                {one.seq});
    }
    return table;
}

KpiTable acknowledging(const KpiFacts &facts)
{
    KpiTable table{"acknowledging",
                   SG_TR("time to acknowledge and time active, by priority (seconds)"),
                   {"priority", "alarms", "ack_p50", "ack_p90", "ack_max", "never_acknowledged", "active_p50", "active_p90", "active_max"},
                   {}};
    struct Times
    {
        std::size_t never = 0;
        std::vector<Micros> acks, active;
        std::vector<std::uint64_t> seqs;
    };
    std::map<std::string, Times> by;
    for (const KpiEpisode &one : facts.episodes) {
        if (!one.isAnnunciated || one.begin < facts.from || one.begin > facts.to)
            continue;
        Times &times = by[one.priority];
        times.seqs.push_back(one.seq);
        if (one.acked == NoTime)
            times.never += one.isSuperseded ? 0 : 1;
        else
            times.acks.push_back(one.acked - one.calls);
        if (one.end != NoTime)
            times.active.push_back(one.end - one.begin);
    }
    for (const auto &[priority, times] : by)
        add(table,
            {priority, static_cast<double>(times.seqs.size()), quantile(times.acks, 0.5), quantile(times.acks, 0.9),
             quantile(times.acks, 1), static_cast<double>(times.never), quantile(times.active, 0.5), quantile(times.active, 0.9),
             quantile(times.active, 1)},
            times.seqs);
    return table;
}

KpiTable configured(const KpiFacts &facts)
{
    KpiTable table{"priorities_configured", SG_TR("priorities as configured"), {"priority", "rules", "percent"}, {}};
    if (!facts.options.rules)
        return table;
    std::map<Priority, std::size_t> counts;
    for (const auto &rule : facts.options.rules->rules)
        ++counts[rule->priority];
    for (const auto &[priority, count] : counts)
        add(table,
            {std::string(nameOf(priority)), static_cast<double>(count),
             100 * static_cast<double>(count) / static_cast<double>(facts.options.rules->rules.size())},
            {});
    return table;
}

KpiTable coverage(const KpiFacts &facts)
{
    KpiTable table{"rules", SG_TR("rules"), {"rule", "version", "guidance", "raises", "active_percent", "bad_quality_minutes"}, {}};
    if (!facts.options.rules)
        return table;
    std::map<std::string, std::size_t> raises;
    std::map<std::string, std::vector<std::uint64_t>> seqs;
    std::map<std::string, Micros> active;
    std::map<std::string, std::set<std::uint32_t>> alarms;
    for (const KpiEpisode &one : facts.episodes) {
        const std::string &rule = facts.alarms[one.alarm].rule;
        const Time begin = std::max(one.begin, facts.from), end = std::min(one.end == NoTime ? facts.to : one.end, facts.to);
        if (begin >= end && one.begin < facts.from)
            continue;
        raises[rule] += one.begin >= facts.from && one.begin < facts.to ? 1 : 0;
        active[rule] += std::max(Micros(0), end - begin);
        alarms[rule].insert(one.alarm);
        seqs[rule].push_back(one.seq);
    }
    for (const auto &rule : facts.options.rules->rules) {
        const double whole = secondsOf(facts.to - facts.from) * static_cast<double>(std::max<std::size_t>(1, alarms[rule->id].size()));
        const auto bad = facts.bad.find(rule->id);
        add(table,
            {rule->id, hex(rule->hash), std::string(rule->action.empty() ? "no action given" : "yes"),
             static_cast<double>(raises[rule->id]), whole > 0 ? 100 * secondsOf(active[rule->id]) / whole : 0.0,
             bad == facts.bad.end() ? 0.0 : secondsOf(bad->second) / 60},
            seqs[rule->id]);
    }
    return table;
}

KpiTable suppression(const KpiFacts &facts)
{
    KpiTable table{"suppressions",
                   SG_TR("suppression register"),
                   {"kind", "rule", "alarm", "from", "to", "hours", "by", "reason", "remark", "seq"},
                   {}};
    std::map<std::uint32_t, std::size_t> shelves;
    for (const KpiSuppression &one : facts.suppressions)
        shelves[one.alarm] += one.kind == KpiSuppression::Kind::Shelf && one.from >= facts.from ? 1 : 0;
    for (const KpiSuppression &one : facts.suppressions) {
        const Time end = std::min(one.to == NoTime ? facts.to : one.to, facts.to);
        if (one.from >= facts.to || end < facts.from)
            continue;
        const bool isLong = one.kind == KpiSuppression::Kind::OutOfService && end - one.from > LongOutOfService;
        const bool isAgain = one.kind == KpiSuppression::Kind::Shelf && shelves[one.alarm] >= 3;
        static constexpr const char *names[] = {"shelved", "by design", "out of service"};
        add(table,
            {std::string(names[static_cast<std::size_t>(one.kind)]), facts.alarms[one.alarm].rule, facts.alarms[one.alarm].path, one.from,
             one.to, secondsOf(end - std::max(one.from, facts.from)) / 3600, one.by, one.reason,
             std::string(isLong        ? "more than 7 days"
                             : isAgain ? "shelved three times and more"
                                       : ""),
             static_cast<double>(one.seq)},
            {one.seq});
    }
    return table;
}

KpiTable suppressionNow(const KpiFacts &facts)
{
    KpiTable table{"suppressed", SG_TR("suppressed alarms"), {"kind", "now", "most_at_once", "hours"}, {}};
    static constexpr const char *names[] = {"shelved", "by design", "out of service"};
    std::set<std::uint32_t> alarms; // an alarm may be suppressed in more than one way
    for (std::size_t kind = 0; kind < std::size(names); ++kind) {
        std::map<Time, int> steps;
        std::vector<std::uint64_t> seqs;
        double now = 0, hours = 0;
        for (const KpiSuppression &one : facts.suppressions) {
            const Time begin = std::max(one.from, facts.from), end = std::min(one.to == NoTime ? facts.to : one.to, facts.to);
            if (static_cast<std::size_t>(one.kind) != kind || one.from >= facts.to || end < facts.from)
                continue;
            if (one.to == NoTime || one.to > facts.to) {
                ++now;
                alarms.insert(one.alarm);
            }
            hours += secondsOf(end - begin) / 3600;
            seqs.push_back(one.seq);
            ++steps[begin];
            --steps[end];
        }
        int at = 0, most = 0;
        for (const auto &[t, step] : steps)
            most = std::max(most, at += step);
        most = std::max(most, static_cast<int>(now)); // what begins and is cut at the same instant
        add(table, {std::string(names[kind]), now, static_cast<double>(most), hours}, std::move(seqs));
    }
    table.count = alarms.size();
    return table;
}

KpiTable changes(const KpiFacts &facts)
{
    KpiTable table{"changes", SG_TR("changes made"), {"time", "event", "rule", "alarm", "by", "reason", "seq"}, {}};
    for (const KpiChange &one : facts.changes)
        add(table, {one.t, one.event, one.rule, one.path, one.by, one.reason, static_cast<double>(one.seq)}, {one.seq});
    return table;
}

KpiTable detection(const KpiFacts &facts)
{
    KpiTable table{"detection",
                   SG_TR("from the event to its detection, by source (seconds, on-delays included)"),
                   {"source", "raises", "p50", "p99", "max"},
                   {}};
    for (const auto &[source, delays] : facts.delays)
        add(table, {source, static_cast<double>(delays.size()), quantile(delays, 0.5), quantile(delays, 0.99), quantile(delays, 1)},
            facts.delayed.at(source));
    return table;
}

KpiTable pairs(const KpiFacts &facts)
{
    KpiTable table{"pairs",
                   SG_TR("alarms that follow another within 60 s in 80 % of its raises and more (candidates for suppression by design)"),
                   {"first", "then", "raises_of_first", "followed", "percent"},
                   {}};
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    std::map<std::uint32_t, std::size_t> counts;
    std::map<Pair, std::size_t> followed;
    Raises begins;
    for (const KpiRaise &raise : facts.raises)
        if (raise.isBegin)
            begins.push_back(&raise);
    const auto walk = [&](auto &&isFollowed) {
        for (std::size_t i = 0; i < begins.size(); ++i) {
            std::set<std::uint32_t> seen;
            for (std::size_t k = i + 1; k < begins.size() && begins[k]->t <= begins[i]->t + PairWithin && k - i <= MostFollowers; ++k)
                if (begins[k]->alarm != begins[i]->alarm && seen.insert(begins[k]->alarm).second)
                    isFollowed(*begins[i], *begins[k]);
        }
    };
    for (const KpiRaise *raise : begins)
        ++counts[raise->alarm];
    walk([&](const KpiRaise &first, const KpiRaise &then) { ++followed[{first.alarm, then.alarm}]; });
    std::erase_if(followed, [&](const auto &one) {
        const auto n = counts[one.first.first];
        return n < LeastPairs || static_cast<double>(one.second) < PairShare * static_cast<double>(n);
    });
    std::map<Pair, std::vector<std::uint64_t>> seqs; // only of those few: all of them could be 200 a raise
    walk([&](const KpiRaise &first, const KpiRaise &then) {
        if (const Pair pair(first.alarm, then.alarm); followed.contains(pair))
            for (const std::uint64_t seq : {first.seq, then.seq})
                seqs[pair].push_back(seq);
    });
    const auto name = [&](std::uint32_t alarm) { return facts.alarms[alarm].rule + " " + facts.alarms[alarm].path; };
    for (const auto &[pair, count] : followed) {
        const auto n = counts[pair.first];
        add(table,
            {name(pair.first), name(pair.second), static_cast<double>(n), static_cast<double>(count),
             100 * static_cast<double>(count) / static_cast<double>(n)},
            seqs[pair]);
    }
    return table;
}

}

std::vector<KpiTable> tablesOf(const KpiFacts &facts)
{
    const auto counted = [](KpiTable table) {
        table.count = table.rows.size();
        return table;
    };
    return {counted(completeness(facts)),
            rate(facts),
            counted(floods(facts)),
            counted(actors(facts)),
            counted(chatter(facts)),
            counted(stale(facts)),
            acknowledging(facts),
            configured(facts),
            counted(coverage(facts)),
            counted(suppression(facts)),
            suppressionNow(facts),
            counted(changes(facts)),
            detection(facts),
            counted(pairs(facts))};
}

}
