#include "decode/jsoncell.h"

#include "core/text.h"
#include "decode/jsonnames.h"

namespace sg {

struct JsonCell::Private
{
    std::string column;
    simdjson::dom::parser parser{LargestPayload};
    JsonNames tree;
    std::vector<std::size_t> slots;
};

JsonCell::JsonCell(std::string column)
    : d(std::make_unique<Private>())
{
    d->tree.setName(column);
    d->column = std::move(column);
}

JsonCell::~JsonCell() = default;

void JsonCell::addPlace(const std::vector<std::string> &tokens, std::size_t slot)
{
    d->tree.addPlace(tokens, slot);
    d->slots.push_back(slot);
}

Result<Value> JsonCell::read(std::string_view text, Shape &shape, bool isLearning)
{
    const auto root = parseJson(d->parser, text);
    if (!root)
        return Error{SG_TR("column '%1': %2"), {shown(d->column, 60), root.error().plain()}, {}};
    if (auto done = d->tree.read(*root, shape, isLearning); !done)
        return Error{SG_TR("column '%1': %2"), {shown(d->column, 60), done.error().plain()}, {}};
    return valueOf(*root);
}

void JsonCell::readNull(Shape &shape) const
{
    for (const std::size_t slot : d->slots)
        shape.values[slot] = Value::ofKind(Value::Kind::Null);
}

}
