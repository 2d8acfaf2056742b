#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How stored positions are written: little-endian words, texts behind their lengths. What is read back is as hostile as any file.
namespace sg {

inline void putWord(std::string &out, std::uint64_t word)
{
    for (unsigned i = 0; i < 8; ++i)
        out.push_back(static_cast<char>((word >> (8 * i)) & 0xFFU));
}

inline bool takeWord(std::string_view &bytes, std::uint64_t &word)
{
    if (bytes.size() < 8)
        return false;
    word = 0;
    for (unsigned i = 0; i < 8; ++i)
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    bytes.remove_prefix(8);
    return true;
}

inline void putText(std::string &out, std::string_view text)
{
    putWord(out, text.size());
    out += text;
}

inline bool takeText(std::string_view &bytes, std::string_view &text)
{
    std::uint64_t length = 0;
    if (!takeWord(bytes, length) || length > bytes.size())
        return false;
    text = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return true;
}

}
