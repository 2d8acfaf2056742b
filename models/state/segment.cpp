#include "state/segment.h"

#include <bit>
#include <cstring>

namespace sg {

namespace {

constexpr std::string_view Magic = "SGS1"; // the digit is the version of the row format
constexpr std::size_t HeadBytes = 4 + 4 + 4; // magic, CRC of all that follows it, number of rows
// Series and time as one byte each, eight bytes of value.
constexpr std::size_t LeastRowBytes = 10;
constexpr std::uint64_t LateRow = 3; // in the place of its quality

void putFixed(std::string &out, std::uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        out.push_back(static_cast<char>((number >> (8 * i)) & 0xFFU));
}

std::uint64_t getFixed(const char *at, int bytes)
{
    std::uint64_t number = 0;
    for (int i = 0; i < bytes; ++i)
        number |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
    return number;
}

// Small numbers in few bytes: seven bits a byte, the high bit says that another one follows.
char *putVarint(char *at, std::uint64_t number)
{
    while (number >= 0x80) {
        *at++ = static_cast<char>((number & 0x7FU) | 0x80U);
        number >>= 7U;
    }
    *at++ = static_cast<char>(number);
    return at;
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

// Differences are taken and added modulo 2^64, so that no time of any row can overflow.
std::uint64_t zigzag(std::uint64_t difference)
{
    return (difference << 1U) ^ (0 - (difference >> 63U));
}
std::uint64_t unzigzag(std::uint64_t coded)
{
    return (coded >> 1U) ^ (0 - (coded & 1U));
}

}

std::string encodeSegment(std::span<const StoredRow> rows)
{
    std::string out;
    out.resize(encodeSegment(rows, out).size());
    return out;
}

std::string_view encodeSegment(std::span<const StoredRow> rows, std::string &buffer)
{
    constexpr std::size_t most = 6 + 1 + 10 + 8; // of one row
    if (const std::size_t room = HeadBytes + rows.size() * most; buffer.size() < room)
        buffer.resize(room);
    char *at = buffer.data() + HeadBytes;
    std::uint64_t series = 0, time = 0;
    for (const StoredRow &stored : rows) {
        const std::uint64_t thisSeries = number(stored.series);
        const auto thisTime = static_cast<std::uint64_t>(stored.row.t.time_since_epoch().count());
        // Two bits of quality beside the series; 34 bits at most. Few rows are late: what they need more follows.
        at = putVarint(at,
                       zigzag(thisSeries - series) << 2U | (stored.row.isLate ? LateRow : static_cast<std::uint64_t>(stored.row.quality)));
        if (stored.row.isLate)
            *at++ = static_cast<char>(stored.row.quality);
        at = putVarint(at, zigzag(thisTime - time));
        const auto value = std::bit_cast<std::uint64_t>(stored.row.value);
        if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(at, &value, 8);
            at += 8;
        } else {
            for (unsigned i = 0; i < 8; ++i)
                *at++ = static_cast<char>((value >> (8 * i)) & 0xFFU);
        }
        series = thisSeries;
        time = thisTime;
    }
    const auto out = std::string_view(buffer).substr(0, static_cast<std::size_t>(at - buffer.data()));
    std::string head(Magic);
    std::string count;
    putFixed(count, rows.size(), 4);
    std::memcpy(buffer.data() + 8, count.data(), 4);
    putFixed(head, crc32(out.substr(8)), 4);
    std::memcpy(buffer.data(), head.data(), 8);
    return out;
}

bool decodeSegment(std::string_view bytes, std::vector<StoredRow> &out)
{
    if (bytes.size() < HeadBytes || bytes.substr(0, 4) != Magic || getFixed(bytes.data() + 4, 4) != crc32(bytes.substr(8)))
        return false;
    const std::uint64_t count = getFixed(bytes.data() + 8, 4);
    if (count > (bytes.size() - HeadBytes) / LeastRowBytes)
        return false;
    const std::size_t before = out.size();
    out.reserve(before + count);
    const char *at = bytes.data() + HeadBytes;
    const char *end = bytes.data() + bytes.size();
    std::uint64_t series = 0, time = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t where = 0, when = 0, quality = 0;
        bool isGood = getVarint(at, end, where);
        const bool isLate = (where & 3U) == LateRow;
        if (isLate && at != end)
            quality = static_cast<unsigned char>(*at++);
        else
            quality = where & 3U;
        isGood = isGood && getVarint(at, end, when) && end - at >= 8 && quality <= static_cast<unsigned>(Quality::Bad);
        if (!isGood) {
            out.resize(before);
            return false;
        }
        series += unzigzag(where >> 2U);
        time += unzigzag(when);
        StoredRow &stored = out.emplace_back();
        stored.series = static_cast<SeriesId>(series);
        stored.row.t = Time(Micros(static_cast<std::int64_t>(time)));
        stored.row.value = std::bit_cast<double>(getFixed(at, 8));
        stored.row.quality = static_cast<Quality>(quality);
        stored.row.isLate = isLate;
        at += 8;
    }
    if (at == end)
        return true;
    out.resize(before);
    return false;
}

}
