#include "decode/cells.h"

#include "core/text.h"

#include <limits>

namespace sg {

namespace {

class RowDecoder : public Decoder
{
public:
    std::unique_ptr<Shape> makeShape(const Case &kind) const override { return std::make_unique<CellShape>(kind); }

    Result<Done> decode(const Message &message, Shape &shape) override
    {
        auto &cells = static_cast<CellShape &>(shape);
        cells.beginRow();
        if (message.cells.empty())
            return Error{SG_TR("the message is no row of a table; decode: row belongs to databases"), {}, {}};
        for (std::size_t i = 0; i < message.cells.size(); ++i) {
            const auto value = valueOf(message.cells[i]);
            if (!value)
                return value.error();
            if (auto done = cells.put(i, message.cells[i].column, *value, message.cells[i].isJson); !done)
                return done;
        }
        return Done();
    }

private:
    static Result<Value> valueOf(const Cell &cell)
    {
        if (!cell.text)
            return Value::ofKind(Value::Kind::Null);
        if (cell.isBool && (*cell.text == "t" || *cell.text == "f" || *cell.text == "true" || *cell.text == "false"))
            return Value::ofBool(cell.text->front() == 't');
        if (cell.isNumber) {
            if (auto number = numberIn(*cell.text)) {
                number->isRounded = cell.isRounded;
                return *number;
            }
            // numeric and float have these too; they are shown as bad, which is what they are.
            if (*cell.text == "NaN" || *cell.text == "Infinity" || *cell.text == "-Infinity")
                return Value::ofNumber(std::numeric_limits<double>::quiet_NaN());
            return Error{SG_TR("column '%1': '%2' is not a number"), {shown(cell.column, 60), shown(*cell.text, 60)}, {}};
        }
        if (!isUtf8(*cell.text))
            return Error{SG_TR("column '%1' is not UTF-8: '%2'"), {shown(cell.column, 60), shown(*cell.text, 60)}, {}};
        return Value::ofText(*cell.text);
    }
};

}

std::unique_ptr<Decoder> makeRowDecoder(const Declaration &)
{
    return std::make_unique<RowDecoder>();
}

}
