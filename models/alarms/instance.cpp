#include "alarms/instance.h"

#include "alarms/bytes.h"

namespace sg {

namespace {

constexpr std::uint8_t Layout = 5; // 1 had no standing part, 2 ended it with firstSample, 3 with raises, 4 with isCaused

void moveTimes(SavedWriter &write, const std::vector<Time> &times)
{
    write(static_cast<std::uint32_t>(times.size()));
    for (const Time t : times)
        write(t);
}

void moveTimes(SavedReader &read, std::vector<Time> &times)
{
    times.resize(read.count(sizeof(Time)));
    for (Time &t : times)
        read(t);
}

// Field by field, so that no padding and no unused row is saved and equal states are equal bytes.
template <class Move, class State> void moveStanding(Move &move, State &s, std::uint8_t layout = Layout)
{
    move(s.shelvedUntil);
    move(s.isOneShot);
    move(s.by);
    move(s.reason);
    move(s.releaseAt);
    move(s.failsOpenAt);
    move(s.alarmedAt);
    move(s.realarms);
    move(s.firstSample);
    if (layout < 3)
        return;
    move(s.permit);
    move(s.isDisabled);
    move(s.isFirstOut);
    move(s.note);
    move(s.notedBy);
    move(s.notedAt);
    moveTimes(move, s.raises);
    if (layout < 4)
        return;
    move(s.isOffHours);
    move(s.isCaused);
    if (layout < 5)
        return;
    move(s.beganWith);
    move(s.notes);
    move(s.cause.level);
    move(s.cause.value);
    move(s.cause.limit);
    move(s.cause.text);
}

template <class Move, class State> void moveProgress(Move &move, State &p, std::size_t rows)
{
    const auto begin = [&](auto &b) {
        move(b.t);
        move(b.stamp);
        move(b.value);
    };
    for (std::size_t i = 0; i < rows; ++i)
        begin(p.since[i]);
    begin(p.ended);
    move(p.heldSince);
    move(p.older);
    for (auto &change : p.changes) {
        move(change.t);
        move(change.found);
    }
    move(p.lateClosed);
    move(p.ackedSeq);
    move(p.truth);
    move(p.found);
}

}

std::vector<std::byte> pack(const Instance &instance)
{
    std::vector<std::byte> out;
    SavedWriter write(out);
    write(Layout);
    moveStanding(write, instance.standing);
    if (!instance.condition) { // restored, and its series is not known yet
        out.insert(out.end(), instance.saved.begin(), instance.saved.end());
        return out;
    }
    const auto bytes = instance.bytes();
    out.insert(out.end(), bytes.begin(), bytes.end());
    moveProgress(write, instance.progress, instance.condition->levels().size());
    if (instance.inputs)
        instance.inputs->save(write);
    return out;
}

bool unpackStanding(std::span<const std::byte> bytes, Instance &instance)
{
    SavedReader read(bytes);
    std::uint8_t layout = 0;
    read(layout);
    instance.saved.clear();
    if (layout == 1) { // before there were shelves: the condition's bytes follow at once
        const auto rest = bytes.subspan(1);
        instance.saved.assign(rest.begin(), rest.end());
        return true;
    }
    Standing standing;
    const bool isKnown = layout >= 2 && layout <= Layout;
    if (isKnown)
        moveStanding(read, standing, layout);
    if (!isKnown || !read.isWell())
        return false;
    if (standing.cause.level > Level::HighHigh)
        return false;
    if (layout < 4)
        standing.isCaused = (instance.regions.suppression & SuppressedByDesign) != 0;
    instance.standing = std::move(standing);
    while (!read.isAtEnd())
        instance.saved.push_back(read.take(1)[0]);
    return true;
}

bool unpack(std::span<const std::byte> bytes, Instance &instance)
{
    SavedReader read(bytes);
    const auto state = read.take(instance.stateBytes);
    Progress progress;
    moveProgress(read, progress, instance.condition->levels().size());
    if (!read.isWell() || progress.truth > Truth::Unknown || progress.found > Level::HighHigh)
        return false;
    if (instance.inputs)
        instance.inputs->load(read);
    if (!read.isWell() || !read.isAtEnd())
        return false;
    std::copy(state.begin(), state.end(), instance.state.begin());
    instance.progress = progress;
    instance.isHeld = progress.heldSince != NoTime && instance.rule->onMissing != OnMissing::Raise;
    return true;
}

}
