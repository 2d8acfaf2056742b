#include "alarms/expression.h"
#include "core/fields.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

// Recursive descent with one token ahead. Hostile text costs at most MaxLength characters and MaxDepth calls.
class ExpressionParser
{
public:
    ExpressionParser(std::string_view text, std::vector<Expression::Name> names)
        : m_text(text)
        , m_names(std::move(names))
    {
    }

    Result<Expression> parse()
    {
        if (m_text.size() > MaxLength)
            return Error{
                SG_TR("the expression has %1 characters; at most %2"), {std::to_string(m_text.size()), std::to_string(MaxLength)}, {}};
        advance();
        const Operand whole = disjunction();
        if (!m_error && m_token.kind != Kind::End)
            fail(m_token.at, SG_TR("character %1: expected an operator, found '%2'"), shown(m_token.text));
        need(whole, Type::Truth, SG_TR("character %1: the whole must be true or false, such as value > 80"));
        if (m_error)
            return *m_error;
        return std::move(m_out);
    }

private:
    using Op = Expression::Op;
    enum class Kind : std::uint8_t { End, Number, Text, Word, Sign };
    enum class Type : std::uint8_t { Truth, Number, Text, Any };
    struct Token
    {
        Kind kind = Kind::End;
        std::string text;
        std::size_t at = 0; // character, from 1
    };
    struct Operand
    {
        std::uint32_t node = 0;
        Type type = Type::Any;
        std::size_t at = 0;
    };
    static constexpr std::size_t MaxLength = 4000;
    static constexpr int MaxDepth = 50;

    template <class... Args> void fail(std::size_t at, const char *text, Args... args)
    {
        if (!m_error)
            m_error = Error{text, {std::to_string(at), std::move(args)...}, {}};
    }

    // Characters, not bytes: an editor counts them so.
    std::size_t characterAt(std::size_t byte) const
    {
        return 1 + static_cast<std::size_t>(std::count_if(m_text.begin(), m_text.begin() + static_cast<std::ptrdiff_t>(byte), [](char c) {
                   return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
               }));
    }

    void advance()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t' || m_text[m_at] == '\r'))
            ++m_at;
        m_token = {Kind::End, SG_TR("the end"), characterAt(m_at)};
        if (m_at >= m_text.size())
            return;
        const char c = m_text[m_at];
        const auto isLetter = [](char x) { return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || x == '_'; };
        const auto isDigit = [](char x) { return x >= '0' && x <= '9'; };
        std::size_t end = m_at + 1;
        if (isLetter(c)) {
            while (end < m_text.size() && (isLetter(m_text[end]) || isDigit(m_text[end])))
                ++end;
            m_token.kind = Kind::Word;
        } else if (isDigit(c) || (c == '.' && end < m_text.size() && isDigit(m_text[end]))) {
            while (end < m_text.size()
                   && (isDigit(m_text[end]) || m_text[end] == '.' || m_text[end] == 'e' || m_text[end] == 'E'
                       || ((m_text[end] == '-' || m_text[end] == '+') && (m_text[end - 1] == 'e' || m_text[end - 1] == 'E'))))
                ++end;
            m_token.kind = Kind::Number;
        } else if (c == '"' || c == '\'') {
            end = m_text.find(c, m_at + 1);
            if (end == std::string_view::npos) {
                fail(m_token.at, SG_TR("character %1: the text that begins here has no closing quote"));
                m_at = m_text.size();
                return;
            }
            m_token = {Kind::Text, std::string(m_text.substr(m_at + 1, end - m_at - 1)), m_token.at};
            m_at = end + 1;
            return;
        } else {
            static constexpr std::string_view two[] = {"==", "!=", "<=", ">="};
            const std::string_view next = m_text.substr(m_at, 2);
            if (std::find(std::begin(two), std::end(two), next) != std::end(two))
                ++end;
            else
                while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0U) == 0x80U)
                    ++end; // a whole character, for the message
            m_token.kind = Kind::Sign;
        }
        m_token.text = m_text.substr(m_at, end - m_at);
        m_at = end;
    }

    bool is(std::string_view text) const { return (m_token.kind == Kind::Sign || m_token.kind == Kind::Word) && m_token.text == text; }
    bool accept(std::string_view text)
    {
        if (m_error || !is(text))
            return false;
        advance();
        return true;
    }

    Operand add(Op op, Type type, std::size_t at, std::uint32_t left = 0, std::uint32_t right = 0, double number = 0)
    {
        m_out.m_nodes.push_back({op, number, left, right});
        return {static_cast<std::uint32_t>(m_out.m_nodes.size() - 1), type, at};
    }

    void need(const Operand &operand, Type type, const char *text)
    {
        const bool isRight = operand.type == type || (operand.type == Type::Any && type != Type::Truth);
        if (!isRight)
            fail(operand.at, text);
    }
    void needTruth(const Operand &operand)
    {
        need(operand, Type::Truth, SG_TR("character %1: true or false is expected here; compare it with something, such as value > 80"));
    }
    void needNumber(const Operand &operand) { need(operand, Type::Number, SG_TR("character %1: a number is expected here")); }

    Operand disjunction()
    {
        Operand left = conjunction();
        while (is("or")) {
            advance();
            const Operand right = conjunction();
            needTruth(left);
            needTruth(right);
            left = add(Op::Or, Type::Truth, left.at, left.node, right.node);
        }
        return left;
    }

    Operand conjunction()
    {
        Operand left = negation();
        while (is("and")) {
            advance();
            const Operand right = negation();
            needTruth(left);
            needTruth(right);
            left = add(Op::And, Type::Truth, left.at, left.node, right.node);
        }
        return left;
    }

    Operand negation()
    {
        const std::size_t at = m_token.at;
        if (!is("not"))
            return comparison();
        if (++m_depth > MaxDepth)
            return tooDeep();
        advance();
        const Operand operand = negation();
        --m_depth;
        needTruth(operand);
        return add(Op::Not, Type::Truth, at, operand.node);
    }

    Operand comparison()
    {
        const Operand left = sum();
        if (m_error || m_token.kind != Kind::Sign)
            return left;
        const std::string sign = m_token.text;
        const std::size_t at = m_token.at;
        if (sign == "=") {
            fail(at, SG_TR("character %1: '=' compares nothing; write =="));
            return left;
        }
        if (sign != "==" && sign != "!=" && sign != "<" && sign != "<=" && sign != ">" && sign != ">=")
            return left;
        advance();
        const Operand right = sum();
        const bool isEquality = sign == "==" || sign == "!=";
        for (const Operand &side : {left, right}) {
            if (side.type == Type::Truth)
                fail(side.at, SG_TR("character %1: true or false is not compared; use it as it is, or with not"));
            if (side.type == Type::Text && !isEquality)
                fail(side.at, SG_TR("character %1: a text is only compared with == and !="));
        }
        if ((left.type == Type::Text && right.type == Type::Number) || (left.type == Type::Number && right.type == Type::Text))
            fail(right.at, SG_TR("character %1: a text and a number are never the same"));
        const bool isTurned = sign == ">" || sign == ">=";
        const Op op = sign == "==" ? Op::Equal : sign == "!=" ? Op::Unequal : sign == "<" || sign == ">" ? Op::Less : Op::LessEqual;
        return add(op, Type::Truth, left.at, isTurned ? right.node : left.node, isTurned ? left.node : right.node);
    }

    Operand sum()
    {
        Operand left = product();
        while (!m_error && (is("+") || is("-"))) {
            const Op op = is("+") ? Op::Add : Op::Subtract;
            advance();
            const Operand right = product();
            needNumber(left);
            needNumber(right);
            left = add(op, Type::Number, left.at, left.node, right.node);
        }
        return left;
    }

    Operand product()
    {
        Operand left = primary();
        while (!m_error && (is("*") || is("/"))) {
            const Op op = is("*") ? Op::Times : Op::Divide;
            advance();
            const Operand right = primary();
            needNumber(left);
            needNumber(right);
            left = add(op, Type::Number, left.at, left.node, right.node);
        }
        return left;
    }

    Operand tooDeep()
    {
        fail(m_token.at, SG_TR("character %1: more than %2 levels of brackets"), std::to_string(MaxDepth));
        return {};
    }

    Operand primary()
    {
        if (m_error)
            return {};
        if (++m_depth > MaxDepth)
            return tooDeep();
        const Operand out = primaryItself();
        --m_depth;
        return out;
    }

    Operand primaryItself()
    {
        const Token token = m_token;
        if (accept("(")) {
            Operand inner = disjunction();
            close(token);
            inner.at = token.at;
            return inner;
        }
        if (accept("-")) {
            const Operand operand = primary();
            needNumber(operand);
            return add(Op::Minus, Type::Number, token.at, operand.node);
        }
        if (token.kind == Kind::Number) {
            const auto number = parseNumber(token.text);
            if (!number)
                fail(token.at, SG_TR("character %1: '%2' is not a number"), shown(token.text));
            advance();
            return add(Op::Number, Type::Number, token.at, 0, 0, number.value_or(0));
        }
        if (token.kind == Kind::Text) {
            advance();
            m_out.m_texts.push_back(token.text);
            return add(Op::Text, Type::Text, token.at, 0, 0, static_cast<double>(m_out.m_texts.size() - 1));
        }
        if (token.kind == Kind::Word)
            return word(token);
        fail(token.at, SG_TR("character %1: expected a name, a number or a function, found '%2'"), shown(token.text));
        return {};
    }

    void close(const Token &open)
    {
        if (!m_error && !accept(")"))
            fail(m_token.at, SG_TR("character %1: the bracket of character %2 is not closed before '%3'"), std::to_string(open.at),
                 shown(m_token.text));
    }

    Operand word(const Token &token)
    {
        static constexpr std::pair<std::string_view, Op> functions[]
            = {{"any", Op::Any}, {"all", Op::All}, {"count", Op::Count}, {"avg", Op::Avg},
               {"min", Op::Min}, {"max", Op::Max}, {"sum", Op::Sum}};
        for (const auto &[name, op] : functions)
            if (token.text == name)
                return function(token, op);
        advance();
        const auto found = std::find_if(m_names.begin(), m_names.end(), [&](const auto &name) { return name.name == token.text; });
        if (found == m_names.end()) {
            std::vector<std::string> known;
            for (const auto &name : m_names)
                known.push_back(name.name);
            const std::string nearest = nearestName(token.text, known);
            if (nearest.empty())
                fail(token.at, SG_TR("character %1: '%2' is not one of the inputs"), shown(token.text));
            else
                fail(token.at, SG_TR("character %1: '%2' is not one of the inputs; did you mean '%3'?"), shown(token.text), nearest);
            return {};
        }
        const auto name = static_cast<std::size_t>(found - m_names.begin());
        if (found->isSet && !m_isInFunction)
            fail(token.at, SG_TR("character %1: '%2' may be several here; write any(%2), all(%2) or count(%2)"), token.text);
        if (m_isInFunction) {
            if (m_set && *m_set != name)
                fail(token.at, SG_TR("character %1: a function looks at one input; '%2' is a second one"), token.text);
            m_set = name;
        }
        return add(Op::Name, found->isAlarm ? Type::Truth : Type::Any, token.at, 0, 0, static_cast<double>(name));
    }

    Operand function(const Token &token, Op op)
    {
        advance();
        const Token open = m_token;
        if (!accept("(")) {
            fail(m_token.at, SG_TR("character %1: expected '(' after %2, found '%3'"), token.text, shown(m_token.text));
            return {};
        }
        if (m_isInFunction)
            fail(token.at, SG_TR("character %1: a function inside a function is not possible"));
        m_isInFunction = true;
        m_set.reset();
        const Operand inner = disjunction();
        m_isInFunction = false;
        close(open);
        if (!m_error && !m_set)
            fail(inner.at, SG_TR("character %1: %2 needs the name of an input"), token.text);
        const bool isOfTruths = op == Op::Any || op == Op::All || op == Op::Count;
        if (isOfTruths)
            needTruth(inner);
        else
            needNumber(inner);
        const bool isTruth = op == Op::Any || op == Op::All;
        return add(op, isTruth ? Type::Truth : Type::Number, token.at, inner.node, 0, static_cast<double>(m_set.value_or(0)));
    }

    std::string_view m_text;
    std::vector<Expression::Name> m_names;
    std::size_t m_at = 0;
    Token m_token;
    int m_depth = 0;
    bool m_isInFunction = false;
    std::optional<std::size_t> m_set; // of the function that is being read
    std::optional<Error> m_error; // the first one
    Expression m_out;
};

Result<Expression> Expression::parse(std::string_view text, std::vector<Name> names)
{
    return ExpressionParser(text, std::move(names)).parse();
}

}
