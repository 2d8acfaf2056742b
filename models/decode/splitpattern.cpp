#include "decode/splitpattern.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

Result<SplitPattern> SplitPattern::parse(std::string_view text)
{
    SplitPattern out;
    out.m_text = text;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '{') {
            (out.m_names.empty() ? out.m_before : out.m_behind.back()) += text[i++];
            continue;
        }
        const std::size_t end = text.find('}', i);
        const std::string_view name = text.substr(i + 1, end == std::string_view::npos ? end : end - i - 1);
        if (end == std::string_view::npos || name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != name.npos)
            return Error{SG_TR("'%1': a part is written as {name}, of a-z, 0-9 and _"), {shown(text, 60)}, {}};
        if (out.indexOf(name))
            return Error{SG_TR("'%1' names {%2} twice"), {shown(text, 60), std::string(name)}, {}};
        if (!out.m_names.empty() && out.m_behind.back().empty())
            return Error{SG_TR("'%1': between two parts there must be a text that divides them"), {shown(text, 60)}, {}};
        out.m_names.emplace_back(name);
        out.m_behind.emplace_back();
        i = end + 1;
    }
    if (out.m_names.empty())
        return Error{SG_TR("'%1' names no part; write for example {line}.{device}.{point}"), {shown(text, 60)}, {}};
    return out;
}

bool SplitPattern::match(std::string_view text, std::vector<std::string_view> &parts) const
{
    parts.clear();
    if (!text.starts_with(m_before))
        return false;
    text.remove_prefix(m_before.size());
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        const std::string &behind = m_behind[i];
        const bool isLast = i + 1 == m_names.size();
        if (isLast && !text.ends_with(behind))
            return false;
        const std::size_t end = isLast ? text.size() - behind.size() : text.find(behind, 1);
        if (end == std::string_view::npos || end == 0)
            return false;
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + behind.size());
    }
    return true;
}

std::optional<std::size_t> SplitPattern::indexOf(std::string_view name) const
{
    const auto found = std::find(m_names.begin(), m_names.end(), name);
    if (found == m_names.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - m_names.begin());
}

}
