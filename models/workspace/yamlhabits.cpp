#include "workspace/yamlhabits.h"

#include "core/result.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::string_view FullWidthColon = "\xEF\xBC\x9A";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isNameStart(char c)
{
    return c >= 'a' && c <= 'z';
}
bool isNameCharacter(char c)
{
    return isNameStart(c) || isDigit(c) || c == '_';
}

int lineOf(std::string_view text, std::size_t offset)
{
    return static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size())), '\n'));
}

std::string_view lineAt(std::string_view text, int line)
{
    std::size_t begin = 0;
    for (int i = 0; i < line; ++i) {
        begin = text.find('\n', begin);
        if (begin == std::string_view::npos)
            return {};
        ++begin;
    }
    return text.substr(begin, text.find('\n', begin) - begin);
}

// The line with everything inside quotes and behind a comment sign blanked.
std::string bareOf(std::string_view line)
{
    std::string out;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote) {
            if (c == '\\' && quote == '"')
                ++i;
            else if (c == quote)
                quote = 0;
            continue;
        }
        if (c == '"' || c == '\'') {
            quote = c;
            continue;
        }
        if (c == '#' && (i == 0 || line[i - 1] == ' '))
            break;
        out += c;
    }
    return out;
}

bool holdsBareBrace(std::string_view line)
{
    for (std::size_t i = line.find('{'); i != std::string_view::npos; i = line.find('{', i + 1))
        if (isBareBrace(line, i))
            return true;
    return false;
}

// "name: &x" or "- *x": the value begins with this sign.
bool valueBeginsWith(std::string_view line, char sign)
{
    std::size_t i = line.find_first_not_of(" -");
    if (i == std::string_view::npos)
        return false;
    if (line[i] == sign)
        return true;
    for (std::size_t at = line.find(sign, i); at != std::string_view::npos; at = line.find(sign, at + 1)) {
        const std::size_t before = line.find_last_not_of(' ', at - 1);
        if (before != std::string_view::npos && before + 1 < at && (line[before] == ':' || line[before] == ','))
            return true;
        if (before + 1 == at && (line[before] == '[' || line[before] == '{'))
            return true;
    }
    return false;
}

}

std::optional<HabitFault> checkBytes(std::string_view text)
{
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return HabitFault{SG_TR("the file is UTF-16; save it as UTF-8"), 0};
    if (!isUtf8(text))
        return HabitFault{SG_TR("the file is not valid UTF-8; save it as UTF-8"), 0};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))
            return HabitFault{SG_TR("a carriage return stands without a line feed; lines end with LF or CRLF"), lineOf(text, i)};
        // yaml-cpp takes Ctrl-D for the end of the file.
        if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F)
            return HabitFault{SG_TR("a control character stands in the text"), lineOf(text, i)};
    }
    return std::nullopt;
}

std::optional<HabitFault> explainFailure(std::string_view text, int line)
{
    // The parser often notices one line late.
    for (const int candidate : {line, line - 1}) {
        if (candidate < 0)
            continue;
        const std::string_view raw = lineAt(text, candidate);
        const std::size_t content = raw.find_first_not_of(" \t-");
        if (content != std::string_view::npos && raw.substr(0, content).find('\t') != std::string_view::npos)
            return HabitFault{SG_TR("a tab stands in the indentation; use spaces"), candidate};
        const std::string bare = bareOf(raw);
        const std::size_t first = bare.find_first_not_of(" -");
        if (first != std::string::npos && hasFullWidthColon(std::string_view(bare).substr(first)))
            return HabitFault{SG_TR("a full-width colon follows the key; write ': '"), candidate};
        if (holdsBareBrace(bare))
            return HabitFault{SG_TR("a text with { } must stand in quotes"), candidate};
        if (valueBeginsWith(bare, '*'))
            return HabitFault{SG_TR("an alias (*) is not allowed; put the text in quotes if it begins with *"), candidate};
        if (valueBeginsWith(bare, '&'))
            return HabitFault{SG_TR("an anchor (&) is not allowed; put the text in quotes if it begins with &"), candidate};
        if (valueBeginsWith(bare, '!'))
            return HabitFault{SG_TR("a tag (!) is not allowed; put the text in quotes if it begins with !"), candidate};
    }
    return std::nullopt;
}

bool isCutAtHash(std::string_view text, std::size_t begin, std::string_view plainScalar)
{
    if (plainScalar.empty() || text.substr(begin, plainScalar.size()) != plainScalar)
        return false; // folded over several lines: a comment ends it only behind a line end
    // Behind a number or a duration a glued comment is harmless.
    if (isDigit(plainScalar.front()) && plainScalar.find(' ') == std::string_view::npos)
        return false;
    std::size_t i = begin + plainScalar.size();
    const std::size_t hash = text.find_first_not_of(" \t", i);
    if (hash == std::string_view::npos || hash == i || text[hash] != '#' || hash + 1 >= text.size())
        return false;
    const char next = text[hash + 1];
    return next != ' ' && next != '\t' && next != '#' && next != '\n' && next != '\r' && next != '-' && next != '=';
}

bool hasFullWidthColon(std::string_view plainScalar)
{
    std::size_t i = 0;
    while (i < plainScalar.size() && (isNameCharacter(plainScalar[i]) || plainScalar[i] == '.'))
        ++i;
    return i > 0 && isNameStart(plainScalar.front()) && plainScalar.substr(i).starts_with(FullWidthColon);
}

bool isIndentedByTab(std::string_view text, std::size_t token)
{
    bool hasTab = false;
    for (std::size_t i = std::min(token, text.size()); i > 0 && text[i - 1] != '\n'; --i) {
        if (text[i - 1] == '\t')
            hasTab = true;
        else if (text[i - 1] != ' ' && text[i - 1] != '-' && text[i - 1] != '?')
            return false;
    }
    return hasTab;
}

bool isBareBrace(std::string_view text, std::size_t begin)
{
    if (begin + 2 >= text.size() || text[begin] != '{' || !isNameStart(text[begin + 1]))
        return false;
    std::size_t i = begin + 1;
    while (i < text.size() && isNameCharacter(text[i]))
        ++i;
    return i < text.size() && text[i] == '}';
}

bool isQuoteOpen(std::string_view text, std::size_t begin)
{
    const char quote = begin < text.size() ? text[begin] : 0;
    if (quote != '"' && quote != '\'')
        return false;
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (text[i] == quote && quote == '\'' && text.substr(i + 1).starts_with('\''))
            ++i;
        else if (text[i] == quote)
            return false;
    }
    return true;
}

bool isAllDigits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

}
