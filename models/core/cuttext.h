#pragma once

#include <algorithm>
#include <string_view>

namespace sg {

// At most `most` bytes of a text in UTF-8, cut between two characters, never inside one.
inline std::string_view cutText(std::string_view text, std::size_t most)
{
    std::size_t size = std::min(text.size(), most);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return text.substr(0, size);
}

}
