#include "store/blockcoder.h"

#include "store/littleendian.h"

#include <cmath>

namespace sg {

namespace {

constexpr std::uint8_t HasBits = 1; // values are bits of doubles, else decimal
constexpr std::uint8_t HasQualities = 2; // of each row, else one for all
constexpr unsigned UnitShift = 4; // unit of the times: 0 microseconds, 1 milliseconds, 2 seconds
constexpr std::array<std::int64_t, 3> Units{1, 1'000, 1'000'000};
constexpr std::size_t HeadBytes = 6; // flags, decimal places or shift, quality, odd values, bytes of the times
constexpr std::array Powers{1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double MostExact = 9'007'199'254'740'992; // 2^53: whole numbers up to it are doubles

using Ints = std::array<std::int64_t, MaxInts>;

// Modulo 2^64, as all arithmetic of runs.
std::int64_t sum(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::uint64_t bitsOf(double value)
{
    return std::bit_cast<std::uint64_t>(value);
}

// The number of which value is number / power to the bit; not for -0.0, NaN and what has more places.
bool asDecimal(double value, double power, std::int64_t &number)
{
    const double scaled = value * power;
    if (!(std::abs(scaled) < MostExact))
        return false;
    number = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    return bitsOf(static_cast<double>(number) / power) == bitsOf(value);
}

struct Decimals
{
    std::size_t places = 0;
    Ints numbers;
    std::array<std::uint8_t, BlockValues::MaxOdd> odd;
    std::size_t oddCount = 0;
};

// False when too many values are no decimal numbers of one number of places.
bool toDecimals(std::span<const Row> rows, Decimals &out)
{
    for (std::size_t i = 0; i < rows.size();) {
        const double value = rows[i].value;
        if (asDecimal(value, Powers[out.places], out.numbers[i])) {
            ++i;
            continue;
        }
        std::size_t places = out.places + 1;
        std::int64_t ignored = 0;
        while (places < Powers.size() && !asDecimal(value, Powers[places], ignored))
            ++places;
        if (places < Powers.size()) { // again from the start, with more places
            out.places = places;
            out.oddCount = 0;
            i = 0;
            continue;
        }
        if (out.oddCount == BlockValues::MaxOdd)
            return false;
        out.odd[out.oddCount++] = static_cast<std::uint8_t>(i);
        out.numbers[i] = i > 0 ? out.numbers[i - 1] : 0;
        ++i;
    }
    return out.oddCount * MaxInts <= rows.size() * BlockValues::MaxOdd;
}

std::string_view valuesOf(std::string_view block)
{
    return block.substr(std::min(block.size(), HeadBytes + getLittle<std::uint16_t>(block.data() + 4)));
}

}

void encodeBlock(std::span<const Row> rows, std::string &out)
{
    const std::size_t begin = out.size();
    out.resize(begin + HeadBytes);
    std::uint8_t flags = 0;
    Ints ints;
    const auto used = std::span(ints).first(rows.size());

    const Time first = rows.front().t;
    unsigned unit = Units.size() - 1;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        // Modulo 2^64, because a hostile span of times may be longer than a whole number holds.
        ints[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(rows[i].t.time_since_epoch().count())
                                            - static_cast<std::uint64_t>(first.time_since_epoch().count()));
        while (ints[i] % Units[unit] != 0)
            --unit;
    }
    if (unit > 0) {
        for (std::int64_t &offset : used)
            offset /= Units[unit];
    }
    flags |= static_cast<std::uint8_t>(unit << UnitShift);
    encodeInts(used, out);
    const std::size_t timesBytes = out.size() - begin - HeadBytes;

    Decimals decimals;
    std::uint8_t scale = 0;
    if (toDecimals(rows, decimals)) {
        scale = static_cast<std::uint8_t>(decimals.places);
        encodeInts(std::span<const std::int64_t>(decimals.numbers).first(rows.size()), out);
        for (std::size_t i = 0; i < decimals.oddCount; ++i) {
            out.push_back(static_cast<char>(decimals.odd[i]));
            putLittle(out, bitsOf(rows[decimals.odd[i]].value));
        }
    } else {
        // Numbers that were once of 32 bits leave the lower ones empty.
        decimals.oddCount = 0;
        flags |= HasBits;
        std::uint64_t any = 0;
        for (const Row &row : rows)
            any |= bitsOf(row.value);
        scale = static_cast<std::uint8_t>(any == 0 ? 0 : std::countr_zero(any));
        for (std::size_t i = 0; i < rows.size(); ++i)
            ints[i] = static_cast<std::int64_t>(bitsOf(rows[i].value)) >> scale;
        encodeInts(used, out);
    }

    const auto quality = qualityBits(rows.front().quality, rows.front().isLate);
    bool isOne = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        ints[i] = qualityBits(rows[i].quality, rows[i].isLate);
        isOne = isOne && ints[i] == quality;
    }
    if (!isOne) {
        flags |= HasQualities;
        encodeInts(used, out);
    }
    std::string head{static_cast<char>(flags), static_cast<char>(scale), static_cast<char>(quality), static_cast<char>(decimals.oddCount)};
    putLittle(head, static_cast<std::uint16_t>(timesBytes));
    out.replace(begin, HeadBytes, head);
}

bool BlockValues::decode(std::string_view block, std::size_t rows, const BlockParts *parts)
{
    if (block.size() < HeadBytes || rows == 0 || rows > MaxInts)
        return false;
    const auto flags = static_cast<std::uint8_t>(block[0]);
    const auto scale = static_cast<std::uint8_t>(block[1]);
    const auto quality = static_cast<std::uint8_t>(block[2]);
    m_odd = static_cast<std::uint8_t>(block[3]);
    const bool isBits = (flags & HasBits) != 0;
    if (!areQualityBits(quality) || m_odd > MaxOdd || (isBits ? scale > 63 : scale >= Powers.size()))
        return false;
    const std::string_view bytes = valuesOf(block);
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    if (!m_run.parse(at, end, rows))
        return false;
    m_rows = rows;
    m_reached = 0;
    m_parts = parts;
    m_decoded = 0;
    m_divisor = isBits ? 0 : Powers[scale];
    m_shift = isBits ? scale : 0;
    for (std::size_t i = 0; i < m_odd; ++i, at += 9) {
        if (end - at < 9)
            return false;
        m_oddRows[i] = static_cast<std::uint8_t>(*at);
        m_oddValues[i] = std::bit_cast<double>(getLittle<std::uint64_t>(at + 1));
    }
    m_quality = quality;
    m_isOneQuality = (flags & HasQualities) == 0;
    if (m_isOneQuality)
        return true;
    if (!decodeInts(at, end, std::span(m_qualities).first(rows)))
        return false;
    for (std::size_t i = 0; i < rows; ++i) {
        if (!areQualityBits(static_cast<std::uint64_t>(m_qualities[i])))
            return false;
    }
    return true;
}

void BlockValues::decodeTo(std::size_t end) const
{
    constexpr std::size_t Step = 32; // rarely is only one wanted
    const std::size_t from = m_reached;
    m_reached = std::min(m_rows, (end + Step - 1) / Step * Step);
    m_run.decodeTo(m_reached, m_numbers.data());
    shift(from, m_reached);
}

void BlockValues::shift(std::size_t begin, std::size_t end) const
{
    if (m_shift == 0)
        return;
    for (std::size_t i = begin; i < end; ++i)
        m_numbers[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(m_numbers[i]) << m_shift);
}

void BlockValues::decodeParts(std::size_t begin, std::size_t end) const
{
    constexpr std::size_t Rows = BlockParts::Rows;
    for (std::size_t part = begin / Rows; part * Rows < end; ++part) {
        const auto bit = static_cast<std::uint8_t>(1U << part);
        if ((m_decoded & bit) != 0)
            continue;
        m_decoded |= bit;
        const std::size_t first = part * Rows, last = std::min(m_rows, first + Rows);
        IntsRun run = m_run.from(first, part > 0 ? sum(m_run.base(), m_parts->before[part - 1]) : 0);
        run.decodeTo(last, m_numbers.data());
        shift(first, last);
    }
    while (m_reached < m_rows && (m_decoded >> (m_reached / Rows) & 1U) != 0)
        m_reached = std::min(m_rows, m_reached + Rows);
}

std::optional<BlockParts> BlockValues::parts() const
{
    BlockParts out;
    if (!isPlain())
        return {};
    const IntsRun start = m_run;
    reach(m_rows);
    bool fits = true;
    const auto kept = [&](std::int64_t number) {
        const auto difference = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(start.base()));
        const auto out32 = static_cast<std::int32_t>(difference);
        fits = fits && out32 == difference;
        return out32;
    };
    const bool isDecimal = m_divisor > 0;
    for (std::size_t begin = 0; begin < m_rows; begin += BlockParts::Rows) {
        const std::size_t part = begin / BlockParts::Rows;
        if (part > 0 && !start.isLine())
            out.before[part - 1] = kept(m_numbers[begin - 1] >> m_shift);
        const std::size_t end = std::min(m_rows, begin + BlockParts::Rows);
        if (isDecimal) {
            const auto [least, most] = std::minmax_element(m_numbers.begin() + begin, m_numbers.begin() + end);
            out.least[part] = kept(*least);
            out.most[part] = kept(*most);
            continue;
        }
        const auto isLess = [](std::int64_t a, std::int64_t b) { return std::bit_cast<double>(a) < std::bit_cast<double>(b); };
        const auto [least, most] = std::minmax_element(m_numbers.begin() + begin, m_numbers.begin() + end, isLess);
        out.least[part] = static_cast<std::int32_t>(least - m_numbers.begin());
        out.most[part] = static_cast<std::int32_t>(most - m_numbers.begin());
    }
    out.kind = isDecimal ? BlockParts::Kind::Numbers : BlockParts::Kind::Rows;
    const auto [least, most] = std::minmax_element(m_numbers.begin(), m_numbers.begin() + m_rows);
    return fits && *least != *most ? std::optional(out) : std::nullopt;
}

std::pair<double, double> BlockValues::rangeOfPart(std::size_t part) const
{
    const std::int32_t least = m_parts->least[part], most = m_parts->most[part];
    if (m_parts->kind == BlockParts::Kind::Numbers)
        return {plain(sum(m_run.base(), least)), plain(sum(m_run.base(), most))};
    return {plain(numberAhead(static_cast<std::size_t>(least))), plain(numberAhead(static_cast<std::size_t>(most)))};
}

std::int64_t BlockValues::numberAhead(std::size_t i) const
{
    if (m_run.isLoose())
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(m_run.at(i)) << m_shift);
    reach(i, i + 1);
    return m_numbers[i];
}

std::pair<double, double> BlockValues::range(std::size_t begin, std::size_t end) const
{
    reach(begin, end);
    // Dividing keeps the order, so only the ends of the range are divided; bits of doubles keep it only for doubles. Two lanes,
    // because each comparison waits for the one before.
    const auto rangeOf = [&](auto get) {
        auto min = get(begin), max = min, min2 = min, max2 = min;
        std::size_t i = begin;
        for (; i + 1 < end; i += 2) {
            const auto a = get(i), b = get(i + 1);
            min = a < min ? a : min;
            max = a > max ? a : max;
            min2 = b < min2 ? b : min2;
            max2 = b > max2 ? b : max2;
        }
        if (i < end) {
            min = std::min(min, get(i));
            max = std::max(max, get(i));
        }
        return std::pair(std::min(min, min2), std::max(max, max2));
    };
    if (m_divisor > 0) {
        const auto [min, max] = rangeOf([this](std::size_t i) { return m_numbers[i]; });
        return {plain(min), plain(max)};
    }
    return rangeOf([this](std::size_t i) { return std::bit_cast<double>(m_numbers[i]); });
}

namespace {

struct TimesHead
{
    std::int64_t unit = 1;
    const char *at = nullptr;
    const char *end = nullptr;

    bool parse(std::string_view block)
    {
        if (block.size() < HeadBytes)
            return false;
        const unsigned code = static_cast<std::uint8_t>(block[0]) >> UnitShift;
        const std::size_t bytes = getLittle<std::uint16_t>(block.data() + 4);
        if (code >= Units.size() || bytes > block.size() - HeadBytes)
            return false;
        unit = Units[code];
        at = block.data() + HeadBytes;
        end = at + bytes;
        return true;
    }
    [[nodiscard]] Time time(Time first, std::int64_t number) const
    {
        // Modulo 2^64, as it was encoded.
        return Time(Micros(static_cast<std::int64_t>(static_cast<std::uint64_t>(first.time_since_epoch().count())
                                                     + static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(unit))));
    }
};

}

bool decodeTimes(std::string_view block, Time first, std::span<Time> out)
{
    TimesHead head;
    Ints ints;
    const auto used = std::span(ints).first(out.size());
    if (!head.parse(block) || !decodeInts(head.at, head.end, used))
        return false;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = head.time(first, used[i]);
    return true;
}

std::optional<std::size_t> firstAtOrAfter(std::string_view block, Time first, std::size_t rows, Time t)
{
    TimesHead head;
    LooseInts ints;
    if (!head.parse(block) || !ints.parse(head.at, head.end, rows))
        return {};
    if (t <= first)
        return 0;
    const auto isBefore = [&](std::size_t i) { return head.time(first, ints[i]) < t; };
    if (rows < 2 || isBefore(rows - 1))
        return isBefore(rows - 1) ? rows : 0;
    // Times are mostly about even, so the search begins where it would lie then, in steps twice as wide each. Row `low` is before t,
    // row `high` is not.
    const auto share = static_cast<double>(static_cast<std::uint64_t>((t - first).count()))
        / static_cast<double>(static_cast<std::uint64_t>((head.time(first, ints[rows - 1]) - first).count()));
    std::size_t low = 0, high = rows - 1;
    std::size_t guess = std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(rows - 1)), 0, rows - 2);
    if (isBefore(guess)) {
        low = guess;
        for (std::size_t step = 1; low + step < high; step *= 2) {
            if (!isBefore(low + step)) {
                high = low + step;
                break;
            }
            low += step;
        }
    } else {
        high = guess;
        for (std::size_t step = 1; step < high; step *= 2) {
            if (isBefore(high - step)) {
                low = high - step;
                break;
            }
            high -= step;
        }
    }
    while (high - low > 1) {
        const std::size_t middle = low + (high - low) / 2;
        (isBefore(middle) ? low : high) = middle;
    }
    return high;
}

}
