#include "alarms/inputs.h"

#include <algorithm>
#include <bit>

namespace sg {

namespace {

bool isSame(const Sample &a, const Sample &b)
{
    return a.t == b.t && a.quality == b.quality && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

constexpr std::uint32_t MaxSets = 1000; // a damaged state must not make us reserve more

template <class Move>
void moveSample(Move &&move, std::conditional_t<std::is_same_v<std::decay_t<Move>, SavedWriter>, const Sample, Sample> &s)
{
    move(s.t);
    move(s.stamp);
    move(s.value);
    move(s.quality);
    move(s.offset);
    move(s.stream);
}

}

bool Inputs::isLater(const Waiting &a, const Waiting &b) const
{
    if (a.sample.t != b.sample.t)
        return a.sample.t > b.sample.t;
    // By name, because numbers depend on the order in which series became known.
    if (a.member != b.member)
        return members[a.member].name > members[b.member].name;
    return a.sequence > b.sequence;
}

std::uint32_t Inputs::add(Member member)
{
    const auto [known, isNew] = m_byName.try_emplace({member.set, member.name}, static_cast<std::uint32_t>(members.size()));
    if (!isNew) { // restored, or back again: what was taken of it stays
        Member &same = members[known->second];
        same.isGone = false;
        same.isAlarm = member.isAlarm;
        same.series = member.series;
        same.alarm = member.alarm;
        same.source = member.source;
        same.kind = member.kind;
        return known->second;
    }
    if (sets.size() <= member.set)
        sets.resize(member.set + 1);
    sets[member.set].push_back(known->second);
    if (!member.isTaken)
        member.newest.quality = Quality::Bad;
    members.push_back(std::move(member));
    return known->second;
}

void Inputs::push(std::uint32_t member, const Sample &sample)
{
    Member &to = members[member];
    if (to.isPushed && isSame(to.pushed, sample)) {
        if (measure)
            measure->takeDuplicate({to.set, member, sample});
        return;
    }
    to.pushed = sample;
    to.isPushed = true;
    m_waiting.push_back({member, m_sequence++, sample});
    std::push_heap(m_waiting.begin(), m_waiting.end(), [this](const auto &a, const auto &b) { return isLater(a, b); });
}

std::pair<std::uint32_t, Sample> Inputs::pop()
{
    std::pop_heap(m_waiting.begin(), m_waiting.end(), [this](const auto &a, const auto &b) { return isLater(a, b); });
    const Waiting first = m_waiting.back();
    m_waiting.pop_back();
    members[first.member].newest = first.sample;
    members[first.member].isTaken = true;
    judgedTo = std::max(judgedTo, first.sample.t);
    return {first.member, first.sample};
}

void Inputs::save(SavedWriter &write) const
{
    write(judgedTo);
    std::vector<std::vector<const Waiting *>> waiting(members.size());
    for (const Waiting &one : m_waiting)
        waiting[one.member].push_back(&one);
    write(static_cast<std::uint32_t>(std::count_if(members.begin(), members.end(), [](const Member &m) { return !m.isGone; })));
    for (std::size_t n = 0; n < members.size(); ++n) {
        const Member &member = members[n];
        if (member.isGone)
            continue;
        write(member.set);
        write(member.name);
        write(member.isTaken);
        moveSample(write, member.newest);
        std::sort(waiting[n].begin(), waiting[n].end(), [this](const auto *a, const auto *b) { return isLater(*b, *a); });
        write(static_cast<std::uint32_t>(waiting[n].size()));
        for (const Waiting *one : waiting[n])
            moveSample(write, one->sample);
    }
    if (measure)
        measure->save(write);
}

// The members come in their old order, because a measure may know them by their numbers.
void Inputs::load(SavedReader &read)
{
    read(judgedTo);
    for (std::size_t n = read.count(50); n-- > 0 && read.isWell();) {
        Member member;
        read(member.set);
        read(member.name);
        read(member.isTaken);
        moveSample(read, member.newest);
        if (member.set > MaxSets)
            return;
        member.isGone = true;
        member.pushed = member.newest;
        member.isPushed = member.isTaken;
        const std::uint32_t number = add(std::move(member));
        for (std::size_t w = read.count(30); w-- > 0 && read.isWell();) {
            Sample sample;
            moveSample(read, sample);
            push(number, sample);
        }
        members[number].isGone = true;
    }
    if (measure)
        measure->load(read);
}

}
