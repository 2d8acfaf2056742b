#pragma once

#include "core/node.h"

#include <optional>

namespace sg {

// "{line}.{device}.{point}": names for the parts of one text. A part is one character or more and ends at the next text of the pattern;
// the last one takes the rest.
class SplitPattern
{
public:
    static Result<SplitPattern> parse(std::string_view text);
    // The parts in the order of names(); false when the text is not of this form. Views into it.
    bool match(std::string_view text, std::vector<std::string_view> &parts) const;
    [[nodiscard]] std::optional<std::size_t> indexOf(std::string_view name) const;
    [[nodiscard]] const std::string &text() const { return m_text; }

private:
    std::string m_text;
    std::string m_before; // the text in front of the first part
    std::vector<std::string> m_names;
    std::vector<std::string> m_behind; // the text that follows each part
};

}
