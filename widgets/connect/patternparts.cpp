#include "widgets/connect/patternparts.h"

#include <algorithm>

namespace sg {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool isNumbered(std::string_view text, std::string_view letters) // "L1", "P-07"
{
    if (text.size() < 2 || letters.find(text.front()) == std::string_view::npos)
        return false;
    const auto rest = text.substr(text[1] == '-' || text[1] == '_' ? 2 : 1);
    return !rest.empty() && std::all_of(rest.begin(), rest.end(), isDigit);
}

std::string guessedName(const std::vector<PatternPart> &parts, std::size_t part)
{
    const auto &text = parts[part].text;
    if (isNumbered(text, "Ll"))
        return "line";
    if (isNumbered(text, "Gg"))
        return "gateway";
    if (isNumbered(text, "PpMmDd"))
        return "device";
    // "line/7": the part before says what it is.
    if (part > 0 && !parts[part - 1].isLabel) {
        const auto &before = parts[part - 1].text;
        const auto isWord = before.size() > 2 && before.size() <= 20 && std::all_of(before.begin(), before.end(), isLower);
        if (isWord && std::any_of(text.begin(), text.end(), isDigit))
            return before.ends_with('s') ? before.substr(0, before.size() - 1) : before;
    }
    return "part" + std::to_string(part + 1);
}

}

std::vector<PatternPart> partsOf(std::string_view pattern, char separator)
{
    if (pattern.starts_with('^'))
        return {{{}, std::string(pattern), false, true}};
    // Where the separator of the system is not used, people use one of these.
    const std::string separators = separator == '.' && pattern.find('.') == std::string_view::npos ? "-_" : std::string(1, separator);
    std::vector<PatternPart> parts(1);
    bool isInBraces = false;
    for (const char c : pattern) {
        isInBraces = c == '{' || (isInBraces && c != '}');
        if (!isInBraces && separators.find(c) != std::string::npos)
            parts.push_back({std::string(1, c), {}});
        else
            parts.back().text += c;
    }
    for (auto &part : parts) {
        if (part.text.starts_with('{') && part.text.ends_with('}') && part.text.size() > 2) {
            part.text = part.text.substr(1, part.text.size() - 2);
            part.isLabel = true;
        }
        part.isFixed = !part.isLabel && (part.text.empty() || part.text == "#" || part.text.find('{') != std::string::npos);
    }
    return parts;
}

std::string patternOf(const std::vector<PatternPart> &parts)
{
    std::string out;
    for (const auto &part : parts)
        out += part.before + (part.isLabel ? "{" + part.text + "}" : part.text);
    return out;
}

std::string labelNameFor(const std::vector<PatternPart> &parts, std::size_t part)
{
    const auto wanted = guessedName(parts, part);
    auto name = wanted;
    for (int n = 2; std::any_of(parts.begin(), parts.end(), [&](const PatternPart &one) { return one.isLabel && one.text == name; }); ++n)
        name = wanted + std::to_string(n);
    return name;
}

std::optional<std::string> commonPattern(const std::vector<std::string> &topics, char separator)
{
    if (topics.size() < 2)
        return std::nullopt;
    const auto first = partsOf(topics.front(), separator);
    std::vector<bool> differs(first.size());
    for (const auto &topic : topics) {
        const auto parts = partsOf(topic, separator);
        if (parts.size() != first.size())
            return std::nullopt;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (parts[i].before != first[i].before || parts[i].isFixed || parts[i].isLabel != first[i].isLabel)
                return std::nullopt;
            differs[i] = differs[i] || parts[i].text != first[i].text;
        }
    }
    // Topics that have hardly anything in common are no pattern.
    const auto count = static_cast<std::size_t>(std::count(differs.begin(), differs.end(), true));
    if (count == 0 || count == first.size())
        return std::nullopt;
    auto parts = first;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!differs[i])
            continue;
        parts[i].text = labelNameFor(parts, i);
        parts[i].isLabel = true;
    }
    return patternOf(parts);
}

std::vector<std::string> labelsOf(const std::vector<std::string> &patterns, char separator)
{
    std::vector<std::string> labels;
    for (const auto &pattern : patterns)
        for (const auto &part : partsOf(pattern, separator))
            if (part.isLabel && std::find(labels.begin(), labels.end(), part.text) == labels.end())
                labels.push_back(part.text);
    return labels;
}

}
