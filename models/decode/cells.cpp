#include "decode/cells.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

void CellShape::begin()
{
    clear();
    ++message;
}

Result<Done> CellShape::put(const Declaration &declaration, std::size_t index, std::string_view column, const Value &value)
{
    Column *found = index < columns.size() && columns[index].name == column ? &columns[index] : nullptr;
    if (!found) {
        const auto at = std::find_if(columns.begin(), columns.end(), [&](const Column &c) { return c.name == column; });
        if (at != columns.end()) {
            found = &*at;
        } else {
            if (columns.size() >= MostKnownNames)
                return Done();
            Column made{std::string(column), {}, declaration.isLearning, 0};
            for (std::size_t slot = 0; slot < declaration.places.size(); ++slot) {
                const Where &where = declaration.places[slot];
                if ((where.kind == Where::Kind::Column || where.kind == Where::Kind::Named) && where.name == column)
                    made.slots.push_back(slot);
            }
            made.isUndecided = declaration.isLearning && made.slots.empty();
            columns.push_back(std::move(made));
            found = &columns.back();
        }
    }
    if (found->seen == message)
        return Error{SG_TR("column '%1' comes twice"), {shown(column, 60)}, {}};
    found->seen = message;
    if (found->isUndecided && value.kind != Value::Kind::Null) {
        found->isUndecided = false;
        if (const auto slot = learn(column, value))
            found->slots.push_back(*slot);
    }
    for (const std::size_t slot : found->slots)
        values[slot] = value;
    return Done();
}

}
