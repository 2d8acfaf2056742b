#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace sg {

// Up to MaxInts whole numbers in few bytes, each run decodable alone. The numbers are foretold, by a line through them or from the one
// before, and what is left is packed with one width of bits; the few that need more are kept beside ("patched frame of reference",
// Zukowski et al., Super-Scalar RAM-CPU Cache Compression, 2006). Which of the ways is shortest is tried for each run. Arithmetic is
// modulo 2^64: any numbers come back. The bytes are described in FORMAT.md.
constexpr std::size_t MaxInts = 256;

// 1 to MaxInts of them.
void encodeInts(std::span<const std::int64_t> numbers, std::string &out);

// Fills `out`, begins at `at` and moves it behind the run. False when the bytes end before or cannot be a run. Readable bytes have to
// follow `end`, IntPadding of them: whole words are read.
constexpr std::size_t IntPadding = 8;
[[nodiscard]] bool decodeInts(const char *&at, const char *end, std::span<std::int64_t> out);

// A run that is decoded only as far as it is needed: what is before a column's edge costs no more than that.
class IntsRun
{
public:
    IntsRun() { } // leaves the fields as they are
    // Like decodeInts, but decodes nothing yet. The bytes stay where they are as long as the run is read.
    [[nodiscard]] bool parse(const char *&at, const char *end, std::size_t count);
    // Goes on where it stopped, up to `end` <= count; `out` is the same array every time.
    void decodeTo(std::size_t end, std::int64_t *out);
    // The same run, nothing of it decoded yet, from number `row` on; the ones before it are not decoded. `before` is number row - 1,
    // which nobody asks for when isLine().
    [[nodiscard]] IntsRun from(std::size_t row, std::int64_t before) const;
    [[nodiscard]] bool isLine() const { return m_way == 0; }
    [[nodiscard]] std::int64_t base() const { return static_cast<std::int64_t>(m_base); } // near the first number
    // Any number of it can be had alone.
    [[nodiscard]] bool isLoose() const { return m_way == 0 && m_patchesLeft == 0 && m_rest == 0; }
    [[nodiscard]] std::int64_t at(std::size_t i) const; // of a loose one

private:
    template <class Use> void forEachRest(std::size_t end, const Use &use);

    const char *m_patches = nullptr; // of the next patched rest
    const char *m_packed = nullptr;
    std::size_t m_patchesLeft = 0;
    std::size_t m_nextPatch = 0; // the number of rests when none is left
    std::size_t m_rest = 0; // rests decoded
    unsigned m_width = 0;
    std::uint8_t m_way = 0; // 0: line
    bool m_hasFirst = false; // the number that the others are differences from
    std::uint64_t m_base = 0, m_slope = 0, m_sum = 0;
};

// A run of which any number can be had alone, without what is before it; most even and jittered times are such.
class LooseInts
{
public:
    LooseInts() { } // leaves the arrays as they are
    // Like decodeInts. False too when the run is not of that kind.
    [[nodiscard]] bool parse(const char *at, const char *end, std::size_t count);
    [[nodiscard]] std::int64_t operator[](std::size_t i) const;

private:
    static constexpr std::size_t MostPatched = 16;

    const char *m_packed = nullptr;
    unsigned m_width = 0;
    std::size_t m_patched = 0;
    std::array<std::uint8_t, MostPatched> m_where;
    std::array<std::uint64_t, MostPatched> m_high; // what belongs above the packed bits there
    bool m_isLine = true; // else all steps are equal
    std::uint64_t m_base = 0, m_slope = 0;
};

// Parts of it that others use too: seven bits a byte, the high bit says that another one follows.
void putVarint(std::string &out, std::uint64_t number);
[[nodiscard]] bool getVarint(const char *&at, const char *end, std::uint64_t &number);
constexpr std::uint64_t zigzag(std::uint64_t difference)
{
    return (difference << 1U) ^ (0 - (difference >> 63U));
}
constexpr std::uint64_t unzigzag(std::uint64_t coded)
{
    return (coded >> 1U) ^ (0 - (coded & 1U));
}

}
