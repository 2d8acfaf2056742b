#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sg {

// A number of seven bits a byte, least first, off the front, as Protobuf and Avro have them; nothing when it does not end.
inline std::optional<std::uint64_t> takeVarint(std::string_view &bytes)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if (byte < 0x80)
            return value;
    }
    return std::nullopt;
}

// The same for signed numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
inline std::optional<std::int64_t> takeZigzag(std::string_view &bytes)
{
    const auto value = takeVarint(bytes);
    if (!value)
        return std::nullopt;
    return static_cast<std::int64_t>(*value >> 1U) ^ -static_cast<std::int64_t>(*value & 1U);
}

}
