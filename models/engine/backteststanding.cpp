#include "engine/backteststanding.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Micros Connecting = std::chrono::seconds(2); // after a start nobody wants to read about this little

struct Range
{
    Time from{}, to{};
    // Keeps only what lies in it.
    void add(std::vector<NotHeard> &out, NotHeard what) const
    {
        what.from = std::max(what.from, from);
        what.to = std::min(what.to, to);
        if (what.from < what.to)
            out.push_back(std::move(what));
    }
};

}

BacktestStanding standingOf(const std::vector<JournalRow> &journal, const std::set<std::string, std::less<>> &sources, Time from, Time to)
{
    BacktestStanding out;
    const Range range{from, to};
    struct Away
    {
        Time since{};
        std::string why;
    };
    std::map<std::string, Away, std::less<>> away; // by source
    Time nobodySince = NoTime;
    const auto stop = [&](Time t) {
        if (nobodySince != NoTime)
            return;
        nobodySince = t;
        out.events.push_back({t, {}, true});
        for (const auto &[source, lost] : away)
            range.add(out.notHeard, {source, lost.since, t, lost.why});
        away.clear();
    };
    for (const JournalRow &row : journal) {
        if (row.event == "STOPPED") {
            stop(row.tEvent);
        } else if (row.event == "STARTED") {
            if (row.tStamp != NoTime)
                stop(std::min(row.tStamp, row.tEvent));
            if (nobodySince == NoTime)
                continue; // the first start: what is older was read then, whole
            range.add(out.notHeard, {{}, nobodySince, row.tEvent, "STOPPED"});
            nobodySince = NoTime;
            for (const std::string &source : sources)
                away[source] = {row.tEvent, "STARTED"};
        } else if (row.event == "SOURCE_LOST") {
            out.events.push_back({row.tEvent, row.source, true});
            if (sources.contains(row.source))
                away.try_emplace(row.source, Away{row.tEvent, row.event});
        } else if (row.event == "SOURCE_LIVE") {
            out.events.push_back({row.tEvent, row.source, false});
            if (const auto lost = away.find(row.source); lost != away.end()) {
                if (lost->second.why != "STARTED" || row.tEvent - lost->second.since > Connecting)
                    range.add(out.notHeard, {row.source, lost->second.since, row.tEvent, lost->second.why});
                away.erase(lost);
            }
        } else if (row.event == "GAP" && !row.source.empty()) {
            range.add(out.notHeard, {row.source, row.tStamp, row.tEvent, row.event});
            Time &last = out.lastGap.try_emplace(row.source, NoTime).first->second;
            last = std::max(last, row.tDetect);
        }
    }
    if (nobodySince != NoTime)
        range.add(out.notHeard, {{}, nobodySince, to, "STOPPED"});
    for (const auto &[source, lost] : away)
        range.add(out.notHeard, {source, lost.since, to, lost.why});
    std::stable_sort(out.events.begin(), out.events.end(), [](const auto &a, const auto &b) { return a.t < b.t; });
    std::stable_sort(out.notHeard.begin(), out.notHeard.end(), [](const auto &a, const auto &b) { return a.from < b.from; });

    std::set<std::string, std::less<>> lost;
    Time at = from;
    for (const auto &event : out.events) {
        const Time t = std::clamp(event.t, from, to);
        if (sources.empty() || lost.size() < sources.size())
            out.watched += t - at;
        at = t;
        if (event.source.empty())
            lost = sources;
        else if (!event.isLost)
            lost.erase(event.source);
        else if (sources.contains(event.source))
            lost.insert(event.source);
    }
    if (sources.empty() || lost.size() < sources.size())
        out.watched += to - at;
    return out;
}

}
