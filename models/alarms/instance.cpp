#include "alarms/instance.h"

#include <cstring>

namespace sg {

namespace {

constexpr std::uint8_t Layout = 1;

// Field by field, so that no padding and no unused row is saved and equal states are equal bytes.
template <class Move> bool moveAll(Progress &p, std::size_t rows, Move &&move)
{
    bool isWell = true;
    const auto begin = [&](Begin &b) { isWell = move(b.t) && move(b.stamp) && move(b.value) && isWell; };
    for (std::size_t i = 0; i < rows; ++i)
        begin(p.since[i]);
    begin(p.ended);
    isWell = move(p.heldSince) && move(p.older) && move(p.ackedSeq) && move(p.truth) && move(p.found) && isWell;
    return isWell;
}

}

std::vector<std::byte> pack(const Instance &instance)
{
    if (!instance.condition)
        return instance.saved;
    std::vector<std::byte> out;
    out.push_back(std::byte{Layout});
    const auto bytes = instance.bytes();
    out.insert(out.end(), bytes.begin(), bytes.end());
    Progress progress = instance.progress;
    moveAll(progress, instance.condition->levels().size(), [&](auto &value) {
        const auto *raw = reinterpret_cast<const std::byte *>(&value);
        out.insert(out.end(), raw, raw + sizeof value);
        return true;
    });
    return out;
}

bool unpack(std::span<const std::byte> bytes, Instance &instance)
{
    if (bytes.empty() || bytes[0] != std::byte{Layout} || bytes.size() < 1U + instance.stateBytes)
        return false;
    std::size_t at = 1U + instance.stateBytes;
    Progress progress;
    const bool isWell = moveAll(progress, instance.condition->levels().size(), [&](auto &value) {
        if (bytes.size() - at < sizeof value)
            return false;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        at += sizeof value;
        return true;
    });
    if (!isWell || at != bytes.size() || progress.truth > Truth::Unknown || progress.found > Level::HighHigh)
        return false;
    std::copy_n(bytes.begin() + 1, instance.stateBytes, instance.state.begin());
    instance.progress = progress;
    instance.isHeld = progress.heldSince != NoTime;
    return true;
}

}
