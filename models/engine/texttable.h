#pragma once

#include "state/commit.h"

#include <unordered_map>

namespace sg {

// Texts as dense codes: state values and stream names of one evaluator. Ingest thread only; the texts themselves are shared.
class TextTable
{
public:
    std::uint32_t code(std::string_view text); // adds it when new
    [[nodiscard]] std::shared_ptr<const std::string> text(double code) const; // null when there is no such code
    [[nodiscard]] std::size_t size() const { return m_texts.size(); }
    void restore(const std::vector<KnownText> &texts);
    std::vector<KnownText> takeNew(); // since the last call

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> m_codes;
    std::vector<std::shared_ptr<const std::string>> m_texts;
    std::size_t m_saved = 0;
};

}
