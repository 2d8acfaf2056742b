#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sg {

// Names and labels are short and compared for every message: two words that overlap take less time than a call of the library.
inline bool isSameText(std::string_view a, std::string_view b)
{
    const std::size_t size = a.size();
    if (size != b.size())
        return false;
    const auto isSame = [&]<class Word>(Word) {
        const auto wordAt = [](const char *at) {
            Word word = 0;
            std::memcpy(&word, at, sizeof word);
            return word;
        };
        const std::size_t last = size - sizeof(Word);
        return ((wordAt(a.data()) ^ wordAt(b.data())) | (wordAt(a.data() + last) ^ wordAt(b.data() + last))) == 0;
    };
    if (size > 16)
        return std::memcmp(a.data(), b.data(), size) == 0;
    if (size >= 8)
        return isSame(std::uint64_t());
    if (size >= 4)
        return isSame(std::uint32_t());
    for (std::size_t i = 0; i < size; ++i)
        if (a[i] != b[i])
            return false;
    return true;
}

}
