#include "core/tags.h"

namespace sg {

Tag Tags::of(std::string_view path, const std::vector<std::pair<std::string, std::string>> &labels) const
{
    Tag out;
    for (const TagItem &item : m_items) {
        if (!item.series.matches(path))
            continue;
        const Tag &tag = item.tag;
        if (!tag.name.empty())
            out.name = tag.name;
        if (!tag.unit.empty())
            out.unit = tag.unit;
        if (!tag.area.empty())
            out.area = tag.area;
        if (tag.range)
            out.range = tag.range;
        if (tag.decimals)
            out.decimals = tag.decimals;
        if (tag.staleAfter)
            out.staleAfter = tag.staleAfter;
    }
    for (const auto &[label, value] : labels) {
        const std::string placeholder = "{" + label + "}";
        for (std::size_t at = out.name.find(placeholder); at != std::string::npos; at = out.name.find(placeholder, at + value.size()))
            out.name.replace(at, placeholder.size(), value);
    }
    return out;
}

}
