#include "alarms/kpi.h"

#include "alarms/kpibook.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace sg {

namespace {

using Raises = std::vector<const KpiRaise *>;

constexpr Micros TenMinutes = std::chrono::minutes(10), Hour = std::chrono::hours(1), Minute = std::chrono::minutes(1);
constexpr std::size_t FloodBegins = 10, FloodEnds = 5;
constexpr std::size_t ChatterRaises = 3, BulkAcks = 10;

double secondsOf(Micros time)
{
    return std::chrono::duration<double>(time).count();
}

KpiRows seqsOf(const Raises &raises)
{
    auto out = std::make_shared<std::vector<std::uint64_t>>();
    for (const KpiRaise *raise : raises)
        out->push_back(raise->seq);
    std::sort(out->begin(), out->end());
    return out;
}

KpiRows seqsOf(std::vector<std::uint64_t> all)
{
    std::sort(all.begin(), all.end());
    return std::make_shared<const std::vector<std::uint64_t>>(std::move(all));
}

// Raises by windows on the clock; only windows that lie in the range and were watched whole.
struct Windows
{
    std::size_t count = 0, above = 0;
    Raises inThem, inAbove;
};

Windows windowsOf(const KpiFacts &facts, const Raises &raises, Micros width, std::size_t bound)
{
    Windows out;
    const auto floor = [&](Time t) { return t - Micros(((t.time_since_epoch().count() % width.count()) + width.count()) % width.count()); };
    std::size_t at = 0;
    for (Time begin = floor(facts.from); begin < facts.to; begin += width) {
        Raises mine;
        for (; at < raises.size() && raises[at]->t < begin + width; ++at)
            if (raises[at]->t >= begin)
                mine.push_back(raises[at]);
        if (!facts.isWatched(begin, begin + width))
            continue;
        ++out.count;
        out.inThem.insert(out.inThem.end(), mine.begin(), mine.end());
        if (mine.size() <= bound)
            continue;
        ++out.above;
        out.inAbove.insert(out.inAbove.end(), mine.begin(), mine.end());
    }
    return out;
}

double share(double part, double whole) // in percent
{
    return whole > 0 ? 100 * part / whole : std::nan("");
}

KpiGrade grade(double value, double target, double maximum)
{
    if (std::isnan(value))
        return KpiGrade::Trend;
    return value <= target ? KpiGrade::Meets : value <= maximum ? KpiGrade::OverTarget : KpiGrade::OverMaximum;
}

// "< ~1 %": there is one bound, and what is not below it is over the target; twice as much is over any maximum a site may set.
KpiGrade below(double value, double bound)
{
    if (std::isnan(value))
        return KpiGrade::Trend;
    return value < bound ? KpiGrade::Meets : value < 2 * bound ? KpiGrade::OverTarget : KpiGrade::OverMaximum;
}

class Score
{
public:
    Score(const KpiFacts &facts, std::string area)
        : m_facts(facts)
        , m_area(std::move(area))
    {
        for (const KpiRaise &raise : facts.raises)
            if (m_area.empty() || facts.alarms[raise.alarm].area == m_area)
                m_raises.push_back(&raise);
        m_all = seqsOf(m_raises);
    }

    void rates()
    {
        Raises inWatched; // what is in no denominator is in no numerator
        std::copy_if(m_raises.begin(), m_raises.end(), std::back_inserter(inWatched),
                     [this](const KpiRaise *raise) { return m_facts.isWatched(raise->t, raise->t); });
        const auto n = static_cast<double>(inWatched.size());
        const KpiRows counted = seqsOf(inWatched);
        const double watched = secondsOf(m_facts.watched(m_facts.from, m_facts.to));
        const double perDay = watched > 0 ? n / watched * 86'400 : std::nan(""), perHour = watched > 0 ? n / watched * 3600 : std::nan("");
        add("alarms_per_day", SG_TR("alarms a day"), perDay, "", "150 / 300", grade(perDay, 150, 300), counted);
        add("alarms_per_hour", SG_TR("alarms an hour"), perHour, "", "6 / 12", grade(perHour, 6, 12), counted, Needs::AnHour);
        const Windows tens = windowsOf(m_facts, m_raises, TenMinutes, FloodBegins), hours = windowsOf(m_facts, m_raises, Hour, 30);
        const double mean = tens.count > 0 ? static_cast<double>(tens.inThem.size()) / static_cast<double>(tens.count) : std::nan("");
        add("alarms_per_10min", SG_TR("alarms in 10 min, mean"), mean, "", "1 / 2", grade(mean, 1, 2), seqsOf(tens.inThem), Needs::AnHour);
        const double busyHours = share(static_cast<double>(hours.above), static_cast<double>(hours.count));
        add("hours_over_30", SG_TR("hours with more than 30 alarms"), busyHours, "%", "< 1", below(busyHours, 1), seqsOf(hours.inAbove));
        const double busyTens = share(static_cast<double>(tens.above), static_cast<double>(tens.count));
        add("windows_over_10", SG_TR("10-min windows with more than 10 alarms"), busyTens, "%", "< 1", below(busyTens, 1),
            seqsOf(tens.inAbove));
        const auto most = static_cast<double>(mostWithin(m_raises, TenMinutes));
        add("max_10min", SG_TR("most in any 10 min"), most, "", "<= 10", most <= 10 ? KpiGrade::Meets : KpiGrade::OverMaximum, m_all,
            Needs::ADayUnlessOver);
        const auto peakHour = static_cast<double>(mostWithin(m_raises, Hour)),
                   peakMinute = static_cast<double>(mostWithin(m_raises, Minute));
        add("peak_hour", SG_TR("most in any hour"), peakHour, "", "<= 15", peakHour <= 15 ? KpiGrade::Meets : KpiGrade::OverMaximum, m_all,
            Needs::ADayUnlessOver);
        add("peak_minute", SG_TR("most in any minute"), peakMinute, "", "<= 2", peakMinute <= 2 ? KpiGrade::Meets : KpiGrade::OverMaximum,
            m_all, Needs::ADayUnlessOver);
        const auto floods = floodsOf(m_raises, m_facts.to);
        Micros flooded{0};
        Raises inFloods;
        for (const KpiFlood &flood : floods) {
            const Time end = flood.end == NoTime ? m_facts.to : flood.end;
            flooded += m_facts.watched(flood.start, end);
            for (const KpiRaise *raise : m_raises)
                if (raise->t >= flood.start && raise->t <= end)
                    inFloods.push_back(raise);
        }
        add("floods", SG_TR("floods"), static_cast<double>(floods.size()), "", "0", grade(static_cast<double>(floods.size()), 0, 0),
            seqsOf(inFloods), Needs::ADayUnlessOver);
        const double inFlood = share(secondsOf(flooded), watched);
        add("time_in_flood", SG_TR("time in flood"), inFlood, "%", "< 1", below(inFlood, 1), seqsOf(inFloods));
    }

    void badActors()
    {
        std::map<std::string, Raises> byRule;
        for (const KpiRaise *raise : m_raises)
            byRule[m_facts.alarms[raise->alarm].rule].push_back(raise);
        std::vector<const Raises *> order;
        for (const auto &[rule, raises] : byRule)
            order.push_back(&raises);
        std::stable_sort(order.begin(), order.end(), [](const Raises *a, const Raises *b) { return a->size() > b->size(); });
        Raises top;
        for (std::size_t i = 0; i < std::min<std::size_t>(10, order.size()); ++i)
            top.insert(top.end(), order[i]->begin(), order[i]->end());
        const double load = share(static_cast<double>(top.size()), static_cast<double>(m_raises.size()));
        // Ten of ten rules make up everything, which says nothing about them.
        add("top10_load", SG_TR("load of the ten busiest rules"), load, "%", "1 to 5",
            order.size() > 10 ? grade(load, 5, 5) : KpiGrade::Trend, seqsOf(top));
        Raises chattering;
        const auto chatter = chatterOf(m_raises);
        for (const auto &[alarm, one] : chatter)
            chattering.insert(chattering.end(), one.raises.begin(), one.raises.end());
        const auto chatterers = static_cast<double>(chatter.size());
        add("chattering", SG_TR("chattering alarms (3 raises in 60 s)"), chatterers, "", "0", grade(chatterers, 0, 0), seqsOf(chattering),
            Needs::ADayUnlessOver);

        std::vector<std::uint64_t> fleeting, active;
        for (const KpiEpisode &one : m_facts.episodes)
            if (isMine(one) && !chatter.contains(one.alarm) && !one.isActedOn && one.end != NoTime
                && one.end - one.begin < m_facts.options.fleeting)
                fleeting.push_back(one.seq);
        const auto fleetingOnes = static_cast<double>(fleeting.size());
        add("fleeting", SG_TR("fleeting alarms (active for less than 10 s, nobody acted, not chattering)"), fleetingOnes, "", "0",
            grade(fleetingOnes, 0, 0), seqsOf(std::move(fleeting)), Needs::ADayUnlessOver);
        // At the end of each day; a day that is under way ends with the range.
        std::size_t most = 0;
        for (Time day = m_facts.from;; day += KpiDay) {
            const Time end = std::min(m_facts.to, Time(Micros((day.time_since_epoch().count() / KpiDay.count() + 1) * KpiDay.count())));
            std::vector<std::uint64_t> old;
            for (const KpiEpisode &one : m_facts.episodes)
                if (isOfArea(one) && one.begin <= end - KpiDay && (one.end == NoTime || one.end > end))
                    old.push_back(one.seq);
            if (old.size() > most) {
                most = old.size();
                active = std::move(old);
            }
            if (end == m_facts.to)
                break;
        }
        add("stale", SG_TR("stale alarms (active for 24 h and more), most at the end of a day"), static_cast<double>(most), "", "< 5",
            below(static_cast<double>(most), 5), seqsOf(std::move(active)), Needs::ADayUnlessOver);
    }

    void priorities()
    {
        const auto n = static_cast<double>(m_raises.size());
        std::map<std::string, Raises> by;
        for (const KpiRaise *raise : m_raises)
            by[raise->priority].push_back(raise);
        struct Want
        {
            const char *priority, *id, *title, *target;
            double most; // 0: a trend
        };
        for (const Want &want : {Want{"low", "priority_low", SG_TR("annunciated with low priority"), "80", 0},
                                 Want{"medium", "priority_medium", SG_TR("annunciated with medium priority"), "15", 0},
                                 Want{"high", "priority_high", SG_TR("annunciated with high priority"), "5", 5},
                                 Want{"urgent", "priority_urgent", SG_TR("annunciated with the highest priority"), "< 1", 1}}) {
            const double part = share(static_cast<double>(by[want.priority].size()), n);
            const KpiGrade mark = want.most == 0 ? KpiGrade::Trend
                : want.most == 1                 ? below(part, 1)
                                                 : grade(part, want.most, 2 * want.most);
            add(want.id, want.title, part, "%", want.target, mark, seqsOf(by[want.priority]));
        }
    }

    void operators()
    {
        std::vector<Micros> waits, lasts;
        std::vector<std::uint64_t> slow, never, acked, over, suspicious;
        const auto isHigh = [](const KpiEpisode &one) { return one.priority == "high" || one.priority == "urgent"; };
        std::map<std::uint32_t, const KpiEpisode *> newest; // by alarm
        for (const KpiEpisode &one : m_facts.episodes) {
            if (!isMine(one))
                continue;
            newest[one.alarm] = &one;
            if (one.end != NoTime) {
                lasts.push_back(one.end - one.begin);
                over.push_back(one.seq);
            }
            if (one.acked == NoTime) {
                if (!one.isSuperseded)
                    never.push_back(one.seq);
                continue;
            }
            waits.push_back(one.acked - one.calls);
            acked.push_back(one.seq);
            if (waits.back() > TenMinutes && isHigh(one))
                slow.push_back(one.seq);
        }
        for (const auto &[alarm, one] : newest) // what still waits is no better than what was seen late
            if (one->acked == NoTime && isHigh(*one) && m_facts.to - one->calls > TenMinutes)
                slow.push_back(one->seq);
        const KpiRows ackedRows = seqsOf(std::move(acked)), overRows = seqsOf(std::move(over));
        trend("ack_p50", SG_TR("time to acknowledge, median"), quantile(waits, 0.5), "s", ackedRows);
        trend("ack_p90", SG_TR("time to acknowledge, 90 %"), quantile(waits, 0.9), "s", ackedRows);
        trend("ack_max", SG_TR("time to acknowledge, longest"), quantile(waits, 1), "s", ackedRows);
        const auto neverAcked = static_cast<double>(never.size());
        trend("never_acked", SG_TR("never acknowledged"), neverAcked, "", seqsOf(std::move(never)));
        const auto late = static_cast<double>(slow.size());
        add("ack_late_high", SG_TR("high priority not acknowledged within 10 min"), late, "", "0", grade(late, 0, 0),
            seqsOf(std::move(slow)), Needs::ADayUnlessOver);
        trend("active_p50", SG_TR("time active, median"), quantile(lasts, 0.5), "s", overRows);
        trend("active_p90", SG_TR("time active, 90 %"), quantile(lasts, 0.9), "s", overRows);
        trend("active_max", SG_TR("time active, longest"), quantile(lasts, 1), "s", overRows);

        std::size_t bulks = 0;
        std::vector<std::uint64_t> bulk;
        for (std::size_t i = 0; i < m_facts.acks.size();) {
            const auto second = std::chrono::floor<std::chrono::seconds>(m_facts.acks[i].first);
            std::size_t end = i;
            while (end < m_facts.acks.size() && std::chrono::floor<std::chrono::seconds>(m_facts.acks[end].first) == second)
                ++end;
            if (end - i >= BulkAcks) {
                ++bulks;
                for (std::size_t k = i; k < end; ++k)
                    bulk.push_back(m_facts.acks[k].second);
            }
            i = end;
        }
        add("bulk_acks", SG_TR("bulk acknowledgements (10 and more in one second)"), static_cast<double>(bulks), "", "0",
            grade(static_cast<double>(bulks), 0, 0), seqsOf(std::move(bulk)), Needs::ADayUnlessOver);
        for (const KpiChange &change : m_facts.changes)
            if (change.event == "SHELVED" || change.event == "OUT_OF_SERVICE" || change.event == "DISABLED"
                || change.event == "RULE_CHANGED")
                if (change.by.empty() || change.reason.empty())
                    suspicious.push_back(change.seq);
        const auto unexplained = static_cast<double>(suspicious.size());
        add("unexplained_changes", SG_TR("suppressions and changes of rules without actor or reason"), unexplained, "", "0",
            grade(unexplained, 0, 0), seqsOf(std::move(suspicious)), Needs::ADayUnlessOver);
    }

    void quality()
    {
        const double late = share(static_cast<double>(m_facts.late.size()), static_cast<double>(m_facts.begins));
        add("late", SG_TR("found out more than 60 s late"), late, "%", "< 1", below(late, 1), seqsOf(m_facts.late));
        Raises bad;
        for (const KpiRaise *raise : m_raises)
            if (raise->isBad)
                bad.push_back(raise);
        const double part = share(static_cast<double>(bad.size()), static_cast<double>(m_raises.size()));
        add("bad_quality", SG_TR("raised on a value of doubtful quality"), part, "%", "< 5", below(part, 5), seqsOf(bad));
    }

    std::vector<Kpi> take() { return std::move(m_out); }

private:
    [[nodiscard]] bool isOfArea(const KpiEpisode &one) const
    {
        return one.isAnnunciated && (m_area.empty() || m_facts.alarms[one.alarm].area == m_area);
    }
    [[nodiscard]] bool isMine(const KpiEpisode &one) const { return isOfArea(one) && one.begin >= m_facts.from && one.begin <= m_facts.to; }
    // What has to be watched before a number means anything: two minutes are no day. What is only counted is over its bound for certain
    // once it is, however short that took.
    enum class Needs : std::uint8_t { AnHour, ADay, ADayUnlessOver };
    [[nodiscard]] bool isEnough(Needs needs, KpiGrade mark) const
    {
        const Micros watched = m_facts.watched(m_facts.from, m_facts.to);
        const bool isOver = mark == KpiGrade::OverTarget || mark == KpiGrade::OverMaximum;
        return watched >= KpiDay || (needs == Needs::AnHour && watched >= Hour) || (needs == Needs::ADayUnlessOver && isOver);
    }
    void add(const char *id, const char *title, double value, const char *unit, const char *target, KpiGrade mark, KpiRows rows,
             Needs needs = Needs::ADay)
    {
        if (mark != KpiGrade::Trend && !isEnough(needs, mark))
            mark = KpiGrade::TooShort;
        m_out.push_back({id, title, m_area, value, unit, target, mark, std::move(rows)});
    }
    void trend(const char *id, const char *title, double value, const char *unit, KpiRows rows)
    {
        add(id, title, value, unit, "", KpiGrade::Trend, std::move(rows));
    }

    const KpiFacts &m_facts;
    const std::string m_area;
    Raises m_raises;
    KpiRows m_all;
    std::vector<Kpi> m_out;
};

}

const char *nameOf(KpiGrade grade)
{
    switch (grade) {
    case KpiGrade::Meets:
        return SG_TR("meets");
    case KpiGrade::OverTarget:
        return SG_TR("over target");
    case KpiGrade::OverMaximum:
        return SG_TR("over maximum");
    case KpiGrade::Trend:
        return "-";
    case KpiGrade::TooShort:
        return SG_TR("too short to grade");
    }
    return "";
}

std::vector<KpiFlood> floodsOf(const Raises &raises, Time end)
{
    std::vector<KpiFlood> out;
    std::deque<const KpiRaise *> window;
    bool isFlood = false;
    const auto passTo = [&](Time t) {
        while (!window.empty() && window.front()->t + TenMinutes <= t) {
            const Time gone = window.front()->t + TenMinutes;
            window.pop_front();
            if (isFlood && window.size() < FloodEnds) {
                out.back().end = gone;
                isFlood = false;
            }
        }
    };
    for (const KpiRaise *raise : raises) {
        passTo(raise->t);
        window.push_back(raise);
        if (!isFlood && window.size() > FloodBegins) {
            isFlood = true;
            out.push_back({});
            out.back().start = raise->t;
            out.back().firstOut = window.front()->alarm;
        }
        if (isFlood) {
            ++out.back().count;
            out.back().peak = std::max(out.back().peak, window.size());
        }
    }
    passTo(end);
    return out;
}

std::size_t mostWithin(const Raises &raises, Micros width)
{
    std::size_t most = 0, first = 0;
    for (std::size_t i = 0; i < raises.size(); ++i) {
        while (raises[first]->t + width <= raises[i]->t)
            ++first;
        most = std::max(most, i - first + 1);
    }
    return most;
}

std::map<std::uint32_t, KpiChatter> chatterOf(const Raises &raises)
{
    std::map<std::uint32_t, Raises> byAlarm;
    for (const KpiRaise *raise : raises)
        if (raise->isBegin)
            byAlarm[raise->alarm].push_back(raise);
    std::map<std::uint32_t, KpiChatter> out;
    for (const auto &[alarm, all] : byAlarm) {
        std::size_t taken = 0; // up to here they are in an episode
        for (std::size_t i = ChatterRaises - 1; i < all.size(); ++i) {
            const std::size_t first = i + 1 - ChatterRaises;
            if (all[i]->t - all[first]->t > Minute)
                continue;
            KpiChatter &chatter = out[alarm];
            chatter.episodes += first >= taken ? 1 : 0;
            for (std::size_t k = std::max(first, taken); k <= i; ++k)
                chatter.raises.push_back(all[k]);
            taken = i + 1;
        }
    }
    return out;
}

double quantile(std::vector<Micros> values, double part)
{
    if (values.empty())
        return std::nan("");
    // The nearest rank: a value that there was.
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(values.size())));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return secondsOf(*at);
}

std::vector<Kpi> scorecardOf(const KpiFacts &facts, const std::string &area, bool isWhole)
{
    Score score(facts, area);
    score.rates();
    if (isWhole) {
        score.badActors();
        score.priorities();
        score.operators();
        score.quality();
    }
    return score.take();
}

}
