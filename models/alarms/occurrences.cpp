#include "alarms/occurrences.h"

#include <algorithm>
#include <tuple>

namespace sg {

namespace {

std::string nameOf(const JournalRow &row)
{
    std::string name = row.rule;
    name.append(1, '\0').append(row.key).append(1, '\0').append(row.field);
    return name;
}

bool ends(const std::string &event)
{
    for (const char *one : {"CLEARED", "REDEFINED", "DELETED", "DISABLED", "RETIRED"})
        if (event == one)
            return true;
    return false;
}

auto alarmOf(const Occurrence &one)
{
    return std::tie(one.rule, one.key, one.field);
}

Time endOf(const Occurrence &one)
{
    return one.end == NoTime ? Time::max() : one.end;
}

bool isSame(const Occurrence &a, const Occurrence &b)
{
    return a.begin == b.begin && a.end == b.end && a.highest == b.highest;
}

// Of one alarm, both in time order; what is the same is gone already.
void compare(std::vector<Occurrence> &before, std::vector<Occurrence> &after, std::vector<OccurrenceChange> &out)
{
    using Kind = OccurrenceChange::Kind;
    std::size_t b = 0, a = 0;
    while (b < before.size() || a < after.size()) {
        const bool hasBoth = b < before.size() && a < after.size();
        if (hasBoth && before[b].begin <= endOf(after[a]) && after[a].begin <= endOf(before[b])) {
            out.push_back({Kind::Shifted, std::move(before[b++]), std::move(after[a++])});
        } else if (a == after.size() || (hasBoth && before[b].begin < after[a].begin)) {
            out.push_back({Kind::Removed, std::move(before[b++]), {}});
        } else {
            out.push_back({Kind::Added, {}, std::move(after[a++])});
        }
    }
}

}

Level levelNamed(std::string_view name)
{
    for (const Level level : {Level::Low, Level::High, Level::LowLow, Level::HighHigh})
        if (name == nameOf(level))
            return level;
    return Level::On;
}

void OccurrenceBook::take(const JournalRow &row)
{
    const bool isRaise = row.event == "RAISED", isPast = row.event == "LATE_CLOSED";
    if (isRaise || isPast) {
        Occurrence one;
        one.rule = row.rule;
        one.key = row.key;
        one.field = row.field;
        one.id = row.occurrence;
        one.begin = row.tEvent;
        one.detected = row.tDetect;
        one.highest = levelNamed(row.level);
        one.firstSeq = one.lastSeq = row.seq;
        if (isPast) {
            one.end = row.tEvent;
            one.ended = row.event;
        } else {
            m_open[nameOf(row)] = m_all.size();
        }
        m_all.push_back(std::move(one));
        return;
    }
    const bool isEnd = ends(row.event);
    if (!isEnd && row.event != "ESCALATED")
        return;
    const auto open = m_open.find(nameOf(row));
    if (open == m_open.end())
        return;
    Occurrence &one = m_all[open->second];
    one.lastSeq = row.seq;
    if (!isEnd) {
        one.highest = std::max(one.highest, levelNamed(row.level));
        return;
    }
    one.end = row.tEvent != NoTime ? row.tEvent : row.tDetect;
    one.ended = row.event;
    m_open.erase(open);
}

const Occurrence *OccurrenceBook::openOne(const JournalRow &row) const
{
    const auto open = m_open.find(nameOf(row));
    return open == m_open.end() ? nullptr : &m_all[open->second];
}

std::vector<Occurrence> OccurrenceBook::takeAll()
{
    m_open.clear();
    return std::exchange(m_all, {});
}

std::vector<Occurrence> occurrencesOf(std::span<const JournalRow> rows)
{
    OccurrenceBook book;
    for (const JournalRow &row : rows)
        book.take(row);
    return book.takeAll();
}

std::vector<OccurrenceChange> differences(std::vector<Occurrence> before, std::vector<Occurrence> after)
{
    const auto isEarlier = [](const Occurrence &x, const Occurrence &y) {
        return std::tuple(alarmOf(x), x.begin, endOf(x)) < std::tuple(alarmOf(y), y.begin, endOf(y));
    };
    std::sort(before.begin(), before.end(), isEarlier);
    std::sort(after.begin(), after.end(), isEarlier);
    std::vector<OccurrenceChange> out;
    for (std::size_t b = 0, a = 0; b < before.size() || a < after.size();) {
        const Occurrence &first = a == after.size() || (b < before.size() && alarmOf(before[b]) < alarmOf(after[a])) ? before[b] : after[a];
        const auto alarm = std::tuple(first.rule, first.key, first.field);
        std::vector<Occurrence> mineBefore, mineAfter;
        for (; b < before.size() && alarmOf(before[b]) == alarm; ++b)
            mineBefore.push_back(std::move(before[b]));
        for (; a < after.size() && alarmOf(after[a]) == alarm; ++a)
            mineAfter.push_back(std::move(after[a]));
        // What is the same goes first, so that it is no partner for anything else. Both are in the order of their begins.
        std::vector<Occurrence> otherBefore, otherAfter;
        std::size_t j = 0;
        for (Occurrence &one : mineBefore) {
            while (j < mineAfter.size() && mineAfter[j].begin < one.begin)
                otherAfter.push_back(std::move(mineAfter[j++]));
            if (j < mineAfter.size() && isSame(one, mineAfter[j]))
                ++j;
            else
                otherBefore.push_back(std::move(one));
        }
        for (; j < mineAfter.size(); ++j)
            otherAfter.push_back(std::move(mineAfter[j]));
        compare(otherBefore, otherAfter, out);
    }
    const auto beginOf = [](const OccurrenceChange &change) {
        return change.kind == OccurrenceChange::Kind::Added ? change.after.begin : change.before.begin;
    };
    std::stable_sort(out.begin(), out.end(), [&](const auto &x, const auto &y) { return beginOf(x) < beginOf(y); });
    return out;
}

const char *nameOf(OccurrenceChange::Kind kind)
{
    switch (kind) {
    case OccurrenceChange::Kind::Added:
        return SG_TR("added");
    case OccurrenceChange::Kind::Removed:
        return SG_TR("removed");
    case OccurrenceChange::Kind::Shifted:
        return SG_TR("shifted");
    }
    return "";
}

}
