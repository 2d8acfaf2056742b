#include "store/intcoder.h"

#include "store/littleendian.h"

#include <algorithm>
#include <array>

namespace sg {

namespace {

using Words = std::array<std::uint64_t, MaxInts>;

enum class Way : std::uint8_t {
    Line, // base + (slope * i >> 16) + rest
    Around, // number before + slope + unzigzag(rest)
    Above, // number before + slope + rest
};

constexpr unsigned WidestPacked = 57; // that one word read at any bit holds; wider ones take 64

// How the rests of one way are kept best.
struct Plan
{
    Way way{};
    std::uint64_t base = 0, slope = 0;
    Words rests; // left unset where nothing is kept
    std::size_t count = 0;
    unsigned width = 0;
    std::size_t bits = 0;

    // The width for which packed and patched rests together are shortest; it is one that some rest has.
    void measure()
    {
        std::array<std::uint16_t, 65> wide{}; // wide[w]: rests of exactly w bits
        for (std::size_t i = 0; i < count; ++i)
            ++wide[static_cast<std::size_t>(std::bit_width(rests[i]))];
        std::array<unsigned, 66> met; // widths that occur, and 0
        std::size_t kinds = 0;
        for (unsigned w = 0; w <= 64; ++w) {
            if (w == 0 || wide[w] > 0)
                met[kinds++] = w;
        }
        bits = std::size_t(-1);
        for (std::size_t i = 0; i < kinds; ++i) {
            const unsigned w = met[i] > WidestPacked ? 64 : met[i];
            std::size_t cost = w * count;
            std::size_t patches = 0;
            for (std::size_t j = i + 1; j < kinds && w < 64; ++j) {
                patches += wide[met[j]];
                cost += wide[met[j]] * (8U + 8U * ((met[j] - w + 6U) / 7U));
            }
            if (patches < MaxInts && cost < bits) {
                bits = cost;
                width = w;
            }
        }
    }
};

// The middle of some differences: what most of them are, when there is such a thing.
std::uint64_t usual(const Words &differences, std::size_t count)
{
    std::array<std::int64_t, 9> some{};
    for (std::size_t i = 0; i < some.size(); ++i)
        some[i] = static_cast<std::int64_t>(differences[count * i / some.size()]);
    std::nth_element(some.begin(), some.begin() + some.size() / 2, some.end());
    return static_cast<std::uint64_t>(some[some.size() / 2]);
}

void put(const Plan &plan, std::string &out)
{
    std::string patches;
    std::size_t patched = 0;
    const std::size_t packedBytes = (plan.count * plan.width + 7) / 8;
    std::string packed(packedBytes + IntPadding, '\0');
    if (plan.width == 64) {
        packed.clear();
        for (std::size_t i = 0; i < plan.count; ++i)
            putLittle(packed, plan.rests[i]);
    } else {
        const std::uint64_t mask = (std::uint64_t(1) << plan.width) - 1;
        std::uint64_t word = 0; // bits not yet written
        unsigned used = 0;
        std::size_t at = 0;
        for (std::size_t i = 0; i < plan.count; ++i) {
            const std::uint64_t rest = plan.rests[i];
            if (rest > mask) {
                patches.push_back(static_cast<char>(i));
                putVarint(patches, rest >> plan.width);
                ++patched;
            }
            word |= (rest & mask) << used;
            used += plan.width;
            for (; used >= 8; used -= 8, word >>= 8U)
                packed[at++] = static_cast<char>(word & 0xFFU);
        }
        if (used > 0)
            packed[at++] = static_cast<char>(word & 0xFFU);
    }
    out.push_back(static_cast<char>(plan.way));
    out.push_back(static_cast<char>(plan.width));
    out.push_back(static_cast<char>(patched));
    putVarint(out, zigzag(plan.base));
    putVarint(out, zigzag(plan.slope));
    out.append(patches);
    out.append(packed, 0, packedBytes);
}

// What a run begins with.
struct Head
{
    Way way{};
    unsigned width = 0;
    unsigned patched = 0;
    std::uint64_t base = 0, slope = 0;
    std::size_t count = 0; // rests kept

    bool parse(const char *&at, const char *end, std::size_t numbers)
    {
        if (end - at < 3 || static_cast<unsigned char>(at[0]) > static_cast<unsigned>(Way::Above))
            return false;
        way = static_cast<Way>(at[0]);
        width = static_cast<unsigned char>(at[1]);
        patched = static_cast<unsigned char>(at[2]);
        at += 3;
        if ((width > WidestPacked && width != 64) || !getVarint(at, end, base) || !getVarint(at, end, slope))
            return false;
        base = unzigzag(base);
        slope = unzigzag(slope);
        count = way == Way::Line ? numbers : numbers - 1;
        return true;
    }
};

std::uint64_t onLine(std::uint64_t base, std::uint64_t slope, std::size_t i)
{
    return base + static_cast<std::uint64_t>(static_cast<std::int64_t>(slope * i) >> 16U);
}

}

void putVarint(std::string &out, std::uint64_t number)
{
    for (; number >= 0x80; number >>= 7U)
        out.push_back(static_cast<char>((number & 0x7FU) | 0x80U));
    out.push_back(static_cast<char>(number));
}

bool getVarint(const char *&at, const char *end, std::uint64_t &number)
{
    number = 0;
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0)
            return true;
    }
    return false;
}

void encodeInts(std::span<const std::int64_t> numbers, std::string &out)
{
    const std::size_t count = numbers.size();
    const auto word = [&](std::size_t i) { return static_cast<std::uint64_t>(numbers[i]); };
    Plan best;
    best.way = Way::Above;
    best.base = word(0);
    best.count = count - 1;
    if (count == 1) {
        put(best, out);
        return;
    }
    Words differences;
    for (std::size_t i = 1; i < count; ++i)
        differences[i - 1] = word(i) - word(i - 1);
    const auto isLess = [](std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b); };
    const auto [least, most] = std::minmax_element(differences.begin(), differences.begin() + best.count, isLess);
    best.slope = *least;
    if (*least == *most) { // even times, a constant: nothing is left to keep
        std::fill(best.rests.begin(), best.rests.end(), 0);
        put(best, out);
        return;
    }
    for (std::size_t i = 0; i < best.count; ++i)
        best.rests[i] = differences[i] - best.slope;
    best.measure();

    Plan other;
    other.way = Way::Around;
    other.base = word(0);
    other.slope = usual(differences, best.count);
    other.count = count - 1;
    for (std::size_t i = 0; i < other.count; ++i)
        other.rests[i] = zigzag(differences[i] - other.slope);
    other.measure();
    if (other.bits < best.bits)
        best = other;

    // Along a line through the ends when they are near enough for its fractions, and level when they are not.
    other.way = Way::Line;
    other.count = count;
    const std::uint64_t span = word(count - 1) - word(0);
    const bool isNear = zigzag(span) < std::uint64_t(1) << 46U;
    other.slope = isNear ? static_cast<std::uint64_t>(static_cast<std::int64_t>(span) * 65'536 / static_cast<std::int64_t>(count - 1)) : 0;
    const auto level = [&] {
        for (std::size_t i = 0; i < count; ++i)
            other.rests[i] = word(i) - onLine(0, other.slope, i);
        other.base = *std::min_element(other.rests.begin(), other.rests.begin() + count, isLess);
        for (std::size_t i = 0; i < count; ++i)
            other.rests[i] -= other.base;
        other.measure();
        if (other.bits < best.bits)
            best = other;
    };
    level();
    if (other.slope != 0) {
        other.slope = 0;
        level();
    }
    put(best, out);
}

bool decodeInts(const char *&at, const char *end, std::span<std::int64_t> out)
{
    IntsRun run;
    if (!run.parse(at, end, out.size()))
        return false;
    run.decodeTo(out.size(), out.data());
    return true;
}

bool IntsRun::parse(const char *&at, const char *end, std::size_t count)
{
    Head head;
    if (!head.parse(at, end, count))
        return false;
    m_patches = at;
    m_nextPatch = head.patched > 0 && at != end ? static_cast<unsigned char>(*at) : head.count;
    std::size_t next = 0; // patches are in the order of their rests
    for (unsigned i = 0; i < head.patched; ++i) {
        std::uint64_t ignored = 0;
        if (at == end || static_cast<unsigned char>(*at) < next || static_cast<unsigned char>(*at) >= head.count || head.width == 64)
            return false;
        next = static_cast<unsigned char>(*at++) + 1U;
        if (!getVarint(at, end, ignored))
            return false;
    }
    const std::size_t bytes = (head.count * head.width + 7) / 8;
    if (static_cast<std::size_t>(end - at) < bytes)
        return false;
    m_packed = at;
    at += bytes;
    m_patchesLeft = head.patched;
    m_rest = 0;
    m_width = head.width;
    m_way = static_cast<std::uint8_t>(head.way);
    m_hasFirst = false;
    m_base = m_sum = head.base;
    m_slope = head.slope;
    return true;
}

// Gives the rests up to `end` in order to `use`, patches applied. Bytes and patches were checked before.
template <class Use> void IntsRun::forEachRest(std::size_t end, const Use &use)
{
    const unsigned width = m_width;
    const std::uint64_t mask = width == 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << width) - 1;
    const char *const packed = m_packed;
    std::size_t i = m_rest;
    while (i < end) {
        // Up to the next patched one no rest is looked at twice.
        const std::size_t until = m_patchesLeft > 0 ? std::min(end, m_nextPatch) : end;
        std::size_t bit = i * width;
        if (width == 0) {
            for (; i < until; ++i)
                use(i, 0);
        } else if (width == 64) {
            for (; i < until; ++i)
                use(i, getLittle<std::uint64_t>(packed + i * 8));
        } else {
            if (width <= 14) { // four of them are in one word, wherever they begin
                for (; i + 4 <= until; i += 4, bit += std::size_t(4) * width) {
                    const std::uint64_t word = getLittle<std::uint64_t>(packed + bit / 8) >> (bit % 8);
                    use(i, word & mask);
                    use(i + 1, word >> width & mask);
                    use(i + 2, word >> 2 * width & mask);
                    use(i + 3, word >> 3 * width & mask);
                }
            }
            for (; i < until; ++i, bit += width)
                use(i, getLittle<std::uint64_t>(packed + bit / 8) >> (bit % 8) & mask);
        }
        if (i == end)
            break;
        std::uint64_t high = 0;
        ++m_patches;
        (void)getVarint(m_patches, packed, high);
        const std::uint64_t low = width > 0 ? getLittle<std::uint64_t>(packed + bit / 8) >> (bit % 8) & mask : 0;
        use(i++, low | high << width);
        --m_patchesLeft;
        m_nextPatch = m_patchesLeft > 0 ? static_cast<unsigned char>(*m_patches) : 0;
    }
    m_rest = i;
}

IntsRun IntsRun::from(std::size_t row, std::int64_t before) const
{
    IntsRun out = *this;
    if (row == 0)
        return out;
    out.m_rest = isLine() ? row : row - 1;
    out.m_sum = static_cast<std::uint64_t>(before);
    out.m_hasFirst = true;
    while (out.m_patchesLeft > 0 && out.m_nextPatch < out.m_rest) {
        std::uint64_t ignored = 0;
        ++out.m_patches;
        (void)getVarint(out.m_patches, m_packed, ignored);
        --out.m_patchesLeft;
        out.m_nextPatch = out.m_patchesLeft > 0 ? static_cast<unsigned char>(*out.m_patches) : 0;
    }
    return out;
}

std::int64_t IntsRun::at(std::size_t i) const
{
    std::uint64_t number = onLine(m_base, m_slope, i);
    if (m_width == 64)
        number += getLittle<std::uint64_t>(m_packed + i * 8);
    else if (m_width > 0)
        number += getLittle<std::uint64_t>(m_packed + i * m_width / 8) >> (i * m_width % 8) & ((std::uint64_t(1) << m_width) - 1);
    return static_cast<std::int64_t>(number);
}

void IntsRun::decodeTo(std::size_t end, std::int64_t *out)
{
    const std::uint64_t slope = m_slope;
    if (static_cast<Way>(m_way) == Way::Line) {
        const std::uint64_t base = m_base;
        forEachRest(end, [=](std::size_t i, std::uint64_t rest) { out[i] = static_cast<std::int64_t>(onLine(base, slope, i) + rest); });
        return;
    }
    if (end == 0)
        return;
    std::uint64_t sum = m_sum;
    if (!m_hasFirst)
        out[0] = static_cast<std::int64_t>(sum);
    m_hasFirst = true;
    std::int64_t *const behind = out + 1;
    if (static_cast<Way>(m_way) == Way::Around)
        forEachRest(end - 1,
                    [&](std::size_t i, std::uint64_t rest) { behind[i] = static_cast<std::int64_t>(sum += slope + unzigzag(rest)); });
    else
        forEachRest(end - 1, [&](std::size_t i, std::uint64_t rest) { behind[i] = static_cast<std::int64_t>(sum += slope + rest); });
    m_sum = sum;
}

bool LooseInts::parse(const char *at, const char *end, std::size_t count)
{
    Head head;
    if (!head.parse(at, end, count) || head.patched > MostPatched)
        return false;
    m_isLine = head.way == Way::Line;
    if (!m_isLine && (head.way != Way::Above || head.width > 0 || head.patched > 0))
        return false;
    m_width = head.width;
    m_base = head.base;
    m_slope = head.slope;
    m_patched = head.patched;
    for (std::size_t i = 0; i < m_patched; ++i) {
        if (at == end || m_width == 64)
            return false;
        m_where[i] = static_cast<std::uint8_t>(*at++);
        if (!getVarint(at, end, m_high[i]))
            return false;
        m_high[i] <<= m_width;
    }
    m_packed = at;
    return static_cast<std::size_t>(end - at) >= (head.count * m_width + 7) / 8;
}

std::int64_t LooseInts::operator[](std::size_t i) const
{
    if (!m_isLine)
        return static_cast<std::int64_t>(m_base + m_slope * i);
    std::uint64_t number = onLine(m_base, m_slope, i);
    if (m_width == 64) {
        number += getLittle<std::uint64_t>(m_packed + i * 8);
    } else if (m_width > 0) {
        const std::size_t bit = i * m_width;
        const std::uint64_t mask = (std::uint64_t(1) << m_width) - 1;
        number += getLittle<std::uint64_t>(m_packed + bit / 8) >> (bit % 8) & mask;
    }
    for (std::size_t k = 0; k < m_patched; ++k) {
        if (m_where[k] == i)
            number += m_high[k];
    }
    return static_cast<std::int64_t>(number);
}

}
