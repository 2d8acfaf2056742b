#pragma once

#include "core/batch.h"

#include <functional>
#include <unordered_map>

namespace sg {

struct TextHash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T> using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

constexpr std::size_t MostTextsPerField = 1000;
constexpr std::size_t MostTextsPerSource = 100'000;
constexpr std::size_t LongestStateText = 256; // bytes

// Texts of one opened source as dense numbers; never forgets one, so it is bounded.
class TextDictionary
{
public:
    // The code of a text; a new one is announced in `batch`. Nothing when it is full.
    std::optional<std::uint32_t> code(std::string_view text, Batch &batch)
    {
        if (const auto found = m_codes.find(text); found != m_codes.end())
            return found->second;
        if (m_codes.size() >= MostTextsPerSource)
            return std::nullopt;
        const auto code = static_cast<std::uint32_t>(m_codes.size());
        m_texts.push_back(&m_codes.emplace(std::string(text), code).first->first);
        batch.newTexts.push_back({code, std::string(text)});
        return code;
    }
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const
    {
        const auto found = m_codes.find(text);
        return found == m_codes.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] bool is(std::uint32_t code, std::string_view text) const { return code < m_texts.size() && *m_texts[code] == text; }

private:
    TextMap<std::uint32_t> m_codes;
    std::vector<const std::string *> m_texts;
};

}
