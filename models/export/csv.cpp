#include "export/csv.h"

#include "core/text.h"
#include "core/times.h"

#include <array>
#include <charconv>

namespace sg {

namespace {

bool beginsFormula(std::string_view field)
{
    using namespace std::string_view_literals;
    // The full-width forms of = + - @, which spreadsheets fold to the plain ones.
    static constexpr std::array starts{
        "="sv, "+"sv, "-"sv, "@"sv, "\t"sv, "\r"sv, "\n"sv, "\0"sv, "\xEF\xBC\x9D"sv, "\xEF\xBC\x8B"sv, "\xEF\xBC\x8D"sv, "\xEF\xBC\xA0"sv};
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return field.starts_with(start); });
}

// Also what already looks protected, or taking the apostrophe off again would change it.
bool needsApostrophe(std::string_view field)
{
    const std::size_t first = field.find_first_not_of('\'');
    return first != std::string_view::npos && beginsFormula(field.substr(first));
}

}

std::string protectFromFormula(std::string_view field)
{
    return needsApostrophe(field) ? '\'' + std::string(field) : std::string(field);
}

std::string unprotectFromFormula(std::string_view field)
{
    return std::string(field.starts_with('\'') && needsApostrophe(field) ? field.substr(1) : field);
}

CsvWriter::CsvWriter(CsvProfile profile, std::string zone)
    : m_zone(std::move(zone))
{
    if (profile == CsvProfile::Excel)
        out = "\xEF\xBB\xBF";
}

void CsvWriter::separate()
{
    if (!m_isFirst)
        out += ',';
    m_isFirst = false;
}

void CsvWriter::text(std::string_view field)
{
    separate();
    const bool isProtected = needsApostrophe(field);
    if (!isProtected && field.find_first_of(",;\"\r\n\t") == std::string_view::npos) {
        out += field;
        return;
    }
    out += '"';
    if (isProtected)
        out += '\'';
    for (const char c : field) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

void CsvWriter::number(double value)
{
    separate();
    std::array<char, 32> digits;
    if (value != value)
        return;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end.ptr);
}

void CsvWriter::integer(std::uint64_t value)
{
    separate();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end.ptr);
}

void CsvWriter::time(Time t)
{
    separate();
    if (t == NoTime)
        return;
    constexpr std::int64_t perMinute = 60'000'000;
    const std::int64_t total = t.time_since_epoch().count();
    const std::int64_t within = ((total % perMinute) + perMinute) % perMinute;
    const std::int64_t minute = (total - within) / perMinute;
    if (m_minute != minute) {
        m_minute = minute;
        const std::string text = formatLocal(Time(Micros(total - within)), m_zone);
        // "2026-10-12T08:00:00.000+09:00". Anything else (a year beyond 9999) is formatted whole each time.
        if (text.size() > 23 && text[16] == ':' && text.compare(17, 6, "00.000") == 0) {
            m_untilSeconds = text.substr(0, 17);
            m_offset = text.substr(23);
        } else {
            m_untilSeconds.clear();
        }
    }
    if (m_untilSeconds.empty()) {
        out += formatLocal(t, m_zone);
        return;
    }
    const bool hasMicros = within % 1000 != 0;
    std::array<char, 9> digits; // ss.mmmuuu without the point
    std::int64_t rest = within;
    for (std::size_t i = 8; i-- > 0; rest /= 10)
        digits[i] = static_cast<char>('0' + rest % 10);
    out += m_untilSeconds;
    out.append(digits.data(), 2);
    out += '.';
    out.append(digits.data() + 2, hasMicros ? 6 : 3);
    out += m_offset;
}

void CsvWriter::endRow()
{
    out += "\r\n";
    m_isFirst = true;
}

}
