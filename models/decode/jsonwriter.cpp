#include "decode/jsonwriter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace sg {

namespace {

constexpr std::int64_t SecondsPerDay = 86'400;
constexpr std::int64_t FirstDay = -719'162, LastDay = 2'932'896; // the years 1 to 9999
constexpr std::size_t MostBytes = 127; // of a decimal: beyond them no double holds it
constexpr unsigned MostPlaces = 300;

bool isDate(std::int64_t days)
{
    return days >= FirstDay && days <= LastDay;
}

}

void JsonWriter::separate()
{
    if (m_out.empty() || m_out.back() == '{' || m_out.back() == '[' || m_out.back() == ':')
        return; // a text ends in a quote, so these are never inside one
    m_out += ',';
}

void JsonWriter::open(char bracket)
{
    separate();
    m_out += bracket;
}

void JsonWriter::name(std::string_view name)
{
    text(name);
    m_out += ':';
}

void JsonWriter::plain(std::string_view json)
{
    separate();
    m_out += json;
}

void JsonWriter::whole(std::int64_t number)
{
    char digits[24];
    plain({digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits)});
}

void JsonWriter::whole(std::uint64_t number)
{
    char digits[24];
    plain({digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits)});
}

void JsonWriter::real(double number)
{
    char digits[32];
    if (!std::isfinite(number))
        null();
    else
        plain({digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits)});
}

void JsonWriter::real(float number)
{
    char digits[32];
    if (!std::isfinite(number))
        null();
    else
        plain({digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits)});
}

void JsonWriter::text(std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    separate();
    m_out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        m_out += text.substr(begin, i - begin);
        begin = i + 1;
        if (byte >= 0x20) {
            m_out += '\\';
            m_out += text[i];
        } else {
            m_out += "\\u00";
            m_out += hex[byte >> 4U];
            m_out += hex[byte & 15U];
        }
    }
    m_out += text.substr(begin);
    m_out += '"';
}

void JsonWriter::base64(std::string_view bytes)
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    separate();
    m_out += '"';
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned bits = 0;
        for (std::size_t n = 0; n < 3; ++n)
            bits = bits << 8U | (n < count ? static_cast<unsigned char>(bytes[i + n]) : 0U);
        for (std::size_t n = 0; n < 4; ++n)
            m_out += n <= count ? alphabet[bits >> (18 - 6 * n) & 63U] : '=';
    }
    m_out += '"';
}

bool JsonWriter::decimal(std::string_view bytes, unsigned places)
{
    if (bytes.size() > MostBytes || places > MostPlaces)
        return false;
    std::array<unsigned char, MostBytes> magnitude{};
    std::copy(bytes.begin(), bytes.end(), magnitude.begin());
    const bool isNegative = !bytes.empty() && (magnitude[0] & 0x80U) != 0;
    unsigned carry = 1;
    for (std::size_t i = isNegative ? bytes.size() : 0; i-- > 0;) {
        const unsigned value = (~magnitude[i] & 0xFFU) + carry;
        magnitude[i] = static_cast<unsigned char>(value);
        carry = value >> 8U;
    }
    std::string digits; // least first
    for (std::size_t first = 0; first < bytes.size();) {
        unsigned rest = 0;
        for (std::size_t i = first; i < bytes.size(); ++i) {
            const unsigned value = rest << 8U | magnitude[i];
            magnitude[i] = static_cast<unsigned char>(value / 10);
            rest = value % 10;
        }
        digits += static_cast<char>('0' + rest);
        while (first < bytes.size() && magnitude[first] == 0)
            ++first;
    }
    while (digits.size() <= places)
        digits += '0'; // one digit in front of the point at least
    while (digits.size() > places + 1 && digits.back() == '0')
        digits.pop_back();
    if (places > 0)
        digits.insert(places, 1, '.');
    else if (digits.size() > 18)
        digits.insert(0, "0."); // a whole number that no 64 bits hold is a number with a fraction to a JSON parser
    if (isNegative)
        digits += '-';
    std::reverse(digits.begin(), digits.end());
    plain(digits);
    return true;
}

void JsonWriter::instant(std::int64_t ticks, std::int64_t perSecond, bool isLocal)
{
    const std::int64_t perDay = perSecond * SecondsPerDay;
    std::int64_t days = ticks / perDay;
    std::int64_t rest = ticks % perDay;
    if (rest < 0) {
        rest += perDay;
        --days;
    }
    if (!isDate(days)) {
        whole(ticks);
        return;
    }
    separate();
    m_out += '"';
    appendDate(days);
    m_out += 'T';
    appendTime(rest, perSecond);
    m_out += isLocal ? "\"" : "Z\"";
}

void JsonWriter::date(std::int64_t days)
{
    if (!isDate(days)) {
        whole(days);
        return;
    }
    separate();
    m_out += '"';
    appendDate(days);
    m_out += '"';
}

void JsonWriter::timeOfDay(std::int64_t ticks, std::int64_t perSecond)
{
    if (ticks < 0 || ticks > SecondsPerDay * perSecond) {
        whole(ticks);
        return;
    }
    separate();
    m_out += '"';
    appendTime(ticks, perSecond);
    m_out += '"';
}

void JsonWriter::appendDate(std::int64_t days)
{
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    appendPadded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
    m_out += '-';
    appendPadded(static_cast<unsigned>(date.month()), 2);
    m_out += '-';
    appendPadded(static_cast<unsigned>(date.day()), 2);
}

void JsonWriter::appendTime(std::int64_t ticks, std::int64_t perSecond)
{
    const std::int64_t second = ticks / perSecond;
    appendPadded(static_cast<std::uint64_t>(second / 3600), 2);
    m_out += ':';
    appendPadded(static_cast<std::uint64_t>(second / 60 % 60), 2);
    m_out += ':';
    appendPadded(static_cast<std::uint64_t>(second % 60), 2);
    const std::int64_t fraction = ticks % perSecond;
    if (fraction == 0)
        return;
    m_out += '.';
    appendPadded(static_cast<std::uint64_t>(fraction), perSecond == 1'000 ? 3 : perSecond == 1'000'000 ? 6 : 9);
    m_out.resize(m_out.find_last_not_of('0') + 1);
}

void JsonWriter::appendPadded(std::uint64_t number, int digits)
{
    char text[20];
    for (int i = digits; i-- > 0; number /= 10)
        text[i] = static_cast<char>('0' + number % 10);
    m_out.append(text, static_cast<std::size_t>(digits));
}

}
