#include "decode/intakeprivate.h"

#include "core/selector.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::size_t MostTopics = 1000; // that learn apart; further ones share a shape
constexpr std::size_t MostRows = 100'000; // of one message

}

Topic *Intake::Private::topicOf(const Message &message, CaseState &state)
{
    std::string_view name;
    if (!declaration.scalarCapture.empty())
        name = textOf(message.captures, declaration.scalarCapture).value_or(std::string_view());
    else if (state.kind->isLearning)
        name = message.topic;
    if (state.newestTopic && state.newestTopicName == name)
        return state.newestTopic;
    auto found = state.topics.find(name);
    if (found == state.topics.end()) {
        const bool isFull = state.topics.size() >= MostTopics;
        // One topic level names the fields here: past the bound it is no field name but an identity.
        if (isFull && !declaration.scalarCapture.empty())
            return nullptr;
        found = state.topics.try_emplace(isFull ? std::string() : std::string(name)).first;
        Topic &made = found->second;
        if (!made.shape) {
            made.number = ++numbers;
            made.shape = decoder->makeShape(*state.kind);
            for (const auto &given : state.kind->fields)
                made.columns.push_back({given.slot, fieldNamed(state, given.rule), state.kind->places[given.slot].isInPayload()});
            if (!declaration.scalarCapture.empty())
                made.shape->learned.front() = name;
        }
    }
    state.newestTopic = &found->second;
    state.newestTopicName = name;
    return state.newestTopic;
}

FieldState *Intake::Private::fieldNamed(CaseState &state, const FieldRule &rule)
{
    FieldState &field = state.fields[rule.name];
    if (field.segment.empty()) {
        field.rule = rule;
        field.segment = encodeSegment(rule.name);
        field.isPlain = rule.isPlain();
    }
    return &field;
}

void Intake::Private::growColumns(CaseState &state, Topic &topic)
{
    const std::size_t given = state.kind->fields.size();
    while (topic.columns.size() < given + topic.shape->learned.size()) {
        const std::size_t i = topic.columns.size() - given;
        FieldRule rule = declaration.format == Declaration::Format::Scalar ? declaration.scalar : FieldRule();
        rule.name = topic.shape->learned[i];
        topic.columns.push_back({state.kind->places.size() + i, fieldNamed(state, rule)});
    }
}

Value Intake::Private::valueAt(std::size_t slot, const Message &message, const Shape &shape)
{
    const Where &where = shape.kind.places[slot];
    const Value &decoded = shape.values[slot];
    switch (where.kind) {
    case Where::Kind::Pointer:
    case Where::Kind::Envelope:
    case Where::Kind::Item:
    case Where::Kind::KeyPointer:
    case Where::Kind::Column:
    case Where::Kind::ColumnPointer:
        return decoded;
    case Where::Kind::Named:
        return decoded.kind != Value::Kind::Absent ? decoded : valueOutside(where, message);
    case Where::Kind::Split: {
        const auto part = shape.kind.split->pattern.indexOf(where.name);
        return part && *part < parts.size() ? Value::ofText(parts[*part]) : Value();
    }
    case Where::Kind::Key:
    case Where::Kind::Topic:
    case Where::Kind::Header:
    case Where::Kind::WindowStart:
    case Where::Kind::WindowEnd:
    case Where::Kind::Constant:
        break;
    }
    return valueOutside(where, message);
}

std::optional<Error> Intake::Private::splitText(const Message &message, const Shape &shape)
{
    const Case::Split &split = *shape.kind.split;
    std::string &text = pool.next(); // its parts are views
    const auto found = valueAt(split.slot, message, shape).asText(text);
    if (!found)
        return Error{SG_TR("split: nothing stands at its place; expected %1"), {split.pattern.text()}, {}};
    if (!split.pattern.match(*found, parts))
        return Error{SG_TR("split: '%1' is not of the form %2"), {shown(*found, 60), split.pattern.text()}, {}};
    return std::nullopt;
}

// Gives the cache every label of the path; an Error when one is missing.
std::optional<Error> Intake::Private::addLabels(const Message &message, const Shape &shape)
{
    for (const auto &label : shape.kind.labels) {
        const Value &decoded = shape.values[label.slot];
        const auto text
            = decoded.kind == Value::Kind::Text ? std::optional(decoded.text) : valueAt(label.slot, message, shape).asText(buffer);
        if (!text || text->empty())
            return ledger.missingLabel(message, label.name);
        cache.addLabel(*text);
    }
    return std::nullopt;
}

Result<KeyEntry *> Intake::Private::keyOf(const Message &message, const Shape &shape, std::uint32_t number)
{
    cache.begin(number);
    if (auto missing = addLabels(message, shape))
        return std::move(*missing);
    if (KeyEntry *key = cache.find())
        return key;
    auto fresh = cache.make(shape.kind.labels);
    if (!fresh)
        return ledger.bad(message, fresh.error());
    return *fresh;
}

Result<Done> Intake::Private::addRows(const Message &message, CaseState &state)
{
    Topic *topic = topicOf(message, state);
    if (!topic)
        return ledger.bad(
            message, Error{SG_TR("more than %1 fields by the topic's '%2'"), {std::to_string(MostTopics), declaration.scalarCapture}, {}});
    Shape &shape = *topic->shape;
    if (!declaration.scalarCapture.empty() && shape.learned.front().empty())
        return ledger.bad(message, Error{SG_TR("the topic has no '%1' to name the field"), {declaration.scalarCapture}, {}});
    rows.clear();
    notes.clear();
    pool.reset();
    if (auto done = decoder->decode(message, shape); !done)
        return ledger.bad(message, done.error());
    if (keys.isAsked())
        if (auto done = keys.fill(shape); !done)
            return ledger.bad(message, done.error());
    if (!state.kind->each) {
        if (auto done = readOne(message, state, *topic); !done)
            return done;
    } else {
        for (;;) {
            const auto isMore = decoder->nextItem(shape);
            if (!isMore)
                return ledger.bad(message, isMore.error());
            if (!*isMore)
                break;
            if (auto done = readOne(message, state, *topic); !done)
                return done;
            if (rows.size() > MostRows)
                return ledger.bad(message, Error{SG_TR("a message of more than %1 values"), {std::to_string(MostRows)}, {}});
        }
    }
    append(message, *state.kind);
    return Done();
}

// The values in the shape: those of a message, or of one of its items.
Result<Done> Intake::Private::readOne(const Message &message, CaseState &state, Topic &topic)
{
    const Case &kind = *state.kind;
    const Shape &shape = *topic.shape;
    if (topic.columns.size() < kind.fields.size() + shape.learned.size())
        growColumns(state, topic);
    if (kind.split)
        if (auto fault = splitText(message, shape))
            return ledger.bad(message, std::move(*fault));
    Value at;
    if (kind.timeSlot)
        at = valueAt(*kind.timeSlot, message, shape);
    const auto stamp = kind.time.stamp(message, kind.timeSlot ? &at : nullptr);
    if (!stamp)
        return ledger.bad(message, stamp.error());
    if (!topic.columns.empty() || !kind.reading) {
        auto key = keyOf(message, shape, topic.number);
        if (!key)
            return key.error();
        const std::size_t before = rows.size();
        if (auto done = readFields(message, topic, **key, *stamp); !done)
            return ledger.bad(message, done.error());
        if (!kind.notes.empty() && rows.size() > before)
            readNotes(message, shape, **key, before);
    }
    return kind.reading ? readReading(message, state, shape, *stamp) : Done();
}

// The key of this message was deleted where it comes from.
Result<Done> Intake::Private::retire(const Message &message, CaseState &state)
{
    Topic *topic = topicOf(message, state);
    if (!topic)
        return Done(); // a field that is not read anyway
    Shape &shape = *topic->shape;
    pool.reset();
    shape.begin();
    const bool hasValue = !message.isTombstone || !message.cells.empty();
    if (hasValue)
        if (auto done = decoder->decode(message, shape); !done)
            return ledger.bad(message, done.error());
    if (keys.isAsked())
        if (auto done = keys.fill(shape); !done)
            return ledger.bad(message, done.error());
    if (state.kind->split)
        if (auto fault = splitText(message, shape))
            return ledger.bad(message, std::move(*fault));
    cache.begin(topic->number);
    if (auto missing = addLabels(message, shape))
        return std::move(*missing);
    auto path = cache.keyPath(state.kind->labels);
    if (!path)
        return ledger.bad(message, path.error());
    batch.marks.emplace_back(static_cast<std::uint32_t>(batch.rows()), Retired{std::move(*path)});
    return Done();
}

}
