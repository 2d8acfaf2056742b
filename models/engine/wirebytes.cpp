#include "engine/wirebytes.h"

#include <bit>
#include <mutex>
#include <set>

namespace sg {

namespace {

constexpr std::int64_t FarthestMicros = std::int64_t(1) << 60U; // 36,000 years: two of them do not overflow

// Error::text is a literal, which the screen looks up in its translations. Texts of another process are kept for good instead, few and
// short ones only: what is beyond that is carried as an argument.
const char *literalOf(const std::string &text)
{
    constexpr std::size_t MostTexts = 2000, LongestText = 1000;
    static std::mutex mutex;
    static std::set<std::string> known; // guarded by mutex; only grows, so its elements stay where they are
    const std::lock_guard guard(mutex);
    if (const auto found = known.find(text); found != known.end())
        return found->c_str();
    if (known.size() >= MostTexts || text.size() > LongestText)
        return nullptr;
    return known.insert(text).first->c_str();
}

}

void ByteWriter::number(std::uint64_t value)
{
    while (value >= 0x80) {
        byte(static_cast<std::uint8_t>((value & 0x7FU) | 0x80U));
        value >>= 7U;
    }
    byte(static_cast<std::uint8_t>(value));
}

void ByteWriter::word(std::uint64_t value)
{
    char bytes[8];
    for (unsigned i = 0; i < 8; ++i)
        bytes[i] = static_cast<char>((value >> (8 * i)) & 0xFFU);
    m_bytes.append(bytes, sizeof bytes);
}

void ByteWriter::real(double value)
{
    word(std::bit_cast<std::uint64_t>(value));
}

void ByteWriter::text(std::string_view value)
{
    number(value.size());
    m_bytes.append(value);
}

void ByteWriter::error(const Error &error)
{
    text(error.text);
    number(error.args.size());
    for (const std::string &arg : error.args)
        text(arg);
    text(error.place);
}

std::uint8_t ByteReader::byte()
{
    if (m_rest.empty()) {
        fail();
        return 0;
    }
    const auto value = static_cast<std::uint8_t>(m_rest.front());
    m_rest.remove_prefix(1);
    return value;
}

bool ByteReader::flag()
{
    const std::uint8_t value = byte();
    if (value > 1)
        fail();
    return value == 1;
}

std::uint64_t ByteReader::number()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint8_t part = byte();
        value |= static_cast<std::uint64_t>(part & 0x7FU) << shift;
        if ((part & 0x80U) == 0)
            return m_isGood ? value : 0;
    }
    fail();
    return 0;
}

std::uint64_t ByteReader::numberUpTo(std::uint64_t most)
{
    const std::uint64_t value = number();
    if (value <= most)
        return value;
    fail();
    return 0;
}

std::size_t ByteReader::count(std::size_t leastBytes)
{
    return static_cast<std::size_t>(numberUpTo(m_rest.size() / leastBytes));
}

std::uint64_t ByteReader::word()
{
    if (m_rest.size() < 8) {
        fail();
        return 0;
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(m_rest[i])) << (8 * i);
    m_rest.remove_prefix(8);
    return value;
}

double ByteReader::real()
{
    return std::bit_cast<double>(word());
}

Time ByteReader::time()
{
    const Time t{Micros(static_cast<std::int64_t>(word()))};
    if (t == NoTime || t == Time::max())
        return t;
    return std::clamp(t, Time(Micros(-FarthestMicros)), Time(Micros(FarthestMicros)));
}

Micros ByteReader::micros()
{
    return std::clamp(Micros(static_cast<std::int64_t>(word())), Micros(-FarthestMicros), Micros(FarthestMicros));
}

Mono ByteReader::mono()
{
    const Mono t{Mono::duration(static_cast<std::int64_t>(word()))};
    const Mono now = Mono::clock::now();
    return t < Mono() || t > now + std::chrono::hours(24) ? now : t;
}

std::string ByteReader::text()
{
    const std::size_t size = count(1);
    std::string value(m_rest.substr(0, size));
    m_rest.remove_prefix(std::min(size, m_rest.size()));
    return value;
}

Error ByteReader::error()
{
    const std::string text = this->text();
    Error error;
    error.args.resize(static_cast<std::size_t>(numberUpTo(100)));
    for (std::string &arg : error.args)
        arg = this->text();
    error.place = this->text();
    if (const char *known = literalOf(text)) {
        error.text = known;
        return error;
    }
    error.text = text.c_str();
    return {"%1", {error.plain()}, {}};
}

}
