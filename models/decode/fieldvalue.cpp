#include "decode/fieldvalue.h"

#include "core/text.h"
#include "decode/connectschema.h"

#include <cmath>

namespace sg {

namespace {

constexpr double LargestExact = 9007199254740992; // 2^53
constexpr std::size_t LongestDecimal = 400; // digits of a number that a double still holds

Error wrongType(const Value &value, const FieldRule &rule, const char *expected)
{
    std::string buffer;
    const auto text = value.asText(buffer);
    return Error{SG_TR("field '%1': '%2' is not %3"),
                 {shown(rule.name, 60), text ? shown(*text, 60) : std::string("an object or a list"), expected},
                 {}};
}

FieldValue ofNumber(double number, const FieldRule &rule, bool isRounded = false)
{
    const double scaled = number * rule.scale + rule.offset;
    if (!std::isfinite(scaled))
        return {FieldValue::Kind::Bad, 0, {}};
    return {FieldValue::Kind::Number, scaled, {}, isRounded};
}

Result<FieldValue> readAsNumber(const Value &value, const FieldRule &rule)
{
    if (rule.isDecimalComma && value.text.find('.') != std::string_view::npos)
        return Error{
            SG_TR("field '%1': '%2' holds a point, and its decimal sign is a comma"), {shown(rule.name, 60), shown(value.text, 60)}, {}};
    if (value.kind == Value::Kind::Instant)
        return wrongType(value, rule, "a number");
    if (value.kind != Value::Kind::Text)
        return ofNumber(value.number, rule, value.isRounded);
    std::optional<double> number;
    const std::size_t comma = value.text.find(',');
    if (rule.isDecimalComma && comma != std::string_view::npos) {
        std::string pointed(value.text.substr(0, LongestDecimal));
        if (comma < pointed.size())
            pointed[comma] = '.';
        number = parseNumber(pointed);
    } else {
        number = parseNumber(value.text);
    }
    if (!number)
        return wrongType(value, rule, "a number");
    return ofNumber(*number, rule);
}

// A decimal is a number, a text of one, or, where `digits` says its places, base64 of its unscaled bytes: a text with a point is none.
Result<FieldValue> readAsDecimal(const Value &value, const FieldRule &rule, bool isMapped)
{
    if (value.kind != Value::Kind::Text || !rule.digits || isMapped || value.text.find('.') != std::string_view::npos)
        return readAsNumber(value, rule);
    TextPool texts;
    const auto number = decimalIn(value.text, *rule.digits, texts);
    if (!number)
        return wrongType(value, rule, "a decimal in base64");
    return ofNumber(number->number, rule);
}

Result<Value> bitOf(const Value &value, const FieldRule &rule)
{
    Value number = value.kind == Value::Kind::Text ? numberIn(value.text).value_or(value) : value;
    if (number.kind == Value::Kind::Number && std::abs(number.number) < LargestExact && std::trunc(number.number) == number.number)
        number = Value::ofInteger(static_cast<std::int64_t>(number.number)); // 5.0
    if (number.kind != Value::Kind::Integer)
        return wrongType(value, rule, "a whole number, of which a bit could be read");
    return Value::ofInteger(static_cast<std::int64_t>(static_cast<std::uint64_t>(number.integer) >> *rule.bit & 1U));
}

Result<FieldValue> readAsBool(const Value &value, const FieldRule &rule)
{
    std::optional<bool> is;
    if (value.kind == Value::Kind::Text) {
        if (value.text == "true" || value.text == "t" || value.text == "1")
            is = true;
        else if (value.text == "false" || value.text == "f" || value.text == "0")
            is = false;
    } else if (value.kind != Value::Kind::Instant && (value.number == 0 || value.number == 1)) {
        is = value.number == 1;
    }
    if (!is)
        return wrongType(value, rule, "true or false");
    return FieldValue{FieldValue::Kind::Number, *is ? 1.0 : 0.0, {}};
}

}

Result<FieldValue> meaningOf(const Value &value, const FieldRule &rule, std::string &buffer)
{
    switch (value.kind) {
    case Value::Kind::Absent:
        return FieldValue();
    case Value::Kind::Null:
        return FieldValue{FieldValue::Kind::Bad, 0, {}};
    case Value::Kind::Container:
        return wrongType(value, rule, "a single value");
    case Value::Kind::Integer:
    case Value::Kind::Number:
    case Value::Kind::Bool:
    case Value::Kind::Text:
    case Value::Kind::Instant:
        break;
    }
    if (!rule.bad.empty() && rule.bad.contains(*value.asText(buffer)))
        return FieldValue{FieldValue::Kind::Bad, 0, {}};
    Value meant = value;
    if (rule.bit) {
        const auto bit = bitOf(value, rule);
        if (!bit)
            return bit.error();
        meant = *bit;
    }
    bool isMapped = false;
    if (!rule.map.empty())
        if (const auto found = rule.map.find(*meant.asText(buffer)); found != rule.map.end()) {
            meant = Value::ofText(found->second);
            isMapped = true;
        }
    switch (rule.as) {
    case FieldRule::As::Number:
        return readAsNumber(meant, rule);
    case FieldRule::As::Decimal:
        return readAsDecimal(meant, rule, isMapped);
    case FieldRule::As::Bool:
        return readAsBool(meant, rule);
    case FieldRule::As::Text:
        return FieldValue{FieldValue::Kind::State, 0, *meant.asText(buffer)};
    case FieldRule::As::Auto:
        if (meant.kind == Value::Kind::Text)
            return FieldValue{FieldValue::Kind::State, 0, meant.text};
        if (meant.kind == Value::Kind::Instant)
            return FieldValue{FieldValue::Kind::State, 0, *meant.asText(buffer)};
        return ofNumber(meant.number, rule, meant.isRounded);
    }
    return FieldValue();
}

}
