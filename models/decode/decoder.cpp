#include "decode/decoder.h"

#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

Shape::Shape(const Case &its)
    : kind(its)
    , values(its.places.size())
{
    for (const auto &given : its.fields)
        givenNames.insert(given.rule.name);
    for (std::size_t slot = 0; slot < its.places.size(); ++slot)
        if (its.places[slot].isOfItem())
            m_itemSlots.push_back(slot);
}

Error numberTextRemark(std::string_view field, std::string_view text)
{
    return {SG_TR("field '%1' holds texts that look like numbers ('%2'); as: number reads them"), {shown(field, 60), shown(text, 40)}, {}};
}

void Shape::begin()
{
    for (Value &value : values)
        value.kind = Value::Kind::Absent;
    texts.reset();
}

void Shape::beginItem()
{
    for (const std::size_t slot : m_itemSlots)
        values[slot].kind = Value::Kind::Absent;
    for (std::size_t slot = kind.places.size(); slot < values.size(); ++slot)
        values[slot].kind = Value::Kind::Absent;
}

std::optional<std::size_t> Shape::learn(std::string_view name, const Value &first)
{
    if (name.empty() || name.size() > LongestName || !isUtf8(name) || givenNames.contains(name) || unlearned.contains(name)
        || std::find(learned.begin(), learned.end(), name) != learned.end())
        return std::nullopt;
    if (first.kind == Value::Kind::Instant)
        return std::nullopt;
    if (first.kind == Value::Kind::Text) {
        // A text is a state only when there are few of it; a stamp is another one every time.
        if (first.text.size() > LongestLearnedText || parseIso(first.text, "UTC"))
            return std::nullopt;
    }
    if (learned.size() >= MostLearnedFields) {
        if (unlearned.size() < MostKnownNames)
            unlearned.emplace(name);
        return std::nullopt;
    }
    learned.emplace_back(name);
    values.emplace_back();
    return values.size() - 1;
}

std::unique_ptr<Decoder> makeDecoder(const Declaration &declaration)
{
    switch (declaration.format) {
    case Declaration::Format::Json:
        return makeJsonDecoder(declaration);
    case Declaration::Format::Csv:
        return makeCsvDecoder(declaration);
    case Declaration::Format::Scalar:
        return makeScalarDecoder(declaration);
    case Declaration::Format::Row:
        return makeRowDecoder(declaration);
    }
    return nullptr;
}

}
