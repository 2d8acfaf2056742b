#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sg {

// Bytes from outside as text that is safe to show and to log: valid UTF-8, control characters escaped as \n or \x1B, at most
// `limit` bytes and then "… (n bytes)".
std::string shown(std::string_view bytes, std::size_t limit = 200);
bool isUtf8(std::string_view bytes);

std::string formatNumber(double value); // shortest that reads back the same; never locale dependent; "" for NaN
std::optional<double> parseNumber(std::string_view text); // whole text, '.' only, finite; nothing else

std::string hex(std::uint64_t value); // 16 digits

// FNV-1a, 64 bit: ids that must be the same in every run and on every machine. Not against an adversary.
class StableHash
{
public:
    StableHash &add(std::string_view text); // length first, so that "ab","c" differs from "a","bc"
    StableHash &add(std::int64_t number);
    [[nodiscard]] std::uint64_t value() const { return m_value; }

private:
    void addByte(unsigned char byte) { m_value = (m_value ^ byte) * 1099511628211ULL; }
    std::uint64_t m_value = 14695981039346656037ULL;
};

}
