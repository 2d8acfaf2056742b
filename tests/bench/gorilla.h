#pragma once

#include "store/seriesstore.h"

#include <bit>
#include <string>

namespace sg::bench {

// The coder that the store's own is held against: delta-of-delta times and XORed values, bit by bit (Pelkonen et al., Gorilla, VLDB 2015),
// in blocks that are decodable alone. Times are microseconds, so the widest class of a difference has 64 bits; qualities are left out.
class BitWriter
{
public:
    explicit BitWriter(std::string &out)
        : m_out(out)
    {
    }
    ~BitWriter()
    {
        if (m_used > 0)
            m_out.push_back(static_cast<char>(m_byte << (8 - m_used)));
    }
    BitWriter(const BitWriter &) = delete;
    BitWriter &operator=(const BitWriter &) = delete;
    void put(std::uint64_t bits, unsigned count)
    {
        while (count > 0) {
            const unsigned here = std::min(8 - m_used, count);
            m_byte = m_byte << here | (bits >> (count - here) & ((1U << here) - 1));
            m_used += here;
            count -= here;
            if (m_used == 8) {
                m_out.push_back(static_cast<char>(m_byte));
                m_byte = m_used = 0;
            }
        }
    }

private:
    std::string &m_out;
    unsigned m_byte = 0;
    unsigned m_used = 0;
};

class BitReader
{
public:
    explicit BitReader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }
    std::uint64_t get(unsigned count)
    {
        std::uint64_t bits = 0;
        while (count > 0) {
            const unsigned left = 8 - m_at % 8;
            const unsigned here = std::min(left, count);
            bits = bits << here | (static_cast<unsigned char>(m_bytes[m_at / 8]) >> (left - here) & ((1U << here) - 1));
            m_at += here;
            count -= here;
        }
        return bits;
    }

private:
    std::string_view m_bytes;
    std::size_t m_at = 0;
};

inline std::uint64_t bitsOf(const Row &row)
{
    return std::bit_cast<std::uint64_t>(row.value);
}

inline void gorillaEncode(std::span<const Row> rows, std::string &out)
{
    struct Class
    {
        unsigned prefix, prefixBits, bits;
    };
    static constexpr Class classes[] = {{0b10, 2, 7}, {0b110, 3, 12}, {0b1110, 4, 20}, {0b1111, 4, 64}};
    BitWriter bits(out);
    const auto micros = [&](std::size_t i) { return rows[i].t.time_since_epoch().count(); };
    bits.put(static_cast<std::uint64_t>(micros(0)), 64);
    bits.put(bitsOf(rows[0]), 64);
    std::int64_t before = 0;
    unsigned leading = 65, trailing = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const std::int64_t delta = micros(i) - micros(i - 1);
        const std::int64_t change = delta - before;
        before = delta;
        if (change == 0) {
            bits.put(0, 1);
        } else {
            for (const Class &c : classes) {
                if (c.bits == 64 || (change >= -(std::int64_t(1) << (c.bits - 1)) && change < std::int64_t(1) << (c.bits - 1))) {
                    bits.put(c.prefix, c.prefixBits);
                    bits.put(static_cast<std::uint64_t>(change), c.bits);
                    break;
                }
            }
        }
        const std::uint64_t mixed = bitsOf(rows[i]) ^ bitsOf(rows[i - 1]);
        if (mixed == 0) {
            bits.put(0, 1);
            continue;
        }
        const auto lead = std::min(31U, static_cast<unsigned>(std::countl_zero(mixed)));
        const auto trail = static_cast<unsigned>(std::countr_zero(mixed));
        if (leading <= lead && trailing <= trail) {
            bits.put(0b10, 2);
        } else {
            leading = lead;
            trailing = trail;
            bits.put(0b11, 2);
            bits.put(leading, 5);
            bits.put(64 - leading - trailing - 1, 6);
        }
        bits.put(mixed >> trailing, 64 - leading - trailing);
    }
}

inline void gorillaDecode(std::string_view bytes, std::span<Row> out)
{
    BitReader bits(bytes);
    auto micros = static_cast<std::int64_t>(bits.get(64));
    std::uint64_t value = bits.get(64);
    const auto put = [&](std::size_t i) { out[i] = {Time(Micros(micros)), std::bit_cast<double>(value), Quality::Good}; };
    put(0);
    std::int64_t delta = 0;
    unsigned leading = 0, width = 0;
    for (std::size_t i = 1; i < out.size(); ++i) {
        unsigned ones = 0;
        while (ones < 4 && bits.get(1) == 1)
            ++ones;
        static constexpr unsigned widths[] = {0, 7, 12, 20, 64};
        if (ones > 0) {
            const unsigned unused = 64 - widths[ones];
            delta += static_cast<std::int64_t>(bits.get(widths[ones]) << unused) >> unused;
        }
        micros += delta;
        if (bits.get(1) == 1) {
            if (bits.get(1) == 1) {
                leading = static_cast<unsigned>(bits.get(5));
                width = static_cast<unsigned>(bits.get(6)) + 1;
            }
            value ^= bits.get(width) << (64 - leading - width);
        }
        put(i);
    }
}

}
