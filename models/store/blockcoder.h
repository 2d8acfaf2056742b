#pragma once

#include "store/intcoder.h"
#include "store/qualitybits.h"
#include "store/seriesstore.h"

#include <array>

namespace sg {

// A block of rows as bytes and back, to the bit. Values that are decimal numbers of at most 15 places, as sensors and JSON give them, are
// kept as whole numbers of their last place; where that does not give the same bits, the bits themselves are. FORMAT.md says how.
// Whatever the bytes are, the functions return; rows that they give are right when the bytes are those of encodeBlock().

// 1 to MaxInts rows, times strictly rising; the first time is kept by whoever keeps the block.
void encodeBlock(std::span<const Row> rows, std::string &out);

// What is known of a block in memory beside its bytes, so that a question about a few of its rows decodes PartRows of them and not all:
// where decoding may begin, and between which values each part lies. Made of the bytes, so it is not stored with them.
struct BlockParts
{
    static constexpr std::size_t Rows = 64;
    static constexpr std::size_t Most = MaxInts / Rows;
    enum class Kind : std::uint8_t { Numbers, Rows };

    std::array<std::int32_t, Most - 1> before{}; // the number in front of a part, less the base of the run
    std::array<std::int32_t, Most> least{}, most{}; // Numbers: of a part, less that base; Rows: the row where it is
    Kind kind = Kind::Numbers;
};

// The values of a block, each decoded when it or one behind it is first asked for. The bytes of the block stay where they are meanwhile.
// As they are kept: row i is numbers[i] / divisor, or the double of these bits, or it is among the odd ones.
class BlockValues
{
public:
    BlockValues() { } // leaves the arrays as they are

    // Bytes have to follow the block, see IntPadding. `parts` are those of this block, and stay where they are as well.
    [[nodiscard]] bool decode(std::string_view block, std::size_t rows, const BlockParts *parts = nullptr);
    [[nodiscard]] double value(std::size_t i) const
    {
        if (m_odd > 0) {
            for (std::size_t k = 0; k < m_odd; ++k) {
                if (m_oddRows[k] == i)
                    return m_oddValues[k];
            }
        }
        return plain(i < m_reached ? m_numbers[i] : numberAhead(i));
    }
    [[nodiscard]] Quality quality(std::size_t i) const { return qualityOf(bits(i)); }
    [[nodiscard]] bool isLate(std::size_t i) const { return isLateOf(bits(i)); }
    // Least and greatest value of some rows, in time: for rows that are all finite, of one quality, all or none late, and none of them odd.
    [[nodiscard]] bool isPlain() const { return m_odd == 0 && m_isOneQuality; }
    [[nodiscard]] std::pair<double, double> range(std::size_t begin, std::size_t end) const;
    // Of a whole part, without decoding it. REQUIRES: hasParts().
    [[nodiscard]] bool hasParts() const { return m_parts != nullptr; }
    [[nodiscard]] std::pair<double, double> rangeOfPart(std::size_t part) const;
    // What decode() may be given from now on; for rows that are all finite, when it was given none. Nothing where a value is odd, qualities
    // differ, all values are one, or a number is too far from the others to be kept in four bytes.
    [[nodiscard]] std::optional<BlockParts> parts() const;

    static constexpr std::size_t MaxOdd = 16;

    // Decodes all before `end` at once, for whoever wants more than a few of them.
    void reach(std::size_t end) const { reach(0, end); }

private:
    void reach(std::size_t begin, std::size_t end) const
    {
        if (m_parts)
            decodeParts(begin, end);
        else if (end > m_reached)
            decodeTo(end);
    }
    void decodeTo(std::size_t end) const;
    void decodeParts(std::size_t begin, std::size_t end) const;
    void shift(std::size_t begin, std::size_t end) const;
    [[nodiscard]] std::int64_t numberAhead(std::size_t i) const; // that is not decoded as yet
    [[nodiscard]] std::uint8_t bits(std::size_t i) const { return m_isOneQuality ? m_quality : static_cast<std::uint8_t>(m_qualities[i]); }
    [[nodiscard]] double plain(std::int64_t number) const
    {
        return m_divisor > 0 ? static_cast<double>(number) / m_divisor : std::bit_cast<double>(number);
    }

    mutable std::array<std::int64_t, MaxInts> m_numbers; // up to m_reached; with parts: those of m_decoded
    mutable IntsRun m_run;
    mutable std::size_t m_reached = 0;
    const BlockParts *m_parts = nullptr; // null: there are none
    mutable std::uint8_t m_decoded = 0; // which of them, by bit
    std::size_t m_rows = 0;
    unsigned m_shift = 0; // of bits, see encodeBlock()
    std::array<std::int64_t, MaxInts> m_qualities; // their bits, unless there is one for all
    std::array<double, MaxOdd> m_oddValues;
    std::array<std::uint8_t, MaxOdd> m_oddRows;
    std::size_t m_odd = 0;
    double m_divisor = 0; // 0: bits
    std::uint8_t m_quality = 0;
    bool m_isOneQuality = true;
};

// The times of a block, the first of which is `first`.
[[nodiscard]] bool decodeTimes(std::string_view block, Time first, std::span<Time> out);
// The first row at or after `t` of so many, without decoding them all; nothing when these times have to be.
[[nodiscard]] std::optional<std::size_t> firstAtOrAfter(std::string_view block, Time first, std::size_t rows, Time t);

}
