#pragma once

#include <cstdint>

namespace sg {

// Batch::isLive of a row that is no sample: its series stands as it stood (a row of a view that was looked at again), which is a sign of
// life at the batch's arrival and nothing else. Its stamp is that of the value that still holds. 0 and 1 are what Sample::isLive says.
constexpr std::uint8_t LifeOnly = 2;

}
