#include "decode/cells.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

void CellShape::beginRow()
{
    begin();
    ++message;
}

CellShape::Column *CellShape::columnAt(std::size_t index, std::string_view name)
{
    if (index < columns.size() && columns[index].name == name)
        return &columns[index];
    const auto at = std::find_if(columns.begin(), columns.end(), [&](const Column &c) { return c.name == name; });
    if (at != columns.end())
        return &*at;
    if (columns.size() >= MostKnownNames)
        return nullptr;
    Column &made = columns.emplace_back();
    made.name = name;
    for (std::size_t slot = 0; slot < kind.places.size(); ++slot) {
        const Where &where = kind.places[slot];
        if (where.name != name)
            continue;
        if (where.kind == Where::Kind::Column || where.kind == Where::Kind::Named)
            made.slots.push_back(slot);
        if (where.kind != Where::Kind::ColumnPointer)
            continue;
        if (!made.json)
            made.json = std::make_unique<JsonCell>(made.name);
        made.json->addPlace(where.tokens, slot);
    }
    made.isUndecided = kind.isLearning && made.slots.empty();
    return &made;
}

Result<Done> CellShape::put(std::size_t index, std::string_view column, Value value, bool isJson)
{
    Column *found = columnAt(index, column);
    if (!found)
        return Done();
    if (found->seen == message)
        return Error{SG_TR("column '%1' comes twice"), {shown(column, 60)}, {}};
    found->seen = message;
    if (isJson && !found->json)
        found->json = std::make_unique<JsonCell>(found->name);
    if (found->json && value.kind == Value::Kind::Null) {
        found->json->readNull(*this);
    } else if (found->json) {
        std::string buffer;
        auto whole = found->json->read(*value.asText(buffer), *this, isJson && kind.isLearning);
        if (!whole)
            return whole.error();
        if (isJson)
            value = *whole;
    }
    if (found->isUndecided && !value.isMissing() && value.kind != Value::Kind::Container) {
        found->isUndecided = false;
        if (!found->json || isJson)
            if (const auto slot = learn(column, value))
                found->slots.push_back(*slot);
    }
    for (const std::size_t slot : found->slots)
        values[slot] = value;
    return Done();
}

}
