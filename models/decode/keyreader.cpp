#include "decode/keyreader.h"

#include "core/text.h"
#include "decode/connectjson.h"
#include "decode/framing.h"

#include <algorithm>

namespace sg {

namespace {

bool isOfKey(const Where &where)
{
    return where.kind == Where::Kind::Key || where.kind == Where::Kind::KeyPointer;
}

}

struct KeyReader::Private
{
    explicit Private(const Declaration &declaration)
        : form(declaration.key)
        , isUnwrapping(declaration.unwrap != Declaration::Unwrap::None)
        , document(isUnwrapping, false)
    {
        const auto note = [this](const Where &where) {
            isAsked = isAsked || isOfKey(where);
            isPointedInto = isPointedInto || where.kind == Where::Kind::KeyPointer;
        };
        for (const Case &kind : declaration.cases) {
            std::for_each(kind.places.begin(), kind.places.end(), note);
            for (const Case::Condition &condition : kind.when)
                note(condition.at);
            JsonNames &tree = trees[&kind];
            for (std::size_t slot = 0; slot < kind.places.size(); ++slot)
                if (kind.places[slot].kind == Where::Kind::KeyPointer)
                    tree.addPlace(kind.places[slot].tokens, slot);
        }
        if (declaration.countBy)
            note(*declaration.countBy);
    }

    [[nodiscard]] bool isJson(std::string_view bytes) const
    {
        return form.kind == RecordKeyForm::Kind::Json || isPointedInto || (isUnwrapping && bytes.starts_with('{'));
    }

    const RecordKeyForm form;
    const bool isUnwrapping;
    bool isAsked = false;
    bool isPointedInto = false;
    ConnectJson document;
    std::map<const Case *, JsonNames> trees;
    RecordKey key;
    Value whole; // of `key:`
    bool hasDocument = false;
    TextPool texts;
};

KeyReader::KeyReader(const Declaration &declaration)
    : d(std::make_unique<Private>(declaration))
    , m_isAsked(d->isAsked || declaration.key.window)
{
}

KeyReader::~KeyReader() = default;

Result<Done> KeyReader::open(const Message &message)
{
    d->whole = Value();
    d->hasDocument = false;
    d->texts.reset();
    auto key = RecordKey::of(message.key, d->form);
    if (!key)
        return key.error();
    d->key = *key;
    if (d->key.bytes.empty())
        return Done();
    if (d->form.kind == RecordKeyForm::Kind::Int32 || d->form.kind == RecordKeyForm::Kind::Int64) {
        auto number = d->key.number(d->form);
        if (!number)
            return number.error();
        d->whole = *number;
        return Done();
    }
    // A key that unwraps to one value is that value; any other `key:` is the text as it came.
    d->whole = Value::ofText(d->key.bytes);
    const auto framing = Framing::in(d->key.bytes);
    const std::string_view bytes = framing ? framing->rest : d->key.bytes;
    if (!d->isJson(bytes))
        return Done();
    if (auto done = d->document.parse(bytes); !done)
        return Error{SG_TR("record key: %1"), {done.error().plain()}, {}};
    d->hasDocument = true;
    if (const Value value = valueOf(d->document.root(), d->document.type().get(), d->texts); value.kind != Value::Kind::Container)
        d->whole = value;
    return Done();
}

Value KeyReader::at(const Where &where)
{
    switch (where.kind) {
    case Where::Kind::Key:
        return d->whole;
    case Where::Kind::KeyPointer: {
        if (!d->hasDocument)
            return {};
        const ConnectType *type = d->document.type().get();
        const auto found = elementAt(d->document.root(), where.tokens, &type);
        return found ? valueOf(*found, type, d->texts) : Value();
    }
    case Where::Kind::WindowStart:
    case Where::Kind::WindowEnd: {
        const auto &time = where.kind == Where::Kind::WindowStart ? d->key.start : d->key.end;
        return time ? Value::ofInstant(time->time_since_epoch().count(), false) : Value();
    }
    case Where::Kind::Pointer:
    case Where::Kind::Envelope:
    case Where::Kind::Item:
    case Where::Kind::Topic:
    case Where::Kind::Header:
    case Where::Kind::Column:
    case Where::Kind::ColumnPointer:
    case Where::Kind::Split:
    case Where::Kind::Constant:
    case Where::Kind::Named:
        break;
    }
    return {};
}

Result<Done> KeyReader::fill(Shape &shape)
{
    if (!d->hasDocument)
        return Done();
    JsonNames &tree = d->trees[&shape.kind];
    if (!tree.isAsked())
        return Done();
    tree.setType(d->document.type(), d->document.type().get());
    return tree.read(d->document.root(), shape, false);
}

}
