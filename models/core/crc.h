#pragma once

#include <cstdint>
#include <string_view>

namespace sg {

// CRC-32 of IEEE 802.3 (polynomial 0xEDB88320, reflected), eight bytes a step. Any thread.
std::uint32_t crc32(std::string_view bytes);

}
