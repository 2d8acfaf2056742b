#include "alarms/expression.h"

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

using Type = ExpressionValue::Type;

constexpr double Infinity = std::numeric_limits<double>::infinity();

ExpressionValue range(double least, double most)
{
    if (std::isnan(least) || std::isnan(most))
        return ExpressionValue::unknown(Type::Number);
    return {Type::Number, Truth::Unknown, least, most};
}

ExpressionValue rangeOf(std::initializer_list<double> ends)
{
    // 0 * infinity is the end of a range, not a number that somebody measured.
    double least = Infinity, most = -Infinity;
    for (const double end : ends) {
        if (std::isnan(end))
            return ExpressionValue::unknown(Type::Number);
        least = std::min(least, end);
        most = std::max(most, end);
    }
    return range(least, most);
}

Truth negated(Truth truth)
{
    return truth == Truth::Yes ? Truth::No : truth == Truth::No ? Truth::Yes : Truth::Unknown;
}

Truth both(Truth a, Truth b)
{
    if (a == Truth::No || b == Truth::No)
        return Truth::No;
    return a == Truth::Yes && b == Truth::Yes ? Truth::Yes : Truth::Unknown;
}

Truth either(Truth a, Truth b)
{
    return negated(both(negated(a), negated(b)));
}

Truth isEqual(const ExpressionValue &a, const ExpressionValue &b)
{
    if (a.type != b.type)
        return Truth::Unknown; // a number against a text: the series is not what the rule took it for
    if (a.least == a.most && b.least == b.most && a.least == b.least)
        return Truth::Yes;
    return a.most < b.least || b.most < a.least ? Truth::No : Truth::Unknown;
}

Truth isLess(const ExpressionValue &a, const ExpressionValue &b, bool orEqual)
{
    if (a.type != Type::Number || b.type != Type::Number)
        return Truth::Unknown;
    if (orEqual ? a.most <= b.least : a.most < b.least)
        return Truth::Yes;
    return (orEqual ? a.least > b.most : a.least >= b.most) ? Truth::No : Truth::Unknown;
}

}

ExpressionValue ExpressionValue::of(double number)
{
    return std::isfinite(number) ? ExpressionValue{Type::Number, Truth::Unknown, number, number} : unknown(Type::Number);
}

bool Expression::uses(std::size_t name) const
{
    return std::any_of(m_nodes.begin(), m_nodes.end(),
                       [&](const Node &node) { return node.op == Op::Name && node.number == static_cast<double>(name); });
}

Truth Expression::evaluate(const ExpressionNames &names) const
{
    return valueOf(static_cast<std::uint32_t>(m_nodes.size() - 1), names, {}).truth;
}

ExpressionValue Expression::valueOf(std::uint32_t at, const ExpressionNames &names, Chosen chosen) const
{
    const Node &node = m_nodes[at];
    const auto left = [&] { return valueOf(node.left, names, chosen); };
    const auto right = [&] { return valueOf(node.right, names, chosen); };
    const auto numbers = [&](auto &&compute) {
        const ExpressionValue a = left(), b = right();
        return a.type == Type::Number && b.type == Type::Number ? compute(a, b) : ExpressionValue::unknown(Type::Number);
    };
    switch (node.op) {
    case Op::Number:
        return ExpressionValue::of(node.number);
    case Op::Text:
        return ExpressionValue::ofCode(names.codeOfText(static_cast<std::size_t>(node.number)));
    case Op::Name: {
        const auto name = static_cast<std::size_t>(node.number);
        if (name == chosen.name)
            return names.member(name, chosen.member);
        return names.members(name) == 1 ? names.member(name, 0) : ExpressionValue();
    }
    case Op::Not:
        return ExpressionValue::of(negated(left().truth));
    case Op::Minus: {
        const ExpressionValue a = left();
        return a.type == Type::Number ? range(-a.most, -a.least) : ExpressionValue::unknown(Type::Number);
    }
    case Op::And:
        return ExpressionValue::of(both(left().truth, right().truth));
    case Op::Or:
        return ExpressionValue::of(either(left().truth, right().truth));
    case Op::Equal:
        return ExpressionValue::of(isEqual(left(), right()));
    case Op::Unequal:
        return ExpressionValue::of(negated(isEqual(left(), right())));
    case Op::Less:
        return ExpressionValue::of(isLess(left(), right(), false));
    case Op::LessEqual:
        return ExpressionValue::of(isLess(left(), right(), true));
    case Op::Add:
        return numbers([](const auto &a, const auto &b) { return range(a.least + b.least, a.most + b.most); });
    case Op::Subtract:
        return numbers([](const auto &a, const auto &b) { return range(a.least - b.most, a.most - b.least); });
    case Op::Times:
        return numbers([](const auto &a, const auto &b) {
            return rangeOf({a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most});
        });
    case Op::Divide:
        return numbers([](const auto &a, const auto &b) {
            if (b.least <= 0 && b.most >= 0) // by zero, or perhaps by zero: not known, never infinite
                return ExpressionValue::unknown(Type::Number);
            return rangeOf({a.least / b.least, a.least / b.most, a.most / b.least, a.most / b.most});
        });
    case Op::Any:
    case Op::All:
    case Op::Count:
    case Op::Avg:
    case Op::Min:
    case Op::Max:
    case Op::Sum:
        return overSet(node, names);
    }
    return {};
}

ExpressionValue Expression::overSet(const Node &node, const ExpressionNames &names) const
{
    const auto name = static_cast<std::size_t>(node.number);
    const std::size_t members = names.members(name);
    Truth any = Truth::No, all = members == 0 ? Truth::Unknown : Truth::Yes;
    double yes = 0, unknown = 0;
    ExpressionValue sum = ExpressionValue::of(0.0);
    double lowLeast = Infinity, lowMost = Infinity, highLeast = -Infinity, highMost = -Infinity;
    for (std::size_t m = 0; m < members; ++m) {
        const ExpressionValue value = valueOf(node.left, names, {name, m});
        any = either(any, value.truth);
        all = both(all, value.truth);
        yes += value.truth == Truth::Yes ? 1 : 0;
        unknown += value.truth == Truth::Unknown ? 1 : 0;
        const ExpressionValue number = value.type == Type::Number ? value : ExpressionValue::unknown(Type::Number);
        sum = range(sum.least + number.least, sum.most + number.most);
        lowLeast = std::min(lowLeast, number.least);
        lowMost = std::min(lowMost, number.most);
        highLeast = std::max(highLeast, number.least);
        highMost = std::max(highMost, number.most);
    }
    if (node.op == Op::Any)
        return ExpressionValue::of(any);
    if (node.op == Op::All)
        return ExpressionValue::of(all);
    if (node.op == Op::Count)
        return range(yes, yes + unknown);
    if (node.op == Op::Sum)
        return sum;
    if (members == 0)
        return ExpressionValue::unknown(Type::Number);
    const auto count = static_cast<double>(members);
    if (node.op == Op::Avg)
        return range(sum.least / count, sum.most / count);
    return node.op == Op::Min ? range(lowLeast, lowMost) : range(highLeast, highMost);
}

}
