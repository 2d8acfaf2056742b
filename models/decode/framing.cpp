#include "decode/framing.h"

#include "decode/varint.h"

namespace sg {

bool Framing::looksLikeProtobuf() const
{
    std::string_view bytes = rest;
    if (bytes.size() < 2 || bytes.front() != '\0')
        return false;
    bytes.remove_prefix(1);
    while (!bytes.empty()) {
        const auto tag = takeVarint(bytes);
        if (!tag || *tag >> 3U == 0 || *tag >> 3U > 10'000)
            return false;
        std::size_t size = 0;
        switch (*tag & 7U) {
        case 0:
            if (!takeVarint(bytes))
                return false;
            continue;
        case 1:
            size = 8;
            break;
        case 2: {
            const auto length = takeVarint(bytes);
            if (!length || *length > bytes.size())
                return false;
            size = static_cast<std::size_t>(*length);
            break;
        }
        case 5:
            size = 4;
            break;
        default:
            return false;
        }
        if (size > bytes.size())
            return false;
        bytes.remove_prefix(size);
    }
    return true;
}

}
