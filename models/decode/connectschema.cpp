#include "decode/connectschema.h"

#include "core/times.h"

#include <algorithm>
#include <array>

namespace sg {

namespace {

constexpr std::size_t MostBytes = 64; // of an unscaled number: 154 digits
constexpr unsigned MostPlaces = 400; // a double has none beyond

struct Known
{
    std::string_view name;
    ConnectType::Meaning meaning;
    int scale;
    bool isLocal;
};
using Meaning = ConnectType::Meaning;
constexpr Known Names[] = {
    {"org.apache.kafka.connect.data.Decimal", Meaning::Decimal, 0, false},
    {"org.apache.kafka.connect.data.Timestamp", Meaning::Instant, -3, false},
    {"org.apache.kafka.connect.data.Date", Meaning::Date, 0, false},
    {"org.apache.kafka.connect.data.Time", Meaning::TimeOfDay, -3, false},
    {"io.debezium.data.VariableScaleDecimal", Meaning::VariableDecimal, 0, false},
    {"io.debezium.time.Timestamp", Meaning::Instant, -3, true},
    {"io.debezium.time.MicroTimestamp", Meaning::Instant, -6, true},
    {"io.debezium.time.NanoTimestamp", Meaning::Instant, -9, true},
    {"io.debezium.time.Date", Meaning::Date, 0, false},
    {"io.debezium.time.Time", Meaning::TimeOfDay, -3, false},
    {"io.debezium.time.MicroTime", Meaning::TimeOfDay, -6, false},
    {"io.debezium.time.NanoTime", Meaning::TimeOfDay, -9, false},
};

int valueOfDigit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Bytes of a base64 text; their number, or nothing when it is none or too long.
std::optional<std::size_t> bytesOf(std::string_view base64, std::array<unsigned char, MostBytes> &bytes)
{
    if (base64.empty() || base64.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && base64.ends_with('=')) {
        base64.remove_suffix(1);
        ++padding;
    }
    std::size_t count = 0;
    unsigned bits = 0, held = 0;
    for (const char c : base64) {
        const int digit = valueOfDigit(c);
        if (digit < 0)
            return std::nullopt;
        bits = bits << 6U | static_cast<unsigned>(digit);
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        if (count == MostBytes)
            return std::nullopt;
        bytes[count++] = static_cast<unsigned char>(bits >> held);
        bits &= (1U << held) - 1;
    }
    if (bits != 0)
        return std::nullopt; // bits that belong to no byte
    return count;
}

// Digits of a magnitude, least first; the bytes are used up.
void digitsOf(std::array<unsigned char, MostBytes> &bytes, std::size_t count, std::string &digits)
{
    digits.clear();
    std::size_t first = 0;
    while (first < count) {
        unsigned rest = 0;
        for (std::size_t i = first; i < count; ++i) {
            const unsigned value = rest << 8U | bytes[i];
            bytes[i] = static_cast<unsigned char>(value / 10);
            rest = value % 10;
        }
        digits += static_cast<char>('0' + rest);
        while (first < count && bytes[first] == 0)
            ++first;
    }
}

void negate(std::array<unsigned char, MostBytes> &bytes, std::size_t count)
{
    unsigned carry = 1;
    for (std::size_t i = count; i-- > 0;) {
        const unsigned value = (~bytes[i] & 0xFFU) + carry;
        bytes[i] = static_cast<unsigned char>(value);
        carry = value >> 8U;
    }
}

void appendTwo(std::string &out, std::int64_t number)
{
    out += static_cast<char>('0' + number / 10 % 10);
    out += static_cast<char>('0' + number % 10);
}

Value dateOf(std::int64_t days, const Value &asItCame, TextPool &texts)
{
    if (days < -719'162 || days > 2'932'896) // the years 1 to 9999
        return asItCame;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    std::string &text = texts.next();
    text.clear();
    appendTwo(text, static_cast<int>(date.year()) / 100);
    appendTwo(text, static_cast<int>(date.year()));
    text += '-';
    appendTwo(text, static_cast<unsigned>(date.month()));
    text += '-';
    appendTwo(text, static_cast<unsigned>(date.day()));
    return Value::ofText(text);
}

Value timeOfDay(std::int64_t units, int scale, const Value &asItCame, TextPool &texts)
{
    std::int64_t perSecond = 1;
    for (int i = scale; i < 0; ++i)
        perSecond *= 10;
    const std::int64_t second = units / perSecond;
    if (units < 0 || second > 86'400)
        return asItCame;
    std::string &text = texts.next();
    text.clear();
    appendTwo(text, second / 3600);
    text += ':';
    appendTwo(text, second / 60 % 60);
    text += ':';
    appendTwo(text, second % 60);
    if (const std::int64_t fraction = units % perSecond; fraction != 0) {
        std::string digits = std::to_string(fraction);
        text += '.' + std::string(static_cast<std::size_t>(-scale) - digits.size(), '0') + digits;
        text.resize(text.find_last_not_of('0') + 1);
    }
    return Value::ofText(text);
}

}

const ConnectType *ConnectType::field(std::string_view name) const
{
    const auto found = fields.find(name);
    return found == fields.end() ? nullptr : &found->second;
}

ConnectType ConnectType::named(std::string_view name)
{
    ConnectType type;
    for (const Known &known : Names)
        if (name == known.name) {
            type.meaning = known.meaning;
            type.scale = known.scale;
            type.isLocal = known.isLocal;
        }
    return type;
}

Value ConnectType::meant(const Value &value, TextPool &texts) const
{
    switch (meaning) {
    case Meaning::Plain:
    case Meaning::VariableDecimal: // an object, which its reader takes apart
        return value;
    case Meaning::Decimal:
        if (value.kind == Value::Kind::Text && scale >= 0)
            if (const auto number = decimalIn(value.text, static_cast<unsigned>(scale), texts))
                return *number;
        return value;
    case Meaning::Date:
        return value.kind == Value::Kind::Integer ? dateOf(value.integer, value, texts) : value;
    case Meaning::TimeOfDay:
        return value.kind == Value::Kind::Integer ? timeOfDay(value.integer, scale, value, texts) : value;
    case Meaning::Instant:
        if (value.kind == Value::Kind::Integer)
            if (const auto time = fromEpoch(value.integer, scale == -3 ? "ms" : scale == -6 ? "us" : "ns"))
                return Value::ofInstant(time->time_since_epoch().count(), isLocal);
        return value;
    }
    return value;
}

std::optional<Value> decimalIn(std::string_view base64, unsigned places, TextPool &texts)
{
    std::array<unsigned char, MostBytes> bytes;
    const auto count = bytesOf(base64, bytes);
    if (!count || *count == 0 || places > MostPlaces)
        return std::nullopt;
    const bool isNegative = (bytes[0] & 0x80U) != 0;
    if (isNegative)
        negate(bytes, *count);
    std::string &text = texts.next();
    digitsOf(bytes, *count, text);
    while (text.size() <= places)
        text += '0'; // one digit in front of the point at least
    if (places > 0)
        text.insert(places, 1, '.');
    if (isNegative)
        text += '-';
    std::reverse(text.begin(), text.end());
    return numberIn(text);
}

}
