#include "alarms/alarmengineprivate.h"
#include "alarms/bytes.h"

#include <algorithm>

// What concerns many alarms at once: floods, chatter and first-out. Thresholds as in ISA-18.2's
// key figures, quoted in the design note "alarms".
namespace sg {

namespace {

constexpr Micros FloodWindow = std::chrono::minutes(10);
constexpr std::size_t FloodBegins = 10, FloodEnds = 5; // more than the first; fewer than the second
constexpr std::size_t MostRemembered = 10'000, MostSaved = 200;
constexpr Micros ChatterWindow = std::chrono::seconds(60);
constexpr std::size_t ChatterBegins = 3;

}

void AlarmEngine::Private::countAnnunciated(Instance &i)
{
    auto &raises = i.standing.raises;
    if (raises.size() == Standing::MostRaises)
        raises.erase(raises.begin());
    raises.push_back(now);
    if (isChattering(i))
        chatterers.insert(numberOf(i));
    AreaState &area = areas[i.area];
    area.annunciated.emplace_back(now, i.path);
    if (area.annunciated.size() > MostRemembered)
        area.annunciated.pop_front();
    areFloodsUnsaved = true;
}

bool AlarmEngine::Private::isChattering(const Instance &i) const
{
    const auto &raises = i.standing.raises;
    return raises.size() >= ChatterBegins && raises.back() - raises[raises.size() - ChatterBegins] <= ChatterWindow
        && raises.back() + ChatterWindow >= now; // not a difference: the first `now` of a restored engine is NoTime
}

// Nothing else happens to an alarm that stopped chattering, and it would be listed as one that does.
void AlarmEngine::Private::noticeQuiet()
{
    std::erase_if(chatterers, [this](std::uint32_t n) {
        Instance &i = instances[n];
        if (!i.isGone && isChattering(i))
            return false;
        if (!i.isGone)
            markChanged(i);
        return true;
    });
}

void AlarmEngine::Private::noticeFloods()
{
    for (auto &[name, area] : areas) {
        while (!area.annunciated.empty() && area.annunciated.front().first + FloodWindow <= now)
            area.annunciated.pop_front();
        const std::size_t count = area.annunciated.size();
        if (!area.isFlood && count > FloodBegins) {
            area.isFlood = areFloodsUnsaved = true;
            area.flood = {name, area.annunciated.front().first, count, count, area.annunciated.front().second};
        }
        area.flood.count = count;
        area.flood.peak = std::max(area.flood.peak, count);
        if (area.isFlood && count < FloodEnds) {
            area.isFlood = false;
            areFloodsUnsaved = true;
        }
    }
}

// `isRestored`: what was open before the restart takes its place again, and only what came first then is marked.
void AlarmEngine::Private::countOpen(Instance &i, bool isRestored)
{
    const bool isOpen = i.isShown && i.regions.isEnabled && i.regions.suppression == 0;
    if (isOpen == !i.countedIn.empty())
        return;
    if (isOpen) {
        i.countedIn = i.area.empty() ? "-" : i.area;
        AreaState &area = areas[i.countedIn];
        if (!isRestored)
            i.standing.isFirstOut = area.open == 0;
        ++area.open;
        if (i.standing.isFirstOut)
            area.firstOut = numberOf(i);
        return;
    }
    AreaState &area = areas[std::exchange(i.countedIn, {})];
    --area.open;
    i.standing.isFirstOut = false;
    if (area.firstOut == numberOf(i))
        area.firstOut.reset();
}

std::string AlarmEngine::Private::packFloods() const
{
    std::vector<std::byte> bytes;
    SavedWriter write(bytes);
    for (const auto &[name, area] : areas) {
        if (area.annunciated.empty() && !area.isFlood)
            continue;
        write(name);
        write(area.isFlood);
        write(area.flood.since);
        write(static_cast<std::uint64_t>(area.flood.peak));
        write(area.flood.firstOut);
        const std::size_t count = std::min(area.annunciated.size(), MostSaved);
        write(static_cast<std::uint32_t>(count));
        for (auto entry = area.annunciated.end() - static_cast<std::ptrdiff_t>(count); entry != area.annunciated.end(); ++entry) {
            write(entry->first);
            write(entry->second);
        }
    }
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

void AlarmEngine::Private::unpackFloods(const std::string &bytes)
{
    SavedReader read(std::as_bytes(std::span(bytes)));
    while (read.isWell() && !read.isAtEnd()) {
        std::string name;
        AreaState area;
        std::uint64_t peak = 0;
        read(name);
        read(area.isFlood);
        read(area.flood.since);
        read(peak);
        read(area.flood.firstOut);
        for (std::size_t n = read.count(12); n-- > 0 && read.isWell();) {
            auto &[t, path] = area.annunciated.emplace_back();
            read(t);
            read(path);
        }
        if (!read.isWell())
            return;
        area.flood.area = name;
        area.flood.peak = static_cast<std::size_t>(peak);
        area.flood.count = area.annunciated.size();
        areas[name] = std::move(area);
    }
}

void AlarmEngine::Private::noteSole(SeriesId id)
{
    const auto n = number(id);
    const bool isSole = watchers[n].size() == 1 && feeds[n].empty() && !series[n].isRetired && !series[n].isForgotten;
    soles[n] = isSole ? watchers[n].front() : NotSole;
}

void AlarmEngine::Private::setRetired(SeriesId id, bool is)
{
    BoundSeries &bound = series[number(id)];
    bound.isRetired = is;
    noteSole(id);
    isRetiredUnsaved |= is ? retired.insert(bound.path).second : retired.erase(bound.path) > 0;
}

// The series that it judges: one, those of its key, or those of its group.
std::vector<SeriesId> AlarmEngine::Private::watchedBy(const Instance &i) const
{
    std::vector<SeriesId> out;
    if (i.inputs) {
        for (const std::uint32_t n : i.inputs->sets.front())
            if (!i.inputs->members[n].isGone && !i.inputs->members[n].isAlarm)
                out.push_back(i.inputs->members[n].series);
        return out;
    }
    if (!i.hasSeries)
        return out;
    if (!i.field.empty())
        return {i.series};
    const auto isWatched = [&](SeriesId id) {
        const auto &mine = watchers[number(id)];
        return std::find(mine.begin(), mine.end(), numberOf(i)) != mine.end();
    };
    if (i.rule && i.rule->isGrouped) {
        for (std::size_t n = 0; n < series.size(); ++n)
            if (isWatched(SeriesId(n)))
                out.push_back(SeriesId(n));
    } else if (const auto key = byKey.find(i.key); key != byKey.end()) {
        std::copy_if(key->second.series.begin(), key->second.series.end(), std::back_inserter(out), isWatched);
    }
    return out;
}

// Its rule takes no notice of its series until their next sample; all others do.
void AlarmEngine::Private::forget(const Instance &i)
{
    for (const SeriesId id : watchedBy(i)) {
        forgotten[series[number(id)].path].insert(i.ruleId);
        series[number(id)].isForgotten = isForgottenUnsaved = true;
        noteSole(id);
    }
}

void AlarmEngine::Private::remember(SeriesId id)
{
    BoundSeries &bound = series[number(id)];
    isForgottenUnsaved |= forgotten.erase(bound.path) > 0;
    bound.isForgotten = false;
    if (bound.isRetired)
        setRetired(id, false);
    noteSole(id);
}

bool AlarmEngine::Private::isForgottenBy(const Rule &rule, const BoundSeries &bound) const
{
    const auto found = bound.isForgotten ? forgotten.find(bound.path) : forgotten.end();
    return found != forgotten.end() && found->second.contains(rule.id);
}

void AlarmEngine::Private::restoreFacts(const Facts &facts)
{
    if (const auto floods = facts.find("floods"); floods != facts.end())
        unpackFloods(floods->second);
    if (const auto paths = facts.find("retired"); paths != facts.end()) // none holds a line break: control characters are encoded
        for (std::size_t at = 0, end = 0; at < paths->second.size(); at = end + 1) {
            end = std::min(paths->second.find('\n', at), paths->second.size());
            retired.insert(paths->second.substr(at, end - at));
        }
    if (const auto lines = facts.find("forgotten"); lines != facts.end())
        for (std::size_t at = 0, end = 0; at < lines->second.size(); at = end + 1) {
            end = std::min(lines->second.find('\n', at), lines->second.size());
            const std::string line = lines->second.substr(at, end - at);
            if (const auto tab = line.find('\t'); tab != std::string::npos)
                forgotten[line.substr(0, tab)].insert(line.substr(tab + 1));
        }
}

AlarmEngine::Facts AlarmEngine::Private::takeFacts()
{
    Facts facts;
    if (std::exchange(areFloodsUnsaved, false))
        facts["floods"] = packFloods();
    if (std::exchange(isRetiredUnsaved, false)) {
        std::string &paths = facts["retired"];
        for (const std::string &path : retired)
            paths += path + '\n';
    }
    if (std::exchange(isForgottenUnsaved, false)) {
        std::string &lines = facts["forgotten"]; // PATH tab RULE
        for (const auto &[path, byRules] : forgotten)
            for (const std::string &rule : byRules)
                lines.append(path).append(1, '\t').append(rule).append(1, '\n');
    }
    return facts;
}

std::vector<Flood> AlarmEngine::floods() const
{
    std::vector<Flood> out;
    for (const auto &[name, area] : d->areas)
        if (area.isFlood)
            out.push_back(area.flood);
    return out;
}

std::vector<Chatter> AlarmEngine::chattering() const
{
    std::vector<Chatter> out;
    for (const Instance &i : d->instances)
        if (!i.isGone && d->isChattering(i))
            out.push_back({i.rule, i.path, i.standing.raises.back()});
    return out;
}

}
