#pragma once

#include "alarms/condition.h"

namespace sg {

// A value of an expression. What is not known is a truth of Unknown or a range of numbers, so that `count(hot) >= 3` is true as soon
// as three are hot, whatever the unknown ones are.
struct ExpressionValue
{
    enum class Type : std::uint8_t { Truth, Number, Text };
    Type type = Type::Truth;
    Truth truth = Truth::Unknown;
    double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity(); // Text: its code, or both

    static ExpressionValue of(Truth truth) { return {Type::Truth, truth}; }
    static ExpressionValue of(double number);
    static ExpressionValue ofCode(double code) { return {Type::Text, Truth::Unknown, code, code}; }
    static ExpressionValue unknown(Type type) { return {type}; }
};

// What the names of an expression mean at the moment.
class ExpressionNames
{
public:
    virtual ~ExpressionNames() = default;
    [[nodiscard]] virtual std::size_t members(std::size_t name) const = 0; // of an input: series or alarms
    [[nodiscard]] virtual ExpressionValue member(std::size_t name, std::size_t member) const = 0;
    [[nodiscard]] virtual double codeOfText(std::size_t text) const = 0; // of Expression::texts()
};

// The expression of `when`: names, numbers, quoted texts, `and or not`, comparisons, `+ - * /`, `any all count avg min max sum`.
// Three-valued (Kleene): unknown stays unknown where it matters. Immutable; shared between threads as const.
class Expression
{
public:
    struct Name
    {
        std::string name;
        bool isAlarm = false; // else a series: a number or a text
        bool isSet = false; // may be several: then it stands inside a function only
    };
    // Errors name the character, counted from 1, and what stands there.
    static Result<Expression> parse(std::string_view text, std::vector<Name> names);

    [[nodiscard]] Truth evaluate(const ExpressionNames &names) const;
    [[nodiscard]] const std::vector<std::string> &texts() const { return m_texts; } // quoted ones
    [[nodiscard]] bool uses(std::size_t name) const;

private:
    enum class Op : std::uint8_t {
        Number,
        Text,
        Name,
        Not,
        Minus,
        And,
        Or,
        Equal,
        Unequal,
        Less,
        LessEqual,
        Add,
        Subtract,
        Times,
        Divide,
        Any,
        All,
        Count,
        Avg,
        Min,
        Max,
        Sum
    };
    struct Node
    {
        Op op = Op::Number;
        double number = 0; // Number: the value; Text, Name: which one; functions: the name that is a set in it
        std::uint32_t left = 0, right = 0; // operands, always before their node
    };
    friend class ExpressionParser;

    struct Chosen // the member that a function looks at
    {
        std::size_t name = std::numeric_limits<std::size_t>::max(), member = 0;
    };
    [[nodiscard]] ExpressionValue valueOf(std::uint32_t node, const ExpressionNames &names, Chosen chosen) const;
    [[nodiscard]] ExpressionValue overSet(const Node &node, const ExpressionNames &names) const;

    std::vector<Node> m_nodes; // the last one is the whole
    std::vector<std::string> m_texts;
};

}
