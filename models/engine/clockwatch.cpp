#include "engine/clockwatch.h"

#include "alarms/bytes.h"
#include "core/fields.h"
#include "core/selector.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Micros Period = std::chrono::seconds(30);
constexpr std::size_t Periods = 10; // 5 min
constexpr Micros Tolerance = std::chrono::milliseconds(250); // below it nobody is told
constexpr Micros JumpBound = std::chrono::seconds(2);
constexpr std::size_t StraysAhead = 3, StraysBehind = 5; // a delay can make a stamp look old, nothing makes it look new
constexpr Micros StraysLast = std::chrono::seconds(10);
constexpr Micros JumpShownFor = Periods * Period;
constexpr std::size_t DriftPeriods = 6; // 3 min at least
constexpr Micros DriftBound = std::chrono::milliseconds(200); // over those periods
constexpr Micros CorrectionStep = std::chrono::milliseconds(100); // less is no reason to place anew
constexpr Micros PlacedAnew = std::chrono::seconds(1); // more: what was placed before says nothing of what comes now
constexpr Micros DefaultDelay = std::chrono::seconds(2); // what correct: auto promises without saying so

}

std::optional<ClockWatch::Settings> ClockWatch::settingsOf(const Node &declaration)
{
    const Node &time = declaration["time"];
    if (time.text("basis") != "message")
        return std::nullopt;
    Settings settings;
    const std::vector<std::string> path = readTexts(declaration["path"]);
    for (const std::string &label : readTexts(time["clock"]))
        if (const auto place = std::find(path.begin(), path.end(), label); place != path.end())
            settings.labels.push_back(static_cast<std::size_t>(place - path.begin()));
        else
            settings.notes.push_back(label);
    settings.corrects = time.text("correct") == "auto";
    if (settings.corrects)
        settings.delay = DefaultDelay;
    if (const auto delay = readDuration(time["delay"], "delay"); time.has("delay") && delay && *delay > Micros{0})
        settings.delay = *delay;
    return settings;
}

std::string ClockWatch::nameOf(const std::string &path, const std::string &noted, const Settings &settings)
{
    const auto segments = segmentsOf(path);
    if (settings.notes.empty() ? settings.labels.empty() : noted.empty())
        return std::string(keyOf(path));
    std::string name(sourceOf(path));
    for (const std::size_t label : settings.labels)
        if (label + 2 < segments.size())
            name.append(1, '/').append(segments[label + 1]);
    if (!noted.empty())
        name.append(1, '/').append(noted);
    return name;
}

std::uint32_t ClockWatch::put(Clock clock)
{
    if (m_byName.size() >= m_most)
        return NotWatched;
    auto place = static_cast<std::uint32_t>(m_clocks.size());
    if (m_free.empty()) {
        m_clocks.emplace_back();
    } else {
        place = m_free.back();
        m_free.pop_back();
    }
    m_byName.emplace(std::pair(clock.source, clock.row.key), place);
    m_clocks[place] = std::move(clock);
    return place;
}

std::uint32_t ClockWatch::clockOf(std::uint32_t source, const std::string &path, const std::string &noted, const Settings &settings)
{
    const std::string name = nameOf(path, noted, settings);
    const auto known = m_byName.find({source, name});
    std::uint32_t place = known == m_byName.end() ? NotWatched : known->second;
    if (place == NotWatched) {
        Clock fresh;
        fresh.row.key = name;
        fresh.source = source;
        place = put(std::move(fresh));
        if (place == NotWatched)
            return place;
    }
    Clock &clock = m_clocks[place];
    clock.settings = settings;
    if (!settings.corrects) {
        clock.correction = Micros{0};
        clock.row.isCorrected = false;
    }
    return place;
}

Micros ClockWatch::correctionOf(std::uint32_t source, const std::string &path, const std::string &noted, const Settings &settings) const
{
    const auto known = settings.corrects ? m_byName.find({source, nameOf(path, noted, settings)}) : m_byName.end();
    return known == m_byName.end() ? Micros{0} : m_clocks[known->second].correction;
}

Micros ClockWatch::leastOf(const Clock &clock)
{
    Micros least = clock.least;
    for (const auto &[t, before] : clock.before)
        least = std::min(least, before);
    return least;
}

Time ClockWatch::see(std::uint32_t number, Time stamp, Time arrival, bool counts)
{
    if (number >= m_clocks.size())
        return stamp;
    Clock &clock = m_clocks[number];
    clock.isKnown = true;
    if (counts) {
        const Micros difference = arrival - stamp;
        if (clock.periodBegan == NoTime)
            clock.periodBegan = arrival;
        if (!isMoved(clock, difference, stamp, arrival)) {
            clock.least = std::min(clock.least, difference);
            ++clock.samples;
            // What lies in the future cannot be a delay: that is known with the first few.
            const bool isNewsAhead = clock.samples == StraysAhead && clock.before.empty() && clock.least < -Tolerance;
            if (arrival - clock.periodBegan > Period) {
                clock.before.emplace_back(arrival, clock.least);
                if (clock.before.size() > Periods)
                    clock.before.pop_front();
                look(clock, arrival);
                clock.least = Micros::max();
                clock.samples = 0;
                clock.periodBegan = arrival;
            } else if (isNewsAhead) {
                look(clock, arrival);
            }
        }
    }
    Time placed = stamp + clock.correction;
    // A correction that moves must not put a younger stamp before an older one.
    if (clock.correction != Micros{0} && clock.newestStamp != NoTime && stamp >= clock.newestStamp)
        placed = std::max(placed, clock.newestPlaced);
    if (clock.newestStamp == NoTime || stamp >= clock.newestStamp) {
        clock.newestStamp = stamp;
        clock.newestPlaced = placed;
    }
    return placed;
}

// Collects samples that are off what was usual by more than JumpBound; true while it does, as they are not to be learned from yet.
bool ClockWatch::isMoved(Clock &clock, Micros difference, Time stamp, Time arrival)
{
    const Micros usual = leastOf(clock);
    if (usual == Micros::max())
        return false;
    const Micros off = difference - usual;
    const bool isAhead = off<-JumpBound, isBehind = off> JumpBound;
    if (!isAhead && !isBehind) {
        if (clock.usualAt != NoTime)
            clock.longestGap = std::max(clock.longestGap, arrival - clock.usualAt);
        clock.usualAt = arrival;
        clock.strays = 0;
        return false;
    }
    const bool sameSide = clock.strays > 0 && (clock.leastStray < usual) == isAhead;
    // A backlog that drains or builds up changes from sample to sample; a clock that was moved goes on at the same pace.
    const Micros pace = difference - clock.firstStray;
    const Micros since = sameSide ? arrival - clock.straysSince : Micros{0}; // there may be no first stray yet
    const bool samePace = pace > -JumpBound / 2 && pace < JumpBound / 2 + since / 20;
    if (!sameSide || (isBehind && !samePace)) {
        clock.strays = 0;
        clock.straysSince = arrival;
        clock.firstStray = clock.leastStray = difference;
        clock.ranBack = clock.newestStamp != NoTime && stamp < clock.newestStamp - JumpBound / 2;
    }
    ++clock.strays;
    clock.leastStray = std::min(clock.leastStray, difference);
    const Micros lasted = arrival - clock.straysSince;
    const bool isSure = isAhead ? clock.strays >= StraysAhead : clock.strays >= StraysBehind && lasted >= StraysLast + 2 * clock.longestGap;
    if (!isSure)
        return true;
    const Micros moved = usual - clock.leastStray; // positive: ahead
    clock.before.clear();
    clock.least = clock.leastStray;
    clock.samples = clock.strays;
    clock.periodBegan = arrival;
    clock.strays = 0;
    clock.newestStamp = NoTime; // its stamps begin anew
    clock.movedAt = arrival;
    clock.row.offset = moved;
    clock.row.bound.reset();
    note(clock, isBehind && clock.ranBack ? ClockRow::State::RanBack : ClockRow::State::Jumped, arrival);
    m_moved.push_back(static_cast<std::uint32_t>(&clock - m_clocks.data()));
    if (clock.settings.corrects) // where it is now counts at once
        correct(clock, clock.correction - moved);
    return false;
}

void ClockWatch::note(Clock &clock, ClockRow::State state, Time now)
{
    const bool isMove = state == ClockRow::State::Jumped || state == ClockRow::State::RanBack;
    if (clock.row.state == state && !(isMove && clock.movedAt == now))
        return;
    clock.row.state = state;
    clock.row.since = now;
    m_changed.push_back(static_cast<std::uint32_t>(&clock - m_clocks.data()));
}

void ClockWatch::correct(Clock &clock, Micros by)
{
    const Micros step = by - clock.correction;
    clock.correction = by;
    if (step <= PlacedAnew && step >= -PlacedAnew)
        return; // small steps keep the order of what is placed
    clock.newestStamp = NoTime;
    m_moved.push_back(static_cast<std::uint32_t>(&clock - m_clocks.data()));
}

// What the least of the last 5 min says.
void ClockWatch::look(Clock &clock, Time now)
{
    const Micros least = leastOf(clock), delay = clock.settings.delay;
    // The offset lies between -least and delay - least.
    const bool isAhead = least<-Tolerance, isBehind = delay> Micros{0} && least > delay + Tolerance;
    if (isAhead || isBehind) {
        clock.row.offset = delay / 2 - least;
        clock.row.bound = delay > Micros{0} ? std::optional(delay / 2) : std::nullopt;
        if (clock.settings.corrects) {
            const Micros next = -clock.row.offset;
            if (next - clock.correction > CorrectionStep || clock.correction - next > CorrectionStep)
                correct(clock, next);
            clock.row.isCorrected = true;
        }
        note(clock, isAhead ? ClockRow::State::Ahead : ClockRow::State::Behind, now);
        return;
    }
    correct(clock, Micros{0});
    clock.row.isCorrected = false;
    if (clock.movedAt != NoTime && now - clock.movedAt < JumpShownFor)
        return;
    const auto &periods = clock.before;
    if (periods.size() >= DriftPeriods) {
        const Micros total = periods.back().second - periods.front().second, span = periods.back().first - periods.front().first;
        std::size_t against = 0; // steps the other way: noise of the delay
        for (std::size_t n = 1; n < periods.size(); ++n)
            against += (periods[n].second - periods[n - 1].second > Micros{0}) == (total > Micros{0}) ? 0 : 1;
        if ((total > DriftBound || total < -DriftBound) && against <= 1) {
            const double hours = std::chrono::duration<double, std::ratio<3600>>(span).count();
            clock.row.driftPerHour = Micros(static_cast<std::int64_t>(-static_cast<double>(total.count()) / hours));
            clock.row.offset = Micros{0};
            clock.row.bound.reset();
            note(clock, ClockRow::State::Drifts, now);
            return;
        }
    }
    clock.row.offset = clock.row.driftPerHour = Micros{0};
    clock.row.bound.reset();
    note(clock, ClockRow::State::Right, now);
}

void ClockWatch::forget(std::uint32_t source)
{
    const auto isOf = [this, source](std::uint32_t n) { return m_clocks[n].source == source; };
    std::erase_if(m_changed, isOf);
    std::erase_if(m_moved, isOf);
    for (std::uint32_t n = 0; n < m_clocks.size(); ++n)
        if (isOf(n)) {
            m_byName.erase({source, m_clocks[n].row.key});
            m_clocks[n] = Clock();
            m_free.push_back(n);
        }
}

std::vector<std::pair<std::uint32_t, ClockRow>> ClockWatch::takeChanged()
{
    std::vector<std::pair<std::uint32_t, ClockRow>> out;
    for (const std::uint32_t n : std::exchange(m_changed, {}))
        out.emplace_back(m_clocks[n].source, m_clocks[n].row);
    return out;
}

std::vector<ClockRow> ClockWatch::notRight(std::uint32_t source, std::size_t most) const
{
    std::vector<ClockRow> out;
    for (const Clock &clock : m_clocks)
        if (clock.source == source && clock.row.state != ClockRow::State::Right && out.size() < most)
            out.push_back(clock.row);
    return out;
}

void ClockWatch::unlearn()
{
    for (Clock &clock : m_clocks) {
        clock.least = Micros::max();
        clock.before.clear();
        clock.samples = clock.strays = 0;
        clock.periodBegan = clock.usualAt = NoTime;
        clock.longestGap = Micros{0};
    }
}

std::string ClockWatch::save(std::uint32_t source) const
{
    std::vector<std::byte> bytes;
    SavedWriter write(bytes);
    for (const Clock &clock : m_clocks) {
        const ClockRow &row = clock.row;
        if (clock.source != source || row.state == ClockRow::State::Right)
            continue;
        write(row.key);
        write(row.state);
        write(row.offset);
        write(row.bound.value_or(Micros{-1}));
        write(row.driftPerHour);
        write(row.isCorrected);
        write(row.since);
        write(clock.correction);
    }
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

void ClockWatch::restore(std::uint32_t source, const std::string &bytes)
{
    SavedReader read(std::as_bytes(std::span(bytes)));
    while (read.isWell() && !read.isAtEnd()) {
        Clock clock;
        ClockRow &row = clock.row;
        std::uint8_t state = 0;
        Micros bound{0};
        read(row.key);
        read(state);
        read(row.offset);
        read(bound);
        read(row.driftPerHour);
        read(row.isCorrected);
        read(row.since);
        read(clock.correction);
        if (!read.isWell() || state > static_cast<std::uint8_t>(ClockRow::State::RanBack) || m_byName.contains({source, row.key}))
            return;
        row.state = static_cast<ClockRow::State>(state);
        if (bound >= Micros{0})
            row.bound = bound;
        clock.source = source;
        if (row.state == ClockRow::State::Jumped || row.state == ClockRow::State::RanBack)
            clock.movedAt = row.since;
        put(std::move(clock));
    }
}

Error sentenceOf(const ClockRow &clock)
{
    const std::string by = formatDuration(clock.offset < Micros{0} ? -clock.offset : clock.offset);
    const char *text = "";
    switch (clock.state) {
    case ClockRow::State::Right:
        return {};
    case ClockRow::State::Ahead:
        text = !clock.bound     ? SG_TR("the clock of %1 is at least %2 ahead")
            : clock.isCorrected ? SG_TR("the clock of %1 is %2 ahead (within %3), corrected")
                                : SG_TR("the clock of %1 is %2 ahead (within %3)");
        break;
    case ClockRow::State::Behind:
        text = clock.isCorrected ? SG_TR("the clock of %1 is %2 behind (within %3), corrected")
                                 : SG_TR("the clock of %1 is %2 behind (within %3)");
        break;
    case ClockRow::State::Drifts:
        return {clock.driftPerHour > Micros{0} ? SG_TR("the clock of %1 gains %2 an hour, or its messages take less and less time")
                                               : SG_TR("the clock of %1 loses %2 an hour, or its messages take more and more time"),
                {clock.key, formatDuration(clock.driftPerHour < Micros{0} ? -clock.driftPerHour : clock.driftPerHour)},
                {}};
    case ClockRow::State::Jumped:
        text = clock.offset > Micros{0} ? SG_TR("the clock of %1 jumped %2 ahead")
                                        : SG_TR("the clock of %1 was set back by %2, or its messages take so much longer");
        break;
    case ClockRow::State::RanBack:
        text = SG_TR("the clock of %1 ran backwards by %2");
        break;
    }
    Error out{text, {clock.key, by}, {}};
    if (clock.bound)
        out.args.push_back(formatDuration(*clock.bound));
    return out;
}

}
