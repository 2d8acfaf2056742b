#pragma once

#include "core/result.h"
#include "core/types.h"
#include "decode/message.h"
#include "decode/value.h"

namespace sg {

// Which clock says when a row happened.
struct TimeBasis
{
    enum class Basis : std::uint8_t { Arrival, Broker, Database, Message };
    Basis basis = Basis::Arrival;
    std::string unit = "iso"; // s, ms, us, ns, iso
    std::string zone; // of stamps without one

    // The raw stamp, not corrected; NoTime for basis arrival. `at`: what stands at the declared place, null without one.
    [[nodiscard]] Result<Time> stamp(const Message &message, const Value *at) const;
};

}
