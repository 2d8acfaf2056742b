#include "workspace/textedit.h"

#include <algorithm>
#include <array>

namespace sg {

namespace {

// Words that some YAML version reads as true, false, nothing, or more. Compared in small letters.
constexpr std::array<std::string_view, 11> Words = {"y", "yes", "n", "no", "true", "false", "on", "off", "null", "~", "="};

bool isWord(std::string_view text)
{
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(Words.begin(), Words.end(), small) != Words.end();
}

// Numbers of any base, infinities, base-60 and dates; a duration such as 5s or 250ms is a text to every YAML.
bool looksLikeNumber(std::string_view text)
{
    const char first = text.front();
    if (first == '.' || first == '+' || first == '-')
        return true;
    return first >= '0' && first <= '9' && text.find_first_not_of("0123456789abcdefABCDEFxXoO_.:+-tTzZ ") == std::string_view::npos;
}

bool isPlainSafe(std::string_view text)
{
    if (text.empty() || isWord(text) || looksLikeNumber(text))
        return false;
    // Commas and brackets matter inside [ ] and { } only; a value does not know where it will stand.
    if (text.find_first_of("{}[],\"'`\\") != std::string_view::npos
        || std::string_view("!&*|>%@?:#<").find(text.front()) != std::string_view::npos)
        return false;
    if (text.front() == ' ' || text.back() == ' ' || text.back() == ':' || text.find(": ") != std::string_view::npos
        || text.find(" #") != std::string_view::npos)
        return false;
    if (text.find("\xEF\xBC\x9A") != std::string_view::npos) // a full-width colon reads like a key
        return false;
    // Control characters, and what libyaml takes for the end of a line: NEL, LS, PS; and a BOM inside the text.
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })
        && text.find("\xC2\x85") == std::string_view::npos && text.find("\xE2\x80\xA8") == std::string_view::npos
        && text.find("\xE2\x80\xA9") == std::string_view::npos && text.find("\xEF\xBB\xBF") == std::string_view::npos;
}

}

std::string quoted(std::string_view scalar)
{
    if (isPlainSafe(scalar))
        return std::string(scalar);
    static constexpr char digits[] = "0123456789ABCDEF";
    constexpr std::pair<std::string_view, std::string_view> escapes[]
        = {{"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}, {"\xEF\xBB\xBF", "\\uFEFF"}};
    std::string out = "\"";
    for (std::size_t i = 0; i < scalar.size(); ++i) {
        const auto escape
            = std::find_if(std::begin(escapes), std::end(escapes), [&](const auto &e) { return scalar.substr(i).starts_with(e.first); });
        if (escape != std::end(escapes)) {
            out += escape->second;
            i += escape->first.size() - 1;
            continue;
        }
        const auto byte = static_cast<unsigned char>(scalar[i]);
        if (scalar[i] == '"' || scalar[i] == '\\')
            (out += '\\') += scalar[i];
        else if (scalar[i] == '\n')
            out += "\\n";
        else if (scalar[i] == '\t')
            out += "\\t";
        else if (byte < 0x20 || byte == 0x7F)
            ((out += "\\x") += digits[byte >> 4U]) += digits[byte & 15U];
        else
            out += scalar[i];
    }
    return out + '"';
}

}
