#include "core/selector.h"

#include <algorithm>

namespace sg {

namespace {

bool mustBeEncoded(unsigned char c)
{
    return c < 0x20 || c == 0x7F || c == '%' || c == '/' || c == '*' || c == '{' || c == '}';
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool isPlaceholder(std::string_view segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}

std::string encodeSegment(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (mustBeEncoded(byte)) {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    return out;
}

std::string decodeSegment(std::string_view segment)
{
    std::string out;
    out.reserve(segment.size());
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] == '%' && i + 2 < segment.size() && hexDigit(segment[i + 1]) >= 0 && hexDigit(segment[i + 2]) >= 0) {
            out += static_cast<char>(hexDigit(segment[i + 1]) * 16 + hexDigit(segment[i + 2]));
            i += 2;
        } else {
            out += segment[i];
        }
    }
    return out;
}

std::vector<std::string_view> segmentsOf(std::string_view path)
{
    std::vector<std::string_view> out;
    for (std::size_t begin = 0;;) {
        const std::size_t end = path.find('/', begin);
        out.push_back(path.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            return out;
        begin = end + 1;
    }
}

std::string_view keyOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(0, slash);
}

std::string_view fieldOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

std::string_view sourceOf(std::string_view path)
{
    return path.substr(0, path.find('/'));
}

Result<Selector> Selector::parse(std::string_view text)
{
    Selector selector;
    selector.m_text = text;
    if (text.empty())
        return Error{SG_TR("an empty selector selects nothing; write source/label/field, e.g. press/*/*/temp"), {}, {}};
    for (const std::string_view segment : segmentsOf(text)) {
        if (selector.m_isOpenEnded)
            return Error{SG_TR("selector '%1': ** may only stand at the end"), {std::string(text)}, {}};
        if (segment == "**") {
            selector.m_isOpenEnded = true;
            continue;
        }
        if (segment.empty())
            return Error{SG_TR("selector '%1' has an empty segment"), {std::string(text)}, {}};
        const bool isWild = segment == "*" || isPlaceholder(segment);
        if (!isWild && segment.find_first_of("*{}") != std::string_view::npos)
            return Error{SG_TR("selector '%1': '%2' is neither a name, nor * nor {label}; * stands for a whole segment"),
                         {std::string(text), std::string(segment)},
                         {}};
        selector.m_segments.emplace_back(segment);
    }
    if (selector.m_segments.empty() || selector.m_segments.front() == "*" || isPlaceholder(selector.m_segments.front()))
        return Error{SG_TR("selector '%1' must begin with the id of a source"), {std::string(text)}, {}};
    return selector;
}

bool Selector::matches(std::string_view path) const
{
    std::size_t i = 0;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = path.find('/', begin);
        const std::string_view segment = path.substr(begin, end == std::string_view::npos ? end : end - begin);
        if (i == m_segments.size())
            return m_isOpenEnded;
        const std::string &wanted = m_segments[i];
        if (wanted != "*" && !isPlaceholder(wanted) && wanted != segment)
            return false;
        ++i;
        if (end == std::string_view::npos)
            return i == m_segments.size();
        begin = end + 1;
    }
}

bool Selector::isExact() const
{
    return !m_isOpenEnded
        && std::none_of(m_segments.begin(), m_segments.end(), [](const std::string &s) { return s == "*" || isPlaceholder(s); });
}

std::optional<Error> Selector::checkAgainst(const std::vector<std::string> &pathLabels) const
{
    const std::size_t wanted = pathLabels.size() + 2;
    if (m_isOpenEnded ? m_segments.size() <= wanted : m_segments.size() == wanted) {
        for (std::size_t i = 1; i < m_segments.size() && i <= pathLabels.size(); ++i)
            if (isPlaceholder(m_segments[i]) && m_segments[i].substr(1, m_segments[i].size() - 2) != pathLabels[i - 1])
                return Error{
                    SG_TR("selector '%1': segment %2 of source %3 is the label '%4', not '%5'"),
                    {m_text, std::to_string(i + 1), source(), pathLabels[i - 1], m_segments[i].substr(1, m_segments[i].size() - 2)},
                    {}};
        return std::nullopt;
    }
    std::string labels, right = source();
    for (const std::string &label : pathLabels) {
        labels += (labels.empty() ? "" : ", ") + label;
        right += "/*";
    }
    const std::string field = m_isOpenEnded || m_segments.size() < 2 ? std::string("*") : m_segments.back();
    return Error{
        SG_TR("selector '%1' has %2 segments; %3 has %4: write %5"),
        {m_text, std::to_string(m_segments.size()), source(), labels.empty() ? std::string("no labels") : labels, right + "/" + field},
        {}};
}

std::optional<std::string> Selector::bind(const std::vector<std::pair<std::string, std::string>> &labels) const
{
    std::string out;
    for (const std::string &segment : m_segments) {
        if (!out.empty())
            out += '/';
        if (!isPlaceholder(segment)) {
            out += segment;
            continue;
        }
        const std::string name = segment.substr(1, segment.size() - 2);
        const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto &label) { return label.first == name; });
        if (found == labels.end())
            return std::nullopt;
        out += encodeSegment(found->second);
    }
    return m_isOpenEnded ? out + "/**" : out;
}

}
