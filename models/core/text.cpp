#include "core/text.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace sg {

namespace {

// Length of the valid UTF-8 sequence at `i`; 0 when there is none. Overlong forms, surrogates and beyond U+10FFFF are not valid.
std::size_t utf8Length(std::string_view s, std::size_t i)
{
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(s[k]); };
    const auto continues = [&](std::size_t k) { return k < s.size() && (byte(k) & 0xC0U) == 0x80U; };
    const unsigned char c = byte(i);
    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c <= 0xDF)
        return continues(i + 1) ? 2 : 0;
    if (c >= 0xE0 && c <= 0xEF) {
        if (!continues(i + 1) || !continues(i + 2))
            return 0;
        if ((c == 0xE0 && byte(i + 1) < 0xA0) || (c == 0xED && byte(i + 1) > 0x9F))
            return 0;
        return 3;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        if (!continues(i + 1) || !continues(i + 2) || !continues(i + 3))
            return 0;
        if ((c == 0xF0 && byte(i + 1) < 0x90) || (c == 0xF4 && byte(i + 1) > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

}

std::string shown(std::string_view bytes, std::size_t limit)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    std::size_t i = 0;
    while (i < bytes.size() && out.size() < limit) {
        const std::size_t length = utf8Length(bytes, i);
        const auto c = static_cast<unsigned char>(bytes[i]);
        // Also the C1 controls and the bidirectional overrides, which can make a text read as another one.
        const std::string_view sequence = bytes.substr(i, length);
        const bool isBidi = length == 3 && c == 0xE2
            && ((sequence[1] == '\x80' && static_cast<unsigned char>(sequence[2]) >= 0xAA
                 && static_cast<unsigned char>(sequence[2]) <= 0xAE)
                || (sequence[1] == '\x81' && static_cast<unsigned char>(sequence[2]) >= 0xA6
                    && static_cast<unsigned char>(sequence[2]) <= 0xA9));
        const bool isControl
            = (length == 1 && (c < 0x20 || c == 0x7F)) || (length == 2 && c == 0xC2 && static_cast<unsigned char>(bytes[i + 1]) < 0xA0);
        if (length == 1 && c == '\n') {
            out += "\\n";
        } else if (length == 1 && c == '\t') {
            out += "\\t";
        } else if (length == 1 && c == '\r') {
            out += "\\r";
        } else if (length > 0 && !isControl && !isBidi) {
            out.append(sequence);
        } else {
            for (std::size_t k = 0; k < std::max<std::size_t>(length, 1); ++k) {
                const auto b = static_cast<unsigned char>(bytes[i + k]);
                out += "\\x";
                out += digits[b >> 4U];
                out += digits[b & 15U];
            }
        }
        i += std::max<std::size_t>(length, 1);
    }
    if (i < bytes.size())
        out += "… (" + std::to_string(bytes.size()) + " bytes)";
    return out;
}

bool isUtf8(std::string_view bytes)
{
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = utf8Length(bytes, i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

std::string formatNumber(double value)
{
    if (std::isnan(value))
        return {};
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

std::optional<double> parseNumber(std::string_view text)
{
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    if (text.empty() || text.front() == '+')
        return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string hex(std::uint64_t value)
{
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(value));
    return buffer;
}

StableHash &StableHash::add(std::string_view text)
{
    add(static_cast<std::int64_t>(text.size()));
    for (const char c : text)
        addByte(static_cast<unsigned char>(c));
    return *this;
}

StableHash &StableHash::add(std::int64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        addByte(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
    return *this;
}

}
