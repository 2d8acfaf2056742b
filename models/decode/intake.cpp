#include "decode/intakeprivate.h"

#include "core/text.h"
#include "decode/declarationfields.h"

#include <algorithm>

namespace sg {

namespace {

Declaration readOrRefuse(const SourceSpec &spec)
{
    std::vector<Error> faults;
    Declaration declaration = Declaration::read(spec, faults);
    if (!faults.empty())
        throw Refusal{faults.front()};
    return declaration;
}

}

Intake::Private::Private(const SourceSpec &spec)
    : declaration(readOrRefuse(spec))
    , decoder(makeDecoder(declaration))
    , keys(declaration)
    , cache(declaration.id, declaration.maxSeries)
    , inflater(LargestPayload)
{
    for (const Case &kind : declaration.cases)
        cases.push_back({.kind = &kind});
    if (!declaration.schemaType.empty())
        schemas = std::make_unique<SchemaReader>(spec, declaration.schemaType, declaration.message);
}

Result<Done> Intake::Private::addMessage(const Message &message)
{
    if (!Inflater::isCompressed(message.payload))
        return addPlain(message);
    const auto payload = inflater.unpack(message.payload);
    if (!payload)
        return ledger.bad(message, payload.error());
    Message plain = message;
    plain.payload = *payload;
    return addPlain(plain);
}

Result<Done> Intake::Private::addPlain(const Message &message)
{
    if (declaration.format == Declaration::Format::Json)
        if (const auto framing = Framing::in(message.payload))
            return addFramed(message, *framing);
    if (auto done = decoder->open(message); !done)
        return ledger.bad(message, schemas ? Error{SG_TR("no registry framing, and %1"), {done.error().plain()}, {}} : Error(done.error()));
    return addOpened(message);
}

// A payload that a schema registry's serializer framed. Without a registry what is JSON behind it is read as such; anything else is of a
// schema that would have to be fetched.
Result<Done> Intake::Private::addFramed(const Message &message, const Framing &framing)
{
    Message unframed = message;
    unframed.payload = framing.rest;
    if (schemas) {
        const auto json = jsonOf(message, framing, false);
        if (!json)
            return json.error();
        unframed.payload = *json;
        if (auto done = decoder->open(unframed); !done)
            return ledger.bad(message, done.error());
        return addOpened(unframed);
    }
    if (!framing.mayBeJson() || !decoder->open(unframed))
        return ledger.framed(framing);
    return addOpened(unframed);
}

Result<Done> Intake::Private::addOpened(const Message &message)
{
    if (keys.isAsked())
        if (auto done = keys.open(message); !done)
            return ledger.bad(message, done.error());
    if (declaration.countBy)
        ledger.countKind(valueOutside(*declaration.countBy, message).asText(buffer));
    if (decoder->change() == Decoder::Change::None)
        return Done();
    CaseState *state = cases.front().kind->when.empty() ? &cases.front() : caseOf(message);
    if (!state)
        return ledger.bad(message, Error{SG_TR("no case reads this message; add one, or else: ignore"), {}, {}});
    if (state->kind->isIgnored)
        return Done();
    if (decoder->change() == Decoder::Change::Deletion)
        return retire(message, *state);
    auto done = addRows(message, *state);
    cache.forgetPassing();
    return done;
}

std::optional<std::string_view> Intake::Private::textOf(Pairs pairs, std::string_view name)
{
    for (const auto &[key, value] : pairs)
        if (key == name)
            return value;
    return std::nullopt;
}

Intake::Private::CaseState *Intake::Private::caseOf(const Message &message)
{
    const auto found = std::find_if(cases.begin(), cases.end(), [&](const CaseState &state) {
        return std::all_of(state.kind->when.begin(), state.kind->when.end(),
                           [&](const Case::Condition &condition) { return holds(condition, message); });
    });
    return found == cases.end() ? nullptr : &*found;
}

bool Intake::Private::holds(const Case::Condition &condition, const Message &message)
{
    const Value value = valueOutside(condition.at, message);
    if (condition.isPresent)
        return !value.isMissing();
    const auto text = value.asText(buffer);
    return text && std::find(condition.texts.begin(), condition.texts.end(), *text) != condition.texts.end();
}

// What stands at a place that is the same for the whole message, whichever case reads it.
Value Intake::Private::valueOutside(const Where &where, const Message &message)
{
    const auto in = [&](Pairs pairs) {
        const auto text = textOf(pairs, where.name);
        return text ? Value::ofText(*text) : Value();
    };
    switch (where.kind) {
    case Where::Kind::Pointer:
    case Where::Kind::Envelope:
        return decoder->at(where);
    case Where::Kind::Key:
    case Where::Kind::KeyPointer:
    case Where::Kind::WindowStart:
    case Where::Kind::WindowEnd:
        return keys.at(where);
    case Where::Kind::Header:
        return in(message.headers);
    case Where::Kind::Topic:
    case Where::Kind::Named:
        return in(message.captures);
    case Where::Kind::Constant:
        return Value::ofText(where.name);
    case Where::Kind::Item:
    case Where::Kind::Column:
    case Where::Kind::ColumnPointer:
    case Where::Kind::Split:
        break;
    }
    return {};
}

// Of a null payload. The conditions that point into it decide nothing, so every case may have rows of its key.
Result<Done> Intake::Private::addTombstone(const Message &message)
{
    if (keys.isAsked())
        if (auto done = keys.open(message); !done)
            return ledger.bad(message, done.error());
    const bool isRow = !message.cells.empty();
    std::optional<Error> failed;
    bool isDerivable = false;
    for (CaseState &state : cases) {
        const Case &kind = *state.kind;
        const auto isTold = [&](const Case::Label &label) { return isRow || kind.places[label.slot].isOutsideValue(); };
        const auto mayHold = [&](const Case::Condition &condition) { return !condition.at.isOutsideValue() || holds(condition, message); };
        // A windowed key is deleted with its window, and the thing that it is about lives on.
        if (kind.isIgnored || declaration.key.window || !std::all_of(kind.labels.begin(), kind.labels.end(), isTold)
            || !std::all_of(kind.when.begin(), kind.when.end(), mayHold))
            continue;
        isDerivable = true;
        if (auto done = retire(message, state); !done)
            failed = done.error();
    }
    if (!isDerivable)
        ledger.ignoredTombstone();
    if (failed)
        return std::move(*failed);
    return Done();
}

Intake::Intake(const SourceSpec &spec)
    : d(std::make_unique<Private>(spec))
{
}

Intake::~Intake() = default;

std::vector<Error> Intake::check(const SourceSpec &spec)
{
    std::vector<Error> faults;
    Declaration::read(spec, faults);
    return faults;
}

Fields Intake::fields()
{
    return sourceItemFields();
}

Result<Done> Intake::add(const Message &message, const std::stop_token &stop)
{
    ++d->messages;
    if (message.told == Message::Told::Unchanged || message.told == Message::Told::Gone)
        ++d->retold;
    else
        ++d->batch.messages;
    if (!d->schemas)
        return message.isTombstone ? d->addTombstone(message) : d->addMessage(message);
    d->stop = stop;
    d->waitsFor.reset();
    auto done = d->addWithSchemas(message);
    if (d->waitsFor) {
        --d->messages;
        --d->batch.messages;
    }
    return done;
}

const std::optional<Error> &Intake::waitsFor() const
{
    return d->waitsFor;
}

void Intake::add(Mark mark)
{
    d->batch.marks.emplace_back(static_cast<std::uint32_t>(d->batch.rows()), std::move(mark));
}

std::size_t Intake::rows() const
{
    return d->batch.rows();
}

Batch Intake::seal(Positions after, Mono arrival)
{
    Batch sealed = std::move(d->batch);
    d->batch = Batch();
    sealed.arrival = arrival;
    sealed.after = std::move(after);
    // The next batch is mostly as large as this one.
    const std::size_t expected = sealed.rows();
    d->batch.series.reserve(expected);
    d->batch.stamp.reserve(expected);
    d->batch.value.reserve(expected);
    d->batch.quality.reserve(expected);
    d->batch.isLive.reserve(expected);
    d->batch.offset.reserve(expected);
    return sealed;
}

void Intake::describe(SourceStatus &status) const
{
    status.messages = d->messages - d->retold;
    d->ledger.describe(status, d->declaration.countByText);
    std::size_t shownTopics = 0;
    for (const Private::CaseState &state : d->cases)
        for (const auto &[name, topic] : state.topics) {
            const std::size_t missed = topic.shape->unlearned.size();
            if (missed == 0 || ++shownTopics > 5)
                continue;
            const std::size_t learned = topic.shape->learned.size();
            status.notes.push_back({SG_TR("learned %1 of %2 fields of %3; '%4' is not among them: name the fields you need"),
                                    {std::to_string(learned), std::to_string(learned + missed),
                                     name.empty() ? d->declaration.id : shown(name, 60), shown(*topic.shape->unlearned.begin(), 60)},
                                    {}});
        }
}

}
