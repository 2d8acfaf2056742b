#include "core/result.h"

namespace sg {

std::string Error::plain() const
{
    std::string out = place.empty() ? std::string() : place + ": ";
    for (const char *c = text; *c != '\0'; ++c) {
        const auto index = static_cast<std::size_t>(c[1] - '1');
        if (*c == '%' && c[1] >= '1' && c[1] <= '9' && index < args.size()) {
            out += args[index];
            ++c;
        } else {
            out += *c;
        }
    }
    return out;
}

}
