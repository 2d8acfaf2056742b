#pragma once

#include "core/fields.h"
#include "core/node.h"
#include "core/types.h"

#include <string>

namespace sg {

// The scheduled hours of a rule: outside of them its alarms are suppressed by design.
// `hours: { zone: Asia/Seoul, days: [mon, tue], from: "20:00", to: "06:00" }`; hours over midnight belong to the day they begin on.
struct Hours
{
    std::string zone; // empty: this machine's
    std::uint8_t days = 0x7F; // bit 0 is Monday
    int from = 0, to = 0; // minutes of the day; equal: the whole day

    // `zone`: where the item names none.
    static Result<Hours> read(const Node &node, const std::string &zone);
    static Fields fields();
    [[nodiscard]] bool holds(Time t) const;
    // When to ask again: not after the next change, however the zone's offset changes until then by at most an hour.
    [[nodiscard]] Time askAgain(Time t) const;
};

}
