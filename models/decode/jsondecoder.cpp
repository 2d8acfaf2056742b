#include "decode/connectjson.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

struct JsonShape : Shape
{
    using Shape::Shape;
    JsonNames value; // what unwrap leaves
    JsonNames envelope; // what is there before it
    JsonNames item; // one of `each`
};

bool needsWhole(const Declaration &declaration)
{
    const auto isEnvelope = [](const Where &where) { return where.kind == Where::Kind::Envelope; };
    const auto needs = [&](const Case &kind) {
        return std::any_of(kind.places.begin(), kind.places.end(), isEnvelope)
            || std::any_of(kind.when.begin(), kind.when.end(), [&](const auto &condition) { return isEnvelope(condition.at); });
    };
    // Debezium's own envelope is inside what Kafka Connect wraps.
    return declaration.unwrap == Declaration::Unwrap::Auto
        && (std::any_of(declaration.cases.begin(), declaration.cases.end(), needs)
            || (declaration.countBy && isEnvelope(*declaration.countBy)));
}

class JsonDecoder : public Decoder
{
public:
    explicit JsonDecoder(const Declaration &declaration)
        : m_isDebezium(declaration.unwrap == Declaration::Unwrap::Debezium)
        , m_document(declaration.unwrap != Declaration::Unwrap::None, needsWhole(declaration))
    {
    }

    std::unique_ptr<Shape> makeShape(const Case &kind) const override
    {
        auto shape = std::make_unique<JsonShape>(kind);
        for (std::size_t slot = 0; slot < kind.places.size(); ++slot) {
            const Where &where = kind.places[slot];
            if (where.kind == Where::Kind::Pointer)
                shape->value.addPlace(where.tokens, slot);
            else if (where.kind == Where::Kind::Envelope)
                shape->envelope.addPlace(where.tokens, slot);
            else if (where.kind == Where::Kind::Item)
                shape->item.addPlace(where.tokens, slot);
        }
        return shape;
    }

    Result<Done> open(const Message &message) override
    {
        m_texts.reset();
        m_change = Change::Row;
        m_hasValue = true;
        m_hasItems = false;
        // The DOM parser reads to the end before it answers; On-Demand would accept what it does not visit.
        if (auto done = m_document.parse(message.payload); !done)
            return done;
        m_value = m_document.root();
        m_envelope = m_isDebezium ? m_value : m_document.whole();
        m_valueType = m_document.type().get();
        return m_isDebezium ? openChange() : Done();
    }

    [[nodiscard]] Value at(const Where &where) override
    {
        const bool isValue = where.kind == Where::Kind::Pointer;
        if (isValue ? !m_hasValue : where.kind != Where::Kind::Envelope)
            return {};
        const ConnectType *type = isValue ? m_valueType : envelopeType();
        const auto found = elementAt(isValue ? m_value : m_envelope, where.tokens, &type);
        return found ? valueOf(*found, type, m_texts) : Value();
    }

    Result<Done> decode(const Message &, Shape &shape) override
    {
        auto &json = static_cast<JsonShape &>(shape);
        json.begin();
        if (json.envelope.isAsked()) {
            json.envelope.setType(m_document.type(), envelopeType());
            if (auto done = json.envelope.read(m_envelope, json, false); !done)
                return done;
        }
        if (!m_hasValue)
            return Done();
        const bool hasItems = json.kind.each.has_value();
        const bool isLearning = json.kind.learnsFromDocument() && !hasItems;
        const element_type type = m_value.type();
        if (type != element_type::OBJECT && (isLearning || type != element_type::ARRAY))
            return Error{SG_TR("the document is %1; expected an object"), {nameOf(type)}, {}};
        json.value.setType(m_document.type(), m_valueType);
        if (!hasItems || json.value.isAsked())
            if (auto done = json.value.read(m_value, json, isLearning); !done)
                return done;
        return hasItems ? beginItems(json) : Done();
    }

    Result<bool> nextItem(Shape &shape) override
    {
        if (!m_hasItems || !(m_item != m_itemsEnd))
            return false;
        auto &json = static_cast<JsonShape &>(shape);
        json.beginItem();
        const element item = *m_item;
        ++m_item;
        if (auto done = json.item.read(item, json, json.kind.learnsFromDocument()); !done)
            return done.error();
        return true;
    }

private:
    // The schema describes what Kafka Connect wrapped: Debezium's envelope, or the value alone.
    [[nodiscard]] const ConnectType *envelopeType() const { return m_isDebezium ? m_document.type().get() : nullptr; }

    // {"before": ..., "after": ..., "op": "u", ...}: the row after the change is the value; of a deletion the one before it, where there is
    // one, because the key's labels may stand in it.
    Result<Done> openChange()
    {
        std::string_view op;
        if (m_envelope.is_null()) {
            m_change = Change::Deletion; // a tombstone that the converter wrapped
            m_hasValue = false;
            return Done();
        }
        if (m_envelope["op"].get(op) != simdjson::SUCCESS)
            return Error{SG_TR("no change of Debezium: 'op' is missing"), {}, {}};
        if (op == "t" || op == "m") { // truncate; a message of the log
            m_change = Change::None;
            return Done();
        }
        const bool isDeletion = op == "d";
        if (!isDeletion && op != "c" && op != "u" && op != "r")
            return Error{SG_TR("no change of Debezium: op '%1' is none of c, u, r, d, t, m"), {shown(op, 20)}, {}};
        m_change = isDeletion ? Change::Deletion : Change::Row;
        const char *row = isDeletion ? "before" : "after";
        element value;
        if (m_envelope[row].get(value) == simdjson::SUCCESS && value.is_object())
            m_value = value;
        else if (isDeletion)
            m_hasValue = false;
        else
            return Error{SG_TR("no change of Debezium: op '%1' without '%2'"), {shown(op, 20), row}, {}};
        m_valueType = m_valueType ? m_valueType->field(row) : nullptr;
        return Done();
    }

    Result<Done> beginItems(JsonShape &shape)
    {
        const ConnectType *type = m_valueType;
        const auto items = elementAt(m_value, *shape.kind.each, &type);
        simdjson::dom::array array;
        std::string pointer;
        for (const std::string &token : *shape.kind.each)
            pointer += "/" + token;
        if (!items)
            return Error{SG_TR("each: %1 is missing"), {pointer}, {}};
        if (items->get(array) != simdjson::SUCCESS)
            return Error{
                SG_TR("each: %1 is %2; expected an array"), {pointer.empty() ? "the document" : pointer, nameOf(items->type())}, {}};
        m_hasItems = true;
        m_item = array.begin();
        m_itemsEnd = array.end();
        return Done();
    }

    const bool m_isDebezium;
    ConnectJson m_document;
    element m_value;
    element m_envelope;
    const ConnectType *m_valueType = nullptr;
    bool m_hasValue = true;
    bool m_hasItems = false;
    simdjson::dom::array::iterator m_item, m_itemsEnd;
    TextPool m_texts; // of at()
};

}

std::unique_ptr<Decoder> makeJsonDecoder(const Declaration &declaration)
{
    return std::make_unique<JsonDecoder>(declaration);
}

}
