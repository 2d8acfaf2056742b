#include "decode/fieldrule.h"

#include "core/text.h"

namespace sg {

namespace {

constexpr double HighestBit = 62; // of a whole number that is read exactly
constexpr double MostDigits = 38;

bool isNumber(FieldRule::As as)
{
    return as == FieldRule::As::Number || as == FieldRule::As::Decimal;
}

void readBit(const Node &node, FieldRule &rule, std::vector<Error> &faults)
{
    const Node &bit = node["bit"];
    if (bit.isMissing())
        return;
    const auto number = readNumber(bit, "bit");
    if (!number || *number < 0 || *number > HighestBit) {
        faults.push_back(bit.error(SG_TR("bit takes a whole number from 0 to 62, not '%1'"), {shown(bit.scalar, 40)}));
        return;
    }
    rule.bit = static_cast<unsigned>(*number);
    if (rule.as == FieldRule::As::Decimal || node.has("scale") || node.has("offset") || node.has("decimal"))
        faults.push_back(bit.error(SG_TR("a bit is 0 or 1: scale, offset, decimal and as: decimal do not go with it")));
}

void readDigits(const Node &node, FieldRule &rule, std::vector<Error> &faults)
{
    const Node &digits = node["digits"];
    if (digits.isMissing())
        return;
    const auto number = readNumber(digits, "digits");
    if (!number || *number < 0 || *number > MostDigits)
        faults.push_back(digits.error(SG_TR("digits takes a whole number from 0 to 38, not '%1'"), {shown(digits.scalar, 40)}));
    else if (rule.as != FieldRule::As::Decimal)
        faults.push_back(digits.error(SG_TR("digits belongs to as: decimal")));
    else
        rule.digits = static_cast<unsigned>(*number);
}

}

FieldRule readFieldRule(const std::string &name, const Node &node, std::vector<Error> &faults)
{
    FieldRule rule;
    rule.name = name;
    const std::string as = node.text("as");
    rule.as = as == "number" ? FieldRule::As::Number
        : as == "text"       ? FieldRule::As::Text
        : as == "bool"       ? FieldRule::As::Bool
        : as == "decimal"    ? FieldRule::As::Decimal
                             : FieldRule::As::Auto;
    for (const auto &[from, to] : node["map"].map) {
        if (to.kind != Node::Kind::Scalar || to.scalar.empty())
            faults.push_back(to.error(SG_TR("map: '%1' needs a text for what it means"), {shown(from, 60)}));
        else if (isNumber(rule.as) && !parseNumber(to.scalar))
            faults.push_back(to.error(SG_TR("map: '%1' is not a number, and the field is read as one"), {shown(to.scalar, 60)}));
        rule.map.emplace(from, to.scalar);
    }
    if (rule.as == FieldRule::As::Bool && !rule.map.empty())
        faults.push_back(node["map"].error(SG_TR("a field is read as bool or has a map, not both")));
    for (std::string &bad : readTexts(node["bad"]))
        rule.bad.insert(std::move(bad));
    readBit(node, rule, faults);
    readDigits(node, rule, faults);
    if (node.has("scale"))
        if (const auto number = readNumber(node["scale"], "scale"))
            rule.scale = *number;
    if (node.has("offset"))
        if (const auto number = readNumber(node["offset"], "offset"))
            rule.offset = *number;
    const std::string decimal = node.text("decimal", ".");
    rule.isDecimalComma = decimal == ",";
    if (decimal != "." && decimal != ",")
        faults.push_back(node["decimal"].error(SG_TR("decimal takes \",\" or \".\", not '%1'"), {shown(decimal, 20)}));
    const bool isNumeric = node.has("scale") || node.has("offset") || rule.isDecimalComma;
    if (isNumeric && (rule.as == FieldRule::As::Text || rule.as == FieldRule::As::Bool))
        faults.push_back(node.error(SG_TR("scale, offset and decimal belong to numbers, and the field is read as %1"), {as}));
    else if (isNumeric && !rule.map.empty() && rule.as == FieldRule::As::Auto)
        faults.push_back(node.error(SG_TR("scale, offset and decimal belong to numbers, and the map makes texts; or say as: number")));
    else if (isNumeric && rule.as == FieldRule::As::Auto)
        rule.as = FieldRule::As::Number;
    else if (!rule.map.empty() && rule.as == FieldRule::As::Auto)
        rule.as = FieldRule::As::Text;
    return rule;
}

}
