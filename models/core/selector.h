#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>

namespace sg {

// Series paths are "source/label.../field". In a segment % / * { } and control characters are percent-encoded, upper-case hex.
std::string encodeSegment(std::string_view text);
std::string decodeSegment(std::string_view segment);
std::vector<std::string_view> segmentsOf(std::string_view path);
std::string_view keyOf(std::string_view path); // without the field: "press/L1/P-07"
std::string_view fieldOf(std::string_view path); // the last segment
std::string_view sourceOf(std::string_view path); // the first segment

// A path with `*` for a segment, `{label}` for a segment that is called so, and perhaps `**` as the last.
class Selector
{
public:
    static Result<Selector> parse(std::string_view text);

    [[nodiscard]] bool matches(std::string_view path) const; // {x} counts as *
    [[nodiscard]] const std::string &text() const { return m_text; }
    [[nodiscard]] const std::string &source() const { return m_segments.front(); }
    [[nodiscard]] bool isOpenEnded() const { return m_isOpenEnded; } // ends in **
    [[nodiscard]] bool isExact() const; // neither * nor {x} nor **
    [[nodiscard]] const std::vector<std::string> &segments() const { return m_segments; } // without the **
    // The selector has exactly source + path + field segments or ends in **; else the error holds the right form.
    [[nodiscard]] std::optional<Error> checkAgainst(const std::vector<std::string> &pathLabels) const;
    // `{x}` replaced by the subject's labels; nothing when a label is missing.
    [[nodiscard]] std::optional<std::string> bind(const std::vector<std::pair<std::string, std::string>> &labels) const;

private:
    std::string m_text;
    std::vector<std::string> m_segments;
    bool m_isOpenEnded = false;
};

}
