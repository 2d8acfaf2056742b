#include "decode/decoder.h"

#include "core/text.h"

namespace sg {

namespace {

// The whole payload is the value; it has no type of its own.
class ScalarDecoder : public Decoder
{
public:
    explicit ScalarDecoder(const Declaration &declaration)
        : m_declaration(declaration)
    {
    }

    // The value stands in the slot behind the declaration's places, under whatever name the declaration or the topic gives it.
    std::unique_ptr<Shape> makeShape(const Case &kind) const override
    {
        auto shape = std::make_unique<Shape>(kind);
        shape->learned.push_back(m_declaration.scalar.name);
        shape->values.emplace_back();
        return shape;
    }

    Result<Done> decode(const Message &message, Shape &shape) override
    {
        shape.begin();
        std::string_view text = message.payload;
        const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
        while (!text.empty() && isSpace(text.front()))
            text.remove_prefix(1);
        while (!text.empty() && isSpace(text.back()))
            text.remove_suffix(1);
        if (text.empty())
            return Error{SG_TR("an empty payload; expected a value"), {}, {}};
        if (text.size() > LongestLearnedText)
            return Error{SG_TR("a payload of %1 bytes is no single value; at most %2"),
                         {std::to_string(text.size()), std::to_string(LongestLearnedText)},
                         {}};
        if (!isUtf8(text))
            return Error{SG_TR("the payload is not UTF-8"), {}, {}};
        Value &value = shape.values.back();
        if (text == "true" || text == "false")
            value = Value::ofBool(text == "true");
        else if (const auto number = numberIn(text))
            value = *number;
        else
            value = Value::ofText(text);
        return Done();
    }

private:
    const Declaration &m_declaration;
};

}

std::unique_ptr<Decoder> makeScalarDecoder(const Declaration &declaration)
{
    return std::make_unique<ScalarDecoder>(declaration);
}

}
