#include "core/crc.h"

#include <array>

namespace sg {

namespace {

using Table = std::array<std::uint32_t, 256>;

// tables[k][b]: what byte b does to the check sum when k more bytes follow it ("slicing by 8", Kounavis and Berry 2005).
constexpr std::array<Table, 8> crcTables()
{
    std::array<Table, 8> tables{};
    for (std::uint32_t n = 0; n < 256; ++n) {
        std::uint32_t c = n;
        for (int bit = 0; bit < 8; ++bit)
            c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
        tables[0][n] = c;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t n = 0; n < 256; ++n)
            tables[k][n] = (tables[k - 1][n] >> 8U) ^ tables[0][tables[k - 1][n] & 0xFFU];
    }
    return tables;
}

}

std::uint32_t crc32(std::string_view bytes)
{
    static constexpr auto tables = crcTables();
    const auto byte = [&bytes](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
    std::uint32_t c = 0xFFFFFFFFU;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        c ^= byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U;
        c = tables[7][c & 0xFFU] ^ tables[6][(c >> 8U) & 0xFFU] ^ tables[5][(c >> 16U) & 0xFFU] ^ tables[4][c >> 24U] ^ tables[3][byte(4)]
            ^ tables[2][byte(5)] ^ tables[1][byte(6)] ^ tables[0][byte(7)];
    }
    for (std::size_t i = 0; i < bytes.size(); ++i)
        c = tables[0][(c ^ byte(i)) & 0xFFU] ^ (c >> 8U);
    return c ^ 0xFFFFFFFFU;
}

}
