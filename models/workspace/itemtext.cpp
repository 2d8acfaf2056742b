#include "workspace/itemtext.h"

#include <algorithm>

namespace sg {

std::size_t endOfLine(std::string_view text, std::size_t at)
{
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos)
        return text.size();
    if (end > at && text[end - 1] == '\r')
        --end;
    return end;
}

std::size_t beginOfLine(std::string_view text, std::size_t at)
{
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

std::string textOfPlace(std::string_view text, const Place &place)
{
    if (place.isFlow)
        return std::string(text.substr(place.begin, place.end - place.begin));
    // A block item goes to the end of its last line: the comment there is part of it.
    const std::string_view whole = text.substr(place.begin, endOfLine(text, place.end) - place.begin);
    std::string out;
    for (std::size_t begin = 0; begin < whole.size();) {
        if (begin > 0) {
            std::size_t indent = 0;
            while (indent < place.column && begin < whole.size() && whole[begin] == ' ')
                ++indent, ++begin;
        }
        const std::size_t end = std::min(whole.find('\n', begin), whole.size());
        std::string_view line = whole.substr(begin, end - begin);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        out += line;
        if (end < whole.size())
            out += '\n';
        begin = end + 1;
    }
    return out;
}

}
